-- What is counted: for each user (GET /api/v1/me/stats), and for who runs the service (/metrics). In the transaction in
-- which it happens, so no end is counted twice or forgotten, whichever process dies; and never by reading what is over,
-- so that it costs the same beside two hundred generations and two hundred thousand.

-- A user's, by month of the wish in the user's time zone as it was at its end. Only who holds the account's row changes
-- these: every end and every change of a picture takes it first (0015_versions.sql).
CREATE TABLE user_counts (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    month date NOT NULL,
    preset text NOT NULL,
    template_id text NOT NULL, -- '' of a wish without a style
    completed bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    cancelled bigint NOT NULL DEFAULT 0,
    credits bigint NOT NULL DEFAULT 0,
    seconds double precision NOT NULL DEFAULT 0, -- that were spent on them (generation_time), of all completed in time
    timed bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, month, preset, template_id)
) WITH (fillfactor = 70);

CREATE TABLE user_pictures (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    shown bigint NOT NULL DEFAULT 0,       -- not in the trash
    favorites bigint NOT NULL DEFAULT 0,   -- of those
    quarantined bigint NOT NULL DEFAULT 0, -- of those
    trashed bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- The service's. A transaction takes a shard that nobody else is writing to, and keeps it until its end: it waits for no
-- other. Sums over the shards are what is told. The labels are few: kinds of avatars, presets, endpoints, error codes.
CREATE TABLE generation_counts (
    shard smallint NOT NULL,
    avatar_type text NOT NULL,
    preset text NOT NULL,
    endpoint text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('completed', 'failed', 'cancelled', 'late')),
    error text NOT NULL, -- '' unless it failed
    count bigint NOT NULL DEFAULT 0,
    images bigint NOT NULL DEFAULT 0,
    quarantined bigint NOT NULL DEFAULT 0, -- of them
    credits bigint NOT NULL DEFAULT 0,
    took double precision NOT NULL DEFAULT 0, -- seconds from the provider's beginning, if there was one, to the end
    took_in bigint[] NOT NULL,
    waited double precision NOT NULL DEFAULT 0, -- seconds from the wish to the provider's beginning, where there was one
    waited_in bigint[] NOT NULL,
    letters bigint NOT NULL DEFAULT 0, -- of the prompts, in code points
    letters_in bigint[] NOT NULL,
    PRIMARY KEY (shard, avatar_type, preset, endpoint, outcome, error)
) WITH (fillfactor = 30);

