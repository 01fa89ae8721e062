// Buttons that copy: data-copy is the id of what to copy. They are hidden without scripts.
import { announce, onChanged, word } from "./words.js";

async function copy(button) {
    const from = document.getElementById(button.dataset.copy);
    const label = button.querySelector("[data-label]") ?? button;
    try {
        await navigator.clipboard.writeText(from.value ?? from.textContent);
    } catch {
        getSelection().selectAllChildren(from);
        announce(word("copyFailed"));
        return;
    }
    button.dataset.said ??= label.textContent;
    label.textContent = word("copied");
    announce(word("copied"));
    setTimeout(() => (label.textContent = button.dataset.said), 2000);
}

onChanged(() => document.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false)));
document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
});
