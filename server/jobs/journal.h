#pragma once
/* What a process has begun to send, and what came of it: one line for each paid request, written right before its first
   byte goes out, and one more for each acceptance, written before anything else is done with it. What is written to a
   file outlives a killed process, so after a crash a missing line proves that nothing was sent; but only on the same
   machine since the same boot (a lost page may be a lost line), and only in the file of that very process. An
   acceptance that stands there is true for ever. */
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { JOURNAL_NAME_ROOM = 40, JOURNAL_ID_ROOM = 64 };

struct journal;

/* A new file with a name of its own in folder, which is made when it is missing; throws away what is two days old. */
struct journal *journal_open(const char *folder, struct err *reterr);
void journal_close(struct journal *journal); /* the file stays; NULL is fine */
const char *journal_name(const struct journal *journal);
/* From any thread. False: it could not be written: do not send. */
bool journal_note(struct journal *journal, int64_t id);
/* The request that was noted as id has been accepted and is called request_id there (letters, digits, '-', '_'; shorter
   than JOURNAL_ID_ROOM). On the disk when it returns true, so it takes as long as the disk does. From any thread. */
bool journal_accepted(struct journal *journal, int64_t id, const char *request_id);

enum journal_word { JOURNAL_NOTED, JOURNAL_NOT_NOTED, JOURNAL_SILENT /* proves nothing */ };
/* request_id: "" unless the word is JOURNAL_NOTED and its acceptance was noted, too. */
enum journal_word journal_look(const char *folder, const char *name, int64_t id, char request_id[JOURNAL_ID_ROOM]);
