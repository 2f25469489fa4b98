#include "rp/cluster/acr_token.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/acr_secrets.h"
#include "rp/cluster/operator_spec.h"

#define PROFILES "registryProfiles"
#define SCOPE_MAP "/scopeMaps/_repositories_pull"
#define FIRST_PASSWORD "password1"
#define SECOND_PASSWORD "password2"
#define DAY_NS (24 * 3600 * NS_PER_S)
#define NO_PROFILE (-1)

/* What one write of the document changes. */
struct change {
    struct cluster *c;
    const struct opctx *ctx;
    const char *host, *username;   /* of a new profile */
    const char *path;              /* of an old one */
    const char *renewing;          /* the password that is to be made; NULL: none is */
    const struct secret *password; /* NULL: stays */
};

static const char *registry_id(const struct cluster *c)
{
    return rp_env_text(c->cfg->env, ENV_ACR_RESOURCE_ID);
}

static int find_profile(const struct cluster *c, const char *host)
{
    const json *profiles = json_path(c->doc, PROPERTIES PROFILES);
    for (size_t i = 0; i < json_len(profiles); i++)
        if (str_eq(json_path_str(json_at(profiles, i), "name"), host))
            return (int)i;
    return NO_PROFILE;
}

static char *give_profile_path(int profile)
{
    return xasprintf(PROFILES "[%d]", profile);
}

static char *give_text(const struct cluster *c, int profile, const char *member)
{
    cleanup_free char *path = xasprintf(PROFILES "[%d].%s", profile, member);
    return xstrdup(cluster_text_or_empty(c, path));
}

/* ---- the document ---- */

static void put_now(json *profile, const struct opctx *ctx)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(ctx->clock), now);
    json_put(profile, "issueDate", json_new_str(now));
}

static int put_profile(json *tree, void *arg, struct error **err)
{
    const struct change *ch = arg;
    json *profiles = json_path(tree, PROPERTIES PROFILES);
    json *profile = json_make("{'name':%s,'username':%s}", ch->host, ch->username);
    put_now(profile, ch->ctx);
    if (profiles) {
        json_append(profiles, profile);
        return 0;
    }
    return json_path_put(tree, PROPERTIES PROFILES, json_make("[%j]", profile), err);
}

static int put_password(json *tree, void *arg, struct error **err)
{
    const struct change *ch = arg;
    cleanup_free char *path = xasprintf(PROPERTIES "%s", ch->path);
    cleanup_free char *password = xasprintf("%s.password", path);
    json *profile = json_path(tree, path);
    if (!profile)
        return error_set(err, ERR_INTERNAL, "properties.%s is gone", ch->path);
    if (ch->renewing)
        json_put(profile, "renewing", json_new_str(ch->renewing));
    else
        (void)json_del(profile, "renewing");
    if (!ch->password)
        return 0;
    put_now(profile, ch->ctx);
    return database_put_sealed(ch->ctx, ch->c->job.db, tree, password, ch->password, err);
}

/* The name of the token is chosen, and known to whoever goes on. */
static int ensure_profile(struct cluster *c, const struct opctx *ctx, const char *host, int *ret,
                          struct error **err)
{
    char id[UUID_LEN + 1];
    *ret = find_profile(c, host);
    if (*ret != NO_PROFILE)
        return 0;
    rng_uuid(ctx->rng, id);
    cleanup_free char *username = xasprintf("token-%s", id);
    struct change ch = { .c = c, .ctx = ctx, .host = host, .username = username };
    if (cluster_patch(c, ctx, put_profile, &ch, err) < 0)
        return -1;
    *ret = find_profile(c, host);
    return 0;
}

static int keep_password(struct cluster *c, const struct opctx *ctx, int profile,
                         const char *renewing, const struct secret *password, struct error **err)
{
    cleanup_free char *path = give_profile_path(profile);
    struct change ch = {
        .c = c, .ctx = ctx, .path = path, .renewing = renewing, .password = password
    };
    return cluster_patch(c, ctx, put_password, &ch, err);
}

/* ---- the registry ---- */

static int make_token(struct cluster *c, struct arm *arm, const struct opctx *ctx,
                      const char *username, struct error **err)
{
    cleanup_free char *path = xasprintf("%s/tokens/%s", registry_id(c), username);
    cleanup_free char *map = xasprintf("%s" SCOPE_MAP, registry_id(c));
    cleanup_json json *body = json_make("{'properties':{'scopeMapId':%s,'status':'enabled'}}", map);
    const struct arm_call call = { .method = "PUT",
                                   .path = path,
                                   .api_version = API_VERSION_REGISTRY,
                                   .body = body,
                                   .wait = true };
    cleanup_error struct error *e = NULL;
    if (arm_send(arm, ctx, &call, NULL, &e) == 0 || error_get_status(e) == 409)
        return 0; /* 409: it is there, or about to be */
    error_move(err, &e);
    return error_wrap(err, "making the token of the registry");
}

static int take_password(const json *answer, const char *name, struct secret **ret,
                         struct error **err)
{
    const json *passwords = json_get(answer, "passwords");
    for (size_t i = 0; i < json_len(passwords); i++) {
        const json *p = json_at(passwords, i);
        const json *value = json_get(p, "value");
        if (!str_eq(json_path_str(p, "name"), name) || !json_str_len(value))
            continue;
        *ret = secret_new(json_str(value), json_str_len(value));
        return 0;
    }
    return error_set(err, ERR_INTERNAL, "the registry answered no %s", name);
}

