#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "falsim/sim_json.h"
#include "falsim/sim_keys.h"
#include "json/json_in.h"

static void writes_json_as_python_does(void **state)
{
    struct buf out = buf_make(4096);
    struct err err;
    yajl_val value;

    (void)state;
    assert_true(json_parse(TEXT("{\"b\":[1,2.50,18446744073709551615,{}],\"a\":\"\xd1\x8f \\\"\\n\\u007f "
                                "\xf0\x9f\x8c\x85\",\"c\":[true,null,[]]}"),
                           &value, &err));
    assert_true(sim_json_python(&out, value));
    assert_string_equal(out.bytes, "{\"a\": \"\\u044f \\\"\\n\\u007f \\ud83c\\udf05\", \"b\": [1, 2.50, "
                                   "18446744073709551615, {}], \"c\": [true, null, []]}");
    buf_clear(&out);
    assert_true(sim_json_compact(&out, value));
    assert_string_equal(out.bytes, "{\"b\":[1,2.50,18446744073709551615,{}],\"a\":\"\xd1\x8f \\\"\\n\\u007f "
                                   "\xf0\x9f\x8c\x85\",\"c\":[true,null,[]]}");
    yajl_tree_free(value);
    buf_done(&out);
}

/* The example that fal.ai's scheme was checked with: seed 00…1f. */
static void signs_and_publishes_as_in_the_known_vector(void **state)
{
    static const char BODY[] = "{\"error\": null, \"gateway_request_id\": \"78b5784e-0822-4cd8-a8f0-002dfaca4a44\", "
                               "\"payload\": {\"finetune_id\": \"0f0e0d0c-0b0a-4908-8706-050403020100\"}, "
                               "\"request_id\": \"78b5784e-0822-4cd8-a8f0-002dfaca4a44\", \"status\": \"OK\"}";
    unsigned char seed[ED25519_KEY_BYTES], hash[SHA256_BYTES], signature[ED25519_SIGNATURE_BYTES];
    char hash_hex[HEX_ROOM(SHA256_BYTES)], hex[HEX_ROOM(ED25519_SIGNATURE_BYTES)], message[300];
    struct sim_keys *keys = sim_keys_open();
    struct buf json = buf_make(1000);
    struct json_out out = json_out_begin(&json);

    (void)state;
    for (int i = 0; i < ED25519_KEY_BYTES; i++)
        seed[i] = (unsigned char)i;
    sim_keys_add(keys, seed);
    crypto_sha256(text_of(BODY), hash);
    hex_write(hash, sizeof hash, hash_hex);
    (void)snprintf(message, sizeof message, "78b5784e-0822-4cd8-a8f0-002dfaca4a44\nuser_01TEST\n1767225600\n%s",
                   hash_hex);
    sim_keys_sign(keys, text_of(message), signature);
    hex_write(signature, sizeof signature, hex);
    assert_string_equal(hex, "e2b3f76f4ecb8b8946088f234286f1af444fec59017a66e3e66b68061d4ca4e7"
                             "4648845966d6a5d555abc1900c56002645b1cd32d2321344bef0db0f06a85e0c");
    sim_keys_write(keys, &out);
    assert_string_equal(json.bytes, "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
                                    "\"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg\"}]}");
    buf_done(&json);
    sim_keys_close(keys);
}

static void publishes_the_newest_two_keys(void **state)
{
    struct sim_keys *keys = sim_keys_open();
    unsigned char made[3][ED25519_KEY_BYTES], kept[2][ED25519_KEY_BYTES];

    (void)state;
    assert_true(sim_keys_empty(keys));
    for (int i = 0; i < 3; i++)
        sim_keys_rotate(keys, 7, made[i]);
    assert_int_equal(sim_keys_copy(keys, kept), 2);
    assert_memory_equal(kept[0], made[1], ED25519_KEY_BYTES);
    assert_memory_equal(kept[1], made[2], ED25519_KEY_BYTES);
    assert_memory_not_equal(made[0], made[1], ED25519_KEY_BYTES);
    sim_keys_close(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_json_as_python_does),
        cmocka_unit_test(signs_and_publishes_as_in_the_known_vector),
        cmocka_unit_test(publishes_the_newest_two_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
