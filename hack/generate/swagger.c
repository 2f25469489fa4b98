#include "hack/generate/swagger.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define COMMON "swagger/common-types/resource-management"

json *swagger_give_document(const struct api_version *v)
{
    json *security = json_make("{'azure_auth':{'type':'oauth2','flow':'implicit','description':%s,"
                               "'authorizationUrl':%s,'scopes':{'user_impersonation':%s}}}",
                               "Azure Active Directory OAuth2 Flow",
                               "https://login.microsoftonline.com/common/oauth2/authorize",
                               "impersonate your user account");
    json *parameters = json_make(
        "{'api-version':{'name':'api-version','in':'query','description':%s,'required':%b,"
        "'type':'string','pattern':%s,'x-ms-parameter-location':'client'}}",
        "The version of the API.", true, "^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$");
    return json_make(
        "{'swagger':'2.0','info':{'title':%s,'description':%s,'version':%s},"
        "'host':'management.azure.com','schemes':['https'],'consumes':['application/json'],"
        "'produces':['application/json'],'paths':%j,'definitions':%j,'parameters':%j,"
        "'securityDefinitions':%j,'security':[{'azure_auth':['user_impersonation']}]}",
        "Azure Red Hat OpenShift Client", "Rest API for Azure Red Hat OpenShift 4", v->name,
        swagger_give_paths(v), swagger_give_definitions(v), parameters, security);
}

/* Takes the tree. */
static int visit_json(swagger_visit visit, void *arg, const char *path, json *tree,
                      struct error **err)
{
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    json_write_indented(&text, tree, 2);
    buf_addc(&text, '\n');
    json_free(tree);
    return visit(arg, path, buf_str(&text), err);
}

static int visit_version(const struct api_version *v, swagger_visit visit, void *arg,
                         struct error **err)
{
    cleanup_free char *folder = xasprintf(
        "swagger/redhatopenshift/resource-manager/" API_NAMESPACE "/openshiftclusters/%s/%s",
        str_ends(v->name, "-preview") ? "preview" : "stable", v->name);
    cleanup_free char *path = xasprintf("%s/redhatopenshift.json", folder);
    if (visit_json(visit, arg, path, swagger_give_document(v), err) < 0)
        return -1;
    for (size_t i = 0; i < swagger_operations_len; i++) {
        const struct swagger_operation *op = &swagger_operations[i];
        cleanup_free char *example = xasprintf("%s/examples/%s.json", folder, op->id);
        if ((op->versions & v->bit) &&
            visit_json(visit, arg, example, swagger_give_example(v, op), err) < 0)
            return -1;
    }
    return 0;
}

int swagger_each(swagger_visit visit, void *arg, struct error **err)
{
    static const char *const sets[] = { "v1", "v2", "v3", "v6" };
    for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
        cleanup_free char *path = xasprintf(COMMON "/%s/types.json", sets[i]);
        if (visit_json(visit, arg, path, swagger_give_common(sets[i]), err) < 0)
            return -1;
    }
    if (visit_json(visit, arg, COMMON "/v6/managedidentity.json", swagger_give_managed_identity(),
                   err) < 0)
        return -1;
    for (size_t i = 0; i < api_versions_len; i++)
        if (api_versions[i].common_types && visit_version(&api_versions[i], visit, arg, err) < 0)
            return -1;
    return 0;
}
