#include "hack/devcloud/cluster/meta.h"

#include <string.h>

#include "hack/devcloud/cluster/names.h"
#include "hack/devcloud/cluster/strategy.h"
#include "pkg/base/mem.h"

#define SUFFIX_LEN 5
#define GENERATED_BASE_MAX 58
#define ANNOTATIONS_MAX ((size_t)256 << 10)

static json *metadata_of(json *obj)
{
    return json_get(obj, "metadata");
}

/* ---- creating ---- */

static char *give_generated(const struct op *op, const char *base)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    char suffix[SUFFIX_LEN + 1] = { 0 };
    for (size_t i = 0; i < SUFFIX_LEN; i++)
        suffix[i] = letters[rng_below(op->c->cfg.rng, sizeof(letters) - 1)];
    return xasprintf("%.*s%s", GENERATED_BASE_MAX, base, suffix);
}

bool meta_rename(const struct op *op, json *obj)
{
    const char *base = json_path_str(obj, "metadata.generateName");
    const char *name = json_path_str(obj, "metadata.name");
    size_t len = base ? strnlen(base, GENERATED_BASE_MAX) : 0;
    if (!len || !name || strncmp(name, base, len) != 0 || strlen(name) != len + SUFFIX_LEN)
        return false;
    cleanup_free char *other = give_generated(op, base);
    json_put(metadata_of(obj), "name", json_new_str(other));
    return true;
}

int meta_begin(const struct op *op, json *obj, struct error **err)
{
    json *m = metadata_of(obj);
    const char *nspace = json_path_str(m, "namespace"), *name = json_path_str(m, "name");
    const char *base = json_path_str(m, "generateName");
    long long version = 0;
    /* What is no number is dropped like any other value that the server sets. */
    (void)str_to_int(json_path_str(m, "resourceVersion"), 0, INT64_MAX, &version);
    if (version > 0)
        return fail_with(err, 500, NULL, NULL,
                         "resourceVersion should not be set on objects to be created");
    if (!op->r->namespaced) {
        json_del(m, "namespace");
    } else if (nspace && *nspace && !str_eq(nspace, op_nspace(op))) {
        return fail_bad_request(err, "the namespace of the provided object does not match the "
                                     "namespace sent on the request");
    } else {
        json_put(m, "namespace", json_new_str(op_nspace(op)));
    }
    if ((!name || !*name) && base && *base) {
        cleanup_free char *generated = give_generated(op, base);
        json_put(m, "name", json_new_str(generated));
    }
    return 0;
}

void meta_stamp(const struct op *op, json *obj)
{
    const char *const dropped[] = { "resourceVersion", "deletionTimestamp",
                                    "deletionGracePeriodSeconds", "selfLink" };
    json *m = metadata_of(obj);
    char uid[UUID_LEN + 1], now[TIME_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(dropped); i++)
        json_del(m, dropped[i]);
    rng_uuid(op->c->cfg.rng, uid);
    cluster_now(op->c, now);
    json_put(m, "uid", json_new_str(uid));
    json_put(m, "creationTimestamp", json_new_str(now));
    if (op->r->counts_generation)
        json_put(m, "generation", json_new_int(1));
}

/* ---- updating ---- */

/* 0, or what the database says of a text that is no version. */
static int parse_version(const char *text, long long *ret, struct error **err)
{
    *ret = 0;
    if (!text || !*text || str_to_int(text, 0, INT64_MAX, ret))
        return 0;
    return fail_with(err, 500, NULL, NULL, "strconv.ParseUint: parsing \"%s\": invalid syntax",
                     text);
}

static int check_version(const struct op *op, const json *m, const json *live, struct error **err)
{
    const char *version = json_path_str(m, "resourceVersion");
    struct fail_object o = op_object(op, NULL);
    long long n;
    if (parse_version(version, &n, err) < 0)
        return -1;
    bool given = n > 0;
    if (given && !str_eq(version, json_path_str(live, "metadata.resourceVersion")))
        return fail_conflict(err, &o, FAIL_MODIFIED);
    if (given || !op->r->needs_version)
        return 0;
    struct invalid faults = { NULL };
    o.kind = op->r->plural;
    invalid_other(&faults, "FieldValueInvalid", "metadata.resourceVersion",
                  "Invalid value: 0x0: must be specified for an update");
    (void)invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return -1;
}

int meta_check_name(const struct op *op, const char *name, struct error **err)
{
    if (!name || !*name)
        return fail_bad_request(err,
                                "the name of the object (%s based on URL) was undeterminable: "
                                "name must be provided",
                                op->rq->name);
    if (!str_eq(name, op->rq->name))
        return fail_bad_request(
            err, "the name of the object (%s) does not match the name on the URL (%s)", name,
            op->rq->name);
    return 0;
}

