#!/usr/bin/env bash
# Runs one role of the operator from this build against the cluster of KUBECONFIG, in place of the deployed one, which is
# scaled down meanwhile. Ctrl-C ends it and scales back.
#
#   run-operator.sh master|worker [ARGUMENT OF aro operator]...
#
# Credentials of Azure come from AZURE_* where set, else from Secret kube-system/azure-credentials.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root namespace=openshift-azure-operator
BIN=${BIN:-$root/build/bin}

die() {
    printf 'run-operator: %s\n' "$*" >&2
    exit 1
}

role=${1:-}
[[ $role == master || $role == worker ]] || die "usage: run-operator.sh master|worker [ARGUMENT]..."
shift
readonly deployment=deployment/aro-operator-$role
[[ -n ${KUBECONFIG:-} ]] || die "KUBECONFIG must name the cluster"
command -v kubectl >/dev/null || die "kubectl is missing; install it: apt-get install kubernetes-client"
kubectl get customresourcedefinition clusters.aro.openshift.io >/dev/null ||
    die "the cluster has no clusters.aro.openshift.io; deploy the operator first: make deploy-operator"

replicas=$(kubectl -n "$namespace" get "$deployment" -o 'jsonpath={.spec.replicas}' 2>/dev/null || true)
operator=""
finish() {
    trap - EXIT
    # Whoever does not want to wait for the end of running reconciles asks once more; the deployment comes back in any case.
    trap 'kill "$operator" 2>/dev/null || true' INT TERM HUP
    kill "$operator" 2>/dev/null || true
    while kill -0 "$operator" 2>/dev/null; do
        wait "$operator" || true
    done
    trap '' INT TERM HUP
    if [[ -n $replicas ]]; then
        kubectl -n "$namespace" scale "$deployment" --replicas="$replicas" --request-timeout=30s
    fi
}
trap finish EXIT
trap 'exit 0' INT TERM HUP

if [[ -n $replicas ]]; then
    kubectl -n "$namespace" scale "$deployment" --replicas=0
fi
# The pod that is scaled down gives its lease back as it ends; look for that often.
export ARO_LEASE_RETRY_MS=${ARO_LEASE_RETRY_MS:-2000}
# On loopback: nobody else has to reach it, and simulated nodes of this machine use the ports at other addresses.
# In a session of its own, so that Ctrl-C reaches it once, from here: a second signal would end it before it gave its lease back.
setsid "$BIN/aro" operator --bind-address 127.0.0.1 "$@" "$role" &
operator=$!
wait "$operator"
