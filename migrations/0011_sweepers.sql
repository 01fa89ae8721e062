-- Workers that die with a job again and again, one process that looks after what others left, and what it has found.

ALTER TABLE jobs ADD crashes integer NOT NULL DEFAULT 0; -- workers that died with it, in a row
ALTER TABLE workers ADD host text NOT NULL DEFAULT '', ADD pid integer NOT NULL DEFAULT 0;

-- What is due longest, of what was due from `low` on; nothing: a row of NULLs. Its plan is made when the table may be
-- empty, and serves when it is large: never by sorting all that is ready, never by reading the table through.
CREATE FUNCTION job_claim(claimer bigint, known text[], low timestamptz) RETURNS jobs LANGUAGE plpgsql
SET enable_sort = off SET enable_seqscan = off AS $$
DECLARE claimed jobs;
BEGIN
    UPDATE jobs SET state = 'leased', worker_id = claimer, epoch = epoch + 1, lease_until = now() + interval '15 minutes'
        WHERE id = (SELECT id FROM jobs WHERE state = 'ready' AND run_at <= now() AND run_at >= low
            AND kind = ANY (known) ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING * INTO claimed;
    RETURN claimed;
END $$;

CREATE TABLE leaders (
    name text PRIMARY KEY,
    holder uuid NOT NULL, -- one for every run of a process
    epoch integer NOT NULL DEFAULT 1, -- grows with every change of hands
    until timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE sweeps (
    name text PRIMARY KEY,
    place text NOT NULL DEFAULT '', -- where the next look begins
    found bigint NOT NULL DEFAULT 0,
    mended bigint NOT NULL DEFAULT 0,
    last_found timestamptz,
    looked_at timestamptz
) WITH (fillfactor = 50);

-- Which database the objects of a store belong to: the store has the same id, and those of another are not thrown away.
CREATE TABLE installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO installation DEFAULT VALUES;

-- What is looked through page by page needs an order without gaps and repeats.
DROP INDEX generations_open;
CREATE INDEX generations_open ON generations (user_id, avatar_id, id)
    WHERE status NOT IN ('completed', 'failed', 'cancelled');
-- The sums of an account, without a look at its rows.
DROP INDEX ledger_of_user;
CREATE INDEX ledger_of_user ON ledger (user_id, id) INCLUDE (kind, amount);
-- Attempts that were given up and had been accepted; those that were searched for.
CREATE INDEX submissions_late ON submissions (generation_id, attempt)
    WHERE state IN ('rejected', 'abandoned') AND request_id IS NOT NULL;
CREATE INDEX submissions_looked_for ON submissions (id) WHERE looks > 0;
