#include "hack/devcloud/cluster/crd.h"

#include <ctype.h>
#include <string.h>

#include "hack/devcloud/cluster/names.h"
#include "hack/devcloud/cluster/schema_crd.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define CUSTOM_VERBS "delete deletecollection get list patch create update watch"

void crd_fill(json *crd)
{
    json *names = json_path(crd, "spec.names");
    const char *kind = json_path_str(names, "kind");
    if (!json_is_object(names) || !kind)
        return;
    const char *singular = json_path_str(names, "singular");
    const char *list = json_path_str(names, "listKind");
    if (!singular || !*singular) {
        cleanup_free char *lower = str_give_lower(kind);
        json_put(names, "singular", json_new_str(lower));
    }
    if (!list || !*list) {
        cleanup_free char *text = xasprintf("%sList", kind);
        json_put(names, "listKind", json_new_str(text));
    }
}

char *crd_give_collection(const json *crd)
{
    return xasprintf("%s/%s", json_path_str(crd, "spec.group"),
                     json_path_str(crd, "spec.names.plural"));
}

const char *crd_storage_version(const json *crd)
{
    const json *versions = json_path(crd, "spec.versions");
    for (size_t i = 0; i < json_len(versions); i++)
        if (json_path_bool(json_at(versions, i), "storage", false))
            return json_path_str(json_at(versions, i), "name");
    return NULL;
}

/* ---- validation ---- */

static void need_text(const json *crd, const char *path, struct invalid *out)
{
    const char *text = json_path_str(crd, path);
    if (!text || !*text)
        invalid_required(out, path, NULL);
}

static void validate_version(const json *version, size_t i, struct invalid *out)
{
    cleanup_free char *path = xasprintf("spec.versions[%zu]", i);
    const json *schema = json_path(version, "schema.openAPIV3Schema");
    cleanup_free char *below = xasprintf("%s.schema.openAPIV3Schema", path);
    if (!schema) {
        invalid_required(out, below, "schemas are required");
        return;
    }
    if (!str_eq(json_path_str(schema, "type"), "object")) {
        cleanup_free char *type = xasprintf("%s.type", below);
        invalid_required(out, type, "must be object at the root");
    }
    schema_check_structural(schema, below, out);
}

static void validate_versions(const json *crd, struct invalid *out)
{
    const json *versions = json_path(crd, "spec.versions");
    size_t storage = 0;
    cleanup_strv struct strv seen = STRV_INIT;
    for (size_t i = 0; i < json_len(versions); i++) {
        const json *v = json_at(versions, i);
        const char *name = json_path_str(v, "name");
        cleanup_free char *path = xasprintf("spec.versions[%zu].name", i);
        cleanup_free char *fault = name ? names_give_dns1035_fault(name) : NULL;
        if (fault)
            invalid_value(out, path, json_get(v, "name"), "%s", fault);
        if (name && strv_has(&seen, name))
            invalid_duplicate(out, path, json_get(v, "name"));
        strv_add(&seen, name ? name : "");
        storage += json_path_bool(v, "storage", false);
        validate_version(v, i, out);
    }
    if (storage != 1)
        invalid_value(out, "spec.versions", versions,
                      "must have exactly one version marked as storage version");
}

static void validate_change(const json *crd, const json *before, struct invalid *out)
{
    const char *const fixed[] = { "spec.group", "spec.scope", "spec.names.plural",
                                  "spec.names.kind" };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        if (!str_eq(json_path_str(crd, fixed[i]), json_path_str(before, fixed[i])))
            invalid_value(out, fixed[i], json_path(crd, fixed[i]), "field is immutable");
    const json *stored = json_path(before, "status.storedVersions");
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; i < json_len(json_path(crd, "spec.versions")); i++)
        strv_add(&names, json_path_str(json_at(json_path(crd, "spec.versions"), i), "name"));
    for (size_t i = 0; i < json_len(stored); i++)
        if (!strv_has(&names, json_str(json_at(stored, i)))) {
            cleanup_free char *path = xasprintf("status.storedVersions[%zu]", i);
            invalid_value(out, path, json_at(stored, i), "must appear in spec.versions");
        }
}

void crd_validate(const json *crd, const json *before, struct invalid *out)
{
    const char *group = json_path_str(crd, "spec.group");
    const char *plural = json_path_str(crd, "spec.names.plural");
    const char *scope = json_path_str(crd, "spec.scope");
    need_text(crd, "spec.group", out);
    need_text(crd, "spec.names.plural", out);
    need_text(crd, "spec.names.kind", out);
    if (!str_eq(scope, "Namespaced") && !str_eq(scope, "Cluster")) {
        if (scope && *scope)
            invalid_unsupported(out, "spec.scope", json_path(crd, "spec.scope"),
                                "\"Cluster\", \"Namespaced\"");
        else
            invalid_required(out, "spec.scope", NULL);
    }
    if (group && !strchr(group, '.'))
        invalid_value(out, "spec.group", json_path(crd, "spec.group"),
                      "should be a domain with at least one dot");
    cleanup_free char *want = xasprintf("%s.%s", plural ? plural : "", group ? group : "");
    if (!str_eq(json_path_str(crd, "metadata.name"), want))
        invalid_value(out, "metadata.name", json_path(crd, "metadata.name"),
                      "must be spec.names.plural+\".\"+spec.group");
    if (!json_len(json_path(crd, "spec.versions")))
        invalid_required(out, "spec.versions", "must have at least one version");
    validate_versions(crd, out);
    if (before)
        validate_change(crd, before, out);
}

