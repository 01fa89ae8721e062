// What must be true after every scenario, whatever was broken: judged by the database, the simulator's record of what it
// accepted, and the files. What is wrong is told with its ids.
import assert from "node:assert/strict";
import { judgeObjects } from "./objects.mjs";
import { BOOKS, HISTORY, REST } from "./statements.mjs";

const SHOWN = 12; // ids per fault

// expected: {dead: jobs that may be dead, extraPaid: submissions that may have been paid twice (the stated window),
// gone: ids of users who were deleted, orphans: files without a row may be left, partial: fewer pictures than wanted may
// have been delivered, review: attempts that may wait for an operator,
// strange: accepted requests that may not be ours, spool: files may be left there,
// copies: of delivered pictures, too}
export async function invariants(rig, expected = {}) {
    const faults = [];
    const fault = (what, ids) => ids.length && faults.push(`${what} (${ids.length}): ${ids.slice(0, SHOWN).join("; ")}`);
    await judgeTables(rig, expected, fault);
    const figures = {
        ...(await judgeMoney(rig, expected, fault)),
        ...(await judgeObjects(rig, expected, fault)),
        ...(await tally(rig)),
    };
    await judgeAccepted(rig, expected, fault);
    assert.ok(!faults.length, `promises broken:\n  ${faults.join("\n  ")}`);
    return figures;
}

async function judgeTables(rig, expected, fault) {
    const statements = Object.entries({ ...REST, ...BOOKS, ...HISTORY });
    const rows = await rig.sql(statements.map(([, select], i) => `SELECT ${i}, q.* FROM (${select}) q`).join(" UNION ALL "));
    const allowed = { "dead jobs": expected.dead ?? 0, "attempts for an operator": expected.review ?? 0 };
    statements.forEach(([name], i) => {
        const found = rows.filter((row) => Number(row[0]) === i).map((row) => row.slice(1).join(" "));
        if (found.length <= (allowed[name] ?? 0) || (name === "pictures missing" && expected.partial)) return;
        fault(name, found);
    });
}

// What the provider accepted against the attempts that we know of: each by the seed that stands in both.
async function judgeMoney(rig, expected, fault) {
    const accepted = (await rig.accepted()).filter(({ input }) => !input.images_data_url); // trainings have no seed: trainings.mjs
    const attempts = await rig.sql(`SELECT s.seed, s.generation_id, coalesce(s.request_id, ''), s.state, g.final_prompt
        FROM submissions s JOIN generations g ON g.id = s.generation_id`);
    const bySeed = new Map(attempts.map((row) => [row[0], row]));
    const paid = new Map();
    const strange = [];
    for (const { request_id, input } of accepted) {
        const attempt = bySeed.get(String(input.seed));
        if (!attempt) {
            if (!expected.gone?.length) strange.push(`${request_id}: no attempt with seed ${input.seed}`);
            continue;
        }
        const [, generation, known, , prompt] = attempt;
        if (known && known !== request_id) strange.push(`${request_id}: the attempt of ${generation} knows ${known}`);
        if (prompt !== input.prompt) strange.push(`${request_id}: sent "${input.prompt}" for ${generation}`);
        paid.set(generation, (paid.get(generation) ?? 0) + 1);
    }
    const twice = [...paid].filter(([, times]) => times > 1).map(([id, times]) => `${id} ×${times}`);
    if (strange.length > (expected.strange ?? 0)) fault("accepted by the provider, but not ours", strange);
    if (twice.length > (expected.extraPaid ?? 0)) fault("paid twice", twice);
    const completed = await rig.sql("SELECT id FROM generations WHERE status = 'completed'");
    fault("completed without being accepted", completed.flat().filter((id) => !paid.has(id)));
    return { accepted: accepted.length, twice: twice.length };
}

// Every request that was answered with 202 is there.
async function judgeAccepted(rig, expected, fault) {
    const there = new Set((await rig.sql("SELECT id FROM generations")).flat());
    const promised = rig.loads.flatMap((load) => load.accepted).filter((a) => !expected.gone?.includes(a.person.id));
    fault("lost", promised.filter((a) => !there.has(a.id)).map((a) => a.id));
}

async function tally(rig) {
    const counts = Object.fromEntries(await rig.sql("SELECT status, count(*) FROM generations GROUP BY 1"));
    const numbers = Object.fromEntries(Object.entries(counts).map(([status, count]) => [status, Number(count)]));
    const late = await rig.number("SELECT count(*) FROM generations WHERE status = 'completed' AND charged = 0 AND cost > 0");
    const codes = await rig.sql("SELECT error_code, count(*) FROM generations WHERE status = 'failed' GROUP BY 1 ORDER BY 1");
    if (codes.length) numbers.failed = `${numbers.failed} (${codes.map((row) => row.join(" ")).join(", ")})`;
    const attempts = await rig.number("SELECT count(*) FROM submissions");
    return { ...numbers, ...(late ? { late } : {}), attempts };
}
