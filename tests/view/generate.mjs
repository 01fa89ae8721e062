// Random templates with what the npm package "mustache" makes of them, as tests in the form of a specification file.
//
// Shapes in which that package leaves the specification are not made:
// - A partial inside of a line indents the lines of the partial by what stands in front of it (and doubles white space
//   there): partials inside of a line have one line here, and follow a letter.
// - A dotted name that breaks off in an inner object is looked up once more further out: only the root has the object
//   that dotted names begin with.
// - {{#flag}} does not put true on the context stack, so {{.}} inside is still what was there before.
// - Every kind of white space that JavaScript knows counts as blank beside a standalone tag: texts have blanks, tabs and
//   line breaks only, and no carriage return without one.
// - The number 0 is false, objects and lists are printed: not asked for.
// - More characters are escaped: its escape function is replaced by one with our five.
// Of a line with a partial and further tags but no text the specification says nothing: such lines are not made.
import fc from "fast-check";
import Mustache from "mustache";

const HOSTILE = ["<", ">", "&", '"', "'", "`", "=", "/", "\\", "$", "{", "}", "|", "%", "#", "!", "^", ".", "é", "Я", "😀", "a", "b", "7"];
const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.constantFrom(" ", " ", "\t", "  "), fc.constantFrom("word", "<b>", "&amp;"));
const line = fc.array(piece, { maxLength: 4 }).map((parts) => parts.join(""));
const lines = fc.array(fc.oneof({ weight: 3, arbitrary: piece }, { weight: 2, arbitrary: fc.constantFrom("\n", "\n", "\r\n", "\n\n", "\n  ") }), { maxLength: 5 }).map((parts) => parts.join(""));

// A name says what kind of value it has, wherever it stands.
const TEXTS = ["t1", "t2", "n1", "f1", "missing", "deep.in.text", "deep.none.text"];
const CONDITIONS = ["t1", "n1", "f1", "f2", "missing", "deep.in.flag", "names"];
const OBJECTS = ["o1", "o2", "items", "others"];
const LISTS = ["names", "numbers"];

const NESTED = { maxDepth: 2, depthIdentifier: "data" };
const value = fc.letrec((tie) => ({
    object: fc.record(
        {
            t1: fc.oneof(lines, fc.constant(null)),
            t2: line,
            n1: fc.constantFrom(1, -7, 1.5, 1234567890123),
            f1: fc.boolean(),
            f2: fc.boolean(),
            o1: fc.oneof(NESTED, fc.constant({}), tie("object")),
            o2: fc.oneof(NESTED, fc.constant({}), tie("object")),
            items: fc.oneof(NESTED, fc.constant([]), fc.array(tie("object"), { maxLength: 3 })),
            others: fc.oneof(NESTED, fc.constant([]), fc.array(tie("object"), { maxLength: 2 })),
            names: fc.array(line, { maxLength: 3 }),
            numbers: fc.array(fc.integer(), { maxLength: 3 }),
        },
        { requiredKeys: ["t1", "items", "names"] },
    ),
})).object;
const data = fc.record({ root: value, deep: fc.record({ in: fc.record({ text: line, flag: fc.boolean() }, { requiredKeys: [] }) }) }).map(({ root, deep }) => ({ ...root, deep }));

const DELIMITERS = [["{{", "}}"], ["<%", "%>"], ["|", "|"], ["[[", "]]"], ["(", "))"]];
const node = (text) =>
    fc.letrec((tie) => ({
        nodes: fc.array(tie("node"), { minLength: 1, maxLength: 7, size: "max" }),
        node: fc.oneof(
            { depthSize: "small", maxDepth: 3 },
            { weight: 5, arbitrary: fc.record({ kind: fc.constant("text"), text }) },
            { weight: 4, arbitrary: fc.record({ kind: fc.constant("variable"), name: fc.constantFrom(...TEXTS), sigil: fc.constantFrom("", "", "", "&", "{"), pad: fc.constantFrom("", " ") }) },
            { weight: 2, arbitrary: fc.record({ kind: fc.constant("dot"), sigil: fc.constantFrom("", "&", "{") }) },
            { weight: 1, arbitrary: fc.record({ kind: fc.constant("comment"), text }) },
            { weight: 1, arbitrary: fc.record({ kind: fc.constant("delimiters"), to: fc.constantFrom(...DELIMITERS) }) },
            { weight: 1, arbitrary: fc.record({ kind: fc.constant("inline"), index: fc.nat(2) }) },
            { weight: 1, arbitrary: fc.record({ kind: fc.constant("partial"), index: fc.nat(2), indent: fc.constantFrom("", "  ", "\t"), end: fc.constantFrom("\n", "\r\n", " \n") }) },
            { weight: 2, arbitrary: fc.record({ kind: fc.constant("section"), sigil: fc.constantFrom("#", "#", "^"), name: fc.constantFrom(...CONDITIONS), own: fc.boolean(), nodes: tie("nodes") }) },
            { weight: 2, arbitrary: fc.record({ kind: fc.constant("section"), sigil: fc.constant("#"), name: fc.constantFrom(...OBJECTS), own: fc.boolean(), nodes: tie("nodes") }) },
            { weight: 1, arbitrary: fc.record({ kind: fc.constant("section"), sigil: fc.constant("#"), name: fc.constantFrom(...LISTS), own: fc.boolean(), nodes: tie("nodes") }) },
        ),
    })).nodes;

