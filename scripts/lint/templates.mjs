// Templates and texts of the pages: a value may stand where escaping makes it safe, between tags and in double quotes, and
// nowhere else; what the content security policy would not run is not written.
import { done, fault, files, read } from "./source.mjs";

const ADDRESSES = /^(href|src|srcset|action|formaction|poster|cite|data|ping|xlink:href)$/;
const ADDRESS_NAMES = /(^|[._])(url|path)$|^static$/;
const TAG = /^\{\{(?:\{([^]*?)\}\}\}|([#^/><$&!=]?)([^]*?)\}\})/;

// Places in HTML. INSIDE is a tag, between its attributes.
const [TEXT, NAME, INSIDE, ATTRIBUTE, EQUALS, QUOTED, SINGLE, BARE, COMMENT] = ["text", "a tag's name", "a tag", "an attribute's name", "an attribute", "a value", "a value in single quotes", "a value without quotes", "a comment"];

const catalogues = files("templates/*.json").map((path) => ({ path, texts: JSON.parse(read(path)) }));
const formsOf = (text) => (typeof text === "string" ? [text] : Object.entries(text).filter(([form]) => form !== "by").map(([, form]) => form));

class Checker {
    constructor(path, source, line) {
        Object.assign(this, { path, source, line, at: 0, place: TEXT, open: [], element: "", attribute: "", value: "", hasSource: false });
    }

    fault(rule) {
        fault(this.path, this.line, rule);
    }

    run() {
        while (this.at < this.source.length) {
            const tag = this.source.startsWith("{{", this.at) && this.source.slice(this.at).match(TAG);
            if (tag) this.tag(tag[0], tag[1] === undefined ? tag[2] : "{", (tag[1] ?? tag[3]).trim());
            else this.character(this.source[this.at]);
            const taken = tag ? tag[0] : this.source[this.at];
            this.line += taken.split("\n").length - 1;
            this.at += taken.length;
        }
        if (this.place !== TEXT) this.fault(`it ends inside of ${this.place}`);
    }

    // What follows the template tag that stands here.
    next(tag) {
        return this.source.slice(this.at + tag.length, this.at + tag.length + 2);
    }

    tag(tag, sigil, name) {
        if (sigil === "!") return;
        if (!"$/".includes(sigil) || !sigil) this.dropped(tag);
        if (sigil === "{" || sigil === "&") this.fault(`${tag} does not escape`);
        if (sigil === "=") this.fault("delimiters stay as they are");
        if ("#^/$<".includes(sigil) && sigil) return this.section(tag, sigil, name);
        if (this.place === TEXT) return;
        if (sigil === ">") return this.fault(`a partial inside of ${this.place}: it is checked as text`);
        if (this.place !== QUOTED) return this.fault(`${tag} inside of ${this.place}: values stand between tags or in double quotes`);
        if (name.startsWith("t.")) this.text(name.slice(2));
        if (ADDRESSES.test(this.attribute) && this.value === "" && !ADDRESS_NAMES.test(name))
            this.fault(`${this.attribute} begins with ${tag}: only names like small_url and back_path may be whole addresses`);
        this.value += "x";
    }

    section(tag, sigil, name) {
        if (this.place === NAME || this.place === ATTRIBUTE) {
            this.place = INSIDE;
            if (!/^(\s|>|\/>|\{\{|$)/.test(this.next(tag))) this.fault(`${tag} inside of a name`);
        }
        if (![TEXT, INSIDE, QUOTED].includes(this.place)) this.fault(`${tag} inside of ${this.place}`);
        if (sigil !== "/") return this.open.push({ name, sigil, place: this.place });
        const opened = this.open.pop();
        if (opened && opened.name === name && opened.place !== this.place)
            this.fault(`{{${name}}} begins inside of ${opened.place} and ends inside of ${this.place}`);
    }

    // Of what stands in a parent's tags only blocks are shown.
    dropped(what) {
        if (this.open.at(-1)?.sigil === "<") this.fault(`${what} is not in a block of {{<${this.open.at(-1).name}}}: it is never shown`);
    }

    // A text that stands in an attribute may not end it.
    text(key) {
        for (const { path, texts } of catalogues)
            for (const form of formsOf(texts[key] ?? ""))
                if (/[<>"]/.test(form.replace(/\{\{[^]*?\}\}/g, ""))) this.fault(`the text ${key} of ${path} has markup or quotes in it: not for an attribute`);
    }

    character(c) {
        const rest = () => this.source.slice(this.at, this.at + 20);
        if (/\S/.test(c)) this.dropped(c);
        switch (this.place) {
            case TEXT:
                if (rest().startsWith("<!--")) this.place = COMMENT;
                else if (/^<[/a-z!]/i.test(rest())) Object.assign(this, { place: NAME, element: "", hasSource: false });
                return;
            case COMMENT:
                if (c === ">" && this.source.slice(this.at - 2, this.at) === "--") this.place = TEXT;
                return;
            case NAME:
                if (/[\s>]/.test(c)) return this.inside(c);
                this.element += c.toLowerCase();
                return;
            case INSIDE:
                return this.inside(c);
            case ATTRIBUTE:
                if (c === "=") this.place = EQUALS;
                else if (/[\s>/]/.test(c)) this.endAttribute(c);
                else this.attribute += c.toLowerCase();
                return;
            case EQUALS:
                if (/\s/.test(c)) return;
                if (c === ">") return this.endAttribute(c);
                this.place = c === '"' ? QUOTED : c === "'" ? SINGLE : BARE;
                if (this.place === BARE) this.value += c;
                return;
            case QUOTED:
                return c === '"' ? this.endAttribute(" ") : void (this.value += c);
            case SINGLE:
                return c === "'" ? this.endAttribute(" ") : void (this.value += c);
            case BARE:
                return /[\s>]/.test(c) ? this.endAttribute(c) : void (this.value += c);
        }
    }

    inside(c) {
        this.place = INSIDE;
        if (c === ">") this.endTag();
        else if (!/[\s/]/.test(c)) Object.assign(this, { place: ATTRIBUTE, attribute: c.toLowerCase(), value: "" });
    }

    endAttribute(c) {
        const name = this.attribute;
        if (/^on/.test(name)) this.fault(`${name}=: scripts find their elements by data-…`);
        if (name === "style" || name === "srcdoc") this.fault(`${name}= is not allowed`);
        if (/^\s*(javascript|vbscript)\s*:/i.test(this.value)) this.fault(`${name}="${this.value}" is a script`);
        if (name === "src" && this.value.trim()) this.hasSource = true;
        this.value = "";
        this.inside(c);
    }

    endTag() {
        this.place = TEXT;
        if (this.element === "style") this.fault("<style>: styles are in static/css");
        if (this.element !== "script") return;
        if (!this.hasSource) this.fault("<script> without src: scripts are in static/js");
        else if (!/^<\/script\s*>/i.test(this.source.slice(this.at + 1))) this.fault("<script src> with content");
    }
}

for (const path of files("templates/*.mustache")) new Checker(path, read(path), 1).run();
for (const { path, texts } of catalogues) {
    const lines = read(path).split("\n");
    for (const [key, text] of Object.entries(texts)) {
        const line = lines.findIndex((one) => one.includes(JSON.stringify(key)));
        for (const form of formsOf(text)) new Checker(path, form, line + 1).run();
    }
}
done();
