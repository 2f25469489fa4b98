#include "pkg/base/json.h"
#include "pkg/base/json_impl.h"
#include "pkg/base/secret.h"

/* The text is the object's own memory; json-c merely does not let others write there. */
static void wipe(const json *j)
{
    for (size_t i = 0; json_is_array(j) && i < json_len(j); i++)
        wipe(json_at(j, i));
    for (struct json_iter it = json_each(j); json_next(&it);)
        wipe(it.value);
    const char *text = json_str(j);
    if (text)
        secret_wipe((char *)(uintptr_t)text, json_str_len(j));
}

void json_free_wiped(json *j)
{
    wipe(j);
    json_free(j);
}
