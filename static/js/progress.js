// Between two answers of the server a progress goes on by the usual time, and never gets to the end by itself.
import { onChanged, word } from "./words.js";

const MINUTE = 60;
const STEP = 5;
const began = new WeakMap(); // progress → {stamp of the server's figures, when they came}
let answers = 0;

// The server's way to count (server/generations/generation.c): ten percent before the work, eighty for it.
function percent(status, ran, usual, value) {
    if (status !== "running") return value;
    const share = ran / usual;
    return share < 1 ? 10 + 80 * share : 94 - 4 / (share * share);
}

// What waits for its turn takes at least as long as all others from there.
function left({ status, seconds, usual }, passed) {
    const rest = Math.max(1, status === "pending" ? +usual : 1, seconds - passed);
    const [unit, count] =
        rest > 1.5 * MINUTE ? ["minute", Math.ceil(rest / MINUTE)] : ["second", Math.ceil(rest / STEP) * STEP];
    // Fives of seconds have the right case in Russian ("около 20 секунд"); minutes have it only when shortened.
    const unitDisplay = unit === "second" ? "long" : "short";
    const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay });
    return word("left", { time: format.format(count) });
}

function move(bar, now) {
    const { status, usual, ran, seconds } = bar.dataset;
    const stamp = status === "running" ? ran : `${status} ${answers}`;
    if (began.get(bar)?.stamp !== stamp) began.set(bar, { stamp, at: now });
    const passed = (now - began.get(bar).at) / 1000;
    const value = percent(status, +ran + passed, Math.max(1, +usual), +bar.getAttribute("value"));
    if (Math.abs(value - bar.value) > 0.2) bar.value = value;
    const text = bar.parentElement.querySelector("[data-left]");
    if (!text || seconds === undefined) return; // nobody knows
    const late = status === "running" && +ran + passed > Math.max(1, +usual);
    const said = late ? text.dataset.late : left(bar.dataset, passed);
    if (text.textContent !== said) text.textContent = said;
}

let timer = 0;
onChanged(() => {
    answers++;
    const bars = [...document.querySelectorAll("progress[data-progress]")];
    clearInterval(timer);
    if (!bars.length) return;
    const tick = () => document.hidden || bars.forEach((bar) => move(bar, performance.now()));
    tick();
    timer = setInterval(tick, matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 250);
});
