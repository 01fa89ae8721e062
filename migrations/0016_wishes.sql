-- What a wish may come from: a style template, a batch, an earlier picture, an earlier wish. And which endpoints it may
-- go to, as the operators have switched them.

CREATE TABLE batches (
    id uuid PRIMARY KEY, -- version 7
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    avatar_id uuid NOT NULL REFERENCES avatars ON DELETE CASCADE,
    mode text NOT NULL CHECK (mode IN ('parallel', 'sequential')),
    count smallint NOT NULL CHECK (count BETWEEN 1 AND 50),
    cancel_requested boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX batches_of_user ON batches (user_id, id);

-- Every prompt of a batch: it became a generation, or was refused.
CREATE TABLE batch_items (
    batch_id uuid NOT NULL REFERENCES batches ON DELETE CASCADE,
    position smallint NOT NULL CHECK (position >= 0),
    prompt text NOT NULL,
    generation_id uuid,
    error_code text,
    error_field text,
    PRIMARY KEY (batch_id, position),
    CHECK ((generation_id IS NULL) = (error_code IS NOT NULL))
);

ALTER TABLE generations
    ADD template_id text,      -- a shipped style's name, or the id of a user's own; it may be gone
    ADD template_variant text, -- of a shipped one whose prompt is tried in several ways
    ADD batch_id uuid REFERENCES batches ON DELETE CASCADE,
    ADD batch_position smallint,
    ADD parent_image_id uuid, -- the picture that it varies or repeats; it may be gone
    ADD retry_of uuid,        -- the generation that failed
    ADD source_image_id uuid, -- the picture that the provider is to start from; it may be gone
    ADD source_url text,      -- where the provider finds it: of the latest attempt
    ADD CHECK ((batch_id IS NULL) = (batch_position IS NULL));
CREATE INDEX generations_of_template ON generations (template_id, created_at) WHERE template_id IS NOT NULL;
CREATE UNIQUE INDEX generations_of_batch ON generations (batch_id, batch_position) WHERE batch_id IS NOT NULL;
CREATE INDEX generations_of_parent ON generations (parent_image_id) WHERE parent_image_id IS NOT NULL;

ALTER TABLE images ADD parent_image_id uuid, ADD template_id text;
CREATE INDEX images_of_parent ON images (parent_image_id) WHERE parent_image_id IS NOT NULL;

-- Over what the data file of endpoints says. Who has no row here is as the file has it.
CREATE TABLE endpoint_states (
    endpoint text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('active', 'deprecated', 'gone')),
    replacement text,
    note text CHECK (char_length(note) <= 500),
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by uuid -- NULL: the command line
);

-- The end: what was delivered is charged, the rest is given back. A picture in quarantine was not delivered. A second
-- end cannot be written down. It raises the user's history, as everything does that changes a generation.
CREATE OR REPLACE FUNCTION generation_settle(g generations) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE price integer := 0;
BEGIN
    IF g.status = 'completed' THEN
        price := least(g.cost, g.cost * (SELECT count(*) FROM images WHERE generation_id = g.id
            AND NOT has_nsfw_content) / g.num_images);
        INSERT INTO paces AS p (endpoint, preset, num_images, seconds) SELECT g.endpoint, g.preset, g.num_images,
            greatest(extract(epoch FROM now() - max(sent_at)), 0) FROM submissions WHERE generation_id = g.id
            HAVING count(*) > 0
            ON CONFLICT (endpoint, preset, num_images) DO UPDATE SET measured = least(p.measured + 1, 1000000),
                seconds = p.seconds + (excluded.seconds - p.seconds) * greatest(0.1, 1.0 / (p.measured + 1));
    END IF;
    UPDATE accounts SET held = held - g.cost, spent = spent + price, available = available + g.cost - price,
        unfinished = unfinished - 1, history = history + 1 WHERE user_id = g.user_id;
    INSERT INTO ledger (user_id, generation_id, kind, amount)
        VALUES (g.user_id, g.id, CASE WHEN price > 0 THEN 'settle' ELSE 'release' END,
                CASE WHEN price > 0 THEN price ELSE g.cost END);
    RETURN price;
END $$;

-- A late result all of whose pictures are in quarantine leaves a generation failed, and is told of all the same: it has
-- ended anew.
DROP TRIGGER moved ON generations;
CREATE TRIGGER moved BEFORE UPDATE OF status, queue_position, cancel_requested ON generations FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.queue_position IS DISTINCT FROM NEW.queue_position
          OR OLD.cancel_requested IS DISTINCT FROM NEW.cancel_requested
          OR OLD.finished_at IS DISTINCT FROM NEW.finished_at)
    EXECUTE FUNCTION generation_moved();
