// Every scenario: {name, title, short: part of the short selection, repeats: with many seeds, alone: nothing beside it,
// run({name, seed, full, generations}): figures}. The longest first.
import * as checker from "./checker.mjs";
import * as clock from "./clock.mjs";
import * as database from "./database.mjs";
import * as descriptors from "./descriptors.mjs";
import * as fairness from "./fairness.mjs";
import * as hooks from "./hooks.mjs";
import * as kill from "./kill.mjs";
import * as provider from "./provider.mjs";
import * as races from "./races.mjs";
import * as redis from "./redis.mjs";
import * as storage from "./storage.mjs";
import * as trainings from "./trainings.mjs";
import * as variations from "./variations.mjs";
import * as zombie from "./zombie.mjs";

const GROUPS = [kill, trainings, variations, zombie, provider, races, storage, database, fairness, hooks, redis, clock, descriptors, checker];
export const SCENARIOS = GROUPS.flatMap((group) => group.scenarios);
