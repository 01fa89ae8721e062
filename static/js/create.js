// The create form answers while it is filled in: what the chosen avatar cannot do is switched off with its reason, time
// and price are said before sending, examples fill the description.
const form = document.querySelector("form[data-create]");
const summary = form.querySelector("[data-summary]");
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

function tell(avatar, preset) {
    summary.hidden = !avatar || !preset;
    if (summary.hidden) return;
    const ultra = preset.dataset.ultra !== undefined;
    const each = Number(ultra ? avatar.dataset.ultraCredits : avatar.dataset.credits);
    const credits = Math.round(each * Number(checked("num_images")?.value ?? 1) * 100) / 100;
    const { min, max } = preset.dataset;
    summary.textContent = fill(summary.dataset.text, {
        min,
        max,
        credits: new Intl.NumberFormat(document.documentElement.lang).format(credits),
    });
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
