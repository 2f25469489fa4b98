#include "pkg/api/vm_sizes.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/admin/handlers.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/reply.h"

int handle_admin_vm_sizes(struct request *req, struct error **err)
{
    cleanup_free char *role = request_give_query(req, "vmRole");
    unsigned wanted = str_eq(role, "master") ? VM_MASTER : str_eq(role, "worker") ? VM_WORKER : 0;
    if (!wanted)
        return cloud_error(
            err, "InvalidParameter", "vmRole",
            "The provided vmRole '%s' is invalid. vmRole can only be master or worker.",
            role ? role : "");
    cleanup_json json *sizes = json_new_object();
    for (size_t i = 0; i < vm_sizes_len; i++)
        if (vm_sizes[i].roles & wanted)
            json_put(sizes, vm_sizes[i].name,
                     json_make("{'coreCount':%d,'family':%s}", (int)vm_sizes[i].cores,
                               vm_sizes[i].family));
    reply_json(req, 200, sizes);
    return 0;
}
