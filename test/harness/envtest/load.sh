#!/usr/bin/env bash
# Loads OpenShift's kinds (crds/) and the state of a small installed cluster (cluster-objects/) into
# the cluster that KUBECONFIG names. Loading again resets what differs, status included.
#
#   load.sh [crds] [objects]      default: both
#
# Status goes through the status subresource, where the server keeps it; kubectl apply alone would
# lose it. Needs kubectl, jq and curl.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
tmp="" proxy=""

die() {
    printf 'envtest: error: %s\n' "$*" >&2
    exit 1
}

cleanup() {
    if [[ -n $proxy ]]; then
        kill "$proxy" 2>/dev/null || true
        wait "$proxy" 2>/dev/null || true
    fi
    if [[ -n $tmp ]]; then
        rm -rf "$tmp"
    fi
}

load_crds() {
    kubectl apply --server-side --force-conflicts -f "$here/crds" >/dev/null
    # One request for all; kubectl wait makes two for each and throttles itself.
    local deadline=$((SECONDS + 60))
    until established; do
        ((SECONDS < deadline)) || die "the kinds are not established after 60 s"
        sleep 0.2
    done
}

established() {
    kubectl get customresourcedefinitions -o json |
        jq -e '[.items[].status.conditions // [] | any(.type == "Established" and .status == "True")] | all' >/dev/null
}

# get PATH...: each, one after the other, through the proxy.
get() {
    curl -fsS --noproxy '*' --unix-socket "$tmp/proxy.sock" "${@/#/http://localhost}"
}

# Prints "PREFIX KIND PLURAL NAMESPACED" for each resource that has a status subresource.
status_resources() {
    local paths
    mapfile -t paths < <(get /apis | jq -r '.groups[].versions[] | "/apis/" + .groupVersion')
    get /api/v1 "${paths[@]}" |
        jq -r '(if .groupVersion | contains("/") then "/apis/" else "/api/" end + .groupVersion) as $prefix
            | .resources[] | select(.name | endswith("/status"))
            | $prefix + " " + .kind + " " + (.name | rtrimstr("/status")) + " " + (.namespaced | tostring)'
}

# Turns objects with a status, and the list of resources, into curl's configuration: one PATCH each.
patch_config='
    ($resources | split("\n") | map(select(length > 0) | split(" ")
        | { key: (.[0] + " " + .[1]), value: { prefix: .[0], plural: .[2], namespaced: (.[3] == "true") } })
        | from_entries) as $table
    | .items[] | select(.status)
    | $table[(if .apiVersion | contains("/") then "/apis/" else "/api/" end) + .apiVersion + " " + .kind] as $r
    | select($r)
    | "url = " + ("http://localhost" + $r.prefix
        + (if $r.namespaced then "/namespaces/" + .metadata.namespace else "" end)
        + "/" + $r.plural + "/" + .metadata.name + "/status" | @json),
      "data = " + ({ status } | tojson | @json),
      "request = PATCH", "header = \"Content-Type: application/merge-patch+json\"",
      "output = /dev/null", "fail", "silent", "show-error", "unix-socket = " + ($socket | @json), "next"'

load_objects() {
    # Without the client's validation: it refuses every null, and real objects hold some.
    kubectl apply --server-side --force-conflicts --validate=false -f "$here/cluster-objects" >/dev/null
    kubectl create --dry-run=client --validate=false -o json -f "$here/cluster-objects" |
        jq -s '{ items: map(if .kind == "List" then .items[] else . end) }' >"$tmp/objects.json"
    kubectl proxy --unix-socket="$tmp/proxy.sock" >"$tmp/proxy.log" 2>&1 &
    proxy=$!
    local left=100
    until [[ -S $tmp/proxy.sock ]]; do
        if ((left-- == 0)) || ! kill -0 "$proxy" 2>/dev/null; then
            die "kubectl proxy does not start: $(<"$tmp/proxy.log")"
        fi
        sleep 0.1
    done
    status_resources >"$tmp/resources"
    jq -r --rawfile resources "$tmp/resources" --arg socket "$tmp/proxy.sock" "$patch_config" \
        "$tmp/objects.json" | sed '$d' >"$tmp/patches"
    curl --noproxy '*' --fail-early -K "$tmp/patches" || die "cannot write the status of the cluster objects"
}

main() {
    local what name
    [[ -n ${KUBECONFIG:-} ]] || die "KUBECONFIG must name the cluster"
    for name in kubectl jq curl; do
        command -v "$name" >/dev/null || die "the command $name is missing"
    done
    tmp=$(mktemp -d)
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    (($#)) || set -- crds objects
    for what in "$@"; do
        case $what in
            crds | objects) "load_$what" ;;
            *) die "unknown argument '$what' (known: crds, objects)" ;;
        esac
    done
}

main "$@"
