// Presigned addresses of S3, made as the specification says and not by the program under test.
import { createHash, createHmac } from "node:crypto";

const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const encode = (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

// settings: S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY. path: "/bucket/key". from: a Date; ttl: seconds.
export function presign(settings, method, path, { from = new Date(), ttl = 600, query = {}, headers = {} } = {}) {
    const date = from.toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = `${date.slice(0, 8)}/${settings.S3_REGION}/s3/aws4_request`;
    const signed = { ...headers, host: new URL(settings.S3_ENDPOINT).host };
    const names = Object.keys(signed).sort();
    const all = {
        ...query,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": `${settings.S3_ACCESS_KEY}/${scope}`,
        "X-Amz-Date": date,
        "X-Amz-Expires": String(ttl),
        "X-Amz-SignedHeaders": names.join(";"),
    };
    const line = Object.entries(all)
        .map(([name, value]) => `${encode(name)}=${encode(value)}`)
        .sort()
        .join("&");
    const target = path.split("/").map(encode).join("/");
    const canonical = [
        method,
        target,
        line,
        ...names.map((name) => `${name}:${signed[name]}`),
        "",
        names.join(";"),
        "UNSIGNED-PAYLOAD",
    ].join("\n");
    const hash = createHash("sha256").update(canonical).digest("hex");
    const key = [date.slice(0, 8), settings.S3_REGION, "s3", "aws4_request"].reduce(hmac, `AWS4${settings.S3_SECRET_KEY}`);
    const signature = hmac(key, ["AWS4-HMAC-SHA256", date, scope, hash].join("\n")).toString("hex");
    return `${settings.S3_ENDPOINT}${target}?${line}&X-Amz-Signature=${signature}`;
}
