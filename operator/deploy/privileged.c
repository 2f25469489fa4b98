#include "operator/deploy/privileged.h"

#include "pkg/base/mem.h"

json *privileged_give_constraints(const json *model, const char *name, const char *nspace,
                                  const char *account)
{
    cleanup_free char *user = xasprintf("system:serviceaccount:%s:%s", nspace, account);
    json *copy = json_give_copy(model);
    json_put(copy, "metadata", json_make("{'name':%s}", name));
    json_put(copy, "groups", json_new_array());
    json_put(copy, "users", json_make("[%s]", user));
    return copy;
}
