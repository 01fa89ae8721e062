// The simulator, driven by fal.ai's official client and by plain requests.
//   node tests/falsim/run.mjs [path of aisha-falsim]      (or FALSIM_BIN; ONLY=words runs some of the tests)
import { stopAll, tests } from "./support.mjs";

for (const part of ["queue", "results", "errors", "storage", "webhooks", "faults", "restart"]) await import(`./${part}.test.mjs`);

let failed = 0;
const chosen = tests.filter(({ name }) => name.includes(process.env.ONLY ?? ""));
for (const { name, run } of chosen) {
  const begun = Date.now();
  try {
    await run();
    console.log(`ok      ${name} (${Date.now() - begun} ms)`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${error.stack}`);
  }
}
try {
  await stopAll();
} catch (error) {
  failed++;
  console.log(`FAILED  a simulator does not end well\n${error.stack}`);
}
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
