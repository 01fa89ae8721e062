// A throw-away S3 server for tests: scripts/with-s3 in the background, and what its command would find.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../scripts/with-s3", import.meta.url));
const SHOW = 'env | grep ^S3_ && echo ready && exec sleep infinity';
const START_MS = 60_000;

export class S3 {
    // The settings (S3_ENDPOINT, …) are in `settings`, ready for a process's environment.
    static async start() {
        const s3 = new S3();
        s3.settings = {};
        s3.said = "";
        const args = ["--pdeathsig", "TERM", "--", SCRIPT, "bash", "-c", SHOW]; // it ends with us, whatever ends us
        const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("S3_"))); // its own
        s3.child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "pipe"], env });
        s3.child.stderr.on("data", (bytes) => (s3.said = (s3.said + bytes).slice(-4000)));
        s3.ended = new Promise((resolve) => s3.child.on("close", resolve));
        const late = setTimeout(() => s3.child.kill("SIGTERM"), START_MS);
        for await (const line of createInterface({ input: s3.child.stdout })) {
            const [, name, value] = /^(S3_\w+)=(.*)$/.exec(line) ?? [];
            if (name) s3.settings[name] = value;
            if (line === "ready") break;
        }
        clearTimeout(late);
        if (!s3.settings.S3_PID) throw new Error(`no S3 server: ${s3.said}`);
        return s3;
    }

    // Connections are still taken, but nothing is answered, until resume().
    freeze() {
        process.kill(Number(this.settings.S3_PID), "SIGSTOP");
    }

    resume() {
        process.kill(Number(this.settings.S3_PID), "SIGCONT");
    }

    async stop() {
        this.child.kill("SIGTERM");
        await this.ended;
    }
}
