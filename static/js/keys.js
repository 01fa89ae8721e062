// The page of a picture by keys: arrows to the neighbours, f favourite, Escape back to the gallery.
const go = (selector) => document.querySelector(selector)?.click();
const KEYS = {
    ArrowLeft: () => go("a[rel='prev']"),
    ArrowRight: () => go("a[rel='next']"),
    f: () => go("[data-favorite] button"),
    Escape: () => go("a[data-back]"),
};

addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat)
        return;
    if (event.target.closest("input, textarea, select, dialog, details[open], [contenteditable]")) return;
    const key = event.code === "KeyF" ? "f" : event.key; // the same key on a Russian keyboard
    if (!Object.hasOwn(KEYS, key)) return;
    event.preventDefault();
    KEYS[key]();
});
