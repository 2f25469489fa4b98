#include "hack/devcloud/cluster/kinds.h"

#include <ctype.h>
#include <string.h>

#include "hack/devcloud/cluster/builtin.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct kinds {
    atomic_uint refs;
    struct schemas *set; /* owns what the built-in ones point to */
    struct resource *builtin;
    size_t builtin_len;
    struct crd_kinds **crds;
    size_t crds_len;
    const struct resource **all;
    size_t all_len;
};

/* Facts about single built-in resources, "group/plural". */
static const struct {
    const char *collection, *fields;
    bool generation, needs_version, returns_deleted;
} facts[] = {
    { "/pods",
      "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName status.phase "
      "status.podIP status.nominatedNodeName",
      false, false, true },
    { "/events",
      "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid "
      "involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath reason "
      "source type reportingComponent",
      false, false, false },
    { "/secrets", "type", false, false, false },
    { "/nodes", "spec.unschedulable", false, false, false },
    { "/namespaces", "status.phase name", false, false, true },
    { "/replicationcontrollers", "status.replicas", true, false, false },
    { "/persistentvolumes", "name", false, false, true },
    { "/persistentvolumeclaims", "name", false, false, true },
    { "/podtemplates", "", false, false, true },
    { "/serviceaccounts", "", false, false, true },
    { "/resourcequotas", "", false, false, true },
    { "apps/deployments", "", true, false, false },
    { "apps/daemonsets", "", true, false, false },
    { "apps/statefulsets", "", true, false, false },
    { "apps/replicasets", "status.replicas", true, false, false },
    { "batch/jobs", "status.successful", false, false, false },
    { "policy/poddisruptionbudgets", "", true, true, false },
    { "networking.k8s.io/networkpolicies", "", true, false, false },
    { "networking.k8s.io/ingresses", "", true, false, false },
    { "networking.k8s.io/ingressclasses", "", true, false, false },
    { "storage.k8s.io/storageclasses", "", false, false, true },
    { "scheduling.k8s.io/priorityclasses", "", true, false, false },
    { "coordination.k8s.io/leases", "", false, true, false },
    { "apiextensions.k8s.io/customresourcedefinitions", "", true, true, false },
    { "apiregistration.k8s.io/apiservices", "", false, true, false },
    { "admissionregistration.k8s.io/mutatingwebhookconfigurations", "", true, true, false },
    { "admissionregistration.k8s.io/validatingwebhookconfigurations", "", true, true, false },
    { "admissionregistration.k8s.io/validatingadmissionpolicies", "", true, true, false },
    { "admissionregistration.k8s.io/validatingadmissionpolicybindings", "", true, true, false },
};

struct crd_kinds *crd_kinds_ref(struct crd_kinds *k)
{
    (void)atomic_fetch_add_explicit(&k->refs, 1, memory_order_relaxed);
    return k;
}

void crd_kinds_unref(struct crd_kinds *k)
{
    if (!k || atomic_fetch_sub_explicit(&k->refs, 1, memory_order_acq_rel) != 1)
        return;
    schemas_free(k->set);
    free(k->name);
    free(k->v);
    free(k);
}

