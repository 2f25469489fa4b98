#!/bin/bash
# with-logging.sh - the resource provider, which has somewhere to ship its clusters' logs to. Started by devcloud in its stead, from a
# folder that holds it as "aro-rp".
export CLUSTER_MDSD_ACCOUNT=AROClusterLogsINT CLUSTER_MDSD_CONFIG_VERSION=1.0 CLUSTER_MDSD_NAMESPACE=AROClusterLogsINT MDSD_ENVIRONMENT=Test
exec "$(dirname "$0")/aro-rp" "$@"
