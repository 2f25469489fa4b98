#!/bin/bash
# bootkube.sh - renders the manifests of the control plane with the images of the release, runs a temporary control plane
# from them and feeds it with all manifests until the masters have their own. Each stage leaves a mark: it is not repeated.
set -euo pipefail
# shellcheck source=/dev/null
. /usr/local/bin/release-image.sh

cd /opt/openshift
mkdir -p /etc/kubernetes/manifests /etc/kubernetes/static-pod-resources bootstrap-manifests

# stage NAME COMMAND...: once.
stage() {
    local name=$1
    shift
    [ ! -f ".$name.done" ] || return 0
    echo "Rendering $name"
    "$@"
    touch ".$name.done"
}

# render COMPONENT ARGUMENT...: runs the component's own renderer on this folder.
render() {
    local component=$1
    shift
    podman run --quiet --rm --net=host --volume "$PWD:/assets:z" "$(image_for "$component")" "$@"
}

take_bootstrap_manifests() {
    cp -r "$1"/bootstrap-manifests/. bootstrap-manifests/
    cp -r "$1"/manifests/. manifests/
}

render_version_operator() {
    podman run --quiet --rm --volume "$PWD:/assets:z" "${RELEASE_IMAGE:?}" render \
        --output-dir=/assets/cvo-bootstrap --release-image="$RELEASE_IMAGE"
    take_bootstrap_manifests cvo-bootstrap
}

render_config_operator() {
    render cluster-config-operator render --config-output-file=/assets/config-bootstrap/config \
        --asset-input-dir=/assets/tls --asset-output-dir=/assets/config-bootstrap
    take_bootstrap_manifests config-bootstrap
}

# render_operator NAME: one of those that make static pods.
render_operator() {
    render "cluster-$1-operator" render --asset-input-dir=/assets/tls \
        --asset-output-dir="/assets/$1-bootstrap" --config-output-file="/assets/$1-bootstrap/config" \
        --cluster-config-file=/assets/manifests/cluster-network-02-config.yml
    take_bootstrap_manifests "$1-bootstrap"
}

render_machine_config() {
    render machine-config-operator bootstrap --root-ca=/assets/tls/root-ca.crt \
        --kube-ca=/assets/tls/kube-apiserver-complete-client-ca-bundle.crt --config-file=/assets/manifests/cluster-config.yaml \
        --pull-secret=/assets/manifests/openshift-config-secret-pull-secret.yaml --dest-dir=/assets/mco-bootstrap
    cp -r mco-bootstrap/manifests/. manifests/
    mkdir -p /etc/mcs/bootstrap
    cp -r mco-bootstrap/bootstrap/. /etc/mcs/bootstrap/
    cp mco-bootstrap/bootstrap/machineconfigoperator-bootstrap-pod.yaml /etc/kubernetes/manifests/
    mkdir -p /etc/ssl/mcs
    cp tls/machine-config-server.crt /etc/ssl/mcs/tls.crt
    cp tls/machine-config-server.key /etc/ssl/mcs/tls.key
}

# Where etcd has no operator, the masters find one another by SRV records, and somebody signs their certificates.
sign_etcd_certificates() {
    [ "${ETCD_DISCOVERY:?}" = srv ] || return 0
    podman run --quiet --detach --name etcd-signer --volume "$PWD/tls:/tls:ro,z" --network host \
        "$(image_for kube-etcd-signer-server)" serve --cacrt=/tls/etcd-signer.crt --cakey=/tls/etcd-signer.key \
        --servcrt=/tls/kube-apiserver-lb-server.crt --servkey=/tls/kube-apiserver-lb-server.key \
        --address=0.0.0.0:6443 --csrdir=/tmp --peercertdur=26280h --servercertdur=26280h
    local member
    for ((member = 0; member < ${MASTERS:?}; member++)); do
        until etcdctl --cacert=tls/etcd-ca-bundle.crt --cert=tls/etcd-client.crt --key=tls/etcd-client.key \
            --endpoints="https://etcd-$member.${CLUSTER_DOMAIN:?}:2379" endpoint health; do
            sleep 5
        done
    done
    podman rm --force etcd-signer
}

stage cvo render_version_operator
stage config render_config_operator
stage etcd render_operator etcd
stage kube-apiserver render_operator kube-apiserver
stage kube-controller-manager render_operator kube-controller-manager
stage kube-scheduler render_operator kube-scheduler
stage mco render_machine_config
stage etcd-certificates sign_etcd_certificates

echo "Starting the temporary control plane"
podman run --quiet --rm --net=host --name cluster-bootstrap --volume "$PWD:/assets:z" \
    --volume /etc/kubernetes:/etc/kubernetes:z "$(image_for cluster-bootstrap)" start --tear-down-early=false \
    --asset-dir=/assets --required-pods="openshift-kube-apiserver/kube-apiserver,\
openshift-kube-scheduler/openshift-kube-scheduler,openshift-kube-controller-manager/kube-controller-manager,\
openshift-cluster-version/cluster-version-operator"
touch .bootkube.done
