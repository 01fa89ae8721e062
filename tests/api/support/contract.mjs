// Judges HTTP exchanges by openapi.yaml: OpenAPI 3.1, JSON Schema 2020-12 by Ajv. Also knows which pairs of operation and
// status have been seen, so that a run can tell what nobody tried.
import fs from "node:fs";
import addFormats from "ajv-formats";
import Ajv2020 from "ajv/dist/2020.js";
import YAML from "yaml";

const METHODS = ["get", "head", "post", "put", "patch", "delete"];
const PROBLEM = "application/problem+json";
const ROOT = "contract:document";

const isTimeZone = (name) => {
    try {
        new Intl.DateTimeFormat("en", { timeZone: name });
        return true;
    } catch {
        return false;
    }
};

function makeAjv(document) {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats(ajv);
    ajv.addFormat("uint64", (text) => /^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n);
    ajv.addFormat("time-zone", isTimeZone);
    ajv.addFormat("binary", true);
    ajv.addSchema({ $id: ROOT, components: document.components });
    return ajv;
}

// "#/components/…" in a schema that is compiled alone means the document's.
const absolute = (schema) =>
    JSON.parse(JSON.stringify(schema), (key, value) =>
        key === "$ref" && typeof value === "string" && value.startsWith("#/") ? ROOT + value : value,
    );

function pathPattern(template, parameters) {
    const slashes = new Set(parameters.filter((p) => p["x-slashes"]).map((p) => p.name));
    const source = template.replace(/\{([^}]+)\}|[.*+?^$()|[\]\\]/g, (match, name) =>
        name === undefined ? `\\${match}` : slashes.has(name) ? "(.+)" : "([^/]+)",
    );
    return new RegExp(`^${source}$`);
}

export class Contract {
    constructor(file) {
        this.document = YAML.parse(fs.readFileSync(file, "utf8"));
        this.ajv = makeAjv(this.document);
        this.validators = new Map();
        this.seen = new Set();
        this.routes = Object.entries(this.document.paths)
            .map(([template, item]) => this.#route(template, item))
            .sort((a, b) => a.template.split("{").length - b.template.split("{").length);
    }

    deref(node) {
        while (node?.$ref)
            node = node.$ref
                .slice(2)
                .split("/")
                .reduce((at, key) => at[key.replaceAll("~1", "/").replaceAll("~0", "~")], this.document);
        return node;
    }

    #route(template, item) {
        const shared = (item.parameters ?? []).map((p) => this.deref(p));
        const operations = new Map();
        for (const method of METHODS.filter((m) => item[m])) {
            const operation = item[method];
            const parameters = [...shared, ...(operation.parameters ?? []).map((p) => this.deref(p))];
            operations.set(method.toUpperCase(), { ...operation, method: method.toUpperCase(), template, parameters });
        }
        const all = [...operations.values()].flatMap((o) => o.parameters);
        return { template, operations, pattern: pathPattern(template, [...shared, ...all]) };
    }

    get operations() {
        return this.routes.flatMap((route) => [...route.operations.values()]);
    }

    // Every "operationId status" that the document promises.
    get pairs() {
        return this.operations.flatMap((o) => Object.keys(o.responses).map((status) => `${o.operationId} ${status}`));
    }

    validator(schema) {
        if (!this.validators.has(schema)) this.validators.set(schema, this.ajv.compile(absolute(schema)));
        return this.validators.get(schema);
    }

