#include "cmd/aro-rp/service.h"

#include "cmd/aro-rp/azure_checks.h"
#include "cmd/aro-rp/backend_thread.h"
#include "cmd/aro-rp/detectors.h"
#include "cmd/aro-rp/development.h"
#include "cmd/aro-rp/documents.h"
#include "cmd/aro-rp/enricher.h"
#include "cmd/aro-rp/identity.h"
#include "cmd/aro-rp/lifecycle.h"
#include "cmd/aro-rp/show.h"
#include "pkg/azure/azure.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"
#include "pkg/database/database.h"
#include "pkg/net/http_client.h"
#include "rp/backend/child.h"
#include "rp/env/env.h"
#include "rp/env/secrets_folder.h"
#include "rp/env/secrets_vault.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/auth/arm_certs.h"
#include "rp/frontend/auth/common_name.h"
#include "rp/frontend/auth/token_service.h"
#include "rp/frontend/frontend.h"

#define CA_BUNDLE_MAX ((size_t)1 << 20)
/* Other processes learn of a new key version within this time of its making. */
#define KEY_DISTRIBUTE_S 600
/* How long a start waits for Azure to tell of roles. */
#define ROLES_MS 30000
/* Of secrets, in development. */
#define SECRETS_FOLDER "secrets"

/* A certificate and its key, as in use. */
struct pair {
    char *cert_pem; /* NULL: none is in use */
    struct secret *key_pem;
};

struct service {
    const struct service_options *opt;
    struct stop *stop, *at_once;
    bool only_looks; /* nothing is made that is not there */
    struct opctx ctx;
    struct rp_env *env;
    const struct azure_cloud *cloud;
    struct identity *identity; /* NULL: none */
    struct rp_secrets *secrets;
    struct rp_key_source document_keys, page_keys;
    struct statsd *statsd;
    struct http_client *client;
    struct http_peer *peer;
    struct aead *page_aead;
    struct database *db;
    struct authorizer *arm, *admin;
    struct first_party *first_party; /* NULL: nothing acts as it */
    struct lifecycle *lifecycle;     /* NULL: the caller has one of his own */
    struct azure_checks *checks;     /* NULL: Azure is not asked */
    struct detectors detectors;
    struct enricher_of_clusters enricher;
    struct admin_clients admin_clients;
    struct pair listener, first_party_pair;
    struct frontend *frontend;
    struct backend_thread *backend;
};

/* ---- parts, in the order of the start ---- */

static int load_settings(struct service *s, struct error **err)
{
    return rp_env_load(s->opt->env, &s->env, err);
}

static int start_metrics(struct service *s, struct error **err)
{
    const struct rp_env *env = s->env;
    const struct statsd_dim dims[] = {
        { "hostname", rp_env_text(env, ENV_HOSTNAME) },
        { "location", rp_env_text(env, ENV_LOCATION) },
        { "service", "aro-rp" },
        { "version", version_commit() },
        { "Environment", rp_env_text(env, ENV_ENVIRONMENT) },
    };
    const struct statsd_config cfg = {
        .address = rp_env_text(env, ENV_STATSD),
        .account = rp_env_text(env, ENV_MDM_ACCOUNT),
        .nspace = rp_env_text(env, ENV_MDM_NAMESPACE),
        .dims = dims,
        .dims_len = ARRAY_LEN(dims),
        .clock = s->opt->clock,
    };
    return statsd_new(&cfg, &s->statsd, err);
}

static int open_client(struct service *s, struct error **err)
{
    const struct http_client_config cfg = {
        .clock = s->opt->clock,
        .env = s->opt->env,
        .log = s->opt->log,
        .refuse_connect_to = !rp_env_is_development(s->env),
    };
    const struct http_peer_config peer = { 0 };
    if (http_client_new(&cfg, &s->client, err) < 0)
        return -1;
    return http_peer_new(s->client, &peer, &s->peer, err);
}

static int find_identity(struct service *s, struct error **err)
{
    const char *name = rp_env_text(s->env, ENV_AZURE_ENVIRONMENT);
    const struct identity_config cfg = {
        .env = s->env,
        .transport = http_peer_transport(s->peer),
        .cloud = s->cloud = azure_cloud_find(name),
        .clock = s->opt->clock,
        .rng = s->opt->rng,
    };
    if (!s->cloud)
        return error_set(err, ERR_INVALID, "AZURE_ENVIRONMENT: there is no cloud '%s'", name);
    return identity_new(&cfg, &s->identity, err);
}

