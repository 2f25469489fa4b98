#include "pkg/api/admin/admin.h"
#include "pkg/api/refuse.h"
#include "pkg/base/cleanup.h"

/* No store keeps a time before the epoch, and none is meant. */
static int check_time(const json *ext, const char *name, struct error **err)
{
    return json_path_int(ext, name, 0) > 0 ? 0 : api_refuse_value(err, name, "Must be provided");
}

int manifest_validate(const json *ext, struct error **err)
{
    static const char *const times[] = { "runAfter", "runBefore" };
    if (!json_str_len(json_get(ext, "maintenanceTaskID")))
        return api_refuse_value(err, "maintenanceTaskID", "Must be provided");
    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        if (check_time(ext, times[i], err) < 0)
            return -1;
    if (json_path_int(ext, "runBefore", 0) < json_path_int(ext, "runAfter", 0))
        return api_refuse_value(err, "runBefore", "Must not be before runAfter");
    return 0;
}
