// What the database must say when everything has come to rest. Each statement finds what is wrong, one text column a row.

const ENDED = "('completed', 'failed', 'cancelled')";
const PICTURES = "(SELECT count(*) FROM images i WHERE i.generation_id = g.id)";

// Nothing is under way any more.
export const REST = {
    "stuck": `SELECT id || ' ' || status FROM generations WHERE status NOT IN ${ENDED}`,
    "slots in use": "SELECT generation_id::text FROM slots",
    "queued still": "SELECT generation_id::text FROM generation_queue",
    "flows that wait": "SELECT user_id || ' ' || waiting FROM flows WHERE waiting <> 0",
    "jobs left": "SELECT id || ' ' || kind || ' ' || state || ' ' || coalesce(last_error, '') FROM jobs WHERE state <> 'dead'",
    "dead jobs": "SELECT id || ' ' || ref || ' ' || coalesce(last_error, '') FROM jobs WHERE state = 'dead'",
    "attempts that are open":
        "SELECT id || ' ' || state || ' of ' || generation_id FROM submissions WHERE state IN ('sending', 'unknown', 'accepted')",
    "attempts for an operator": "SELECT id || ' of ' || generation_id FROM submissions WHERE state = 'review'",
    "outputs left of what was delivered": `SELECT generation_id::text FROM generation_outputs
        JOIN generations g ON g.id = generation_id WHERE g.status = 'completed'`,
};

// Credits: every reservation has exactly one end, and the sums are those of the book.
export const BOOKS = {
    "not reserved once and ended once": `SELECT g.id || ' ' || g.status || ': ' || count(l.id) FILTER (WHERE kind = 'reserve')
            || ' reservations, ' || count(l.id) FILTER (WHERE kind IN ('settle', 'release')) || ' ends'
        FROM generations g LEFT JOIN ledger l ON l.generation_id = g.id GROUP BY g.id
        HAVING count(l.id) FILTER (WHERE kind = 'reserve') <> 1
            OR count(l.id) FILTER (WHERE kind IN ('settle', 'release')) <> (g.status IN ${ENDED})::int`,
    "the end is not what was charged": `SELECT g.id || ' charged ' || g.charged || ', ' || l.kind || ' ' || l.amount
        FROM generations g JOIN ledger l ON l.generation_id = g.id AND l.kind IN ('settle', 'release')
        WHERE g.charged <> CASE l.kind WHEN 'settle' THEN l.amount ELSE 0 END OR (l.kind = 'release' AND l.amount <> g.cost)`,
    "charged otherwise than delivered": `SELECT g.id || ' ' || g.status || ' charged ' || g.charged || ' of ' || g.cost || ', '
            || ${PICTURES} || ' pictures of ' || g.num_images FROM generations g
        WHERE g.charged <> CASE WHEN g.status = 'completed' THEN g.cost * ${PICTURES} / g.num_images ELSE 0 END
            AND NOT (g.status = 'completed' AND g.charged = 0 AND EXISTS (SELECT FROM ledger
                WHERE generation_id = g.id AND kind = 'release'))`, // a late result is a present
    "sums of an account": `SELECT a.user_id || ': ' || to_json(a) FROM accounts a, LATERAL (SELECT
            coalesce(sum(amount) FILTER (WHERE kind = 'grant'), 0) AS granted,
            coalesce(sum(amount) FILTER (WHERE kind = 'settle'), 0) AS spent FROM ledger WHERE user_id = a.user_id) l,
            LATERAL (SELECT coalesce(sum(cost), 0) + (SELECT coalesce(sum(cost), 0) FROM trainings
                WHERE user_id = a.user_id AND charged IS NULL) AS held, count(*) AS unfinished FROM generations
            WHERE user_id = a.user_id AND status NOT IN ${ENDED}) g
        WHERE a.available + a.held + a.spent <> a.granted OR a.granted <> l.granted OR a.spent <> l.spent
            OR a.held <> g.held OR a.unfinished <> g.unfinished`,
};

// Pictures, attempts, notifications and what watchers were told.
export const HISTORY = {
    "pictures missing": `SELECT g.id || ' has ' || ${PICTURES} || ' of ' || g.num_images FROM generations g
        WHERE g.status = 'completed' AND ${PICTURES} <> g.num_images`,
    "completed without a picture": `SELECT g.id::text FROM generations g WHERE g.status = 'completed' AND ${PICTURES} = 0`,
    "pictures of what was not delivered": `SELECT g.id || ' ' || g.status FROM generations g
        WHERE g.status <> 'completed' AND ${PICTURES} > 0`,
    "pictures of nobody": `SELECT i.id::text FROM images i JOIN generations g ON g.id = i.generation_id
        WHERE i.user_id <> g.user_id OR i.seed IS DISTINCT FROM g.seed`,
    "versions told with a gap, or twice": `SELECT g.id || ' version ' || g.version || ', told '
            || count(e.version) || ': ' || coalesce(string_agg(e.version::text, ' ' ORDER BY e.version), '')
        FROM generations g LEFT JOIN (SELECT ref, (payload::json ->> 'version')::int AS version FROM events
            WHERE kind = 'generation') e ON e.ref = g.id
        GROUP BY g.id HAVING count(e.version) <> g.version OR count(DISTINCT e.version) <> g.version
            OR min(e.version) <> 1 OR max(e.version) <> g.version`,
    "the last event is not the last state": `SELECT g.id || ' ' || g.status || ', told ' || (e.payload::json ->> 'status')
        FROM generations g JOIN LATERAL (SELECT payload FROM events WHERE kind = 'generation' AND ref = g.id
            ORDER BY xid DESC, id DESC LIMIT 1) e ON true
        WHERE e.payload::json ->> 'status' IS DISTINCT FROM g.status OR (e.payload::json ->> 'version')::int <> g.version`,
    "notifications of a request that is not the generation's": `SELECT w.request_id || ' of ' || w.generation_id FROM webhook_inbox w
        WHERE NOT EXISTS (SELECT FROM submissions s WHERE s.request_id = w.request_id AND s.generation_id = w.generation_id)`,
    "attempts of a generation with holes": `SELECT generation_id || ': ' || string_agg(attempt::text, ' ' ORDER BY attempt)
        FROM submissions GROUP BY generation_id HAVING max(attempt) <> count(*) OR min(attempt) <> 1`,
    "completed without an attempt that was accepted": `SELECT g.id::text FROM generations g WHERE g.status = 'completed'
        AND NOT EXISTS (SELECT FROM submissions s WHERE s.generation_id = g.id AND s.request_id IS NOT NULL)`,
};