/* ---- kinds ---- */

static char *give_words(struct schemas *set, const json *list)
{
    cleanup_strv struct strv words = STRV_INIT;
    for (size_t i = 0; i < json_len(list); i++)
        strv_add(&words, json_str(json_at(list, i)));
    cleanup_free char *joined = strv_give_joined(&words, " ");
    return schemas_text(set, joined);
}

static const char *path_text(struct schemas *set, const json *object, const char *key)
{
    const char *text = json_path_str(object, key);
    return text ? schemas_text(set, text + (*text == '.')) : NULL;
}

static void read_columns(struct schemas *set, const json *list, struct resource *r)
{
    struct column *columns = schemas_alloc(set, (json_len(list) + 1) * sizeof(*columns));
    for (size_t i = 0; i < json_len(list); i++) {
        const json *c = json_at(list, i);
        columns[i] = (struct column){
            .name = schemas_text(set, json_path_str(c, "name")),
            .type = schemas_text(set, json_path_str(c, "type")),
            .format = schemas_text(set, json_path_str(c, "format")),
            .description = schemas_text(set, json_path_str(c, "description")),
            .path = path_text(set, c, "jsonPath"),
            .priority = (int)json_path_int(c, "priority", 0),
        };
    }
    r->columns = columns;
    r->columns_len = json_len(list);
}

static const char *subresource_words(const json *version)
{
    bool status = json_path(version, "subresources.status");
    bool scale = json_path(version, "subresources.scale");
    return status && scale ? "status scale" : status ? "status" : scale ? "scale" : "";
}

static void fill_version(const json *crd, const json *version, const struct catalog *catalog,
                         struct schemas *set, struct resource *r)
{
    const json *names = json_path(crd, "status.acceptedNames");
    const json *scale = json_path(version, "subresources.scale");
    cleanup_free char *collection = crd_give_collection(crd);
    const struct schema *meta = catalog_type(catalog, "meta.v1.ObjectMeta");
    const json *props = json_path(version, "schema.openAPIV3Schema");
    cleanup_free char *document = props ? json_give_text(props) : NULL;
    *r = (struct resource){
        .group = schemas_text(set, json_path_str(crd, "spec.group")),
        .version = schemas_text(set, json_path_str(version, "name")),
        .plural = schemas_text(set, json_path_str(names, "plural")),
        .singular = schemas_text(set, json_path_str(names, "singular")),
        .kind = schemas_text(set, json_path_str(names, "kind")),
        .list_kind = schemas_text(set, json_path_str(names, "listKind")),
        .namespaced = str_eq(json_path_str(crd, "spec.scope"), "Namespaced"),
        .short_names = give_words(set, json_get(names, "shortNames")),
        .categories = give_words(set, json_get(names, "categories")),
        .verbs = CUSTOM_VERBS,
        .subresources = subresource_words(version),
        .fields = "",
        .collection = schemas_text(set, collection),
        .schema = schema_from_crd(set, props, meta),
        .document = document ? schemas_text(set, document) : NULL,
        .custom = true,
        .counts_generation = true,
        .needs_version = true,
        .scale_spec = path_text(set, scale, "specReplicasPath"),
        .scale_status = path_text(set, scale, "statusReplicasPath"),
        .scale_selector = path_text(set, scale, "labelSelectorPath"),
    };
    read_columns(set, json_get(version, "additionalPrinterColumns"), r);
    if (json_path_bool(version, "deprecated", false)) {
        const char *own = json_path_str(version, "deprecationWarning");
        cleanup_free char *text =
            own ? xstrdup(own) : xasprintf("%s/%s %s is deprecated", r->group, r->version, r->kind);
        r->warning = schemas_text(set, text);
    }
}

static bool has_condition(const json *crd, const char *type)
{
    const json *list = json_path(crd, "status.conditions");
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            return str_eq(json_path_str(json_at(list, i), "status"), "True");
    return false;
}

static int compare_resources(const void *a, const void *b)
{
    return version_compare(((const struct resource *)a)->version,
                           ((const struct resource *)b)->version);
}

