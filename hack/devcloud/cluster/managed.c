#include "hack/devcloud/cluster/managed.h"

#include <string.h>

#include "hack/devcloud/cluster/fail.h"
#include "hack/devcloud/cluster/typed.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"

/* One entry of metadata.managedFields. */
struct entry {
    json *head; /* without fieldsType, fieldsV1 */
    struct fieldset *fields;
};

struct entries {
    struct entry *v;
    size_t len;
};

static void entry_release(struct entry *e)
{
    json_free(e->head);
    fieldset_free(e->fields);
}

static void entries_release(struct entries *all)
{
    for (size_t i = 0; i < all->len; i++)
        entry_release(&all->v[i]);
    free(all->v);
}
#define cleanup_entries CLEANUP_WITH(entries_release)

static struct entry *entries_add(struct entries *all, json *head, struct fieldset *fields)
{
    all->v = xreallocarray(all->v, all->len + 1, sizeof(*all->v));
    all->v[all->len] = (struct entry){ head, fields };
    return &all->v[all->len++];
}

static void entries_sweep(struct entries *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->len; i++) {
        if (fieldset_is_empty(all->v[i].fields))
            entry_release(&all->v[i]);
        else
            all->v[kept++] = all->v[i];
    }
    all->len = kept;
}

/* -1: the list is not one that the server could have written. */
static int entries_parse(const json *list, struct entries *ret)
{
    for (size_t i = 0; i < json_len(list); i++) {
        const json *item = json_at(list, i);
        const char *operation = json_path_str(item, "operation");
        struct fieldset *fields = NULL;
        if (!str_eq(operation, "Apply") && !str_eq(operation, "Update"))
            return -1;
        if (!str_eq(json_path_str(item, "fieldsType"), "FieldsV1"))
            return -1;
        if (fieldset_parse(json_get(item, "fieldsV1"), &fields, NULL) < 0)
            return -1;
        json *head = json_give_copy(item);
        json_del(head, "fieldsType");
        json_del(head, "fieldsV1");
        (void)entries_add(ret, head, fields);
    }
    return 0;
}

/* Apply entries stand before Update entries, the oldest first, as the server sorts them. */
static int compare_entries(const void *a, const void *b)
{
    const json *x = ((const struct entry *)a)->head, *y = ((const struct entry *)b)->head;
    const char *const keys[] = { "operation", "time", "manager", "apiVersion" };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const char *p = json_path_str(x, keys[i]), *q = json_path_str(y, keys[i]);
        int order = strcmp(p ? p : "", q ? q : "");
        if (order)
            return order;
    }
    return 0;
}

static void entries_store(struct entries *all, json *obj)
{
    json *metadata = json_get(obj, "metadata");
    json_del(metadata, "managedFields");
    if (!all->len)
        return;
    qsort(all->v, all->len, sizeof(*all->v), compare_entries);
    json *list = json_new_array();
    for (size_t i = 0; i < all->len; i++) {
        json *item = json_give_copy(all->v[i].head);
        json_put(item, "fieldsType", json_new_str("FieldsV1"));
        json_put(item, "fieldsV1", fieldset_give_json(all->v[i].fields));
        json_append(list, item);
    }
    json_put(metadata, "managedFields", list);
}

/* Fields that nobody owns. */
static void strip(struct fieldset *fields)
{
    static const char *const of_metadata[] = {
        "f:name",        "f:namespace",  "f:creationTimestamp", "f:selfLink",       "f:uid",
        "f:clusterName", "f:generation", "f:managedFields",     "f:resourceVersion"
    };
    cleanup_fieldset struct fieldset *gone = fieldset_new();
    fieldset_make(gone, "f:apiVersion")->member = true;
    fieldset_make(gone, "f:kind")->member = true;
    struct fieldset *metadata = fieldset_make(gone, "f:metadata");
    metadata->member = true;
    for (size_t i = 0; i < ARRAY_LEN(of_metadata); i++)
        fieldset_make(metadata, of_metadata[i])->member = true;
    fieldset_subtract(fields, gone);
}

static json *give_bare(const json *obj)
{
    json *bare = json_give_copy(obj);
    json_del(json_get(bare, "metadata"), "managedFields");
    return bare;
}

static bool is_own(const struct entry *e, const struct managed_op *op, const char *operation)
{
    const char *subresource = json_path_str(e->head, "subresource");
    return str_eq(json_path_str(e->head, "manager"), op->manager) &&
           str_eq(json_path_str(e->head, "operation"), operation) &&
           (str_eq(operation, "Apply") ||
            str_eq(json_path_str(e->head, "apiVersion"), op->api_version)) &&
           str_eq(subresource, op->subresource);
}

static struct entry *find_own(const struct entries *all, const struct managed_op *op,
                              const char *operation)
{
    for (size_t i = 0; i < all->len; i++)
        if (is_own(&all->v[i], op, operation))
            return &all->v[i];
    return NULL;
}

