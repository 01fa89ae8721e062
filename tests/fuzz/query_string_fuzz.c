/* Query strings against a table with every type: what gets through is what the table allows. */
#include "http/query_string.h"

#include <stdlib.h>
#include <string.h>

#include "base/messages.h"
#include "base/uuid.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct target {
    char name[41];
    int64_t limit;
    bool flag, has_flag;
    struct uuid id;
};

static const struct query_field FIELDS[] = {
    QUERY_FIELD(QUERY_TEXT, struct target, name, .max = 10),
    QUERY_FIELD(QUERY_INT64, struct target, limit, .min = 1, .max = 100),
    QUERY_FIELD(QUERY_BOOL, struct target, flag, .present = offsetof(struct target, has_flag)),
    QUERY_FIELD(QUERY_UUID, struct target, id),
    {0},
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* What was decoded is found again when it is encoded and decoded once more. */
static void check_comes_back(const char *value)
{
    char encoded[3 * 41 + 6] = "name=";
    struct target again = {.limit = 1};
    struct faults faults = {0};

    must(text_percent_encode(text_of(value), encoded + 5, sizeof encoded - 5));
    must(query_string_decode(text_of(encoded), FIELDS, &again, &faults));
    must(strcmp(again.name, value) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct target target = {.limit = 24};
    struct faults faults = {0};
    bool ok = query_string_decode((struct text){(const char *)bytes, len}, FIELDS, &target, &faults);

    must(ok == (faults.count == 0) && faults.count <= FAULTS_MAX);
    for (int i = 0; i < faults.count; i++)
        must(message_exists(faults.items[i].code) && text_is_utf8(text_of(faults.items[i].what)));
    must(text_is_utf8(text_of(target.name)) && text_code_points(text_of(target.name)) <= 10);
    must(target.limit >= 1 && target.limit <= 100);
    must(!target.flag || target.has_flag);
    must(!target.id.text[0] || strlen(target.id.text) == 36);
    check_comes_back(target.name);
    return 0;
}
