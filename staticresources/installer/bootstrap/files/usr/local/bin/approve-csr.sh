#!/bin/bash
# approve-csr.sh KUBECONFIG - approves the certificate requests of nodes while the cluster has nobody else to do it.
set -euo pipefail
export KUBECONFIG=$1

until [ -f /opt/openshift/.bootkube.done ]; do
    oc get csr --no-headers 2>/dev/null | awk '/Pending/ { print $1 }' |
        xargs --no-run-if-empty oc adm certificate approve || true
    sleep 20
done
