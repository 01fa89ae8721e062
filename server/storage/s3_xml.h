#pragma once
/* What S3 answers in XML. Whatever is no XML, or has a document type, reads as an answer without values. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum { S3_XML_VALUE_ROOM = 1100 };

/* The text of <root><name>…</name></root> into to; false: there is none, or no room (to is then ""). */
bool s3_xml_value(struct text xml, const char *root, const char *name, char *to, size_t room);

struct s3_object {
    struct text key; /* borrowed during the call */
    int64_t bytes, written_s;
};
typedef void (*s3_object_fn)(void *owner, const struct s3_object *object);

/* The objects of a <ListBucketResult>, in its order; *ret_more: there are further ones. False: not such a list as a
   whole; fn may have been called all the same. */
bool s3_xml_list(struct text xml, s3_object_fn fn, void *owner, bool *ret_more);
