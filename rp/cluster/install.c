/* The steps that make a cluster: until its control plane runs by itself, and afterwards. By layout. */
#include "rp/cluster/billing.h"
#include "rp/cluster/tables.h"

static const struct cluster_step bootstrap_v1[] = {
    STEP_ACT("ensureBillingRecord", cluster_ensure_billing_record),
};

static const struct cluster_step bootstrap_v2[] = {
    STEP_ACT("ensureBillingRecord", cluster_ensure_billing_record),
};

#define TABLE(rows) \
    { \
        rows, ARRAY_LEN(rows) \
    }
const struct cluster_table install_tables[][INSTALL_PHASES] = {
    [LAYOUT_V1] = { [PHASE_BOOTSTRAP] = TABLE(bootstrap_v1), [PHASE_REMOVE_BOOTSTRAP] = { 0 } },
    [LAYOUT_V2] = { [PHASE_BOOTSTRAP] = TABLE(bootstrap_v2), [PHASE_REMOVE_BOOTSTRAP] = { 0 } },
};