struct crd_kinds *crd_give_kinds(const json *crd, const struct catalog *catalog)
{
    const json *versions = json_path(crd, "spec.versions");
    struct crd_kinds *k = xnew(struct crd_kinds);
    atomic_init(&k->refs, 1);
    k->name = xstrdup(json_path_str(crd, "metadata.name"));
    k->set = schemas_new();
    k->v = xcalloc(json_len(versions) + 1, sizeof(*k->v));
    for (size_t i = 0; has_condition(crd, "Established") && i < json_len(versions); i++)
        if (json_path_bool(json_at(versions, i), "served", false))
            fill_version(crd, json_at(versions, i), catalog, k->set, &k->v[k->len++]);
    if (k->len)
        qsort(k->v, k->len, sizeof(*k->v), compare_resources);
    return k;
}

/* ---- conditions ---- */

bool crd_set_condition(json *crd, const char *type, const char *status, const char *reason,
                       const char *message, const char *now)
{
    json *list = json_path(crd, "status.conditions");
    if (!list) {
        list = json_new_array();
        (void)json_path_put(crd, "status.conditions", list, NULL);
    }
    json *c = NULL;
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), type))
            c = json_at(list, i);
    if (c && str_eq(json_path_str(c, "status"), status) &&
        str_eq(json_path_str(c, "reason"), reason) && str_eq(json_path_str(c, "message"), message))
        return false;
    if (!c) {
        c = json_make("{'type':%s}", type);
        json_append(list, c);
    }
    if (!str_eq(json_path_str(c, "status"), status))
        json_put(c, "lastTransitionTime", json_new_str(now));
    json_put(c, "status", json_new_str(status));
    json_put(c, "reason", json_new_str(reason));
    json_put(c, "message", json_new_str(message));
    return true;
}

static void add_names(const json *names, struct strv *words, struct strv *kinds)
{
    const char *const single[] = { "plural", "singular" };
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (json_path_str(names, single[i]))
            strv_add(words, json_path_str(names, single[i]));
    const json *shorts = json_get(names, "shortNames");
    for (size_t i = 0; i < json_len(shorts); i++)
        strv_add(words, json_str(json_at(shorts, i)));
    if (json_path_str(names, "kind"))
        strv_add(kinds, json_path_str(names, "kind"));
    if (json_path_str(names, "listKind"))
        strv_add(kinds, json_path_str(names, "listKind"));
}

/* The first name that another definition of the group holds; owned by the caller. */
static char *give_taken(const json *crd, const json *others)
{
    cleanup_strv struct strv words = STRV_INIT, kinds = STRV_INIT, mine = STRV_INIT,
                             my_kinds = STRV_INIT;
    for (size_t i = 0; i < json_len(others); i++) {
        const json *o = json_at(others, i);
        if (!str_eq(json_path_str(o, "spec.group"), json_path_str(crd, "spec.group")) ||
            str_eq(json_path_str(o, "metadata.name"), json_path_str(crd, "metadata.name")))
            continue;
        add_names(json_path(o, "status.acceptedNames"), &words, &kinds);
    }
    add_names(json_path(crd, "spec.names"), &mine, &my_kinds);
    for (size_t i = 0; i < mine.len; i++)
        if (strv_has(&words, mine.v[i]))
            return xstrdup(mine.v[i]);
    for (size_t i = 0; i < my_kinds.len; i++)
        if (strv_has(&kinds, my_kinds.v[i]))
            return xstrdup(my_kinds.v[i]);
    return NULL;
}

static bool store_versions(json *crd)
{
    json *stored = json_path(crd, "status.storedVersions");
    const char *version = crd_storage_version(crd);
    for (size_t i = 0; i < json_len(stored); i++)
        if (str_eq(json_str(json_at(stored, i)), version))
            return false;
    if (!stored) {
        stored = json_new_array();
        (void)json_path_put(crd, "status.storedVersions", stored, NULL);
    }
    json_append(stored, json_new_str(version));
    return true;
}

bool crd_settle(json *crd, const json *others, const char *now)
{
    bool changed = store_versions(crd);
    cleanup_free char *taken = give_taken(crd, others);
    if (taken) {
        cleanup_free char *why = xasprintf("\"%s\" is already in use", taken);
        changed |= crd_set_condition(crd, "NamesAccepted", "False", "NameConflict", why, now);
        if (!has_condition(crd, "Established"))
            changed |= crd_set_condition(crd, "Established", "False", "NotAccepted",
                                         "not all names are accepted", now);
        return changed;
    }
    const json *names = json_path(crd, "spec.names");
    if (!json_equal(names, json_path(crd, "status.acceptedNames"))) {
        (void)json_path_put(crd, "status.acceptedNames", json_give_copy(names), NULL);
        changed = true;
    }
    changed |=
        crd_set_condition(crd, "NamesAccepted", "True", "NoConflicts", "no conflicts found", now);
    changed |= crd_set_condition(crd, "Established", "True", "InitialNamesAccepted",
                                 "the initial names have been accepted", now);
    return changed;
}
