/* The table of operations. size: table */
#include "rp/syncsets/types/operations.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define CLUSTERS (1U << TYPE_CLUSTERS)
#define SELECTORSYNCSETS (1U << TYPE_SELECTORSYNCSETS)
#define SETS (1U << TYPE_SYNCSETS | SELECTORSYNCSETS)

/* ---- what actions of sets answer ---- */

static const struct api_field place_fields[] = {
    { .name = "namespace", .type = API_STR, .required = true, .doc = "The cluster's namespace." },
    { .name = "name", .type = API_STR, .required = true, .doc = "Its name." },
    { .name = "message", .type = API_STR, .doc = "What failed there." },
};
static const struct api_shape place_shape = { "ClusterReference", "A cluster.", place_fields,
                                              ARRAY_LEN(place_fields) };

#define COUNT(name_, doc_) \
    { \
        .name = (name_), .type = API_INT, .required = true, .doc = (doc_) \
    }

static const struct api_field set_status_fields[] = {
    { .name = "name", .type = API_STR, .required = true, .doc = "Name of the set." },
    { .name = "namespace", .type = API_STR, .doc = "Its namespace." },
    COUNT("generation", "Of its spec."),
    COUNT("matched", "Clusters that it is for."),
    COUNT("applied", "Those of them that have this generation."),
    COUNT("failing", "Those where it failed the last time."),
    COUNT("pending", "All others."),
    { .name = "failingClusters",
      .type = API_LIST,
      .of = API_OBJECT,
      .shape = &place_shape,
      .max = SET_STATUS_FAILING_MAX,
      .doc = "The first of those that are failing, by namespace and name." },
};
const struct api_shape api_set_status = { "SetStatus", "How a set stands in its clusters.",
                                          set_status_fields, ARRAY_LEN(set_status_fields) };

static const struct api_field conflict_fields[] = {
    { .name = "group", .type = API_STR, .required = true, .doc = "Of the object's API." },
    { .name = "kind", .type = API_STR, .required = true, .doc = "Its kind." },
    { .name = "namespace", .type = API_STR, .required = true, .doc = "Its namespace, or nothing." },
    { .name = "name", .type = API_STR, .required = true, .doc = "Its name." },
    { .name = "sets",
      .type = API_LIST,
      .of = API_STR,
      .required = true,
      .doc = "Who else has it: `SelectorSyncSet NAME`, `SyncSet NAMESPACE/NAME`." },
    COUNT("clusters", "In how many clusters."),
};
static const struct api_shape conflict_shape = {
    "SetConflict", "An object that several sets have for one cluster.", conflict_fields,
    ARRAY_LEN(conflict_fields)
};

static const struct api_field preview_fields[] = {
    { .name = "name", .type = API_STR, .required = true, .doc = "Name of the set." },
    COUNT("matched", "Clusters that it would be for."),
    { .name = "clusters",
      .type = API_LIST,
      .of = API_OBJECT,
      .shape = &place_shape,
      .max = PREVIEW_CLUSTERS_MAX,
      .doc = "The first of them, by namespace and name." },
    { .name = "conflicts",
      .type = API_LIST,
      .of = API_OBJECT,
      .shape = &conflict_shape,
      .doc = "What it would share with others. Names that are templates are not compared." },
};
const struct api_shape api_preview = { "SelectorSyncSetPreview", "What a set would do.",
                                       preview_fields, ARRAY_LEN(preview_fields) };

/* ---- operations ---- */

