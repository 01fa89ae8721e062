// Everything works without this: each module finds its elements and makes them nicer to use.
const UPGRADES = [
    ["[data-live]", "./live.js"],
    ["[data-live], [data-progress]", "./progress.js"],
    ["[data-live], [data-thumbhash]", "./placeholder.js"],
    ["form", "./forms.js"],
    ["form[data-create]", "./create.js"],
    ["form[data-batch]", "./batch.js"],
    ["form[data-style]", "./style.js"],
    ["[data-copy]", "./copy.js"],
    ["[data-keys]", "./keys.js"],
    ["[data-live='avatar']", "./upload.js"],
    ["[data-suggest-zone]", "./zone.js"],
];

for (const [selector, path] of UPGRADES) if (document.querySelector(selector)) import(path);

// The browser's own bars wear the page's colour when a theme was chosen; otherwise the head has said it already.
if (document.documentElement.dataset.theme !== "auto")
    for (const meta of document.querySelectorAll("meta[name='theme-color']"))
        meta.content = getComputedStyle(document.documentElement).backgroundColor;
