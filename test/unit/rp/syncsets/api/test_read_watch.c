/* A list, page by page, and a watch from where the list began, while others write. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define CLUSTERS 200
#define PAGE 20

struct writer {
    struct sets_rig *r;
    atomic_bool stops;
};

static void write_one(struct sets_rig *r, int i)
{
    cleanup_free char *name = xasprintf("c%03d", i * 37 % CLUSTERS);
    cleanup_free char *body =
        xasprintf("{'metadata':{'name':'%s','namespace':'n','labels':{'turn':'%d'}}}", name, i);
    cleanup_json json *object = sets_rig_parse(body);
    const struct sets_write w = { .type = &api_types[TYPE_CLUSTERS],
                                  .nspace = "n",
                                  .name = name,
                                  .object = object,
                                  .upsert = true,
                                  .actor = "test" };
    int status = i % 3 == 2 ? sets_delete(&r->ctx, r->store, &w, NULL, NULL)
                            : sets_replace(&r->ctx, r->store, &w, NULL, NULL, NULL);
    (void)status; /* deleted before, by itself */
}

static void write_on(void *arg)
{
    struct writer *w = arg;
    for (int i = 0; !atomic_load(&w->stops); i++)
        write_one(w->r, i);
}

/* ---- what a reader knows ---- */

static void keep(struct map *known, const char *op, const json *object)
{
    const char *name = json_path_str(object, "metadata.name");
    if (str_eq(op, "DELETED"))
        map_del(known, name);
    else
        map_set(known, name, xstrdup(json_path_str(object, "metadata.resourceVersion")));
}

/* *ret_version: of before the first page. */
static void list_pages(struct sets_rig *r, int limit, struct map *known, char **ret_version)
{
    cleanup_free char *token = xstrdup("");
    do {
        cleanup_free char *path = xasprintf("/v1/clusters?limit=%d&continue=%s", limit, token);
        cleanup_free char *reply = sets_rig_ask(r, "GET", path, "", "", NULL);
        cleanup_json json *list = NULL;
        assert_int_equal(json_parse(reply, strlen(reply), &list, NULL), 0);
        for (size_t i = 0; i < json_len(json_get(list, "items")); i++)
            keep(known, "ADDED", json_at(json_get(list, "items"), i));
        if (!*token)
            *ret_version = xstrdup(json_path_str(list, "metadata.resourceVersion"));
        const char *next = json_path_str(list, "metadata.continue");
        free(token);
        token = xstrdup(next ? next : "");
    } while (*token);
}

static void follow(struct sets_rig *r, const char *version, struct map *known)
{
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r->api));
    cleanup_free char *request = xasprintf(
        "GET /v1/clusters?watch=true&resourceVersion=%s HTTP/1.1\r\nHost: x\r\n\r\n", version);
    wire_send(&w, request);
    while (!map_has(known, "last")) {
        cleanup_free char *line = wire_give_until(&w, "\n");
        cleanup_json json *event = NULL;
        if (!str_starts(line, "{\"type\"")) /* heads, and sizes of chunks */
            continue;
        assert_int_equal(json_parse(line, strlen(line), &event, NULL), 0);
        keep(known, json_path_str(event, "type"), json_get(event, "object"));
    }
}

static void a_list_under_writes_and_a_watch_from_it_give_what_is_there(void **state)
{
    struct sets_rig r;
    struct writer writer;
    pthread_t thread;
    (void)state;
    sets_rig_init(&r);
    sets_rig_serve(&r, NULL);
    for (int i = 0; i < CLUSTERS; i++)
        write_one(&r, 3 * i);
    cleanup_map struct map *known = map_new(free), *there = map_new(free);
    cleanup_free char *version = NULL, *now = NULL;
    writer.r = &r;
    atomic_init(&writer.stops, false);
    assert_int_equal(thread_start(&thread, "writer", write_on, &writer, NULL), 0);

    list_pages(&r, PAGE, known, &version);
    atomic_store(&writer.stops, true);
    pthread_join(thread, NULL);
    json_free(sets_rig_create(&r, TYPE_CLUSTERS, "{'metadata':{'name':'last','namespace':'n'}}"));
    follow(&r, version, known);

    list_pages(&r, 5000, there, &now);
    assert_string_not_equal(version, now); /* there was something to follow */
    assert_int_equal(map_len(known), map_len(there));
    for (struct map_iter it = { 0 }; map_next(there, &it);)
        assert_string_equal(map_get(known, it.key), it.value);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a list under writes, and a watch from it, give what is there",
             a_list_under_writes_and_a_watch_from_it_give_what_is_there),
    };
    return RUN_CASES("read_watch", tests);
}
