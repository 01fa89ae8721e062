// A redis-server of its own, on a free port of loopback, that keeps nothing on disk.
import { execFileSync } from "node:child_process";
import { freePort, Process } from "./process.mjs";

export class Redis {
    static async start(...args) {
        const redis = new Redis();
        redis.port = await freePort();
        await redis.start(...args);
        return redis;
    }

    async start(...args) {
        const usual = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        this.process = new Process("redis-server", "redis-server", [...usual, ...args], { cwd: "/" });
        await this.process.line(/Ready to accept connections/);
    }

    get url() {
        return `redis://127.0.0.1:${this.port}`;
    }

    command(...words) {
        return execFileSync("redis-cli", ["-p", String(this.port), ...words], { encoding: "utf8", timeout: 5000 });
    }

    keys(pattern = "*") {
        return this.command("--scan", "--pattern", pattern).split("\n").filter(Boolean).sort();
    }

    signal(name) {
        this.process.child.kill(name);
    }

    stop(signal) {
        return this.process.stop(signal);
    }
}
