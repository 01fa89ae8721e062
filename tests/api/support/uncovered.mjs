// Pairs of operation and status that no test can provoke, each with its reason.
export const UNCOVERED = {
    "addPhotos 507": "no test fills the machine's disk: tests/unit/upload_refused_test.c plays a full one",
};
