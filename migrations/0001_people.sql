-- People and what proves who they are. Tokens, sessions and links are kept as SHA-256 only.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    telegram_id bigint UNIQUE,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 128),
    locale text NOT NULL DEFAULT 'ru' CHECK (locale IN ('ru', 'en')),
    time_zone text NOT NULL DEFAULT 'Europe/Moscow',
    default_preset text NOT NULL DEFAULT 'balanced',
    is_admin boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_tokens (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 64),
    scopes integer NOT NULL CHECK (scopes BETWEEN 1 AND 15), -- read 1, write 2, generate 4, admin 8
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id, id);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id, id);

CREATE TABLE login_links (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    sha256 bytea NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
    next text NOT NULL DEFAULT '/',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX login_links_of_user ON login_links (user_id);

-- One row per Idempotency-Key, written by the statement that creates the thing it stands for (ref).
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    key text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32), -- of route and body
    ref uuid NOT NULL,
    response text, -- the body answered, where it cannot be made again from ref
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
