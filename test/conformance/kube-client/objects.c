/* Verbs on ConfigMaps: what changes, what is refused, what survives. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/status.h"
#include "test/conformance/kube-client/check.h"

#define CM(w, name) KUBE_REF(&GVR_CONFIGMAPS, (w)->nspace, (name))

static json *give_map(const char *name, const char *value)
{
    return json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':%s,"
                     "'labels':{'check':'client'}},'data':{'k':%s}}",
                     name, value);
}

static int create(struct world *w, const char *name, json **ret, struct error **err)
{
    cleanup_json json *obj = give_map(name, "1");
    return kube_create(w->client, &w->ctx, CM(w, NULL), obj, NULL, ret, err);
}

static int read_key(struct world *w, const char *name, const char *path, const char *want,
                    struct error **err)
{
    cleanup_json json *obj = NULL;
    if (kube_get(w->client, &w->ctx, CM(w, name), &obj, err) < 0)
        return -1;
    return want_text(json_path_str(obj, path), want, err);
}

static int check_create(struct world *w, struct error **err)
{
    cleanup_json json *made = NULL;
    if (create(w, "made", &made, err) < 0 ||
        want_text(json_path_str(made, "metadata.name"), "made", err) < 0)
        return -1;
    return read_key(w, "made", "data.k", "1", err);
}

static int check_exists(struct world *w, struct error **err)
{
    struct error *e = NULL;
    int rc = create(w, "made", NULL, &e);
    return want_error(rc, &e, ERR_EXISTS, "AlreadyExists", err);
}

static int check_generate_name(struct world *w, struct error **err)
{
    cleanup_json json *obj = json_make("{'metadata':{'generateName':'made-'}}");
    cleanup_json json *made = NULL;
    if (kube_create(w->client, &w->ctx, CM(w, NULL), obj, NULL, &made, err) < 0)
        return -1;
    const char *name = json_path_str(made, "metadata.name");
    if (!name || !str_starts(name, "made-") || strlen(name) <= 5)
        return error_set(err, ERR_INTERNAL, "the name is '%s'", name ? name : "");
    return kube_delete(w->client, &w->ctx, CM(w, name), NULL, err);
}

static int check_absent(struct world *w, struct error **err)
{
    struct error *e = NULL;
    json *obj = NULL;
    int rc = kube_get(w->client, &w->ctx, CM(w, "absent"), &obj, &e);
    return want_error(rc, &e, ERR_NOT_FOUND, "NotFound", err);
}

static int check_dry_run(struct world *w, struct error **err)
{
    cleanup_json json *obj = give_map("dry", "1");
    const struct kube_write_options dry = { .dry_run = true };
    if (kube_create(w->client, &w->ctx, CM(w, NULL), obj, &dry, NULL, err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = kube_get(w->client, &w->ctx, CM(w, "dry"), NULL, &e);
    return want_error(rc, &e, ERR_NOT_FOUND, NULL, err);
}

static int check_stale_update(struct world *w, struct error **err)
{
    cleanup_json json *obj = NULL;
    if (kube_get(w->client, &w->ctx, CM(w, "made"), &obj, err) < 0 ||
        json_set_str(obj, "data.k", "2", err) < 0 ||
        kube_update(w->client, &w->ctx, CM(w, "made"), obj, NULL, NULL, err) < 0 ||
        json_set_str(obj, "data.k", "3", err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = kube_update(w->client, &w->ctx, CM(w, "made"), obj, NULL, NULL, &e);
    if (want_error(rc, &e, ERR_CONFLICT, "Conflict", err) < 0)
        return -1;
    return read_key(w, "made", "data.k", "2", err);
}

struct bump {
    struct world *w;
    int calls;
};

/* The first try works on a version that another writer has left behind. */
static int bump_once(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    struct bump *b = arg;
    b->calls++;
    cleanup_json json *obj = NULL;
    if (kube_get(b->w->client, ctx, CM(b->w, "made"), &obj, err) < 0 ||
        json_set_str(obj, "data.k", "4", err) < 0)
        return -1;
    if (attempt == 0) {
        cleanup_json json *patch = json_make("{'data':{'other':'writer'}}");
        if (kube_patch(b->w->client, ctx, CM(b->w, "made"), KUBE_PATCH_MERGE, patch, NULL, NULL,
                       err) < 0)
            return -1;
    }
    return kube_update(b->w->client, ctx, CM(b->w, "made"), obj, NULL, NULL, err);
}

static int check_conflict_retry(struct world *w, struct error **err)
{
    struct bump b = { .w = w };
    if (kube_retry_on_conflict(&w->ctx, bump_once, &b, err) < 0 || want_int(b.calls, 2, err) < 0 ||
        read_key(w, "made", "data.other", "writer", err) < 0)
        return -1;
    return read_key(w, "made", "data.k", "4", err);
}

