// Settings: offers the browser's time zone when another one is chosen.
const select = document.querySelector("[data-suggest-zone]");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const hint = document.getElementById("time_zone-hint");
const option = [...select.options].find(({ value }) => value === zone);

if (option && select.value !== zone) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link zone-offer";
    button.textContent = select.dataset.suggestZone.replace("{zone}", option.textContent);
    button.addEventListener("click", () => {
        select.value = zone;
        select.focus();
        button.replaceWith(hint);
    });
    hint.replaceWith(button);
}
