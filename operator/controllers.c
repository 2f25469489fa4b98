#include "operator/controllers.h"

#include "operator/controllers/alertwebhook.h"
#include "operator/controllers/banner.h"
#include "operator/controllers/clusterdnschecker.h"
#include "operator/controllers/clusteroperatoraro.h"
#include "operator/controllers/dnsmasq_cluster.h"
#include "operator/controllers/dnsmasq_machineconfig.h"
#include "operator/controllers/dnsmasq_machineconfigpool.h"
#include "operator/controllers/etchosts_cluster.h"
#include "operator/controllers/etchosts_machineconfig.h"
#include "operator/controllers/genevalogging.h"
#include "operator/controllers/ingresscertificatechecker.h"
#include "operator/controllers/internetchecker.h"
#include "operator/controllers/machine.h"
#include "operator/controllers/machinehealthcheck.h"
#include "operator/controllers/machineset.h"
#include "operator/controllers/pullsecret.h"
#include "operator/controllers/rbac.h"
#include "operator/controllers/serviceprincipalchecker.h"
#include "operator/controllers/subnets.h"

const struct controller_desc *const operator_controllers[] = {
    &internetchecker_controller,
    &serviceprincipalchecker_controller,
    &clusterdnschecker_controller,
    &ingresscertificatechecker_controller,
    &clusteroperatoraro_controller,
    &genevalogging_controller,
    &subnets_controller,
    &alertwebhook_controller,
    &pullsecret_controller,
    &rbac_controller,
    &machine_controller,
    &machineset_controller,
    &machinehealthcheck_controller,
    &banner_controller,
    &dnsmasq_cluster_controller,
    &dnsmasq_machineconfig_controller,
    &dnsmasq_machineconfigpool_controller,
    &etchosts_cluster_controller,
    &etchosts_machineconfig_controller,
};
const size_t operator_controllers_len = ARRAY_LEN(operator_controllers);
