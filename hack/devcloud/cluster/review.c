#include "hack/devcloud/cluster/review.h"

#include "hack/devcloud/cluster/auth.h"
#include "hack/devcloud/cluster/authorize.h"
#include "hack/devcloud/cluster/reply.h"
#include "pkg/base/mem.h"

static void answer(const struct op *op, json *body, json *status)
{
    json_put(body, "apiVersion", json_new_str(op->api_version));
    json_put(body, "kind", json_new_str(op->r->kind));
    if (!json_is_object(json_get(body, "metadata")))
        json_put(body, "metadata", json_make("{'creationTimestamp':null}"));
    json_put(body, "status", status);
    reply_tree(op->reply, &op->media, 201, body);
}

/* ---- access ---- */

static struct access access_of(const json *spec)
{
    const json *r = json_get(spec, "resourceAttributes");
    const json *n = json_get(spec, "nonResourceAttributes");
    if (!r)
        return (struct access){ .verb = json_path_str(n, "verb"),
                                .path = json_path_str(n, "path") };
    return (struct access){ .verb = json_path_str(r, "verb"),
                            .group = json_path_str(r, "group"),
                            .resource = json_path_str(r, "resource"),
                            .subresource = json_path_str(r, "subresource"),
                            .nspace = json_path_str(r, "namespace"),
                            .name = json_path_str(r, "name") };
}

/* Reviews are refused without their kind and name. */
static int check_faults(struct invalid *faults, struct error **err)
{
    struct fail_object o = { "authorization.k8s.io", "", "", "" };
    int rc = invalid_check(faults, &o, err);
    invalid_release(faults);
    return rc;
}

static int check_attributes(const json *spec, struct error **err)
{
    const json *r = json_get(spec, "resourceAttributes");
    const json *n = json_get(spec, "nonResourceAttributes");
    struct invalid faults = { NULL };
    cleanup_json json *none = json_new_str("null");
    if (r && n)
        invalid_value(&faults, "spec.nonResourceAttributes", n,
                      "cannot be specified in combination with resourceAttributes");
    else if (!r && !n)
        invalid_value(&faults, "spec.resourceAttributes", none,
                      "exactly one of nonResourceAttributes or resourceAttributes must be "
                      "specified");
    return check_faults(&faults, err);
}

static int review_access(const struct op *op, json *body, const struct api_user *user,
                         struct error **err)
{
    const json *spec = json_get(body, "spec");
    struct access a = access_of(spec);
    cleanup_free char *why = NULL;
    if (check_attributes(spec, err) < 0)
        return -1;
    bool allowed = authorize(op->c, user, &a, &why);
    json *status = json_make("{'allowed':%b}", (int)allowed);
    if (why)
        json_put(status, "reason", json_new_str(why));
    answer(op, body, status);
    return 0;
}

static int serve_self(const struct op *op, json *body, struct error **err)
{
    return review_access(op, body, &op->rq->user, err);
}

static int serve_subject(const struct op *op, json *body, struct error **err)
{
    const json *spec = json_get(body, "spec"), *groups = json_get(spec, "groups");
    const char *name = json_path_str(spec, "user");
    struct invalid faults = { NULL };
    cleanup_json json *shown = json_new_str("");
    if ((!name || !*name) && !json_len(groups))
        invalid_value(&faults, "spec.user", shown,
                      "at least one of user or group must be specified");
    if (check_faults(&faults, err) < 0)
        return -1;
    struct api_user user = { .name = xstrdup(name ? name : "") };
    for (size_t i = 0; i < json_len(groups); i++)
        strv_add(&user.groups, json_str(json_at(groups, i)));
    int rc = review_access(op, body, &user, err);
    api_user_release(&user);
    return rc;
}

/* About one namespace: that of the request. */
static int serve_local(const struct op *op, json *body, struct error **err)
{
    const json *spec = json_get(body, "spec"), *urls = json_get(spec, "nonResourceAttributes");
    const char *nspace = json_path_str(spec, "resourceAttributes.namespace");
    struct invalid faults = { NULL };
    if (urls)
        invalid_value(&faults, "spec.nonResourceAttributes", urls,
                      "disallowed on this kind of request");
    if (check_faults(&faults, err) < 0)
        return -1;
    if (json_get(spec, "resourceAttributes") && !str_eq(nspace, op_nspace(op)))
        return fail_bad_request(err, "spec.resourceAttributes.namespace must match namespace: %s",
                                op_nspace(op));
    return serve_subject(op, body, err);
}

/* ---- rules ---- */

struct rules {
    json *resources, *urls;
};

static void add_rule(void *arg, const json *rule)
{
    const struct rules *r = arg;
    bool urls = json_len(json_get(rule, "nonResourceURLs"));
    json_append(urls ? r->urls : r->resources, json_give_copy(rule));
}

static int serve_rules(const struct op *op, json *body, struct error **err)
{
    const char *nspace = json_path_str(body, "spec.namespace");
    if (!nspace || !*nspace)
        return fail_bad_request(err, "no namespace on request");
    struct rules rules = { json_new_array(), json_new_array() };
    authorize_each_rule(op->c, &op->rq->user, nspace, add_rule, &rules);
    answer(op, body,
           json_make("{'resourceRules':%j,'nonResourceRules':%j,'incomplete':false}",
                     rules.resources, rules.urls));
    return 0;
}

/* ---- tokens ---- */

static json *give_user(const struct api_user *user)
{
    json *groups = json_new_array();
    for (size_t i = 0; i < user->groups.len; i++)
        json_append(groups, json_new_str(user->groups.v[i]));
    json *out = json_make("{'username':%s,'groups':%j}", user->name, groups);
    if (user->uid && *user->uid)
        json_put(out, "uid", json_new_str(user->uid));
    if (user->extra)
        json_put(out, "extra", json_give_copy(user->extra));
    return out;
}

static int serve_token(const struct op *op, json *body, struct error **err)
{
    const char *token = json_path_str(body, "spec.token");
    const char *audience = json_path_str(body, "spec.audiences[0]");
    struct api_user user = { 0 };
    cleanup_error struct error *why = NULL;
    if (!token || !*token)
        return fail_bad_request(err, "token is required for TokenReview in authentication");
    if (auth_check_token(op->c, token, audience, &user, &why) < 0) {
        answer(op, body, json_make("{'user':{},'error':'[invalid bearer token]'}"));
        return 0;
    }
    answer(op, body,
           json_make("{'authenticated':true,'user':%j,'audiences':[%s]}", give_user(&user),
                     audience ? audience : AUTH_ISSUER));
    api_user_release(&user);
    return 0;
}

static const struct review all[] = {
    { "authorization.k8s.io/selfsubjectaccessreviews", serve_self },
    { "authorization.k8s.io/subjectaccessreviews", serve_subject },
    { "authorization.k8s.io/localsubjectaccessreviews", serve_local },
    { "authorization.k8s.io/selfsubjectrulesreviews", serve_rules },
    { "authentication.k8s.io/tokenreviews", serve_token },
};

const struct review *review_find(const char *collection)
{
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (str_eq(all[i].collection, collection))
            return &all[i];
    return NULL;
}
