/* Containers in the data plane, and the service itself. */
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static bool access_is_permitted(struct blob_call *b, const char *access)
{
    if (access && !str_eq(access, "blob") && !str_eq(access, "container"))
        blob_refuse(b, 400, "InvalidHeaderValue",
                    "The value for one of the HTTP headers is not in the correct format.");
    else if (access && !json_path_bool(b->object, "properties.allowBlobPublicAccess", true))
        blob_refuse(b, 409, "PublicAccessNotPermitted",
                    "Public access is not permitted on this storage account.");
    else
        return true;
    return false;
}

static void set_access(json *container, const char *access)
{
    if (access)
        json_put(container, "access", json_new_str(access));
    else
        json_del(container, "access");
}

void blob_create_container(struct blob_call *b)
{
    const char *access = blob_header(b, "x-ms-blob-public-access");
    if (!storage_container_name_is_good(b->container)) {
        blob_refuse(b, 400, "InvalidResourceName",
                    "The specified resource name contains invalid characters.");
    } else if (b->in) {
        blob_refuse(b, 409, "ContainerAlreadyExists", "The specified container already exists.");
    } else if (storage_container_is_going(b->sim, b->object, b->container)) {
        blob_refuse(b, 409, "ContainerBeingDeleted",
                    "The specified container is being deleted. Try operation later.");
    } else if (access_is_permitted(b, access)) {
        json *container = storage_give_container(b->sim);
        set_access(container, access);
        json_put(container, "metadata", blob_give_metadata(b));
        json_put(b->containers, b->container, container);
        blob_set_version(b, container);
        blob_reply(b, 201);
    }
}

void blob_show_container(struct blob_call *b)
{
    blob_set_version(b, b->in);
    blob_set_metadata(b, b->in);
    blob_set(b, "x-ms-lease-status", "unlocked");
    blob_set(b, "x-ms-lease-state", "available");
    blob_set(b, "x-ms-has-immutability-policy", "false");
    blob_set(b, "x-ms-has-legal-hold", "false");
    blob_set(b, "x-ms-blob-public-access", json_path_str(b->in, "access"));
    blob_reply(b, 200);
}

void blob_delete_container(struct blob_call *b)
{
    if (!blob_condition_holds(b, b->in))
        return;
    (void)storage_remove_container(b->sim, b->object, b->container);
    b->in = NULL;
    blob_reply(b, 202);
}

void blob_set_container_metadata(struct blob_call *b)
{
    if (!blob_condition_holds(b, b->in))
        return;
    json_put(b->in, "metadata", blob_give_metadata(b));
    blob_touch(b, b->in);
    blob_set_version(b, b->in);
    blob_reply(b, 200);
}

void blob_show_access(struct blob_call *b)
{
    struct buf xml = BUF_INIT(BUF_UNBOUNDED);
    blob_set_version(b, b->in);
    blob_set(b, "x-ms-blob-public-access", json_path_str(b->in, "access"));
    buf_adds(&xml, "<SignedIdentifiers />");
    blob_reply_xml(b, &xml);
}

void blob_set_access(struct blob_call *b)
{
    const char *access = blob_header(b, "x-ms-blob-public-access");
    if (!access_is_permitted(b, access))
        return;
    set_access(b->in, access);
    blob_touch(b, b->in);
    blob_set_version(b, b->in);
    blob_reply(b, 200);
}

void blob_show_service(struct blob_call *b)
{
    struct buf xml = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&xml, "<StorageServiceProperties><Cors /><DeleteRetentionPolicy><Enabled>false"
                   "</Enabled></DeleteRetentionPolicy></StorageServiceProperties>");
    blob_reply_xml(b, &xml);
}
