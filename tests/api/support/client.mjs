// An HTTP client that judges every answer by the contract, and remembers what was covered.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Contract } from "./contract.mjs";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const contract = new Contract(path.join(ROOT, "openapi.yaml"));

if (process.env.API_COVERAGE)
    process.on("exit", () => {
        const file = path.join(process.env.API_COVERAGE, `${process.pid}.json`);
        fs.writeFileSync(file, JSON.stringify([...contract.seen]));
    });

const JSON_TYPE = "application/json";

function prepare(options) {
    const headers = { ...options.headers };
    let body = options.body;
    if (options.json !== undefined) body = JSON.stringify(options.json);
    if (body !== undefined && options.type !== null) headers["content-type"] ??= options.type ?? JSON_TYPE;
    if (body !== undefined) headers["content-length"] ??= Buffer.byteLength(body);
    return { headers, body };
}

function gather(response, resolve, reject) {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => resolve(Buffer.concat(chunks)));
}

export class Client {
    constructor(origin, headers = {}) {
        this.origin = origin;
        this.headers = headers;
        this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    }

    // The same server as somebody else, or with further headers.
    as(headers) {
        return Object.assign(new Client(this.origin, headers), { agent: this.agent });
    }

    with(headers) {
        return this.as({ ...this.headers, ...headers });
    }

    // The answer as it came, not judged. options: json | body, type, headers, timeout.
    raw(method, target, options = {}) {
        const { headers, body } = prepare({ ...options, headers: { ...this.headers, ...options.headers } });
        const url = new URL(target.startsWith("/") ? this.origin + target : target);
        return new Promise((resolve, reject) => {
            const request = http.request(
                {
                    host: url.hostname,
                    port: url.port,
                    path: url.pathname + url.search,
                    method,
                    headers,
                    agent: this.agent,
                },
                (response) =>
                    gather(
                        response,
                        (bytes) =>
                            resolve({
                                status: response.statusCode,
                                headers: flat(response),
                                bytes,
                                sent: { headers, body },
                            }),
                        reject,
                    ),
            );
            request.setTimeout(options.timeout ?? 20000, () =>
                request.destroy(new Error(`${method} ${target}: no answer`)),
            );
            request.on("error", reject);
            request.end(body);
        });
    }

    async send(method, target, options = {}) {
        const answer = await this.raw(method, target, options);
        judge(method, target, answer);
        answer.text = isText(answer.headers) ? answer.bytes.toString("utf8") : "";
        if (/[/+]json/.test(answer.headers["content-type"] ?? "") && answer.text) answer.json = JSON.parse(answer.text);
        return answer;
    }

    // The answer when the status is the expected one; a failure that shows the answer otherwise.
    async expect(status, method, target, options) {
        const answer = await this.send(method, target, options);
        assert.equal(answer.status, status, `${method} ${target}: ${answer.status} ${answer.text.slice(0, 600)}`);
        return answer;
    }

    get = (target, options) => this.expect(options?.status ?? 200, "GET", target, options);
    post = (target, json, options) => this.expect(options?.status ?? 200, "POST", target, { json, ...options });
    patch = (target, json, options) => this.expect(options?.status ?? 200, "PATCH", target, { json, ...options });
    delete = (target, options) => this.expect(options?.status ?? 204, "DELETE", target, options);

    close() {
        this.agent.destroy(); // closes what is open; the agent goes on working
    }
}

const isText = (headers) => /^text\/|json|yaml|javascript/.test(headers["content-type"] ?? "");

// Several lines of one name (Set-Cookie) become one, as the contract speaks of one.
function flat(response) {
    return Object.fromEntries(
        Object.entries(response.headers).map(([k, v]) => [k, Array.isArray(v) ? v.join("\n") : v]),
    );
}

export function judge(method, target, { status, headers, bytes, sent }) {
    const body = isText(headers) ? bytes.toString("utf8") : bytes.toString("latin1");
    const faults = contract.check({
        method,
        path: new URL(target.startsWith("/") ? `http://x${target}` : target).pathname,
        requestBody: typeof sent?.body === "string" ? sent.body : undefined,
        requestType: sent?.headers["content-type"],
        status,
        headers,
        body,
    });
    assert.deepEqual(
        faults,
        [],
        `${method} ${target} → ${status} breaks the contract:\n  ${faults.join("\n  ")}\n${body.slice(0, 800)}`,
    );
}
