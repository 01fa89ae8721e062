// Photos are sent as soon as they are chosen or dropped: two at a time, each by itself, so that one that fails takes no
// other with it. Where the storage takes them directly they go there, and the server is told.
import { Item } from "./upload_item.js";
import { announce, onChanged, sessionEnded } from "./words.js";

const AT_ONCE = 2;
const KINDS = /^image\/(jpeg|png|webp)$/;
const ENDINGS = /\.(jpe?g|png|webp)$/i;
const HEIC = /^image\/hei[cf]|\.hei[cf]$/i;
const MIB = 1024 * 1024;

const waiting = [];
const sending = new Set();
const taken = new Set(); // of those that are being sent, until all are through
const refused = new Set();

const form = () => document.querySelector("form[data-upload]"); // none: there is no room, or a training runs
const list = () => form()?.querySelector("[data-uploads]");
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
const words = {};
const say = (key, values = {}) => fill(words[key] ?? "", values);

// What is plain without asking anybody.
function faultOf(file, room) {
    if (HEIC.test(file.type) || HEIC.test(file.name)) return say("sayHeic");
    if (file.type ? !KINDS.test(file.type) : !ENDINGS.test(file.name)) return say("sayWrongType");
    const most = Number(form().dataset.maxBytes);
    if (file.size > most) return say("sayTooLarge", { max: most / MIB });
    return room > 0 ? null : say("sayTooMany");
}

function refuse(item, text, again = null) {
    item.show(text, { kind: "refused" });
    const dismiss = [say("sayDismiss"), () => item.remove() ?? tidy()];
    item.offer(...(again ? [[say("sayRetry"), again]] : []), dismiss);
    announce(`${item.file.name}: ${text}`);
}

function enqueue(item) {
    item.show(say("sayWaits"), { percent: 0 });
    item.offer([say("sayCancel"), () => cancel(item)]);
    waiting.push(item);
}

export function add(files) {
    if (!form()) return;
    let room = Number(form().dataset.room) - waiting.length - sending.size;
    for (const file of files) {
        const item = new Item(file);
        list().append(item.line);
        const fault = faultOf(file, room);
        if (fault) refuse(item, fault);
        else {
            enqueue(item);
            room--;
        }
    }
    tidy();
    pump();
}

function cancel(item) {
    const at = waiting.indexOf(item);
    if (at >= 0) waiting.splice(at, 1);
    item.request?.abort();
    sending.delete(item);
    item.remove();
    tidy();
    done();
}

function pump() {
    while (sending.size < AT_ONCE && waiting.length) {
        const item = waiting.shift();
        sending.add(item);
        send(item).then(
            (answer) => settle(item, answer),
            () => fail(item, say("sayFailed")),
        );
    }
}

// One request, whose way up is watched: {status, json}.
function ask(item, method, url, headers, body) {
    const request = (item.request = new XMLHttpRequest());
    return new Promise((resolve, reject) => {
        request.open(method, url);
        for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
        request.upload.onprogress = ({ loaded, total }) => body === item.file && item.move((100 * loaded) / total);
        request.upload.onload = () => body === item.file && item.show(say("sayChecking"), { percent: null });
        request.onload = () => resolve({ status: request.status, json: read(request.responseText) });
        request.onerror = request.ontimeout = reject;
        request.send(body);
    });
}

function read(text) {
    try {
        return JSON.parse(text);
    } catch {
        return {};
    }
}

const address = () => `/api/v1/avatars/${form().dataset.upload}/photos`;
const own = () => ({ "x-csrf-token": form().dataset.csrf, accept: "application/json" });
const asJson = (item, url, body) =>
    ask(item, "POST", url, { ...own(), "content-type": "application/json" }, JSON.stringify(body));

async function send(item) {
    const { file } = item;
    const type = file.type || "image/jpeg"; // some systems know no kind; the bytes decide, this only has to be a picture's
    const place = address();
    item.show(say("saySending"), { percent: 0 });
    item.offer([say("sayCancel"), () => cancel(item)]);
    if (form().dataset.direct !== undefined && file.size) {
        const description = { file_name: file.name, content_type: type, file_size: file.size };
        const offer = await asJson(item, `${place}/uploads`, description);
        if (offer.status === 201) {
            const put = await ask(item, offer.json.method, offer.json.url, offer.json.headers, file);
            if (put.status >= 300) throw new Error(`status ${put.status}`);
            return asJson(item, place, { upload_ids: [offer.json.upload_id] });
        }
        if (offer.status !== 409) return offer;
    }
    const query = new URLSearchParams({ file_name: [...file.name].slice(-200).join("") });
    return ask(item, "POST", `${place}?${query}`, { ...own(), "content-type": type }, file);
}

function settle(item, { status, json }) {
    if (status === 401) sessionEnded();
    const verdict = status === 200 && json.items?.[0];
    if (!verdict) {
        const text = [json.title, json.detail].filter(Boolean).join(". ");
        return fail(item, text || say("sayFailed"));
    }
    leave(item);
    if (verdict.status === "rejected") {
        refused.add(item);
        refuse(item, verdict.message);
    } else {
        taken.add(item);
        item.photo = verdict.id;
        item.line.dataset.photo = verdict.id;
        const warned = verdict.status === "warning";
        item.show(warned ? verdict.message : say("sayAccepted"), { kind: warned ? "warned" : "taken" });
        item.offer();
        document.dispatchEvent(new Event("aisha:stale"));
    }
    done();
}

function fail(item, text) {
    leave(item);
    refused.add(item);
    refuse(item, text, () => {
        refused.delete(item);
        enqueue(item);
        pump();
    });
    done();
}

function leave(item) {
    item.request = null;
    sending.delete(item);
}

function done() {
    pump();
    if (sending.size || waiting.length || !(taken.size || refused.size)) return;
    announce(say("sayDone", { taken: taken.size, refused: refused.size }));
    taken.clear();
    refused.clear();
}

// A photo that stands among the others needs no line of its own.
function tidy() {
    const lines = list();
    if (!lines) return;
    for (const line of [...lines.children])
        if (line.dataset.photo && document.getElementById(`p-${line.dataset.photo}`)) line.remove();
    lines.hidden = !lines.children.length;
}

onChanged(() => {
    const upload = form();
    if (!upload) return;
    Object.assign(words, upload.dataset);
    upload.querySelector("[data-upload-send]").hidden = true;
    upload.querySelector("[data-drop-hint]").hidden = false;
    tidy();
});

document.addEventListener("change", ({ target }) => {
    if (target.type !== "file" || target.form !== form()) return;
    add([...target.files]);
    target.value = "";
});

const carriesFiles = (event) => form() && event.dataTransfer?.types.includes("Files");
const over = (event) => form()?.querySelector("[data-drop]")?.classList.toggle("is-over", event.type === "dragover");

for (const type of ["dragover", "dragleave", "drop"])
    document.addEventListener(type, (event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault(); // a file that misses the place must not open instead of the page
        over(event);
        if (type === "drop") add([...event.dataTransfer.files]);
    });

addEventListener("beforeunload", (event) => {
    if (sending.size || waiting.length) event.preventDefault();
});
