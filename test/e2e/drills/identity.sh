#!/usr/bin/env bash
# Who the operator is: tokens that rotate and are revoked, rights that suffice and are the least, kinds that vanish.
set -euo pipefail
# shellcheck source=test/e2e/drills/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

readonly MASTER=system:serviceaccount:$NS:aro-operator-master
readonly WORKER=system:serviceaccount:$NS:aro-operator-worker
readonly CLUSTER_CRD=clusters.aro.openshift.io

may() { kubectl auth can-i -q "$@"; }

nothing_was_denied() {
    local pod log
    for pod in $(pods aro-operator-master) $(pods aro-operator-worker); do
        log=$E2E_PODS/$pod/log
        if grep -i 'cannot .* resource\|is not allowed\|you can.t delete' "$log"; then
            return 1
        fi
    done
}

drill_rights() {
    check 'nothing that the operator needs was denied' nothing_was_denied
    check "the master may not read a customer's Secret" refuses may --as "$MASTER" get secrets -n default
    check 'nor any Secret of its own namespace but two' refuses may --as "$MASTER" get secrets/other -n "$NS"
    check 'nor write pods' refuses may --as "$MASTER" create pods -n kube-system
    check 'nor make itself an administrator' refuses may --as "$MASTER" create clusterrolebindings/x
    check 'nor act as somebody else' refuses may --as "$MASTER" impersonate users
    check 'the worker may write the status of the Cluster' may --as "$WORKER" update "$CLUSTER_CRD/cluster" --subresource=status
    check 'but not its spec' refuses may --as "$WORKER" update "$CLUSTER_CRD/cluster"
}

token_changed() { [[ $(sha256sum <"$E2E_PODS/$1/token") != "$2" ]]; }

drill_token() {
    local pod role before sum
    pod=$(pods aro-operator-master)
    before=$(restarts)
    sum=$(sha256sum <"$E2E_PODS/$pod/token")
    check 'the token file is replaced' within 60 token_changed "$pod" "$sum"
    # A new account of the same name: every older token is worthless.
    kubectl -n "$NS" get serviceaccount aro-operator-master -o json |
        jq 'del(.metadata.uid, .metadata.resourceVersion, .metadata.creationTimestamp, .metadata.managedFields, .secrets)' >"$scratch/account.json"
    kubectl -n "$NS" delete serviceaccount aro-operator-master >/dev/null
    kubectl create -f "$scratch/account.json" >/dev/null
    role=$(uid clusterrole system:aro-sre)
    kubectl delete clusterrole system:aro-sre >/dev/null
    check 'with its old token revoked the operator goes on with the new one' \
        within "$BOUND_S" recreated "$role" clusterrole system:aro-sre
    check 'without a restart' test "$(restarts)" -eq "$before"
    check 'the conditions are right with the new token' within "$BOUND_S" healthy
}

drill_crd() {
    local before
    before=$(restarts)
    kubectl get "$CLUSTER_CRD" cluster -o json |
        jq '{ apiVersion, kind, metadata: { name: .metadata.name }, spec }' >"$scratch/cluster.json"
    kubectl get customresourcedefinition "$CLUSTER_CRD" -o json |
        jq '{ apiVersion, kind, metadata: { name: .metadata.name }, spec }' >"$scratch/crd.json"
    kubectl -n "$NS" get secret cluster -o json |
        jq '{ apiVersion, kind, type, data, metadata: { name: .metadata.name, namespace: .metadata.namespace } }' >"$scratch/secret.json"
    kubectl delete customresourcedefinition "$CLUSTER_CRD" --timeout=60s >/dev/null
    check 'the kind is gone' absent customresourcedefinition "$CLUSTER_CRD"
    sleep 5
    kubectl create -f "$scratch/crd.json" >/dev/null
    within 30 kubectl create -f "$scratch/cluster.json" >/dev/null
    # The old Cluster owned it, and the resource provider alone can make it.
    check 'what the old Cluster owned goes with it' within "$BOUND_S" absent -n "$NS" secret cluster
    kubectl create -f "$scratch/secret.json" >/dev/null
    check 'a Cluster of the recreated kind gets its conditions' within "$BOUND_S" healthy
    check 'without a restart' test "$(restarts)" -eq "$before"
    check 'what the old Cluster owned is made anew' within 120 \
        kubectl -n openshift-azure-logging get daemonset otel-exporter-master
    check 'the conditions are right with the new Cluster' within "$BOUND_S" healthy
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
check 'the platform is well' within "$BOUND_S" healthy
drill_rights
drill_token
drill_crd
finish
