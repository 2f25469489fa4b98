/* Microsoft.Network: virtual networks, subnets, network security groups. */
#include "hack/devcloud/azure/network.h"

#include <string.h>

#include "hack/devcloud/azure/network_use.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

static const char *const types[NETWORK_KINDS] = {
    [NETWORK_VNET] = "Microsoft.Network/virtualNetworks",
    [NETWORK_SUBNET] = "Microsoft.Network/virtualNetworks/subnets",
    [NETWORK_NSG] = "Microsoft.Network/networkSecurityGroups",
};

const char *network_type(enum network_kind kind)
{
    return types[kind];
}

json *network_resources(struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

/* ---- paths ---- */

static bool is_word(const struct strv *s, size_t i, const char *word)
{
    return i < s->len && str_eq_nocase(s->v[i], word);
}

/* The segments behind the provider: TYPE[/NAME[/subnets[/NAME]]]; depth is their number. */
static bool find_kind(const struct strv *s, size_t at, struct network_target *t)
{
    size_t depth = s->len - at;
    bool vnet = is_word(s, at, "virtualNetworks");
    if (!vnet && !is_word(s, at, "networkSecurityGroups"))
        return false;
    if (depth > 2 && !(vnet && depth <= 4 && is_word(s, at + 2, "subnets")))
        return false;
    t->kind = depth > 2 ? NETWORK_SUBNET : vnet ? NETWORK_VNET : NETWORK_NSG;
    t->is_list = depth % 2 == 1;
    t->name = t->is_list ? NULL : xstrdup(s->v[s->len - 1]);
    return true;
}

bool network_target_init(const char *path, struct network_target *ret)
{
    cleanup_strv struct strv s = STRV_INIT;
    strv_split(&s, path, "/", false);
    *ret = (struct network_target){ 0 };
    bool in_group = is_word(&s, 2, "resourceGroups") && is_word(&s, 4, "providers");
    size_t provider = in_group ? 5 : 3;
    if (!is_word(&s, 0, "subscriptions") || (!in_group && !is_word(&s, 2, "providers")) ||
        !is_word(&s, provider, "Microsoft.Network") || s.len <= provider + 1 ||
        !find_kind(&s, provider + 1, ret))
        return false;
    if (!in_group && s.len > provider + 2) { /* a whole subscription can only be listed */
        network_target_release(ret);
        return false;
    }
    ret->key = str_give_lower(path);
    const char *subnets = ret->kind == NETWORK_SUBNET ? strstr(ret->key, "/subnets") : NULL;
    ret->parent_key = subnets ? xstrndup(ret->key, (size_t)(subnets - ret->key)) : NULL;
    return true;
}

void network_target_release(struct network_target *t)
{
    free(t->key);
    free(t->parent_key);
    free(t->name);
    *t = (struct network_target){ 0 };
}

/* ---- reading ---- */

/* The part of the path that names the resource below its group: "Microsoft.Network/TYPE/NAME". */
static void refuse_absent(struct sim_call *c, const struct network_target *t)
{
    if (t->kind == NETWORK_SUBNET && json_get(network_resources(c->sim), t->parent_key)) {
        sim_reply_error(c, 404, "NotFound", "Resource %s not found.", c->path);
        return;
    }
    cleanup_strv struct strv s = STRV_INIT;
    strv_split(&s, c->path, "/", false);
    sim_reply_error(c, 404, "ResourceNotFound",
                    "The Resource '%s/%s/%s' under resource group '%s' was not found.", s.v[5],
                    s.v[6], s.v[7], s.v[3]);
}

static void serve_get(struct sim_call *c, const struct network_target *t)
{
    const json *object = json_get(network_resources(c->sim), t->key);
    if (!object) {
        refuse_absent(c, t);
        return;
    }
    if (json_path_str(object, "etag"))
        sim_set_header(c, "ETag", json_path_str(object, "etag"));
    cleanup_json json *view = network_give_view(c->sim, t, object);
    cleanup_free char *expand = query_give(sim_query(c), "$expand");
    if (t->kind == NETWORK_SUBNET && str_eq_nocase(expand, "ipConfigurations"))
        network_expand_configs(c->sim, view);
    sim_reply(c, 200, view);
}

/* Below a group or a network the names follow the path; a subscription's list takes all groups. */
static bool is_listed(const struct network_target *list, const struct network_target *t)
{
    const char *groups = strstr(list->key, "/resourcegroups/");
    if (list->kind != t->kind || t->is_list)
        return false;
    return groups ? str_starts(t->key, list->key) && t->key[strlen(list->key)] == '/'
                  : strncmp(t->key, list->key,
                            strcspn(list->key + strlen("/subscriptions/"), "/") +
                                strlen("/subscriptions//")) == 0;
}

static void serve_list(struct sim_call *c, const struct network_target *list)
{
    if (list->parent_key && !json_get(network_resources(c->sim), list->parent_key)) {
        refuse_absent(c, list);
        return;
    }
    json *found = json_new_array();
    for (struct json_iter it = json_each(network_resources(c->sim)); json_next(&it);) {
        cleanup_network_target struct network_target t;
        if (network_target_init(it.key, &t) && is_listed(list, &t))
            json_append(found, network_give_view(c->sim, &t, it.value));
    }
    sim_reply_list(c, found);
}

bool network_serve(struct sim_call *c)
{
    cleanup_network_target struct network_target t;
    if (!network_target_init(c->path, &t))
        return false;
    bool get = strcmp(c->method, "GET") == 0;
    if (get && t.is_list)
        serve_list(c, &t);
    else if (get)
        serve_get(c, &t);
    else if (!t.is_list && strcmp(c->method, "PUT") == 0)
        network_put(c, &t);
    else if (!t.is_list && strcmp(c->method, "DELETE") == 0)
        network_delete(c, &t);
    else
        sim_reply_error(c, 405, "MethodNotAllowed", "The method %s is not supported for %s.",
                        c->method, c->path);
    return true;
}
