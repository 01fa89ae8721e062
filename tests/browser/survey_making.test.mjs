// The pages of styles and batches in every state, as pages.test.mjs looks at the others.
import { survey } from "./support/survey.mjs";

survey((name) => /style|batch/.test(name));