const struct api_operation api_operations[] = {
    { .verb = "listAll",
      .method = "GET",
      .doc = "Lists or watches objects of all namespaces.",
      .place = API_AT_LIST,
      .params = { "labelSelector", "fieldSelector", "limit", "continue", "watch", "resourceVersion",
                  "allowWatchBookmarks", "timeoutSeconds" },
      .success = { 200 },
      .reply = API_REPLY_LIST },
    { .verb = "create",
      .method = "POST",
      .doc = "Creates an object; its namespace stands in the body.",
      .place = API_AT_LIST,
      .body = API_BODY_OBJECT,
      .params = { "Idempotency-Key" },
      .success = { 201 },
      .reply = API_REPLY_OBJECT,
      .writes = true },
    { .verb = "list",
      .method = "GET",
      .doc = "Lists or watches objects.",
      .place = API_AT_NAMESPACE,
      .params = { "labelSelector", "fieldSelector", "limit", "continue", "watch", "resourceVersion",
                  "allowWatchBookmarks", "timeoutSeconds" },
      .success = { 200 },
      .reply = API_REPLY_LIST },
    { .verb = "createIn",
      .method = "POST",
      .doc = "Creates an object.",
      .place = API_AT_NAMESPACE,
      .body = API_BODY_OBJECT,
      .params = { "Idempotency-Key" },
      .success = { 201 },
      .reply = API_REPLY_OBJECT,
      .writes = true },
    { .verb = "deleteAll",
      .method = "DELETE",
      .doc = "Deletes what a selector matches.",
      .place = API_AT_NAMESPACE,
      .params = { "labelSelector" },
      .success = { 200 },
      .reply = API_REPLY_STATUS,
      .writes = true },
    { .verb = "get",
      .method = "GET",
      .doc = "Reads an object.",
      .place = API_AT_OBJECT,
      .params = { "If-None-Match" },
      .success = { 200, 304 },
      .reply = API_REPLY_OBJECT },
    { .verb = "update",
      .method = "PUT",
      .doc = "Replaces an object, or with upsert creates it.",
      .place = API_AT_OBJECT,
      .body = API_BODY_OBJECT,
      .params = { "upsert", "If-Match" },
      .success = { 200, 201 },
      .reply = API_REPLY_OBJECT,
      .writes = true },
    { .verb = "patch",
      .method = "PATCH",
      .doc = "Changes an object.",
      .place = API_AT_OBJECT,
      .body = API_BODY_PATCH,
      .params = { "If-Match" },
      .success = { 200 },
      .reply = API_REPLY_OBJECT,
      .writes = true },
    { .verb = "delete",
      .method = "DELETE",
      .doc = "Deletes an object.",
      .place = API_AT_OBJECT,
      .params = { "uid", "orphan", "cleanup", "If-Match" },
      .success = { 200, 202 },
      .reply = API_REPLY_STATUS,
      .writes = true },
    { .verb = "pause",
      .method = "POST",
      .doc = "Stops applying to the cluster.",
      .place = API_AT_ACTION,
      .success = { 200 },
      .reply = API_REPLY_OBJECT,
      .writes = true,
      .action = "pause",
      .types = CLUSTERS },
    { .verb = "resume",
      .method = "POST",
      .doc = "Goes on applying to the cluster, or rolling out the set: its failures until now no "
             "longer count, and its canaries keep nobody waiting.",
      .place = API_AT_ACTION,
      .success = { 200 },
      .reply = API_REPLY_OBJECT,
      .writes = true,
      .action = "resume",
      .types = CLUSTERS | SETS },
    { .verb = "resync",
      .method = "POST",
      .doc = "Applies everything to the cluster now.",
      .place = API_AT_ACTION,
      .success = { 202 },
      .reply = API_REPLY_OBJECT,
      .writes = true,
      .action = "resync",
      .types = CLUSTERS },
    { .verb = "requeue",
      .method = "POST",
      .doc = "Lifts the cluster's quarantine.",
      .place = API_AT_ACTION,
      .success = { 202 },
      .reply = API_REPLY_OBJECT,
      .writes = true,
      .action = "requeue",
      .types = CLUSTERS },
    { .verb = "status",
      .method = "GET",
      .doc = "How a set stands in the clusters that it is for.",
      .place = API_AT_ACTION,
      .success = { 200 },
      .reply = API_REPLY_SET_STATUS,
      .action = "status",
      .types = SETS },
    { .verb = "preview",
      .method = "POST",
      .doc =
          "What a set would be for, and what it would share with others; writes nothing. Without a "
          "body: the set as it is.",
      .place = API_AT_ACTION,
      .body = API_BODY_OPTIONAL,
      .success = { 200 },
      .reply = API_REPLY_PREVIEW,
      .action = "preview",
      .types = SELECTORSYNCSETS },
};
const size_t api_operations_len = ARRAY_LEN(api_operations);

bool api_param_is_header(const char *name)
{
    static const char *const headers[] = { "If-Match", "If-None-Match", "Idempotency-Key" };
    for (size_t i = 0; i < ARRAY_LEN(headers); i++)
        if (str_eq(headers[i], name))
            return true;
    return false;
}

bool api_operation_applies(const struct api_operation *op, const struct api_type *type)
{
    if (op->writes && type->controller_writes)
        return false;
    if (op->types)
        return op->types & (1U << type->id);
    /* Of global types the collection is the list itself: what is done to it stands in the rows of lists, but this. */
    return !type->global || op->place != API_AT_NAMESPACE || str_eq(op->verb, "deleteAll");
}

const char *api_operation_verb(const struct api_operation *op, const struct api_type *type)
{
    return type->global && str_eq(op->verb, "listAll") ? "list" : op->verb;
}

char *api_operation_give_path(const struct api_operation *op, const struct api_type *type)
{
    const char *name = op->place >= API_AT_OBJECT ? "/{name}" : "";
    const char *nspace = !type->global && op->place >= API_AT_NAMESPACE ? "/{namespace}" : "";
    return xasprintf("/v1/%s%s%s%s%s", type->plural, nspace, name, op->action ? ":" : "",
                     op->action ? op->action : "");
}

const struct api_operation *api_operation_find(const struct api_type *type, const char *action)
{
    for (size_t i = 0; i < api_operations_len; i++)
        if (str_eq(api_operations[i].action, action) &&
            api_operation_applies(&api_operations[i], type))
            return &api_operations[i];
    return NULL;
}
