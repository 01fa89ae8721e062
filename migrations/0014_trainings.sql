-- Trainings: a paid request for each, dear and never sent again by itself. What its avatar shows follows by trigger, in
-- the transaction of the change, and so do the credits.

ALTER TABLE avatars
    ADD model_key text,      -- our copy of the LoRA file, in the bucket of models
    ADD model_bytes bigint,
    ADD model_sha256 bytea,
    ADD config_key text;

-- An avatar that learns anew keeps its old model, and may stay the main one with it.
ALTER TABLE avatars DROP CONSTRAINT avatars_check1;
ALTER TABLE avatars ADD CONSTRAINT avatars_main_has_model
    CHECK (NOT is_main OR ((lora_url IS NOT NULL OR finetune_id IS NOT NULL) AND deleted_at IS NULL));

CREATE TABLE trainings (
    id uuid PRIMARY KEY,
    avatar_id uuid NOT NULL REFERENCES avatars ON DELETE CASCADE,
    user_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN
        ('pending', 'submitting', 'queued', 'running', 'storing', 'completed', 'failed', 'cancelled')),
    version integer NOT NULL DEFAULT 1,
    preset text NOT NULL CHECK (preset IN ('fast', 'balanced', 'quality')),
    endpoint text NOT NULL,
    input text NOT NULL, -- JSON: what the provider is sent, but for the archive's address
    trigger_text text NOT NULL,
    photos integer NOT NULL, -- how many it learns from
    cost integer NOT NULL CHECK (cost >= 0),
    charged integer CHECK (charged BETWEEN 0 AND cost), -- NULL: not ended yet
    source text NOT NULL DEFAULT 'api' CHECK (source IN ('api', 'web', 'telegram')),
    expected_seconds integer NOT NULL CHECK (expected_seconds > 0),
    progress smallint NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    queue_position integer,
    cancel_requested boolean NOT NULL DEFAULT false,
    error_code text,
    -- The archive of photos, until the end; where the provider finds it.
    archive_key text,
    archive_url text,
    archive_until timestamptz,
    -- The one attempt that may be out. Its number is of the submissions' sequence: journals and webhooks know both by it.
    attempt bigint UNIQUE,
    attempts integer NOT NULL DEFAULT 0, -- the earlier ones surely were not accepted
    journal text,
    request_id text UNIQUE,
    status_url text,
    response_url text,
    cancel_url text,
    sent_at timestamptz,
    looks integer NOT NULL DEFAULT 0, -- answers of the provider's list without it
    late_looks integer NOT NULL DEFAULT 0,
    -- What it made, until it is ours.
    result_lora_url text,
    result_config_url text,
    result_finetune_id text,
    told_late boolean NOT NULL DEFAULT false, -- it had been given up when the provider told of its end: to be looked at
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz,
    CHECK (request_id IS NOT NULL OR status NOT IN ('queued', 'running', 'storing')),
    CHECK ((status = 'failed') = (error_code IS NOT NULL)),
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (charged IS NOT NULL))
) WITH (fillfactor = 70);
-- One at a time: of an avatar, and of a user.
CREATE UNIQUE INDEX trainings_one_running ON trainings (user_id) WHERE status NOT IN ('completed', 'failed', 'cancelled');
CREATE INDEX trainings_of_avatar ON trainings (avatar_id, id);

-- The book knows both kinds of what is paid for.
ALTER TABLE ledger ADD training_id uuid;
ALTER TABLE ledger DROP CONSTRAINT ledger_check;
ALTER TABLE ledger ADD CONSTRAINT ledger_of_what CHECK (num_nonnulls(generation_id, training_id) =
    CASE WHEN kind = 'grant' THEN 0 ELSE 1 END);
CREATE UNIQUE INDEX ledger_training_reserved_once ON ledger (training_id) WHERE kind = 'reserve';
CREATE UNIQUE INDEX ledger_training_ended_once ON ledger (training_id) WHERE kind IN ('settle', 'release');

CREATE FUNCTION training_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET available = available - NEW.cost, held = held + NEW.cost WHERE user_id = NEW.user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'user % has no account', NEW.user_id;
    END IF;
    INSERT INTO ledger (user_id, training_id, kind, amount) VALUES (NEW.user_id, NEW.id, 'reserve', NEW.cost);
    UPDATE avatars SET status = 'training', training_progress = 0, training_preset = NEW.preset, error_code = NULL,
        updated_at = now() WHERE id = NEW.avatar_id;
    RETURN NULL;
END $$;
CREATE TRIGGER accepted AFTER INSERT ON trainings FOR EACH ROW EXECUTE FUNCTION training_accepted();

