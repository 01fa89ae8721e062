// Photos to upload: sharp pictures that look different, written as PNG without any library; and files that will not do.
import zlib from "node:zlib";

const CRC = new Uint32Array(256).map((_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
});

function crc(bytes) {
    let c = 0xffffffff;
    for (const byte of bytes) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
    return (c ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
    const all = Buffer.alloc(12 + data.length);
    all.writeUInt32BE(data.length, 0);
    all.write(type, 4, "latin1");
    data.copy(all, 8);
    all.writeUInt32BE(crc(all.subarray(4, 8 + data.length)), 8 + data.length);
    return all;
}

export function png(width, height, colour) {
    const rows = Buffer.alloc(height * (1 + 3 * width));
    for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) rows.set(colour(x, y), y * (1 + 3 * width) + 1 + 3 * x);
    const head = Buffer.alloc(13);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head.set([8, 2, 0, 0, 0], 8);
    const parts = [chunk("IHDR", head), chunk("IDAT", zlib.deflateSync(rows, { level: 1 })), chunk("IEND", Buffer.alloc(0))];
    return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), ...parts]);
}

// A number of 0..1 that follows from its two seeds.
const dice = (a, b) => {
    const n = Math.sin(a * 127.1 + b * 311.7) * 43758.5453;
    return n - Math.floor(n);
};

// Coloured tiles with sharp edges; each number gives a picture that looks like no other's.
export function picture(number, side = 560) {
    const tile = 40;
    const shade = (x, y) => 60 + 150 * dice(number * 17 + Math.floor(x / tile), Math.floor(y / tile) * 3 + number);
    return png(side, side, (x, y) => {
        const light = shade(x, y) * ((x + y) % 7 < 3 ? 0.75 : 1);
        return [light, light * (0.6 + 0.4 * dice(number, 1)), light * (0.6 + 0.4 * dice(number, 2))];
    });
}

// As a file input takes them: {name, mimeType, buffer}.
export const file = (number) => ({ name: `picture ${number}.png`, mimeType: "image/png", buffer: picture(number) });
export const files = (count, from = 1) => Array.from({ length: count }, (_, i) => file(from + i));
export const tiny = { name: "tiny.png", mimeType: "image/png", buffer: png(64, 64, () => [128, 128, 128]) };
export const gif = {
    name: "move.gif",
    mimeType: "image/gif",
    buffer: Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1"),
};
