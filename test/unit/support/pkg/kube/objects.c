#include "test/unit/support/pkg/kube/objects.h"

#include <string.h>

#include "pkg/base/mem.h"

char *objects_give_text(const char *nspace, const char *name, const char *version, const char *uid,
                        const char *value)
{
    return xasprintf("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{"
                     "\"namespace\":\"%s\",\"name\":\"%s\",\"resourceVersion\":\"%s\","
                     "\"uid\":\"%s%s\",\"labels\":{\"value\":\"%s\"}},\"data\":{\"v\":\"%s\"}}",
                     nspace, name, version, uid ? "" : "u-", uid ? uid : name, value, value);
}

void objects_init_draft(struct draft *d, const char *nspace, const char *name, const char *version,
                        const char *uid, const char *value)
{
    cleanup_free char *text = objects_give_text(nspace, name, version, uid, value);
    struct json_scan s;
    draft_init(d);
    json_scan_init(&s, text, strlen(text));
    if (draft_scan(d, &s, PROJECT_FULL, NULL, NULL) < 0 || draft_check(d, NULL) < 0)
        abort();
}
