-- What a user may spend, in credits: reserved when a generation is accepted, settled or released when it ends. The
-- constraints keep the sums, the unique indexes keep each generation to one reservation and one end of it.

CREATE TABLE accounts (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    granted bigint NOT NULL CHECK (granted >= 0),
    available bigint NOT NULL CHECK (available >= 0),
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    spent bigint NOT NULL DEFAULT 0 CHECK (spent >= 0),
    unfinished integer NOT NULL DEFAULT 0 CHECK (unfinished >= 0), -- generations that have not ended
    CHECK (available + held + spent = granted)
) WITH (fillfactor = 70);

CREATE TABLE ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    generation_id uuid, -- not a reference: the book outlives what it tells of
    kind text NOT NULL CHECK (kind IN ('grant', 'reserve', 'settle', 'release')),
    amount bigint NOT NULL CHECK (amount >= 0), -- settle: what was charged, the rest of the reservation is given back
    reason text, -- of a grant, in an operator's words
    at timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'grant') = (generation_id IS NULL))
);
CREATE UNIQUE INDEX ledger_reserved_once ON ledger (generation_id) WHERE kind = 'reserve';
CREATE UNIQUE INDEX ledger_ended_once ON ledger (generation_id) WHERE kind IN ('settle', 'release');
CREATE INDEX ledger_of_user ON ledger (user_id, id);

-- Opens the account with what every user is given, once; true when it was opened now.
CREATE FUNCTION account_open(owner uuid, first_grant bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounts (user_id, granted, available) VALUES (owner, first_grant, first_grant) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        INSERT INTO ledger (user_id, kind, amount, reason) VALUES (owner, 'grant', first_grant, 'first');
        RETURN true;
    END IF;
    RETURN false;
END $$;

ALTER TABLE generations ADD charged integer CHECK (charged BETWEEN 0 AND cost); -- NULL: not ended yet
UPDATE generations SET charged = CASE WHEN status = 'completed' THEN cost ELSE 0 END
    WHERE status IN ('completed', 'failed', 'cancelled');
ALTER TABLE generations ADD CHECK ((status IN ('completed', 'failed', 'cancelled')) = (charged IS NOT NULL));

-- What is unfinished keeps its price beside the first grant.
INSERT INTO accounts (user_id, granted, available, held, unfinished)
    SELECT u.id, 1000 + coalesce(sum(g.cost), 0), 1000, coalesce(sum(g.cost), 0), count(g.id) FROM users u
    LEFT JOIN generations g ON g.user_id = u.id AND g.status NOT IN ('completed', 'failed', 'cancelled') GROUP BY u.id;
INSERT INTO ledger (user_id, kind, amount, reason) SELECT user_id, 'grant', granted, 'first' FROM accounts;
INSERT INTO ledger (user_id, generation_id, kind, amount) SELECT user_id, id, 'reserve', cost FROM generations
    WHERE status NOT IN ('completed', 'failed', 'cancelled');
