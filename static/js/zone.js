// Settings: offers the browser's time zone when another one is chosen, in the place of the hint, so that nothing moves.
const select = document.querySelector("[data-suggest-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const option = [...select.options].find(({ value }) => value === zone);

function offer(hint) {
    const text = hint.textContent;
    const kept = Object.assign(document.createElement("span"), { textContent: text });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "link zone-offer" });
    button.textContent = select.dataset.suggestZone.replace("{zone}", option.textContent);
    button.addEventListener("click", () => {
        select.value = zone;
        select.focus();
        hint.textContent = text;
    });
    hint.classList.add("zone-hint");
    hint.replaceChildren(kept, button);
}

if (option && select.value !== zone) offer(document.getElementById("time_zone-hint"));
