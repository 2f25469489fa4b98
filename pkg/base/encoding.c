#include "pkg/base/encoding.h"

#include <stdint.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

static const char std_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *base64_encode(const void *data, size_t len, const char *alphabet, bool pad)
{
    const unsigned char *in = data;
    char *text = xmalloc((len + 2) / 3 * 4 + 1);
    char *out = text;
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        uint32_t word = (uint32_t)in[i] << 16;
        if (have > 1)
            word |= (uint32_t)in[i + 1] << 8;
        if (have > 2)
            word |= in[i + 2];
        for (size_t k = 0; k < 4; k++) {
            if (k <= have)
                *out++ = alphabet[word >> (18 - 6 * k) & 63];
            else if (pad)
                *out++ = '=';
        }
    }
    *out = '\0';
    return text;
}

char *base64_give(const void *data, size_t len)
{
    return base64_encode(data, len, std_alphabet, true);
}

char *base64url_give(const void *data, size_t len)
{
    return base64_encode(data, len, url_alphabet, false);
}

static int base64_value(char c, const char *alphabet)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == alphabet[62])
        return 62;
    return c == alphabet[63] ? 63 : -1;
}

/* Length without one trailing newline and correct padding. */
static int base64_strip(const char *text, size_t len, size_t *ret_len, struct error **err)
{
    if (len > 0 && text[len - 1] == '\n')
        len--;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    size_t whole = len;
    while (len > 0 && whole - len < 2 && text[len - 1] == '=')
        len--;
    if (len % 4 == 1 || (len != whole && whole % 4 != 0))
        return error_set(err, ERR_INVALID, "base64: wrong length or padding");
    *ret_len = len;
    return 0;
}

static int base64_decode(const char *text, size_t len, const char *alphabet, char **ret,
                         size_t *ret_len, struct error **err)
{
    if (base64_strip(text, len, &len, err) < 0)
        return -1;

    cleanup_free char *data = xmalloc(len / 4 * 3 + 4);
    size_t n = 0;
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < len; i++) {
        int value = base64_value(text[i], alphabet);
        if (value < 0)
            return error_set(err, ERR_INVALID, "base64: unexpected byte at offset %zu", i);
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            data[n++] = (char)(bits >> have & 0xff);
        }
    }
    /* One text for one value: signatures are compared by their spelling elsewhere. */
    if (bits & ((1U << have) - 1))
        return error_set(err, ERR_INVALID, "base64: unused bits of the last character are set");
    data[n] = '\0';
    *ret = take(data);
    *ret_len = n;
    return 0;
}

int base64_parse(const char *text, size_t len, char **ret, size_t *ret_len, struct error **err)
{
    return base64_decode(text, len, std_alphabet, ret, ret_len, err);
}

int base64url_parse(const char *text, size_t len, char **ret, size_t *ret_len, struct error **err)
{
    return base64_decode(text, len, url_alphabet, ret, ret_len, err);
}

char *hex_give(const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = data;
    char *text = xmalloc(len * 2 + 1);
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[in[i] >> 4];
        text[2 * i + 1] = digits[in[i] & 15];
    }
    text[2 * len] = '\0';
    return text;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

char *percent_give_keeping(const char *text, const char *keep)
{
    static const char digits[] = "0123456789ABCDEF";
    char *coded = xmalloc(strlen(text) * 3 + 1);
    char *out = coded;
    for (; *text; text++) {
        if (is_unreserved(*text) || strchr(keep, *text)) {
            *out++ = *text;
            continue;
        }
        *out++ = '%';
        *out++ = digits[(unsigned char)*text >> 4];
        *out++ = digits[(unsigned char)*text & 15];
    }
    *out = '\0';
    return coded;
}

