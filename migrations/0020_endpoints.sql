-- Endpoints of which the provider said that there is no such thing: what was sent there ended at once, free. An operator
-- is to look, and to switch it (endpoint_states) or to correct its name.
CREATE TABLE endpoints_vanished (
    endpoint text PRIMARY KEY,
    count bigint NOT NULL DEFAULT 1,
    at timestamptz NOT NULL DEFAULT now() -- the latest
) WITH (fillfactor = 50);
