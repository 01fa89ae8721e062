// Webhooks as fal.ai signs them, with any key.
import { createHash, createPublicKey, generateKeyPairSync, sign } from "node:crypto";

export const ourKey = generateKeyPairSync("ed25519").privateKey; // a genuine signature, but by nobody that is trusted

// The four headers for these bytes.
export function signature(
    body,
    { requestId, userId = "user_test", timestamp = Math.floor(Date.now() / 1000), key = ourKey },
) {
    const hash = createHash("sha256").update(body).digest("hex");
    const message = Buffer.from([requestId, userId, timestamp, hash].join("\n"));
    return {
        "x-fal-webhook-request-id": requestId,
        "x-fal-webhook-user-id": userId,
        "x-fal-webhook-timestamp": String(timestamp),
        "x-fal-webhook-signature": sign(null, message, key).toString("hex"),
    };
}

export const okBody = (requestId) =>
    JSON.stringify({
        error: null,
        gateway_request_id: requestId,
        payload: { images: [] },
        request_id: requestId,
        status: "OK",
    });

export const trusted = generateKeyPairSync("ed25519").privateKey; // of those that trustedKeys publishes

// A relay's answer: the simulator's key set with `trusted` added, so that what is signed with it is genuine.
export const trustedKeys = (world) => async (record) => {
    if (!record.path.startsWith("/.well-known/jwks.json")) return 0;
    const set = await (await fetch(`${world().falsimUrl}/.well-known/jwks.json`)).json();
    const { x } = createPublicKey(trusted).export({ format: "jwk" });
    return { status: 200, json: { keys: [...set.keys, { kty: "OKP", crv: "Ed25519", x }] } };
};
