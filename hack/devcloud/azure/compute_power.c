/* Power of machines, and what their instance view says. */
#include <string.h>

#include "hack/devcloud/azure/compute.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

static const struct {
    const char *action, *power, *during; /* what it leads to, and what is said on the way */
} actions[] = {
    { "start", "running", "starting" },
    { "restart", "running", "starting" },
    { "redeploy", "running", "starting" },
    { "powerOff", "stopped", "stopping" },
    { "deallocate", "deallocated", "deallocating" },
};

/* ---- the view ---- */

/* Before it is allocated a machine has no power at all. */
static const char *power_of(const json *machine)
{
    const char *power = json_path_str(machine, "inside.power");
    const char *wanted = json_path_str(machine, "inside.wanted");
    for (size_t i = 0; wanted && !str_eq(power, wanted) && i < ARRAY_LEN(actions); i++)
        if (str_eq(actions[i].power, wanted))
            return actions[i].during;
    return power;
}

static const char *shown_state(const json *machine)
{
    static const struct {
        const char *state, *shown;
    } rows[] = { { "Succeeded", "succeeded" },
                 { "Failed", "failed" },
                 { "Deleting", "deleting" },
                 { "Creating", "creating" } };
    const char *state = json_path_str(machine, "properties.provisioningState");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(rows[i].state, state))
            return rows[i].shown;
    return "updating";
}

json *compute_give_instance_view(struct sim_call *c, json *machine)
{
    const char *power = power_of(machine), *state = shown_state(machine);
    char now[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(c->sim->cfg.clock), now);
    cleanup_free char *code = xasprintf("ProvisioningState/%s", state);
    cleanup_free char *text = xasprintf("Provisioning %s", state);
    json *view =
        json_make("{'computerName':%s,'statuses':[{'code':%s,'level':'Info',"
                  "'displayStatus':%s,'time':%s}]}",
                  json_path_str(machine, "properties.osProfile.computerName"), code, text, now);
    if (power) {
        cleanup_free char *power_code = xasprintf("PowerState/%s", power);
        cleanup_free char *power_text = xasprintf("VM %s", power);
        json_append(
            json_get(view, "statuses"),
            json_make("{'code':%s,'level':'Info','displayStatus':%s}", power_code, power_text));
    }
    if (json_path_bool(machine, "properties.diagnosticsProfile.bootDiagnostics.enabled", false))
        json_put(view, "bootDiagnostics", compute_give_log_links(c, machine));
    return view;
}

void compute_machine_show(struct sim_call *c, const char *key, const json *object, json *view)
{
    cleanup_free char *expand = query_give(sim_query(c), "$expand");
    json *stored = json_get(resource_table(c->sim), key);
    (void)object;
    if (str_eq_nocase(expand, "instanceView") && stored)
        (void)json_path_put(view, "properties.instanceView", compute_give_instance_view(c, stored),
                            NULL);
}

/* ---- actions ---- */

static bool is_gone(struct sim_call *c, const json *machine)
{
    if (!str_eq(json_path_str(machine, "properties.provisioningState"), "Deleting"))
        return false;
    sim_reply_error(c, 409, "OperationNotAllowed",
                    "Operation is not allowed on VM '%s' since the VM is marked for deletion.",
                    json_path_str(machine, "name"));
    return true;
}

static void change_power(struct sim_call *c, const struct resource_at *at, const char *power)
{
    if (is_gone(c, at->old))
        return;
    json_put(resource_inside(at->old), "wanted", json_new_str(power));
    (void)json_set_str(at->old, "properties.provisioningState", "Updating", NULL);
    operation_begin(c, at->id->key, OPERATION_ACTION);
    sim_reply(c, 202, NULL);
}

bool compute_machine_act(struct sim_call *c, const struct resource_at *at, const char *action)
{
    if (str_eq_nocase(action, "instanceView") && sim_is(c, "GET")) {
        cleanup_json json *view = compute_give_instance_view(c, at->old);
        sim_reply(c, 200, view);
        return true;
    }
    if (str_eq_nocase(action, "retrieveBootDiagnosticsData") && sim_is(c, "POST")) {
        cleanup_json json *links = compute_give_log_links(c, at->old);
        sim_reply(c, 200, links);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (str_eq_nocase(actions[i].action, action)) {
            if (sim_is(c, "POST"))
                change_power(c, at, actions[i].power);
            else
                arm_refuse_method(c);
            return true;
        }
    return false;
}
