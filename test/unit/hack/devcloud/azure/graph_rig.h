/* graph_rig.h - the rig signed in for Microsoft Graph. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_GRAPH_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_GRAPH_RIG_H

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define GRAPH_FORM "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"

static inline void graph_rig_open(struct rig *r)
{
    cleanup_reply struct rig_reply reply = { 0 };
    rig_open(r);
    assert_int_equal(rig_sign_in(r, "/oauth2/v2.0/token", RIG_SECRET_FORM GRAPH_FORM, &reply), 200);
    free(r->token);
    r->token = xstrdup(json_path_str(reply.body, "access_token"));
}

/* A new application. Both IDs are owned by the caller. */
static inline void graph_rig_create(struct rig *r, char **ret_id, char **ret_app_id)
{
    cleanup_reply struct rig_reply reply = { 0 };
    assert_int_equal(rig_call(r, "POST", "/v1.0/applications", "{'displayName':'mine'}", &reply),
                     201);
    *ret_id = xstrdup(json_path_str(reply.body, "id"));
    *ret_app_id = xstrdup(json_path_str(reply.body, "appId"));
}

#endif
