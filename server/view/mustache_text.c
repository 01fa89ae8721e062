/* {{t.key}}: a text of the catalogue is compiled as if it stood in the template. */
#include <stdio.h>
#include <string.h>

#include "view/mustache_parse.h"

enum { MAX_TEXT_DEPTH = 4, MAX_TEXTS = 10000 };

static bool parse_piece(struct mustache_parser *parser, const char *key, const char *source)
{
    const struct mustache_scan *scan = parser->scan;
    struct mustache_line in_line = parser->in_line;
    const char *outer_key = parser->text_key;
    bool done;

    if (strlen(source) > MUSTACHE_MAX_SOURCE)
        return mustache_parse_fault(parser, parser->line, "a text is too long");
    parser->text_key = key;
    parser->in_line = (struct mustache_line){.first = SIZE_MAX};
    done = mustache_parse_source(parser, text_of(source));
    parser->scan = scan;
    parser->in_line = in_line;
    parser->text_key = outer_key;
    return done;
}

static bool parse_form(struct mustache_parser *parser, const char *key, const char *source, uint32_t form)
{
    struct mustache_op *op = mustache_parse_op(parser, OP_FORM);

    if (!op)
        return false;
    op->form = form;
    return mustache_parse_open(parser, OP_FORM, (struct text){NULL, 0}, false) && parse_piece(parser, key, source) &&
           mustache_parse_close(parser);
}

static bool parse_plural(struct mustache_parser *parser, const char *key, const struct mustache_text *text)
{
    struct mustache_op *op = mustache_parse_op(parser, OP_PLURAL);
    int forms = 0;

    if (!op || !text->by)
        return op && mustache_parse_fault(parser, parser->line, "a text is neither one text nor forms by a number");
    if (!mustache_parse_name(parser, op, text_of(text->by)) ||
        !mustache_parse_open(parser, OP_PLURAL, text_of(key), false))
        return false;
    for (uint32_t i = 0; i < MUSTACHE_PLURALS; i++) {
        if (text->forms[i] && ++forms && !parse_form(parser, key, text->forms[i], i))
            return false;
    }
    return mustache_parse_close(parser) && (forms || mustache_parse_fault(parser, parser->line, "a text has no forms"));
}

bool mustache_parse_text(struct mustache_parser *parser, const struct mustache_token *token)
{
    const struct mustache_texts *texts = &parser->set->texts;
    struct mustache_text text = {0};
    char key[MUSTACHE_MAX_TAG + 1], why[MUSTACHE_MAX_TAG + 40];
    bool done;

    if (!text_copy(key, sizeof key, (struct text){token->text.at + 2, token->text.len - 2}) ||
        parser->text_depth == MAX_TEXT_DEPTH || ++parser->text_count > MAX_TEXTS)
        return mustache_parse_fault(parser, parser->line, "there are too many texts, or too many in each other");
    if (!texts->find(texts->texts, text_of(key), &text)) {
        (void)snprintf(why, sizeof why, "there is no text %s", key);
        return mustache_parse_fault(parser, parser->line, why);
    }
    parser->text_depth++;
    done = text.text ? parse_piece(parser, key, text.text) : parse_plural(parser, key, &text);
    parser->text_depth--;
    return done;
}