static int open_vaults(struct service *s, const char *prefix, struct error **err)
{
    const struct rp_vaults_config cfg = {
        .transport = http_peer_transport(s->peer),
        .tokens = identity_tokens(s->identity),
        .cloud = s->cloud,
        .prefix = prefix,
        .clock = s->opt->clock,
        .rng = s->opt->rng,
    };
    if (!cfg.tokens)
        return error_set(err, ERR_INVALID,
                         "KEYVAULT_PREFIX: key vaults need AZURE_RP_CLIENT_ID in development");
    s->secrets = rp_secrets_new_vaults(&cfg);
    return 0;
}

static int open_source(struct service *s, struct error **err)
{
    const char *dir = rp_env_text(s->env, ENV_SECRETS_DIR);
    const char *prefix = rp_env_text(s->env, ENV_KEYVAULT_PREFIX);
    if (!dir && prefix)
        return open_vaults(s, prefix, err);
    bool make_missing = rp_env_is_development(s->env) && !s->only_looks;
    if (rp_secrets_open_folder(dir ? dir : SECRETS_FOLDER, make_missing, &s->secrets, err) < 0)
        return error_wrap(err, "ARO_RP_SECRETS_DIR");
    return 0;
}

static void pair_release(struct pair *pair)
{
    free(pair->cert_pem);
    secret_unref(pair->key_pem);
    *pair = (struct pair){ 0 };
}
#define cleanup_pair CLEANUP_WITH(pair_release)

static void pair_replace(struct pair *pair, struct pair *newer)
{
    pair_release(pair);
    *pair = *newer;
    *newer = (struct pair){ 0 };
}

static int read_pair(struct service *s, const char *name, struct pair *ret, struct error **err)
{
    return rp_secrets_get_pair(s->secrets, &s->ctx, name, &ret->cert_pem, &ret->key_pem, err);
}

static int open_secrets(struct service *s, struct error **err)
{
    if (open_source(s, err) < 0)
        return error_wrap(err, "opening the secrets of the service");
    rp_key_source_init(&s->document_keys, s->secrets, SECRET_ENCRYPTION_KEY);
    return 0;
}

static int read_server_secrets(struct service *s, struct error **err)
{
    if (read_pair(s, SECRET_RP_SERVER, &s->listener, err) < 0)
        return error_wrap(err, "opening the secrets of the service");
    rp_key_source_init(&s->page_keys, s->secrets, SECRET_FRONTEND_ENCRYPTION_KEY);
    const struct aead_config pages = { .source = &s->page_keys.base,
                                       .distribute_s = KEY_DISTRIBUTE_S };
    return aead_new(&pages, &s->ctx, &s->page_aead, err);
}

static int open_database(struct service *s, struct error **err)
{
    const struct aead_config keys = { .source = &s->document_keys.base,
                                      .distribute_s = KEY_DISTRIBUTE_S };
    const struct documents_config documents = {
        .env = s->env,
        .transport = http_peer_transport(s->peer),
        .cloud = s->cloud,
        .tokens = identity_cosmos(s->identity),
        .only_existing = s->only_looks,
    };
    cleanup_store struct store *store = NULL;
    struct aead *aead;
    if (documents_open(&s->ctx, &documents, &store, err) < 0)
        return error_wrap(err, "opening the document store");
    if (aead_new(&keys, &s->ctx, &aead, err) < 0)
        return -1;
    s->db = database_new(take(store), aead);
    if (!rp_env_is_development(s->env) || s->only_looks)
        return 0;
    return development_prepare(&s->ctx, s->db, s->env, err);
}

static int by_common_name(struct service *s, const char *who, enum rp_variable name,
                          enum rp_variable bundle, struct authorizer **ret, struct error **err)
{
    char *pem;
    size_t len;
    if (file_read(rp_env_text(s->env, bundle), CA_BUNDLE_MAX, &pem, &len, err) < 0)
        return error_wrap(err, "%s: authorities of its callers", who);
    int result = common_name_new(who, rp_env_text(s->env, name), pem, ret, err);
    free(pem);
    return result;
}

static int make_arm(struct service *s, struct authorizer **ret, struct error **err)
{
    if (rp_env_has(s->env, FEATURE_ENABLE_DEVELOPMENT_AUTHORIZER))
        return by_common_name(s, "the ARM API", ENV_ARM_COMMON_NAME, ENV_ARM_CA_BUNDLE, ret, err);
    const struct arm_certs_config cfg = {
        .transport = http_peer_transport(s->peer),
        .env = s->env,
        .arm_url = s->cloud->arm,
        .clock = s->opt->clock,
        .rng = s->opt->rng,
        .log = s->opt->log,
    };
    return arm_certs_new(&cfg, ret, err);
}

