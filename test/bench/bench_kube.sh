#!/usr/bin/env bash
# What our informer and our idle operator cost on a real kube-apiserver, beside what the machine itself allows: plain curl
# that fetches the same list and throws it away. Prints figures, judges nothing.
#   OBJECTS (20000), UPDATES (50000), BIN (build/bin)
set -euo pipefail
cd "$(dirname "$0")/../.."
BIN=${BIN:-build/bin}
OBJECTS=${OBJECTS:-20000}
UPDATES=${UPDATES:-50000}
dir=$(mktemp -d)
export ENVTEST_PARENT_PID=$$
cleanup() {
  hack/envtest-run.sh stop "$dir/envtest" >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '%-58s %s\n' "$1" "$2"; }

hack/envtest-run.sh start "$dir/envtest" >"$dir/start.log" 2>&1 || { cat "$dir/start.log" >&2; exit 1; }
export KUBECONFIG=$dir/envtest/admin.kubeconfig
"$BIN/bench_informer" fill --objects="$OBJECTS" >"$dir/fill.log"

# The bytes alone: a whole list from the watch cache, over HTTP/1.1 and HTTP/2.
server=$(kubectl config view --raw -o 'jsonpath={.clusters[0].cluster.server}')
for part in certificate-authority:clusters:cluster client-certificate:users:user client-key:users:user; do
  IFS=: read -r name list item <<<"$part"
  kubectl config view --raw -o "jsonpath={.${list}[0].${item}.${name}-data}" | base64 -d >"$dir/$name"
done
fetch() {
  /usr/bin/env time -f '%e s, %U+%S CPU s, %M KB' -o "$dir/time" \
    curl -sS "$1" --cacert "$dir/certificate-authority" --cert "$dir/client-certificate" --key "$dir/client-key" \
    -o /dev/null -w '%{size_download}' "$server/api/v1/configmaps?resourceVersion=0" >"$dir/bytes"
  cat "$dir/time"
}
for round in 1 2; do # the first fills the server's own caches
  h1=$(fetch --http1.1)
  h2=$(fetch --http2)
done
say "objects" "$OBJECTS ($(awk '{printf "%.1f MB of JSON", $1 / 1e6}' "$dir/bytes"))"
say "curl, the same list, HTTP/1.1 (round $round)" "$h1"
say "curl, the same list, HTTP/2 (round $round)" "$h2"

"$BIN/bench_informer" follow --updates="$UPDATES" >"$dir/follow.log" 2>&1 &
follower=$!
sleep 8 # its first sync
"$BIN/bench_informer" touch --objects="$OBJECTS" --updates="$UPDATES" >"$dir/touch.log"
wait "$follower"
sed 's/^/informer: /' "$dir/follow.log"
cat <<'END'
client-go informer, same machine kind, same list (reference)  135-143 MB RSS, 0.95-1.25 CPU s, 1.4-1.5 s; 0.29 ms CPU an event
bars                                                          RSS and CPU at most 1/3, sync not slower, CPU an event at most 1/8
END

idle() { # role, seconds
  "$BIN/aro-operator" --leader-elect=false --health-port 0 --metrics-port 0 "$1" >"$dir/$1.log" 2>&1 &
  local pid=$!
  sleep "$2"
  say "idle aro-operator $1, RSS" "$(awk '/^VmRSS/ {printf "%.1f MB", $2 / 1024}' "/proc/$pid/status") (bar: $3 MB)"
  kill "$pid"
  wait "$pid" || true
}
kubectl delete namespace bench --wait=false >/dev/null
test/harness/envtest/load.sh >"$dir/load.log" 2>&1
kubectl apply -f staticresources/operator/crds >/dev/null
idle master 10 24
idle worker 5 14
