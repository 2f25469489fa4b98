/* Names of the API as C spells them. */
#include <ctype.h>
#include <string.h>

#include "hack/generate/client.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

void client_fill(struct buf *out, const char *text, const char *at, const char *dollar)
{
    for (const char *p = text; *p; p++)
        if (*p == '@')
            buf_adds(out, at);
        else if (*p == '$')
            buf_adds(out, dollar);
        else
            buf_addc(out, *p);
}

/* A word begins at a capital behind a small letter, or before one; "IPs" and "OpenShift" are one word. */
static bool begins_word(const char *name, const char *at)
{
    static const char one_word[] = "open";
    size_t len = strlen(one_word);
    if (at == name || !isupper((unsigned char)*at))
        return false;
    if ((size_t)(at - name) >= len && strncasecmp(at - len, one_word, len) == 0 &&
        str_starts(at, "Shift"))
        return false;
    bool is_plural = at[1] == 's' && !islower((unsigned char)at[2]);
    return !isupper((unsigned char)at[-1]) || (islower((unsigned char)at[1]) && !is_plural);
}

static char *give_words(const char *name, int (*spell)(int))
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = name; *p; p++) {
        bool is_letter = isalnum((unsigned char)*p);
        if ((begins_word(name, p) || !is_letter) && out.len && buf_str(&out)[out.len - 1] != '_')
            buf_addc(&out, '_');
        if (is_letter)
            buf_addc(&out, (char)spell((unsigned char)*p));
    }
    return buf_give(&out);
}

char *client_give_snake(const char *name)
{
    return give_words(name, tolower);
}

char *client_give_upper(const char *name)
{
    return give_words(name, toupper);
}

/* ---- sets of versions ---- */

/* Each lone version, and the one from which on all are in the set, with these texts around its name. */
struct spelling {
    const char *all, *separator, *lone, *lone_end, *from, *from_end;
    bool by_letter;
};

static char *give_set(uint32_t versions, const struct spelling *s)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    versions &= V_PUBLIC;
    if (versions == V_PUBLIC)
        return xstrdup(s->all);
    for (size_t i = 0; versions; i++) {
        const struct api_version *v = &api_versions[i];
        const char letter[] = { (char)('A' + i), '\0' };
        bool is_from = versions == V_FROM(v->bit) && v->bit != V_K;
        if (!(versions & v->bit))
            continue;
        buf_addf(&out, "%s%s%s%s", out.len ? s->separator : "", is_from ? s->from : s->lone,
                 s->by_letter ? letter : v->name, is_from ? s->from_end : s->lone_end);
        versions = is_from ? 0 : versions & ~v->bit;
    }
    return buf_give(&out);
}

char *client_give_version_set(uint32_t versions)
{
    static const struct spelling c = { "V_PUBLIC", " | ", "V_", "", "V_FROM(V_", ")", true };
    return give_set(versions, &c);
}

char *client_give_version_text(uint32_t versions)
{
    static const struct spelling text = { "", ", ", "", "", "since ", "", false };
    return give_set(versions, &text);
}
