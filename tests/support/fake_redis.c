#include "support/fake_redis.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 300 * 1024 };

struct redis_question {
    redis_done_fn done;
    void *owner;
};

static struct {
    bool ready, waits;
    struct redis_question question, aside;
    char asked[1024], told[ROOM];
    struct text words[REDIS_MAX_WORDS];
    char bytes[ROOM];
    int told_count, cancelled;
} fake;

void fake_redis_reset(bool ready)
{
    assert(!fake.waits && "the test before left a question unanswered");
    memset(&fake, 0, sizeof fake);
    fake.ready = ready;
}

/* NULs end what a test sees of a word. */
static void write_words(char *to, size_t room, int count, const struct text *words)
{
    size_t len = 0;

    for (int i = 0; i < count && len + words[i].len + 2 < room; i++) {
        if (i)
            to[len++] = ' ';
        memcpy(to + len, words[i].at, words[i].len);
        len += words[i].len;
    }
    to[len] = '\0';
}

static void keep_words(int count, const struct text *words)
{
    size_t len = 0;

    for (int i = 0; i < count; i++) {
        assert(len + words[i].len <= sizeof fake.bytes);
        fake.words[i] = (struct text){memcpy(fake.bytes + len, words[i].at, words[i].len), words[i].len};
        len += words[i].len;
    }
}

struct redis_question *redis_link_ask(struct redis_link *link, int count, const struct text *words, redis_done_fn done,
                                      void *owner)
{
    if (!link || !fake.ready)
        return NULL;
    if (!done) {
        fake.told_count++;
        write_words(fake.told, sizeof fake.told, count, words);
        keep_words(count, words);
        return &fake.aside;
    }
    assert(!fake.waits && "the test must answer the previous question first");
    write_words(fake.asked, sizeof fake.asked, count, words);
    fake.question = (struct redis_question){done, owner};
    fake.waits = true;
    return &fake.question;
}

void redis_question_cancel(struct redis_question *question)
{
    assert(question == &fake.question && fake.waits);
    fake.waits = false;
    fake.cancelled++;
}

struct redis_link *redis_link_open(uv_loop_t *loop, const struct redis_url *url)
{
    (void)loop;
    (void)url;
    return (struct redis_link *)&fake;
}

void redis_link_close(struct redis_link *link) { (void)link; }
bool redis_link_ready(const struct redis_link *link) { return link && fake.ready; }

bool fake_redis_waits(void) { return fake.waits; }
const char *fake_redis_asked(void) { return fake.asked; }
int fake_redis_told(void) { return fake.told_count; }
const char *fake_redis_last_told(void) { return fake.told; }
struct text fake_redis_told_word(int n) { return fake.words[n]; }
int fake_redis_cancelled(void) { return fake.cancelled; }

void fake_redis_answer(enum redis_answer_kind kind, struct text text)
{
    const struct redis_answer answer = {.kind = kind, .text = text};

    assert(fake.waits && "nobody waits for an answer");
    fake.waits = false;
    fake.question.done(fake.question.owner, &answer);
}
