// Stands between a client and an S3 server and breaks requests to order. PUT /_faults with a list ("503 cut pass damage")
// says what happens to the next requests, one word each; all later ones pass. GET /_requests: how many came since then.
import http from "node:http";

const xml = (code) => `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>to order</Message></Error>`;

function answer(response, status, body, more = {}) {
    const headers = { "content-type": "application/xml", "content-length": Buffer.byteLength(body), ...more };
    response.writeHead(status, headers);
    response.end(body);
}

const FAULTS = {
    503: ({ response }) => answer(response, 503, xml("SlowDown")),
    later: ({ response }) => answer(response, 503, xml("SlowDown"), { "retry-after": 1 }),
    tomorrow: ({ response }) => answer(response, 503, xml("SlowDown"), { "retry-after": 86400 }),
    500: ({ response }) => answer(response, 500, xml("InternalError")),
    429: ({ response }) => answer(response, 429, ""),
    400: ({ response }) => answer(response, 400, xml("RequestTimeout")),
    501: ({ response }) => answer(response, 501, xml("NotImplemented")),
    507: ({ response }) => answer(response, 507, xml("InsufficientStorage")),
    error200: ({ response }) => answer(response, 200, xml("InternalError")),
    junk: ({ response }) => answer(response, 200, "<ListBucketResult><IsTruncated>true</IsTruncated>"),
    endless: ({ response }) => answer(response, 200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
    gone: async ({ response, forward }) => {
        await forward();
        answer(response, 404, xml("NoSuchUpload"));
    },
    cut: ({ response }) => response.destroy(),
    hang: () => {},
    lost: async ({ response, forward }) => {
        await forward();
        response.destroy();
    },
    half: async ({ response, forward }) => {
        const { status, headers, body } = await forward();
        response.writeHead(status, headers);
        response.write(body.subarray(0, body.length / 2));
        setTimeout(() => response.destroy(), 20);
    },
    damage: async ({ response, forward, body }) => {
        body[body.length - 1] ^= 1;
        const { status, headers, body: said } = await forward();
        response.writeHead(status, headers).end(said);
    },
    pass: async ({ response, forward }) => {
        const { status, headers, body } = await forward();
        response.writeHead(status, headers).end(body);
    },
};

async function whole(stream) {
    const pieces = [];
    for await (const piece of stream) pieces.push(piece);
    return Buffer.concat(pieces);
}

// The head goes on as it came: names and host are signed.
function forwardTo(target, agent, request, body) {
    return new Promise((resolve, reject) => {
        const { hostname, port } = new URL(target);
        const onward = { hostname, port, agent, method: request.method, path: request.url, headers: request.headers };
        http.request(onward, async (came) =>
            resolve({ status: came.statusCode, headers: came.headers, body: await whole(came) }),
        )
            .on("error", reject)
            .end(body);
    });
}

export async function startProxy(target) {
    const agent = new http.Agent({ keepAlive: true });
    let orders = [];
    let requests = 0;
    const server = http.createServer(async (request, response) => {
        const body = await whole(request).catch(() => null);
        if (!body) return;
        if (request.url === "/_faults") {
            orders = body.toString().split(" ").filter(Boolean);
            requests = 0;
            return response.end();
        }
        if (request.url === "/_requests") return response.end(String(requests));
        requests++;
        const fault = FAULTS[orders.shift() ?? "pass"];
        const forward = () => forwardTo(target, agent, request, body);
        await Promise.resolve(fault({ response, forward, body })).catch(() => response.destroy());
    });
    await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
    const stop = () => {
        agent.destroy();
        server.closeAllConnections();
        server.close();
    };
    return { url: `http://127.0.0.1:${server.address().port}`, stop };
}
