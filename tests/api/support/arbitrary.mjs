// Values by a JSON schema of the contract, for property tests: right ones, and hostile ones that are nearly right.
import fc from "fast-check";
import { contract } from "./client.mjs";

const NASTY = [
    "",
    "null",
    "0",
    "-1",
    "1e999",
    "../../etc/passwd",
    "%00",
    "%2e%2e%2f",
    "\u0000",
    "\ud800",
    "😀".repeat(300),
    "<script>alert(1)</script>",
    "{{prompt}}",
    "{{{x}}}",
    "' OR 1=1 --",
    "$1",
    "a".repeat(5000),
    "\r\nX-Injected: 1",
    "\u202ertl",
    "ﷺ",
    "İ",
    "%s%n",
    "\\",
    '"',
];
export const nasty = fc.oneof(
    fc.constantFrom(...NASTY),
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
);

const LETTERS = [..."abcXYZ059ыёЖß😀\"'<>&{}\\/ \n\t.,-_"];
const letter = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...LETTERS) },
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
);

const FORMATS = {
    uuid: fc.uuid({ version: 7 }),
    uint64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String),
    "date-time": fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((d) => d.toISOString()),
    "time-zone": fc.constantFrom(
        "UTC",
        "Europe/Moscow",
        "America/Argentina/Buenos_Aires",
        "Asia/Kathmandu",
        "Pacific/Apia",
    ),
};

function text(schema) {
    if (FORMATS[schema.format]) return FORMATS[schema.format];
    if (schema.pattern && !/^\\S$/.test(schema.pattern)) return fc.stringMatching(new RegExp(schema.pattern, "u"));
    const maxLength = Math.min(schema.maxLength ?? 40, 40);
    return fc.string({ unit: letter, minLength: schema.minLength ?? 0, maxLength });
}

function object(schema) {
    const required = schema.required ?? [];
    const properties = Object.entries(schema.properties ?? {}).map(([name, value]) => [name, arbitrary(value)]);
    return fc.record(Object.fromEntries(properties), { requiredKeys: required });
}

const BY_TYPE = {
    string: text,
    integer: (s) => fc.integer({ min: s.minimum ?? -1e6, max: Math.min(s.maximum ?? 1e6, Number.MAX_SAFE_INTEGER) }),
    number: (s) => fc.double({ noNaN: true, noDefaultInfinity: true, min: s.minimum ?? -1e6, max: s.maximum ?? 1e6 }),
    boolean: () => fc.boolean(),
    null: () => fc.constant(null),
    array: (s) =>
        fc.array(arbitrary(s.items ?? {}), { minLength: s.minItems ?? 0, maxLength: Math.min(s.maxItems ?? 4, 4) }),
    object,
};

const union = (a, b) => [...new Set([...(a.required ?? []), ...(b.required ?? [])])];

function unchecked(schema) {
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const { oneOf, anyOf, ...common } = schema;
    const choices = oneOf ?? anyOf;
    // What the choices say of members that the schema itself describes is said of a whole value.
    if (choices && common.properties)
        return fc.oneof(...choices.map((c) => unchecked({ ...common, ...c, required: union(common, c) })));
    if (choices) return fc.oneof(...choices.map(arbitrary));
    if (schema.$ref) return arbitrary(contract.deref(schema));
    return fc.oneof(...[schema.type ?? "object"].flat().map((type) => BY_TYPE[type](schema)));
}

// Values that fit the schema, all of it.
export function arbitrary(schema) {
    const fits = contract.validator(schema);
    return unchecked(schema).filter((value) => (typeof value !== "string" || !/\p{Surrogate}/u.test(value)) && fits(value));
}

// Values that may fit, may nearly fit, or have nothing to do with it.
export function hostile(schema) {
    const properties = Object.keys(contract.deref(schema).properties ?? {});
    const right = arbitrary(schema);
    const wild = fc.record(Object.fromEntries(properties.map((name) => [name, fc.oneof(fc.jsonValue(), nasty)])), {
        requiredKeys: [],
    });
    const extended = fc
        .tuple(right, fc.string(), fc.jsonValue())
        .map(([value, key, extra]) => (value && typeof value === "object" ? { ...value, [key]: extra } : value));
    const spoiled = fc.tuple(right, fc.nat(), fc.oneof(fc.jsonValue(), nasty)).map(([value, at, bad]) => {
        const keys = value && typeof value === "object" ? Object.keys(value) : [];
        return keys.length ? { ...value, [keys[at % keys.length]]: bad } : bad;
    });
    return fc.oneof(right, spoiled, extended, wild, fc.jsonValue());
}