static json *give_head(const struct managed_op *op, const char *operation)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(op->wall_ns, now);
    json *head = json_make("{'manager':%s,'operation':%s,'apiVersion':%s,'time':%s}", op->manager,
                           operation, op->api_version, now);
    if (op->subresource)
        json_put(head, "subresource", json_new_str(op->subresource));
    return head;
}

/* Everybody else loses what was changed or removed. */
static void take_from_others(struct entries *all, const struct entry *own,
                             const struct typed_diff *d)
{
    for (size_t i = 0; i < all->len; i++) {
        if (&all->v[i] == own)
            continue;
        fieldset_subtract(all->v[i].fields, d->modified);
        fieldset_subtract(all->v[i].fields, d->added);
        fieldset_subtract(all->v[i].fields, d->removed);
    }
}

/* ---- create, update, patch ---- */

/* The list to go on from: the request's own if it carries a sound one, else the live object's. */
static void entries_start(const json *live, const json *obj, struct entries *ret)
{
    const json *asked = json_path(obj, "metadata.managedFields");
    bool emptied = json_len(asked) == 1 && json_len(json_at(asked, 0)) == 0;
    if (emptied || (json_len(asked) && entries_parse(asked, ret) == 0))
        return;
    entries_release(ret);
    *ret = (struct entries){ NULL, 0 };
    if (live)
        (void)entries_parse(json_path(live, "metadata.managedFields"), ret);
}

void managed_update(const struct managed_op *op, const json *live, const json *blank, json *obj)
{
    cleanup_entries struct entries all = { NULL, 0 };
    entries_start(live, obj, &all);
    if (live && !all.len) {
        json_del(json_get(obj, "metadata"), "managedFields");
        return;
    }
    cleanup_json json *before = give_bare(live ? live : blank), *after = give_bare(obj);
    struct typed_diff d;
    typed_diff_init(&d);
    typed_compare(op->schema, before, after, &d);
    strip(d.added);
    strip(d.modified);
    strip(d.removed);

    struct entry *own = find_own(&all, op, "Update");
    if (!typed_diff_is_empty(&d)) {
        if (!own)
            own = entries_add(&all, give_head(op, "Update"), fieldset_new());
        take_from_others(&all, own, &d);
        cleanup_fieldset struct fieldset *old = fieldset_give_copy(own->fields);
        fieldset_add(own->fields, d.modified);
        fieldset_add(own->fields, d.added);
        fieldset_subtract(own->fields, d.removed);
        if (!fieldset_equal(old, own->fields)) {
            json_free(own->head);
            own->head = give_head(op, "Update");
        }
    }
    typed_diff_release(&d);
    entries_sweep(&all);
    entries_store(&all, obj);
}

char *managed_give_default_manager(const char *user_agent)
{
    size_t len = user_agent ? strcspn(user_agent, "/") : 0;
    return len ? xstrndup(user_agent, len < 128 ? len : 128) : xstrdup("unknown");
}

/* ---- apply ---- */

/* Takes out of merged what the manager applied before and does not apply any more, unless somebody
 * still owns it. */
static json *give_pruned(const struct managed_op *op, const json *merged, const struct entries *all,
                         const struct fieldset *last)
{
    if (fieldset_is_empty(last))
        return json_give_copy(merged);
    cleanup_fieldset struct fieldset *of_merged = NULL, *of_pruned = NULL;
    cleanup_json json *cut = typed_give_without(op->schema, merged, last);
    if (typed_give_fields(op->schema, merged, &of_merged, NULL) < 0 ||
        typed_give_fields(op->schema, cut, &of_pruned, NULL) < 0)
        return json_give_copy(merged);

    cleanup_fieldset struct fieldset *gone = fieldset_give_copy(of_merged);
    fieldset_subtract(gone, of_pruned);
    for (size_t i = 0; i < all->len; i++)
        fieldset_subtract(gone, all->v[i].fields);
    cleanup_json json *owned = typed_give_without(op->schema, merged, gone);

    cleanup_fieldset struct fieldset *of_owned = NULL;
    if (typed_give_fields(op->schema, owned, &of_owned, NULL) < 0)
        return take(owned);
    cleanup_fieldset struct fieldset *dangling = fieldset_give_copy(of_merged);
    fieldset_subtract(dangling, of_owned);
    fieldset_intersect(dangling, last);
    return typed_give_without(op->schema, merged, dangling);
}

static char *give_manager_text(const struct entry *e)
{
    const char *sub = json_path_str(e->head, "subresource");
    cleanup_json json *name = json_new_str(json_path_str(e->head, "manager"));
    cleanup_free char *quoted = json_give_text(name);
    cleanup_free char *who =
        sub ? xasprintf("%s with subresource \"%s\"", quoted, sub) : xstrdup(quoted);
    if (str_eq(json_path_str(e->head, "operation"), "Update"))
        return xasprintf("%s using %s", who, json_path_str(e->head, "apiVersion"));
    return take(who);
}

