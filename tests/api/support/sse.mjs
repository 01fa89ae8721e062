// Reading server-sent events as a browser would, with the id to go on from.
import http from "node:http";
import { contract, judge } from "./client.mjs";
import { until } from "./process.mjs";

const EVENT = contract.document.components.schemas.Event;

function parse(block) {
    const event = { event: "message", data: [], comments: [] };
    for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (name === "") event.comments.push(value);
        else if (name === "data") event.data.push(value);
        else event[name] = value;
    }
    return { ...event, data: event.data.join("\n") };
}

export class EventStream {
    // Resolves when the head of the answer is there; status other than 200: body is read.
    static open(client, { lastEventId, path = "/api/v1/events" } = {}) {
        const stream = new EventStream();
        const headers = { ...client.headers, accept: "text/event-stream" };
        if (lastEventId !== undefined) headers["last-event-id"] = lastEventId;
        const url = new URL(path, client.origin);
        return new Promise((resolve, reject) => {
            stream.request = http.get(
                { host: url.hostname, port: url.port, path: url.pathname + url.search, headers, agent: false },
                (response) => {
                    stream.status = response.statusCode;
                    stream.headers = response.headers;
                    response.setEncoding("utf8");
                    response.on("data", (text) => stream.#take(text));
                    response.on("close", () => (stream.ended = true));
                    response.on("error", () => {});
                    const answer = { status: stream.status, headers: response.headers };
                    const judged = (text) => {
                        judge("GET", path, { ...answer, bytes: Buffer.from(text) });
                        resolve(stream);
                    };
                    if (stream.status === 200) judged("event stream");
                    else response.on("end", () => judged(stream.buffer));
                },
            );
            stream.request.on("error", (error) => (stream.status ? null : reject(error)));
        });
    }

    buffer = "";
    events = [];
    comments = 0;
    faults = [];

    #take(text) {
        this.buffer += text;
        if (this.status !== 200) return;
        const blocks = this.buffer.split("\n\n");
        this.buffer = blocks.pop();
        for (const event of blocks.map(parse)) {
            this.comments += event.comments.length;
            if (event.retry) this.retry = event.retry;
            if (!event.data) continue;
            this.events.push(event);
            if (event.event === "resync") continue;
            this.faults.push(...contract.faults(EVENT, JSON.parse(event.data), `event ${event.id}`));
            if (!/^\d{1,20}([._-]\d{1,20})?$/.test(event.id ?? "")) this.faults.push(`id "${event.id}"`);
            if (JSON.parse(event.data).type !== event.event)
                this.faults.push(`${event.event} is called otherwise in its data`);
        }
    }

    get things() {
        return this.events.map((e) => ({ ...JSON.parse(e.data), event: e.id }));
    }

    await(what, ms, test) {
        return until(what, ms, () => this.things.find(test));
    }

    close() {
        this.request.destroy();
    }
}
