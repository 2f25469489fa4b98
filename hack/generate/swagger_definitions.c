/* The definitions of a version: the cluster from the table of fields, the smaller types by hand. */
#include <string.h>

#include "hack/generate/swagger.h"
#include "pkg/api/model.h"
#include "pkg/api/vm_sizes.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define COMMON "../../../../../../common-types/resource-management/"

static json *give_reference(const char *definition)
{
    cleanup_free char *ref = xasprintf("#/definitions/%s", definition);
    return json_make("{'$ref':%s}", ref);
}

static json *give_common(const struct api_version *v, const char *file, const char *definition)
{
    cleanup_free char *ref =
        xasprintf(COMMON "%s/%s.json#/definitions/%s", v->common_types, file, definition);
    return json_make("{'$ref':%s}", ref);
}

/* ---- enumerations ---- */

/* Clients get types of their own for these, in the versions that say so. */
static bool is_open_enum(const struct api_enum *e, uint32_t version)
{
    return e != &enum_preconfigured_nsg || (version & V_FROM(V_I));
}

static json *give_enum(const char *name, const char *doc, json *values, bool open)
{
    json *made = json_make("{'description':%s,'enum':%j,'type':'string'}", doc, values);
    if (open)
        json_put(made, "x-ms-enum", json_make("{'name':%s,'modelAsString':%b}", name, true));
    return made;
}

static void add_enum(json *definitions, const struct api_enum *e, uint32_t version)
{
    json *values = json_new_array();
    for (size_t i = 0; i < e->len; i++)
        if (e->values[i].versions & version)
            json_append(values, json_new_str(e->values[i].value));
    json_put(definitions, e->name, give_enum(e->name, e->doc, values, is_open_enum(e, version)));
}

/* The first versions list the sizes that there were. */
static void add_sizes(json *definitions, uint32_t version)
{
    json *values = json_new_array();
    for (size_t i = 0; i < vm_sizes_len; i++)
        if (!str_ends(vm_sizes[i].name, "_v5") && !str_ends(vm_sizes[i].name, "_v6") &&
            !vm_sizes[i].minor)
            json_append(values, json_new_str(vm_sizes[i].name));
    json_put(definitions, "VMSize",
             give_enum("VMSize", "VMSize represents a VM size.", values, version & V_C));
}

/* ---- types of the table ---- */

static void add_type(json *definitions, const struct api_version *v, const struct api_type *t);

static bool has_sizes(const struct api_version *v, const struct api_field *f)
{
    return (v->bit & V_UPTO(V_C)) && str_eq(f->name, "vmSize");
}

/* What a field's value is; the types that it names are added, too. */
static json *give_schema(json *definitions, const struct api_version *v, const struct api_field *f)
{
    const char *inner = f->type ? f->type->name : "";
    if (f->type)
        add_type(definitions, v, f->type);
    if (f->values)
        add_enum(definitions, f->values, v->bit);
    switch (f->kind) {
    case KIND_INT:
        return json_make("{'format':'int32','type':'integer'}");
    case KIND_BOOL:
        return json_make("{'type':'boolean'}");
    case KIND_TIME:
        return json_make("{'format':'date-time','type':'string'}");
    case KIND_VALUE:
    case KIND_OPTIONAL:
        return give_reference(inner);
    case KIND_LIST: {
        json *list = json_make("{'type':'array','items':%j}", give_reference(inner));
        if (v->bit & V_FROM(V_D))
            json_put(list, "x-ms-identifiers", json_new_array());
        return list;
    }
    case KIND_MAP:
        return json_make("{'additionalProperties':%j,'type':'object'}", give_reference(inner));
    case KIND_STR_MAP:
        return json_make("{'additionalProperties':{'type':'string'},'type':'object'}");
    default:
        return f->values         ? give_reference(f->values->name)
               : has_sizes(v, f) ? give_reference("VMSize")
                                 : json_make("{'type':'string'}");
    }
}

static void add_field(json *definitions, json *properties, const struct api_version *v,
                      const struct api_field *f)
{
    json *schema = give_schema(definitions, v, f);
    json_put(schema, "description", json_new_str(f->doc));
    if (f->read_only & v->bit)
        json_put(schema, "readOnly", json_new_bool(true));
    json_put(properties, f->name, schema);
}