// Writes the nodes as source. `below` is the first partial that may be called: no template calls itself.
class Writer {
    constructor(below, oneLine) {
        Object.assign(this, { below, oneLine, out: "", open: "{{", close: "}}" });
    }

    text(text) {
        if (this.oneLine) text = text.replace(/[\r\n]/g, " ");
        // Nothing that could be taken for a delimiter together with what comes next.
        if (this.open === "{{") text = text.replace(/\{+(?=\{|$)/g, "");
        else text = text.split(this.open[0]).join("");
        if (this.out.endsWith("{") && text.startsWith("{")) text = text.slice(1);
        this.out += text;
    }

    tag(sigil, content) {
        this.out += this.open + sigil + content + (sigil === "{" ? "}" : "") + this.close;
    }

    // A line of its own for a tag, where lines are allowed.
    line(own, write) {
        if (!own || this.oneLine) return write("");
        if (this.out && !this.out.endsWith("\n")) this.out += "\n";
        write("  ");
        this.out += "\n";
    }

    section({ sigil, name, own, nodes }, dots) {
        this.line(own, (indent) => {
            this.out += indent;
            this.tag(sigil, name);
        });
        this.nodes(nodes, sigil === "^" ? dots : LISTS.includes(name) && name !== "names" ? true : name === "t1" || name === "n1" || LISTS.includes(name));
        this.line(own, (indent) => {
            this.out += indent;
            this.tag("/", name);
        });
    }

    // dots: is {{.}} something that can be printed?
    nodes(nodes, dots) {
        for (const node of nodes) this.node(node, dots);
        return this.out;
    }

    node(node, dots) {
        switch (node.kind) {
            case "text": return this.text(node.text);
            case "variable": return this.tag(node.sigil, node.pad + node.name + node.pad);
            case "dot": return dots && this.tag(node.sigil, ".");
            case "comment": return this.tag("!", node.text.split(this.close).join("").replace(/[\r\n]/g, this.oneLine ? "" : "\n").replace(/[=|%>)\]}]/g, ""));
            case "section": return this.section(node, dots);
            case "delimiters":
                this.tag("=", `${node.to.join(" ")}=`);
                return ([this.open, this.close] = node.to);
            case "inline":
                if (node.index < this.below) return;
                this.out += "x";
                return this.tag(">", `line${node.index}`);
            case "partial":
                if (node.index < this.below || this.oneLine) return;
                if (this.out && !this.out.endsWith("\n")) this.out += "\n";
                this.out += node.indent;
                this.tag(">", ` many${node.index} `);
                this.out += node.end;
        }
    }
}

const write = (nodes, below, oneLine) => new Writer(below, oneLine).nodes(nodes, false);
const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => ESCAPED[c]);

const test = fc.record({ data, page: node(lines), many: fc.array(node(lines), { minLength: 3, maxLength: 3 }), line: fc.array(node(line), { minLength: 3, maxLength: 3 }) });

export function generate(count, seed) {
    const tests = fc.sample(test, { numRuns: count, seed }).map(({ data: given, page, many, line: short }, i) => {
        const partials = {};
        for (const index of [0, 1, 2]) {
            partials[`many${index}`] = write(many[index], index + 1, false);
            partials[`line${index}`] = write(short[index], index + 1, true);
        }
        const template = write(page, 0, false);
        return { name: `random template ${i} of seed ${seed}`, data: given, template, partials, expected: Mustache.render(template, given, partials, { escape }) };
    });
    return { tests };
}
