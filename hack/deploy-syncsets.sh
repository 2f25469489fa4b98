#!/bin/bash
# deploy-syncsets.sh [print [kubernetes|openshift]] - SyncSets into the cluster of KUBECONFIG, namespace syncsets, on OpenShift and
# plain Kubernetes; print shows what would be applied, without secrets.
#
#   IMG  the image; push it with `make docker-push-syncsets`
#
# Passwords, keys, a certificate for the Service and an administrator's token are made once, as Secrets, and never replaced; the
# token is printed when it is made. rp/syncsets/manifests/README.md says how to go on with a database or a broker of one's own.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
manifests=$here/rp/syncsets/manifests
namespace=syncsets
image=${IMG:-}

die() {
    echo "deploy-syncsets.sh: $*" >&2
    exit 2
}

is_openshift() {
    [[ $(kubectl api-versions) == *route.openshift.io/* ]]
}

# render KIND PART...: OpenShift gives each namespace users of its own, and refuses others.
render() {
    local part user='{}'
    [ "$1" = openshift ] || user='{runAsUser: 999, runAsGroup: 999, fsGroup: 999}'
    for part in "${@:2}"; do
        echo "---"
        sed -e "s|SYNCSETS_IMAGE|$image|" -e "s|securityContext: {} # .*|securityContext: $user|" "$manifests/$part.yaml"
    done
}

has_secret() {
    kubectl -n "$namespace" get secret "$1" -o name >/dev/null 2>&1
}

random() {
    openssl rand -hex "$1"
}

# Secrets reach kubectl in files that only we can read, not on a command line.
make_secret() {
    local name=$1
    shift
    kubectl -n "$namespace" create secret generic "$name" "$@"
}

make_settings() {
    local folder=$1 database broker
    database=$(random 24)
    broker=$(random 24)
    printf %s "$database" >"$folder/postgresql-password"
    printf %s "$broker" >"$folder/rabbitmq-password"
    printf 'user=syncsets password=%s dbname=syncsets host=postgresql sslmode=disable' "$database" >"$folder/postgres-params"
    printf 'amqp://syncsets:%s@rabbitmq-server:5672/' "$broker" >"$folder/amqp-url"
    printf 'first:%s' "$(openssl rand -base64 32)" >"$folder/encryption-keys"
    make_secret syncsets --from-file="$folder"
}

make_tls() {
    local folder=$1 host=syncsets-api.$namespace.svc
    openssl req -x509 -newkey rsa:2048 -nodes -days 825 -subj "/CN=$host" -addext "subjectAltName=DNS:$host,DNS:syncsets-api" \
        -keyout "$folder/tls.key" -out "$folder/tls.crt" 2>/dev/null
    make_secret syncsets-tls --from-file="$folder"
}

make_access() {
    local folder=$1 token
    token=$(random 32)
    cat >"$folder/access.json" <<JSON
{
  "identities": [{ "name": "admin", "tokenSHA256": "$(printf %s "$token" | sha256sum | cut -d' ' -f1)" }],
  "bindings": [{ "identity": "admin", "namespace": "*", "role": "admin" }]
}
JSON
    make_secret syncsets-access --from-file="$folder"
    echo "the administrator's token: $token"
}

# has_password NAME: the part of that name is ours to run.
has_password() {
    [ -n "$(kubectl -n "$namespace" get secret syncsets -o jsonpath="{.data.$1-password}")" ]
}

deploy() {
    local kind=kubernetes parts=(api controllers) work secret name
    ! is_openshift || kind=openshift
    [ "$kind" = kubernetes ] || parts+=(route)
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$work'" EXIT
    kubectl apply -f "$manifests/namespace.yaml"
    for secret in settings tls access; do
        name=syncsets
        [ "$secret" = settings ] || name=syncsets-$secret
        mkdir "$work/$secret"
        has_secret "$name" || "make_$secret" "$work/$secret"
    done
    ! has_password rabbitmq || parts=(rabbitmq "${parts[@]}")
    ! has_password postgresql || parts=(postgresql "${parts[@]}")
    render "$kind" "${parts[@]}" | kubectl apply -f -
}

[ -n "$image" ] || die "IMG is not set: the image of SyncSets, such as registry.example.com/syncsets:1"
[[ $image != *[[:space:]\|\&]* ]] || die "IMG: '$image' is no name of an image"
case ${1:-apply}:${2:-kubernetes} in
print:kubernetes) render kubernetes namespace postgresql rabbitmq api controllers ;;
print:openshift) render openshift namespace postgresql rabbitmq api controllers route ;;
apply:kubernetes) deploy ;;
*) die "usage: deploy-syncsets.sh [print [kubernetes|openshift]]" ;;
esac