static int make_password(struct cluster *c, struct arm *arm, const struct opctx *ctx,
                         const char *username, const char *name, struct secret **ret,
                         struct error **err)
{
    cleanup_free char *path = xasprintf("%s/generateCredentials", registry_id(c));
    cleanup_free char *token = xasprintf("%s/tokens/%s", registry_id(c), username);
    cleanup_json json *body = json_make("{'tokenId':%s,'name':%s}", token, name);
    const struct arm_call call = { .method = "POST",
                                   .path = path,
                                   .api_version = API_VERSION_REGISTRY,
                                   .body = body,
                                   .wait = true };
    cleanup_json_wiped json *answer = NULL;
    if (arm_send(arm, ctx, &call, &answer, err) < 0 || take_password(answer, name, ret, err) < 0)
        return error_wrap(err, "making a password of the registry");
    return 0;
}

static int renew(struct cluster *c, struct arm *arm, const struct opctx *ctx, int profile,
                 const char *name, struct error **err)
{
    cleanup_free char *username = give_text(c, profile, "username");
    cleanup_secret struct secret *password = NULL;
    if (make_password(c, arm, ctx, username, name, &password, err) < 0)
        return -1;
    return keep_password(c, ctx, profile, NULL, password, err);
}

/* ---- steps ---- */

int cluster_ensure_acr_token(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    struct arm *arm;
    int profile;
    if (!registry_id(c))
        return 0;
    cleanup_free char *host = operator_spec_give_registry(c);
    if (ensure_profile(c, ctx, host, &profile, err) < 0)
        return -1;
    cleanup_free char *password = give_text(c, profile, "password");
    if (*password)
        return 0;
    cleanup_free char *username = give_text(c, profile, "username");
    if (cluster_arm(c, ctx, AS_SERVICE, &arm, err) < 0 ||
        make_token(c, arm, ctx, username, err) < 0)
        return -1;
    return renew(c, arm, ctx, profile, FIRST_PASSWORD, err);
}

bool acr_token_is_due(const char *issued, int64_t now_wall_ns)
{
    int64_t issued_ns;
    return !issued || !time_parse_rfc3339(issued, &issued_ns) ||
           issued_ns <= now_wall_ns - ACR_PASSWORD_ROTATE_DAYS * DAY_NS;
}

static int64_t created_ns(const json *passwords, const char *name, bool *ret_found)
{
    for (size_t i = 0; i < json_len(passwords); i++) {
        const json *p = json_at(passwords, i);
        int64_t at_ns = INT64_MIN;
        if (!str_eq(json_path_str(p, "name"), name))
            continue;
        const char *text = json_path_str(p, "creationTime");
        if (text)
            (void)time_parse_rfc3339(text, &at_ns);
        *ret_found = true;
        return at_ns;
    }
    *ret_found = false;
    return INT64_MIN;
}

const char *acr_token_password_to_renew(const json *token)
{
    const json *passwords = json_path(token, "properties.credentials.passwords");
    bool has_first, has_second;
    int64_t first_ns = created_ns(passwords, FIRST_PASSWORD, &has_first);
    int64_t second_ns = created_ns(passwords, SECOND_PASSWORD, &has_second);
    if (!has_first || !has_second)
        return has_first ? SECOND_PASSWORD : FIRST_PASSWORD;
    return first_ns < second_ns ? FIRST_PASSWORD : SECOND_PASSWORD;
}

/* Once chosen it stays the same until it is made: the older of the two would be the one in use after the newer was made. */
static int choose_password(struct cluster *c, struct arm *arm, const struct opctx *ctx, int profile,
                           char **ret, struct error **err)
{
    cleanup_free char *chosen = give_text(c, profile, "renewing");
    if (*chosen) {
        *ret = take(chosen);
        return 0;
    }
    cleanup_free char *username = give_text(c, profile, "username");
    cleanup_free char *path = xasprintf("%s/tokens/%s", registry_id(c), username);
    const struct arm_call call = { .method = "GET",
                                   .path = path,
                                   .api_version = API_VERSION_REGISTRY };
    cleanup_json json *token = NULL;
    if (arm_send(arm, ctx, &call, &token, err) < 0)
        return error_wrap(err, "reading the token of the registry");
    const char *name = acr_token_password_to_renew(token);
    if (keep_password(c, ctx, profile, name, NULL, err) < 0)
        return -1;
    *ret = xstrdup(name);
    return 0;
}

static int rotate(struct cluster *c, const struct opctx *ctx, int profile, struct error **err)
{
    struct arm *arm;
    cleanup_free char *name = NULL;
    if (cluster_arm(c, ctx, AS_SERVICE, &arm, err) < 0 ||
        choose_password(c, arm, ctx, profile, &name, err) < 0)
        return -1;
    log_info(ctx->log, "renewing %s of the registry", name);
    return renew(c, arm, ctx, profile, name, err);
}

int cluster_rotate_acr_token(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (!registry_id(c))
        return 0;
    if (cluster_ensure_acr_token(c, ctx, err) <
        0) /* of clusters that are older than the registry */
        return -1;
    cleanup_free char *host = operator_spec_give_registry(c);
    int profile = find_profile(c, host);
    cleanup_free char *issued = give_text(c, profile, "issueDate");
    if (acr_token_is_due(issued, clock_wall_ns(ctx->clock)) && rotate(c, ctx, profile, err) < 0)
        return -1;
    /* Also when it is not due: whoever renewed it may have been cut off. */
    return acr_secrets_ensure(c, ctx, profile, err);
}
