/* What an S3 server says, or whoever answers in its place. */
#include "storage/s3_xml.h"

static void on_object(void *owner, const struct s3_object *object)
{
    if (!object->key.len || object->bytes < 0 || object->key.at[object->key.len])
        __builtin_trap();
    ++*(int *)owner;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text xml = {(const char *)data, size};
    char value[16];
    int count = 0;
    bool more;

    (void)s3_xml_list(xml, on_object, &count, &more);
    (void)s3_xml_value(xml, "Error", "Code", value, sizeof value);
    return 0;
}
