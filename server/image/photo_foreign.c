#include "image/photo.h"

#include <string.h>

enum { SNIFFED = 4096 /* bytes; a comment before <svg> may be long */ };

static const struct {
    size_t at;
    struct text magic;
    const char *name;
} MAGICS[] = {
    {0, {"GIF8", 4}, "GIF"},
    {0, {"%PDF-", 5}, "PDF"},
    {0, {"II*\0", 4}, "TIFF"},
    {0, {"MM\0*", 4}, "TIFF"},
    {0, {"II+\0", 4}, "TIFF"},
    {0, {"MM\0+", 4}, "TIFF"},
    {0, {"8BPS", 4}, "PSD"},
    {0, {"\0\0\1\0", 4}, "ICO"},
    {0, {"\xff\x0a", 2}, "JPEG XL"},
    {4, {"JXL \r\n\x87\n", 8}, "JPEG XL"},
    {4, {"jP  \r\n\x87\n", 8}, "JPEG 2000"},
    {0, {"\xff\x4f\xff\x51", 4}, "JPEG 2000"},
    {0, {"PK\3\4", 4}, "ZIP"},
    {0, {"PK\5\6", 4}, "ZIP"},
    {0, {"Rar!\x1a\7", 6}, "RAR"},
    {0, {"7z\xbc\xaf\x27\x1c", 6}, "7z"},
    {0, {"\x1f\x8b", 2}, "GZIP"},
    {8, {"AVI ", 4}, "AVI"},
    {4, {"moov", 4}, "MOV"},
    {4, {"mdat", 4}, "MOV"},
    {4, {"wide", 4}, "MOV"},
    {0, {"\0\0\1\xba", 4}, "MPEG"},
    {0, {"\0\0\1\xb3", 4}, "MPEG"},
    {0, {"FLV\1", 4}, "FLV"},
};

static struct text from(struct text t, size_t at)
{
    return at < t.len ? (struct text){t.at + at, t.len - at} : (struct text){NULL, 0};
}

static bool has_at(struct text bytes, size_t at, struct text magic) { return text_starts(from(bytes, at), magic); }

/* Brands of ISO base media files (ISO/IEC 14496-12, section 4.3; 23008-12, annex B; the AVIF specification). */
static const char *of_brand(struct text brand)
{
    static const struct {
        struct text brand;
        const char *name;
    } BRANDS[] = {
        {{"avif", 4}, "AVIF"}, {{"avis", 4}, "AVIF"}, {{"heic", 4}, "HEIC"}, {{"heix", 4}, "HEIC"},
        {{"heim", 4}, "HEIC"}, {{"heis", 4}, "HEIC"}, {{"hevc", 4}, "HEIC"}, {{"hevx", 4}, "HEIC"},
        {{"hevm", 4}, "HEIC"}, {{"hevs", 4}, "HEIC"}, {{"qt  ", 4}, "MOV"},  {{"crx ", 4}, "CR3"},
    };

    for (size_t i = 0; i < sizeof BRANDS / sizeof *BRANDS; i++)
        if (text_equal(brand, BRANDS[i].brand))
            return BRANDS[i].name;
    return NULL;
}

/* The major brand of a still may be the general one; then the compatible brands tell. */
static const char *of_media_file(struct text bytes)
{
    size_t size = (unsigned char)bytes.at[2] * 256u + (unsigned char)bytes.at[3];
    bool still = has_at(bytes, 8, TEXT("mif1")) || has_at(bytes, 8, TEXT("msf1"));
    const char *name = NULL;

    for (size_t at = 8; !name && at + 4 <= size && at + 4 <= bytes.len; at += at == 8 ? 8 : 4)
        if (at == 8 || still)
            name = of_brand((struct text){bytes.at + at, 4});
    return name ? name : still ? "HEIF" : "MP4";
}

static bool skip_past(struct text *rest, const char *end)
{
    const char *at = rest->len ? memmem(rest->at, rest->len, end, strlen(end)) : NULL;

    *rest = at ? from(*rest, (size_t)(at - rest->at) + strlen(end)) : (struct text){NULL, 0};
    return at;
}

static bool starts_ignoring_case(struct text t, struct text prefix)
{
    return t.len >= prefix.len && text_equal_ignoring_case((struct text){t.at, prefix.len}, prefix);
}

static struct text without_blanks(struct text t)
{
    while (t.len && memchr(" \t\r\n", t.at[0], 4))
        t = from(t, 1);
    return t;
}

/* What is marked up, behind declarations and comments. */
static const char *of_markup(struct text bytes)
{
    struct text rest = has_at(bytes, 0, TEXT("\xef\xbb\xbf")) ? from(bytes, 3) : bytes;
    bool again = true;

    while (again) {
        rest = without_blanks(rest);
        if (text_starts(rest, TEXT("<?")))
            again = skip_past(&rest, "?>");
        else if (text_starts(rest, TEXT("<!--")))
            again = skip_past(&rest, "-->");
        else if (starts_ignoring_case(rest, TEXT("<!doctype html")))
            return "HTML";
        else if (starts_ignoring_case(rest, TEXT("<!doctype")))
            again = skip_past(&rest, ">");
        else
            again = false;
    }
    if (starts_ignoring_case(rest, TEXT("<svg")))
        return "SVG";
    return starts_ignoring_case(rest, TEXT("<html")) ? "HTML" : NULL;
}

static bool is_bmp(struct text bytes)
{
    /* "BM" alone begins many a text: the size of the second header must be one that exists. */
    return has_at(bytes, 0, TEXT("BM")) && bytes.len >= 18 && strchr("\x0c\x28\x34\x38\x40\x6c\x7c", bytes.at[14]) &&
           bytes.at[14] && has_at(bytes, 15, TEXT("\0\0\0"));
}

static bool is_animated_webp(struct text bytes)
{
    return has_at(bytes, 0, TEXT("RIFF")) && has_at(bytes, 8, TEXT("WEBPVP8X")) && bytes.len > 20 &&
           (bytes.at[20] & 2); /* RFC 9649, section 2.7 */
}

const char *photo_foreign_format(struct text bytes)
{
    struct text head = {bytes.at, bytes.len < SNIFFED ? bytes.len : SNIFFED};

    for (size_t i = 0; i < sizeof MAGICS / sizeof *MAGICS; i++)
        if (has_at(head, MAGICS[i].at, MAGICS[i].magic))
            return MAGICS[i].name;
    if (has_at(head, 4, TEXT("ftyp")) && head.len >= 12)
        return of_media_file(head);
    if (has_at(head, 0, TEXT("\x1a\x45\xdf\xa3")))
        return memmem(head.at, head.len, "webm", 4) ? "WebM" : "MKV";
    if (is_animated_webp(head))
        return "animated WebP";
    return is_bmp(head) ? "BMP" : of_markup(head);
}
