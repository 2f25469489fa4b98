#include "hack/generate/lifecycle_page.h"

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "rp/cluster/step_docs.h"
#include "rp/cluster/tables.h"

#define MS_PER_MINUTE 60000

static const struct {
    unsigned bit;
    const char *words;
} whens[] = {
    { WHEN_SERVICE_PRINCIPAL, "with a service principal" },
    { WHEN_IDENTITIES, "with workload identities" },
    { WHEN_GATEWAY, "behind the gateway" },
    { WHEN_SIGNED, "with signed certificates" },
    { WHEN_OPERATOR, "with the operator" },
    { WHEN_NO_OPERATOR, "without the operator" },
    { WHEN_BEGUN, "for which something was made" },
    { WHEN_SYNCSETS, "where the service has SyncSets" },
    { WHEN_VAULT, "where the service has key vaults" },
};

const char *lifecycle_page_when(unsigned bit)
{
    for (size_t i = 0; i < ARRAY_LEN(whens); i++)
        if (whens[i].bit == bit)
            return whens[i].words;
    return NULL;
}

/* ---- tables ---- */

static void add_whens(struct buf *out, unsigned when)
{
    const char *comma = "";
    for (size_t i = 0; i < ARRAY_LEN(whens); i++)
        if (when & whens[i].bit) {
            buf_addf(out, "%s%s", comma, whens[i].words);
            comma = ", ";
        }
    if (when == 0)
        buf_adds(out, "all");
}

static void add_kind(struct buf *out, const struct step *s)
{
    switch (s->kind) {
    case STEP_RETRYING:
        buf_adds(out, "again while it may heal");
        return;
    case STEP_CONDITION:
        buf_addf(out, "waits %lld min", (long long)(s->timeout_ms / MS_PER_MINUTE));
        return;
    default:
        buf_adds(out, "once");
    }
}

static void add_table(struct buf *out, const struct cluster_table *t)
{
    buf_adds(out, "| | step | runs | clusters | what it does |\n|---:|---|---|---|---|\n");
    for (size_t i = 0; i < t->len; i++) {
        const struct cluster_step *row = &t->v[i];
        const char *doc = step_doc_find(row->step.name);
        buf_addf(out, "| %zu | `%s` | ", i + 1, row->step.name);
        add_kind(out, &row->step);
        buf_adds(out, " | ");
        add_whens(out, row->when);
        buf_addf(out, " | %s |\n", doc ? doc : "");
    }
}

static void add_head(struct buf *out, const char *title, const char *note)
{
    buf_addf(out, "# %s\n\n<!-- %s -->\n\n", title, note);
}

/* ---- pages ---- */

char *lifecycle_page_give_creation(const char *note)
{
    static const struct {
        const char *title;
        enum cluster_layout layout;
    } layouts[] = {
        { "The second layout (today's)", LAYOUT_V2 },
        { "The first layout (of 2020)", LAYOUT_V1 },
    };
    static const char *const phases[INSTALL_PHASES] = {
        [PHASE_BOOTSTRAP] = "First phase: until the control plane runs by itself",
        [PHASE_REMOVE_BOOTSTRAP] = "Second phase: without the bootstrap machine",
    };
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    add_head(&out, "How a cluster is created", note);
    buf_adds(
        &out,
        "A PUT leaves a document in the state `Creating` and answers 201; from then on the backend "
        "is at work:\n[architecture](../architecture.md) tells how it takes documents. The layout "
        "of a cluster is `properties.architectureVersion`.\nBetween the phases the document is let "
        "go, and any backend may go on. The next one to run takes the first step of the\nphase "
        "again, so each step looks before it makes; what was made by chance is in the document "
        "before it is used.\n\nA step runs *once*, and its error ends the creation; or *again "
        "while "
        "it may heal*: for ten minutes, after errors like a\nrole that is not known everywhere "
        "yet; "
        "or it *waits*, looking every ten seconds, and its time's end ends the "
        "creation.\n`GET /admin/CLUSTER/progress` tells which step it is at. Where each parameter "
        "of `az aro create` gets used:\n[parameters of a cluster](../cluster-parameters.md).\n");
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++) {
        buf_addf(&out, "\n## %s\n", layouts[i].title);
        for (int phase = 0; phase < INSTALL_PHASES; phase++) {
            buf_addf(&out, "\n### %s\n\n", phases[phase]);
            add_table(&out, &install_tables[layouts[i].layout][phase]);
        }
    }
    return buf_give(&out);
}

char *lifecycle_page_give_update(const char *note)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    add_head(&out, "How a cluster is updated", note);
    buf_adds(&out, "After a PUT or PATCH of a cluster that exists. The words are those of "
                   "[the creation](cluster-creation.md).\n\n");
    add_table(&out, &update_table);
    return buf_give(&out);
}

char *lifecycle_page_give_admin_update(const char *note)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    add_head(&out, "How a cluster is updated by the service", note);
    buf_adds(&out,
             "After a PATCH with `api-version=admin`: `properties.maintenanceTask` says which of "
             "these. Without one it is the first.\nThe words are those of "
             "[the creation](cluster-creation.md).\n");
    for (size_t i = 0; i < admin_tasks_len; i++) {
        if (!*admin_tasks[i].task)
            continue;
        buf_addf(&out, "\n## `%s`\n\n", admin_tasks[i].task);
        add_table(&out, &admin_update_tables[admin_tasks[i].table]);
    }
    return buf_give(&out);
}

char *lifecycle_page_give_deletion(const char *note)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    add_head(&out, "How a cluster is deleted", note);
    buf_adds(&out, "After a DELETE, or when the subscription ends. Billing record and document "
                   "follow when all steps have ended well.\nWhen one has not, the cluster is "
                   "`Failed`, and another DELETE begins again. The words are those of "
                   "[the creation](cluster-creation.md).\n\n");
    add_table(&out, &delete_table);
    return buf_give(&out);
}
