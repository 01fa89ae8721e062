// A PostgreSQL that lives in a temporary directory and listens on a unix socket there only.
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { Process, temporary, until } from "./process.mjs";

// Commits are written before they are told, as they must survive a kill of PostgreSQL; of the machine they need not.
const SETTINGS = ["listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=200"];

const SQL_MS = 120000; // a statement that takes longer has hung

function programs() {
    const base = "/usr/lib/postgresql";
    const major = Math.max(...fs.readdirSync(base).map(Number).filter(Number.isInteger));
    return path.join(base, String(major), "bin");
}

// PostgreSQL refuses to run as root: its own account does it then.
function account() {
    if (process.getuid() !== 0) return {};
    const id = (flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
    return { uid: id("-u"), gid: id("-g") };
}

export class Postgres {
    static async make() {
        const postgres = new Postgres();
        postgres.bin = programs();
        postgres.account = account();
        postgres.home = temporary("aisha-api-pg-");
        if (postgres.account.uid) fs.chownSync(postgres.home, postgres.account.uid, postgres.account.gid);
        const options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        await promisify(execFile)(
            path.join(postgres.bin, "initdb"),
            ["-D", path.join(postgres.home, "data"), "--no-instructions", ...options],
            { ...postgres.account, cwd: postgres.home },
        );
        await postgres.start();
        await postgres.sql("CREATE ROLE aisha LOGIN CREATEDB");
        return postgres;
    }

    async start() {
        const args = ["-D", path.join(this.home, "data"), "-k", this.home, ...SETTINGS.flatMap((s) => ["-c", s])];
        const options = { ...this.account, cwd: this.home };
        this.process = new Process("PostgreSQL", path.join(this.bin, "postgres"), args, options);
        await until("PostgreSQL answers", 20000, () => this.sql("SELECT 1").catch(() => null), 25);
    }

    // As a crash would: every connection breaks, nothing is said.
    async kill() {
        await this.process.stop("SIGQUIT", 5000);
    }

    url(database) {
        return `postgresql:///${database}?host=${this.home}&user=aisha`;
    }

    async database(name) {
        await this.sql(`CREATE DATABASE ${name} OWNER aisha`);
        return this.url(name);
    }

    // Rows as arrays of texts.
    async sql(statement, database = "postgres") {
        const args = ["-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"];
        const where = ["-h", this.home, "-U", "postgres", "-d", database, "-c", statement];
        const limit = { timeout: SQL_MS, killSignal: "SIGKILL" };
        const { stdout } = await promisify(execFile)(path.join(this.bin, "psql"), [...args, ...where], limit);
        return stdout
            .split("\n")
            .filter((line) => line)
            .map((line) => line.split("\t"));
    }

    async stop() {
        await this.process.stop("SIGQUIT", 5000);
        fs.rmSync(this.home, { recursive: true, force: true });
    }

    // For a process of its own that only knows where the cluster is.
    static at(home) {
        return Object.assign(new Postgres(), { bin: programs(), home, process: null });
    }
}
