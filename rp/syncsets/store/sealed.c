/* Secret fields at rest, and what status tells of them. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/types/conditions.h"
#include "rp/syncsets/types/kubeconfig.h"

#define PURPOSE "syncsets fingerprint"
#define FINGERPRINT_BYTES 16

void sets_sealed_release(struct sets_sealed *s)
{
    free(s->sealed);
    free(s->key_id);
    free(s->fingerprint);
    *s = (struct sets_sealed){ 0 };
}

/* Bound to its row: a sealed text moved to another does not open. */
static char *give_place(const struct api_type *type, const char *uid)
{
    return xasprintf("%s/%s/%s", type->plural, uid, type->sealed_column);
}

/* NULL: there is no such key. Keys sorted, so that equal contents have equal prints. */
static char *give_fingerprint(const struct keyring *keys, const char *key_id, const json *secrets)
{
    cleanup_secret_text char *text = json_give_sorted(secrets);
    unsigned char mac[KEYRING_MAC_LEN];
    if (!keyring_mac(keys, key_id, PURPOSE, text, strlen(text), mac))
        return NULL;
    return hex_give(mac, FINGERPRINT_BYTES);
}

int sets_seal(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
              const char *uid, const json *secrets, struct sets_sealed *ret, struct error **err)
{
    const struct keyring *keys = st->cfg.keys;
    *ret = (struct sets_sealed){ 0 };
    if (json_len(secrets) == 0)
        return 0;
    cleanup_secret_text char *text = json_give_text(secrets);
    cleanup_secret struct secret *plain = secret_new(text, strlen(text));
    cleanup_free char *place = give_place(type, uid);
    if (keyring_seal(keys, ctx->rng, plain, place, &ret->sealed, err) < 0)
        return -1;
    ret->key_id = xstrdup(keyring_current(keys));
    ret->fingerprint = give_fingerprint(keys, NULL, secrets);
    return 0;
}

int sets_open(struct sets_store *st, const struct api_type *type, const struct sets_row *r,
              json **ret, struct error **err)
{
    *ret = NULL;
    if (!r->sealed)
        return 0;
    cleanup_secret struct secret *plain = NULL;
    cleanup_free char *place = give_place(type, r->uid);
    if (keyring_open(st->cfg.keys, r->key_id, r->sealed, place, &plain, err) < 0) {
        (void)error_wrap(err, "%s %s/%s", type->plural, r->nspace, r->name);
        error_code(err, "DecryptFailed");
        return -1;
    }
    size_t len;
    const char *text = secret_reveal(plain, &len);
    return json_parse_object(text, len, ret, err);
}

bool sets_same_secrets(struct sets_store *st, const struct sets_row *r, const json *secrets)
{
    if (!r->sealed || json_len(secrets) == 0)
        return !r->sealed && json_len(secrets) == 0;
    cleanup_free char *print = keyring_has(st->cfg.keys, r->key_id)
                                   ? give_fingerprint(st->cfg.keys, r->key_id, secrets)
                                   : NULL;
    return print && str_eq(print, r->fingerprint);
}

/* ---- status ---- */

static void judge_kubeconfig(json *status, const json *secrets, int64_t now_ns)
{
    const json *text = json_get(secrets, "kubeconfig");
    cleanup_free char *why = NULL;
    cleanup_causes struct api_causes causes;
    api_causes_init(&causes);
    if (!text || json_str_len(text) == 0)
        api_condition_put(status, "KubeconfigValid", "False", "Missing", "there is no kubeconfig",
                          now_ns);
    else if (kubeconfig_check(json_str(text), json_str_len(text), "", &causes, &why))
        api_condition_put(status, "KubeconfigValid", "True", "Valid", "the kubeconfig can be used",
                          now_ns);
    else
        api_condition_put(status, "KubeconfigValid", "False", "Invalid", why, now_ns);
}

json *sets_give_status(const struct api_type *type, json *old, const json *secrets,
                       const char *fingerprint, int64_t now_ns)
{
    if (!type->sealed_column)
        return old;
    json *status = old ? old : json_new_object();
    const char *field = type->id == TYPE_CLUSTERS ? "kubeconfigFingerprint" : "dataFingerprint";
    if (type->id == TYPE_CLUSTERS)
        judge_kubeconfig(status, secrets, now_ns);
    (void)json_del(status, field);
    if (fingerprint)
        json_put(status, field, json_new_str(fingerprint));
    return status;
}
