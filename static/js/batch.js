// The page for several descriptions counts them while they are typed, as the server will (server/web/batch_form.c); the
// price follows by create.js.
import { announce } from "./words.js";

const form = document.querySelector("form[data-batch]");
const area = form.elements.namedItem("prompts");
const place = form.querySelector("[data-descriptions]");
const most = Number(place.dataset.max);
let was = "";

function count() {
    const byParagraph = form.elements.namedItem("split").value === "paragraph";
    return area.value.split(byParagraph ? /\n[^\S\n]*\n/ : "\n").filter((part) => part.trim()).length;
}

function tell() {
    const many = count();
    const state = many > most ? "over" : "";
    form.dataset.times = many;
    place.textContent = place.textContent.replace(/\d+/, many);
    if (state && state !== was) announce(place.dataset.over);
    place.dataset.state = was = state;
}

function look() {
    const before = form.dataset.times;
    tell();
    if (form.dataset.times !== before) form.dispatchEvent(new Event("change"));
}

area.addEventListener("input", look);
for (const input of form.querySelectorAll("input[name='split']")) input.addEventListener("change", look);
addEventListener("pageshow", look); // the browser may have put back what was typed
look();
