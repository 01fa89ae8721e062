// Pairs of operation and status that no test can provoke, each with its reason.
export const UNCOVERED = {};
