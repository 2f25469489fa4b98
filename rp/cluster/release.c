#include "rp/cluster/release.h"

#include "pkg/api/refuse.h"
#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/published.h"
#include "rp/cluster/installer/installer.h"

#define VERSION_PATH "properties.clusterProfile.version"
#define IMAGE_PATH PROPERTIES "machineImage"

void cluster_release_release(struct cluster_release *r)
{
    free(r->pullspec);
    machine_image_release(&r->image);
    *r = (struct cluster_release){ 0 };
}

static struct machine_image take_image(struct machine_image *from)
{
    struct machine_image taken = *from;
    *from = (struct machine_image){ 0 };
    return taken;
}

/* Both parts or none. */
static void read_image(const json *from, struct machine_image *ret)
{
    const char *sku = json_path_str(from, "sku"), *version = json_path_str(from, "version");
    if (sku && *sku && version && *version)
        *ret = (struct machine_image){ xstrdup(sku), xstrdup(version) };
}

/* The record of the version, or NULL; of several one that is offered. Borrowed from the page. */
static const json *find_record(const struct document_page *page, const char *version)
{
    const json *found = NULL;
    for (size_t i = 0; i < page->len; i++) {
        const json *record = json_path(page->docs[i].tree, "openShiftVersion.properties");
        const char *pullspec = json_path_str(record, "openShiftPullspec");
        if (!str_eq(json_path_str(record, "version"), version) || !pullspec || !*pullspec)
            continue;
        if (json_path_bool(record, "enabled", false))
            return record;
        if (!found)
            found = record;
    }
    return found;
}

static void read_release(const json *record, struct cluster_release *ret)
{
    cluster_release_release(ret);
    ret->pullspec = xstrdup(json_path_str(record, "openShiftPullspec"));
    read_image(json_get(record, "machineImage"), &ret->image);
}

/* The frontend took the cluster when the version was offered: that it is not any more concerns those to come. */
static int look_up(const struct cluster *c, const struct opctx *ctx, const char *version,
                   struct cluster_release *ret, struct error **err)
{
    cleanup_cluster_release struct cluster_release found = { 0 };
    cleanup_free char *next = NULL;
    bool is_offered = false;
    do {
        cleanup_document_page struct document_page page = { 0 };
        if (published_list(ctx, c->job.db, PUBLISHED_VERSIONS, 0, next, &page, err) < 0)
            return error_wrap(err, "looking for the version");
        const json *record = find_record(&page, version);
        is_offered = json_path_bool(record, "enabled", false);
        if (record && (is_offered || !found.pullspec))
            read_release(record, &found);
        free(next);
        next = take(page.next);
    } while (next && !is_offered);
    if (!found.pullspec)
        return api_refuse_value(err, VERSION_PATH,
                                "The requested OpenShift version '%s' is not supported.", version);
    *ret = found;
    found = (struct cluster_release){ 0 };
    return 0;
}

int cluster_find_release(const struct cluster *c, const struct opctx *ctx,
                         struct cluster_release *ret, struct error **err)
{
    const char *version = cluster_text_or_empty(c, "clusterProfile.version");
    struct semver parsed;
    if (!semver_parse(version, &parsed))
        return api_refuse_value(err, VERSION_PATH,
                                "The provided OpenShift version '%s' is invalid.", version);
    return look_up(c, ctx, version, ret, err);
}

/* ---- the image ---- */

static int put_image(json *tree, void *arg, struct error **err)
{
    const struct machine_image *image = arg;
    return json_path_put(tree, IMAGE_PATH,
                         json_make("{'sku':%s,'version':%s}", image->sku, image->version), err);
}

static int find_image(const struct cluster *c, const struct opctx *ctx, struct machine_image *ret,
                      struct error **err)
{
    cleanup_cluster_release struct cluster_release release = { 0 };
    if (cluster_find_release(c, ctx, &release, err) < 0)
        return -1;
    *ret = take_image(&release.image);
    if (ret->version)
        return 0;
    if (installer_find_image(c->cfg->installer, ctx, cluster_doc_id(c), ret, err) < 0)
        return error_wrap(err,
                          "looking for the image of the machines, since the record of OpenShift %s "
                          "has no machineImage",
                          cluster_text_or_empty(c, "clusterProfile.version"));
    return 0;
}

int cluster_ensure_image(struct cluster *c, const struct opctx *ctx, struct machine_image *ret,
                         struct error **err)
{
    cleanup_machine_image struct machine_image image = { 0 };
    read_image(json_path(c->doc, IMAGE_PATH), &image);
    if (!image.version &&
        (find_image(c, ctx, &image, err) < 0 || cluster_patch(c, ctx, put_image, &image, err) < 0))
        return -1;
    *ret = take_image(&image);
    return 0;
}
