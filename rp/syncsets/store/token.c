/* Continue tokens: where a list goes on, signed, and bound to what was asked. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/store/store.h"

#define PURPOSE "syncsets continue token"
#define MAC_BYTES 16

void sets_token_release(struct sets_token *t)
{
    free(t->nspace);
    free(t->name);
    *t = (struct sets_token){ 0 };
}

/* What is signed: the token, and what was asked. */
static bool sign(const struct keyring *keys, const char *id, const char *text, const char *query,
                 unsigned char out[KEYRING_MAC_LEN])
{
    cleanup_free char *whole = xasprintf("%s\n%s", text, query);
    return keyring_mac(keys, id, PURPOSE, whole, strlen(whole), out);
}

char *sets_token_give(const struct keyring *keys, const struct sets_token *t, const char *query)
{
    const char *key = keyring_current(keys);
    cleanup_json json *j =
        json_make("{'r':%ld,'s':%s,'n':%s,'k':%s}", t->revision, t->nspace, t->name, key);
    cleanup_free char *text = json_give_text(j);
    unsigned char mac[KEYRING_MAC_LEN];
    if (!sign(keys, key, text, query, mac))
        abort(); /* the current key is there */
    cleanup_free char *body = base64url_give(text, strlen(text));
    cleanup_free char *tail = base64url_give(mac, MAC_BYTES);
    return xasprintf("%s.%s", body, tail);
}

static bool is_signed(const struct keyring *keys, const char *key, const char *text,
                      const char *query, const char *mac, size_t mac_len)
{
    unsigned char want[KEYRING_MAC_LEN];
    if (!keyring_has(keys, key) || !sign(keys, key, text, query, want) || mac_len != MAC_BYTES)
        return false;
    unsigned char differs = 0;
    for (size_t i = 0; i < MAC_BYTES; i++)
        differs |= want[i] ^ (unsigned char)mac[i];
    return differs == 0;
}

int sets_token_parse(const struct keyring *keys, const char *text, const char *query,
                     struct sets_token *ret, struct error **err)
{
    const char *dot = strchr(text, '.');
    cleanup_free char *body = NULL, *mac = NULL;
    cleanup_json json *j = NULL;
    size_t len, mac_len;
    if (!dot || base64url_parse(text, (size_t)(dot - text), &body, &len, NULL) < 0 ||
        base64url_parse(dot + 1, strlen(dot + 1), &mac, &mac_len, NULL) < 0 ||
        json_parse_object(body, len, &j, NULL) < 0)
        return error_set(err, ERR_INVALID, "continue: this is no token of a list");
    const char *nspace = json_path_str(j, "s"), *name = json_path_str(j, "n");
    if (!nspace || !name || !is_signed(keys, json_path_str(j, "k"), body, query, mac, mac_len))
        return error_set(
            err, ERR_INVALID,
            "continue: the token belongs to another list: keep type, namespace and selectors");
    *ret = (struct sets_token){ json_path_int(j, "r", 0), xstrdup(nspace), xstrdup(name) };
    return 0;
}
