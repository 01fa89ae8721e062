// A slow connection: pages come in pieces, each a whole number of tags, with a pause after each.
import http from "node:http";
import { sleep } from "../../api/support/process.mjs";

const PIECE = 500;
const PAUSE_MS = 20;

async function drip(response, html) {
    for (let from = 0; from < html.length; ) {
        const end = html.indexOf(">", from + PIECE) + 1 || html.length;
        response.write(html.slice(from, end));
        from = end;
        await sleep(PAUSE_MS);
    }
    response.end();
}

// {url, stop}: a way to the server at that address which passes everything on, pages slowly.
export async function slowWay(url) {
    const { hostname, port } = new URL(url);
    const proxy = http.createServer((request, response) => {
        const headers = { ...request.headers, host: `${hostname}:${port}`, "accept-encoding": "identity" };
        const options = { hostname, port, path: request.url, method: request.method, headers };
        const onward = http.request(options, async (answer) => {
            response.writeHead(answer.statusCode, answer.headers);
            if (!/text\/html/.test(answer.headers["content-type"])) {
                answer.pipe(response);
                return;
            }
            const pieces = await answer.toArray().catch(() => []);
            await drip(response, Buffer.concat(pieces).toString("utf8"));
        });
        onward.on("error", () => response.destroy());
        response.on("close", () => onward.destroy());
        request.pipe(onward);
    });
    await new Promise((resolve) => proxy.listen(0, hostname, resolve));
    return {
        url: `http://${hostname}:${proxy.address().port}`,
        stop: () => {
            proxy.closeAllConnections();
            return new Promise((resolve) => proxy.close(resolve));
        },
    };
}