static void add_type(json *definitions, const struct api_version *v, const struct api_type *t)
{
    const struct api_field *f;
    json *properties = json_new_object();
    if (json_has(definitions, t->name)) {
        json_free(properties);
        return;
    }
    json *type =
        json_make("{'description':%s,'type':'object','properties':%j}", t->doc, properties);
    json_put(definitions, t->name, type);
    for (size_t i = 0; (f = api_field_next(t, v->bit, &i));)
        add_field(definitions, properties, v, f);
}

/* ---- the cluster ---- */

static const struct api_field *find_field(const char *name)
{
    const struct api_field *f = api_field_find(&cluster_type, V_K, name);
    return f;
}

/* The properties, flattened for clients, and the identity. */
static json *give_cluster_members(json *definitions, const struct api_version *v)
{
    const struct api_field *properties = find_field("properties");
    json *members = json_new_object();
    add_type(definitions, v, properties->type);
    json_put(members, "properties",
             json_make("{'$ref':%s,'description':%s,'x-ms-client-flatten':%b}",
                       "#/definitions/OpenShiftClusterProperties", properties->doc, true));
    if (v->bit & V_FROM(V_J)) {
        json *identity = give_common(v, "managedidentity", "ManagedServiceIdentity");
        json_put(identity, "description", json_new_str(find_field("identity")->doc));
        json_put(members, "identity", identity);
    }
    return members;
}

static json *give_list_type(const char *doc, const char *item)
{
    return json_make(
        "{'description':%s,'type':'object','properties':{"
        "'value':{'description':'The list of items.','type':'array','items':%j},"
        "'nextLink':{'description':'The link used to get the next page.','type':'string'}}}",
        doc, give_reference(item));
}

static void add_clusters(json *definitions, const struct api_version *v)
{
    json *update = give_cluster_members(definitions, v);
    json_put(update, "tags",
             json_make("{'additionalProperties':{'type':'string'},'description':%s,"
                       "'type':'object'}",
                       find_field("tags")->doc));
    json_put(definitions, "OpenShiftCluster",
             json_make("{'description':%s,'type':'object','allOf':[%j],'properties':%j}",
                       cluster_type.doc, give_common(v, "types", "TrackedResource"),
                       give_cluster_members(definitions, v)));
    json_put(definitions, "OpenShiftClusterUpdate",
             json_make("{'description':%s,'type':'object','properties':%j}",
                       "OpenShiftClusterUpdate is what an update of a cluster may say.", update));
    json_put(definitions, "OpenShiftClusterList",
             give_list_type("OpenShiftClusterList represents a list of OpenShift clusters.",
                            "OpenShiftCluster"));
    json_put(definitions, "OpenShiftClusterCredentials",
             json_make("{'description':%s,'type':'object','properties':{"
                       "'kubeadminUsername':{'description':%s,'type':'string'},"
                       "'kubeadminPassword':{'description':%s,'type':'string','x-ms-secret':%b}}}",
                       "OpenShiftClusterCredentials represents an OpenShift cluster's credentials.",
                       "The username for the kubeadmin user.",
                       "The password for the kubeadmin user.", true));
    if (v->bit & V_FROM(V_C))
        json_put(definitions, "OpenShiftClusterAdminKubeconfig",
                 json_make("{'description':%s,'type':'object','properties':{"
                           "'kubeconfig':{'description':%s,'type':'string','x-ms-secret':%b}}}",
                           "OpenShiftClusterAdminKubeconfig represents an OpenShift cluster's "
                           "admin kubeconfig.",
                           "The base64-encoded kubeconfig file.", true));
}

/* ---- what can be installed ---- */

static json *give_string(const char *doc)
{
    return json_make("{'description':%s,'type':'string'}", doc);
}

/* A resource that is not the customer's, with its properties in a type of their own. */
static void add_proxy(json *definitions, const struct api_version *v, const char *name,
                      const char *doc, json *properties)
{
    cleanup_free char *inner = xasprintf("%sProperties", name);
    cleanup_free char *inner_ref = xasprintf("#/definitions/%s", inner);
    cleanup_free char *inner_doc = xasprintf("The properties of %s.", name);
    cleanup_free char *list = xasprintf("%sList", name);
    cleanup_free char *list_doc = xasprintf("%s represents a list of %s.", list, name);
    json_put(definitions, name,
             json_make("{'description':%s,'type':'object','allOf':[%j],'properties':{"
                       "'properties':{'$ref':%s,'description':%s,'x-ms-client-flatten':%b}}}",
                       doc, give_common(v, "types", "ProxyResource"), inner_ref, inner_doc, true));
    json_put(
        definitions, inner,
        json_make("{'description':%s,'type':'object','properties':%j}", inner_doc, properties));
    json_put(definitions, list, give_list_type(list_doc, name));
}

