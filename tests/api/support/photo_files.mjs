// Pictures for uploads, made here: scenes that are sharp, well lit and all different, and files that are anything but a photo.
import zlib from "node:zlib";

// Numbers that look random, the same for the same seed.
function dice(seed) {
    let state = (seed * 2654435761) >>> 0 || 1;
    return () => {
        state ^= state << 13;
        state >>>= 0;
        state ^= state >>> 17;
        state ^= state << 5;
        state >>>= 0;
        return state / 2 ** 32;
    };
}

// Shapes of every size over a slope of colours: [width × height × 3].
export function scene(seed, width, height = width) {
    const random = dice(seed);
    const pixels = Buffer.alloc(width * height * 3);
    const corner = [0, 1, 2].map(() => [60 + 130 * random(), 90 * (random() - 0.5), 90 * (random() - 0.5)]);
    const shapes = Array.from({ length: 90 }, (_, i) => ({
        x: random(),
        y: random(),
        rx: (0.02 + 0.3 * random()) / (1 + i / 20),
        ry: (0.02 + 0.3 * random()) / (1 + i / 20),
        round: random() < 0.5,
        colour: [random() * 255, random() * 255, random() * 255],
    }));
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
            for (let c = 0; c < 3; c++)
                pixels[(y * width + x) * 3 + c] =
                    corner[c][0] + (corner[c][1] * x) / width + (corner[c][2] * y) / height;
    for (const shape of shapes) paint(pixels, width, height, shape);
    return { width, height, pixels };
}

function paint(pixels, width, height, { x, y, rx, ry, round, colour }) {
    const [left, right] = [Math.max(0, Math.floor((x - rx) * width)), Math.min(width, Math.ceil((x + rx) * width))];
    const [top, bottom] = [Math.max(0, Math.floor((y - ry) * height)), Math.min(height, Math.ceil((y + ry) * height))];
    for (let py = top; py < bottom; py++)
        for (let px = left; px < right; px++) {
            const dx = (px / width - x) / rx;
            const dy = (py / height - y) / ry;
            if (round && dx * dx + dy * dy > 1) continue;
            for (let c = 0; c < 3; c++) pixels[(py * width + px) * 3 + c] = colour[c];
        }
}

export function halved({ width, height, pixels }) {
    const [w, h] = [width >> 1, height >> 1];
    const small = Buffer.alloc(w * h * 3);
    for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++)
            for (let c = 0; c < 3; c++) {
                const at = (dx, dy) => pixels[((2 * y + dy) * width + 2 * x + dx) * 3 + c];
                small[(y * w + x) * 3 + c] = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) >> 2;
            }
    return { width: w, height: h, pixels: small };
}

// The brightness of every pixel changed: (value) => value.
export const toned = ({ width, height, pixels }, change) => ({
    width,
    height,
    pixels: Buffer.from(pixels.map((value) => Math.max(0, Math.min(255, change(value))))),
});

// So smooth that there is nothing to see in it.
export function blurred(width, height = width) {
    const pixels = Buffer.alloc(width * height * 3);
    for (let i = 0; i < pixels.length; i++) pixels[i] = 90 + (60 * ((i / 3) % width)) / width;
    return { width, height, pixels };
}

const CRC = Int32Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n;
});

function crc32(bytes) {
    let sum = -1;
    for (const byte of bytes) sum = CRC[(sum ^ byte) & 255] ^ (sum >>> 8);
    return ~sum >>> 0;
}

function chunk(name, data) {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length);
    head.write(name, 4, "latin1");
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), data])));
    return Buffer.concat([head, data, sum]);
}

function header(width, height, depth, colour) {
    const data = Buffer.alloc(13);
    data.writeUInt32BE(width, 0);
    data.writeUInt32BE(height, 4);
    data.set([depth, colour, 0, 0, 0], 8);
    return data;
}

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

// bits: 8 or 16 a channel; texts: tEXt chunks {name: value}
export function png({ width, height, pixels }, { bits = 8, texts = {}, level = 1 } = {}) {
    const bytes = (width * 3 * bits) / 8;
    const rows = Buffer.alloc(height * (1 + bytes));
    for (let y = 0; y < height; y++)
        for (let i = 0; i < width * 3; i++) {
            const value = pixels[y * width * 3 + i];
            if (bits === 8) rows[y * (1 + bytes) + 1 + i] = value;
            else rows.writeUInt16BE(value * 257, y * (1 + bytes) + 1 + 2 * i);
        }
    return Buffer.concat([
        SIGNATURE,
        chunk("IHDR", header(width, height, bits, 2)),
        ...Object.entries(texts).map(([name, text]) => chunk("tEXt", Buffer.from(`${name}\0${text}`, "latin1"))),
        chunk("IDAT", zlib.deflateSync(rows, { level })),
        chunk("IEND", Buffer.alloc(0)),
    ]);
}

export const photo = (seed, width = 640, height = width) => png(scene(seed, width, height));

// A PNG whose header promises that many pixels, with hardly any behind it.
export const hugePng = (width, height) =>
    Buffer.concat([
        SIGNATURE,
        chunk("IHDR", header(width, height, 8, 2)),
        chunk("IDAT", zlib.deflateSync(Buffer.alloc(100000))),
        chunk("IEND", Buffer.alloc(0)),
    ]);

