#include "generations/outputs.h"

#include "base/uuid.h"
#include "json/json_out.h"

void outputs_write(const struct fal_outcome *outcome, struct buf *out)
{
    struct json_out json = json_out_begin(out);

    json_array(&json);
    for (int i = 0; i < outcome->image_count; i++) {
        json_object(&json);
        json_key_int64(&json, "position", i);
        json_key_text(&json, "image_id", uuid_make().text);
        json_key_text(&json, "url", outcome->images[i].url);
        json_key_bool(&json, "nsfw", outcome->images[i].nsfw);
        json_end_object(&json);
    }
    json_end_array(&json);
}
