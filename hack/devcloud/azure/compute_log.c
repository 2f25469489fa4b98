/* Serial consoles: their text behind a link that needs no token, as that of a blob with a signature. */
#include <string.h>

#include "hack/devcloud/azure/compute.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define PREFIX "/bootdiagnostics/"

json *compute_give_log_links(struct sim_call *c, json *machine)
{
    char id[UUID_LEN + 1];
    json *inside = resource_inside(machine);
    rng_uuid(c->sim->cfg.rng, id);
    if (!json_path_str(inside, "signature"))
        json_put(inside, "signature", json_new_str(id));
    const char *vm = json_path_str(machine, "properties.vmId");
    const char *signature = json_path_str(inside, "signature");
    cleanup_free char *log =
        xasprintf("https://%s" PREFIX "%s/serialconsole.log?sig=%s", sim_host(c), vm, signature);
    cleanup_free char *picture =
        xasprintf("https://%s" PREFIX "%s/screenshot.bmp?sig=%s", sim_host(c), vm, signature);
    return json_make("{'consoleScreenshotBlobUri':%s,'serialConsoleLogBlobUri':%s}", picture, log);
}

static const json *find_machine(struct azure_sim *sim, const char *vm_id)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (resource_is_type(it.value, MACHINE_TYPE) &&
            str_eq_nocase(json_path_str(it.value, "properties.vmId"), vm_id))
            return it.value;
    return NULL;
}

bool compute_log_serve(struct sim_call *c)
{
    cleanup_strv struct strv s = STRV_INIT;
    if (!str_starts(c->path, PREFIX))
        return false;
    strv_split(&s, c->path, "/", false);
    cleanup_free char *signature = query_give(sim_query(c), "sig");
    const json *machine = s.len == 3 ? find_machine(c->sim, s.v[1]) : NULL;
    const char *text = json_path_str(machine, "inside.serial");
    if (!machine || !signature || !str_eq(signature, json_path_str(machine, "inside.signature")))
        http_call_reply(c->http, 403, "application/xml",
                        "<Error><Code>AuthenticationFailed</Code><Message>Server failed to "
                        "authenticate the request.</Message></Error>");
    else if (!sim_is(c, "GET") || strcmp(s.v[2], "serialconsole.log") != 0)
        http_call_reply(c->http, 404, "application/xml",
                        "<Error><Code>BlobNotFound</Code><Message>The specified blob does not "
                        "exist.</Message></Error>");
    else
        http_call_reply(c->http, 200, "application/octet-stream", text ? text : "");
    return true;
}
