#pragma once
/* Characters that stand for a letter of another script: а for a, 4 for a, ɴ for n. Lower case, decomposed. */
#include <stdbool.h>
#include <stdint.h>

enum script { SCRIPT_LATIN, SCRIPT_CYRILLIC, SCRIPT_FOREIGN /* a letter of neither, which may look like one */ };

bool lookalike_is_letter(uint32_t c, enum script *ret); /* digits and signs are none */
/* The letter of that script that it is, or is read as; 0: it is read as none. */
uint32_t lookalike_letter(uint32_t c, enum script script);
/* A digit or sign read as a letter of that script, 0: as none. one_is_l: 1, ! and | are l, not i. */
uint32_t lookalike_of_sign(uint32_t c, enum script script, bool one_is_l);
/* Letters in circles, squares and small capitals, which Unicode does not decompose: the plain letter, else c. */
uint32_t lookalike_plain(uint32_t c);
