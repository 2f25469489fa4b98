#include "test/unit/support/pkg/database/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"

void store_fixture_init(struct store_fixture *f, const char *dsn)
{
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    f->stop = stop_new(NULL);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, f->stop, NULL);
    struct error *err = NULL;
    if (store_open_sqlite(&f->ctx, dsn ? dsn : "sqlite::memory:", &f->store, &err) < 0) {
        (void)fprintf(stderr, "%s\n", error_text(err));
        abort();
    }
}

void store_fixture_release(struct store_fixture *f)
{
    store_close(f->store);
    stop_unref(f->stop);
    fake_clock_release(&f->clock);
}

struct doc_write store_fixture_write(enum collection coll, const char *body, unsigned triggers)
{
    cleanup_json json *tree = NULL;
    if (json_parse_object(body, strlen(body), &tree, NULL) < 0)
        abort();
    struct doc_write w = { .id = xstrdup(json_path_str(tree, "id")),
                           .partition =
                               xstrdup(json_str(json_get(tree, collections[coll].partition_key))),
                           .body = xstrdup(body),
                           .body_len = strlen(body),
                           .triggers = triggers };
    if (!w.id || !w.partition)
        abort();
    return w;
}

static void drop(const char *text)
{
    void *p;
    memcpy(&p, &text, sizeof(p));
    free(p);
}

void doc_write_release(struct doc_write *w)
{
    drop(w->id);
    drop(w->partition);
    drop(w->body);
}

int store_fixture_create(struct store_fixture *f, enum collection coll, const char *body,
                         struct doc *ret, struct error **err)
{
    struct doc_write w = store_fixture_write(coll, body, 0);
    int status = store_create(&f->ctx, f->store, coll, &w, ret, err);
    doc_write_release(&w);
    return status;
}

int store_fixture_replace(struct store_fixture *f, enum collection coll, const char *body,
                          const char *etag, struct doc *ret, struct error **err)
{
    struct doc_write w = store_fixture_write(coll, body, 0);
    int status = store_replace(&f->ctx, f->store, coll, &w, etag, ret, err);
    doc_write_release(&w);
    return status;
}