static int make_authorizers(struct service *s, struct error **err)
{
    bool enforce = rp_env_has(s->env, FEATURE_ENFORCE_MISE);

    if (rp_env_is_development(s->env)) {
        s->arm = authorizer_allow_all();
        s->admin = authorizer_allow_all();
        return 0;
    }
    if (by_common_name(s, "the admin API", ENV_ADMIN_COMMON_NAME, ENV_ADMIN_CA_BUNDLE, &s->admin,
                       err) < 0 ||
        (!enforce && make_arm(s, &s->arm, err) < 0))
        return -1;
    if (!enforce && !rp_env_has(s->env, FEATURE_ENABLE_MISE))
        return 0;
    const struct token_service_config cfg = {
        .transport = http_peer_transport(s->peer),
        .address = rp_env_text(s->env, ENV_MISE_ADDRESS),
        .timeout_ms = rp_env_ms(s->env, INTERVAL_TOKEN_SERVICE_TIMEOUT),
        .fallback = s->arm, /* owned by it from now on */
    };
    s->arm = token_service_new(&cfg);
    return 0;
}

/* With a certificate, in development with the secret of its own. */
static int open_first_party(struct service *s, struct error **err)
{
    bool development = rp_env_is_development(s->env);
    const char *id = rp_env_text(s->env, ENV_FP_CLIENT_ID);
    bool is_used = !s->opt->manager || str_eq(rp_env_text(s->env, ENV_AZURE_CHECKS), "true") ||
                   rp_env_text(s->env, ENV_DIAGNOSTICS_URL);
    if (!is_used)
        return 0;
    s->first_party = first_party_new(id ? id : "",
                                     development ? rp_env_secret(s->env, ENV_CLIENT_SECRET) : NULL);
    if (development)
        return 0;
    if (read_pair(s, SECRET_FIRST_PARTY, &s->first_party_pair, err) < 0)
        return -1;
    first_party_set_cert(s->first_party, s->first_party_pair.cert_pem, s->first_party_pair.key_pem);
    return 0;
}

static void make_checks(struct service *s)
{
    const struct azure_checks_config cfg = {
        .transport = http_peer_transport(s->peer),
        .cloud = s->cloud,
        .first_party = s->first_party,
        .location = rp_env_text(s->env, ENV_LOCATION),
        .clock = s->opt->clock,
        .rng = s->opt->rng,
        .log = s->opt->log,
    };
    if (str_eq(rp_env_text(s->env, ENV_AZURE_CHECKS), "true"))
        s->checks = azure_checks_new(&cfg);
}

static void make_detectors(struct service *s)
{
    const struct detectors_config cfg = {
        .transport = http_peer_transport(s->peer),
        .cloud = s->cloud,
        .first_party = s->first_party,
        .url = rp_env_text(s->env, ENV_DIAGNOSTICS_URL),
        .scope = rp_env_text(s->env, ENV_DIAGNOSTICS_SCOPE),
        .tenant_id = rp_env_text(s->env, ENV_DIAGNOSTICS_TENANT_ID),
        .clock = s->opt->clock,
        .rng = s->opt->rng,
    };
    detectors_init(&s->detectors, &cfg);
}

/* What acts as that application for the frontend. */
static int make_questions(struct service *s, struct error **err)
{
    (void)err;
    const struct enrich_config live = {
        .db = s->db, .http = s->client, .env = s->opt->env, .statsd = s->statsd
    };
    make_checks(s);
    make_detectors(s);
    enricher_init(&s->enricher, &live);
    return 0;
}

static int make_lifecycle(struct service *s, struct error **err)
{
    const struct lifecycle_config cfg = {
        .env = s->env,
        .process_env = s->opt->env,
        .http = s->client,
        .transport = http_peer_transport(s->peer),
        .cloud = s->cloud,
        .first_party = s->first_party,
        .log = s->opt->log,
        .secrets = s->secrets,
        .service_tokens = identity_tokens(s->identity),
        .clock = s->opt->clock,
        .rng = s->opt->rng,
    };
    return s->opt->manager ? 0 : lifecycle_new(&cfg, &s->lifecycle, err);
}

