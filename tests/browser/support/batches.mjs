// Batches that stand still, in any state.
import { addGeneration, quote, uuidAt } from "./fixtures.mjs";

// items: {prompt, status: "refused" or of a generation, code}. The id of the batch, whose generations nobody works on.
export async function addBatch(world, person, avatar, items, more = {}) {
    const now = new Date().toISOString();
    const id = uuidAt(now);
    const { mode = "parallel", cancelled = false } = more;
    await world.sql(`INSERT INTO batches (id, user_id, avatar_id, mode, count, cancel_requested)
        VALUES ('${id}', '${person.id}', '${avatar}', '${mode}', ${items.length}, ${cancelled})`);
    for (const [position, { prompt, status, code }] of items.entries()) {
        const generation =
            status === "refused"
                ? null
                : await addGeneration(world, person, { status, prompt, batch_id: id, batch_position: position, lane: 1 });
        await world.sql(`INSERT INTO batch_items (batch_id, position, prompt, generation_id, error_code, error_field)
            VALUES ('${id}', ${position}, ${quote(prompt)}, ${generation ? quote(generation) : "NULL"},
                ${generation ? "NULL" : quote(code)}, ${generation ? "NULL" : "'prompt'"})`);
    }
    return id;
}
