-- Endpoints of which the provider said that there is no such thing: what was sent there ended at once, free. An operator
-- is to look, and to switch it (endpoint_states) or to correct its name.
CREATE TABLE endpoints_vanished (
    endpoint text PRIMARY KEY,
    count bigint NOT NULL DEFAULT 1,
    at timestamptz NOT NULL DEFAULT now() -- the latest
) WITH (fillfactor = 50);

-- For /metrics: rows (metric, labels, value).
CREATE VIEW endpoint_metrics AS
    SELECT 'aisha_endpoint_switched' AS metric, format('endpoint="%s",state="%s"', endpoint, state) AS labels, 1::bigint AS value
        FROM endpoint_states
    UNION ALL SELECT 'aisha_endpoint_vanished_total', format('endpoint="%s"', endpoint), count FROM endpoints_vanished;
