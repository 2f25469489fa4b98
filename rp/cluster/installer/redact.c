#include "rp/cluster/installer/redact.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"

#define MARK "[redacted]"
#define SHORTEST 4 /* shorter ones would tear holes into every word */

void redact_add(struct strv *secrets, const char *secret)
{
    if (secret && strlen(secret) >= SHORTEST)
        strv_add(secrets, secret);
}

void redact_add_pull_secret(struct strv *secrets, const char *pull_secret)
{
    cleanup_json_wiped json *tree = NULL;
    redact_add(secrets, pull_secret);
    if (!pull_secret || json_parse_object(pull_secret, strlen(pull_secret), &tree, NULL) < 0)
        return;
    for (struct json_iter it = json_each(json_get(tree, "auths")); json_next(&it);) {
        const char *auth = json_path_str(it.value, "auth");
        cleanup_secret_text char *login = NULL;
        size_t len;
        redact_add(secrets, auth);
        if (!auth || base64_parse(auth, strlen(auth), &login, &len, NULL) < 0)
            continue;
        redact_add(secrets, login);
        const char *colon = strchr(login, ':');
        redact_add(secrets, colon ? colon + 1 : NULL);
    }
}

void redact_forget(struct strv *secrets)
{
    for (size_t i = 0; i < secrets->len; i++)
        secret_wipe(secrets->v[i], strlen(secrets->v[i]));
    strv_release(secrets);
}

/* What begins at text and must not be seen: its length, or 0. The longest secret counts: one may begin another. */
static size_t secret_len(const char *text, const struct strv *secrets)
{
    static const char begin[] = "-----BEGIN ", end[] = "PRIVATE KEY-----";
    size_t len = 0;
    for (size_t i = 0; i < secrets->len; i++) {
        size_t n = strlen(secrets->v[i]);
        if (n > len && strncmp(text, secrets->v[i], n) == 0)
            len = n;
    }
    if (len > 0 || !str_starts(text, begin))
        return len;
    const char *first = strstr(text, end), *line = strpbrk(text, "\r\n");
    if (!first || (line && line < first)) /* of something else */
        return 0;
    const char *last = strstr(first + strlen(end), end);
    return last ? (size_t)(last - text) + strlen(end) : strlen(text);
}

char *redact_give(const char *text, const struct strv *secrets)
{
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    while (*text) {
        size_t len = secret_len(text, secrets);
        if (len == 0) {
            buf_addc(&out, *text++);
        } else {
            buf_adds(&out, MARK);
            text += len;
        }
    }
    return buf_give(&out);
}
