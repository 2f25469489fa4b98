/* Soft deletion: what was deleted waits here until it is recovered or purged, and its name with it. */
#include "hack/devcloud/azure/vault.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define KEPT_S (INT64_C(90) * 86400)

/* entry: {"versions", "deletedDate"} */
static json *give_view(const struct vault_call *v, const char *name, const json *entry)
{
    json *versions = json_get(entry, "versions");
    int64_t deleted_s = json_path_int(entry, "deletedDate", 0);
    cleanup_free char *recovery = xasprintf("https://%s/deletedsecrets/%s", sim_host(v->sim), name);
    json *view = vault_give_view(v, name, json_at(versions, json_len(versions) - 1), true);
    json_put(view, "recoveryId", json_new_str(recovery));
    json_put(view, "deletedDate", json_new_int(deleted_s));
    json_put(view, "scheduledPurgeDate", json_new_int(deleted_s + KEPT_S));
    return view;
}

static void refuse_absent(struct vault_call *v, const char *what)
{
    vault_refuse(v, 404, "SecretNotFound", NULL, "%s %s was not found in this key vault.", what,
                 v->name);
}

void vault_delete_secret(struct vault_call *v)
{
    json *versions = json_get(v->secrets, v->key);
    if (!versions) {
        refuse_absent(v, "Secret");
        return;
    }
    json *entry = json_make("{'versions':%j,'deletedDate':%ld}", json_give_copy(versions),
                            clock_wall_ns(v->sim->sim->cfg.clock) / NS_PER_S);
    json_put(v->deleted, v->key, entry);
    json_del(v->secrets, v->key);
    cleanup_json json *view = give_view(v, v->name, entry);
    sim_reply(v->sim, 200, view);
}

static void list(struct vault_call *v)
{
    json *found = json_new_array();
    for (struct json_iter it = json_each(v->deleted); json_next(&it);)
        json_append(found, give_view(v, it.key, it.value));
    sim_reply_list(v->sim, found);
}

static void recover(struct vault_call *v, const json *entry)
{
    json *versions = json_give_copy(json_get(entry, "versions"));
    cleanup_json json *view =
        vault_give_view(v, v->name, json_at(versions, json_len(versions) - 1), true);
    json_put(v->secrets, v->key, versions);
    json_del(v->deleted, v->key);
    sim_reply(v->sim, 200, view);
}

static void purge(struct vault_call *v)
{
    json_del(v->deleted, v->key);
    sim_reply(v->sim, 204, NULL);
}

void vault_serve_deleted(struct vault_call *v)
{
    struct sim_call *c = v->sim;
    const json *entry = v->key ? json_get(v->deleted, v->key) : NULL;
    if (!v->name && sim_is(c, "GET")) {
        list(v);
    } else if (v->name && !entry) {
        refuse_absent(v, "Deleted secret");
    } else if (entry && !v->more && sim_is(c, "GET")) {
        cleanup_json json *view = give_view(v, v->name, entry);
        sim_reply(c, 200, view);
    } else if (entry && !v->more && sim_is(c, "DELETE")) {
        purge(v);
    } else if (entry && str_eq_nocase(v->more, "recover") && sim_is(c, "POST")) {
        recover(v, entry);
    } else {
        vault_refuse(v, 405, "MethodNotAllowed", NULL, "The method is not supported here.");
    }
}
