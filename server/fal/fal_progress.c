#include "fal/fal_progress.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "json/json_in.h"

enum { FIGURE_MAX = 999999999 };

/* "N", or "N/M". */
struct figure {
    int64_t done, all; /* all 0: no M, or none that makes sense */
    size_t begin, end; /* in its line */
};

/* What the ways of saying it have said so far; -1: nothing. */
struct progress {
    double steps, bars;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The digits that begin at at; more than a figure has make it FIGURE_MAX + 1. */
static int64_t read_digits(struct text line, size_t *at)
{
    int64_t number = 0;

    for (; *at < line.len && is_digit(line.at[*at]); ++*at)
        number = number > FIGURE_MAX ? number : number * 10 + (line.at[*at] - '0');
    return number > FIGURE_MAX ? FIGURE_MAX + 1 : number;
}

static struct figure read_figure(struct text line, size_t begin)
{
    struct figure figure = {.begin = begin, .end = begin};

    figure.done = read_digits(line, &figure.end);
    if (figure.end + 1 < line.len && line.at[figure.end] == '/' && is_digit(line.at[figure.end + 1])) {
        figure.end++;
        figure.all = read_digits(line, &figure.end);
    }
    if (figure.all > FIGURE_MAX || figure.done > figure.all)
        figure.all = 0;
    return figure;
}

/* Does "step", "Steps:" or the like stand before it? */
static bool is_step(struct text line, const struct figure *figure)
{
    size_t end = figure->begin;

    while (end && (line.at[end - 1] == ' ' || line.at[end - 1] == ':'))
        end--;
    end -= end && (line.at[end - 1] == 's' || line.at[end - 1] == 'S');
    return end >= 4 && text_equal_ignoring_case((struct text){line.at + end - 4, 4}, TEXT("step"));
}

static bool has_behind(struct text line, const struct figure *figure, struct text mark)
{
    return text_starts((struct text){line.at + figure->end, line.len - figure->end}, mark);
}

static void further(double *share, double than)
{
    if (than > *share)
        *share = than;
}

static void read_line(struct text line, struct progress *ret)
{
    double percent = -1;
    bool has_bar = false;

    for (size_t i = 0; i < line.len; i++) {
        struct figure figure;
        if (!is_digit(line.at[i]))
            continue;
        figure = read_figure(line, i);
        i = figure.end - 1;
        if (figure.all && is_step(line, &figure)) {
            further(&ret->steps, (double)figure.done / (double)figure.all);
        } else if (figure.all && has_behind(line, &figure, TEXT(" ["))) {
            has_bar = true;
            if (figure.all >= FAL_PROGRESS_BAR_MIN)
                further(&ret->bars, (double)figure.done / (double)figure.all);
        } else if (figure.done <= 100 && has_behind(line, &figure, TEXT("%|"))) {
            further(&percent, (double)figure.done / 100);
        }
    }
    if (!has_bar)
        further(&ret->bars, percent);
}

/* A bar draws itself anew behind a carriage return. */
static void read_message(const char *message, struct progress *ret)
{
    struct text rest = text_of(message);

    while (rest.len) {
        struct text lines = text_cut(&rest, '\n');
        while (lines.len)
            read_line(text_cut(&lines, '\r'), ret);
    }
}

double fal_progress_read(yajl_val logs)
{
    struct progress progress = {-1, -1};

    for (size_t i = 0; YAJL_IS_ARRAY(logs) && i < YAJL_GET_ARRAY(logs)->len; i++) {
        const char *message = json_get_text(YAJL_GET_ARRAY(logs)->values[i], "message");
        if (message)
            read_message(message, &progress);
    }
    return progress.steps >= 0 ? progress.steps : progress.bars;
}