static int patch(struct world *w, enum kube_patch type, const char *text, struct error **err)
{
    cleanup_json json *p = NULL;
    if (json_parse(text, strlen(text), &p, err) < 0)
        return -1;
    return kube_patch(w->client, &w->ctx, CM(w, "made"), type, p, NULL, NULL, err);
}

static int check_patches(struct world *w, struct error **err)
{
    if (patch(w, KUBE_PATCH_JSON, "[{\"op\":\"replace\",\"path\":\"/data/k\",\"value\":\"5\"}]",
              err) < 0 ||
        read_key(w, "made", "data.k", "5", err) < 0 ||
        patch(w, KUBE_PATCH_MERGE, "{\"data\":{\"k\":\"6\",\"other\":null}}", err) < 0 ||
        read_key(w, "made", "data.k", "6", err) < 0 ||
        read_key(w, "made", "data.other", NULL, err) < 0 ||
        patch(w, KUBE_PATCH_STRATEGIC, "{\"data\":{\"k\":\"7\"}}", err) < 0)
        return -1;
    return read_key(w, "made", "data.k", "7", err);
}

static int check_bad_patch(struct world *w, struct error **err)
{
    struct error *e = NULL;
    int rc =
        patch(w, KUBE_PATCH_JSON, "[{\"op\":\"test\",\"path\":\"/data/k\",\"value\":\"x\"}]", &e);
    return want_error(rc, &e, ERR_UNPROCESSABLE, "Invalid", err);
}

static int apply(struct world *w, const char *manager, const char *value, bool force,
                 struct error **err)
{
    cleanup_json json *obj = give_map("applied", value);
    const struct kube_write_options opt = { .field_manager = manager, .force = force };
    return kube_apply(w->client, &w->ctx, CM(w, "applied"), obj, &opt, NULL, err);
}

static int check_apply(struct world *w, struct error **err)
{
    if (apply(w, "one", "1", false, err) < 0 || apply(w, "one", "2", false, err) < 0)
        return -1;
    struct error *e = NULL;
    int rc = apply(w, "two", "3", false, &e);
    bool named = status_has_cause(e, "FieldManagerConflict");
    if (want_error(rc, &e, ERR_CONFLICT, "Conflict", err) < 0)
        return -1;
    if (!named)
        return error_set(err, ERR_INTERNAL, "the conflict has no cause FieldManagerConflict");
    if (apply(w, "two", "3", true, err) < 0)
        return -1;
    return read_key(w, "applied", "data.k", "3", err);
}

static int check_apply_removes(struct world *w, struct error **err)
{
    cleanup_json json *bare = json_make(
        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'applied'},'data':{'n':'1'}}");
    const struct kube_write_options opt = { .field_manager = "two", .force = true };
    if (kube_apply(w->client, &w->ctx, CM(w, "applied"), bare, &opt, NULL, err) < 0)
        return -1;
    return read_key(w, "applied", "data.k", NULL, err); /* ours, and no longer wanted */
}

static int check_preconditions(struct world *w, struct error **err)
{
    struct kube_delete_options opt = KUBE_DELETE_DEFAULTS;
    opt.uid = "00000000-0000-0000-0000-000000000000";
    struct error *e = NULL;
    int rc = kube_delete(w->client, &w->ctx, CM(w, "applied"), &opt, &e);
    if (want_error(rc, &e, ERR_CONFLICT, "Conflict", err) < 0)
        return -1;
    cleanup_json json *obj = NULL;
    if (kube_get(w->client, &w->ctx, CM(w, "applied"), &obj, err) < 0)
        return -1;
    opt.uid = json_path_str(obj, "metadata.uid");
    opt.propagation = "Background";
    return kube_delete(w->client, &w->ctx, CM(w, "applied"), &opt, err);
}

static int check_delete_absent(struct world *w, struct error **err)
{
    struct error *e = NULL;
    int rc = kube_delete(w->client, &w->ctx, CM(w, "applied"), NULL, &e);
    if (want_error(rc, &e, ERR_NOT_FOUND, "NotFound", err) < 0)
        return -1;
    return kube_delete_if_present(w->client, &w->ctx, CM(w, "applied"), err);
}

static int check_large(struct world *w, struct error **err)
{
    size_t len = 900 << 10;
    cleanup_free char *text = xmalloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';
    cleanup_json json *obj = give_map("large", text);
    cleanup_json json *got = NULL;
    if (kube_create(w->client, &w->ctx, CM(w, NULL), obj, NULL, NULL, err) < 0 ||
        kube_get(w->client, &w->ctx, CM(w, "large"), &got, err) < 0)
        return -1;
    return want_int((int64_t)json_str_len(json_path(got, "data.k")), (int64_t)len, err);
}

