/* Passwords of a registry's tokens: two of them, so that one can be renewed while the other is in use. */
#include <string.h>

#include "hack/devcloud/azure/registry.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define PASSWORD_BYTES 39
#define RESULTS REGISTRY_NS "/locations/operationResults"

static const char *const names[] = { "password1", "password2" };

json *registry_give_passwords(const json *token)
{
    json *out = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const json *password = json_get(json_get(token, "inside"), names[i]);
        if (!password)
            continue;
        json *shown = json_make("{'name':%s,'creationTime':%s}", names[i],
                                json_path_str(password, "creationTime"));
        if (json_path_str(password, "expiry"))
            json_put(shown, "expiry", json_new_str(json_path_str(password, "expiry")));
        json_append(out, shown);
    }
    return out;
}

/* ---- making them ---- */

static json *give_password(struct sim_call *c)
{
    unsigned char bytes[PASSWORD_BYTES];
    char now[TIME_TEXT_MAX];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)rng_below(c->sim->cfg.rng, 256);
    cleanup_free char *value = base64_give(bytes, sizeof(bytes));
    time_rfc3339_micro(clock_wall_ns(c->sim->cfg.clock), now);
    json *password = json_make("{'value':%s,'creationTime':%s}", value, now);
    if (json_path_str(c->body, "expiry"))
        json_put(password, "expiry", json_new_str(json_path_str(c->body, "expiry")));
    return password;
}

/* Those that were made now, with their values, in the order of their names. */
static json *give_result(struct sim_call *c, json *token, const char *wanted)
{
    json *made = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (wanted && strcmp(wanted, names[i]) != 0)
            continue;
        json *password = give_password(c), *shown = json_give_copy(password);
        json_put(resource_inside(token), names[i], password);
        json_put(shown, "name", json_new_str(names[i]));
        json_append(made, shown);
    }
    return json_make("{'username':%s,'passwords':%j}", json_path_str(token, "name"), made);
}

static bool is_own(const json *registry, const char *token_id)
{
    cleanup_free char *folder = xasprintf("%s/tokens/*", json_path_str(registry, "id"));
    return token_id && str_matches_nocase(folder, token_id);
}

static void set_location(struct sim_call *c, const char *id)
{
    cleanup_free char *url =
        xasprintf("https://%s/subscriptions/%s/providers/" REGISTRY_NS
                  "/locations/%s/operationResults/%s?api-version=%s",
                  sim_host(c), json_path_str(c->sim->state, "subscription"),
                  json_path_str(c->sim->state, "location"), id, c->api_version);
    sim_set_header(c, "Location", url);
    operation_set_retry_after(c);
}

void registry_generate(struct sim_call *c, const json *registry)
{
    const char *id = json_path_str(c->body, "tokenId"), *name = json_path_str(c->body, "name");
    json *token = is_own(registry, id) ? resource_get(c->sim, id) : NULL;
    if (name && !str_eq(name, names[0]) && !str_eq(name, names[1])) {
        sim_reply_error(c, 400, "InvalidPasswordName", "The password's name '%s' is unknown.",
                        name);
    } else if (!token) {
        sim_reply_error(c, 404, "TokenNotFound", "The token '%s' was not found.", id ? id : "");
    } else if (json_path_int(c->sim->state, "operation_ms", 0) == 0) {
        cleanup_json json *result = give_result(c, token, name);
        sim_reply(c, 200, result);
    } else {
        cleanup_free char *key = str_give_lower(id);
        operation_begin(c, key, OPERATION_PUT);
        json_put(json_get(c->sim->operations, c->operation), "result", give_result(c, token, name));
        sim_set_header(c, "Azure-AsyncOperation", NULL);
        set_location(c, c->operation);
        sim_reply(c, 202, NULL);
    }
}

/* ---- where they wait to be fetched ---- */

bool registry_result_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!sim_is(c, "GET") || !arm_id_init(c->path, &at) || !arm_id_is_type(&at, RESULTS) ||
        !arm_id_name(&at))
        return false;
    const json *operation = json_get(c->sim->operations, arm_id_name(&at));
    const json *result = json_get(operation, "result");
    if (!result)
        return false; /* of another kind */
    if (str_eq(json_path_str(operation, "status"), "Succeeded")) {
        sim_reply(c, 200, result);
    } else if (str_eq(json_path_str(operation, "status"), "InProgress")) {
        set_location(c, arm_id_name(&at));
        sim_reply(c, 202, NULL);
    } else {
        return false;
    }
    return true;
}
