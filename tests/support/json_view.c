#include "support/json_view.h"

#include <string.h>

static void set_list(yajl_val array, struct view_value *ret)
{
    ret->kind = VIEW_IS_LIST;
    ret->list = (struct view_list){&json_view_type, YAJL_GET_ARRAY(array)->values, YAJL_GET_ARRAY(array)->len, NULL};
}

static void set_self(const void *at, struct view_value *ret)
{
    yajl_val value = *(const yajl_val *)at;

    if (YAJL_IS_OBJECT(value))
        *ret = (struct view_value){VIEW_IS_OBJECT, .object = {&json_view_type, at}};
    else if (YAJL_IS_ARRAY(value))
        set_list(value, ret);
    else if (YAJL_IS_STRING(value))
        *ret = (struct view_value){VIEW_IS_TEXT, .text = text_of(YAJL_GET_STRING(value))};
    else if (YAJL_IS_NUMBER(value))
        *ret = (struct view_value){VIEW_IS_TEXT, .text = text_of(YAJL_GET_NUMBER(value))};
    else if (YAJL_IS_TRUE(value) || YAJL_IS_FALSE(value))
        *ret = (struct view_value){VIEW_IS_FLAG, .flag = YAJL_IS_TRUE(value)};
    else
        ret->kind = VIEW_IS_NOTHING;
}

static bool find(const void *at, struct text name, struct view_value *ret)
{
    yajl_val object = *(const yajl_val *)at;

    if (!YAJL_IS_OBJECT(object))
        return false;
    for (size_t i = 0; i < YAJL_GET_OBJECT(object)->len; i++)
        if (text_equal(text_of(YAJL_GET_OBJECT(object)->keys[i]), name)) {
            set_self(&YAJL_GET_OBJECT(object)->values[i], ret);
            return true;
        }
    return false;
}

const struct view_type json_view_type = {.name = "JSON", .size = sizeof(yajl_val), .find = find, .self = set_self};
