#include "http/problem.h"

#include <stdio.h>

static void write_fault(struct json_out *out, const struct fault *fault, enum lang lang)
{
    CLEANUP(buf_done) struct buf detail = buf_make(2048);

    message_fault(fault, lang, &detail);
    json_object(out);
    json_key_text(out, "field", fault->field);
    json_key_text(out, "code", fault->code);
    json_key(out, "detail");
    json_text(out, (struct text){detail.bytes, detail.len});
    json_end_object(out);
}

/* "title" says what kind of problem it is, "detail" what to do: the part of the message behind its bar. */
static void write_texts(struct json_out *out, const struct problem *problem)
{
    struct fault figures = {.min = problem->needed, .max = problem->available};
    CLEANUP(buf_done) struct buf filled = buf_make(2048);
    struct text detail, title = message_parts(problem->code, problem->lang, &detail);

    if (problem->is_short) {
        (void)text_copy(figures.code, sizeof figures.code, text_of(problem->code));
        message_fault(&figures, problem->lang, &filled);
        detail = (struct text){filled.bytes, filled.len};
        title = text_cut(&detail, '|');
    }
    if (problem->category && problem->faults && problem->faults->count) {
        message_fault(&problem->faults->items[0], problem->lang, &filled);
        detail = (struct text){filled.bytes, filled.len};
    }
    if (problem->advice)
        detail = text_of(problem->advice);
    json_key(out, "title");
    json_text(out, title);
    json_key_int64(out, "status", problem->status);
    json_key(out, "detail");
    json_text(out, detail.at ? detail : title);
}

void problem_write(struct json_out *out, const struct problem *problem)
{
    char type[80];

    (void)snprintf(type, sizeof type, "urn:aisha:problem:%s", problem->code);
    json_object(out);
    json_key_text(out, "type", type);
    write_texts(out, problem);
    json_key_text(out, "code", problem->code);
    json_key_text(out, "request_id", problem->request_id);
    if (problem->is_short) {
        json_key_int64(out, "needed", problem->needed);
        json_key_int64(out, "available", problem->available);
    }
    if (problem->category)
        json_key_text(out, "category", problem->category);
    if (problem->suggestion.at)
        json_key_raw(out, "suggestion", problem->suggestion);
    if (problem->faults) {
        json_key(out, "errors");
        json_array(out);
        for (int i = 0; i < problem->faults->count; i++)
            write_fault(out, &problem->faults->items[i], problem->lang);
        json_end_array(out);
    }
    json_end_object(out);
}

void problem_write_notice(struct json_out *out, const char *key, const char *code, enum lang lang)
{
    struct text advice, title;

    json_key(out, key);
    if (!code || !*code) {
        json_null(out);
        return;
    }
    title = message_parts(code, lang, &advice);
    json_object(out);
    json_key_text(out, "code", code);
    json_key(out, "message");
    json_text(out, advice.at ? advice : title);
    json_end_object(out);
}
