#include "test/unit/support/rp/syncsets/far_rig.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static bool answer(struct server_call *call)
{
    struct far_rig *f = call->arg;
    bool is_probe = str_starts(call->req->target, "/api?") ||
                    str_starts(call->req->target, "/apis/config.openshift.io/");
    int status = is_probe ? f->probe_status : f->status;
    if (status == 0) {
        call_stall(call);
        return false;
    }
    call_reply(call, status, "Content-Type: application/json\r\n", "{}");
    return true;
}

void far_rig_init(struct far_rig *f, struct crew_rig *c, bool allow_insecure)
{
    *f = (struct far_rig){ .c = c, .status = 200, .probe_status = 200 };
    f->ca = test_ca_new("ca");
    f->cert = test_cert_new(f->ca, "api", "IP:127.0.0.1");
    const struct tls_server_config server = { .cert = f->cert, .script = answer, .arg = f };
    f->server = tls_server_start(&server);
    f->port = tls_server_port(f->server);
    const struct sets_remotes_config remotes = { .http = c->http,
                                                 .dial_allowed = "127.0.0.0/8",
                                                 .allow_insecure = allow_insecure,
                                                 .clock = clock_system(),
                                                 .rng = rng_system(),
                                                 .env = &c->env.base };
    sets_remotes_free(c->remotes);
    assert_int_equal(sets_remotes_new(&remotes, &c->remotes, NULL), 0);
    c->cfg.remotes = c->k->cfg.remotes = c->remotes;
}

void far_rig_close(struct far_rig *f)
{
    if (f->server)
        tls_server_stop(take(f->server));
}

void far_rig_release(struct far_rig *f)
{
    far_rig_close(f);
    test_cert_free(f->ca);
    test_cert_free(f->cert);
}

static char *give_kubeconfig(const struct far_rig *f)
{
    cleanup_free char *url = xasprintf("https://127.0.0.1:%u", f->port);
    cleanup_free char *ca = base64_give(f->ca->cert_pem, strlen(f->ca->cert_pem));
    cleanup_json json *cluster = json_make("{'server':%s}", url);
    if (f->insecure)
        json_put(cluster, "insecure-skip-tls-verify", json_new_bool(true));
    else
        json_put(cluster, "certificate-authority-data", json_new_str(ca));
    cleanup_json json *config = json_make(
        "{'current-context':'x','contexts':[{'name':'x','context':{'cluster':'c','user':'u'}}],"
        "'clusters':[{'name':'c'}],'users':[{'name':'u','user':{'token':'t'}}]}");
    json_put(json_path(config, "clusters[0]"), "cluster", take(cluster));
    return json_give_text(config);
}

char *far_rig_cluster(struct far_rig *f, const char *nspace, const char *name, const char *spec,
                      const char *annotations)
{
    struct sets_rig *r = &f->c->r;
    const struct api_type *type = &api_types[TYPE_CLUSTERS];
    cleanup_error struct error *err = NULL;
    cleanup_free char *kubeconfig = give_kubeconfig(f);
    cleanup_free char *body = xasprintf("{'metadata':{'name':'%s','namespace':'%s','labels':{'env':"
                                        "'prod'},'annotations':%s},'spec':{'kubeconfig':''%s}}",
                                        name, nspace, annotations, spec);
    json *given = sets_rig_parse(body), *object = NULL, *made = NULL;
    json_put(json_get(given, "spec"), "kubeconfig", json_new_str(kubeconfig));
    if (api_decode(type, NULL, NULL, given, &object, &err) < 0)
        fail_msg("%s", error_text(err));
    cleanup_json_wiped json *secrets = api_take_secrets(type, object);
    const struct sets_write w = { .type = type,
                                  .nspace = nspace,
                                  .name = name,
                                  .object = object,
                                  .secrets = secrets,
                                  .upsert = true,
                                  .actor = "test" };
    if (sets_replace(&r->ctx, r->store, &w, NULL, &made, &err) < 0)
        fail_msg("%s", error_text(err));
    char *uid = xstrdup(json_path_str(made, "metadata.uid"));
    json_free(object);
    json_free(made);
    return uid;
}
