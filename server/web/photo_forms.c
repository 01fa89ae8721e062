#include "web/photo_forms.h"

#include <string.h>

#include "http/await_rows.h"
#include "http/body.h"
#include "http/reply.h"
#include "local.h"
#include "users/web_session.h"
#include "web/avatar_page.h"
#include "web/form.h"

enum { SENTENCE_BYTES = 1000 };

/* POST /avatars/{id}/photos */

static const char *sentence_of(struct call *call, const struct photo_verdict *verdict)
{
    CLEANUP(buf_done) struct buf sentence = buf_make(SENTENCE_BYTES);

    photo_verdict_message(verdict, local_of(call)->config, call->lang, &sentence);
    return call_text(call, (struct text){sentence.bytes, sentence.len});
}

/* A verdict for each photo, above all that there are; 422 when not one was taken. */
static struct next taken(struct call *call)
{
    struct avatar_state *state = call->state;
    const struct photo_receive *receive = &state->flow.receive;
    size_t count = (size_t)receive->verdicts_count;
    struct photo_verdict_view *views = call_alloc(call, sizeof *views * (count + 1));
    int refused = 0;

    for (size_t i = 0; i < count; i++) {
        const struct photo_verdict *verdict = &receive->verdicts[i];
        views[i] = (struct photo_verdict_view){
            .file_name = verdict->photo.file_name,
            .text = sentence_of(call, verdict),
            .is_valid = verdict->status == PHOTO_VALID,
            .is_warning = verdict->status == PHOTO_WARNING,
            .is_rejected = verdict->status == PHOTO_REJECTED,
        };
        refused += views[i].is_rejected;
    }
    state->verdicts = (struct view_items){views, count};
    return avatar_page_again(call, (size_t)refused < count ? 200 : 422);
}

/* No photo was chosen, or the form is not the page's. */
static struct next faulty(struct call *call, const struct faults *faults)
{
    (void)faults;
    return avatar_page_refuse(call, 422, "no_photos");
}

struct next photo_forms_send(struct call *call)
{
    static const struct photo_answers ANSWERS = {taken, faulty, avatar_page_refuse_err};
    struct avatar_state *state;
    struct next reply;

    if (!avatar_page_begin(call, &state, &reply))
        return reply;
    state->is_learn_open = true;
    state->flow.receive.answers = &ANSWERS;
    state->flow.receive.avatar_id = state->id;
    state->flow.receive.form_only = true;
    web_session_csrf(local_of(call)->csrf_mac, call->who.credential, state->flow.receive.csrf_token);
    return photo_receive_begin(call);
}

/* POST /avatars/{id}/photos/{photo}/delete */

static struct next removed(struct call *call, const PGresult *rows);

struct next photo_forms_delete(struct call *call)
{
    struct avatar_state *state;
    struct next reply;
    struct uuid photo;

    if (!avatar_page_begin(call, &state, &reply) || !form_empty(call, &reply))
        return reply;
    if (!call_param_uuid(call, 1, &photo))
        return reply_not_found(call);
    return await_rows(call, photo_remove(call->who.user, state->id, photo), removed);
}

static struct next removed(struct call *call, const PGresult *rows)
{
    struct row row = rows_at(rows, 0);
    const char *outcome = row_text(&row);

    if (strcmp(outcome, "training") == 0)
        return avatar_page_refuse(call, 409, "avatar_training");
    return avatar_page_go(call, strcmp(outcome, "removed") == 0 ? "photo_deleted" : "photo_gone");
}
