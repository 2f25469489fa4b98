#include "test/unit/support/rp/syncsets/sets_rig.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/migrate.h"
#include "test/unit/support/pkg/net/wire.h"

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void sets_rig_script(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_WRITE, &c, NULL), 0);
    assert_int_equal(sql_script(&r->ctx, c, text, NULL), 0);
}

void sets_rig_empty(struct sets_rig *r)
{
    const char *dsn = getenv("STORE_DSN"), *tmp = getenv("TMPDIR");
    *r = (struct sets_rig){ .dir = xasprintf("%s/setsXXXXXX", tmp ? tmp : "/tmp"),
                            .stop = stop_new(NULL) };
    assert_non_null(mkdtemp(r->dir));
    r->ctx = opctx_root(clock_system(), rng_system(), r->stop, NULL);
    r->dsn = dsn ? xstrdup(dsn) : xasprintf("sqlite:%s/test.db", r->dir);
    const struct sql_config cfg = { .dsn = r->dsn, .connections = 24 };
    assert_int_equal(sql_open(&r->ctx, &cfg, &r->db, NULL), 0);
    assert_int_equal(keyring_parse(RIG_KEYS, &r->keys, NULL), 0);
    if (dsn)
        sets_rig_script(r, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
}

void sets_rig_init(struct sets_rig *r)
{
    int steps;
    sets_rig_empty(r);
    assert_int_equal(sets_migrate_up(&r->ctx, r->db, r->keys, &steps, NULL), 0);
    const struct sets_store_config cfg = { .db = r->db, .keys = r->keys };
    r->store = sets_store_new(&cfg);
}

void sets_rig_serve(struct sets_rig *r, struct sets_access *access)
{
    sets_rig_serve_tls(r, access, NULL);
}

void sets_rig_serve_tls(struct sets_rig *r, struct sets_access *access,
                        const struct wire_pair *identity)
{
    r->metrics = metrics_new();
    const struct sets_api_config cfg = { .db = r->db,
                                         .keys = r->keys,
                                         .access = access,
                                         .bind_address = "127.0.0.1",
                                         .cert_pem = identity ? identity->cert_pem : NULL,
                                         .key_pem = identity ? identity->key_pem : NULL,
                                         .watch_queue_max = r->watch_queue_max,
                                         .watches_each = r->watches_each,
                                         .watch_bytes = r->watch_bytes,
                                         .ahead_ms = r->ahead_ms,
                                         .patience_ms = r->patience_ms,
                                         .metrics = r->metrics,
                                         .clock = clock_system(),
                                         .rng = rng_system() };
    assert_int_equal(sets_api_start(&cfg, &r->api, NULL), 0);
}

void sets_rig_release(struct sets_rig *r)
{
    sets_api_stop(r->api, 1000);
    metrics_free(r->metrics);
    sets_store_free(r->store);
    sql_close(r->db);
    keyring_free(r->keys);
    stop_unref(r->stop);
    (void)nftw(r->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(r->dir);
    free(r->dsn);
}

json *sets_rig_parse(const char *single_quoted)
{
    cleanup_free char *text = xstrdup(single_quoted);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    json *j = NULL;
    assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    return j;
}

int sets_rig_try_create(struct sets_rig *r, enum api_type_id id, const char *body, json **ret,
                        struct error **err)
{
    const struct api_type *type = &api_types[id];
    json *object = NULL;
    if (api_decode(type, NULL, NULL, sets_rig_parse(body), &object, err) < 0)
        return -1;
    cleanup_json_wiped json *secrets = api_take_secrets(type, object);
    const char *nspace = json_path_str(object, "metadata.namespace");
    const struct sets_write w = { .type = type,
                                  .nspace = nspace ? nspace : "",
                                  .name = json_path_str(object, "metadata.name"),
                                  .object = object,
                                  .secrets = secrets,
                                  .actor = "test" };
    int status = sets_create(&r->ctx, r->store, &w, ret, err);
    json_free(object);
    return status;
}

json *sets_rig_create(struct sets_rig *r, enum api_type_id type, const char *body)
{
    json *made = NULL;
    cleanup_error struct error *err = NULL;
    if (sets_rig_try_create(r, type, body, &made, &err) < 0)
        fail_msg("%s", error_text(err));
    return made;
}

char *sets_rig_ask(struct sets_rig *r, const char *method, const char *path, const char *headers,
                   const char *body, int *ret_status)
{
    cleanup_wire struct wire w = wire_connect("127.0.0.1", sets_api_port(r->api));
    cleanup_free char *request = xasprintf(
        "%s %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s", method,
        path, headers, strlen(body), body);
    wire_send(&w, request);
    cleanup_free char *reply = wire_give_rest(&w);
    long long status = 0;
    cleanup_free char *code = xstrndup(reply + strlen("HTTP/1.1 "), 3);
    assert_true(str_to_int(code, 100, 599, &status));
    if (ret_status)
        *ret_status = (int)status;
    const char *end = strstr(reply, "\r\n\r\n");
    return xstrdup(end ? end + 4 : "");
}
