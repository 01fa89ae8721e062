#include "web/form_typed.h"

#include "http/query_string.h"

const char *form_typed(struct call *call, const char *field)
{
    size_t room = call_body(call).len + 1;
    char *typed = call_alloc(call, room);

    return query_string_find(call_body(call), field, typed, room) && text_is_utf8(text_of(typed)) ? typed : "";
}
