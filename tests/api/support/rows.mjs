// How each operation of the contract is called, for tests that go through all of them. A row:
//   path(it)   with what `it` has: avatar, draft (with photos), generation, image, token (ids), link, file, webhook (paths)
//   body       what is sent; form: as a form; raw: {body, type} as it is; headers: with these
//   ok         the status for somebody who may
//   others     what another user gets: 404 for somebody else's thing, "own" where everybody has their own
//   uses       which thing of `it` is used up by a success: a new one is made for each
//   needs      which thing of `it` must be a new one
//   stream     the answer does not end
import { photo } from "./photo_files.mjs";
import { NOBODY, PORTRAIT } from "./things.mjs";

let PHOTO;
const list = { ok: 200, others: "own" };

export const ROWS = {
    getStart: { path: () => "/", ok: 303 },
    getHealth: { path: () => "/health", ok: 200 },
    getLive: { path: () => "/health/live", ok: 200 },
    getReady: { path: () => "/health/ready", ok: 200 },
    getMetrics: { path: () => "/metrics", ok: 200 },
    getContract: { path: () => "/openapi.yaml", ok: 200 },
    getDocs: { path: () => "/docs", ok: 200 },
    getService: { path: () => "/api/v1/service", ok: 200, others: "own" },
    getMe: { path: () => "/api/v1/me", ok: 200, others: "own" },
    patchMe: { path: () => "/api/v1/me", body: { locale: "en" }, ok: 200, others: "own" },
    getStats: { path: () => "/api/v1/me/stats", ok: 200, others: "own" },
    listLedger: { path: () => "/api/v1/me/ledger", ...list },
    listTokens: { path: () => "/api/v1/tokens", ...list },
    createToken: { path: () => "/api/v1/tokens", body: { name: "made", scopes: ["write"] }, ok: 201, others: "own" },
    deleteToken: { path: (it) => `/api/v1/tokens/${it.token}`, ok: 204, others: 404, uses: "token" },
    createLink: { path: () => "/api/v1/auth/links", body: { next: "/docs" }, ok: 201, others: "own" },
    showLink: { path: (it) => it.link, ok: 200, needs: "link" },
    useLink: {
        path: (it) => it.link,
        form: (it) => it.linkForm,
        headers: (it) => ({ cookie: it.linkCookie }),
        ok: 303,
        needs: "link",
        uses: "link",
    },
    logout: { path: () => "/auth/logout", ok: 303, others: "own", last: true },
    listAvatars: { path: () => "/api/v1/avatars", ...list },
    importAvatar: { path: () => "/api/v1/avatars/import", body: PORTRAIT, ok: 201, others: "own" },
    getAvatar: { path: (it) => `/api/v1/avatars/${it.avatar}`, ok: 200, others: 404 },
    patchAvatar: { path: (it) => `/api/v1/avatars/${it.avatar}`, body: { name: "Anna again" }, ok: 200, others: 404 },
    deleteAvatar: { path: (it) => `/api/v1/avatars/${it.spare}`, ok: 204, others: 404, uses: "spare" },
    createAvatar: {
        path: () => "/api/v1/avatars",
        body: { name: "Draft", gender: "other", training_type: "style" },
        ok: 201,
        others: "own",
    },
    listPhotos: { path: (it) => `/api/v1/avatars/${it.draft}/photos`, ok: 200, others: 404 },
    addPhotos: {
        path: (it) => `/api/v1/avatars/${it.draft}/photos`,
        raw: () => ({ body: (PHOTO ??= photo(1, 520)), type: "image/png" }),
        ok: 200,
        others: 404,
    },
    openPhotoUpload: {
        path: (it) => `/api/v1/avatars/${it.draft}/photos/uploads`,
        body: { content_type: "image/png", file_size: 1000 },
        ok: 409, // objects lie on local disk
        others: 404,
    },
    getPhoto: { path: (it) => `/api/v1/avatars/${it.draft}/photos/${it.photo}`, ok: 200, others: 404 },
    deletePhoto: {
        path: (it) => `/api/v1/avatars/${it.draft}/photos/${it.loose}`,
        ok: 204,
        others: 404,
        uses: "loose",
    },
    getTraining: { path: (it) => `/api/v1/avatars/${it.trainee}/training`, ok: 200, others: 404 },
    startTraining: {
        path: (it) => `/api/v1/avatars/${it.trainee}/training`,
        body: { preset: "fast" },
        ok: 202,
        others: 404,
        needs: "rest", // nothing is being trained
        uses: "rest",
    },
    cancelTraining: {
        path: (it) => `/api/v1/avatars/${it.trainee}/training`,
        ok: 202,
        others: 404,
        needs: "training",
        uses: "training",
    },
    listEndpoints: { path: () => "/api/v1/endpoints", ok: 200 },
    patchEndpoint: {
        path: () => "/api/v1/endpoints/fal-ai%2Fflux-lora",
        body: { note: "looked at" },
        ok: 200,
    },
    getPresets: { path: (it) => `/api/v1/presets?avatar_id=${it.avatar}`, ok: 200, others: 404 },
    listTemplates: { path: () => "/api/v1/templates", ...list },
    createTemplate: {
        path: () => "/api/v1/templates",
        body: (it) => ({ title: "Mine", image_id: it.image }),
        ok: 201,
        others: 404,
    },
    listTemplateCategories: { path: () => "/api/v1/templates/categories", ...list },
    listPopularTemplates: { path: () => "/api/v1/templates/popular", ...list },
    listRecommendedTemplates: { path: () => "/api/v1/templates/recommended", ...list },
    listFavoriteTemplates: { path: () => "/api/v1/templates/favorites", ...list },
    getTemplate: { path: (it) => `/api/v1/templates/${it.template}`, ok: 200, others: 404 },
    patchTemplate: { path: (it) => `/api/v1/templates/${it.template}`, body: { title: "Ours" }, ok: 200, others: 404 },
    deleteTemplate: { path: (it) => `/api/v1/templates/${it.spareTemplate}`, ok: 204, others: 404, uses: "spareTemplate" },
    addFavoriteTemplate: { path: (it) => `/api/v1/templates/${it.template}/favorite`, ok: 204, others: 404 },
    removeFavoriteTemplate: { path: (it) => `/api/v1/templates/${it.template}/favorite`, ok: 204, others: "own" },
    getTemplateResults: { path: () => "/api/v1/analytics/templates", ok: 200 },
    listGenerations: { path: () => "/api/v1/generations", ...list },
    createGeneration: {
        path: () => "/api/v1/generations",
        body: (it) => ({ prompt: "a test", preset: "fast", avatar_id: it.avatar }),
        ok: 202,
        others: 404,
    },
    getGeneration: { path: (it) => `/api/v1/generations/${it.generation}`, ok: 200, others: 404 },
    cancelGeneration: {
        path: (it) => `/api/v1/generations/${it.running}/cancel`,
        ok: 202,
        others: 404,
        needs: "running", // what was begun before the other operations has ended by now
        uses: "running",
    },
    retryGeneration: {
        path: (it) => `/api/v1/generations/${it.generation}/retry`,
        body: {},
        ok: 409, // it has succeeded
        others: 404,
    },
    listBatches: { path: () => "/api/v1/generations/batches", ...list },
    createBatch: {
        path: () => "/api/v1/generations/batches",
        body: (it) => ({ prompts: ["a test", ""], preset: "fast", avatar_id: it.avatar }),
        bytes: 640 * 1024, // of its body
        ok: 202,
        others: 404,
    },
    getBatch: { path: (it) => `/api/v1/generations/batches/${it.batch}`, ok: 200, others: 404 },
    cancelBatch: {
        path: (it) => `/api/v1/generations/batches/${it.batch}/cancel`,
        ok: 202,
        others: 404,
        needs: "batch", // what was begun before the other operations has ended by now
        uses: "batch",
    },
    listImages: { path: () => "/api/v1/images", ...list },
    getImage: { path: (it) => `/api/v1/images/${it.image}`, ok: 200, others: 404 },
    patchImage: { path: (it) => `/api/v1/images/${it.image}`, body: { is_favorite: true }, ok: 200, others: 404 },
    deleteImage: { path: (it) => `/api/v1/images/${it.trash}`, ok: 204, others: 404, uses: "trash" },
    restoreImage: { path: (it) => `/api/v1/images/${it.image}/restore`, ok: 200, others: 404 },
    varyImage: { path: (it) => `/api/v1/images/${it.image}/variations`, body: {}, ok: 202, others: 404 },
    repeatImage: { path: (it) => `/api/v1/images/${it.image}/repeat`, body: {}, ok: 202, others: 404 },
    streamEvents: { path: () => "/api/v1/events", ok: 200, others: "own", stream: true },
    getFile: { path: (it) => it.file, ok: 200 },
    headFile: { path: (it) => it.file, ok: 200 },
    receiveFalWebhook: { path: () => "/api/v1/webhooks/fal/no-such-submission", body: {}, ok: 404 },
    receiveStatusUpdate: {
        path: () => "/api/avatar/status_update?training_type=portrait",
        body: { request_id: NOBODY, status: "completed" },
        ok: 401,
    },
};
