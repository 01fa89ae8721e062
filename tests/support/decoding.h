#pragma once
/* Decoders under test: the test's own program is the one that they run. Whatever goes wrong fails the test. */
#include <sys/types.h>

#include "decoder/decoder.h"

/* What main() of such a test returns: it is the decoder if it was started as one, else it runs the tests. */
int decoding_tests(int argc, char **argv, int (*run)(void));

struct decoder *decoding_open(int count);
struct decoder *decoding_open_with(const char *models, int count);
struct buf decoding_photo(void);            /* one that is taken */
int decoding_file(const struct buf *bytes); /* a file without a name that holds them; to be closed */

/* decoder_examine of all of it, without a look for faces. */
bool decoding_try(struct decoder *decoder, const struct buf *bytes, struct photo_files *ret, struct err *reterr);
void decoding_assert_taken(struct decoder *decoder, const struct buf *photo);
void decoding_assert_refused(struct decoder *decoder, const struct buf *photo, const char *code);

int decoding_children(pid_t *ret); /* how many processes this one has made; *ret: one of them */
pid_t decoding_only_child(void);
