// What a picture file holds, read from its bytes.
import assert from "node:assert/strict";

// Segments up to the picture, and the frame's size.
export function readJpeg(bytes) {
    assert.equal(bytes.readUInt16BE(0), 0xffd8, "it begins like a JPEG");
    assert.equal(bytes.readUInt16BE(bytes.length - 2), 0xffd9, "it ends like a JPEG");
    const markers = [];
    let at = 2;
    let frame;
    while (bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
        const marker = bytes[at + 1];
        markers.push(marker);
        if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
            frame = { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7), components: bytes[at + 9] };
        at += 2 + bytes.readUInt16BE(at + 2);
    }
    assert.ok(frame, "it has a frame");
    return { ...frame, markers };
}

export function readPng(bytes) {
    assert.equal(bytes.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n", "it begins like a PNG");
    const chunks = [];
    for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at))
        chunks.push(bytes.subarray(at + 4, at + 8).toString("latin1"));
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), chunks };
}

export function readWebp(bytes) {
    assert.equal(bytes.subarray(0, 4).toString("latin1") + bytes.subarray(8, 12).toString("latin1"), "RIFFWEBP");
    const chunks = [];
    for (let at = 12; at + 8 <= bytes.length; at += 8 + bytes.readUInt32LE(at + 4) + (bytes.readUInt32LE(at + 4) & 1))
        chunks.push({ name: bytes.subarray(at, at + 4).toString("latin1"), at: at + 8 });
    const find = (name) => chunks.find((c) => c.name === name)?.at;
    const names = chunks.map((c) => c.name);
    if (find("VP8X") !== undefined)
        return {
            width: 1 + bytes.readUIntLE(find("VP8X") + 4, 3),
            height: 1 + bytes.readUIntLE(find("VP8X") + 7, 3),
            names,
        };
    if (find("VP8L") !== undefined) {
        const bits = bytes.readUInt32LE(find("VP8L") + 1);
        return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff), names };
    }
    const at = find("VP8 ");
    return { width: bytes.readUInt16LE(at + 6) & 0x3fff, height: bytes.readUInt16LE(at + 8) & 0x3fff, names };
}

// Nothing but the picture: no EXIF, XMP, IPTC, comments or texts.
export function assertNoMetadata(bytes, contentType) {
    if (contentType === "image/jpeg") {
        const { markers } = readJpeg(bytes);
        const telling = markers.filter((m) => (m > 0xe0 && m <= 0xef && m !== 0xee) || m === 0xfe);
        assert.deepEqual(telling, [], "no APPn segment but JFIF (and Adobe's colour flag), no comment");
    } else if (contentType === "image/png") {
        const telling = readPng(bytes).chunks.filter((c) => /^(eXIf|tEXt|zTXt|iTXt|tIME)$/.test(c));
        assert.deepEqual(telling, []);
    } else {
        assert.deepEqual(
            readWebp(bytes).names.filter((n) => /EXIF|XMP|ICCP/.test(n)),
            [],
        );
    }
    for (const word of ["Exif\0\0", "http://ns.adobe.com/xap", "Photoshop 3.0"]) assert.ok(!bytes.includes(word), word);
}
