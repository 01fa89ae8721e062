-- Avatars, generations, and what came of them.

CREATE TABLE avatars (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    gender text NOT NULL CHECK (gender IN ('male', 'female', 'other')),
    training_type text NOT NULL CHECK (training_type IN ('portrait', 'style')),
    status text NOT NULL CHECK (status IN ('draft', 'training', 'completed', 'error')),
    training_progress smallint NOT NULL DEFAULT 0 CHECK (training_progress BETWEEN 0 AND 100),
    training_preset text CHECK (training_preset IN ('fast', 'balanced', 'quality')),
    trigger_text text, -- trigger_phrase of a portrait, trigger_word of a style
    lora_url text,
    config_url text,
    finetune_id text,
    default_lora_scale double precision CHECK (default_lora_scale BETWEEN 0 AND 4),
    is_main boolean NOT NULL DEFAULT false,
    photos_count smallint NOT NULL DEFAULT 0,
    usable_photos smallint NOT NULL DEFAULT 0,
    error_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    completed_at timestamptz,
    deleted_at timestamptz,
    CHECK (status <> 'completed' OR lora_url IS NOT NULL OR finetune_id IS NOT NULL),
    CHECK (NOT is_main OR (status = 'completed' AND deleted_at IS NULL))
);
CREATE INDEX avatars_of_user ON avatars (user_id, id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX avatars_one_main ON avatars (user_id) WHERE is_main;

CREATE TABLE generations (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL, -- the avatar's: no reference of its own, which would cost every insert a look-up
    avatar_id uuid NOT NULL REFERENCES avatars ON DELETE CASCADE,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN
        ('pending', 'submitting', 'queued', 'running', 'storing', 'completed', 'failed', 'cancelled')),
    version integer NOT NULL DEFAULT 1, -- grows with every change that a client may see
    prompt text NOT NULL CHECK (char_length(prompt) BETWEEN 1 AND 1000),
    final_prompt text NOT NULL,
    preset text NOT NULL,
    endpoint text NOT NULL,
    num_images smallint NOT NULL CHECK (num_images BETWEEN 1 AND 4),
    parameters text NOT NULL, -- JSON: what the client is told
    input text NOT NULL,      -- JSON: what the provider is sent, but for the seed
    wanted_seed numeric(20),  -- the client's
    seed numeric(20),         -- the one that was used
    source text NOT NULL DEFAULT 'api' CHECK (source IN ('api', 'web', 'telegram')),
    cost integer NOT NULL CHECK (cost >= 0),
    expected_seconds integer NOT NULL CHECK (expected_seconds > 0),
    queue_position integer,
    cancel_requested boolean NOT NULL DEFAULT false,
    error_code text,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,  -- the provider began
    finished_at timestamptz,
    CHECK ((status = 'failed') = (error_code IS NOT NULL)),
    CHECK ((status IN ('completed', 'failed', 'cancelled')) = (finished_at IS NOT NULL))
);
CREATE INDEX generations_of_user ON generations (user_id, id);
CREATE INDEX generations_open ON generations (user_id, avatar_id)
    WHERE status NOT IN ('completed', 'failed', 'cancelled');

-- One row per attempt to have a generation made. At most one of them may be a paid one that is still open.
CREATE TABLE submissions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
    user_id uuid NOT NULL,
    attempt smallint NOT NULL,
    state text NOT NULL CHECK (state IN ('sending', 'unknown', 'accepted', 'rejected', 'completed', 'failed')),
    endpoint text NOT NULL,
    seed numeric(20) NOT NULL, -- unique enough to find the attempt in the provider's list of requests
    journal text, -- the file in which its sender notes the first byte
    request_id text UNIQUE,
    status_url text,
    response_url text,
    cancel_url text,
    sent_at timestamptz NOT NULL DEFAULT now(),
    resolve_by timestamptz, -- of an unknown one: when the search for it ends
    UNIQUE (generation_id, attempt)
);
CREATE UNIQUE INDEX submissions_one_open ON submissions (generation_id)
    WHERE state IN ('sending', 'unknown', 'accepted');

-- What the provider made, until we have it: where each picture is, and the id it gets with us.
CREATE TABLE generation_outputs (
    generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
    position smallint NOT NULL,
    image_id uuid NOT NULL,
    url text NOT NULL,
    has_nsfw_content boolean NOT NULL,
    PRIMARY KEY (generation_id, position)
);

-- A picture carries the facts of its making: the gallery reads this table alone.
CREATE TABLE images (
    id uuid PRIMARY KEY, -- version 7: in the order of their making
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
    position smallint NOT NULL,
    avatar_id uuid NOT NULL,
    object_key text NOT NULL, -- of the original; the thumbnails stand beside it
    content_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    bytes integer NOT NULL,
    sha256 bytea NOT NULL,
    placeholder bytea NOT NULL, -- ThumbHash
    prompt text NOT NULL,
    preset text NOT NULL,
    endpoint text NOT NULL,
    seed numeric(20) NOT NULL,
    has_nsfw_content boolean NOT NULL,
    is_favorite boolean NOT NULL DEFAULT false,
    custom_name text CHECK (char_length(custom_name) BETWEEN 1 AND 120),
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz, -- in the trash since
    UNIQUE (generation_id, position)
);
CREATE INDEX images_of_user ON images (user_id, id) WHERE deleted_at IS NULL;
CREATE INDEX images_favorite ON images (user_id, id) WHERE is_favorite AND deleted_at IS NULL;
CREATE INDEX images_of_avatar ON images (user_id, avatar_id, id) WHERE deleted_at IS NULL;