static void add_offers(json *definitions, const struct api_version *v)
{
    if (v->bit & V_FROM(V_E))
        add_proxy(definitions, v, "OpenShiftVersion",
                  "OpenShiftVersion represents an OpenShift version that can be installed.",
                  json_make("{'version':%j}", give_string("Version represents the version to "
                                                          "create the cluster at.")));
    if (!(v->bit & V_FROM(V_J)))
        return;
    json_put(definitions, "PlatformWorkloadIdentityRole",
             json_make("{'description':%s,'type':'object','properties':{'operatorName':%j,"
                       "'roleDefinitionName':%j,'roleDefinitionId':%j}}",
                       "PlatformWorkloadIdentityRole is the role that one operator needs.",
                       give_string("The name of the operator."),
                       give_string("The name of the role definition."),
                       give_string("The resource ID of the role definition.")));
    json *roles =
        json_make("{'description':%s,'type':'array','items':%j,'x-ms-identifiers':[]}",
                  "The roles of the operators.", give_reference("PlatformWorkloadIdentityRole"));
    add_proxy(
        definitions, v, "PlatformWorkloadIdentityRoleSet",
        "PlatformWorkloadIdentityRoleSet are the roles that a minor version's operators need.",
        json_make("{'openShiftVersion':%j,'platformWorkloadIdentityRoles':%j}",
                  give_string("The minor version of OpenShift."), roles));
}

/* ---- the rest ---- */

static void add_errors(json *definitions, const struct api_version *v)
{
    json_put(definitions, "CloudError",
             json_make("{'description':%s,'type':'object','x-ms-external':%b,'properties':{"
                       "'error':{'$ref':%s,'description':%s}}}",
                       "CloudError represents a cloud error.", true, "#/definitions/CloudErrorBody",
                       "An error response from the service."));
    json *details = json_make("{'description':%s,'type':'array','items':%j}",
                              "A list of additional details about the error.",
                              give_reference("CloudErrorBody"));
    if (v->bit & V_FROM(V_D))
        json_put(details, "x-ms-identifiers", json_new_array());
    json_put(definitions, "CloudErrorBody",
             json_make("{'description':%s,'type':'object','x-ms-external':%b,'properties':{"
                       "'code':%j,'message':%j,'target':%j,'details':%j}}",
                       "CloudErrorBody represents the body of a cloud error.", true,
                       give_string("An identifier for the error. Codes are invariant and are "
                                   "intended to be consumed programmatically."),
                       give_string("A message describing the error, intended to be suitable for "
                                   "display in a user interface."),
                       give_string("The target of the particular error. For example, the name of "
                                   "the property in error."),
                       details));
}

static void add_operations(json *definitions)
{
    json_put(definitions, "Display",
             json_make("{'description':%s,'type':'object','properties':{'provider':%j,"
                       "'resource':%j,'operation':%j,'description':%j}}",
                       "Display represents the display details of an operation.",
                       give_string("Friendly name of the resource provider."),
                       give_string("Resource type on which the operation is performed."),
                       give_string("Operation type: read, write, delete, listKeys/action, etc."),
                       give_string("Friendly description of the operation.")));
    json_put(definitions, "Operation",
             json_make("{'description':%s,'type':'object','properties':{'name':%j,"
                       "'display':{'$ref':%s,'description':%s},'origin':%j}}",
                       "Operation represents an RP operation.",
                       give_string("Operation name: {provider}/{resource}/{operation}."),
                       "#/definitions/Display", "The object that describes the operation.",
                       give_string("Sources of requests to this operation.")));
    json_put(definitions, "OperationList",
             give_list_type("OperationList represents an RP operation list.", "Operation"));
}

json *swagger_give_definitions(const struct api_version *v)
{
    json *definitions = json_new_object();
    add_clusters(definitions, v);
    if (v->bit & V_UPTO(V_C))
        add_sizes(definitions, v->bit);
    add_offers(definitions, v);
    add_errors(definitions, v);
    add_operations(definitions);
    return definitions;
}
