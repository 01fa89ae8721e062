// Prometheus' text format 0.0.4, read strictly: what is not of it fails.
import assert from "node:assert/strict";

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? ([+-]?(?:[0-9]+\\.?[0-9]*(?:e[+-]?[0-9]+)?|Inf)|NaN)$`);

function readLabels(text, line) {
    const labels = {};
    let rest = text;
    while (rest) {
        const pair = rest.match(/^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/);
        assert.ok(pair, `labels that are none: ${line}`);
        assert.ok(!(pair[1] in labels), `a label twice: ${line}`);
        labels[pair[1]] = pair[2].replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
        rest = rest.slice(pair[0].length);
        assert.ok(rest || pair[3] === "", `a comma at the end: ${line}`);
    }
    return labels;
}

// Buckets of one series never shrink, ascend and end at infinity, which is what _count says.
function judgeHistogram(name, samples) {
    const series = new Map();
    for (const { labels, value } of samples.filter((s) => s.name === `${name}_bucket`)) {
        const { le, ...rest } = labels;
        const key = JSON.stringify(rest);
        if (!series.has(key)) series.set(key, []);
        series.get(key).push([le === "+Inf" ? Infinity : Number(le), value]);
    }
    for (const part of ["sum", "count"])
        assert.equal(samples.filter((s) => s.name === `${name}_${part}`).length, series.size, `${name}_${part}`);
    for (const [key, buckets] of series) {
        for (let i = 1; i < buckets.length; i++)
            assert.ok(buckets[i][0] > buckets[i - 1][0] && buckets[i][1] >= buckets[i - 1][1], name + key);
        assert.equal(buckets.at(-1)[0], Infinity, name + key);
        const count = samples.find((s) => s.name === `${name}_count` && JSON.stringify(s.labels) === key);
        assert.equal(count?.value, buckets.at(-1)[1], `${name}_count ${key}`);
    }
}

export function readMetrics(text) {
    const types = new Map();
    const helped = new Set();
    const samples = [];
    let family = null;
    assert.ok(text.endsWith("\n"));
    for (const line of text.slice(0, -1).split("\n")) {
        const help = line.match(new RegExp(`^# HELP (${NAME}) \\S`));
        const type = line.match(new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`));
        if (help) {
            assert.ok(!helped.has(help[1]), `two helps of ${help[1]}`);
            helped.add((family = help[1]));
        } else if (type) {
            assert.ok(!types.has(type[1]) && type[1] === family, `the type of ${type[1]} stands elsewhere, or twice`);
            types.set(type[1], type[2]);
        } else {
            const sample = line.match(SAMPLE);
            assert.ok(sample, `a line that is none of the format: ${line}`);
            const name = types.get(family) === "histogram" ? sample[1].replace(/_(bucket|sum|count)$/, "") : sample[1];
            assert.equal(name, family, `${sample[1]} stands apart from its family`);
            samples.push({ name: sample[1], labels: readLabels(sample[2] ?? "", line), value: Number(sample[3]) });
        }
    }
    assert.deepEqual([...types.keys()], [...helped], "each has a help and a type");
    const keys = samples.map((s) => s.name + JSON.stringify(Object.entries(s.labels).sort()));
    assert.equal(new Set(keys).size, keys.length, "no sample twice");
    for (const [name, type] of types) {
        if (type === "histogram") judgeHistogram(name, samples);
        if (type === "counter") assert.ok(samples.every((s) => s.name !== name || s.value >= 0), name);
    }
    return { types, samples };
}

export const seriesOf = ({ samples }, name, labels = {}) =>
    samples.filter((s) => s.name === name && Object.entries(labels).every(([k, v]) => s.labels[k] === v));
