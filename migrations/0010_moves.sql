-- What follows from every change of a generation, whoever makes it: a version, an event for those who watch, the slot,
-- and the credits. One place, in the transaction of the change.

-- Readers go by (xid, id), up to the oldest transaction that is still open (server/events/event.c). A transaction's own id
-- is not its place: it may be older than that of one it had to wait for, and then a thing's later version would come
-- first. So an event stands behind all that was committed when it was written, which includes every earlier change of
-- the same row; and never before its transaction's own id, so that nothing appears behind a reader's back.
CREATE FUNCTION event_add(owner uuid, what text, id uuid, action text, status text, version integer,
    progress integer DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN -- its plan is kept: one of SQL would be planned anew in every transaction
    INSERT INTO events (xid, user_id, kind, ref, payload) VALUES (
        greatest(pg_current_xact_id(), (pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text::xid8),
        owner, what, id, json_build_object('type', what, 'id', id,
        'action', action, 'status', status, 'progress', progress, 'version', version,
        'at', to_char(now(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text);
END $$;

CREATE FUNCTION generation_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET available = available - NEW.cost, held = held + NEW.cost, unfinished = unfinished + 1
        WHERE user_id = NEW.user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % has no account', NEW.user_id;
    END IF;
    INSERT INTO ledger (user_id, generation_id, kind, amount) VALUES (NEW.user_id, NEW.id, 'reserve', NEW.cost);
    PERFORM event_add(NEW.user_id, 'generation', NEW.id, 'created', NEW.status, NEW.version);
    RETURN NULL;
END $$;
CREATE TRIGGER accepted AFTER INSERT ON generations FOR EACH ROW WHEN (NEW.charged IS NULL)
    EXECUTE FUNCTION generation_accepted();

-- The end: what was delivered is charged, the rest is given back. A second end cannot be written down.
CREATE FUNCTION generation_settle(g generations) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE price integer := 0;
BEGIN
    IF g.status = 'completed' THEN
        price := least(g.cost, g.cost * (SELECT count(*) FROM images WHERE generation_id = g.id) / g.num_images);
        INSERT INTO paces AS p (endpoint, preset, num_images, seconds) SELECT g.endpoint, g.preset, g.num_images,
            greatest(extract(epoch FROM now() - max(sent_at)), 0) FROM submissions WHERE generation_id = g.id
            HAVING count(*) > 0
            ON CONFLICT (endpoint, preset, num_images) DO UPDATE SET measured = least(p.measured + 1, 1000000),
                seconds = p.seconds + (excluded.seconds - p.seconds) * greatest(0.1, 1.0 / (p.measured + 1));
    END IF;
    UPDATE accounts SET held = held - g.cost, spent = spent + price, available = available + g.cost - price,
        unfinished = unfinished - 1 WHERE user_id = g.user_id;
    INSERT INTO ledger (user_id, generation_id, kind, amount)
        VALUES (g.user_id, g.id, CASE WHEN price > 0 THEN 'settle' ELSE 'release' END,
                CASE WHEN price > 0 THEN price ELSE g.cost END);
    RETURN price;
END $$;

CREATE FUNCTION generation_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    IF NEW.status IN ('completed', 'failed', 'cancelled') AND OLD.charged IS NULL THEN
        NEW.charged := generation_settle(NEW);
        DELETE FROM generation_queue WHERE generation_id = NEW.id;
    END IF;
    IF NEW.status IN ('queued', 'running') THEN
        INSERT INTO slots (generation_id, user_id) VALUES (NEW.id, NEW.user_id) ON CONFLICT DO NOTHING;
    ELSIF NEW.status <> OLD.status AND NEW.status <> 'submitting' THEN
        DELETE FROM slots WHERE generation_id = NEW.id;
    END IF;
    PERFORM event_add(NEW.user_id, 'generation', NEW.id, 'updated', NEW.status, NEW.version);
    RETURN NEW;
END $$;
CREATE TRIGGER moved BEFORE UPDATE OF status, queue_position, cancel_requested ON generations FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.queue_position IS DISTINCT FROM NEW.queue_position
          OR OLD.cancel_requested IS DISTINCT FROM NEW.cancel_requested)
    EXECUTE FUNCTION generation_moved();

-- An attempt that was given up: 'abandoned' may still turn out to have been accepted, 'review' is for an operator.
ALTER TABLE submissions DROP CONSTRAINT submissions_state_check;
ALTER TABLE submissions ADD CHECK (state IN ('sending', 'unknown', 'accepted', 'rejected', 'abandoned', 'review',
    'completed', 'failed'));
ALTER TABLE submissions ADD looks integer NOT NULL DEFAULT 0,     -- answers of the provider's list without it
    ADD late_looks integer NOT NULL DEFAULT 0, -- those of them that came when it would have had to be there
    DROP resolve_by;
DROP INDEX submissions_one_open;
CREATE UNIQUE INDEX submissions_one_open ON submissions (generation_id)
    WHERE state IN ('sending', 'unknown', 'accepted', 'review');

-- A result that is kept on the disk of a worker's machine until the storage takes it: the name of that place.
ALTER TABLE generation_outputs ADD spooled_on text;
