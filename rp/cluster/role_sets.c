#include "rp/cluster/role_sets.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/published.h"

int role_sets_list(struct cluster *c, const struct opctx *ctx, json **ret, struct error **err)
{
    const char *member = published_member(PUBLISHED_ROLE_SETS);
    cleanup_json json *sets = json_new_array();
    cleanup_free char *next = NULL;
    do {
        cleanup_document_page struct document_page page = { 0 };
        if (published_list(ctx, c->job.db, PUBLISHED_ROLE_SETS, 0, next, &page, err) < 0)
            return error_wrap(err, "listing the role sets");
        for (size_t i = 0; i < page.len; i++) {
            json *set = json_get(page.docs[i].tree, member);
            if (set && !json_path_bool(set, "deleting", false))
                json_append(sets, json_ref(set));
        }
        free(next);
        next = take(page.next);
    } while (next);
    *ret = take(sets);
    return 0;
}

const json *role_sets_find(void *sets, const char *minor)
{
    for (size_t i = 0; i < json_len(sets); i++) {
        const json *set = json_at(sets, i);
        if (str_eq(json_path_str(set, "properties.openShiftVersion"), minor))
            return set;
    }
    return NULL;
}
