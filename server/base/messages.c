#include "base/messages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Problems read "title|what to do"; faults are one sentence with {min}, {max} and {what}. */
struct message {
    const char *code, *ru, *en;
};

static const struct message MESSAGES[] = {
#include "base/messages.inc"
};

static const struct message *find(const char *code)
{
    for (size_t i = 0; i < sizeof MESSAGES / sizeof *MESSAGES; i++)
        if (strcmp(MESSAGES[i].code, code) == 0)
            return &MESSAGES[i];
    return NULL;
}

bool message_exists(const char *code) { return find(code) != NULL; }

const char *message_title(const char *code, enum lang lang)
{
    const struct message *message = find(code);

    if (!message)
        message = find("internal");
    return lang == LANG_EN ? message->en : message->ru;
}

struct text message_parts(const char *code, enum lang lang, struct text *ret_advice)
{
    *ret_advice = text_of(message_title(code, lang));
    return text_cut(ret_advice, '|');
}

const char *message_code_at(int index)
{
    return index >= 0 && (size_t)index < sizeof MESSAGES / sizeof *MESSAGES ? MESSAGES[index].code : NULL;
}

/* 3500 thousandths are "3.5", -500 are "-0.5". */
static void add_thousandths(struct buf *out, int64_t value)
{
    char digits[8];
    int len = snprintf(digits, sizeof digits, ".%03d", abs((int)(value % 1000)));

    while (len > 1 && digits[len - 1] == '0')
        len--;
    (void)buf_add_format(out, "%s%lld", value < 0 ? "-" : "", llabs(value / 1000));
    if (len > 1)
        (void)buf_add(out, digits, (size_t)len);
}

static void add_number(struct buf *out, const struct fault *fault, int64_t value)
{
    if (strstr(fault->code, "thousandths"))
        add_thousandths(out, value);
    else
        (void)buf_add_format(out, "%" PRId64, value);
}

void message_fault(const struct fault *fault, enum lang lang, struct buf *out)
{
    struct text rest = text_of(message_title(fault->code, lang));

    while (rest.at) {
        struct text plain = text_cut(&rest, '{'), name;
        (void)buf_add(out, plain.at, plain.len);
        if (!rest.at)
            return;
        name = text_cut(&rest, '}');
        if (text_equal(name, TEXT("what")))
            (void)buf_add_text(out, fault->what);
        else
            add_number(out, fault, text_equal(name, TEXT("min")) ? fault->min : fault->max);
    }
}

/* Languages */

enum lang lang_named(const char *locale) { return strncmp(locale, "en", 2) == 0 ? LANG_EN : LANG_RU; }

const char *lang_name(enum lang lang) { return lang == LANG_EN ? "en" : "ru"; }

/* "q=0.8" in thousandths; 1000 when absent or malformed. */
static int weight(struct text parameters)
{
    struct text q = text_trim(parameters);
    int value = 0, digits = 0;

    if (q.len < 3 || (q.at[0] | 0x20) != 'q' || q.at[1] != '=' || q.at[2] < '0' || q.at[2] > '1')
        return 1000;
    value = (q.at[2] - '0') * 1000;
    for (size_t i = 4, unit = 100; i < q.len && digits < 3 && q.at[i] >= '0' && q.at[i] <= '9';
         i++, unit /= 10, digits++)
        value += (q.at[i] - '0') * (int)unit;
    return value > 1000 ? 1000 : value;
}

enum lang lang_accepted(struct text accept_language, enum lang otherwise)
{
    int best = 0;
    enum lang lang = otherwise;

    while (accept_language.at && accept_language.len) {
        struct text parameters = text_cut(&accept_language, ',');
        struct text tag = text_trim(text_cut(&parameters, ';'));
        bool ru = tag.len >= 2 && text_equal_ignoring_case((struct text){tag.at, 2}, TEXT("ru"));
        bool en = tag.len >= 2 && text_equal_ignoring_case((struct text){tag.at, 2}, TEXT("en"));
        int liked = weight(parameters.at ? parameters : TEXT(""));
        if ((ru || en) && (tag.len == 2 || tag.at[2] == '-') && liked > best) {
            best = liked;
            lang = en ? LANG_EN : LANG_RU;
        }
    }
    return lang;
}
