// The page follows what happens: events say that something has changed, then the page's own address is read again and
// its [data-live] regions are merged. One tab listens for all of them: browsers allow six connections to a place.
import { merge } from "./merge.js";
import { announce, changed, sessionEnded, word } from "./words.js";

const SETTLE_MS = 300;
const POLL_MS = 5000;
const WAITS_MS = 10000;
const RETRY_MS = 15000;
const READ_MS = 20000;
const STREAM = "/api/v1/events";
const CLOSED = "aisha.closed"; // when this tab's last streams were closed
const LATELY_MS = 1000;
const MANY = 3;
const ADDRESS_MS = 60000;

const channel = new BroadcastChannel("aisha-live");
let stream = null;
let heard = false; // somebody's stream is open
let missed = false; // for a while nobody's was
let ended = false;
let stale = false; // changed while nobody looked
let settling = 0;
let reading = null;
let renewed = 0; // when pictures' addresses were asked for anew

const regions = (page) => [...page.querySelectorAll("[data-live]")];
const runs = () => document.querySelector("[data-live] [data-progress]");
const waits = () => document.querySelector("[data-live] [data-waits]");
const pictures = () =>
    new Set([...document.querySelectorAll("[data-live]:not([data-quiet]) img")].map(({ src }) => src.split("?")[0]));

function end() {
    ended = true;
    leave();
    sessionEnded();
}

function show(page) {
    const before = pictures();
    for (const old of regions(document)) {
        const fresh = regions(page).find((region) => region.dataset.live === old.dataset.live);
        if (fresh) merge(old, fresh);
    }
    document.title = page.title;
    changed();
    const arrived = [...pictures()].filter((id) => !before.has(id)).length;
    if (arrived) announce(word(arrived > 1 ? "arrivedMany" : "arrived"));
}

// A page read by XMLHttpRequest is a document at once: nothing has to be parsed from text, which the policy forbids.
function read() {
    if (ended || reading) return;
    if (document.hidden) {
        stale = true;
        return;
    }
    stale = false;
    const request = (reading = new XMLHttpRequest());
    request.open("GET", location.href);
    request.responseType = "document";
    request.timeout = READ_MS;
    request.setRequestHeader("accept", "text/html");
    request.onloadend = () => {
        reading = null;
        if (request.responseURL && new URL(request.responseURL).pathname === "/login") end();
        else if (request.status === 200 && request.response) show(request.response);
        else if (!request.status || request.status >= 500) setTimeout(settle, POLL_MS);
        if (stale) settle();
    };
    request.send();
}

function settle() {
    stale = true;
    clearTimeout(settling);
    settling = setTimeout(read, SETTLE_MS);
}

function pass(event) {
    channel.postMessage(event.type);
    settle();
}

// The answer to a form has the form's address, which only takes what is sent: the page is asked for at its own.
function move() {
    const own = document.querySelector("[data-address]")?.dataset.address;
    if (own && own !== location.pathname) history.replaceState(history.state, "", own);
}

// From now on news come. What happened since the page was made, or while nobody listened, is told by nobody.
function hear() {
    if (!heard && (missed || runs())) settle();
    heard = true;
    missed = false;
}

function lose() {
    heard = false;
    missed = true;
}

const closedLately = () =>
    JSON.parse(sessionStorage.getItem(CLOSED) ?? "[]").filter((at) => Date.now() - at < LATELY_MS);

function connect() {
    if (stream || ended || (navigator.locks && !waiting)) return;
    // Somebody turns pages fast. The server takes a moment to see that one is gone, and allows few streams.
    if (closedLately().length >= MANY) {
        setTimeout(connect, LATELY_MS);
        return;
    }
    stream = new EventSource(STREAM);
    stream.onopen = () => {
        channel.postMessage("here");
        hear();
    };
    for (const kind of ["generation", "image", "avatar", "resync"]) stream.addEventListener(kind, pass);
    stream.onerror = () => {
        channel.postMessage("gone");
        lose();
        if (stream?.readyState !== EventSource.CLOSED) return; // it tries again by itself
        leave();
        settle(); // tells whether the session is over
        setTimeout(join, RETRY_MS * (1 + Math.random()));
    };
}

let release = null;
let waiting = null;

// Whoever holds the lock has the stream; when it goes, the next tab gets the lock.
function join() {
    if (ended || waiting) return;
    if (!navigator.locks) {
        if (!document.hidden) connect();
        return;
    }
    waiting = new AbortController();
    navigator.locks
        .request("aisha-live", { signal: waiting.signal }, () => {
            connect();
            return new Promise((resolve) => (release = resolve));
        })
        .catch(() => {});
}

function leave() {
    if (stream) {
        channel.postMessage("gone");
        sessionStorage.setItem(CLOSED, JSON.stringify([...closedLately(), Date.now()]));
        stream.close();
    }
    stream = null;
    lose();
    waiting?.abort();
    waiting = null;
    release?.();
    release = null;
}

// Tabs ask at their start whether somebody listens for them.
channel.onmessage = ({ data }) => {
    if (data === "ask") {
        if (stream && heard) channel.postMessage("here");
        return;
    }
    if (data === "gone") {
        if (!stream) lose();
        return;
    }
    hear();
    if (data !== "here") settle();
};
document.addEventListener("visibilitychange", () => {
    if (!navigator.locks) document.hidden ? leave() : join();
    if (!document.hidden && stale) settle();
});
// A page that is kept for the way back may not hold a connection or a lock.
addEventListener("pagehide", leave);
addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    join();
    settle();
});
addEventListener("online", settle);
document.addEventListener("aisha:stale", settle); // another module has changed what the page shows
// A picture's address ends within a day or so; in a tab that was open for longer, one that is scrolled to needs another.
document.addEventListener(
    "error",
    ({ target }) => {
        if (target.nodeName !== "IMG" || !target.closest("[data-live]") || Date.now() - renewed < ADDRESS_MS) return;
        renewed = Date.now();
        settle();
    },
    true,
);
// Without a stream of its own or news from another tab's one, what runs is asked for.
setInterval(() => {
    if (!heard && !document.hidden && runs()) settle();
}, POLL_MS);
// The place in a queue changes by what others do, which no news tells.
setInterval(() => {
    if (!document.hidden && waits()) settle();
}, WAITS_MS);
move();
channel.postMessage("ask");
join();