    // Faults in words; none when the value fits.
    faults(schema, value, where) {
        const validate = this.validator(schema);
        if (validate(value)) return [];
        return validate.errors.map((e) => `${where}${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
    }

    // The operation that answers, by the most particular path that has the method; and the methods of all that fit.
    find(method, path) {
        const fitting = this.routes.filter((r) => r.pattern.test(path.split("?")[0]));
        const by = (m) => fitting.find((r) => r.operations.has(m))?.operations.get(m);
        const methods = [...new Set(fitting.flatMap((r) => [...r.operations.keys()]))];
        return { operation: by(method) ?? (method === "HEAD" ? by("GET") : undefined), methods };
    }

    // What is wrong with this exchange. body is text (or undefined for bytes that are not to be judged).
    check({ method, path, requestBody, requestType, status, headers, body }) {
        const { operation, methods } = this.find(method, path);
        if (!operation) return this.#checkUnlisted(methods, status, headers, body, method);
        const response = this.deref(operation.responses[String(status)]);
        if (!response) return this.#checkGeneral(operation, status, headers, body, method);
        this.seen.add(`${operation.operationId} ${status}`);
        return [
            ...this.#checkHeaders(response, headers),
            ...this.#checkBody(response, status, headers, body, method),
            ...(status < 300 ? this.#checkRequest(operation, requestBody, requestType) : []),
        ];
    }

    #checkProblem(status, headers, body, method) {
        const response = { content: { [PROBLEM]: { schema: { $ref: "#/components/schemas/Problem" } } } };
        const id = headers["x-request-id"] ? [] : ["header X-Request-Id is missing"];
        return [...id, ...this.#checkBody(response, status, headers, body, method)];
    }

    // A path or method that the document does not have.
    #checkUnlisted(methods, status, headers, body, method) {
        const expected = methods.length ? [405, 400, 413, 431] : [404, 400, 413, 431];
        if (!expected.includes(status)) return [`${method} is not in the contract here but was answered ${status}`];
        const faults = this.#checkProblem(status, headers, body, method);
        if (status !== 405) return faults;
        const allowed = (headers.allow ?? "").split(/,\s*/).filter((m) => m);
        const missing = methods.filter((m) => !allowed.includes(m));
        const extra = allowed.filter((m) => m !== "HEAD" && m !== "OPTIONS" && !methods.includes(m));
        if (missing.length || extra.length) faults.push(`Allow is "${headers.allow}" for ${methods}`);
        return faults;
    }

    // What may answer any request: malformed HTTP and requests over the limits.
    #checkGeneral(operation, status, headers, body, method) {
        if ([400, 413, 431].includes(status)) return this.#checkProblem(status, headers, body, method);
        return [`undocumented status ${status}; documented are ${Object.keys(operation.responses)}`];
    }

    #checkHeaders(response, headers) {
        const faults = [];
        for (const [name, reference] of Object.entries(response.headers ?? {})) {
            const header = this.deref(reference);
            const text = headers[name.toLowerCase()];
            if (text === undefined) {
                if (header.required) faults.push(`header ${name} is missing`);
                continue;
            }
            const value = header.schema.type === "integer" && /^-?\d+$/.test(text) ? Number(text) : text;
            faults.push(...this.faults(header.schema, value, `header ${name} "${text}"`));
        }
        return faults;
    }

    #checkBody(response, status, headers, body, method) {
        const content = response.content ?? {};
        if (method === "HEAD" || status === 304 || status === 204)
            return body ? [`a body where there must be none (${method}, ${status})`] : [];
        if (!Object.keys(content).length)
            return body ? [`a body where the contract has none: ${body.slice(0, 80)}`] : [];
        const type = (headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
        const media = content[type] ?? content["*/*"];
        if (!media) return [`content type "${type}" is none of ${Object.keys(content)}`];
        if (!/[/+]json$/.test(type)) return body === "" ? ["the body is empty"] : [];
        return this.#checkJson(media.schema, type, status, headers, body);
    }

    #checkJson(schema, type, status, headers, body) {
        let value;
        try {
            value = JSON.parse(body);
        } catch (error) {
            return [`the body is not JSON: ${error.message}`];
        }
        const faults = this.faults(schema, value, "body");
        if (type === PROBLEM && value.status !== status)
            faults.push(`the problem says ${value.status}, the answer ${status}`);
        if (type === PROBLEM && value.request_id !== headers["x-request-id"])
            faults.push("request_id is not X-Request-Id");
        return faults;
    }

    // What the server took must be something that the contract allows to send.
    #checkRequest(operation, requestBody, requestType) {
        const content = operation.requestBody?.content;
        if (!content || typeof requestBody !== "string") return [];
        const type = (requestType ?? "").split(";")[0].trim().toLowerCase();
        const media = content[type] ?? content["application/json"];
        if (!media || !/json$/.test(type)) return [];
        return this.faults(media.schema, JSON.parse(requestBody), "the request was taken but").slice(0, 4);
    }
}
