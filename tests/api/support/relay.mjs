// A relay between two programs of a test: it remembers what passes, and can hold or refuse it.
import http from "node:http";
import { once } from "node:events";

export class Relay {
    // refuse(record): a status, or {status, json}, to answer with instead of passing the request on.
    static async start(refuse = () => 0) {
        const relay = new Relay();
        relay.refuse = refuse;
        relay.records = [];
        relay.server = http.createServer((request, response) => relay.#take(request, response));
        relay.server.listen(0, "127.0.0.1");
        await once(relay.server, "listening");
        relay.url = `http://127.0.0.1:${relay.server.address().port}`;
        return relay;
    }

    #take(request, response) {
        const chunks = [];
        request.on("data", (chunk) => chunks.push(chunk));
        request.on("end", async () => {
            const record = {
                method: request.method,
                path: request.url,
                headers: request.headers,
                body: Buffer.concat(chunks),
            };
            this.records.push(record);
            const own = await this.refuse(record);
            if (own) {
                record.status = own.status ?? own;
                const body = own.json ? JSON.stringify(own.json) : "refused by the relay\n";
                response
                    .writeHead(record.status, { "content-type": own.json ? "application/json" : "text/plain" })
                    .end(body);
            } else {
                this.#pass(record, response);
            }
        });
    }

    #pass(record, response) {
        const { hostname, port } = new URL(this.target);
        const { method, path, headers, body } = record;
        const onward = http.request(
            { hostname, port, method, path, headers: { ...headers, host: `${hostname}:${port}` } },
            (answer) => {
                record.status = answer.statusCode;
                response.writeHead(answer.statusCode, answer.headers);
                answer.pipe(response);
            },
        );
        onward.on("error", () => response.destroy());
        onward.end(body);
    }

    stop() {
        this.server.closeAllConnections();
        return new Promise((resolve) => this.server.close(resolve));
    }
}
