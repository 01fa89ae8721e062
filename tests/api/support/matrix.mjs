// The things that every operation needs to be called with, for one owner.
import { until } from "./process.mjs";
import { ROWS } from "./rows.mjs";
import { ask, generate, importAvatar, openLink, PORTRAIT, STYLE } from "./things.mjs";
import { ENDED, followTraining, plantPhotos, readyAvatar, train, trainingPath } from "./trainings.mjs";

export class Things {
    static async make(world) {
        const things = new Things();
        things.world = world;
        const owner = world.owner;
        things.avatar = (await importAvatar(owner, PORTRAIT)).id;
        const done = await generate(owner, { prompt: "for the matrix", preset: "fast", num_images: 4 });
        things.generation = done.id;
        [things.image, things.trash, ...things.images] = done.images.map((i) => i.id);
        const { pathname, search } = new URL(done.images[0].url);
        things.file = pathname + search;
        things.draft = (await readyAvatar(world, owner, { training_type: "style" }, 2)).id;
        things.photo = (await things.#photos())[0];
        things.trainee = (await readyAvatar(world, owner, { training_type: "style" })).id;
        things.template = await things.#newTemplate();
        things.batch = await things.#newBatch(["one"]);
        await until("the batch has ended", 20000, async () => {
            const { json } = await owner.get(`/api/v1/generations/batches/${things.batch}`);
            return json.status === "completed";
        });
        const names = ["spareTemplate", "token", "link", "spare", "loose", "training", "rest", "running"];
        for (const name of names) await things.renew(name);
        return things;
    }

    async #newBatch(prompts) {
        const body = { prompts, preset: "fast", mode: "sequential" };
        return (await this.world.owner.post("/api/v1/generations/batches", body, { status: 202 })).json.id;
    }

    async #newTemplate() {
        const body = { title: "For the matrix", prompt: "{subject} in a row" };
        return (await this.world.owner.post("/api/v1/templates", body, { status: 201 })).json.id;
    }

    async #photos() {
        return (await this.world.owner.get(`/api/v1/avatars/${this.draft}/photos`)).json.items.map((p) => p.id);
    }

    async #newPhoto() {
        const before = await this.#photos();
        await plantPhotos(this.world, this.world.owner, this.draft, 1, before.length + Date.now());
        this.loose = (await this.#photos()).find((id) => !before.includes(id));
    }

    // Whether a training runs at the end, or none does.
    async #train(runs) {
        const { owner } = this.world;
        const { status, json } = await owner.send("GET", trainingPath(this.trainee));
        const isRunning = status === 200 && !ENDED.includes(json.status);
        if (isRunning && runs && !json.cancel_requested) return;
        if (isRunning) {
            await owner.send("DELETE", trainingPath(this.trainee));
            await followTraining(owner, this.trainee);
        }
        if (runs) await train(owner, this.trainee);
    }

    async #newLink() {
        const { url } = await this.world.command("link", "create", "--user", this.world.owner.id);
        ({ path: this.link, cookie: this.linkCookie, form: this.linkForm } = await openLink(this.world, url));
    }

    // A new one in place of one that was used up.
    async renew(name) {
        const { owner } = this.world;
        if (name === "token")
            this.token = (
                await owner.post("/api/v1/tokens", { name: "spare", scopes: ["read"] }, { status: 201 })
            ).json.id;
        if (name === "link") await this.#newLink();
        if (name === "spareTemplate") this.spareTemplate = await this.#newTemplate();
        if (name === "spare") this.spare = (await importAvatar(owner, STYLE)).id;
        if (name === "running") this.running = (await ask(owner, { prompt: "to be cancelled", preset: "fast" })).id;
        if (name === "batch") this.batch = await this.#newBatch(["one", "two", "three", "four", "five"]);
        if (name === "loose") await this.#newPhoto();
        if (name === "training" || name === "rest") await this.#train(name === "training");
        if (name === "trash")
            this.trash =
                this.images.pop() ?? (await generate(owner, { prompt: "more trash", preset: "fast" })).images[0].id;
    }

    // One call of an operation by a client. options go to client.send.
    call(operation, client, options = {}) {
        const row = ROWS[operation.operationId];
        const body = typeof row.body === "function" ? row.body(this) : row.body;
        const sent = row.form
            ? { body: row.form(this), type: "application/x-www-form-urlencoded", headers: row.headers?.(this) }
            : (row.raw?.(this) ?? (body && { json: body }));
        return client.send(operation.method, row.path(this), { ...sent, ...options });
    }
}

// The scope that an operation asks for, or what else opens it: "public", "service", "session".
export function accessOf(operation) {
    const ways = operation.security ?? [];
    if (!ways.length) return "public";
    const token = ways.find((way) => "apiToken" in way);
    if (token) return token.apiToken[0];
    return ways.some((way) => "serviceToken" in way) ? "service" : "session";
}

export const isUnsafe = (operation) => !["GET", "HEAD"].includes(operation.method);
