#include "view/value.h"

#include <string.h>

static void text_self(const void *at, struct view_value *ret)
{
    ret->kind = VIEW_IS_TEXT;
    ret->text = *(const struct text *)at;
}

static void set_string(const char *string, struct view_value *ret)
{
    ret->kind = VIEW_IS_TEXT;
    ret->text = string ? text_of(string) : (struct text){NULL, 0};
}

static void string_self(const void *at, struct view_value *ret) { set_string(*(const char *const *)at, ret); }

static const struct view_field NO_FIELDS[] = {{0}};

const struct view_type view_text_type = {"text", sizeof(struct text), NO_FIELDS, NULL, text_self};
const struct view_type view_string_type = {"string", sizeof(const char *), NO_FIELDS, NULL, string_self};

void view_self(struct view_object object, struct view_value *ret)
{
    if (object.type->self) {
        object.type->self(object.at, ret);
        return;
    }
    ret->kind = object.at ? VIEW_IS_OBJECT : VIEW_IS_NOTHING;
    ret->object = object;
}

static void set_items(const struct view_field *field, const char *at, struct view_value *ret)
{
    const struct view_items *items = (const struct view_items *)at;

    ret->kind = VIEW_IS_LIST;
    ret->list = (struct view_list){field->type, items->at, items->count, NULL};
}

static void set_each(const struct view_field *field, const void *owner, struct view_value *ret)
{
    ret->kind = VIEW_IS_LIST;
    ret->list = (struct view_list){field->type, owner, field->count(owner), field->item};
}

void view_read(const struct view_field *field, const void *owner, char *room, struct view_value *ret)
{
    const void *at = (const char *)owner + field->offset;

    switch (field->kind) {
    case VIEW_TEXT: text_self(at, ret); return;
    case VIEW_CHARS: set_string(at, ret); return;
    case VIEW_STRING: string_self(at, ret); return;
    case VIEW_INT64: *ret = (struct view_value){VIEW_IS_NUMBER, .number = *(const int64_t *)at}; return;
    case VIEW_BOOL: *ret = (struct view_value){VIEW_IS_FLAG, .flag = *(const bool *)at}; return;
    case VIEW_STRUCT: view_self((struct view_object){field->type, at}, ret); return;
    case VIEW_POINTER:
        at = *(const void *const *)at;
        if (at)
            view_self((struct view_object){field->type, at}, ret);
        else
            ret->kind = VIEW_IS_NOTHING;
        return;
    case VIEW_ITEMS: set_items(field, at, ret); return;
    case VIEW_EACH: set_each(field, owner, ret); return;
    case VIEW_COMPUTED: *ret = (struct view_value){VIEW_IS_TEXT, .text = field->compute(owner, room)}; return;
    }
}

const struct view_field *view_field_named(const struct view_type *type, struct text name)
{
    for (const struct view_field *f = type->fields; f && f->name; f++)
        if (strncmp(f->name, name.at, name.len) == 0 && f->name[name.len] == '\0')
            return f;
    return NULL;
}

bool view_is_true(const struct view_value *value)
{
    switch (value->kind) {
    case VIEW_IS_NOTHING: return false;
    case VIEW_IS_FLAG: return value->flag;
    case VIEW_IS_TEXT: return value->text.at && value->text.len > 0;
    case VIEW_IS_LIST: return value->list.count > 0;
    case VIEW_IS_NUMBER:
    case VIEW_IS_OBJECT: return true;
    }
    return false;
}
