#include "rp/cluster/release.h"

#include "pkg/api/refuse.h"
#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/published.h"

#define VERSION_PATH "properties.clusterProfile.version"

void cluster_release_release(struct cluster_release *r)
{
    free(r->pullspec);
    free(r->image_sku);
    *r = (struct cluster_release){ 0 };
}

/* The pull spec of a version that is offered, or NULL. Borrowed from the page. */
static const char *find_pullspec(const struct document_page *page, const char *version)
{
    for (size_t i = 0; i < page->len; i++) {
        const json *offer = json_path(page->docs[i].tree, "openShiftVersion.properties");
        if (str_eq(json_path_str(offer, "version"), version) &&
            json_path_bool(offer, "enabled", false))
            return json_path_str(offer, "openShiftPullspec");
    }
    return NULL;
}

static int look_up(const struct cluster *c, const struct opctx *ctx, const char *version,
                   char **ret, struct error **err)
{
    cleanup_free char *next = NULL;
    do {
        cleanup_document_page struct document_page page = { 0 };
        if (published_list(ctx, c->job.db, PUBLISHED_VERSIONS, 0, next, &page, err) < 0)
            return error_wrap(err, "looking for the version");
        const char *pullspec = find_pullspec(&page, version);
        if (pullspec && *pullspec) {
            *ret = xstrdup(pullspec);
            return 0;
        }
        free(next);
        next = take(page.next);
    } while (next);
    return api_refuse_value(err, VERSION_PATH,
                            "The requested OpenShift version '%s' is not supported.", version);
}

int cluster_find_release(const struct cluster *c, const struct opctx *ctx,
                         struct cluster_release *ret, struct error **err)
{
    const char *version = cluster_text_or_empty(c, "clusterProfile.version");
    struct semver parsed;
    if (!semver_parse(version, &parsed))
        return api_refuse_value(err, VERSION_PATH,
                                "The provided OpenShift version '%s' is invalid.", version);
    cleanup_cluster_release struct cluster_release r = { 0 };
    if (look_up(c, ctx, version, &r.pullspec, err) < 0)
        return -1;
    r.image_sku = xasprintf("aro_%u%u", parsed.major, parsed.minor);
    *ret = r;
    r = (struct cluster_release){ 0 };
    return 0;
}
