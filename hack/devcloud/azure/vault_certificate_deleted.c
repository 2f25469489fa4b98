/* Soft deletion of certificates: they wait until they are recovered or purged, and with them their secrets. */
#include "hack/devcloud/azure/vault_certificate.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define KEPT_S (INT64_C(90) * 86400)

static json *give_view(const struct vault_call *v, const json *entry)
{
    int64_t deleted_s = json_path_int(entry, "deletedDate", 0);
    const char *name = json_path_str(entry, "name");
    cleanup_free char *recovery =
        xasprintf("https://%s/deletedcertificates/%s", sim_host(v->sim), name);
    json *view = vault_give_certificate(v, name, entry, NULL);
    json_del(view, "pending");
    json_put(view, "recoveryId", json_new_str(recovery));
    json_put(view, "deletedDate", json_new_int(deleted_s));
    json_put(view, "scheduledPurgeDate", json_new_int(deleted_s + KEPT_S));
    return view;
}

/* From one table to another, under the call's name. */
static void move(const struct vault_call *v, json *from, json *to)
{
    json *entry = json_get(from, v->key);
    if (!entry)
        return;
    json_put(to, v->key, json_ref(entry));
    json_del(from, v->key);
}

static void refuse_absent(struct vault_call *v, const char *what)
{
    vault_refuse(v, 404, "CertificateNotFound", NULL, "%s %s was not found in this key vault.",
                 what, v->name);
}

void vault_delete_certificate(struct vault_call *v)
{
    json *certificate = vault_certificate(v), *secrets = json_get(v->secrets, v->key);
    int64_t now_s = clock_wall_ns(v->sim->sim->cfg.clock) / NS_PER_S;
    if (!certificate) {
        refuse_absent(v, "Certificate");
        return;
    }
    json_put(certificate, "deletedDate", json_new_int(now_s));
    json_del(certificate, "pending");
    move(v, v->certificates, v->deleted_certificates);
    if (secrets) {
        json_put(v->deleted, v->key,
                 json_make("{'versions':%j,'deletedDate':%ld}", json_give_copy(secrets), now_s));
        json_del(v->secrets, v->key);
    }
    cleanup_json json *view = give_view(v, json_get(v->deleted_certificates, v->key));
    sim_reply(v->sim, 200, view);
}

static void list(struct vault_call *v)
{
    json *found = json_new_array();
    for (struct json_iter it = json_each(v->deleted_certificates); json_next(&it);)
        json_append(found, give_view(v, it.value));
    sim_reply_list(v->sim, found);
}

static void recover(struct vault_call *v)
{
    json *secrets = json_get(json_get(v->deleted, v->key), "versions");
    move(v, v->deleted_certificates, v->certificates);
    json_del(vault_certificate(v), "deletedDate");
    if (secrets)
        json_put(v->secrets, v->key, json_give_copy(secrets));
    json_del(v->deleted, v->key);
    cleanup_json json *view = vault_give_certificate(v, json_path_str(vault_certificate(v), "name"),
                                                     vault_certificate(v), NULL);
    sim_reply(v->sim, 200, view);
}

static void purge(struct vault_call *v)
{
    json_del(v->deleted_certificates, v->key);
    json_del(v->deleted, v->key);
    sim_reply(v->sim, 204, NULL);
}

void vault_serve_deleted_certificates(struct vault_call *v)
{
    struct sim_call *c = v->sim;
    const json *entry = v->key ? json_get(v->deleted_certificates, v->key) : NULL;
    if (!v->name && sim_is(c, "GET")) {
        list(v);
    } else if (v->name && !entry) {
        refuse_absent(v, "Deleted certificate");
    } else if (entry && !v->more && sim_is(c, "GET")) {
        cleanup_json json *view = give_view(v, entry);
        sim_reply(c, 200, view);
    } else if (entry && !v->more && sim_is(c, "DELETE")) {
        purge(v);
    } else if (entry && str_eq_nocase(v->more, "recover") && sim_is(c, "POST")) {
        recover(v);
    } else {
        vault_refuse(v, 405, "MethodNotAllowed", NULL, "The method is not supported here.");
    }
}
