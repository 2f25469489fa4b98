#include "pkg/kube/leader_record.h"

#include <string.h>

#include "pkg/base/clock.h"

const char *lease_record_holder(const json *lease)
{
    const char *holder = json_path_str(lease, "spec.holderIdentity");
    return holder ? holder : "";
}

int64_t lease_record_duration_ms(const json *lease, int64_t dflt_ms)
{
    int64_t s = json_path_int(lease, "spec.leaseDurationSeconds", 0);
    return s > 0 && s <= INT32_MAX ? s * 1000 : dflt_ms;
}

char *lease_record_give_text(const json *lease)
{
    return json_give_sorted(json_path(lease, "spec"));
}

/* Others wait in whole seconds: never less than what was meant. */
static int64_t whole_seconds(int64_t ms)
{
    return ms / 1000 + (ms % 1000 != 0);
}

static void put_time(json *spec, const char *key, int64_t wall_ns)
{
    char text[TIME_TEXT_MAX];
    time_rfc3339_micro(wall_ns, text);
    json_put(spec, key, json_new_str(text));
}

/* Borrowed from lease, which is the caller's own. */
static json *need_spec(json *lease)
{
    if (!json_is_object(json_get(lease, "spec")))
        json_put(lease, "spec", json_new_object());
    return json_get(lease, "spec");
}

static json *give_new(const struct lease_claim *claim)
{
    return json_make("{'apiVersion':'coordination.k8s.io/v1','kind':'Lease',"
                     "'metadata':{'name':%s,'namespace':%s},'spec':{}}",
                     claim->name, claim->nspace);
}

json *lease_record_give_claimed(const json *lease, const struct lease_claim *claim)
{
    bool is_ours = strcmp(lease_record_holder(lease), claim->identity) == 0;
    json *claimed = lease ? json_give_copy(lease) : give_new(claim);
    json *spec = need_spec(claimed);
    int64_t transitions = json_path_int(lease, "spec.leaseTransitions", 0);
    if (lease && !is_ours)
        transitions++;
    json_put(spec, "holderIdentity", json_new_str(claim->identity));
    json_put(spec, "leaseDurationSeconds", json_new_int(whole_seconds(claim->duration_ms)));
    if (!is_ours || !json_path_str(lease, "spec.acquireTime"))
        put_time(spec, "acquireTime", claim->wall_ns);
    put_time(spec, "renewTime", claim->wall_ns);
    json_put(spec, "leaseTransitions", json_new_int(transitions));
    return claimed;
}

json *lease_record_give_released(const json *lease, int64_t wall_ns)
{
    json *released = json_give_copy(lease);
    json *spec = need_spec(released);
    json_put(spec, "holderIdentity", json_new_str(""));
    json_put(spec, "leaseDurationSeconds", json_new_int(1));
    put_time(spec, "acquireTime", wall_ns);
    put_time(spec, "renewTime", wall_ns);
    return released;
}