CREATE FUNCTION training_settle(t trainings) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE price integer := CASE WHEN t.status = 'completed' THEN t.cost ELSE 0 END;
BEGIN
    UPDATE accounts SET held = held - t.cost, spent = spent + price, available = available + t.cost - price
        WHERE user_id = t.user_id;
    INSERT INTO ledger (user_id, training_id, kind, amount)
        VALUES (t.user_id, t.id, CASE WHEN price > 0 THEN 'settle' ELSE 'release' END,
                CASE WHEN price > 0 THEN price ELSE t.cost END);
    IF t.status = 'completed' THEN
        INSERT INTO paces AS p (endpoint, preset, num_images, seconds)
            VALUES (t.endpoint, t.preset, 1, greatest(extract(epoch FROM now() - t.sent_at), 0))
            ON CONFLICT (endpoint, preset, num_images) DO UPDATE SET measured = least(p.measured + 1, 1000000),
                seconds = p.seconds + (excluded.seconds - p.seconds) * greatest(0.1, 1.0 / (p.measured + 1));
    END IF;
    RETURN price;
END $$;

-- What its avatar is when a training has ended without a new model: as it was before, with a word of why.
CREATE FUNCTION training_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.progress := greatest(OLD.progress, NEW.progress); -- never backwards
    IF NEW.status IN ('completed', 'failed', 'cancelled') AND OLD.charged IS NULL THEN
        NEW.charged := training_settle(NEW);
        NEW.queue_position := NULL;
        IF NEW.status <> 'completed' THEN
            UPDATE avatars SET training_progress = CASE WHEN has.model THEN 100 ELSE 0 END, error_code = NEW.error_code,
                status = CASE WHEN has.model THEN 'completed' WHEN NEW.status = 'failed' THEN 'error' ELSE 'draft' END,
                updated_at = now() FROM (SELECT lora_url IS NOT NULL OR finetune_id IS NOT NULL AS model FROM avatars
                    WHERE id = NEW.avatar_id) has WHERE id = NEW.avatar_id AND status = 'training';
        END IF;
        IF OLD.status = 'storing' AND NEW.status <> 'completed' THEN -- what was stored of a model that nobody gets
            INSERT INTO object_trash (bucket, object_key) SELECT 'aisha-v2-models', NEW.avatar_id || '/' || NEW.id || ending
                FROM unnest(ARRAY['.safetensors', '.json']) ending ON CONFLICT DO NOTHING;
        END IF;
    ELSIF OLD.charged IS NULL THEN
        UPDATE avatars SET training_progress = NEW.progress, updated_at = now()
            WHERE id = NEW.avatar_id AND status = 'training';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER moved BEFORE UPDATE OF status, queue_position, cancel_requested, progress ON trainings FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.queue_position IS DISTINCT FROM NEW.queue_position
          OR OLD.cancel_requested IS DISTINCT FROM NEW.cancel_requested OR OLD.progress IS DISTINCT FROM NEW.progress)
    EXECUTE FUNCTION training_moved();