/* A developer's application often lacks a role: better told now than in the middle of a create. Azure need not be there. */
static int check_roles(struct service *s, struct error **err)
{
    const char *subscription_id = rp_env_text(s->env, ENV_SUBSCRIPTION_ID);
    if (!s->checks || !subscription_id || !rp_env_is_development(s->env))
        return 0;
    struct opctx ctx = opctx_with_timeout_ms(&s->ctx, ROLES_MS);
    cleanup_error struct error *e = NULL;
    if (azure_checks_roles(s->checks, &ctx, rp_env_text(s->env, ENV_FP_CLIENT_ID), subscription_id,
                           rp_env_text(s->env, ENV_TENANT_ID), &e) == 0)
        return 0;
    if (error_is(e, ERR_FORBIDDEN))
        return error_move(err, &e);
    log_warning(s->opt->log, "%s", error_text(e));
    return 0;
}

static int start_frontend(struct service *s, struct error **err)
{
    const struct service_options *opt = s->opt;
    bool development = rp_env_is_development(s->env);
    s->admin_clients = (struct admin_clients){
        .http = s->client,
        .env = opt->env,
        .hive = lifecycle_hive(s->lifecycle),
        .azure = s->checks ? azure_checks_admin(s->checks) : NULL,
    };
    const struct frontend_config cfg = {
        .env = s->env,
        .database = s->db,
        .page_aead = s->page_aead,
        .arm = s->arm,
        .admin = s->admin,
        .create_checks = s->checks ? azure_checks_base(s->checks) : NULL,
        .enricher = s->lifecycle ? &s->enricher.base : NULL,
        .diagnostics = s->detectors.cfg.url ? &s->detectors.base : NULL,
        .statsd = s->statsd,
        .more_routes = admin_routes,
        .more_routes_len = admin_routes_len,
        .more_arg = &s->admin_clients,
        .bind_address = opt->bind_address ? opt->bind_address
                        : development     ? "127.0.0.1"
                                          : NULL,
        .port = opt->port,
        .cert_pem = s->listener.cert_pem,
        .key_pem = s->listener.key_pem,
        .plain = development,
        .plain_port = opt->plain_port,
        .clock = opt->clock,
        .rng = opt->rng,
        .log = opt->log,
    };
    if (frontend_start(&cfg, &s->frontend, err) < 0)
        return -1;
    log_info(opt->log, "listening on port %u", frontend_port(s->frontend));
    if (development)
        log_warning(opt->log, "development: everybody may call, also without TLS on 127.0.0.1:%u",
                    frontend_plain_port(s->frontend));
    return 0;
}

static struct backend_config backend_config_of(const struct service *s)
{
    return (struct backend_config){
        .db = s->db,
        .clock = s->opt->clock,
        .rng = s->opt->rng,
        .log = s->opt->log,
        .statsd = s->statsd,
        .settings = backend_settings_of(s->env),
        .manager = s->lifecycle ? &cluster_manager : s->opt->manager,
        .manager_arg = s->lifecycle ? lifecycle_clusters(s->lifecycle) : s->opt->manager_arg,
        .hasty = rp_env_is_development(s->env) && !s->opt->patient,
    };
}

/* Documents in memory are this process's alone, so no other can work on them. */
static int start_backend(struct service *s, struct error **err)
{
    struct backend_config cfg = backend_config_of(s);
    if (!str_eq(rp_env_text(s->env, ENV_DATABASE), "sqlite::memory:"))
        cfg.child = s->opt->child;
    return backend_thread_start(&cfg, s->stop, s->at_once, &s->backend, err);
}

/* ---- the whole ---- */

typedef int (*start_part)(struct service *s, struct error **err);
/* What a process of a single cluster has, too. */
static const start_part base_parts[] = { load_settings,    start_metrics,  open_client,
                                         find_identity,    open_secrets,   read_server_secrets,
                                         open_first_party, make_lifecycle, open_database };
/* What a look at documents takes. */
static const start_part show_parts[] = { load_settings, open_client, find_identity, open_secrets,
                                         open_database };
static const start_part server_parts[] = { make_authorizers, make_questions, check_roles,
                                           start_frontend, start_backend };

static int start(struct service *s, const start_part *parts, size_t len, struct error **err)
{
    for (size_t i = 0; i < len; i++)
        if (parts[i](s, err) < 0)
            return -1;
    return 0;
}

/* Since the stop the backend takes no documents; the frontend goes on until load balancers know. */
static int end_servers(struct service *s, struct error **err)
{
    if (s->frontend)
        frontend_stop(s->frontend, s->at_once);
    return backend_thread_end(s->backend, err);
}

static void end_base(struct service *s)
{
    azure_checks_free(s->checks);
    lifecycle_free(s->lifecycle);
    first_party_free(s->first_party);
    authorizer_free(s->arm);
    authorizer_free(s->admin);
    database_close(s->db);
    aead_free(s->page_aead);
    rp_secrets_free(s->secrets);
    identity_free(s->identity);
    http_peer_unref(s->peer);
    http_client_free(s->client);
    statsd_free(s->statsd);
    pair_release(&s->listener);
    pair_release(&s->first_party_pair);
    rp_env_free(s->env);
}

