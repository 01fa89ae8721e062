#pragma once
/* Named places where a build with FAULTS=ON can be made to die, wait or fail, to show that nothing is lost when that
 * happens by itself. In any other build FAULT_POINT is the constant false: nothing of this is in the program.
 *
 * A point is passed before an operation begins and after it was carried out (not when it failed by itself):
 *   db.NAME.before/after    a statement, NAME being the query's name (the function that made it), and the COMMIT of a
 *                           transaction, NAME being the function that called pg_commit. Statements of the loops (db.h):
 *                           before they are sent, and after their commit, before whoever asked is told. BEGIN and
 *                           ROLLBACK have none; scripts of migrations have the name pg_script.
 *   http.METHOD.before/after   a request of fetch_do: GET, POST, PUT, HEAD, DELETE; also http.METHOD.sent: the request
 *                              is out as a whole, its answer has not been read
 *   put.before/after, get.before/after   of the object store
 *   answer.before/after     an answer of the API, of a page or of a stream's beginning (files are sent by libh2o
 * itself)
 *
 * AISHA_FAULTS has up to 32 rules, separated by commas: ACTION:WHEN:POINTS
 *   ACTION   kill (SIGKILL to the own process), pause:MS (this thread sleeps, be it a loop's), or error
 *   WHEN     a probability ("0.03", 1 is always; at most nine decimals), or #N: the N-th time alone, from 1
 *   POINTS   a pattern for the names of points, as fnmatch(3) reads it; "*" also matches dots
 * e.g. kill:0.03:*,pause:200:0.02:db.*,error:0.02:http.*,kill:#3:db.attempt_begin.after
 * The rules are tried in their order, each counts the passes that match it.
 *
 * error means, before: the operation is not carried out and fails as if its other side were away for a moment (a lost
 * database connection; FETCH_NOT_SENT; storage_failed; a client's connection that is cut). After, and at sent: it was
 * carried out, but its caller is told the same (FETCH_MAYBE_SENT for requests), and the connection is closed where it
 * has a state. At answer.after error does nothing: the client has its answer.
 *
 * AISHA_FAULTS_SEED (a number below 2^64; else a random one) decides together with a rule's place and count: the same
 * seed strikes at the same passes of each rule. Give every start of a process another one, else it dies at the same
 * place for ever. Each strike is a line: event=fault point=… action=… rule=… pass=…, written before it takes effect;
 * the start is event=faults with the seed. Every program of the build reads the variables, the simulator, too. What
 * cannot be read ends the program at its start with a message and status 2. */
#include <stdbool.h>

#ifdef FAULTS
#include <stdint.h>

#include "base/err.h"

enum { FAULT_POINTS = true }; /* are there any? For what only they need */

/* True: the operation shall fail. name may be NULL: the point is then kind.when. From any thread. */
bool fault_point(const char *kind, const char *name, const char *when);
#define FAULT_POINT(kind, name, when) fault_point((kind), (name), (when))

/* Puts these rules in the place of all; the environment's are read before main. While no other thread runs. */
bool fault_point_rules(const char *rules, uint64_t seed, struct err *reterr);
#else
enum { FAULT_POINTS = false };
#define FAULT_POINT(kind, name, when) false
#endif
