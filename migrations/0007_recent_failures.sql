-- The gallery says for a while that a generation failed: those are found without a look at all the others.

CREATE INDEX generations_failed ON generations (user_id, finished_at) WHERE status = 'failed';
