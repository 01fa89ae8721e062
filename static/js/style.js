// The page of a style answers while its form is filled in: the prompt and the price are those of the page with the same
// choices, read again behind the scenes.
const form = document.querySelector("form[data-style]");
const PARTS = ["prompt", "summary"];
let asked = null;

function address() {
    const fields = new URLSearchParams(new FormData(form));
    for (const name of ["csrf_token", "key"]) fields.delete(name);
    return `${new URL(form.action).pathname}?${fields}`;
}

function read(path) {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("GET", path);
        request.responseType = "document";
        request.timeout = 10000;
        request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject());
        request.onerror = request.ontimeout = reject;
        request.send();
    });
}

async function follow() {
    const path = (asked = address());
    const page = await read(path).catch(() => null);
    if (!page || path !== asked) return; // something else was chosen meanwhile
    for (const id of PARTS) {
        const here = document.getElementById(id);
        const there = page.getElementById(id);
        if (here && there) here.replaceChildren(...there.cloneNode(true).childNodes);
    }
    const words = page.getElementById("change-words");
    if (words) document.getElementById("change-words")?.setAttribute("href", words.getAttribute("href"));
}

form.addEventListener("change", follow);
addEventListener("pageshow", (event) => {
    if (event.persisted) follow(); // the browser may have put back what was chosen
});
