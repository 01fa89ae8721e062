// The create form answers while it is filled in: what the chosen avatar cannot do is switched off with its reason, time
// and price are said before sending, examples fill the description.
import { announce } from "./words.js";

const form = document.querySelector("form[data-create]");
const summary = form.querySelector("[data-summary]"); // none: no avatar is ready
const shortage = form.querySelector("div[data-too-little]");
const size = form.elements.namedItem("size");
const presets = [...form.querySelectorAll("input[name='preset']")];
const checked = (name) => form.querySelector(`input[name='${name}']:checked`);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

let ordinary = null; // the last preset that every avatar can use

function judgePresets(avatar) {
    const able = Boolean(avatar?.dataset.ultraCredits);
    for (const preset of presets.filter((input) => input.dataset.ultra !== undefined)) {
        preset.disabled = !able;
        const why = preset.parentElement.querySelector(".choice-why");
        if (why) why.hidden = able;
        if (!able && preset.checked) (ordinary ?? presets.find((input) => !input.disabled)).checked = true;
    }
}

function judgeSizes(preset) {
    const ultra = preset?.dataset.ultra !== undefined;
    for (const group of size.querySelectorAll("optgroup[data-needs]"))
        group.disabled = ultra !== (group.dataset.needs === "ultra");
    const own = size.querySelector("[data-as-preset]");
    if (preset) own.textContent = fill(own.dataset.text, { size: preset.dataset.shape });
    if (size.selectedOptions[0]?.closest("optgroup")?.disabled) own.selected = true;
}

const number = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

// What is reserved, and of how much; or that it is too little, which the server would say as well.
function tell(avatar, preset) {
    if (!summary || !avatar || !preset) return;
    const each = Number(preset.dataset.ultra !== undefined ? avatar.dataset.ultraCredits : avatar.dataset.credits);
    const times = Number(form.dataset.times ?? 1); // of several descriptions
    const count = Number(checked("num_images")?.value ?? 1);
    const available = Number(summary.dataset.available);
    const short = each * count * times > available;
    const { min, max } = preset.dataset;
    const values = { min, max, credits: number(each * count * times), available: number(available) };
    summary.querySelector("[data-time]").textContent = short ? "" : fill(summary.dataset.timeText, values);
    const said = fill(short ? summary.dataset.tooLittle : summary.dataset.text, values);
    summary.querySelector("[data-say]").textContent = said;
    summary.classList.toggle("is-short", short);
    if (short && shortage.hidden) announce(said);
    shortage.hidden = !short;
    shortage.querySelector("[data-price]").textContent = values.credits;
    shortage.querySelector("[data-fewer]").hidden = count === 1 || each * times > available;
}

function judge() {
    const avatar = checked("avatar_id");
    judgePresets(avatar);
    const preset = checked("preset");
    if (preset && preset.dataset.ultra === undefined) ordinary = preset;
    judgeSizes(preset);
    tell(avatar, preset);
}

form.addEventListener("change", judge);
form.addEventListener("click", (event) => {
    const example = event.target.closest("a[data-example]");
    if (!example || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const prompt = form.elements.namedItem("prompt");
    prompt.value = example.textContent.trim();
    prompt.dispatchEvent(new Event("input", { bubbles: true }));
    prompt.focus();
});
addEventListener("pageshow", judge); // the browser may have put back what was chosen
judge();
