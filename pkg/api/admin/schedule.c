#include "pkg/api/admin/admin.h"
#include "pkg/api/admin/calendar.h"
#include "pkg/api/admin/duration.h"
#include "pkg/api/refuse.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define LOOK_FORWARD_MAX 1000

static int check_needed(const json *ext, struct error **err)
{
    static const char *const needed[] = { "maintenanceTaskID", "schedule", "scheduleAcross" };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!json_str_len(json_get(ext, needed[i])))
            return api_refuse_value(err, needed[i], "Must be provided");
    return 0;
}

/* Any other one would make a schedule that never runs, and nobody would learn of it. */
static int check_state(const json *ext, struct error **err)
{
    const char *state = json_path_str(ext, "state");
    if (str_eq(state, "Enabled") || str_eq(state, "Disabled"))
        return 0;
    return api_refuse_value(err, "state", "Must be one of ['Enabled', 'Disabled']");
}

static int check_time(const json *ext, struct error **err)
{
    cleanup_error struct error *why = NULL;
    int64_t across, count = json_path_int(ext, "lookForwardCount", 0);
    if (count < 0 || count > LOOK_FORWARD_MAX)
        return api_refuse_value(err, "lookForwardCount", "Must be between 0 and %d",
                                LOOK_FORWARD_MAX);
    if (calendar_check(json_path_str(ext, "schedule"), &why) < 0)
        return api_refuse_value(err, "schedule", "%s", error_text(why));
    if (!duration_parse(json_path_str(ext, "scheduleAcross"), &across))
        return api_refuse_value(err, "scheduleAcross", "Must be a duration as '1h30m': '%s'",
                                json_path_str(ext, "scheduleAcross"));
    return 0;
}

/* ---- selectors ---- */

static const struct operator_rule {
    const char *name;
    bool takes_list;
} operators[] = { { "eq", false }, { "in", true }, { "notin", true } };

static const struct operator_rule *find_operator(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(operators); i++)
        if (str_eq(operators[i].name, name))
            return &operators[i];
    return NULL;
}

static int refuse_selector(struct error **err, size_t i, const char *member, const char *why,
                           const char *operator)
{
    cleanup_free char *target = xasprintf("selectors[%zu].%s", i, member);
    return api_refuse_value(err, target, "%s '%s'", why, operator);
}

static int check_selector(const json *selector, size_t i, struct error **err)
{
    static const char *const members[] = { "value", "values" };
    const char *name = json_path_str(selector, "operator");
    const struct operator_rule *rule = find_operator(name);
    if (!json_str_len(json_get(selector, "key"))) {
        cleanup_free char *target = xasprintf("selectors[%zu].key", i);
        return api_refuse_value(err, target, "Must be provided");
    }
    if (!rule) {
        cleanup_free char *target = xasprintf("selectors[%zu].operator", i);
        return api_refuse_value(err, target, "Must be one of ['eq', 'in', 'notin']");
    }
    const char *wanted = members[rule->takes_list], *other = members[!rule->takes_list];
    if (json_is_zero(json_get(selector, wanted)))
        return refuse_selector(err, i, wanted, "Must be provided for operator type", name);
    if (!json_is_zero(json_get(selector, other)))
        return refuse_selector(err, i, other, "Must not be provided for operator type", name);
    return 0;
}

static int check_selectors(const json *ext, struct error **err)
{
    const json *selectors = json_get(ext, "selectors");
    if (!json_len(selectors))
        return api_refuse_value(err, "selectors", "Must be provided");
    for (size_t i = 0; i < json_len(selectors); i++)
        if (check_selector(json_at(selectors, i), i, err) < 0)
            return -1;
    return 0;
}

int schedule_validate(const json *ext, const json *current, struct error **err)
{
    static const char task[] = "maintenanceTaskID";
    if (check_needed(ext, err) < 0 || check_state(ext, err) < 0 || check_time(ext, err) < 0 ||
        check_selectors(ext, err) < 0)
        return -1;
    if (current && !str_eq(json_path_str(ext, task), json_path_str(current, task)))
        return api_refuse(err, CODE_PROPERTY_CHANGE, task, "Changing property '%s' is not allowed.",
                          task);
    return 0;
}
