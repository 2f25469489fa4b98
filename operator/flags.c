#include "operator/flags.h"

#include <string.h>

#include "pkg/base/strv.h"

/*
 * Older forms of a flag: another key of the map, or a boolean of spec.features. A features boolean
 * that stands for several flags yields as soon as one of its flags is set explicitly.
 */
struct older_form {
    enum operator_flag flag;
    const char *key;     /* of spec.operatorflags; NULL: none */
    const char *feature; /* of spec.features; NULL: none */
    enum operator_flag yields_to;
};
static const struct older_form older_forms[] = {
    { FLAG_AZURESUBNETS_NSG_MANAGED, "aro.azuresubnets.nsg.enabled", NULL, FLAG_NONE },
    { FLAG_AZURESUBNETS_ENDPOINT_MANAGED, "aro.azuresubnets.serviceendpoint.enabled", NULL,
      FLAG_NONE },
    { FLAG_AZURESUBNETS_ENABLED, NULL, "reconcileNSGs", FLAG_AZURESUBNETS_NSG_MANAGED },
    { FLAG_AZURESUBNETS_NSG_MANAGED, NULL, "reconcileNSGs", FLAG_AZURESUBNETS_ENABLED },
    { FLAG_AZURESUBNETS_ENABLED, NULL, "reconcileSubnets", FLAG_AZURESUBNETS_NSG_MANAGED },
    { FLAG_AZURESUBNETS_NSG_MANAGED, NULL, "reconcileSubnets", FLAG_AZURESUBNETS_ENABLED },
    { FLAG_ALERTWEBHOOK_ENABLED, NULL, "reconcileAlertWebhook", FLAG_NONE },
    { FLAG_DNSMASQ_ENABLED, NULL, "reconcileDNSMasq", FLAG_NONE },
    { FLAG_GENEVALOGGING_ENABLED, NULL, "reconcileGenevaLogging", FLAG_NONE },
    { FLAG_MACHINESET_ENABLED, NULL, "reconcileMachineSet", FLAG_NONE },
    { FLAG_PULLSECRET_ENABLED, NULL, "reconcilePullSecret", FLAG_NONE },
    { FLAG_BANNER_ENABLED, NULL, "reconcileBanner", FLAG_NONE },
};

static json *flag_map(const json *cluster)
{
    return json_path(cluster, "spec.operatorflags");
}

static bool has_key(const json *cluster, enum operator_flag flag)
{
    return flag < FLAG_COUNT && json_has(flag_map(cluster), flag_info(flag)->key);
}

static bool text_is_true(const char *text)
{
    return str_eq_nocase(text, "true");
}

/* 1 on, 0 off, -1 no older form says anything. */
static int older_form_says(const json *cluster, enum operator_flag flag)
{
    for (size_t i = 0; i < ARRAY_LEN(older_forms); i++) {
        const struct older_form *form = &older_forms[i];
        if (form->flag != flag)
            continue;
        if (form->key && json_has(flag_map(cluster), form->key))
            return text_is_true(json_str(json_get(flag_map(cluster), form->key)));
        json *features = json_path(cluster, "spec.features");
        if (form->feature && json_has(features, form->feature) &&
            !has_key(cluster, form->yields_to))
            return json_bool(json_get(features, form->feature), false);
    }
    return -1;
}

bool flag_is_on(const json *cluster, enum operator_flag flag)
{
    if (flag == FLAG_NONE)
        return true;
    if (has_key(cluster, flag))
        return text_is_true(json_str(json_get(flag_map(cluster), flag_info(flag)->key)));
    return older_form_says(cluster, flag) == 1;
}

bool flag_is_set(const json *cluster, enum operator_flag flag)
{
    return has_key(cluster, flag) || (flag < FLAG_COUNT && older_form_says(cluster, flag) >= 0);
}

const char *flag_text(const json *cluster, enum operator_flag flag, const char *dflt)
{
    const char *text =
        flag < FLAG_COUNT ? json_str(json_get(flag_map(cluster), flag_info(flag)->key)) : NULL;
    return text ? text : dflt;
}

const char *flag_text_or(const json *cluster, enum operator_flag flag, const char *dflt)
{
    const char *text = flag_text(cluster, flag, dflt);
    return text && *text ? text : dflt;
}
