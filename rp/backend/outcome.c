#include "rp/backend/outcome.h"

#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/database.h"
#include "pkg/database/store.h"
#include "pkg/net/http.h"

#define PROPERTIES "openShiftCluster.properties."
/* What Azure says of an identity that it does not know yet: nothing that a customer could mend. */
#define NOT_THE_CUSTOMERS "nullorinvalidguidexcludeprincipalid"
/* The document has to stay writable, whatever a step has to say. */
#define TEXT_MAX_BYTES 8192

bool state_is_terminal(const char *state)
{
    return str_eq(state, STATE_SUCCEEDED) || str_eq(state, STATE_FAILED);
}

/* ---- the error, as the customer sees it ---- */

/* Codes by which our own parts tell failures apart: connections, documents, sealed values. Their texts name hosts and
 * documents of ours. */
static const char *const own_codes[] = {
    HTTP_ERR_REFUSED, HTTP_ERR_RESET, HTTP_ERR_EOF,        HTTP_ERR_LOST,    HTTP_ERR_DNS,
    HTTP_ERR_TLS,     HTTP_ERR_PROXY, DATABASE_LOST_LEASE, DATABASE_CORRUPT, STORE_CODE_UNKNOWN,
};

static bool is_for_customer(const struct error *e)
{
    const char *code = error_get_code(e);
    cleanup_free char *lower = str_give_lower(error_text(e));
    for (size_t i = 0; i < ARRAY_LEN(own_codes); i++)
        if (str_eq(own_codes[i], code))
            return false;
    return code && !strstr(lower, NOT_THE_CUSTOMERS);
}

/* At a letter's beginning. */
static char *give_cut(const char *text)
{
    size_t len = strlen(text);
    if (len > TEXT_MAX_BYTES)
        for (len = TEXT_MAX_BYTES; len > 0 && ((unsigned char)text[len] & 0xc0U) == 0x80;)
            len--;
    return xstrndup(text, len);
}

/* Of the answer that the error came from; NULL: none. */
static json *give_details(const struct error *e)
{
    const char *body = error_get_body(e);
    cleanup_json json *tree = NULL;
    if (!body || strlen(body) > TEXT_MAX_BYTES || json_parse(body, strlen(body), &tree, NULL) < 0)
        return NULL;
    json *details = json_path(tree, "error.details");
    if (!details)
        details = json_path(tree, "details");
    return json_is_array(details) && json_len(details) ? json_give_copy(details) : NULL;
}

static json *give_error(const struct error *e)
{
    if (!is_for_customer(e))
        return json_make("{'code':'InternalServerError','message':'Internal server error.'}");
    cleanup_free char *message = give_cut(error_text(e));
    json *ret = json_make("{'code':%s,'message':%s}", error_get_code(e), message);
    if (error_get_target(e))
        json_put(ret, "target", json_new_str(error_get_target(e)));
    json *details = give_details(e);
    if (details)
        json_put(ret, "details", details);
    return ret;
}

static const char *result_type(const struct error *e)
{
    if (!e)
        return "Success";
    return is_for_customer(e) && error_get_status(e) < 500 ? "UserError" : "InternalServerError";
}

/* ---- states ---- */

static const char *property(const json *cluster, const char *name)
{
    cleanup_free char *path = xasprintf(PROPERTIES "%s", name);
    return json_path_str(cluster, path);
}

/* An admin update leaves the cluster as it found it. */
static void put_admin_states(json *ret, const json *cluster, const struct error *e)
{
    const char *last = property(cluster, "lastProvisioningState");
    const char *failed = property(cluster, "failedProvisioningState");
    if (state_is_terminal(last))
        json_put(ret, "provisioningState", json_new_str(last));
    if (!failed && e)
        failed = "AdminUpdating";
    if (failed)
        json_put(ret, "failedProvisioningState", json_new_str(failed));
    cleanup_free char *text = give_cut(e ? error_text(e) : "");
    json_put(ret, "adminUpdateError", json_new_str(text));
}

json *outcome_make(const json *cluster, const struct error *e, int64_t wall_ns)
{
    char end[TIME_TEXT_MAX];
    time_rfc3339(wall_ns, end);
    const char *state = property(cluster, "provisioningState");
    const char *status = e ? STATE_FAILED : STATE_SUCCEEDED;
    json *ret =
        json_make("{'status':%s,'endTime':%s,'resultType':%s}", status, end, result_type(e));
    if (e || !str_eq(state, "Deleting"))
        json_put(ret, "provisioningState", json_new_str(status));
    if (str_eq(state, "AdminUpdating"))
        put_admin_states(ret, cluster, e);
    else if (e)
        json_put(ret, "failedProvisioningState", json_new_str(state));
    if (!e)
        return ret;
    json_put(ret, "error", give_error(e));
    cleanup_free char *details = give_cut(error_text(e));
    json_put(ret, "errorDetails", json_new_str(details));
    return ret;
}

int outcome_put(json *cluster, void *arg, struct error **err)
{
    const json *outcome = arg;
    if (outcome_of(cluster))
        return 0;
    json_put(cluster, OUTCOME_MEMBER, json_give_copy(outcome));
    if (!str_eq(property(cluster, "provisioningState"), "AdminUpdating") ||
        !str_eq(json_path_str(outcome, "status"), STATE_SUCCEEDED))
        return 0;
    return json_set_str(cluster, PROPERTIES "maintenanceState", "None", err);
}

const json *outcome_of(const json *cluster)
{
    const json *outcome = json_get(cluster, OUTCOME_MEMBER);
    return json_is_object(outcome) ? outcome : NULL;
}
