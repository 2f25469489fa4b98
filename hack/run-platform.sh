#!/usr/bin/env bash
# Starts a cluster to try the operator on, prints what to do with it, and stops it at Ctrl-C: a control plane (the real one,
# or the virtual one of the development cloud), simulated Azure, simulated nodes, and the operator deployed from this build.
#
#   run-platform.sh [--platform envtest|devcloud] [DIR]      DIR: where its files go (default build/platform)
#
# BIN names the folder of this build's executables (default build/bin).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
platform=envtest
dir=$root/build/platform

die() {
    printf 'run-platform: error: %s\n' "$*" >&2
    exit 1
}

while (($#)); do
    case $1 in
        --platform)
            platform=${2:?--platform needs a name}
            shift
            ;;
        -h | --help)
            sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
            exit 0
            ;;
        -*) die "unknown option $1; see --help" ;;
        *) dir=$(realpath -m -- "$1") ;;
    esac
    shift
done
readonly platform dir

# What a local operator needs to find the cluster and the simulated Azure; everything else finds both as usual.
write_shell() {
    {
        printf 'export KUBECONFIG=%q\n' "$(bash -c '. "$1" && echo "$KUBECONFIG"' _ "$dir/env")"
        printf 'export ARO_CONNECT_TO=%q SSL_CERT_FILE=%q\n' "$dir/azure/connect-to" "$dir/azure/ca.crt"
        printf 'export ARO_CHECK_INTERVAL_MS=5000 AZURE_URL=%q\n' "$(<"$dir/azure/url")"
    } >"$dir/shell"
}

tell() {
    cat <<TEXT

The cluster runs until Ctrl-C. In another shell, in this folder:

  . $(realpath --relative-to="$PWD" "$dir")/shell
  kubectl get clusters.aro.openshift.io cluster -o yaml          # conditions
  kubectl -n openshift-azure-operator get all
  kubectl -n openshift-azure-operator logs deployment.apps/aro-operator-master
  make run-operator-master                                       # this build's master instead of the deployed one

Turn a check off and look at the conditions again:

  kubectl patch clusters.aro.openshift.io cluster --type merge \\
      -p '{"spec":{"operatorflags":{"aro.checker.enabled":"false"}}}'

Take the network security group off the worker subnet, as a customer might, and see it come back:

  worker=\$(curl -s --cacert "\$SSL_CERT_FILE" "\$AZURE_URL/_devcloud/state" | jq -r '.resources | keys[] | select(endswith("/subnets/worker"))')
  curl -fsS -o /dev/null --cacert "\$SSL_CERT_FILE" -X PATCH "\$AZURE_URL/_devcloud/state" \\
      -d "{\"resources\":{\"\$worker\":{\"properties\":{\"networkSecurityGroup\":null}}}}"
  kubectl get clusters.aro.openshift.io cluster -o jsonpath='{.metadata.annotations}{"\n"}'    # when it was repaired
  kubectl get events                                                                           # and what else turned

Logs: $(realpath --relative-to="$PWD" "$dir")/pods/*/log
TEXT
}

finish() {
    local status=$?
    trap - EXIT INT TERM HUP
    echo "run-platform: stopping" >&2
    "$root/test/harness/platform.sh" stop "$dir" || status=1
    exit "$status"
}

# What an earlier run left, also one that was killed; any other folder is refused by platform.sh, not emptied.
if [[ -d $dir/log && -e $dir/plane ]]; then
    if "$root/test/harness/platform.sh" status "$dir" >/dev/null; then
        die "a cluster runs in $dir already; end it with Ctrl-C where it was started, or name another folder by BUILD=DIR"
    fi
    "$root/test/harness/platform.sh" stop "$dir"
    rm -rf -- "$dir"
fi
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
PLATFORM_PARENT_PID=$$ "$root/test/harness/platform.sh" start --platform "$platform" "$dir"
write_shell
tell
sleep infinity &
wait $!
