// Each library is called in one folder; everyone else goes through that folder's headers. Rows and JSON trees, which
// those headers hand out, are freed where they are used: PQclear and yajl_tree_free are free.
import { done, files, forbid } from "./source.mjs";

const LIBRARIES = [
    { what: "libpq", calls: /\bPQ(?!clear\b)[a-zA-Z]\w*\s*\(/g, home: ["server/db/"] },
    { what: "libcurl", calls: /\bcurl_\w+|<curl\/[^>]*>/g, home: ["server/fetch/"] },
    { what: "libvips", calls: /\bvips_\w+|<vips\/[^>]*>/g, home: ["server/image/"] },
    { what: "libturbojpeg", calls: /\btj[A-Z]\w*|<turbojpeg\.h>/g, home: ["server/image/"] },
    { what: "libh2o", calls: /\bh2o_\w+\s*\(|<h2o[./][^>]*>/g, home: ["server/http/", /^server\/[^/]+$/] },
    { what: "yajl", calls: /\byajl_(?!tree_free\b)\w+\s*\(|<yajl\/yajl_(gen|parse)[^>]*>/g, home: ["server/json/"] },
    { what: "libzip", calls: /\bzip_\w+\s*\(|<zip\.h>/g, home: ["server/storage/"] },
    { what: "libexpat", calls: /\bXML_[A-Z]\w*|<expat\.h>/g, home: ["server/storage/"] },
    { what: "utf8proc", calls: /\butf8proc_\w+\s*\(|<utf8proc\.h>/g, home: ["server/moderation/"] },
    { what: "hiredis", calls: /\bredis(Async|Command|Connect|Reader|Free)\w*|<hiredis\/[^>]*>/g, home: ["server/redis/"] },
    { what: "libstemmer", calls: /\bsb_stemmer\w*|<libstemmer\.h>/g, home: ["server/base/"] },
];
// Files that may step over one of these lines, each with its reason.
const EXCEPTIONS = {
    "server/falsim/paint.c": ["libvips"], // the simulator draws its pictures; image/ only reads and scales them
    "server/falsim/sim_broken.c": ["libh2o"], // breaks connections under the server, as a bad network does
};

const inside = (path, home) => home.some((place) => (place instanceof RegExp ? place.test(path) : path.startsWith(place)));
for (const path of files("server/*.c", "server/*.h", "server/*.inc"))
    for (const { what, calls, home } of LIBRARIES)
        if (!inside(path, home) && !EXCEPTIONS[path]?.includes(what))
            forbid(path, calls, (name) => `${name} belongs to ${what}, which is used in ${home[0]} only`);
done();
