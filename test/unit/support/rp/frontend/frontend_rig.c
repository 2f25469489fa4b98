#include "test/unit/support/rp/frontend/frontend_rig.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

void front_init(struct front *r)
{
    *r = (struct front){ 0 };
    fake_env_init(&r->env);
    fake_env_set(&r->env, "RP_MODE", "test");
    log_capture_init(&r->capture, clock_system());
    r->log = log_root(&r->capture.base);
    r->cfg = (struct frontend_config){
        .arm = authorizer_allow_all(),
        .admin = authorizer_allow_all(),
        .bind_address = "127.0.0.1",
        .workers = 2,
        .clock = clock_system(),
        .rng = rng_system(),
    };
}

void front_serve(struct front *r, const struct route *routes, size_t len)
{
    struct error *err = NULL;
    if (rp_env_load(&r->env.base, &r->rp_env, &err) < 0)
        fail_msg("%s", error_text(err));
    r->cfg.env = r->rp_env;
    r->cfg.log = &r->log;
    frontend_init(&r->f, &r->cfg, routes, len);
    r->listener = (struct listener){ .f = &r->f, .is_plain = r->cfg.cert_pem == NULL };
    struct http_server_config cfg = listener_config(&r->listener);
    if (http_server_start(&cfg, &r->server, &err) < 0)
        fail_msg("%s", error_text(err));
}

void front_release(struct front *r)
{
    if (r->server)
        http_server_stop(r->server, 10000);
    frontend_release(&r->f);
    rp_env_free(r->rp_env);
    log_capture_release(&r->capture);
    fake_env_release(&r->env);
}

char *front_give_reply(struct front *r, const char *method, const char *target, const char *headers,
                       const char *body)
{
    cleanup_wire struct wire w = wire_connect("127.0.0.1", http_server_port(r->server));
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&text, "%s %s HTTP/1.1\r\nHost: rp.test\r\n%s", method, target,
             headers ? headers : "");
    if (body)
        buf_addf(&text, "Content-Length: %zu\r\n", strlen(body));
    buf_addf(&text, "\r\n%s", body ? body : "");
    return wire_give_answer(&w, buf_str(&text));
}

char *front_give_answer(struct front *r, const char *method, const char *target, const char *body)
{
    cleanup_free char *reply = front_give_reply(
        r, method, target, body ? "Content-Type: application/json\r\n" : NULL, body);
    return xasprintf("%.3s %s", reply + 9, strstr(reply, "\r\n\r\n") + 4);
}

char *front_error_of(const char *reply)
{
    const char *body = strstr(reply, "\r\n\r\n") + 4;
    cleanup_json json *tree = NULL;
    (void)json_parse(body, strlen(body), &tree, NULL);
    const char *target = json_path_str(tree, "error.target");
    return xasprintf("%.3s %s: %s%s%s", reply + 9, json_path_str(tree, "error.code"),
                     json_path_str(tree, "error.message"), target ? " @" : "",
                     target ? target : "");
}

char *front_give_error(struct front *r, const char *method, const char *target, const char *body)
{
    cleanup_free char *reply = front_give_reply(
        r, method, target, body ? "Content-Type: application/json\r\n" : NULL, body);
    return front_error_of(reply);
}
