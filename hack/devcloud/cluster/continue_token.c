#include "hack/devcloud/cluster/continue_token.h"

#include <string.h>

#include "hack/devcloud/cluster/fail.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

char *continue_token_give(const struct continue_token *t)
{
    cleanup_json json *j = json_make("{'v':'meta.k8s.io/v1','rv':%ld,'ns':%s,'name':%s}",
                                     t->revision, t->nspace, t->name);
    cleanup_free char *text = json_give_text(j);
    return base64url_give(text, strlen(text));
}

int continue_token_parse(const char *text, struct continue_token *ret, struct error **err)
{
    cleanup_free char *plain = NULL;
    cleanup_json json *j = NULL;
    cleanup_error struct error *why = NULL;
    size_t len;
    if (base64url_parse(text, strlen(text), &plain, &len, &why) < 0 ||
        json_parse_object(plain, len, &j, &why) < 0)
        return fail_bad_request(err, "invalid continue token: continue key is not valid: %s",
                                error_text(why));
    const char *nspace = json_path_str(j, "ns"), *name = json_path_str(j, "name");
    if (!str_eq(json_path_str(j, "v"), "meta.k8s.io/v1") || !nspace || !name)
        return fail_bad_request(err, "invalid continue token: continue key is not valid: server "
                                     "does not recognize this encoded version");
    *ret = (struct continue_token){ .revision = json_path_int(j, "rv", -1),
                                    .nspace = xstrdup(nspace),
                                    .name = xstrdup(name) };
    return 0;
}

void continue_token_release(struct continue_token *t)
{
    free(t->nspace);
    free(t->name);
    *t = (struct continue_token){ 0 };
}
