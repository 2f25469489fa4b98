/* The definitions of a version, from the table of fields. */
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
    if (f->flags & FIELD_HANDED_OUT)
        json_put(schema, "x-ms-secret", json_new_bool(true));
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

/* ---- resources ---- */

static const struct api_field *find_field(const struct api_type *t, const char *name)
{
    return api_field_find(t, V_K, name);
}

/* The properties of a resource, flattened for clients, and the identity where there is one. */
static json *give_members(json *definitions, const struct api_version *v, const struct api_type *t)
{
    const struct api_field *properties = find_field(t, "properties");
    json *members = json_new_object(), *schema = give_schema(definitions, v, properties);
    json_put(schema, "description", json_new_str(properties->doc));
    json_put(schema, "x-ms-client-flatten", json_new_bool(true));
    json_put(members, "properties", schema);
    if (api_field_find(t, v->bit, "identity")) {
        json *identity = give_common(v, "managedidentity", "ManagedServiceIdentity");
        json_put(identity, "description", json_new_str(find_field(t, "identity")->doc));
        json_put(members, "identity", identity);
    }
    return members;
}

static void add_list(json *definitions, const char *item)
{
    cleanup_free char *name = xasprintf("%sList", item);
    cleanup_free char *doc = xasprintf("%s represents a list of %s.", name, item);
    json_put(definitions, name,
             json_make("{'description':%s,'type':'object','properties':{"
                       "'value':{'description':'The list of items.','type':'array','items':%j},"
                       "'nextLink':{'description':'The link used to get the next page.','type':"
                       "'string'}}}",
                       doc, give_reference(item)));
}

/* A resource, what it has beside its properties in the common type. */
static void add_resource(json *definitions, const struct api_version *v, const struct api_type *t,
                         const char *common)
{
    json *members = give_members(definitions, v, t);
    json_put(definitions, t->name,
             json_make("{'description':%s,'type':'object','allOf':[%j],'properties':%j}", t->doc,
                       give_common(v, "types", common), members));
    add_list(definitions, t->name);
}

static void add_update(json *definitions, const struct api_version *v)
{
    json *members = give_members(definitions, v, &cluster_type);
    add_field(definitions, members, v, find_field(&cluster_type, "tags"));
    json_put(definitions, "OpenShiftClusterUpdate",
             json_make("{'description':%s,'type':'object','properties':%j}",
                       "OpenShiftClusterUpdate is what an update of a cluster may say.", members));
}

static void add_errors(json *definitions, const struct api_version *v)
{
    static const char *const names[] = { "CloudError", "CloudErrorBody" };
    add_type(definitions, v, &cloud_error_type);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        json_put(json_get(definitions, names[i]), "x-ms-external", json_new_bool(true));
}

json *swagger_give_definitions(const struct api_version *v)
{
    json *definitions = json_new_object();
    add_resource(definitions, v, &cluster_type, "TrackedResource");
    add_update(definitions, v);
    add_type(definitions, v, &credentials_type);
    if (v->bit & V_FROM(V_C))
        add_type(definitions, v, &admin_kubeconfig_type);
    if (v->bit & V_UPTO(V_C))
        add_sizes(definitions, v->bit);
    if (v->bit & V_FROM(V_E))
        add_resource(definitions, v, &openshift_version_type, "ProxyResource");
    if (v->bit & V_FROM(V_J))
        add_resource(definitions, v, &role_set_type, "ProxyResource");
    add_errors(definitions, v);
    add_type(definitions, v, &operation_type);
    add_list(definitions, operation_type.name);
    return definitions;
}
