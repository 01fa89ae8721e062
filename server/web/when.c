#include "web/when.h"

const char *when_pattern(enum lang lang) { return lang == LANG_RU ? "DD.MM.YYYY, HH24:MI" : "FMDD Mon YYYY, HH24:MI"; }
