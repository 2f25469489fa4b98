#include "test/unit/support/rp/frontend/admin/admin_rig.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "rp/frontend/admin/admin.h"
#include "test/unit/support/test.h"

void admin_rig_begin(struct clusters *c)
{
    clusters_begin(c);
    c->front.cfg.more_routes = admin_routes;
    c->front.cfg.more_routes_len = admin_routes_len;
}

void admin_rig_serve(struct clusters *c)
{
    clusters_serve(c);
    clusters_set_subscription(c, "Registered");
    clusters_add_version(c, DEFAULT_VERSION, true, true);
}

void admin_rig_init(struct clusters *c)
{
    admin_rig_begin(c);
    admin_rig_serve(c);
}

static char *give_doubled(const char *quoted)
{
    char *text = xstrdup(quoted);
    for (char *at = text; at && *at; at++)
        if (*at == '\'')
            *at = '"';
    return text;
}

json *admin_rig_ask(struct clusters *c, const char *method, const char *target, const char *body,
                    int status)
{
    cleanup_free char *text = give_doubled(body);
    cleanup_free char *answer = front_give_answer(&c->front, method, target, text);
    cleanup_free char *want = xasprintf("%d ", status);
    json *tree = NULL;
    if (strncmp(answer, want, 4) != 0)
        fail_msg("%s %s: %s", method, target, answer);
    if (answer[4] && json_parse(answer + 4, strlen(answer + 4), &tree, NULL) < 0)
        fail_msg("%s %s: no JSON: %s", method, target, answer);
    return tree;
}

char *admin_rig_error(struct clusters *c, const char *method, const char *target, const char *body)
{
    cleanup_free char *text = give_doubled(body);
    return front_give_error(&c->front, method, target, text);
}

void admin_rig_refused(struct clusters *c, const char *method, const char *target, const char *body,
                       const char *want)
{
    cleanup_free char *got = admin_rig_error(c, method, target, body);
    assert_string_equal(got, want);
}

void admin_rig_is(const json *got, const char *want)
{
    cleanup_free char *text = give_doubled(want);
    cleanup_json json *tree = NULL;
    assert_int_equal(json_parse(text, strlen(text), &tree, NULL), 0);
    cleanup_free char *got_text = json_give_sorted(got);
    cleanup_free char *want_text = json_give_sorted(tree);
    assert_string_equal(got_text, want_text);
}