// A TIFF block as EXIF has it: orientation, the camera's name, and where it was.
export function exif({ orientation = 1, model = "SECRETCAM 9000", place = true } = {}) {
    const tiff = Buffer.alloc(400);
    const entry = (at, tag, type, count, value) => {
        tiff.writeUInt16LE(tag, at);
        tiff.writeUInt16LE(type, at + 2);
        tiff.writeUInt32LE(count, at + 4);
        if (type === 3) tiff.writeUInt16LE(value, at + 8);
        else tiff.writeUInt32LE(value, at + 8);
    };
    const fraction = (at, value) => {
        tiff.writeUInt32LE(value, at);
        tiff.writeUInt32LE(1, at + 4);
    };
    tiff.write("II*\0", 0, "latin1");
    tiff.writeUInt32LE(8, 4);
    tiff.writeUInt16LE(place ? 3 : 2, 8);
    entry(10, 0x110, 2, model.length + 1, 200);
    entry(22, 0x112, 3, 1, orientation);
    if (place) entry(34, 0x8825, 4, 1, 60);
    tiff.write(model, 200, "latin1");
    tiff.writeUInt16LE(4, 60); // the GPS directory
    entry(62, 1, 2, 2, "N".charCodeAt(0));
    entry(74, 2, 5, 3, 260);
    entry(86, 3, 2, 2, "E".charCodeAt(0));
    entry(98, 4, 5, 3, 290);
    [55, 45, 21].forEach((value, i) => fraction(260 + 8 * i, value));
    [37, 37, 4].forEach((value, i) => fraction(290 + 8 * i, value));
    return tiff;
}

// A JPEG with such a block in front, an XMP packet and a comment.
export function withMetadata(jpeg, options) {
    const segment = (marker, data) => {
        const head = Buffer.from([0xff, marker, 0, 0]);
        head.writeUInt16BE(data.length + 2, 2);
        return Buffer.concat([head, data]);
    };
    return Buffer.concat([
        jpeg.subarray(0, 2),
        segment(0xe1, Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exif(options)])),
        segment(
            0xe1,
            Buffer.from("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>GPSLatitude 55,45.35N SECRETPLACE</x:xmpmeta>"),
        ),
        segment(0xfe, Buffer.from("SECRETCOMMENT")),
        jpeg.subarray(2),
    ]);
}

const riffChunk = (name, data) => {
    const head = Buffer.alloc(8);
    head.write(name, "latin1");
    head.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, data, Buffer.alloc(data.length & 1)]);
};

// What a decoder sees of an animation before it decodes anything.
export function animatedWebp(width, height) {
    const canvas = Buffer.alloc(10);
    canvas[0] = 2;
    canvas.writeUIntLE(width - 1, 4, 3);
    canvas.writeUIntLE(height - 1, 7, 3);
    const frame = Buffer.concat([Buffer.alloc(16), riffChunk("VP8L", Buffer.from([0x2f, 0, 0, 0, 0, 0]))]);
    const body = Buffer.concat([
        Buffer.from("WEBP"),
        riffChunk("VP8X", canvas),
        riffChunk("ANIM", Buffer.alloc(6)),
        riffChunk("ANMF", frame),
        riffChunk("ANMF", frame),
    ]);
    const head = Buffer.alloc(8);
    head.write("RIFF", "latin1");
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body]);
}

const box = (name, data) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.length + 8);
    head.write(name, 4, "latin1");
    return Buffer.concat([head, data]);
};

export const FOREIGN = {
    HEIC: Buffer.concat([box("ftyp", Buffer.from("heic\0\0\0\0mif1heic", "latin1")), box("mdat", Buffer.alloc(4000))]),
    MP4: Buffer.concat([box("ftyp", Buffer.from("isom\0\0\x02\0isomiso2", "latin1")), box("mdat", Buffer.alloc(4000))]),
    GIF: Buffer.concat([Buffer.from("GIF89a", "latin1"), Buffer.from([0, 3, 0, 3, 0, 0, 0]), Buffer.alloc(500)]),
    SVG: Buffer.from(
        '<?xml version="1.0"?>\n<!-- a picture -->\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    ),
    PDF: Buffer.from("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"),
    ZIP: Buffer.concat([Buffer.from("PK\x03\x04\x14\0\0\0\0\0", "latin1"), Buffer.alloc(500)]),
};

// A form: parts [{name, file, type, bytes}] (name: "photo"). → {body, type}
export function form(parts, boundary = "----AishaTestBoundary7MA4YWxk") {
    const pieces = parts.flatMap(({ name = "photo", file, type = "image/png", bytes }) => [
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`,
        file === undefined ? "" : `; filename="${file}"`,
        `\r\nContent-Type: ${type}\r\n\r\n`,
        bytes,
        "\r\n",
    ]);
    const body = Buffer.concat([...pieces, `--${boundary}--\r\n`].map((p) => Buffer.from(p)));
    return { body, type: `multipart/form-data; boundary=${boundary}` };
}
