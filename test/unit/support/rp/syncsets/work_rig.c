#include "test/unit/support/rp/syncsets/work_rig.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

int64_t work_rig_number(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

char *work_rig_give_due(struct sets_rig *r)
{
    cleanup_sql struct sql *c = NULL;
    cleanup_strv struct strv names = STRV_INIT;
    cleanup_sql_rows struct sql_rows rows = { 0 };
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sql_query(&r->ctx, c,
                               "SELECT o.name FROM cluster_work w JOIN clusters o ON o.uid = "
                               "w.cluster_uid WHERE w.due_at < 9999999999",
                               NULL, 0, &rows, NULL),
                     0);
    while (sql_next(&rows, NULL) > 0)
        strv_add(&names, sql_row_text(&rows, 0, NULL));
    strv_sort(&names);
    return strv_give_joined(&names, ",");
}

void work_rig_settle(struct sets_rig *r)
{
    sets_rig_script(r, "UPDATE cluster_work SET due_at = 9999999999, done_revision = "
                       "dirty_revision, queued_at = NULL, class = 'slow'");
}

void work_rig_match(struct sets_rig *r)
{
    bool more = true;
    while (more)
        assert_int_equal(match_events(&r->ctx, r->store, &more, NULL), 0);
}

char *work_rig_cluster(struct sets_rig *r, const char *nspace, const char *name, const char *labels)
{
    cleanup_free char *body = xasprintf(
        "{'metadata':{'name':'%s','namespace':'%s','labels':%s},'spec':{}}", name, nspace, labels);
    cleanup_json json *made = sets_rig_create(r, TYPE_CLUSTERS, body);
    return xstrdup(json_path_str(made, "metadata.uid"));
}
