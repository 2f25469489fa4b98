#include "rp/syncsets/types/patch_operation.h"

#include <string.h>

#include "pkg/base/strv.h"

#define FLAW_POINTER "must be a string that is empty or begins with '/'"

static const struct verb {
    const char *name;
    bool needs_from, needs_value;
} verbs[] = {
    { "add", false, true },  { "remove", false, false }, { "replace", false, true },
    { "move", true, false }, { "copy", true, false },    { "test", false, true },
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (str_eq(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

static bool is_pointer(const char *text)
{
    return text && (*text == '\0' || *text == '/');
}

static const char *at(const char **ret_member, const char *member, const char *flaw)
{
    *ret_member = member;
    return flaw;
}

const char *patch_operation_flaw(const json *operation, const char **ret_member)
{
    if (!json_is_object(operation))
        return at(ret_member, "", "must be an object");
    const struct verb *verb = find_verb(json_str(json_get(operation, "op")));
    const char *path = json_str(json_get(operation, "path"));
    const char *from = json_str(json_get(operation, "from"));
    if (!verb)
        return at(ret_member, "op", "must be add, remove, replace, move, copy or test");
    if (!is_pointer(path))
        return at(ret_member, "path", FLAW_POINTER);
    if (verb->needs_from && !is_pointer(from))
        return at(ret_member, "from", FLAW_POINTER);
    if (verb->needs_value && !json_has(operation, "value"))
        return at(ret_member, "value", "is required");
    if (str_eq(verb->name, "move") && str_starts(path, from) && path[strlen(from)] == '/')
        return at(ret_member, "path", "must not be inside of what is moved");
    return NULL;
}
