// Behind a picture that is still to come stands a blurred sketch of it, out of the few bytes in data-thumbhash. It
// takes the picture's place exactly, so nothing moves; a picture that was in the cache is simply there.
import { thumbhashPixels } from "./thumbhash.js";
import { onChanged } from "./words.js";

const SIDE = 32;

// As the page says it: on the screen it may be cropped.
const sideOf = (image, side) => Number(image.getAttribute(side)) || 1;

function sketch(hash, width, height) {
    const bytes = Uint8Array.from(atob(hash), (c) => c.charCodeAt(0));
    const scale = SIDE / Math.max(width, height);
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.className = "sketch";
    canvas.dataset.added = "";
    canvas.setAttribute("aria-hidden", "true");
    const pixels = thumbhashPixels(bytes, canvas.width, canvas.height);
    canvas.getContext("2d").putImageData(new ImageData(pixels, canvas.width, canvas.height), 0, 0);
    return canvas;
}

function prepare(element) {
    element.dataset.loaded = "";
    const image = element.matches("img")
        ? element
        : (element.querySelector("img") ?? element.parentElement.querySelector("img"));
    if (!image || (image.complete && image.naturalWidth)) return;
    const canvas = sketch(element.dataset.thumbhash, sideOf(image, "width"), sideOf(image, "height"));
    image.before(canvas);
    image.classList.add("is-coming");
    const arrived = () => {
        image.classList.remove("is-coming");
        setTimeout(() => canvas.remove(), 600);
    };
    image.addEventListener("load", arrived, { once: true });
    image.addEventListener("error", () => image.classList.remove("is-coming"), { once: true });
}

onChanged(() => document.querySelectorAll("[data-thumbhash]:not([data-loaded])").forEach(prepare));