-- Upper ends of the buckets, as the times that presets are expected to take ask for; one more is open. What is counted
-- was counted under these: others need new columns.
CREATE FUNCTION seconds_bounds() RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT '{5,10,15,20,25,30,35,40,50,60,75,90,120,180,300,600}'::double precision[] $$;
CREATE FUNCTION letters_bounds() RETURNS double precision[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT '{10,25,50,75,100,150,200,300,500,750,1000}'::double precision[] $$;

-- A histogram of one value (none for NULL): a one in its bucket. A bound belongs to the bucket that ends with it.
CREATE FUNCTION bucket_of(value double precision, bounds double precision[]) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE counts bigint[] := array_fill(0::bigint, ARRAY[cardinality(bounds) + 1]);
BEGIN
    IF value IS NOT NULL THEN
        counts[cardinality(bounds) + 1 - width_bucket(-value, (SELECT array_agg(-b ORDER BY b DESC) FROM unnest(bounds) b))] := 1;
    END IF;
    RETURN counts;
END $$;

CREATE FUNCTION buckets_plus(a bigint[], b bigint[]) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF a IS NULL OR b IS NULL THEN
        RETURN coalesce(a, b);
    END IF;
    FOR i IN 1 .. cardinality(a) LOOP
        a[i] := a[i] + b[i];
    END LOOP;
    RETURN a;
END $$;
CREATE AGGREGATE buckets_sum(bigint[]) (SFUNC = buckets_plus, STYPE = bigint[]);

-- A shard of nobody, for this transaction; with 64 transactions that end something at once, one of theirs is waited for.
CREATE FUNCTION counts_shard() RETURNS smallint LANGUAGE plpgsql AS $$
DECLARE first integer := pg_backend_pid() % 64; shard integer;
BEGIN
    FOR i IN 0 .. 63 LOOP
        shard := (first + i) % 64;
        IF pg_try_advisory_xact_lock(7211901, shard) THEN
            RETURN shard;
        END IF;
    END LOOP;
    PERFORM pg_advisory_xact_lock(7211901, first);
    RETURN first;
END $$;

-- What clients are told as generation_time; and how long it waited before that, NULL when nobody began it.
CREATE FUNCTION generation_took(g generations) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT greatest(extract(epoch FROM g.finished_at - coalesce(g.started_at, g.created_at)), 0)::double precision $$;
CREATE FUNCTION generation_waited(g generations) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT CASE WHEN g.started_at IS NOT NULL
        THEN greatest(extract(epoch FROM g.started_at - g.created_at), 0)::double precision END $$;

-- One end, counted for the service. What it is: 'late' has been counted as failed before, and its time says nothing.
CREATE FUNCTION generation_count(g generations, into_shard integer, what text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    made bigint := 0; nsfw bigint := 0;
    kind text := coalesce((SELECT training_type FROM avatars WHERE id = g.avatar_id), 'unknown');
    took double precision := CASE WHEN what <> 'late' THEN generation_took(g) END;
    waited double precision := CASE WHEN what <> 'late' THEN generation_waited(g) END;
BEGIN
    IF what <> 'cancelled' THEN
        SELECT count(*), count(*) FILTER (WHERE has_nsfw_content) INTO made, nsfw FROM images WHERE generation_id = g.id;
    END IF;
    INSERT INTO generation_counts AS c VALUES (into_shard, kind, g.preset, g.endpoint, what,
        CASE WHEN what = 'failed' THEN g.error_code ELSE '' END, 1, made, nsfw, coalesce(g.charged, 0), coalesce(took, 0),
        bucket_of(took, seconds_bounds()), coalesce(waited, 0), bucket_of(waited, seconds_bounds()),
        char_length(g.prompt), bucket_of(char_length(g.prompt), letters_bounds()))
        ON CONFLICT (shard, avatar_type, preset, endpoint, outcome, error) DO UPDATE SET count = c.count + 1,
            images = c.images + excluded.images, quarantined = c.quarantined + excluded.quarantined,
            credits = c.credits + excluded.credits, took = c.took + excluded.took,
            took_in = buckets_plus(c.took_in, excluded.took_in), waited = c.waited + excluded.waited,
            waited_in = buckets_plus(c.waited_in, excluded.waited_in), letters = c.letters + excluded.letters,
            letters_in = buckets_plus(c.letters_in, excluded.letters_in);
END $$;

-- The same for its user. Late pictures make of a failure a success.
CREATE FUNCTION generation_count_user(g generations, what text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE timed boolean := what = 'completed' AND (g.charged > 0 OR g.cost = 0); -- as user_counts_rebuild knows it
BEGIN
    INSERT INTO user_counts AS c (user_id, month, preset, template_id, completed, failed, cancelled, credits, seconds, timed)
        SELECT u.id, date_trunc('month', g.created_at AT TIME ZONE u.time_zone)::date, g.preset, coalesce(g.template_id, ''),
            (what IN ('completed', 'late'))::integer, CASE what WHEN 'failed' THEN 1 WHEN 'late' THEN -1 ELSE 0 END,
            (what = 'cancelled')::integer, CASE WHEN what = 'late' THEN 0 ELSE g.charged END,
            CASE WHEN timed THEN generation_took(g) ELSE 0 END, timed::integer
            FROM users u WHERE u.id = g.user_id
        ON CONFLICT (user_id, month, preset, template_id) DO UPDATE SET completed = c.completed + excluded.completed,
            failed = c.failed + excluded.failed, cancelled = c.cancelled + excluded.cancelled,
            credits = c.credits + excluded.credits, seconds = c.seconds + excluded.seconds, timed = c.timed + excluded.timed;
END $$;

CREATE FUNCTION generation_counted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE what text := CASE WHEN OLD.charged IS NOT NULL THEN 'late' ELSE NEW.status END;
BEGIN
    PERFORM generation_count_user(NEW, what);
    PERFORM generation_count(NEW, counts_shard(), what);
    RETURN NULL;
END $$;
CREATE TRIGGER tally_moved AFTER UPDATE OF status ON generations FOR EACH ROW
    WHEN (NEW.charged IS NOT NULL AND (OLD.charged IS NULL OR (OLD.status <> 'completed' AND NEW.status = 'completed')))
    EXECUTE FUNCTION generation_counted();

-- Pictures: each statement once, behind the triggers that lock the account (their names stand before these).
CREATE FUNCTION pictures_plus(owner uuid, n_shown bigint, n_favorites bigint, n_quarantined bigint, n_trashed bigint)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE user_pictures SET shown = shown + n_shown, favorites = favorites + n_favorites,
        quarantined = quarantined + n_quarantined, trashed = trashed + n_trashed WHERE user_id = owner;
    IF NOT FOUND THEN -- unless the user is just going, with everything
        INSERT INTO user_pictures AS p (user_id, shown, favorites, quarantined, trashed)
            SELECT id, n_shown, n_favorites, n_quarantined, n_trashed FROM users WHERE id = owner
            ON CONFLICT (user_id) DO UPDATE SET shown = p.shown + n_shown, favorites = p.favorites + n_favorites,
                quarantined = p.quarantined + n_quarantined, trashed = p.trashed + n_trashed;
    END IF;
END $$;

CREATE FUNCTION pictures_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pictures_plus(user_id, count(*) FILTER (WHERE deleted_at IS NULL),
        count(*) FILTER (WHERE deleted_at IS NULL AND is_favorite),
        count(*) FILTER (WHERE deleted_at IS NULL AND has_nsfw_content), count(deleted_at))
        FROM tallied GROUP BY user_id ORDER BY user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_inserted AFTER INSERT ON images REFERENCING NEW TABLE AS tallied
    FOR EACH STATEMENT EXECUTE FUNCTION pictures_inserted();

CREATE FUNCTION pictures_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pictures_plus(user_id, -count(*) FILTER (WHERE deleted_at IS NULL),
        -count(*) FILTER (WHERE deleted_at IS NULL AND is_favorite),
        -count(*) FILTER (WHERE deleted_at IS NULL AND has_nsfw_content), -count(deleted_at))
        FROM tallied GROUP BY user_id ORDER BY user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_deleted AFTER DELETE ON images REFERENCING OLD TABLE AS tallied
    FOR EACH STATEMENT EXECUTE FUNCTION pictures_deleted();

CREATE FUNCTION pictures_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pictures_plus(user_id, sum(shown), sum(favorites), sum(quarantined), sum(trashed)) FROM (
        SELECT user_id, sign * shown::integer AS shown, sign * (shown AND is_favorite)::integer AS favorites,
            sign * (shown AND has_nsfw_content)::integer AS quarantined, sign * (NOT shown)::integer AS trashed
        FROM (SELECT user_id, deleted_at IS NULL AS shown, is_favorite, has_nsfw_content, 1 AS sign FROM tallied
            UNION ALL SELECT user_id, deleted_at IS NULL, is_favorite, has_nsfw_content, -1 FROM untallied) i) changes
        GROUP BY user_id HAVING sum(shown) <> 0 OR sum(favorites) <> 0 OR sum(quarantined) <> 0 OR sum(trashed) <> 0
        ORDER BY user_id;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_updated AFTER UPDATE ON images REFERENCING OLD TABLE AS untallied NEW TABLE AS tallied
    FOR EACH STATEMENT EXECUTE FUNCTION pictures_updated();

-- All users' counts anew, from what there is: for the rows from before, and to see whether counting has kept up.
CREATE FUNCTION user_counts_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE; -- nobody ends anything meanwhile
    DELETE FROM user_counts;
    DELETE FROM user_pictures;
    INSERT INTO user_counts (user_id, month, preset, template_id, completed, failed, cancelled, credits, seconds, timed)
        SELECT g.user_id, date_trunc('month', g.created_at AT TIME ZONE u.time_zone)::date, g.preset,
            coalesce(g.template_id, ''), count(*) FILTER (WHERE g.status = 'completed'),
            count(*) FILTER (WHERE g.status = 'failed'), count(*) FILTER (WHERE g.status = 'cancelled'),
            coalesce(sum(g.charged), 0),
            coalesce(sum(generation_took(g)) FILTER (WHERE is_timed), 0),
            count(*) FILTER (WHERE is_timed)
        FROM generations g JOIN users u ON u.id = g.user_id,
            LATERAL (SELECT g.status = 'completed' AND (g.charged > 0 OR g.cost = 0) AS is_timed) t
        WHERE g.charged IS NOT NULL GROUP BY 1, 2, 3, 4;
    INSERT INTO user_pictures (user_id, shown, favorites, quarantined, trashed)
        SELECT user_id, count(*) FILTER (WHERE deleted_at IS NULL), count(*) FILTER (WHERE deleted_at IS NULL AND is_favorite),
            count(*) FILTER (WHERE deleted_at IS NULL AND has_nsfw_content), count(deleted_at) FROM images GROUP BY user_id;
END $$;

SELECT user_counts_rebuild();

-- The service's from before, in one shard: of what is still there.
INSERT INTO generation_counts SELECT 0, coalesce(a.training_type, 'unknown'), g.preset, g.endpoint, g.status,
    coalesce(g.error_code, ''), count(*), coalesce(sum(i.made), 0), coalesce(sum(i.nsfw), 0), coalesce(sum(g.charged), 0),
    sum(t.took), buckets_sum(bucket_of(t.took, seconds_bounds())), coalesce(sum(t.waited), 0),
    buckets_sum(bucket_of(t.waited, seconds_bounds())), sum(char_length(g.prompt)),
    buckets_sum(bucket_of(char_length(g.prompt), letters_bounds()))
    FROM generations g LEFT JOIN avatars a ON a.id = g.avatar_id,
        LATERAL (SELECT generation_took(g) AS took, generation_waited(g) AS waited) t
        LEFT JOIN LATERAL (SELECT count(*) AS made, count(*) FILTER (WHERE has_nsfw_content) AS nsfw FROM images
            WHERE generation_id = g.id) i ON true
    WHERE g.charged IS NOT NULL GROUP BY 2, 3, 4, 5, 6;
