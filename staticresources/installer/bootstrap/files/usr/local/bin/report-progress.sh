#!/bin/bash
# report-progress.sh KUBECONFIG - tells the installation's stages where others can see them: in the config map
# kube-system/bootstrap, whose status "complete" means that the bootstrap machine has done its work.
set -euo pipefail
export KUBECONFIG=$1

# wait_for WHAT COMMAND...: until the command succeeds.
wait_for() {
    local what=$1
    shift
    echo "Waiting for $what"
    until "$@"; do sleep 5; done
}

wait_for "the API server" oc get --raw /readyz --request-timeout=5s >/dev/null
wait_for "the temporary control plane to end" test -f /opt/openshift/.bootkube.done
wait_for "the report" oc create configmap bootstrap --namespace kube-system --from-literal=status=complete
