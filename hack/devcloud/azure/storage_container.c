/* Containers of storage accounts as resources of ARM: the same ones that the data plane has. */
#include <ctype.h>
#include <string.h>

#include "hack/devcloud/azure/storage.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SERVICE STORAGE_ACCOUNT "/blobServices"
#define CONTAINER SERVICE "/containers"
#define NAME_MIN 3
#define NAME_MAX_ 63
#define GOING_S 30

bool storage_container_name_is_good(const char *name)
{
    size_t len = strlen(name);
    if (str_eq(name, "$root") || str_eq(name, "$web") || str_eq(name, "$logs"))
        return true;
    if (len < NAME_MIN || len > NAME_MAX_ || name[0] == '-' || name[len - 1] == '-' ||
        strstr(name, "--"))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) && name[i] != '-')
            return false;
    return true;
}

json *storage_give_container(const struct azure_sim *sim)
{
    char now[TIME_TEXT_MAX];
    time_http(clock_wall_ns(sim->cfg.clock), now);
    cleanup_free char *etag = xasprintf(
        "\"0x8DE%012llX\"", (unsigned long long)rng_below(sim->cfg.rng, (uint64_t)1 << 48));
    return json_make("{'etag':%s,'lastModified':%s,'metadata':{},'blobs':{}}", etag, now);
}

/* ---- those that were deleted ---- */

bool storage_remove_container(const struct azure_sim *sim, json *account, const char *name)
{
    int64_t now_s = clock_wall_ns(sim->cfg.clock) / NS_PER_S;
    if (!json_del(json_get(account, "containers"), name))
        return false;
    if (!json_get(account, "going"))
        json_put(account, "going", json_new_object());
    json_put(json_get(account, "going"), name, json_new_int(now_s + GOING_S));
    return true;
}

bool storage_container_is_going(const struct azure_sim *sim, const json *account, const char *name)
{
    int64_t until_s = 0;
    const json *until = json_get(json_get(account, "going"), name);
    return until && json_int(until, &until_s) && clock_wall_ns(sim->cfg.clock) / NS_PER_S < until_s;
}

/* ---- what is shown ---- */

static const char *access_word(const json *container)
{
    const char *access = json_path_str(container, "access");
    return !access ? "None" : str_eq(access, "blob") ? "Blob" : "Container";
}

static json *give_view(const json *account, const char *name, const json *container)
{
    cleanup_free char *id =
        xasprintf("%s/blobServices/default/containers/%s", json_path_str(account, "id"), name);
    char changed[TIME_TEXT_MAX] = "";
    int64_t wall_ns;
    if (time_parse_http(json_path_str(container, "lastModified"), &wall_ns))
        time_rfc3339(wall_ns, changed);
    return json_make("{'id':%s,'name':%s,'type':'" CONTAINER "','etag':%s,'properties':{"
                     "'publicAccess':%s,'leaseStatus':'Unlocked','leaseState':'Available',"
                     "'lastModifiedTime':%s,'hasImmutabilityPolicy':false,'hasLegalHold':false,"
                     "'metadata':%j,'deleted':false,'remainingRetentionDays':0}}",
                     id, name, json_path_str(container, "etag"), access_word(container), changed,
                     json_give_copy(json_get(container, "metadata")));
}

static json *give_service(const json *account)
{
    cleanup_free char *id = xasprintf("%s/blobServices/default", json_path_str(account, "id"));
    return json_make("{'id':%s,'name':'default','type':'" SERVICE "','sku':%j,'properties':{"
                     "'cors':{'corsRules':[]},'deleteRetentionPolicy':{'enabled':false}}}",
                     id, json_give_copy(json_get(account, "sku")));
}

/* ---- writing ---- */

static void change(struct sim_call *c, json *container)
{
    const char *access = json_path_str(c->body, "properties.publicAccess");
    json *metadata = json_path(c->body, "properties.metadata");
    if (str_eq_nocase(access, "None"))
        json_del(container, "access");
    else if (access)
        json_put(container, "access",
                 json_new_str(str_eq_nocase(access, "Blob") ? "blob" : "container"));
    if (json_is_object(metadata))
        json_put(container, "metadata", json_give_copy(metadata));
}

static void put(struct sim_call *c, json *account, const char *name)
{
    json *containers = json_get(account, "containers"), *container = json_get(containers, name);
    bool is_new = !container;
    if (!storage_container_name_is_good(name)) {
        sim_reply_error(c, 400, "InvalidResourceName",
                        "The specified resource name contains invalid characters.");
        return;
    }
    if (json_path_str(c->body, "properties.publicAccess") &&
        !str_eq_nocase(json_path_str(c->body, "properties.publicAccess"), "None") &&
        !json_path_bool(account, "properties.allowBlobPublicAccess", true)) {
        sim_reply_error(c, 409, "PublicAccessNotPermitted",
                        "Public access is not permitted on this storage account.");
        return;
    }
    if (is_new && storage_container_is_going(c->sim, account, name)) {
        sim_reply_error(c, 409, "ContainerBeingDeleted",
                        "The specified container is being deleted. Try operation later.");
        return;
    }
    if (is_new) {
        container = storage_give_container(c->sim);
        json_put(containers, name, container);
    }
    change(c, container);
    cleanup_json json *view = give_view(account, name, container);
    sim_reply(c, is_new ? 201 : 200, view);
}

/* ---- routes ---- */

static void list(struct sim_call *c, const json *account)
{
    json *found = json_new_array();
    for (struct json_iter it = json_each(json_get(account, "containers")); json_next(&it);)
        json_append(found, give_view(account, it.key, it.value));
    sim_reply_list(c, found);
}

static void serve_one(struct sim_call *c, json *account, const char *name)
{
    json *containers = json_get(account, "containers"), *container = json_get(containers, name);
    if (sim_is(c, "PUT") || (sim_is(c, "PATCH") && container)) {
        put(c, account, name);
    } else if (sim_is(c, "DELETE")) {
        sim_reply(c, storage_remove_container(c->sim, account, name) ? 200 : 204, NULL);
    } else if (!container) {
        sim_reply_error(c, 404, "ContainerNotFound", "The specified container does not exist.");
    } else if (sim_is(c, "GET")) {
        cleanup_json json *view = give_view(account, name, container);
        sim_reply(c, 200, view);
    } else {
        arm_refuse_method(c);
    }
}

bool storage_serve_container(struct sim_call *c, const struct arm_id *at, json *account)
{
    bool service = arm_id_is_type(at, SERVICE), container = arm_id_is_type(at, CONTAINER);
    if ((!service && !container) || (service && at->is_list))
        return false;
    if (!account) {
        sim_reply_error(c, 404, "ParentResourceNotFound",
                        "Failed to perform '%s' on resource(s) of type '%s', because the parent "
                        "resource '" STORAGE_ACCOUNT "/%s' could not be found.",
                        c->method, at->type, at->names.v[0]);
    } else if (!str_eq_nocase(at->names.v[1], "default")) {
        sim_reply_error(c, 400, "InvalidValuesForRequestParameters",
                        "An account has one service of blobs: 'default'.");
    } else if (container && !at->is_list) {
        serve_one(c, account, at->names.v[2]);
    } else if (container && sim_is(c, "GET")) {
        list(c, account);
    } else if (service && (sim_is(c, "GET") || sim_is(c, "PUT"))) {
        cleanup_json json *view = give_service(account);
        sim_reply(c, 200, view);
    } else {
        arm_refuse_method(c);
    }
    return true;
}
