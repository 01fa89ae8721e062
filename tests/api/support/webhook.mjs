// Webhooks as fal.ai signs them, with any key.
import { createHash, generateKeyPairSync, sign } from "node:crypto";

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
