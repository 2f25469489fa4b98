#include "pkg/api/api.h"
#include "pkg/api/decode.h"
#include "pkg/api/refuse.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

int api_preflight_parse(const char *body, size_t len, json **ret, struct error **err)
{
    cleanup_error struct error *why = NULL;
    cleanup_json json *tree = NULL;
    if (json_parse_object(body, len, &tree, &why) < 0)
        return api_refuse_content(err, why);
    json *resources = json_get(tree, "resources");
    if (resources && !json_is_array(resources)) {
        (void)error_set(&why, ERR_INVALID, "resources: expected an array");
        return api_refuse_content(err, why);
    }
    *ret = resources ? json_ref(resources) : json_new_array();
    return 0;
}

bool api_preflight_is_cluster(const json *resource)
{
    return str_eq_nocase(json_path_str(resource, "type"), API_NAMESPACE "/" API_CLUSTER_TYPE);
}

int api_preflight_decode(const json *resource, const struct api_version **ret_version,
                         json **ret_ext, struct error **err)
{
    const char *name = json_path_str(resource, "apiVersion");
    const struct api_version *v = api_version_find(name);
    if (!v || api_version_is_admin(v))
        return api_refuse(err, "InvalidResourceType", NULL,
                          "Api version \"%s\" is invalid for preflight validation in resource "
                          "provider \"" API_NAMESPACE "\".",
                          name ? name : "");
    cleanup_json json *ext = json_make("{'properties':{'provisioningState':'Succeeded'}}");
    if (api_cluster_decode_tree(v, resource, ext, err) < 0)
        return -1;
    *ret_version = v;
    *ret_ext = take(ext);
    return 0;
}

char *api_error_give_text(const struct error *e)
{
    const char *code = error_get_code(e), *target = error_get_target(e);
    if (!code) /* not for clients */
        return xstrdup("500: InternalServerError: : Internal server error.");
    return xasprintf("%d: %s: %s: %s", error_get_status(e), code, target ? target : "",
                     error_text(e));
}

json *api_preflight_give_reply(const struct error *failure)
{
    if (!failure)
        return json_make("{'status':'Succeeded'}");
    cleanup_free char *text = api_error_give_text(failure);
    const char *code = error_get_code(failure);
    return json_make("{'status':'Failed','error':{'code':%s,'message':%s}}",
                     code ? code : "InternalServerError", text);
}
