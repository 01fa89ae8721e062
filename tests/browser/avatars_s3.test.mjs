// Where objects lie in S3 the browser sends photos there itself, and shows them from there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { until } from "../api/support/process.mjs";
import { S3 } from "../support/s3.mjs";
import { addDraft, file, tiny } from "./support/photos.mjs";
import { Web, visiting } from "./support/web.mjs";

let s3, web;

before(async () => {
    s3 = await S3.start();
    web = await Web.start({ env: s3.settings });
});
after(async () => {
    await web?.stop();
    await s3?.stop();
});

// The page of an avatar that waits for photos; what comes from the bucket is no fault.
const onDraft = (run) =>
    visiting(
        () => web,
        {},
        async (page, visitor) => {
            visitor.expect(/^layout shift/);
            visitor.expect(new RegExp(`^outside: ${s3.settings.S3_ENDPOINT}/`));
            const id = await addDraft(web.world, web.world.owner);
            const sent = [];
            page.on("request", (request) => ["PUT", "POST"].includes(request.method()) && sent.push(request));
            await visitor.open(`/avatars/${id}`);
            await run(page, sent);
        },
    );

test(
    "a photo goes to the bucket, not through the server, and its verdict comes back",
    onDraft(async (page, sent) => {
        await page.locator("input[type=file]").setInputFiles([file(1), tiny]);
        await page.locator("#photo-grid > .photo").waitFor({ timeout: 20000 });
        await page.locator(".upload-item.is-refused").getByText("512").waitFor({ timeout: 20000 });
        const puts = sent.filter((request) => request.method() === "PUT").map((request) => new URL(request.url()));
        assert.equal(puts.length, 2);
        for (const put of puts) assert.equal(put.origin, new URL(s3.settings.S3_ENDPOINT).origin);
        const own = sent.filter((request) => request.method() === "POST");
        assert.ok(own.every((request) => (request.postData() ?? "").length < 1000), "no picture to the server");
        const image = page.locator("#photo-grid img").first();
        assert.ok((await image.getAttribute("src")).startsWith(s3.settings.S3_ENDPOINT));
        await until("it is shown", 5000, () => image.evaluate((img) => img.complete && img.naturalWidth > 0));
    }),
);

test(
    "a photo whose kind the browser does not name is taken, too, and an empty file is told what it is",
    onDraft(async (page) => {
        const transfer = await page.evaluateHandle((bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "without a kind.JPG"));
            return data;
        }, [...file(2).buffer]);
        await page.dispatchEvent("[data-drop]", "drop", { dataTransfer: transfer });
        await page.locator("#photo-grid > .photo").waitFor({ timeout: 20000 });
        await page.locator("input[type=file]").setInputFiles([{ ...tiny, buffer: Buffer.alloc(0) }]);
        await page.locator(".upload-item.is-refused").getByText("Файл повреждён").waitFor({ timeout: 20000 });
    }),
);
