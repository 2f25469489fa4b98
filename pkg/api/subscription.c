#include "pkg/api/api.h"
#include "pkg/api/refuse.h"
#include "pkg/base/strv.h"

int api_subscription_validate(const json *subscription, const json *current, struct error **err)
{
    static const char *const states[] = { "Registered", "Unregistered", "Warned", "Suspended",
                                          "Deleted" };
    const char *state = json_path_str(subscription, "state");
    const char *old = json_path_str(current, "state");
    bool known = false;
    for (size_t i = 0; i < ARRAY_LEN(states); i++)
        known |= str_eq(states[i], state);
    if (!known)
        return api_refuse_value(err, "state", "The provided state '%s' is invalid.",
                                state ? state : "");
    if (str_eq(old, "Deleted") && !str_eq(state, "Deleted"))
        return api_refuse(err, "InvalidSubscriptionState", NULL,
                          "Request is not allowed in subscription in state '%s'.", old);
    return 0;
}

void api_subscription_blank_owner(json *subscription)
{
    json *owner = json_path(subscription, "properties.accountOwner");
    if (json_is_object(owner) && json_has(owner, "email"))
        json_put(owner, "email", json_new_str(""));
}