/* ---- secrets that are renewed in place ---- */

static int renew_listener(struct service *s, struct error **err)
{
    cleanup_pair struct pair newer = { 0 };
    if (read_pair(s, SECRET_RP_SERVER, &newer, err) < 0)
        return -1;
    if (str_eq(newer.cert_pem, s->listener.cert_pem))
        return 0;
    if (frontend_set_cert(s->frontend, newer.cert_pem, newer.key_pem, err) < 0)
        return -1;
    pair_replace(&s->listener, &newer);
    log_info(s->opt->log, "the certificate of the listener was renewed");
    return 0;
}

static int renew_first_party(struct service *s, struct error **err)
{
    struct pair *in_use = &s->first_party_pair;
    cleanup_pair struct pair newer = { 0 };
    if (!in_use->cert_pem)
        return 0;
    if (read_pair(s, SECRET_FIRST_PARTY, &newer, err) < 0)
        return -1;
    if (str_eq(newer.cert_pem, in_use->cert_pem))
        return 0;
    first_party_set_cert(s->first_party, newer.cert_pem, newer.key_pem);
    pair_replace(in_use, &newer);
    log_info(s->opt->log, "the certificate of the first-party application was renewed");
    return 0;
}

static int renew_document_keys(struct service *s, struct error **err)
{
    return database_refresh_keys(&s->ctx, s->db, err);
}

static int renew_page_keys(struct service *s, struct error **err)
{
    return aead_refresh(s->page_aead, &s->ctx, err);
}

static const struct {
    const char *what;
    int (*renew)(struct service *s, struct error **err);
} renewals[] = {
    { "the certificate of the listener", renew_listener },
    { "the certificate of the first-party application", renew_first_party },
    { "the keys of documents", renew_document_keys },
    { "the keys of pages", renew_page_keys },
};

/* Until somebody sets stop. What cannot be renewed stays as it is. */
static void wait_for_stop(struct service *s)
{
    while (opctx_sleep_ms(&s->ctx, rp_env_ms(s->env, INTERVAL_CERT_POLL), NULL) == 0)
        for (size_t i = 0; i < ARRAY_LEN(renewals); i++) {
            cleanup_error struct error *err = NULL;
            if (renewals[i].renew(s, &err) < 0 && opctx_check(&s->ctx, NULL) == 0)
                log_error(s->opt->log, "renewing %s: %s", renewals[i].what, error_text(err));
        }
}

/* A stop may come before everything has started: that is no failure. */
static int serve(struct service *s, struct error **err)
{
    cleanup_error struct error *failure = NULL;
    if (start(s, base_parts, ARRAY_LEN(base_parts), &failure) == 0 &&
        start(s, server_parts, ARRAY_LEN(server_parts), &failure) == 0) {
        wait_for_stop(s);
        return 0;
    }
    if (!stop_is_set(s->stop))
        return error_move(err, &failure);
    log_info(s->opt->log, "the start was broken off: %s", error_text(failure));
    return 0;
}

int service_run(const struct service_options *opt, struct stop *stop, struct stop *at_once,
                struct error **err)
{
    struct service s = { .opt = opt, .stop = stop, .at_once = at_once };
    s.ctx = opctx_root(opt->clock, opt->rng, stop, opt->log);

    int result = serve(&s, err);
    if (end_servers(&s, result == 0 ? err : NULL) < 0)
        result = -1;
    end_base(&s);
    return result;
}

int service_run_child(const struct service_options *opt, const char *key, const char *lease,
                      int *ret, struct error **err)
{
    struct service s = { .opt = opt };
    s.ctx = opctx_root(opt->clock, opt->rng, NULL, opt->log);

    int result = start(&s, base_parts, ARRAY_LEN(base_parts), err);
    if (result == 0) {
        const struct backend_config cfg = backend_config_of(&s);
        *ret = backend_child_main(&cfg, key, lease);
    }
    end_base(&s);
    return result;
}

int service_show(const struct service_options *opt, const char *key, const char *member, FILE *out,
                 struct error **err)
{
    struct service s = { .opt = opt, .only_looks = true };
    s.ctx = opctx_root(opt->clock, opt->rng, NULL, opt->log);

    int result = start(&s, show_parts, ARRAY_LEN(show_parts), err);
    if (result == 0)
        result = show_cluster(&s.ctx, s.db, key, member, out, err);
    end_base(&s);
    return result;
}
