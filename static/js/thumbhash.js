// ThumbHash, as server/image/thumbhash.c writes it: a few cosine waves for lightness, two differences of colour and
// opacity, each in four bits, behind a header with their means and amplitudes.

function waves(nx, ny, next) {
    const list = [];
    for (let y = 0; y < ny; y++) for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x++) list.push([x, y, next()]);
    return list;
}

function read(bytes) {
    const first = bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);
    const second = bytes[3] | (bytes[4] << 8);
    const opaque = !(first >> 23);
    const landscape = second >> 15;
    const long = opaque ? 7 : 5;
    const short = second & 7;
    let half = 2 * (opaque ? 5 : 6);
    const next = () => ((bytes[half >> 1] >> (4 * (half++ & 1))) & 15) / 7.5 - 1;
    const scaled = (nx, ny, scale) => waves(nx, ny, () => next() * scale);
    return {
        light: [
            (first & 63) / 63,
            scaled(
                Math.max(3, landscape ? long : short),
                Math.max(3, landscape ? short : long),
                ((first >> 18) & 31) / 31,
            ),
        ],
        // The little that four bits lose of colour is given back.
        yellow: [((first >> 6) & 63) / 31.5 - 1, scaled(3, 3, (1.25 * ((second >> 3) & 63)) / 63)],
        red: [((first >> 12) & 63) / 31.5 - 1, scaled(3, 3, (1.25 * ((second >> 9) & 63)) / 63)],
        alpha: opaque ? [1, []] : [(bytes[5] & 15) / 15, scaled(5, 5, (bytes[5] >> 4) / 15)],
    };
}

function cosines(size) {
    return Array.from({ length: size }, (_, at) =>
        Array.from({ length: 7 }, (_, n) => Math.cos((Math.PI / size) * (at + 0.5) * n)),
    );
}

// Pixels (RGBA) of width × height.
export function thumbhashPixels(bytes, width, height) {
    const { light, yellow, red, alpha } = read(bytes);
    const across = cosines(width);
    const down = cosines(height);
    const pixels = new Uint8ClampedArray(4 * width * height);
    for (let y = 0, at = 0; y < height; y++)
        for (let x = 0; x < width; x++, at += 4) {
            const value = ([mean, list]) =>
                list.reduce((sum, [nx, ny, f]) => sum + f * across[x][nx] * down[y][ny] * 2, mean);
            const l = value(light);
            const p = value(yellow);
            const q = value(red);
            const blue = l - (2 / 3) * p;
            const r = (3 * l - blue + q) / 2;
            pixels.set([255 * r, 255 * (r - q), 255 * blue, 255 * value(alpha)], at);
        }
    return pixels;
}
