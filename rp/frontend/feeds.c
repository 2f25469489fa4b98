#include "rp/frontend/feeds.h"

#include <string.h>

#include "pkg/base/bytes.h"
#include "pkg/base/log.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/published.h"

#define PAGE 100

static const struct feed_info {
    const char *what;
    enum published kind;
    const char *key;    /* path below the document's object */
    bool needs_enabled; /* only what is enabled counts */
} infos[FEED_COUNT] = {
    [FEED_VERSIONS] = { "OpenShift versions", PUBLISHED_VERSIONS, "properties.version", true },
    [FEED_ROLE_SETS] = { "role sets", PUBLISHED_ROLE_SETS, "properties.openShiftVersion", false },
};

struct feed_state {
    struct map *items; /* key to bytes: trees do not cross threads */
    char *position;    /* of the reading thread */
    bool drained;
};

struct feeds {
    struct frontend *f;
    pthread_mutex_t mu;
    struct feed_state states[FEED_COUNT];
    char *default_version; /* under mu */
    struct stop *stop;
    pthread_t thread;
    bool runs;
};

static void free_item(void *item)
{
    bytes_unref(item);
}

struct feeds *feeds_new(struct frontend *f)
{
    struct feeds *fs = xnew(struct feeds);
    fs->f = f;
    mutex_init(&fs->mu);
    for (int i = 0; i < FEED_COUNT; i++)
        fs->states[i].items = map_new(free_item);
    fs->stop = stop_new(NULL);
    return fs;
}

/* ---- reading ---- */

/* Under mu. */
static void set_default(struct feeds *fs, const char *version)
{
    free(fs->default_version);
    fs->default_version = xstrdup(version);
}

static void apply(struct feeds *fs, enum feed feed, const json *document)
{
    const struct feed_info *info = &infos[feed];
    struct map *items = fs->states[feed].items;
    const json *item = json_get(document, published_member(info->kind));
    const char *key = json_path_str(item, info->key);
    if (!key)
        return;
    bool gone = json_path_bool(item, "deleting", false) ||
                (info->needs_enabled && !json_path_bool(item, "properties.enabled", false));
    cleanup_free char *text = json_give_text(item);
    bool lost = false;

    pthread_mutex_lock(&fs->mu);
    if (gone)
        map_del(items, key);
    else
        map_set(items, key, bytes_new(text, strlen(text)));
    if (feed == FEED_VERSIONS) {
        bool was_default = fs->default_version && strcmp(fs->default_version, key) == 0;
        bool is_default = !gone && json_path_bool(item, "properties.default", false);
        if (is_default || was_default)
            set_default(fs, is_default ? key : NULL);
        lost = was_default && !is_default;
    }
    pthread_mutex_unlock(&fs->mu);
    if (lost)
        log_error(fs->f->cfg.log, "OpenShift version %s is no longer the default, and none is",
                  key);
}

static int drain_one(struct feeds *fs, enum feed feed, const struct opctx *ctx, struct error **err)
{
    struct feed_state *s = &fs->states[feed];
    for (size_t len = 1; len > 0;) {
        cleanup_document_page struct document_page page = { 0 };
        if (published_changes(ctx, fs->f->cfg.database, infos[feed].kind, s->position, PAGE, &page,
                              err) < 0)
            return error_wrap(err, "reading changes of %s", infos[feed].what);
        len = page.len + page.corrupt.len;
        for (size_t i = 0; i < page.len; i++)
            apply(fs, feed, page.docs[i].tree);
        for (size_t i = 0; i < page.corrupt.len; i++)
            log_error(fs->f->cfg.log, "document %s cannot be read", page.corrupt.v[i]);
        free(s->position);
        s->position = take(page.next);
    }
    pthread_mutex_lock(&fs->mu);
    s->drained = true;
    pthread_mutex_unlock(&fs->mu);
    return 0;
}

int feeds_drain(struct feeds *fs, const struct opctx *ctx, struct error **err)
{
    struct error *all = NULL;
    for (int i = 0; i < FEED_COUNT; i++) {
        struct error *one = NULL;
        if (drain_one(fs, (enum feed)i, ctx, &one) < 0)
            error_join(&all, &one);
    }
    return all ? error_move(err, &all) : 0;
}

static void run(void *arg)
{
    struct feeds *fs = arg;
    const struct frontend_config *cfg = &fs->f->cfg;
    struct opctx ctx = opctx_root(cfg->clock, cfg->rng, fs->stop, cfg->log);
    do {
        cleanup_error struct error *err = NULL;
        if (feeds_drain(fs, &ctx, &err) < 0 && !error_is(err, ERR_CANCELLED))
            log_error(cfg->log, "%s", error_text(err));
    } while (opctx_sleep_ms(&ctx, rp_env_ms(cfg->env, INTERVAL_FEED_POLL), NULL) == 0);
}

int feeds_start(struct feeds *fs, struct error **err)
{
    if (thread_start(&fs->thread, "feeds", run, fs, err) < 0)
        return -1;
    fs->runs = true;
    return 0;
}

void feeds_free(struct feeds *fs)
{
    if (!fs)
        return;
    stop_request(fs->stop);
    if (fs->runs)
        pthread_join(fs->thread, NULL);
    stop_unref(fs->stop);
    for (int i = 0; i < FEED_COUNT; i++) {
        map_free(fs->states[i].items);
        free(fs->states[i].position);
    }
    free(fs->default_version);
    pthread_mutex_destroy(&fs->mu);
    free(fs);
}

/* ---- asking ---- */

bool feeds_are_drained(struct feeds *fs)
{
    bool all = true;
    pthread_mutex_lock(&fs->mu);
    for (int i = 0; i < FEED_COUNT; i++)
        all = all && fs->states[i].drained;
    pthread_mutex_unlock(&fs->mu);
    return all;
}

static json *give_tree(const struct bytes *item)
{
    json *tree = NULL;
    (void)json_parse(item->data, item->len, &tree, NULL); /* our own text */
    return tree;
}

json *feeds_give_all(struct feeds *fs, enum feed feed)
{
    json *all = json_new_array();
    pthread_mutex_lock(&fs->mu);
    for (struct map_iter it = { 0 }; map_next(fs->states[feed].items, &it);)
        json_append(all, give_tree(it.value));
    pthread_mutex_unlock(&fs->mu);
    return all;
}

json *feeds_give_one(struct feeds *fs, enum feed feed, const char *key)
{
    pthread_mutex_lock(&fs->mu);
    struct bytes *item = map_get(fs->states[feed].items, key);
    cleanup_bytes struct bytes *held = bytes_ref(item);
    pthread_mutex_unlock(&fs->mu);
    return held ? give_tree(held) : NULL;
}

char *feeds_give_default_version(struct feeds *fs)
{
    pthread_mutex_lock(&fs->mu);
    char *version = xstrdup(fs->default_version);
    pthread_mutex_unlock(&fs->mu);
    return version;
}
