#include "hack/devcloud/controllers/behaviour.h"

#include <string.h>

#include "pkg/base/mem.h"

void behaviour_split_key(const char *key, char **ret_nspace, char **ret_name)
{
    const char *slash = strchr(key, '/');
    *ret_nspace = slash ? xstrndup(key, (size_t)(slash - key)) : NULL;
    *ret_name = xstrdup(slash ? slash + 1 : key);
}
