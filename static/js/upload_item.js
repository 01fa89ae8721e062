// One photo on its way: its line in the list, with a preview, a bar, and what became of it.

const SIDE = 104; // of the preview, in its own pixels
let previews = Promise.resolve(); // one at a time: decoding a photo takes memory

const part = (name, className, more = {}) => Object.assign(document.createElement(name), { className, ...more });

// Drawn on a canvas: a picture with an address of its own would need another policy.
async function draw(canvas, file) {
    const bitmap = await createImageBitmap(file).catch(() => null);
    if (!bitmap) return;
    const side = Math.min(bitmap.width, bitmap.height);
    const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    canvas.getContext("2d").drawImage(bitmap, x, y, side, side, 0, 0, SIDE, SIDE);
    bitmap.close();
}

export class Item {
    constructor(file) {
        this.file = file;
        this.line = part("li", "upload-item");
        this.line.dataset.added = ""; // news leave it alone
        const canvas = part("canvas", "upload-preview", { width: SIDE, height: SIDE });
        canvas.setAttribute("aria-hidden", "true");
        this.name = part("bdi", "upload-name", { textContent: file.name });
        this.state = part("span", "upload-state");
        this.tools = part("span", "upload-tools");
        this.line.append(canvas, this.name, this.tools, this.state);
        previews = previews.then(() => draw(canvas, file));
    }

    // kind: "", "taken", "warned", "refused"; percent: undefined (no bar), null (nobody knows) or 0 to 100.
    show(text, { kind = "", percent } = {}) {
        this.line.className = `upload-item${kind && ` is-${kind}`}`;
        const words = part("span", "", { textContent: text });
        this.state.replaceChildren(words);
        this.bar = null;
        if (percent === undefined) return;
        this.bar = part("progress", "progress", { max: 100 });
        this.bar.setAttribute("aria-label", `${this.file.name}: ${text}`);
        if (percent !== null) this.bar.value = percent;
        this.state.append(this.bar);
    }

    move(percent) {
        if (this.bar) this.bar.value = percent;
    }

    // [[label, run], …]
    offer(...actions) {
        const focused = this.tools.contains(document.activeElement);
        this.tools.replaceChildren(
            ...actions.map(([label, run]) => {
                const button = part("button", "button button-small", { type: "button", textContent: label });
                button.setAttribute("aria-label", `${label}: ${this.file.name}`);
                button.addEventListener("click", run);
                return button;
            }),
        );
        if (focused) this.tools.firstElementChild?.focus();
    }

    remove() {
        const next = this.line.nextElementSibling ?? this.line.previousElementSibling;
        const focused = this.line.contains(document.activeElement);
        const form = this.line.closest("form");
        this.line.remove();
        if (focused) (next?.querySelector("button") ?? form?.elements.namedItem("photo"))?.focus();
    }
}