static int check_invalid(struct world *w, struct error **err)
{
    cleanup_json json *obj = give_map("Not_A_Name", "1");
    struct error *e = NULL;
    int rc = kube_create(w->client, &w->ctx, CM(w, NULL), obj, NULL, NULL, &e);
    return want_error(rc, &e, ERR_UNPROCESSABLE, "Invalid", err);
}

/* ---- lists ---- */

static int make_many(struct world *w, int n, struct error **err)
{
    for (int i = 0; i < n; i++) {
        cleanup_free char *name = xasprintf("many-%03d", i);
        cleanup_json json *obj =
            json_make("{'metadata':{'name':%s,'labels':{'many':'yes'}}}", name);
        if (kube_create(w->client, &w->ctx, CM(w, NULL), obj, NULL, NULL, err) < 0)
            return -1;
    }
    return 0;
}

static int count(void *arg, const json *item, struct error **err)
{
    ++*(int *)arg;
    return want_text(json_path_str(item, "kind"), "ConfigMap", err);
}

static int check_pages(struct world *w, struct error **err)
{
    const struct kube_list_options opt = { .label_selector = "many=yes", .limit = 7 };
    cleanup_json json *list = NULL;
    int seen = 0;
    if (make_many(w, 25, err) < 0 ||
        kube_list(w->client, &w->ctx, CM(w, NULL), &opt, &list, err) < 0 ||
        want_int((int64_t)json_len(json_get(list, "items")), 25, err) < 0 ||
        want_text(json_path_str(list, "items[24].metadata.name"), "many-024", err) < 0 ||
        want_text(json_path_str(list, "items[24].apiVersion"), "v1", err) < 0 ||
        kube_list_each(w->client, &w->ctx, CM(w, NULL), &opt, count, &seen, err) < 0)
        return -1;
    return want_int(seen, 25, err);
}

static int check_field_selector(struct world *w, struct error **err)
{
    const struct kube_list_options opt = { .field_selector = "metadata.name=many-003",
                                           .metadata_only = true };
    cleanup_json json *list = NULL;
    if (kube_list(w->client, &w->ctx, CM(w, NULL), &opt, &list, err) < 0 ||
        want_int((int64_t)json_len(json_get(list, "items")), 1, err) < 0 ||
        want_text(json_path_str(list, "kind"), "PartialObjectMetadataList", err) < 0)
        return -1;
    return want_text(json_path_str(list, "items[0].metadata.name"), "many-003", err);
}

static int check_too_large_version(struct world *w, struct error **err)
{
    const struct kube_list_options opt = { .resource_version = "999999999", .limit = -1 };
    struct opctx ctx = opctx_with_timeout_ms(&w->ctx, 60000);
    struct error *e = NULL;
    int rc = kube_list(w->client, &ctx, CM(w, NULL), &opt, NULL, &e);
    bool recognised = status_is_too_large_rv(e);
    if (want_error(rc, &e, ERR_TIMEOUT, "Timeout", err) < 0)
        return -1;
    return want_int(recognised, true, err);
}

static int check_delete_collection(struct world *w, struct error **err)
{
    const struct kube_list_options opt = { .label_selector = "many=yes" };
    cleanup_json json *list = NULL;
    if (kube_delete_collection(w->client, &w->ctx, CM(w, NULL), "many=yes", NULL, false, NULL,
                               err) < 0 ||
        kube_list(w->client, &w->ctx, CM(w, NULL), &opt, &list, err) < 0)
        return -1;
    return want_int((int64_t)json_len(json_get(list, "items")), 0, err);
}

const struct check object_checks[] = {
    { "an object is made and read", check_create },
    { "an existing name is told from a conflict", check_exists },
    { "a name is generated", check_generate_name },
    { "an absent object is not found", check_absent },
    { "a dry run makes nothing", check_dry_run },
    { "a stale update is a conflict", check_stale_update },
    { "a conflict is tried again with what was read again", check_conflict_retry },
    { "three kinds of patches", check_patches },
    { "a patch whose test fails is refused", check_bad_patch },
    { "apply: owners, conflict, force", check_apply },
    { "apply removes what its manager no longer wants", check_apply_removes },
    { "delete with preconditions", check_preconditions },
    { "delete of an absent object", check_delete_absent },
    { "an object of almost a megabyte", check_large },
    { "an invalid name is unprocessable", check_invalid },
    { "a list in pages, whole and item by item", check_pages },
    { "a field selector, metadata only", check_field_selector },
    { "too large a resourceVersion is recognised", check_too_large_version },
    { "a collection is deleted by selector", check_delete_collection },
};
const size_t object_checks_len = ARRAY_LEN(object_checks);
