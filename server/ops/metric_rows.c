#include "ops/metric_rows.h"

#include <string.h>

static bool belongs(const char *name, const struct metric_family *family)
{
    static const char *const PARTS[] = {"_bucket", "_sum", "_count"};
    size_t len = strlen(family->name);

    if (strncmp(name, family->name, len) != 0)
        return false;
    if (strcmp(family->type, "histogram") != 0)
        return !name[len];
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
        if (strcmp(name + len, PARTS[i]) == 0)
            return true;
    return false;
}

/* A family's lines must stand together, which UNION ALL does not promise of rows: each is looked for in all. */
static void write_samples(const PGresult *rows, const struct metric_family *family, struct buf *out)
{
    for (int i = 0; i < rows_count(rows); i++) {
        struct row row = rows_at(rows, i);
        const char *name = row_text(&row), *labels, *value;
        if (!belongs(name, family))
            continue;
        labels = row_text(&row);
        value = row_text(&row);
        (void)buf_add_format(out, "%s%s%s%s %s\n", name, *labels ? "{" : "", labels, *labels ? "}" : "", value);
    }
}

void metric_rows_head(struct buf *out, const char *name, const char *type, const char *help)
{
    (void)buf_add_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metric_rows_write(const PGresult *rows, const struct metric_family *families, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        metric_rows_head(out, families[i].name, families[i].type, families[i].help);
        write_samples(rows, &families[i], out);
    }
}