-- The model is ours now: the avatar has it, and is the main one if there is none. Called in the transaction that
-- completes the training, before that does. One that comes late must not take the place of what was begun since.
CREATE FUNCTION training_deliver(t trainings, key text, bytes bigint, sha256 bytea, config text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE had record;
BEGIN
    SELECT * INTO had FROM avatars_lock(t.user_id);
    IF EXISTS (SELECT FROM trainings newer WHERE newer.avatar_id = t.avatar_id AND newer.id > t.id) THEN
        RAISE EXCEPTION 'avatar % learns anew', t.avatar_id USING ERRCODE = 'serialization_failure';
    END IF;
    UPDATE avatars SET status = 'completed', training_progress = 100, error_code = NULL, completed_at = now(),
        updated_at = now(), trigger_text = t.trigger_text, lora_url = t.result_lora_url, config_url = t.result_config_url,
        finetune_id = t.result_finetune_id, model_key = key, model_bytes = bytes, model_sha256 = sha256,
        config_key = config, is_main = is_main OR NOT had.has_main
        WHERE id = t.avatar_id AND deleted_at IS NULL;
END $$;

-- An avatar with a model may be the main one, also while it learns anew.
CREATE OR REPLACE FUNCTION avatar_make_main(owner uuid, chosen uuid, new_name text, with_scale boolean,
    new_scale double precision) RETURNS SETOF avatars LANGUAGE plpgsql AS $$
BEGIN
    PERFORM avatars_lock(owner);
    PERFORM FROM avatars WHERE id = chosen AND user_id = owner AND (lora_url IS NOT NULL OR finetune_id IS NOT NULL)
        AND deleted_at IS NULL FOR NO KEY UPDATE;
    IF FOUND THEN
        RETURN QUERY UPDATE avatars SET is_main = false, updated_at = now()
            WHERE user_id = owner AND is_main AND id <> chosen RETURNING *;
        RETURN QUERY UPDATE avatars SET is_main = true, name = coalesce(new_name, name),
            default_lora_scale = CASE WHEN with_scale THEN new_scale ELSE default_lora_scale END, updated_at = now()
            WHERE id = chosen RETURNING *;
    END IF;
END $$;

-- One that learns is not deleted: its training is cancelled first.
CREATE OR REPLACE FUNCTION avatar_delete(owner uuid, chosen uuid) RETURNS SETOF avatars LANGUAGE plpgsql AS $$
BEGIN
    PERFORM avatars_lock(owner);
    RETURN QUERY UPDATE avatars SET is_main = false, deleted_at = now(), updated_at = now()
        WHERE id = chosen AND user_id = owner AND deleted_at IS NULL AND status <> 'training'
        AND NOT EXISTS (SELECT FROM generations
            WHERE user_id = owner AND avatar_id = chosen AND status NOT IN ('completed', 'failed', 'cancelled')) RETURNING *;
    IF FOUND AND NOT EXISTS (SELECT FROM avatars WHERE user_id = owner AND is_main) THEN
        RETURN QUERY UPDATE avatars SET is_main = true, updated_at = now() WHERE id = (SELECT id FROM avatars
            WHERE user_id = owner AND (lora_url IS NOT NULL OR finetune_id IS NOT NULL) AND deleted_at IS NULL
            ORDER BY id DESC LIMIT 1) RETURNING *;
    END IF;
END $$;

-- Begins a training, or says why not: 'begun', 'key_taken', 'gone', 'avatar_training', 'training_running',
-- 'photos_too_few', 'no_account', 'quota_exceeded'. Each statement begins anew, behind the locks of those before.
CREATE FUNCTION training_begin(owner uuid, chosen uuid, new_id uuid, want_preset text, want_endpoint text,
    want_input text, want_source text, price integer, seconds integer, min_photos integer, key text, fingerprint bytea,
    OUT outcome text, OUT needed bigint, OUT available bigint) LANGUAGE plpgsql AS $$
DECLARE a avatars;
BEGIN
    needed := price;
    PERFORM avatars_lock(owner);
    SELECT * INTO a FROM avatars WHERE id = chosen AND user_id = owner AND deleted_at IS NULL FOR NO KEY UPDATE;
    outcome := CASE WHEN NOT FOUND THEN 'gone'
        WHEN EXISTS (SELECT FROM idempotency_keys k WHERE k.user_id = owner AND k.key = training_begin.key)
            THEN 'key_taken'
        WHEN a.status = 'training' THEN 'avatar_training'
        WHEN EXISTS (SELECT FROM trainings t WHERE t.user_id = owner
            AND t.status NOT IN ('completed', 'failed', 'cancelled')) THEN 'training_running'
        WHEN a.usable_photos < min_photos THEN 'photos_too_few' END;
    IF outcome = 'photos_too_few' THEN
        needed := min_photos;
        available := a.usable_photos;
    END IF;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT accounts.available INTO available FROM accounts WHERE user_id = owner FOR NO KEY UPDATE;
    IF NOT FOUND OR available < price THEN
        outcome := CASE WHEN FOUND THEN 'quota_exceeded' ELSE 'no_account' END;
        RETURN;
    END IF;
    IF key IS NOT NULL THEN
        INSERT INTO idempotency_keys (user_id, key, fingerprint, ref) VALUES (owner, training_begin.key,
            training_begin.fingerprint, new_id) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            outcome := 'key_taken';
            RETURN;
        END IF;
    END IF;
    INSERT INTO trainings (id, avatar_id, user_id, preset, endpoint, input, trigger_text, photos, cost, source,
        expected_seconds) VALUES (new_id, chosen, owner, want_preset, want_endpoint, want_input, coalesce(a.trigger_text,
        'TOK'), a.usable_photos, price, want_source, seconds);
    INSERT INTO jobs (kind, ref) VALUES ('training', new_id);
    outcome := 'begun';
END $$;

-- A model that was replaced, or whose avatar is gone, is a face too: its files go as soon as no generation that has been
-- accepted can need them any more.
CREATE FUNCTION model_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO object_trash (bucket, object_key, due_at)
        SELECT 'aisha-v2-models', k, now() + interval '3 days' FROM unnest(ARRAY[OLD.model_key, OLD.config_key]) k
        WHERE k IS NOT NULL ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER model_left AFTER UPDATE OF model_key, deleted_at ON avatars FOR EACH ROW
    WHEN (OLD.model_key IS NOT NULL AND OLD.deleted_at IS NULL
          AND (NEW.deleted_at IS NOT NULL OR NEW.model_key IS DISTINCT FROM OLD.model_key)) EXECUTE FUNCTION model_left();
