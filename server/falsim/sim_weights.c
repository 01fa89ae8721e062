#include "falsim/sim_weights.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "falsim/paint_dice.h"
#include "falsim/sim_files.h"
#include "json/json_out.h"

enum {
    WIDTH = 3072,
    DOUBLE_BLOCKS = 19,
    SINGLE_BLOCKS = 38,
    NUMBER_BYTES = 2, /* BF16 */
    LEAST_RANK = 16,
    MAX_HEADER = 256 * 1024,
    PIECE = 1 << 20,
};

static const char *const DOUBLE_LAYERS[] = {"to_q", "to_k", "to_v", "to_out.0"};
static const char *const SINGLE_LAYERS[] = {"to_q", "to_k", "to_v"};
enum {
    DOUBLE_COUNT = sizeof DOUBLE_LAYERS / sizeof *DOUBLE_LAYERS,
    SINGLE_COUNT = sizeof SINGLE_LAYERS / sizeof *SINGLE_LAYERS,
    PAIRS_MAX = DOUBLE_BLOCKS * DOUBLE_COUNT + SINGLE_BLOCKS * SINGLE_COUNT
};

/* How many pairs of matrices, of which rank. */
struct shape {
    int64_t pairs, rank, matrix; /* bytes of one */
};

static struct shape choose_shape(int64_t bytes)
{
    struct shape shape = {.rank = LEAST_RANK};

    while (shape.rank * WIDTH * NUMBER_BYTES * 2 * PAIRS_MAX < bytes)
        shape.rank *= 2;
    shape.matrix = shape.rank * WIDTH * NUMBER_BYTES;
    shape.pairs = bytes / (2 * shape.matrix);
    shape.pairs = shape.pairs < 1 ? 1 : shape.pairs > PAIRS_MAX ? PAIRS_MAX : shape.pairs;
    return shape;
}

static void write_tensor(struct json_out *out, const struct shape *shape, int64_t pair, bool up, int64_t *offset)
{
    int64_t single = pair - DOUBLE_BLOCKS * DOUBLE_COUNT;
    const char *layer = single < 0 ? DOUBLE_LAYERS[pair % DOUBLE_COUNT] : SINGLE_LAYERS[single % SINGLE_COUNT];
    int64_t block = single < 0 ? pair / DOUBLE_COUNT : single / SINGLE_COUNT;

    (void)buf_add_format(out->buf, "%s\"transformer.%stransformer_blocks.%" PRId64 ".attn.%s.lora_%s.weight\":",
                         out->comma ? "," : "", single < 0 ? "" : "single_", block, layer, up ? "B" : "A");
    (void)buf_add_format(
        out->buf, "{\"dtype\":\"BF16\",\"shape\":[%" PRId64 ",%" PRId64 "],\"data_offsets\":[%" PRId64 ",%" PRId64 "]}",
        up ? WIDTH : shape->rank, up ? shape->rank : WIDTH, *offset, *offset + shape->matrix);
    out->comma = true;
    *offset += shape->matrix;
}

/* Its length as eight bytes, low ones first, then JSON, filled with spaces to a multiple of eight. */
static void write_header(struct buf *to, const struct shape *shape)
{
    struct json_out out = json_out_begin(to);
    int64_t offset = 0;
    uint64_t len;

    (void)buf_add(to, "\0\0\0\0\0\0\0\0", 8);
    json_object(&out);
    json_key(&out, "__metadata__");
    json_object(&out);
    json_key_text(&out, "format", "pt");
    json_end_object(&out);
    for (int64_t pair = 0; pair < shape->pairs; pair++) {
        write_tensor(&out, shape, pair, false, &offset);
        write_tensor(&out, shape, pair, true, &offset);
    }
    json_end_object(&out);
    while (to->len % 8)
        (void)buf_add(to, " ", 1);
    len = to->len - 8;
    for (int i = 0; i < 8; i++)
        to->bytes[i] = (char)(len >> 8 * i & 0xff);
}

/* Numbers of 0.008 to 0.03 with either sign, four at a time. */
static void fill(struct buf *piece, struct dice *dice)
{
    uint64_t *at = (uint64_t *)(void *)piece->bytes;

    for (size_t i = 0; i < (piece->len + sizeof *at - 1) / sizeof *at; i++)
        at[i] = (dice_next(dice) & 0x80ff80ff80ff80ff) | 0x3c003c003c003c00;
}

bool sim_weights_write(struct sim_files *files, const char *name, int64_t bytes, uint64_t seed, int64_t keep,
                       struct err *reterr)
{
    CLEANUP(buf_done) struct buf header = buf_make(MAX_HEADER), piece = buf_make(PIECE);
    const struct shape shape = choose_shape(bytes);
    struct dice dice = dice_make(seed, text_of(name), 0);
    int64_t left = shape.pairs * 2 * shape.matrix, room;

    write_header(&header, &shape);
    if (keep < 0)
        keep = (int64_t)header.len + left;
    room = keep < (int64_t)header.len ? keep : (int64_t)header.len;
    if (!sim_files_write(files, name, (struct text){header.bytes, (size_t)room}, reterr))
        return false;
    for (left = keep - room; left > 0; left -= (int64_t)piece.len) {
        piece.len = 0;
        if (!buf_reserve(&piece, PIECE))
            return err_set(reterr, ERR_TOO_LARGE, "sim_weights", "no room");
        piece.len = (size_t)(left < PIECE ? left : PIECE);
        fill(&piece, &dice);
        if (!sim_files_append(files, name, (struct text){piece.bytes, piece.len}, reterr))
            return false;
    }
    return true;
}
