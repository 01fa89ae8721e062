// Makes an element the same as one of a newer page, keeping every node that has not changed: pictures stay loaded, the
// focus, the scroll and opened details stay. Children are the same by id, without one by place and kind.

// Set here while the page is used, and not to be undone by what the server knows.
const KEPT = new Set(["open", "data-busy", "aria-busy", "data-loaded"]);

const same = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id ?? "") === (b.id ?? "");
const pathOf = (url) => new URL(url, document.baseURI).pathname;

// Addresses of pictures are signed anew every hour; the picture is the same. One that is not here yet needs the new
// address: the old one ends within a day or so.
function keepsPicture(old, fresh, name) {
    if (old.nodeName !== "IMG" || !/^(src|srcset|class)$/.test(name)) return false;
    const same = pathOf(old.getAttribute("src") ?? "") === pathOf(fresh.getAttribute("src") ?? "");
    return same && (name === "class" || (old.complete && old.naturalWidth > 0));
}

// The key of a form that may be on its way: with another one, a second click would pay twice.
const isKey = (old, name) => name === "value" && old.getAttribute("name") === "key";

function mergeAttributes(old, fresh) {
    const kept = (name) => KEPT.has(name) || isKey(old, name) || keepsPicture(old, fresh, name);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !kept(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes)
        if (!kept(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
}

function mergeNode(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== Node.ELEMENT_NODE) {
        old.data = fresh.data;
        return;
    }
    mergeAttributes(old, fresh);
    if (old.nodeName !== "TEXTAREA") mergeChildren(old, fresh);
}

function mergeChildren(old, fresh) {
    let at = old.firstChild;
    for (const node of [...fresh.childNodes]) {
        while (at?.dataset?.added !== undefined) at = at.nextSibling;
        const known = node.id
            ? old.querySelector(`:scope > #${CSS.escape(node.id)}`)
            : at && same(at, node)
              ? at
              : null;
        if (!known) old.insertBefore(document.importNode(node, true), at);
        else {
            if (known === at) at = at.nextSibling;
            else old.insertBefore(known, at);
            mergeNode(known, node);
        }
    }
    while (at) {
        const next = at.nextSibling;
        if (at.dataset?.added === undefined) at.remove();
        at = next;
    }
}

export function merge(old, fresh) {
    const focused = old.contains(document.activeElement) && document.activeElement;
    mergeNode(old, fresh);
    if (!focused || focused.isConnected) return;
    old.tabIndex = -1;
    old.focus({ preventScroll: true });
}
