#include "rp/frontend/change_admin.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define STATE "properties.maintenanceState"
#define TASK "properties.maintenanceTask"

bool change_admin_signal(json *cluster, struct error **err)
{
    static const char *const signals[] = { "Pending", "None", "CustomerActionNeeded" };
    const char *task = json_path_str(cluster, TASK);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        if (!str_eq(signals[i], task))
            continue;
        (void)json_path_del(cluster, TASK);
        (void)json_set_str(cluster, STATE, signals[i], err);
        return true;
    }
    return false;
}

int change_admin_begin(json *cluster, struct error **err)
{
    bool planned = str_eq(json_path_str(cluster, STATE), "Pending");
    (void)json_path_del(cluster, "properties.lastAdminUpdateError");
    return json_set_str(cluster, STATE, planned ? "Planned" : "Unplanned", err);
}
