-- Batches: the items of a sequential one are let go one after another, a second apart, by a job that lives as long as
-- something of it waits. What waits has a row in no queue: it is known by its position.

ALTER TABLE batches
    ADD next_position smallint, -- from here on its generations wait for it; NULL: none does
    ADD next_at timestamptz,    -- the next one may go then; NULL: the one before has not been taken by the provider yet
    ADD let_go_at timestamptz NOT NULL DEFAULT now(), -- the latest
    ADD CHECK (next_position IS NULL OR mode = 'sequential'),
    ADD CHECK (next_at IS NULL OR next_position IS NOT NULL);
CREATE INDEX batches_waiting ON batches (id) WHERE next_position IS NOT NULL;

ALTER TABLE batch_items ADD category text; -- of what moderation has refused

-- Those of its generations that have not ended, all locked before the first is changed, and their turns with them: in the
-- order of everybody who ends one (generation, turn, account, flow), and never waiting for one of them while it holds an
-- account or a flow.
CREATE FUNCTION batch_lock_open(which uuid, from_position smallint) RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE ids uuid[];
BEGIN
    SELECT coalesce(array_agg(id), '{}') INTO ids FROM (SELECT id FROM generations
        WHERE batch_id = which AND batch_position >= from_position AND status NOT IN ('completed', 'failed', 'cancelled')
        ORDER BY id FOR NO KEY UPDATE) g;
    PERFORM FROM generation_queue WHERE generation_id = ANY (ids) ORDER BY generation_id FOR UPDATE;
    RETURN ids;
END $$;

-- What waits for its batch ends, unpaid.
CREATE FUNCTION batch_fail_waiting(which uuid, code text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE b batches; ids uuid[];
BEGIN
    SELECT * INTO b FROM batches WHERE id = which FOR NO KEY UPDATE;
    IF b.next_position IS NULL THEN
        RETURN;
    END IF;
    ids := batch_lock_open(which, b.next_position);
    UPDATE batches SET next_position = NULL, next_at = NULL WHERE id = which;
    UPDATE generations SET status = 'failed', error_code = code, finished_at = now()
        WHERE id = ANY (ids) AND status = 'pending';
END $$;

-- One look of a sequential batch's job: wait_ms until the next one, 0: nothing waits any more; released: one was put into
-- the queue. The next one goes a second after the one before was seen at the provider (or ended): so its own way out,
-- which begins later, is at least a second behind.
CREATE FUNCTION batch_step(which uuid, OUT wait_ms integer, OUT released boolean) LANGUAGE plpgsql AS $$
DECLARE b batches; prior text; chosen generations;
BEGIN
    wait_ms := 0;
    released := false;
    SELECT * INTO b FROM batches WHERE id = which FOR NO KEY UPDATE;
    IF NOT FOUND OR b.next_position IS NULL THEN
        RETURN;
    END IF;
    IF b.created_at < now() - interval '24 hours' THEN -- as long as a single one waits for its turn
        PERFORM batch_fail_waiting(which, 'queue_expired');
        RETURN;
    END IF;
    IF b.next_at IS NULL THEN
        SELECT status INTO prior FROM generations WHERE batch_id = which AND batch_position < b.next_position
            ORDER BY batch_position DESC LIMIT 1;
        IF prior IN ('pending', 'submitting') THEN -- the longer it takes, the less often this looks
            wait_ms := least(5000, greatest(250, extract(epoch FROM now() - b.let_go_at) * 125));
            RETURN;
        END IF;
        UPDATE batches SET next_at = now() + interval '1 second' WHERE id = which;
        wait_ms := 1000;
        RETURN;
    END IF;
    IF b.next_at > now() AND b.next_at <= now() + interval '1 second' THEN -- further ahead: the clock was set back
        wait_ms := ceil(extract(epoch FROM b.next_at - now()) * 1000);
        RETURN;
    END IF;
    SELECT * INTO chosen FROM generations WHERE batch_id = which AND batch_position >= b.next_position
        AND status = 'pending' ORDER BY batch_position LIMIT 1 FOR NO KEY UPDATE;
    UPDATE batches SET next_at = NULL, let_go_at = now(), next_position = (SELECT min(batch_position) FROM generations
        WHERE batch_id = which AND batch_position > chosen.batch_position AND status = 'pending')
        WHERE id = which RETURNING * INTO b;
    IF chosen.id IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO generation_queue (generation_id, user_id, lane, endpoint, cost)
        VALUES (chosen.id, chosen.user_id, chosen.lane, chosen.endpoint, chosen.cost) ON CONFLICT DO NOTHING;
    released := true;
    wait_ms := CASE WHEN b.next_position IS NULL THEN 0 ELSE 250 END;
END $$;

-- Ends the whole: what was not sent at once, what was sent when the provider says so. NULL: there is none; false: all of
-- it had ended.
--
-- Everybody else locks a generation's job before the generation. This one has up to fifty of each, and the jobs come last:
-- it takes those that nobody holds and never waits for one, so no circle can lead over a job. (In the usual order it
-- would have to wait for jobs in turn, and who gives back all that a worker holds, or calls several at once, takes them in
-- turns of their own.) Whose job is skipped is being worked on or just being put back, and finds out by itself: what was
-- pending has ended by then, whatever its job thought, for every move of a generation asks for its status under the row's
-- lock; and what was sent is looked at again in any case.
CREATE FUNCTION batch_cancel(owner uuid, which uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE ids uuid[];
BEGIN
    PERFORM FROM batches WHERE id = which AND user_id = owner FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    ids := batch_lock_open(which, 0::smallint);
    IF ids = '{}' THEN
        RETURN false;
    END IF;
    UPDATE batches SET cancel_requested = true, next_position = NULL, next_at = NULL WHERE id = which;
    UPDATE generations SET cancel_requested = true,
        status = CASE WHEN status = 'pending' THEN 'cancelled' ELSE status END,
        finished_at = CASE WHEN status = 'pending' THEN now() END
        WHERE id = ANY (ids) AND (status = 'pending' OR NOT cancel_requested);
    UPDATE jobs SET signals = signals + 1, run_at = least(run_at, now()) WHERE id IN (SELECT id FROM jobs
        WHERE kind = 'generation' AND ref = ANY (ids) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED);
    RETURN true;
END $$;
