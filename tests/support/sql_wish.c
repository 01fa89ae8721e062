#include "support/sql_wish.h"

struct generation_new sql_wish(struct uuid user, struct uuid avatar, const struct idempotency *key)
{
    static const struct idempotency NO_KEY;

    return (struct generation_new){.id = uuid_make(),
                                   .user = user,
                                   .avatar = avatar,
                                   .key = key ? key : &NO_KEY,
                                   .prompt = "p",
                                   .final_prompt = "p",
                                   .preset = "fast",
                                   .endpoint = "e",
                                   .parameters = "{}",
                                   .input = "{\"a\":1}",
                                   .source = "api",
                                   .num_images = 1,
                                   .cost = 4,
                                   .expected_seconds = 30};
}