/* Adds the conflicts with one manager to causes, and a section of the message. */
static void add_conflicts(const struct entry *e, const struct fieldset *fields, json *causes,
                          struct strv *sections)
{
    cleanup_strv struct strv paths = STRV_INIT;
    cleanup_buf struct buf section = BUF_INIT(BUF_UNBOUNDED);
    fieldset_list(fields, &paths);
    cleanup_free char *who = give_manager_text(e);
    cleanup_free char *message = xasprintf("conflict with %s", who);
    buf_addf(&section, "conflicts with %s:", who);
    for (size_t i = 0; i < paths.len; i++) {
        json_append(causes, json_make("{'reason':'FieldManagerConflict','message':%s,'field':%s}",
                                      message, paths.v[i]));
        buf_addf(&section, "\n- %s", paths.v[i]);
    }
    strv_take(sections, buf_give(&section));
}

static int fail_conflicts(json *causes, struct strv *sections, struct error **err)
{
    size_t n = json_len(causes);
    strv_sort(sections);
    cleanup_free char *all = strv_give_joined(sections, "\n");
    cleanup_free char *one = xasprintf("%s: %s", json_path_str(causes, "[0].message"),
                                       json_path_str(causes, "[0].field"));
    return fail_with(err, 409, "Conflict", json_make("{'causes':%j}", causes),
                     "Apply failed with %zu conflict%s: %s", n, n == 1 ? "" : "s",
                     n == 1 ? one : all);
}

static int check_conflicts(const struct entries *all, const struct entry *own,
                           const struct typed_diff *d, struct error **err)
{
    cleanup_json json *causes = json_new_array();
    cleanup_strv struct strv sections = STRV_INIT;
    for (size_t i = 0; i < all->len; i++) {
        if (&all->v[i] == own)
            continue;
        cleanup_fieldset struct fieldset *changed = fieldset_give_copy(d->modified);
        fieldset_add(changed, d->added);
        fieldset_intersect(changed, all->v[i].fields);
        if (!fieldset_is_empty(changed))
            add_conflicts(&all->v[i], changed, causes, &sections);
    }
    return json_len(causes) ? fail_conflicts(take(causes), &sections, err) : 0;
}

/* What an object held before anybody owned a field of it belongs to a manager of that name. */
static void own_before(const struct managed_op *op, const json *live, struct entries *all)
{
    cleanup_json json *nothing = op->blank ? NULL : json_new_object();
    cleanup_json json *bare = give_bare(live);
    struct managed_op first = *op;
    struct typed_diff d;
    if (all->len || !json_path(live, "metadata.uid"))
        return;
    first.manager = "before-first-apply";
    first.subresource = NULL;
    typed_diff_init(&d);
    typed_compare(op->schema, op->blank ? op->blank : nothing, bare, &d);
    fieldset_add(d.added, d.modified);
    strip(d.added);
    (void)entries_add(all, give_head(&first, "Update"), fieldset_give_copy(d.added));
    typed_diff_release(&d);
}

int managed_apply(const struct managed_op *op, const json *live, const json *config, json **ret,
                  struct error **err)
{
    cleanup_entries struct entries all = { NULL, 0 };
    cleanup_fieldset struct fieldset *set = NULL, *last = fieldset_new();
    (void)entries_parse(json_path(live, "metadata.managedFields"), &all);
    own_before(op, live, &all);
    if (typed_give_fields(op->schema, config, &set, err) < 0)
        return -1;
    strip(set);

    struct entry *own = find_own(&all, op, "Apply");
    if (!own)
        own = entries_add(&all, give_head(op, "Apply"), fieldset_new());
    fieldset_add(last, own->fields);
    bool same = fieldset_equal(own->fields, set);
    fieldset_free(own->fields);
    own->fields = take(set);

    cleanup_json json *before = give_bare(live);
    cleanup_json json *merged = typed_give_merged(op->schema, before, config);
    cleanup_json json *result = give_pruned(op, merged, &all, last);
    struct typed_diff d;
    typed_diff_init(&d);
    typed_compare(op->schema, before, result, &d);
    strip(d.added);
    strip(d.modified);
    strip(d.removed);
    int rc = op->force ? 0 : check_conflicts(&all, own, &d, err);
    if (rc == 0) {
        take_from_others(&all, own, &d);
        if (!same || !typed_diff_is_empty(&d)) {
            json_free(own->head);
            own->head = give_head(op, "Apply");
        }
        entries_sweep(&all);
        entries_store(&all, result);
        *ret = take(result);
    }
    typed_diff_release(&d);
    return rc;
}
