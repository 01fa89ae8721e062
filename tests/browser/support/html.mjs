// HTML as it came from the server, before any browser mended it or any script touched it.
const TAG = /<(\/?)([a-z][^\s/>]*)((?:\s+[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*\/?>/gi;
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g;
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

export const decode = (text) =>
    text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) =>
        name ? (NAMED[name] ?? all) : String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal)),
    );

// Every tag in order: {name, closing, attributes, from, to}.
export function tags(html) {
    return [...html.matchAll(TAG)].map((match) => ({
        name: match[2].toLowerCase(),
        closing: match[1] === "/",
        attributes: Object.fromEntries(
            [...match[3].matchAll(ATTRIBUTE)].map((a) => [a[1].toLowerCase(), decode(a[2] ?? a[3] ?? a[4] ?? "")]),
        ),
        from: match.index,
        to: match.index + match[0].length,
    }));
}

// What a strict content policy forbids, and what tells of a mistake in a template.
export function inlineFaults(html) {
    const faults = [];
    for (const { name, closing, attributes } of tags(html)) {
        if (closing) continue;
        if (name === "script" && !attributes.src) faults.push("a script without src");
        if (name === "style") faults.push("a style element");
        for (const [attribute, value] of Object.entries(attributes)) {
            if (attribute === "style") faults.push(`<${name} style>`);
            if (/^on/.test(attribute)) faults.push(`<${name} ${attribute}>`);
            if (/^(href|src|action|formaction)$/.test(attribute) && /^\s*(javascript|data|vbscript):/i.test(value))
                faults.push(`<${name} ${attribute}="${value}">`);
        }
    }
    return faults;
}

function control({ name, attributes }, text) {
    if (attributes.disabled !== undefined || !attributes.name) return null;
    if (name === "input") {
        if (["submit", "button", "image", "reset", "file"].includes(attributes.type)) return null;
        const ticked = attributes.checked !== undefined;
        if (["checkbox", "radio"].includes(attributes.type)) return ticked ? (attributes.value ?? "on") : null;
        return attributes.value ?? "";
    }
    return name === "textarea" ? decode(text).replace(/^\n/, "") : null;
}

// The forms of a page with what a browser would send if nothing were typed: {method, action, fields}.
export function forms(html) {
    const found = [];
    let form = null;
    let select = null;
    const all = tags(html);
    for (const tag of all) {
        if (tag.name === "form") {
            if (tag.closing) form = null;
            else
                found.push(
                    (form = {
                        method: (tag.attributes.method ?? "get").toLowerCase(),
                        action: tag.attributes.action ?? null,
                        fields: {},
                        buttons: [],
                    }),
                );
        }
        if (!form) continue;
        if (tag.name === "select") select = tag.closing ? null : tag.attributes.name;
        if (tag.closing) continue;
        if (tag.name === "option" && select) {
            const value = tag.attributes.value ?? "";
            if (!(select in form.fields) || tag.attributes.selected !== undefined) form.fields[select] = value;
        }
        if (tag.name === "button" && tag.attributes.name)
            form.buttons.push({ name: tag.attributes.name, value: tag.attributes.value ?? "" });
        const end = html.indexOf("</textarea", tag.to);
        const value = control(tag, html.slice(tag.to, end < 0 ? tag.to : end));
        if (value !== null) form.fields[tag.attributes.name] = value;
    }
    return found;
}

export const encodeForm = (fields) => new URLSearchParams(fields).toString();
