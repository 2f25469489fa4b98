#include "hack/devcloud/cluster/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"

#define SUBDOMAIN_MAX 253
#define LABEL_MAX 63

#define SUBDOMAIN_FAULT \
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or " \
    "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used " \
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define LABEL_FAULT \
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and " \
    "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex " \
    "used " \
    "for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
#define DNS1035_FAULT \
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an " \
    "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or " \
    "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
#define QUALIFIED_FAULT \
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end " \
    "with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " \
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define VALUE_FAULT \
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or " \
    "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value', " \
    " or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

static bool is_lower_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* Letters and digits at both ends, `inner` allowed between. */
static bool is_shaped(const char *text, size_t len, bool (*is_end)(char), const char *inner)
{
    if (!len || !is_end(text[0]) || !is_end(text[len - 1]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_end(text[i]) && !strchr(inner, text[i]))
            return false;
    return true;
}

static char *give_too_long(size_t max)
{
    return xasprintf("must be no more than %zu characters", max);
}

static bool is_subdomain(const char *name)
{
    for (;;) {
        size_t len = strcspn(name, ".");
        if (!is_shaped(name, len, is_lower_alnum, "-"))
            return false;
        if (!name[len])
            return true;
        name += len + 1;
    }
}

char *names_give_subdomain_fault(const char *name)
{
    if (strlen(name) > SUBDOMAIN_MAX)
        return give_too_long(SUBDOMAIN_MAX);
    return is_subdomain(name) ? NULL : xstrdup(SUBDOMAIN_FAULT);
}

char *names_give_label_fault(const char *name)
{
    if (strlen(name) > LABEL_MAX)
        return give_too_long(LABEL_MAX);
    return is_shaped(name, strlen(name), is_lower_alnum, "-") ? NULL : xstrdup(LABEL_FAULT);
}

char *names_give_dns1035_fault(const char *name)
{
    if (strlen(name) > LABEL_MAX)
        return give_too_long(LABEL_MAX);
    bool fine =
        is_shaped(name, strlen(name), is_lower_alnum, "-") && !isdigit((unsigned char)*name);
    return fine ? NULL : xstrdup(DNS1035_FAULT);
}

char *names_give_segment_fault(const char *name)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return xasprintf("may not be '%s'", name);
    if (strchr(name, '/'))
        return xstrdup("may not contain '/'");
    return strchr(name, '%') ? xstrdup("may not contain '%'") : NULL;
}

char *names_give_label_key_fault(const char *key)
{
    const char *slash = strchr(key, '/');
    const char *name = slash ? slash + 1 : key;
    if (slash) {
        cleanup_free char *prefix = xstrndup(key, (size_t)(slash - key));
        if (!*prefix)
            return xstrdup("prefix part must be non-empty");
        cleanup_free char *fault = names_give_subdomain_fault(prefix);
        if (fault)
            return xasprintf("prefix part %s", fault);
    }
    if (!*name)
        return xstrdup("name part must be non-empty");
    if (strlen(name) > LABEL_MAX)
        return xasprintf("name part must be no more than %d characters", LABEL_MAX);
    return is_shaped(name, strlen(name), is_alnum, "-_.") ? NULL : xstrdup(QUALIFIED_FAULT);
}

char *names_give_label_value_fault(const char *value)
{
    if (strlen(value) > LABEL_MAX)
        return give_too_long(LABEL_MAX);
    if (!*value || is_shaped(value, strlen(value), is_alnum, "-_."))
        return NULL;
    return xstrdup(VALUE_FAULT);
}
