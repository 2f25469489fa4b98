/* Routes of resources that are kept as they are put. */
#include "hack/devcloud/azure/resource.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

json *resource_give_view(struct sim_call *c, const char *key, const json *object)
{
    const struct resource_kind *kind = resource_find_kind(json_path_str(object, "type"));
    json *view = json_give_copy(object);
    json_del(view, "inside");
    if (kind && kind->show)
        kind->show(c, key, object, view);
    return view;
}

/* "TYPE/NAME" as Azure words it: "loadBalancers/lb" of "Microsoft.Network". */
static char *give_relative(const struct arm_id *id)
{
    cleanup_strv struct strv types = STRV_INIT;
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    strv_split(&types, id->type, "/", false);
    buf_adds(&b, types.v[0]);
    for (size_t i = 1; i < types.len; i++)
        buf_addf(&b, "/%s", types.v[i]);
    for (size_t i = 0; i < id->names.len; i++)
        buf_addf(&b, "/%s", id->names.v[i]);
    return buf_give(&b);
}

void resource_refuse_absent(struct sim_call *c, const struct arm_id *id)
{
    cleanup_free char *parent = arm_id_give_parent(c->path);
    cleanup_free char *name = give_relative(id);
    if (parent && !resource_get(c->sim, parent))
        sim_reply_error(c, 404, "ParentResourceNotFound",
                        "Can not perform requested operation on nested resource. Parent resource "
                        "'%s' not found.",
                        strrchr(parent, '/') + 1);
    else if (parent)
        sim_reply_error(c, 404, "NotFound", "Resource %s not found.", c->path);
    else
        sim_reply_error(c, 404, "ResourceNotFound",
                        "The Resource '%s' under resource group '%s' was not found. For more "
                        "details please go to https://aka.ms/ARMResourceNotFoundFix",
                        name, id->group ? id->group : "");
}

/* ---- reading ---- */

static void serve_get(struct sim_call *c, const struct resource_at *at)
{
    cleanup_json json *view = resource_give_view(c, at->id->key, at->old);
    if (json_path_str(at->old, "etag"))
        sim_set_header(c, "ETag", json_path_str(at->old, "etag"));
    sim_reply(c, 200, view);
}

/* Below a group or a parent the names follow the path; a subscription's list takes all groups. */
static bool is_listed(const struct arm_id *list, const char *key, const json *object)
{
    cleanup_free char *subscription = xasprintf("/subscriptions/%s/", list->subscription);
    cleanup_free char *all = str_give_lower(subscription);
    cleanup_free char *own = xasprintf("%s/", list->key);
    return resource_is_type(object, list->type) && str_starts(key, list->group ? own : all);
}

static void serve_list(struct sim_call *c, const struct arm_id *id)
{
    cleanup_free char *parent = arm_id_give_parent(c->path);
    if (parent && !resource_get(c->sim, parent)) {
        resource_refuse_absent(c, id);
        return;
    }
    json *found = json_new_array();
    for (struct json_iter it = json_each(resource_table(c->sim)); json_next(&it);)
        if (is_listed(id, it.key, it.value))
            json_append(found, resource_give_view(c, it.key, it.value));
    sim_reply_list(c, found);
}

/* ---- routes ---- */

static void serve_one(struct sim_call *c, const struct resource_at *at)
{
    if (sim_is(c, "PUT"))
        resource_put(c, at);
    else if (sim_is(c, "DELETE"))
        resource_delete(c, at);
    else if (sim_is(c, "HEAD"))
        sim_reply(c, at->old ? 204 : 404, NULL);
    else if (!at->old)
        resource_refuse_absent(c, at->id);
    else if (sim_is(c, "GET"))
        serve_get(c, at);
    else if (sim_is(c, "PATCH"))
        resource_patch(c, at);
    else
        arm_refuse_method(c);
}

/* A part that is only a member of what it belongs to: a pool of a load balancer, say. */
static bool serve_part(struct sim_call *c, const struct arm_id *id)
{
    cleanup_free char *parent = id->is_list ? NULL : arm_id_give_parent(c->path);
    json *whole = parent ? resource_get(c->sim, parent) : NULL;
    if (!whole || !resource_find_kind(json_path_str(whole, "type")) || !sim_is(c, "GET"))
        return false;
    cleanup_free char *key = str_give_lower(parent);
    cleanup_json json *view = resource_give_view(c, key, whole);
    json *part = resource_find_part(view, c->path);
    if (part)
        sim_reply(c, 200, part);
    else
        resource_refuse_absent(c, id);
    return true;
}

/* .../TYPE/NAME/ACTION */
static bool serve_action(struct sim_call *c, const struct arm_id *id)
{
    cleanup_free char *parent = id->is_list ? arm_id_give_parent(c->path) : NULL;
    const char *action = strrchr(c->path, '/') + 1;
    cleanup_free char *type = xstrndup(id->type, strlen(id->type) - strlen(action) - 1);
    const struct resource_kind *kind = parent ? resource_find_kind(type) : NULL;
    cleanup_arm_id struct arm_id of = { 0 };
    if (!kind || !kind->act || !arm_id_init(parent, &of))
        return false;
    struct resource_at at = { kind, &of, resource_get(c->sim, parent) };
    if (at.old)
        return kind->act(c, &at, action);
    resource_refuse_absent(c, &of);
    return true;
}

bool resource_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id id = { 0 };
    if (!arm_id_init(c->path, &id) || !id.subscription || !id.type || !strchr(id.type, '/'))
        return false;
    const struct resource_kind *kind = resource_find_kind(id.type);
    if (!kind)
        return serve_action(c, &id) || serve_part(c, &id);
    struct resource_at at = { kind, &id, json_get(resource_table(c->sim), id.key) };
    if (id.is_list && sim_is(c, "GET"))
        serve_list(c, &id);
    else if (!id.is_list && id.group)
        serve_one(c, &at);
    else
        arm_refuse_method(c);
    return true;
}
