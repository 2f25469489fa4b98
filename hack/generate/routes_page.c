#include "hack/generate/routes_page.h"

#include "pkg/base/buf.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/handlers.h"

static void add_table(struct buf *out, const struct route *routes, size_t len)
{
    buf_adds(out, "| method | path | api-version | what it does |\n|---|---|---|---|\n");
    for (size_t i = 0; i < len; i++) {
        const struct route *r = &routes[i];
        bool versioned = r->flags & (ROUTE_API_VERSION | ROUTE_PREFLIGHT_VERSION);
        buf_addf(out, "| %s | `%s` | %s | %s%s |\n", r->method, r->pattern, versioned ? "yes" : "",
                 r->doc, r->flags & ROUTE_MAINTENANCE ? " Tells the cluster's owner of it." : "");
    }
}

char *routes_page_give(const char *note)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&out,
             "# Routes of the resource provider\n\n<!-- %s -->\n\n"
             "Paths match in any letter case. `{sub}` is a subscription, `{rg}` a resource group, "
             "`{ns}` is\n`Microsoft.RedHatOpenShift`, `{type}` is `openShiftClusters`, `{name}` a "
             "cluster, `{loc}` the region of this\nresource provider.\n\n"
             "## Of Azure Resource Manager\n\nWhere `api-version` is needed it is a version of "
             "[api-fields.md](api-fields.md); `admin` is for administrators.\n\n",
             note);
    add_table(&out, frontend_routes, frontend_routes_len);
    buf_adds(&out, "\n## Of administrators\n\n"
                   "Only for callers with an administrator's certificate. `api-version` means "
                   "nothing here. What goes wrong inside is\ntold with its whole text.\n\n");
    add_table(&out, admin_routes, admin_routes_len);
    return buf_give(&out);
}
