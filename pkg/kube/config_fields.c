/* Typed fields of kubeconfig entries, with every defect collected. */
#include <stdarg.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/kube/config_impl.h"

void problem(struct problems *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *text = xvasprintf(fmt, ap);
    va_end(ap);
    struct error *e = NULL;
    error_set(&e, ERR_INVALID, "%s", text);
    error_join(&p->all, &e);
}

const char *config_str(const struct config_source *s, const char *key)
{
    const json *value = json_get(s->body, key);
    if (!value)
        return NULL;
    const char *text = json_str(value);
    if (!text || strlen(text) != json_str_len(value)) {
        problem(s->problems, "%s '%s': %s is not a string", s->what, s->name, key);
        return NULL;
    }
    return *text ? text : NULL;
}

bool config_bool(const struct config_source *s, const char *key)
{
    const json *value = json_get(s->body, key);
    if (value && json_kind(value) != JSON_BOOL)
        problem(s->problems, "%s '%s': %s is neither true nor false", s->what, s->name, key);
    return json_bool(value, false);
}

static char *give_resolved(const struct config_source *s, const char *key, const char *path)
{
    if (*path == '/')
        return xstrdup(path);
    if (!s->dir) {
        problem(s->problems,
                "%s '%s': %s is a relative path, but there is no file it could be "
                "relative to",
                s->what, s->name, key);
        return NULL;
    }
    return path_give_joined(s->dir, path);
}

char *config_path(const struct config_source *s, const char *key)
{
    const char *path = config_str(s, key);
    return path ? give_resolved(s, key, path) : NULL;
}

char *config_data(const struct config_source *s, const char *key)
{
    const char *encoded = config_str(s, key);
    if (!encoded)
        return NULL;
    char *data = NULL;
    size_t len;
    if (base64_parse(encoded, strlen(encoded), &data, &len, NULL) < 0) {
        problem(s->problems, "%s '%s': %s is not base64", s->what, s->name, key);
        return NULL;
    }
    if (strlen(data) == len)
        return data;
    problem(s->problems, "%s '%s': %s is not PEM", s->what, s->name, key);
    secret_wipe(data, len);
    free(data);
    return NULL;
}

bool config_is_label(const char *s)
{
    size_t len = strlen(s);
    if (len == 0 || len > 63 || s[0] == '-' || s[len - 1] == '-')
        return false;
    return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}
