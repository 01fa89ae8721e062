import { photo } from "../../api/support/photo_files.mjs";

// How each page is called. A row, by "METHOD /path/{id}" of server/routes.c:
//   thing    whose id stands in the path: a name in Things (tests/api/support/matrix.mjs)
//   ok       the status for somebody who may
//   to       where a 303 leads
//   from     the page whose form is sent ({id} is the thing's), with `with` in place of what the form would send;
//            without a form there: body
//   form     the action of that form, when a button of it leads to the page instead
//   fresh    the thing does not last: a new one is made before each call
//   uses     the thing is used up by a success: a new one is made
//   others   what other users get, 404 if nothing is said
//   ends     a success ends the session
//   within   the thing whose id stands before that of `thing` in the path
//   files    of a form with files: [{name, file, bytes}]
//   public   nobody needs a session
export const PAGE_ROWS = {
    "GET /": { ok: 303, public: true },
    "GET /docs": { ok: 200, public: true },
    "GET /login": { ok: 200, public: true, own: 303 },
    "GET /auth/link/{token}": { thing: "link", fresh: true, ok: 200, public: true },
    "POST /auth/link/{token}": {
        thing: "link",
        fresh: true,
        from: "/auth/link/{id}",
        ok: 303,
        public: true,
        ends: true,
    },
    "POST /auth/logout": { from: "/settings", ok: 303, ends: true },
    "GET /images": { ok: 200 },
    "GET /images/{id}": { thing: "image", ok: 200 },
    "POST /images/{id}/favorite": { thing: "image", from: "/images/{id}", ok: 303 },
    "POST /images/{id}/rename": { thing: "image", from: "/images/{id}", with: { custom_name: "Renamed" }, ok: 303 },
    "POST /images/{id}/variation": { thing: "image", from: "/images/{id}", ok: 303 },
    "POST /images/{id}/repeat": { thing: "image", from: "/images/{id}", ok: 303 },
    "POST /images/{id}/again": { thing: "image", from: "/images/{id}", ok: 303 },
    "POST /images/{id}/delete": { thing: "trash", from: "/images/{id}", ok: 303, uses: true },
    "POST /images/{id}/restore": { thing: "deleted", from: "/images?undo={id}", ok: 303, uses: true },
    "GET /create": { ok: 200 },
    "POST /create": { from: "/create", with: { prompt: "a castle" }, ok: 303 },
    "GET /styles": { ok: 200 },
    "GET /styles/new": { ok: 200 },
    "POST /styles/new": { from: "/styles/new", with: { title: "By the page", prompt: "a pier" }, ok: 303 },
    "GET /styles/{id}": { thing: "template", ok: 200 },
    "POST /styles/{id}": { thing: "template", from: "/styles/{id}", ok: 303 },
    "POST /styles/{id}/look": { thing: "template", from: "/styles/{id}", form: "/styles/{id}", ok: 303 },
    "POST /styles/{id}/favorite": { thing: "template", from: "/styles/{id}", ok: 303 },
    "GET /styles/{id}/edit": { thing: "template", ok: 200 },
    "POST /styles/{id}/edit": { thing: "template", from: "/styles/{id}/edit", with: { title: "Changed" }, ok: 303 },
    "POST /styles/{id}/delete": { thing: "spareTemplate", from: "/styles/{id}", ok: 303, uses: true },
    "GET /create/batch": { ok: 200 },
    "POST /create/batch": { from: "/create/batch", with: { prompts: "a castle\na garden", check: "" }, ok: 303 },
    "GET /batches/{id}": { thing: "batch", ok: 200 },
    "POST /batches/{id}/cancel": { thing: "batch", fresh: true, from: "/batches/{id}", ok: 303 },
    "GET /generations": { ok: 200 },
    "GET /generations/{id}": { thing: "generation", ok: 200 },
    "POST /generations/{id}/again": { thing: "generation", from: "/generations/{id}", ok: 303 },
    "POST /generations/{id}/cancel": { thing: "running", fresh: true, from: "/generations/{id}", ok: 303 },
    "GET /avatars": { ok: 200 },
    "GET /avatars/new": { ok: 200 },
    "POST /avatars/new": {
        from: "/avatars/new",
        with: { name: "Made by the page", training_type: "style", gender: "other" },
        ok: 303,
    },
    "GET /avatars/{id}": { thing: "avatar", ok: 200 },
    "GET /avatars/{id}/photos": { thing: "draft", ok: 200 },
    "POST /avatars/{id}/photos": {
        thing: "draft",
        from: "/avatars/{id}",
        files: [{ file: "one.png", bytes: photo(1) }],
        ok: 200,
    },
    "POST /avatars/{id}/photos/{photo}/delete": {
        within: "draft",
        thing: "photo",
        from: "/avatars/{id}",
        ok: 303,
        uses: true,
        others: 303,
    },
    "POST /avatars/{id}/train": {
        thing: "ready",
        fresh: true,
        from: "/avatars/{id}",
        with: { preset: "fast" },
        ok: 303,
    },
    "POST /avatars/{id}/train/cancel": {
        thing: "learning",
        fresh: true,
        from: "/avatars/{id}",
        ok: 303,
    },
    "POST /avatars/{id}/rename": { thing: "avatar", from: "/avatars/{id}", with: { name: "Renamed" }, ok: 303 },
    "POST /avatars/{id}/main": { thing: "spare", from: "/avatars/{id}", ok: 303 },
    "POST /avatars/{id}/delete": { thing: "spare", from: "/avatars/{id}", ok: 303, uses: true },
    "GET /avatars/import": { ok: 200 },
    "POST /avatars/import": {
        from: "/avatars/import",
        with: {
            name: "Imported",
            training_type: "portrait",
            gender: "female",
            diffusers_lora_file_url: "https://v3.fal.media/files/penguin/x.safetensors",
            trigger: "XX woman",
        },
        ok: 303,
    },
    "GET /settings": { ok: 200 },
    "POST /settings": { from: "/settings", ok: 303 },
    "POST /settings/tokens": { from: "/settings", with: { token_name: "By the page", scope_read: "true" }, ok: 200 },
    "POST /settings/tokens/{id}/revoke": { thing: "token", from: "/settings", ok: 303, uses: true, others: 303 },
    "POST /settings/sessions/end": { from: "/settings", ok: 303 },
};