int meta_check_update(const struct op *op, json *obj, const json *live, struct error **err)
{
    json *m = metadata_of(obj);
    const char *name = json_path_str(m, "name"), *nspace = json_path_str(m, "namespace");
    const char *uid = json_path_str(m, "uid"), *own = json_path_str(live, "metadata.uid");
    if (meta_check_name(op, name, err) < 0)
        return -1;
    if (op->r->namespaced && nspace && *nspace && !str_eq(nspace, op_nspace(op)))
        return fail_bad_request(err,
                                "the namespace of the object (%s) does not match the namespace on "
                                "the request (%s)",
                                nspace, op_nspace(op));
    if (op->r->namespaced)
        json_put(m, "namespace", json_new_str(op_nspace(op)));
    if (str_eq(op->rq->method, "PUT") && uid && *uid && !str_eq(uid, own)) {
        struct fail_object o = op_object(op, NULL);
        cleanup_free char *why = xasprintf("Precondition failed: UID in precondition: %s, UID in "
                                           "object meta: %s",
                                           uid, own);
        return fail_conflict(err, &o, why);
    }
    return check_version(op, m, live, err);
}

void meta_carry(json *obj, const json *live)
{
    const char *const kept[] = { "creationTimestamp", "generation", "resourceVersion" };
    const char *const when_absent[] = { "uid", "deletionTimestamp", "deletionGracePeriodSeconds" };
    json *m = metadata_of(obj);
    const json *old = json_get(live, "metadata");
    json_del(m, "selfLink");
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        if (json_get(old, kept[i]))
            json_put(m, kept[i], json_give_copy(json_get(old, kept[i])));
        else
            json_del(m, kept[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(when_absent); i++)
        if (!json_get(m, when_absent[i]) && json_get(old, when_absent[i]))
            json_put(m, when_absent[i], json_give_copy(json_get(old, when_absent[i])));
}

/* ---- validation ---- */

static char *give_name_fault(const struct op *op, const char *name)
{
    const struct strategy *s = strategy_of(op->r->collection);
    return s->give_name_fault ? s->give_name_fault(name) : names_give_subdomain_fault(name);
}

/* The beginning of a name may end with a dash. */
static void check_generated(const struct op *op, const json *m, struct invalid *out)
{
    const char *base = json_path_str(m, "generateName");
    if (!base || !*base)
        return;
    size_t len = strlen(base);
    cleanup_free char *masked =
        len > 1 && base[len - 1] == '-' ? xasprintf("%.*sa", (int)len - 2, base) : xstrdup(base);
    cleanup_free char *fault = give_name_fault(op, masked);
    if (fault)
        invalid_value(out, "metadata.generateName", json_get(m, "generateName"), "%s", fault);
}

static void check_name(const struct op *op, const json *m, struct invalid *out)
{
    const char *name = json_path_str(m, "name");
    check_generated(op, m, out);
    if (!name || !*name) {
        invalid_required(out, "metadata.name", "name or generateName is required");
        return;
    }
    cleanup_free char *fault = give_name_fault(op, name);
    if (fault)
        invalid_value(out, "metadata.name", json_get(m, "name"), "%s", fault);
}

static void check_labels(const json *labels, struct invalid *out)
{
    for (struct json_iter it = json_each(labels); json_next(&it);) {
        cleanup_free char *fault = names_give_label_key_fault(it.key);
        cleanup_json json *key = json_new_str(it.key);
        if (fault)
            invalid_value(out, "metadata.labels", key, "%s", fault);
        const char *value = json_str(it.value);
        cleanup_free char *bad = value ? names_give_label_value_fault(value) : NULL;
        if (bad)
            invalid_value(out, "metadata.labels", it.value, "%s", bad);
    }
}

static void check_annotations(const json *annotations, struct invalid *out)
{
    size_t total = 0;
    for (struct json_iter it = json_each(annotations); json_next(&it);) {
        cleanup_free char *lower = str_give_lower(it.key);
        cleanup_free char *fault = names_give_label_key_fault(lower);
        cleanup_json json *key = json_new_str(it.key);
        if (fault)
            invalid_value(out, "metadata.annotations", key, "%s", fault);
        total += strlen(it.key) + json_str_len(it.value);
    }
    if (total > ANNOTATIONS_MAX)
        invalid_other(out, "FieldValueTooLong", "metadata.annotations",
                      "Too long: must have at most 262144 bytes");
}

static const char *kind_of(const json *owner)
{
    const char *kind = json_path_str(owner, "kind");
    return kind ? kind : "";
}

static void check_owners(const json *owners, struct invalid *out)
{
    const json *controller = NULL;
    const char *const fields[] = { "apiVersion", "kind", "name", "uid" };
    for (size_t i = 0; i < json_len(owners); i++) {
        const json *owner = json_at(owners, i);
        for (size_t f = 0; f < ARRAY_LEN(fields); f++) {
            const char *text = json_path_str(owner, fields[f]);
            cleanup_free char *path = xasprintf("metadata.ownerReferences.%s", fields[f]);
            cleanup_free char *why =
                xasprintf("%s must not be empty", f == 0 ? "version" : fields[f]);
            cleanup_json json *empty = json_new_str("");
            if (!text || !*text)
                invalid_value(out, path, empty, "%s", why);
        }
        if (!json_path_bool(owner, "controller", false))
            continue;
        if (controller)
            invalid_value(out, "metadata.ownerReferences", owners,
                          "Only one reference can have Controller set to true. Found \"true\" in "
                          "references for %s and %s",
                          kind_of(controller), kind_of(owner));
        controller = owner;
    }
}

/* Built-in kinds want the standard ones or qualified names. */
static void check_finalizers(const struct op *op, const json *list, struct invalid *out)
{
    bool orphan = false, foreground = false;
    for (size_t i = 0; i < json_len(list); i++) {
        const char *text = json_str(json_at(list, i)), *name = text ? text : "";
        cleanup_free char *fault = names_give_label_key_fault(name);
        if (fault)
            invalid_value(out, "metadata.finalizers", json_at(list, i), "%s", fault);
        orphan |= str_eq(name, "orphan");
        foreground |= str_eq(name, "foregroundDeletion");
    }
    if (orphan && foreground)
        invalid_value(out, "metadata.finalizers", list,
                      "finalizer orphan and foregroundDeletion cannot be both set");
    for (size_t i = 0; i < json_len(list) && !op->r->custom; i++) {
        const char *name = json_str(json_at(list, i));
        cleanup_free char *path = xasprintf("metadata.finalizers[%zu]", i);
        if (name && !strchr(name, '/') && !str_eq(name, "orphan") && !str_eq(name, "kubernetes") &&
            !str_eq(name, "foregroundDeletion"))
            invalid_value(out, path, json_at(list, i),
                          "name is neither a standard finalizer name nor is it fully qualified");
    }
}

static void check_change(const json *obj, const json *old, struct invalid *out)
{
    const char *const fixed[] = { "metadata.uid", "metadata.deletionTimestamp",
                                  "metadata.deletionGracePeriodSeconds" };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        strategy_need_same(obj, old, fixed[i], out);
    if (!meta_is_deleting(old))
        return;
    cleanup_buf struct buf added = BUF_INIT(BUF_UNBOUNDED);
    const json *list = json_path(obj, "metadata.finalizers");
    for (size_t i = 0; i < json_len(list); i++)
        if (!meta_has_finalizer(old, json_str(json_at(list, i))))
            buf_addf(&added, "%s\"%s\"", added.len ? ", " : "", json_str(json_at(list, i)));
    if (!added.len)
        return;
    cleanup_free char *why =
        xasprintf("no new finalizers can be added if the object is being deleted, found new "
                  "finalizers []string{%s}",
                  buf_str(&added));
    invalid_forbidden(out, "metadata.finalizers", why);
}

void meta_validate(const struct op *op, const json *obj, const json *old, struct invalid *out)
{
    const json *m = json_get(obj, "metadata");
    check_name(op, m, out);
    check_labels(json_get(m, "labels"), out);
    check_annotations(json_get(m, "annotations"), out);
    check_owners(json_get(m, "ownerReferences"), out);
    check_finalizers(op, json_get(m, "finalizers"), out);
    if (json_path_int(m, "generation", 0) < 0)
        invalid_value(out, "metadata.generation", json_get(m, "generation"),
                      "must be greater than or equal to 0");
    if (old)
        check_change(obj, old, out);
}

/* ---- finalizers ---- */

bool meta_is_deleting(const json *obj)
{
    return json_path(obj, "metadata.deletionTimestamp");
}

size_t meta_finalizers_len(const json *obj)
{
    return json_len(json_path(obj, "metadata.finalizers"));
}

bool meta_has_finalizer(const json *obj, const char *name)
{
    const json *list = json_path(obj, "metadata.finalizers");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_str(json_at(list, i)), name))
            return true;
    return false;
}

void meta_add_finalizer(json *obj, const char *name)
{
    json *m = metadata_of(obj);
    if (meta_has_finalizer(obj, name))
        return;
    if (!json_is_array(json_get(m, "finalizers")))
        json_put(m, "finalizers", json_new_array());
    json_append(json_get(m, "finalizers"), json_new_str(name));
}

void meta_remove_finalizer(json *obj, const char *name)
{
    json *list = json_path(obj, "metadata.finalizers");
    for (size_t i = json_len(list); i-- > 0;)
        if (str_eq(json_str(json_at(list, i)), name))
            json_remove_at(list, i);
    if (list && !json_len(list))
        json_del(metadata_of(obj), "finalizers");
}
