-- How old may what somebody keeps of a user's things be? Not at all, and this is how it is known: a number that every
-- transaction raises which changes them, read together with who asks. What was read under a number is what there is as
-- long as the number is the same (docs/caching.md).
--
-- Whoever raises a number locks the row of the account (or the user) until it commits. Order: job, generation, pictures,
-- account; users, avatars, account. Statements that several users' rows may meet in have transactions of their own.

ALTER TABLE accounts ADD history bigint NOT NULL DEFAULT 1; -- generations, pictures, names and ends of avatars
ALTER TABLE users ADD taste bigint NOT NULL DEFAULT 1;      -- favourite styles, own styles

-- Several are locked in one order, whoever does it.
CREATE FUNCTION history_raise(owners uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(owners) > 1 THEN
        PERFORM FROM accounts WHERE user_id = ANY (owners) ORDER BY user_id FOR NO KEY UPDATE;
    END IF;
    UPDATE accounts SET history = history + 1 WHERE user_id = ANY (owners);
END $$;

CREATE FUNCTION taste_changed(owner uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET taste = taste + 1 WHERE id = owner;
END $$;

CREATE OR REPLACE FUNCTION generation_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET available = available - NEW.cost, held = held + NEW.cost, unfinished = unfinished + 1,
        history = history + 1 WHERE user_id = NEW.user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % has no account', NEW.user_id;
    END IF;
    INSERT INTO ledger (user_id, generation_id, kind, amount) VALUES (NEW.user_id, NEW.id, 'reserve', NEW.cost);
    PERFORM event_add(NEW.user_id, 'generation', NEW.id, 'created', NEW.status, NEW.version);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION generation_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    IF NEW.status IN ('completed', 'failed', 'cancelled') AND OLD.charged IS NULL THEN
        NEW.charged := generation_settle(NEW);
        DELETE FROM generation_queue WHERE generation_id = NEW.id;
    ELSE
        UPDATE accounts SET history = history + 1 WHERE user_id = NEW.user_id;
    END IF;
    IF NEW.status IN ('queued', 'running') THEN
        INSERT INTO slots (generation_id, user_id) VALUES (NEW.id, NEW.user_id) ON CONFLICT DO NOTHING;
    ELSIF NEW.status <> OLD.status AND NEW.status <> 'submitting' THEN
        DELETE FROM slots WHERE generation_id = NEW.id;
    END IF;
    PERFORM event_add(NEW.user_id, 'generation', NEW.id, 'updated', NEW.status, NEW.version);
    RETURN NEW;
END $$;

-- What changes of a generation without a move: the seed and the beginning of one that had been given up, for example.
CREATE FUNCTION generation_amended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET history = history + 1 WHERE user_id = NEW.user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER amended AFTER UPDATE ON generations FOR EACH ROW
    WHEN (OLD.version = NEW.version AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION generation_amended();

-- Once for a statement: thousands of pictures may go in one.
CREATE FUNCTION history_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM history_raise(array_agg(DISTINCT user_id)) FROM touched;
    RETURN NULL;
END $$;
CREATE TRIGGER history_deleted AFTER DELETE ON generations REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION history_touched();
CREATE TRIGGER history_inserted AFTER INSERT ON images REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION history_touched();
CREATE TRIGGER history_updated AFTER UPDATE ON images REFERENCING NEW TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION history_touched();
CREATE TRIGGER history_deleted AFTER DELETE ON images REFERENCING OLD TABLE AS touched
    FOR EACH STATEMENT EXECUTE FUNCTION history_touched();

CREATE FUNCTION avatar_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET history = history + 1 WHERE user_id = NEW.user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER renamed AFTER UPDATE OF name, deleted_at ON avatars FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.deleted_at IS DISTINCT FROM NEW.deleted_at)
    EXECUTE FUNCTION avatar_renamed();