static char *give_lower_in(struct schemas *set, const char *text)
{
    char *out = schemas_text(set, text);
    for (char *p = out; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return out;
}

static void fill(struct kinds *k, const struct catalog *catalog, const struct builtin_kind *b,
                 struct resource *r)
{
    cleanup_free char *collection = xasprintf("%s/%s", b->group, b->resource);
    cleanup_free char *list = xasprintf("%sList", b->kind);
    *r = (struct resource){
        .group = b->group,
        .version = b->version,
        .plural = b->resource,
        .singular = give_lower_in(k->set, b->kind),
        .kind = b->kind,
        .list_kind = schemas_text(k->set, list),
        .namespaced = b->namespaced,
        .short_names = b->short_names,
        .categories = b->categories,
        .verbs = b->verbs,
        .subresources = b->subresources,
        .fields = "",
        .collection = schemas_text(k->set, collection),
        .schema = catalog_type(catalog, b->type),
        .scale_spec = "spec.replicas",
        .scale_status = "status.replicas",
    };
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        if (strcmp(facts[i].collection, collection) == 0) {
            r->fields = facts[i].fields;
            r->counts_generation = facts[i].generation;
            r->needs_version = facts[i].needs_version;
            r->returns_deleted = facts[i].returns_deleted;
        }
}

static void add_builtin(struct kinds *k, const struct catalog *catalog, int minor,
                        const struct builtin_kind *rows, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (minor >= rows[i].since_minor)
            fill(k, catalog, &rows[i], &k->builtin[k->builtin_len++]);
}

struct kinds *kinds_new(const struct catalog *catalog, int minor, struct crd_kinds *const *crds,
                        size_t crds_len)
{
    struct kinds *k = xnew(struct kinds);
    atomic_init(&k->refs, 1);
    k->set = schemas_new();
    k->builtin = xcalloc(builtin_kinds_len + builtin_newer_kinds_len, sizeof(*k->builtin));
    add_builtin(k, catalog, minor, builtin_newer_kinds, builtin_newer_kinds_len);
    add_builtin(k, catalog, minor, builtin_kinds, builtin_kinds_len);
    size_t n = k->builtin_len;
    k->crds = xcalloc(crds_len + 1, sizeof(*k->crds));
    for (size_t i = 0; i < crds_len; i++) {
        k->crds[k->crds_len++] = crd_kinds_ref(crds[i]);
        n += crds[i]->len;
    }
    k->all = xcalloc(n + 1, sizeof(*k->all));
    for (size_t i = 0; i < k->builtin_len; i++)
        k->all[k->all_len++] = &k->builtin[i];
    for (size_t i = 0; i < crds_len; i++)
        for (size_t v = 0; v < crds[i]->len; v++)
            k->all[k->all_len++] = &crds[i]->v[v];
    return k;
}

struct kinds *kinds_ref(struct kinds *k)
{
    (void)atomic_fetch_add_explicit(&k->refs, 1, memory_order_relaxed);
    return k;
}

void kinds_unref(struct kinds *k)
{
    if (!k || atomic_fetch_sub_explicit(&k->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < k->crds_len; i++)
        crd_kinds_unref(k->crds[i]);
    free(k->crds);
    free(k->all);
    free(k->builtin);
    schemas_free(k->set);
    free(k);
}

size_t kinds_len(const struct kinds *k)
{
    return k->all_len;
}

const struct resource *kinds_at(const struct kinds *k, size_t i)
{
    return k->all[i];
}

const struct resource *kinds_find(const struct kinds *k, const char *group, const char *version,
                                  const char *plural)
{
    for (size_t i = 0; i < k->all_len; i++) {
        const struct resource *r = k->all[i];
        if (strcmp(r->plural, plural) == 0 && strcmp(r->group, group) == 0 &&
            (!version || strcmp(r->version, version) == 0))
            return r;
    }
    return NULL;
}

const struct resource *kinds_find_kind(const struct kinds *k, const char *group,
                                       const char *version, const char *kind)
{
    for (size_t i = 0; i < k->all_len; i++) {
        const struct resource *r = k->all[i];
        if (strcmp(r->kind, kind) == 0 && strcmp(r->group, group) == 0 &&
            (!version || strcmp(r->version, version) == 0))
            return r;
    }
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *p = words; p && *p; p += strcspn(p, " ")) {
        p += strspn(p, " ");
        if (strcspn(p, " ") == len && strncmp(p, word, len) == 0)
            return true;
    }
    return false;
}

bool resource_has_subresource(const struct resource *r, const char *name)
{
    return has_word(r->subresources, name);
}

bool resource_has_verb(const struct resource *r, const char *verb)
{
    return has_word(r->verbs, verb);
}

char *resource_give_api_version(const struct resource *r)
{
    return *r->group ? xasprintf("%s/%s", r->group, r->version) : xstrdup(r->version);
}

/* ---- versions ---- */

struct version_parts {
    int stability; /* 3 stable, 2 beta, 1 alpha, 0 not of that form */
    long long major, minor;
};

static struct version_parts parse_version(const char *text)
{
    struct version_parts p = { 0 };
    char *end;
    if (text[0] != 'v' || !isdigit((unsigned char)text[1]))
        return p;
    p.major = strtoll(text + 1, &end, 10);
    const bool alpha = str_starts(end, "alpha"), beta = str_starts(end, "beta");
    if (!*end)
        p.stability = 3;
    else if ((alpha || beta) && str_to_int(end + (alpha ? 5 : 4), 0, INT32_MAX, &p.minor))
        p.stability = alpha ? 1 : 2;
    return p;
}

int version_compare(const char *a, const char *b)
{
    struct version_parts x = parse_version(a), y = parse_version(b);
    if (x.stability != y.stability)
        return y.stability - x.stability;
    if (!x.stability)
        return strcmp(a, b);
    if (x.major != y.major)
        return x.major > y.major ? -1 : 1;
    return x.minor == y.minor ? 0 : x.minor > y.minor ? -1 : 1;
}
