// What the modules say to people: the texts are in the page, in its language (templates/part/words.mustache).
export function word(name, values = {}) {
    const text = document.getElementById("words")?.dataset[name] ?? "";
    return text.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
}

// For readers of screens; emptied first, so that the same text is read again.
export function announce(text) {
    const place = document.getElementById("announce");
    if (!place) return;
    place.textContent = "";
    setTimeout(() => (place.textContent = text), 50);
}

// A notice on top of the page, one at a time; link: [href, text].
export function notice(text, link) {
    document.getElementById("notice")?.remove();
    const box = document.createElement("div");
    box.id = "notice";
    box.className = "notice notice-warn notice-floating";
    box.setAttribute("role", "alert");
    box.append(Object.assign(document.createElement("p"), { textContent: text }));
    if (link)
        box.append(
            Object.assign(document.createElement("a"), { className: "button", href: link[0], textContent: link[1] }),
        );
    document.getElementById("main")?.append(box);
    if (!link) setTimeout(() => box.remove(), 8000);
}

export const sessionEnded = () =>
    notice(word("ended"), [`/login?next=${encodeURIComponent(location.pathname)}`, word("signIn")]);

// Modules look again at what came into the page by itself.
export const onChanged = (look) => {
    look();
    document.addEventListener("aisha:changed", look);
};
export const changed = () => document.dispatchEvent(new Event("aisha:changed"));
