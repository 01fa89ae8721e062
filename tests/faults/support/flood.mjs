// Sends forged webhooks at a steady rate, as a process of its own: {url, genuine: the path of a real submission, perSecond,
// seconds}. Nine of ten have an address that is nobody's, the others a real one and a signature that is not the provider's.
import net from "node:net";
import { okBody, signature } from "../../api/support/webhook.mjs";

const { url, genuine, perSecond, seconds } = JSON.parse(process.argv[2]);
const { hostname, port } = new URL(url);
const CONNECTIONS = 8;
const TICK_MS = 10;

function request(path) {
    const body = okBody("00000000-0000-4000-8000-000000000000");
    const signed = signature(body, { requestId: "00000000-0000-4000-8000-000000000000" });
    const headers = { host: "x", "content-type": "application/json", "content-length": body.length, ...signed };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    return `POST ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}

const nobody = request("/api/v1/webhooks/fal/1.AAAAAAAAAAAAAAAAAAAAAA");
const unsigned = request(genuine);
const answers = {};
let sent = 0;
let outstanding = 0;

function connect() {
    const socket = net.connect(Number(port), hostname);
    socket.setNoDelay(true);
    let rest = "";
    socket.on("data", (bytes) => {
        const text = rest + bytes.toString("latin1");
        for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
            answers[status] = (answers[status] ?? 0) + 1;
            outstanding--;
        }
        rest = text.slice(-12).replace(/HTTP\/1\.1 \d{3} /, "");
    });
    socket.on("error", (error) => {
        answers[error.code] = (answers[error.code] ?? 0) + 1;
    });
    return socket;
}

const sockets = Array.from({ length: CONNECTIONS }, connect);
const started = performance.now();
const timer = setInterval(() => {
    const passed = performance.now() - started;
    const due = Math.min(passed, seconds * 1000) * (perSecond / 1000) - sent;
    if (passed > seconds * 1000) {
        clearInterval(timer);
        setTimeout(finish, 1000);
    }
    const batches = sockets.map(() => []);
    for (let i = 0; i < due && outstanding < perSecond / 4; i++, sent++, outstanding++)
        batches[sent % CONNECTIONS].push(sent % 10 ? nobody : unsigned);
    batches.forEach((batch, i) => batch.length && sockets[i].write(batch.join("")));
}, TICK_MS);

function finish() {
    process.send({ sent, answers, seconds });
    process.exit(0);
}
