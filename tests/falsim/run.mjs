// The simulator, driven by fal.ai's official client and by plain requests.
//   node tests/falsim/run.mjs [path of aisha-falsim]      (or FALSIM_BIN; ONLY=words runs some of the tests)
import { stopAll, tests } from "./support.mjs";

const PARTS = ["queue", "results", "errors", "trainings", "storage", "webhooks", "faults", "restart"];
const chosen = (tests) => tests.filter(({ name }) => name.includes(process.env.ONLY ?? ""));
let passed = 0;
let failed = 0;

function fail(name, error) {
  failed++;
  console.log(`FAILED  ${name}\n${error.stack}`);
}

/** The tests of a part one after the other; the parts have simulators of their own and run side by side. */
async function runPart(tests) {
  for (const { name, run } of tests) {
    const begun = Date.now();
    try {
      await run();
      passed++;
      console.log(`ok      ${name} (${Date.now() - begun} ms)`);
    } catch (error) {
      fail(name, error);
    }
  }
}

const parts = [];
for (const part of PARTS) {
  await import(`./${part}.test.mjs`);
  parts.push(chosen(tests.splice(0)));
}
await Promise.all(parts.map(runPart));
await stopAll().catch((error) => fail("every simulator ends well", error));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