char *percent_give(const char *text)
{
    return percent_give_keeping(text, "");
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool percent_parse(const char *text, char **ret)
{
    cleanup_free char *plain = xmalloc(strlen(text) + 1);
    char *out = plain;
    while (*text) {
        if (*text != '%') {
            *out++ = *text++;
            continue;
        }
        int high = hex_value(text[1]);
        int low = high < 0 ? -1 : hex_value(text[2]);
        if (low < 0 || (high == 0 && low == 0))
            return false;
        *out++ = (char)(high << 4 | low);
        text += 3;
    }
    *out = '\0';
    *ret = take(plain);
    return true;
}

/* Length of the well-formed sequence (RFC 3629) at s, 0 when there is none. */
static size_t utf8_sequence(const unsigned char *s, size_t len)
{
    static const struct {
        unsigned char lead_min, lead_max, second_min, second_max;
        size_t len;
    } forms[] = {
        { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, /* no overlong forms */
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, /* no surrogates */
        { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }, /* to U+10FFFF */
    };
    if (s[0] < 0x80)
        return 1;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (s[0] < forms[i].lead_min || s[0] > forms[i].lead_max)
            continue;
        if (len < forms[i].len || s[1] < forms[i].second_min || s[1] > forms[i].second_max)
            return 0;
        for (size_t k = 2; k < forms[i].len; k++) {
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        }
        return forms[i].len;
    }
    return 0;
}

bool utf8_is_valid(const char *s, size_t len)
{
    size_t i = 0;
    while (i < len) {
        uint64_t word;
        if (len - i >= sizeof(word)) { /* most text is ASCII: eight bytes at a time */
            memcpy(&word, s + i, sizeof(word));
            if (!(word & UINT64_C(0x8080808080808080))) {
                i += sizeof(word);
                continue;
            }
        }
        size_t n = utf8_sequence((const unsigned char *)s + i, len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

static void add_code_point(struct buf *b, uint32_t cp)
{
    if (cp < 0x80) {
        buf_addc(b, (char)cp);
    } else if (cp < 0x800) {
        buf_addc(b, (char)(0xc0 | cp >> 6));
        buf_addc(b, (char)(0x80 | (cp & 63)));
    } else if (cp < 0x10000) {
        buf_addc(b, (char)(0xe0 | cp >> 12));
        buf_addc(b, (char)(0x80 | (cp >> 6 & 63)));
        buf_addc(b, (char)(0x80 | (cp & 63)));
    } else {
        buf_addc(b, (char)(0xf0 | cp >> 18));
        buf_addc(b, (char)(0x80 | (cp >> 12 & 63)));
        buf_addc(b, (char)(0x80 | (cp >> 6 & 63)));
        buf_addc(b, (char)(0x80 | (cp & 63)));
    }
}

static uint32_t utf16_unit(const unsigned char *p, bool big_endian)
{
    return big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static int utf16_to_utf8(const unsigned char *p, size_t len, bool big_endian, struct buf *b,
                         struct error **err)
{
    if (len % 2)
        return error_set(err, ERR_INVALID, "UTF-16 text of an odd number of bytes");
    for (size_t i = 0; i < len; i += 2) {
        uint32_t cp = utf16_unit(p + i, big_endian);
        if (cp >= 0xd800 && cp <= 0xdfff) {
            uint32_t low = i + 4 <= len ? utf16_unit(p + i + 2, big_endian) : 0;
            if (cp > 0xdbff || low < 0xdc00 || low > 0xdfff)
                return error_set(err, ERR_INVALID, "UTF-16 text: lone surrogate at offset %zu", i);
            cp = 0x10000 + ((cp - 0xd800) << 10 | (low - 0xdc00));
            i += 2;
        }
        add_code_point(b, cp);
    }
    return 0;
}

int utf_give_utf8(const char *data, size_t len, char **ret, size_t *ret_len, struct error **err)
{
    const unsigned char *p = (const unsigned char *)data;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    bool big = len >= 2 && p[0] == 0xfe && p[1] == 0xff;
    bool little = len >= 2 && p[0] == 0xff && p[1] == 0xfe;
    if (big || little) {
        if (utf16_to_utf8(p + 2, len - 2, big, &b, err) < 0)
            return -1;
    } else {
        size_t mark = len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        buf_add(&b, p + mark, len - mark);
    }
    *ret_len = b.len;
    *ret = buf_give(&b);
    return 0;
}
