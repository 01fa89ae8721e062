-- Who is next. A generation that waits is a row of the queue; a flow is what one user waits for at one endpoint in one
-- lane. Slots are what may be at the provider at the same time: a slot is a row owned by its generation, so nothing can
-- leak but with it.

ALTER TABLE generations ADD lane smallint NOT NULL DEFAULT 0 CHECK (lane IN (0, 1)); -- 0 interactive, 1 batch

CREATE TABLE generation_queue (
    generation_id uuid PRIMARY KEY REFERENCES generations ON DELETE CASCADE,
    user_id uuid NOT NULL,
    lane smallint NOT NULL,
    endpoint text NOT NULL,
    cost integer NOT NULL,
    queued_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX generation_queue_flow ON generation_queue (user_id, lane, endpoint, generation_id);
CREATE INDEX generation_queue_age ON generation_queue (queued_at);

CREATE TABLE flows (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    lane smallint NOT NULL,
    endpoint text NOT NULL,
    waiting integer NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    vt double precision NOT NULL DEFAULT 0, -- virtual time: grows by the cost of what was served, for all flows of a user
    PRIMARY KEY (user_id, lane, endpoint)
) WITH (fillfactor = 70);
CREATE INDEX flows_waiting ON flows (lane, vt) WHERE waiting > 0;

CREATE TABLE slots (
    generation_id uuid PRIMARY KEY REFERENCES generations ON DELETE CASCADE,
    user_id uuid NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX slots_of_user ON slots (user_id);

-- One row: its lock lets one admission happen at a time.
CREATE TABLE admission (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    vnow double precision NOT NULL DEFAULT 0, -- the virtual time of what was served last
    slots integer NOT NULL DEFAULT 2          -- as the workers are configured
) WITH (fillfactor = 20);
INSERT INTO admission DEFAULT VALUES;

-- An endpoint whose breaker is open is not submitted to; '' is the whole account. When open_until has passed, one
-- submission at a time tries it.
CREATE TABLE breakers (
    endpoint text PRIMARY KEY,
    calls integer NOT NULL DEFAULT 0,    -- since the first failure of the window
    failures integer NOT NULL DEFAULT 0,
    in_a_row integer NOT NULL DEFAULT 0,
    window_since timestamptz NOT NULL DEFAULT now(),
    trips integer NOT NULL DEFAULT 0,
    open_until timestamptz,  -- NULL: closed
    probe_until timestamptz, -- somebody is trying
    reason text,
    changed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
INSERT INTO breakers (endpoint) VALUES ('');

CREATE FUNCTION flow_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN -- who was idle begins at the present: time without wishes is not saved up
    INSERT INTO flows AS f (user_id, lane, endpoint, waiting, vt)
        VALUES (NEW.user_id, NEW.lane, NEW.endpoint, 1, (SELECT vnow FROM admission))
        ON CONFLICT (user_id, lane, endpoint) DO UPDATE SET waiting = f.waiting + 1,
            vt = CASE WHEN f.waiting = 0 THEN greatest(f.vt, excluded.vt) ELSE f.vt END;
    RETURN NULL;
END $$;
CREATE TRIGGER queued AFTER INSERT ON generation_queue FOR EACH ROW EXECUTE FUNCTION flow_grow();

CREATE FUNCTION flow_shrink() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE flows SET waiting = waiting - 1
        WHERE user_id = OLD.user_id AND lane = OLD.lane AND endpoint = OLD.endpoint;
    RETURN NULL;
END $$;
CREATE TRIGGER unqueued AFTER DELETE ON generation_queue FOR EACH ROW EXECUTE FUNCTION flow_shrink();

-- What an answer says about the way to the provider: 'ok', 'failed', or 'stopped' (key or balance refused). Twenty calls
-- in thirty seconds of which half failed, or five failures in a row, open the breaker: 5 s, 10 s ... 5 min.
CREATE FUNCTION breaker_note(at_endpoint text, outcome text, why text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE b breakers;
BEGIN
    IF outcome = 'ok' THEN
        UPDATE breakers SET calls = CASE WHEN open_until IS NULL THEN calls + 1 ELSE 0 END, in_a_row = 0,
            failures = CASE WHEN open_until IS NULL THEN failures ELSE 0 END, probe_until = NULL,
            changed_at = CASE WHEN open_until IS NULL THEN changed_at ELSE now() END, open_until = NULL, reason = NULL
            WHERE endpoint IN (at_endpoint, '') AND (failures > 0 OR open_until IS NOT NULL);
        RETURN;
    END IF;
    IF outcome = 'stopped' THEN
        UPDATE breakers SET open_until = now() + interval '60 seconds', probe_until = NULL, reason = why,
            trips = trips + (open_until IS NULL)::integer,
            changed_at = CASE WHEN open_until IS NULL THEN now() ELSE changed_at END WHERE endpoint = '';
        RETURN;
    END IF;
    INSERT INTO breakers (endpoint) VALUES (at_endpoint) ON CONFLICT DO NOTHING;
    UPDATE breakers SET probe_until = NULL, in_a_row = in_a_row + 1,
        calls = CASE WHEN window_since < now() - interval '30 seconds' THEN 1 ELSE calls + 1 END,
        failures = CASE WHEN window_since < now() - interval '30 seconds' THEN 1 ELSE failures + 1 END,
        window_since = CASE WHEN window_since < now() - interval '30 seconds' THEN now() ELSE window_since END
        WHERE endpoint = at_endpoint RETURNING * INTO b;
    IF b.open_until > now() THEN
        RETURN; -- one that was on its way when the others failed
    END IF;
    IF b.open_until IS NOT NULL OR b.in_a_row >= 5 OR (b.calls >= 20 AND b.failures * 2 >= b.calls) THEN
        b.trips := CASE WHEN b.open_until IS NULL AND b.changed_at < now() - interval '10 minutes' THEN 1
            ELSE least(b.trips + 1, 10) END;
        UPDATE breakers SET trips = b.trips, reason = why, changed_at = now(), calls = 0, failures = 0, in_a_row = 0,
            open_until = now() + least(300, 5 * 2 ^ (b.trips - 1)) * (0.75 + random() / 2) * interval '1 second'
            WHERE endpoint = at_endpoint;
    END IF;
END $$;

-- May something be submitted to it now? A time that lies too far ahead is of a clock that was set back.
CREATE FUNCTION breaker_passes(open_until timestamptz, probe_until timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT open_until IS NULL OR ((open_until <= now() OR open_until > now() + interval '10 minutes')
        AND coalesce(probe_until <= now() OR probe_until > now() + interval '10 minutes', true)) $$;

-- Gives free slots to those who are next: interactive before batch; among users by start-time fair queueing; of one user
-- what waits longest. How many were admitted.
CREATE FUNCTION generations_admit(all_slots integer, slots_of_one integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    free integer; admitted integer := 0; account breakers; pick record; chosen generation_queue;
    passed text[] := '{}'; -- flows that gave nobody
BEGIN
    IF NOT EXISTS (SELECT FROM flows WHERE waiting > 0) THEN
        RETURN 0;
    END IF;
    PERFORM FROM admission FOR UPDATE;
    UPDATE admission SET slots = all_slots WHERE slots <> all_slots;
    SELECT * INTO account FROM breakers WHERE endpoint = '';
    IF NOT breaker_passes(account.open_until, account.probe_until) THEN
        RETURN 0;
    END IF;
    free := all_slots - (SELECT count(*) FROM slots);
    IF account.open_until IS NOT NULL THEN
        free := least(free, 1);
    END IF;
    WHILE free > 0 LOOP
        SELECT f.*, b.open_until IS NOT NULL AS tried INTO pick FROM flows f LEFT JOIN breakers b USING (endpoint)
            WHERE f.waiting > 0 AND breaker_passes(b.open_until, b.probe_until)
            AND (passed = '{}' OR concat_ws(' ', f.user_id, f.lane, f.endpoint) <> ALL (passed))
            AND (SELECT count(*) FROM slots s WHERE s.user_id = f.user_id) < slots_of_one
            ORDER BY f.lane, f.vt LIMIT 1;
        EXIT WHEN NOT FOUND;
        DELETE FROM generation_queue WHERE generation_id = (SELECT generation_id FROM generation_queue
            WHERE user_id = pick.user_id AND lane = pick.lane AND endpoint = pick.endpoint
            ORDER BY generation_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING * INTO chosen;
        IF NOT FOUND THEN -- all of it is just being cancelled, or it counts wrong: the others do not wait for that
            EXIT WHEN cardinality(passed) = 100;
            passed := passed || concat_ws(' ', pick.user_id, pick.lane, pick.endpoint);
            CONTINUE;
        END IF;
        INSERT INTO slots (generation_id, user_id) VALUES (chosen.generation_id, chosen.user_id) ON CONFLICT DO NOTHING;
        INSERT INTO jobs AS j (kind, ref) VALUES ('generation', chosen.generation_id)
            ON CONFLICT (kind, ref) DO UPDATE SET signals = j.signals + 1, run_at = least(j.run_at, now());
        -- Who could not be served for long (another lane went before, the endpoint was away) goes first once, and
        -- then on from the present: that time is not saved up either.
        UPDATE flows SET vt = greatest(vt, pick.vt, (SELECT vnow FROM admission)) + chosen.cost
            WHERE user_id = chosen.user_id;
        UPDATE admission SET vnow = greatest(vnow, pick.vt);
        IF pick.tried OR account.open_until IS NOT NULL THEN
            UPDATE breakers SET probe_until = now() + interval '60 seconds'
                WHERE endpoint IN (pick.endpoint, '') AND open_until IS NOT NULL;
        END IF;
        free := free - 1;
        admitted := admitted + 1;
    END LOOP;
    RETURN admitted;
END $$;

-- How many are served before this one, counted to a thousand at most: those of its own flow, and of every
-- other flow in turn.
CREATE FUNCTION generation_ahead(g generations) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN -- its plan is kept: one of SQL would be planned anew for every list
    RETURN (SELECT least(1000, own.ahead + coalesce((SELECT sum(CASE WHEN f.lane < q.lane THEN f.waiting
        ELSE least(f.waiting, own.ahead + 1) END) FROM flows f
        WHERE f.waiting > 0 AND f.lane <= q.lane AND (f.user_id, f.lane, f.endpoint)
        <> (q.user_id, q.lane, q.endpoint)), 0))
    FROM generation_queue q, LATERAL (SELECT count(*) AS ahead FROM (SELECT FROM generation_queue o
        WHERE o.user_id = q.user_id AND o.lane = q.lane AND o.endpoint = q.endpoint AND o.generation_id < q.generation_id
        LIMIT 1000) o) own WHERE q.generation_id = g.id);
END $$;

-- What a generation takes from its submission to its end, as measured: the newest weigh most.
CREATE TABLE paces (
    endpoint text NOT NULL,
    preset text NOT NULL,
    num_images smallint NOT NULL,
    seconds double precision NOT NULL,
    measured integer NOT NULL DEFAULT 1,
    PRIMARY KEY (endpoint, preset, num_images)
) WITH (fillfactor = 50);
