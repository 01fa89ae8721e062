// Forms, a little kinder: a favourite needs no new page, nothing is sent twice, and what was typed is kept.
import { announce, notice, onChanged, sessionEnded, word } from "./words.js";

const DRAFT = "aisha.draft.";
const SENT = "aisha.sent"; // the key of the form that was sent last
const ANSWERED = "aisha.answered"; // the same, once its answer has been seen
const NEAR = 0.9;
const GIVE_UP_MS = 20000;

const isFavorite = (form) => form.getAttribute("action")?.endsWith("/favorite");

// Shown at once, taken back when the server does not agree.
async function toggle(form) {
    const button = form.querySelector("button[aria-pressed]");
    const field = form.elements.namedItem("favorite");
    const on = button.getAttribute("aria-pressed") !== "true";
    const body = new URLSearchParams(new FormData(form));
    body.set("favorite", on); // Firefox may have put an older value back into the field when the page was reloaded
    const twins = [...document.querySelectorAll("form[data-favorite]")].filter((f) => f.action === form.action);
    const set = (on) => {
        button.setAttribute("aria-pressed", on);
        field.value = !on;
        for (const twin of twins) { // a style may stand in two rows
            twin.querySelector("button[aria-pressed]").setAttribute("aria-pressed", on);
            twin.elements.namedItem("favorite").value = !on;
        }
    };
    if (form.dataset.busy) return;
    form.dataset.busy = "";
    set(on);
    let tell = () => notice(word("failed"));
    try {
        // The answer is a redirect back to this page, which nobody has to read. Without a session it would be one to
        // the sign-in page: who accepts no pages is told instead.
        const headers = { accept: "application/problem+json" };
        const answer = await fetch(form.action, { method: "POST", body, headers, redirect: "manual" });
        if (answer.status === 401) tell = sessionEnded;
        if (!answer.ok && answer.type !== "opaqueredirect") throw new Error(`status ${answer.status}`);
    } catch {
        set(!on);
        tell();
    } finally {
        delete form.dataset.busy;
    }
}

// The first click sends; what its button says has been taken into the request by then.
function sendOnce(event) {
    const form = event.target;
    if (form.dataset.busy !== undefined) {
        event.preventDefault();
        return;
    }
    form.dataset.busy = "";
    const button = event.submitter;
    setTimeout(() => {
        if (event.defaultPrevented) delete form.dataset.busy;
        else button?.setAttribute("aria-busy", "true");
    });
    setTimeout(free, GIVE_UP_MS); // still here: it was not sent
}

function free() {
    for (const form of document.querySelectorAll("form[data-busy]")) delete form.dataset.busy;
    for (const button of document.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
}

document.addEventListener("submit", (event) => {
    const form = event.target;
    if (isFavorite(form)) {
        event.preventDefault();
        toggle(form);
        return;
    }
    sendOnce(event);
    const key = form.elements.namedItem("key");
    if (!event.defaultPrevented && key) sessionStorage.setItem(SENT, key.value);
});

// What a form asks for is made and paid for once, however often it is sent with the same key. A page that is left and
// come back to may be used anew: its form gets another key, but only when the first one's answer has been seen. Without
// an answer nobody knows whether the request arrived.
const keys = () => [...document.querySelectorAll("input[name='key']")];

function renewKeys() {
    const answered = sessionStorage.getItem(ANSWERED);
    for (const key of keys()) if (key.value === answered && crypto.randomUUID) key.value = crypto.randomUUID();
}

function noteAnswer() {
    const sent = sessionStorage.getItem(SENT);
    if (!sent || keys().some((key) => key.value === sent)) return;
    sessionStorage.setItem(ANSWERED, sent);
    sessionStorage.removeItem(SENT);
    const returned = [...document.querySelectorAll("[data-draft]")].some((area) => area.defaultValue);
    if (!returned) forgetDrafts(); // no form with faults
}

function tendKeys() {
    noteAnswer();
    renewKeys();
}

tendKeys();
addEventListener("pageshow", (event) => {
    if (event.persisted) free();
    tendKeys();
});

// A description is kept in this tab until it has been sent: leaving the page by mistake loses nothing.
function keepDraft(area) {
    const key = DRAFT + area.dataset.draft;
    const kept = sessionStorage.getItem(key);
    if (kept && !area.defaultValue && !area.value) {
        area.value = kept;
        area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
}

function forgetDrafts() {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(DRAFT)) sessionStorage.removeItem(key);
}

function grow(area) {
    if (CSS.supports("field-sizing", "content")) return;
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight + 2}px`;
}

// Counted as the server counts: code points, and a line's end is one.
function count(area) {
    const place = document.getElementById(area.dataset.counter);
    const most = Number(area.dataset.max ?? area.maxLength);
    const used = [...area.value].length;
    const state = used > most ? "over" : used >= NEAR * most ? "near" : "";
    place.textContent = place.textContent.replace(/\d+/, used);
    if (state && state !== place.dataset.state) announce(word("charsLeft", { count: most - used }));
    place.dataset.state = state;
}

onChanged(() => {
    for (const area of document.querySelectorAll("textarea:not([data-known])")) {
        area.dataset.known = "";
        const look = () => {
            grow(area);
            if (area.dataset.counter) count(area);
        };
        area.addEventListener("input", look);
        if (area.dataset.draft) keepDraft(area);
        look();
    }
});
document.querySelector("[data-focus]")?.focus();
