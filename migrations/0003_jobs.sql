-- Work that must happen: a job is a row, and a worker holds it by a lease that dies with the worker's heartbeat.

CREATE TABLE workers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- new for every process: a name would hide orphans
    started_at timestamptz NOT NULL DEFAULT now(),
    beat_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    ref uuid NOT NULL, -- what it works on
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'leased', 'dead')),
    run_at timestamptz NOT NULL DEFAULT now(),
    signals integer NOT NULL DEFAULT 0,  -- grows when something happened that the job waits for
    attempts integer NOT NULL DEFAULT 0, -- failures in a row
    epoch integer NOT NULL DEFAULT 0,    -- grows with every claim: what an old holder does has no effect
    worker_id bigint,
    lease_until timestamptz, -- far beyond any step: for a worker that beats, but hangs
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (kind, ref)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
CREATE INDEX jobs_ready ON jobs (run_at) WHERE state = 'ready';
CREATE INDEX jobs_leased ON jobs (worker_id) WHERE state = 'leased';

-- Verified notifications of the provider, each once.
CREATE TABLE webhook_inbox (
    request_id text NOT NULL,
    ok boolean NOT NULL,
    generation_id uuid NOT NULL REFERENCES generations ON DELETE CASCADE,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (request_id, ok)
);

CREATE INDEX webhook_inbox_by_age ON webhook_inbox USING brin (received_at);

-- What a user's open pages are told. The transaction's id orders what ids cannot: they are taken before the commit.
CREATE TABLE events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    user_id uuid NOT NULL, -- not a reference: an event lives for a day, and is written with every change
    kind text NOT NULL CHECK (kind IN ('generation', 'avatar', 'image')),
    ref uuid NOT NULL,
    payload text NOT NULL, -- JSON
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX events_of_user ON events (user_id, xid, id);
CREATE INDEX events_by_age ON events USING brin (created_at);
