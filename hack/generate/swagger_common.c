/* The types that all resource providers share, as far as this one refers to them. */
#include "hack/generate/swagger.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define API_VERSION_PATTERN "^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$"

static json *give_parameter(const char *name, const char *in, const char *doc)
{
    return json_make("{'name':%s,'in':%s,'required':%b,'type':'string','description':%s}", name, in,
                     true, doc);
}

static void limit(json *parameter, int min, int max)
{
    json_put(parameter, "minLength", json_new_int(min));
    if (max)
        json_put(parameter, "maxLength", json_new_int(max));
}

static json *give_parameters(void)
{
    json *version = give_parameter("api-version", "query", "The API version to use.");
    json *subscription =
        give_parameter("subscriptionId", "path", "The ID of the target subscription.");
    json *group =
        give_parameter("resourceGroupName", "path", "The name of the resource group, in any case.");
    json *location = give_parameter("location", "path", "The name of the Azure region.");
    limit(version, 1, 0);
    limit(subscription, 1, 0);
    limit(group, 1, 90);
    limit(location, 1, 0);
    json_put(version, "pattern", json_new_str(API_VERSION_PATTERN));
    json_put(group, "x-ms-parameter-location", json_new_str("method"));
    json_put(location, "x-ms-parameter-location", json_new_str("method"));
    return json_make("{'ApiVersionParameter':%j,'SubscriptionIdParameter':%j,"
                     "'ResourceGroupNameParameter':%j,'LocationParameter':%j}",
                     version, subscription, group, location);
}

static json *give_string(const char *doc, bool read_only)
{
    json *s = json_make("{'type':'string','description':%s}", doc);
    if (read_only)
        json_put(s, "readOnly", json_new_bool(true));
    return s;
}

static json *give_system_data(void)
{
    static const char *const whose[][3] = {
        { "createdBy", "createdByType", "createdAt" },
        { "lastModifiedBy", "lastModifiedByType", "lastModifiedAt" },
    };
    json *properties = json_new_object();
    for (size_t i = 0; i < ARRAY_LEN(whose); i++) {
        json_put(properties, whose[i][0], give_string("The identity of the caller.", false));
        json_put(properties, whose[i][1],
                 json_make("{'type':'string','description':%s,'enum':['User','Application',"
                           "'ManagedIdentity','Key'],'x-ms-enum':{'name':'createdByType',"
                           "'modelAsString':%b}}",
                           "The kind of the caller.", true));
        json_put(properties, whose[i][2],
                 json_make("{'type':'string','format':'date-time','description':%s}",
                           "The time (UTC)."));
    }
    return json_make("{'type':'object','readOnly':%b,'description':%s,'properties':%j}", true,
                     "Metadata pertaining to creation and last modification of the resource.",
                     properties);
}

static json *give_resource(bool has_system_data)
{
    json *properties =
        json_make("{'id':%j,'name':%j,'type':%j}", give_string("The resource ID.", true),
                  give_string("The name of the resource.", true),
                  give_string("The type of the resource.", true));
    if (has_system_data)
        json_put(properties, "systemData",
                 json_make("{'$ref':'#/definitions/systemData','readOnly':%b,'description':%s}",
                           true, "Who created and changed the resource."));
    return json_make("{'title':'Resource','type':'object','x-ms-azure-resource':%b,"
                     "'description':%s,'properties':%j}",
                     true, "What all resources have.", properties);
}

json *swagger_give_common(const char *set)
{
    bool has_system_data = !str_eq(set, "v1");
    json *tracked = json_make(
        "{'title':'Tracked Resource','type':'object','description':%s,"
        "'allOf':[{'$ref':'#/definitions/Resource'}],'required':['location'],'properties':{"
        "'tags':{'type':'object','additionalProperties':{'type':'string'},'description':%s},"
        "'location':{'type':'string','x-ms-mutability':['read','create'],'description':%s}}}",
        "A resource of the customer, with tags and a location.", "Resource tags.",
        "The region where the resource lives.");
    json *definitions =
        json_make("{'Resource':%j,'TrackedResource':%j,'ProxyResource':{'title':'Proxy Resource',"
                  "'type':'object','description':%s,'allOf':[{'$ref':'#/definitions/Resource'}]}}",
                  give_resource(has_system_data), tracked, "A resource without tags and location.");
    if (has_system_data)
        json_put(definitions, "systemData", give_system_data());
    return json_make("{'swagger':'2.0','info':{'title':'Common types','version':%s},'paths':{},"
                     "'definitions':%j,'parameters':%j}",
                     set, definitions, give_parameters());
}

json *swagger_give_managed_identity(void)
{
    json *assigned = json_make("{'type':'object','description':%s,'properties':{"
                               "'principalId':%j,'clientId':%j}}",
                               "A user-assigned identity.",
                               give_string("The principal ID of the identity.", true),
                               give_string("The client ID of the identity.", true));
    json *identity = json_make(
        "{'type':'object','description':%s,'required':['type'],'properties':{"
        "'principalId':%j,'tenantId':%j,'type':{'$ref':'#/definitions/ManagedServiceIdentityType'},"
        "'userAssignedIdentities':{'$ref':'#/definitions/UserAssignedIdentities'}}}",
        "The identities of a resource.",
        give_string("The principal ID of the system-assigned identity.", true),
        give_string("The tenant ID of the system-assigned identity.", true));
    json *type = json_make("{'type':'string','description':%s,'enum':['None','SystemAssigned',"
                           "'UserAssigned','SystemAssigned,UserAssigned'],'x-ms-enum':{"
                           "'name':'ManagedServiceIdentityType','modelAsString':%b}}",
                           "The kind of identity.", true);
    return json_make("{'swagger':'2.0','info':{'title':'Managed identities','version':'v6'},"
                     "'paths':{},'definitions':{'ManagedServiceIdentity':%j,"
                     "'ManagedServiceIdentityType':%j,'UserAssignedIdentities':{'type':'object',"
                     "'description':%s,'additionalProperties':{"
                     "'$ref':'#/definitions/UserAssignedIdentity'}},'UserAssignedIdentity':%j}}",
                     identity, type, "The user-assigned identities, by resource ID.", assigned);
}
