/* fieldSelector, of lists and watches. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"

void sets_fields_release(struct sets_fields *f)
{
    free(f->nspace);
    free(f->name);
}

static int once(char **at, const char *key, const char *value, struct error **err)
{
    if (*at)
        return error_set(err, ERR_INVALID, "fieldSelector: %s is named twice", key);
    *at = xstrdup(value);
    return 0;
}

static int read_field(const struct sets_request *r, struct sets_fields *f, const char *key,
                      const char *value, struct error **err)
{
    if (str_eq(key, "metadata.name"))
        return once(&f->name, key, value, err);
    if (str_eq(key, "metadata.namespace")) {
        f->nothing = r->nspace && !str_eq(r->nspace, value);
        return once(&f->nspace, key, value, err);
    }
    if (!str_eq(key, "status.failed") || r->type->id != TYPE_CLUSTERSYNCS ||
        (!str_eq(value, "true") && !str_eq(value, "false")))
        return error_set(err, ERR_INVALID,
                         "fieldSelector: '%.80s=%.80s' is not supported: there are metadata.name, "
                         "metadata.namespace and, "
                         "of clustersyncs, status.failed=true|false",
                         key, value);
    if (f->failed >= 0)
        return error_set(err, ERR_INVALID, "fieldSelector: %s is named twice", key);
    f->failed = str_eq(value, "true");
    return 0;
}

int sets_request_fields(const struct sets_request *r, struct sets_fields *ret, struct error **err)
{
    cleanup_free char *text = NULL;
    cleanup_strv struct strv parts = STRV_INIT;
    *ret = (struct sets_fields){ .failed = -1 };
    if (sets_request_text(r, "fieldSelector", &text, err) < 0)
        return -1;
    if (text)
        strv_split(&parts, text, ",", false);
    for (size_t i = 0; i < parts.len; i++) {
        char *equals = strchr(parts.v[i], '=');
        if (!equals || (equals > parts.v[i] && equals[-1] == '!'))
            return error_set(err, ERR_INVALID, "fieldSelector: '%.80s' is not like field=value",
                             parts.v[i]);
        *equals = '\0';
        if (read_field(r, ret, parts.v[i], equals[1] == '=' ? equals + 2 : equals + 1, err) < 0)
            return -1;
    }
    return 0;
}
