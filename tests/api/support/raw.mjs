// Bytes on a socket, for what no HTTP client would send.
import net from "node:net";
import { sleep } from "./process.mjs";

export class Socket {
    static open(origin) {
        const { hostname, port } = new URL(origin);
        const socket = new Socket();
        socket.tcp = net.connect(Number(port), hostname);
        socket.tcp.on("data", (chunk) => {
            socket.received = Buffer.concat([socket.received, chunk]);
        });
        socket.tcp.on("close", () => (socket.closed = true));
        socket.tcp.on("error", (error) => (socket.error = error));
        return new Promise((resolve, reject) => {
            socket.tcp.once("connect", () => resolve(socket));
            socket.tcp.once("error", reject);
        });
    }

    received = Buffer.alloc(0);
    closed = false;

    write(bytes) {
        return new Promise((resolve) => (this.closed ? resolve() : this.tcp.write(bytes, () => resolve())));
    }

    // Waits until the other side closes, or ms have passed; what has come.
    async rest(ms) {
        const end = Date.now() + ms;
        while (!this.closed && Date.now() < end) await sleep(20);
        return this.received.toString("latin1");
    }

    destroy() {
        this.tcp.destroy();
    }
}

// The answers in what was received, by their Content-Length.
export function answers(text) {
    const found = [];
    let rest = text;
    while (/^HTTP\/1\.1 \d/.test(rest)) {
        const end = rest.indexOf("\r\n\r\n");
        if (end < 0) break;
        const head = rest.slice(0, end);
        const headers = Object.fromEntries(
            head
                .split("\r\n")
                .slice(1)
                .map((line) => [
                    line.slice(0, line.indexOf(":")).toLowerCase(),
                    line.slice(line.indexOf(":") + 1).trim(),
                ]),
        );
        const length = Number(headers["content-length"] ?? 0);
        found.push({ status: Number(head.slice(9, 12)), headers, body: rest.slice(end + 4, end + 4 + length) });
        rest = rest.slice(end + 4 + length);
    }
    return found;
}

// Sends bytes on a connection of their own; the answers, and whether the connection was closed within ms.
export async function exchange(origin, bytes, ms = 3000) {
    const socket = await Socket.open(origin);
    await socket.write(bytes);
    const text = await socket.rest(ms);
    socket.destroy();
    return { answers: answers(text), closed: socket.closed, text };
}
