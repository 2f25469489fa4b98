#include "pkg/api/names.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/strv.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool is_in(char c, const char *set)
{
    return c && strchr(set, c);
}

/* min to max bytes, all of the set. */
static bool consists_of(const char *text, const char *set, size_t min, size_t max)
{
    size_t len = strlen(text);
    return len >= min && len <= max && strspn(text, set) == len;
}

/* ---- domains and URLs ---- */

static bool is_label(const char *s, size_t len, bool strict)
{
    if (len < (strict ? 2 : 1) || len > 63)
        return false;
    if (!is_in(s[0], strict ? LOWER : LOWER DIGITS) || !is_in(s[len - 1], LOWER DIGITS))
        return false;
    return strspn(s, LOWER DIGITS "-") >= len;
}

bool domain_is_valid(const char *text, bool strict)
{
    for (const char *s = text;; s++) {
        size_t len = strcspn(s, ".");
        if (!is_label(s, len, strict && s == text))
            return false;
        s += len;
        if (!*s)
            return true;
    }
}

static bool is_port_valid(const char *authority, size_t len)
{
    const char *colon = memrchr(authority, ':', len);
    const char *bracket = memrchr(authority, ']', len);
    if (!colon || (bracket && bracket > colon))
        return true;
    for (const char *s = colon + 1; s < authority + len; s++)
        if (!isdigit((unsigned char)*s))
            return false;
    return true;
}

bool url_is_valid(const char *text)
{
    const char *authority = strstr(text, "://");
    if (*text == ':')
        return false;
    for (const char *s = text; *s; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
        if (*s == '%' && !(isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2])))
            return false;
    }
    if (!authority)
        return true;
    authority += 3;
    size_t len = strcspn(authority, "/?#");
    return !memchr(authority, ' ', len) && is_port_valid(authority, len);
}

/* ---- IDs ---- */

static bool is_group(const struct resource_id *id)
{
    const char *name = id->resource_group;
    return uuid_is_valid(id->subscription_id) &&
           consists_of(name, LOWER UPPER DIGITS "-_().", 1, 90) && name[strlen(name) - 1] != '.';
}

static bool is_nothing_else(const struct resource_id *id)
{
    return is_group(id) && !id->provider;
}

static bool is_subnet(const struct resource_id *id)
{
    static const char set[] = LOWER UPPER DIGITS "-_.";
    return is_group(id) &&
           resource_id_is_type(id, "Microsoft.Network", "virtualNetworks/subnets") &&
           consists_of(id->parent_name, set, 2, 64) && consists_of(id->name, set, 2, 80);
}

static bool is_disk_encryption_set(const struct resource_id *id)
{
    return is_group(id) && resource_id_is_type(id, "Microsoft.Compute", "diskEncryptionSets") &&
           consists_of(id->name, LOWER UPPER DIGITS "-_", 1, 80);
}

static bool parse_as(const char *text, bool (*is)(const struct resource_id *),
                     struct resource_id *ret)
{
    struct resource_id id = { 0 };
    if (resource_id_parse(text, &id, NULL) < 0)
        return false;
    if (!is(&id)) {
        resource_id_release(&id);
        return false;
    }
    *ret = id;
    return true;
}

bool group_id_parse(const char *text, struct resource_id *ret)
{
    return parse_as(text, is_nothing_else, ret);
}

bool subnet_id_parse(const char *text, struct resource_id *ret)
{
    return parse_as(text, is_subnet, ret);
}

bool disk_encryption_set_id_parse(const char *text, struct resource_id *ret)
{
    return parse_as(text, is_disk_encryption_set, ret);
}
