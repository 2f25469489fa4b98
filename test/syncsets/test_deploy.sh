#!/bin/bash
# SyncSets is deployed into a virtual cluster, and what its pods would run is run here as they say: commands, variables, files out of
# Secrets, ports, probes. STORE_DSN and BROKER_URL name a real PostgreSQL and a real RabbitMQ (`make syncsets-check`), BIN holds the
# programs. The cases build on each other.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"

export IMG=registry.example.com/syncsets:1
work=$(mktemp -d "${TMPDIR:-/tmp}/syncsets-deploy.XXXXXX")
ADDRESS=127.$((RANDOM % 200 + 20)).$((RANDOM % 250)).$((RANDOM % 250 + 1)) # of the pods, whose ports are theirs alone
pids=()
# shellcheck disable=SC2317
end() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
    [ ! -s "$work/pids" ] || xargs kill <"$work/pids" 2>/dev/null
    wait
    rm -rf -- "$work"
}
trap end EXIT

# start_cluster NAME: a virtual cluster, for kube.
start_cluster() {
    local i
    "${BIN:?}/devcloud" cluster --dir "$work/$1" >"$work/$1.log" 2>&1 &
    pids+=($!)
    for ((i = 0; i < 300; i++)); do
        ! grep -q ready "$work/$1.log" || return 0
        sleep 0.1
    done
    cat "$work/$1.log"
    return 1
}
in_cluster() { KUBECONFIG=$work/$1/admin.kubeconfig "${@:2}"; }
kube() { in_cluster "$1" kubectl -n syncsets "${@:2}"; }
deploy() { in_cluster "$1" "$ROOT/hack/deploy-syncsets.sh"; }
# secret CLUSTER SECRET KEY
secret() { kube "$1" get secret "$2" -o json | jq -j --arg key "$3" '.data[$key] | @base64d'; }
names() { kube "$1" get deployments,statefulsets,services -o json | jq -r '.items[] | "\(.kind) \(.metadata.name)"' | sort; }

# ---- pods ----

# container DEPLOYMENT LIST: the first one of a list, with the volumes of its pod.
container() {
    kube "${CLUSTER:?}" get deployment "$1" -o json | jq -c --arg list "$2" '.spec.template.spec | .volumes as $volumes | .[$list][0] + {volumes: ($volumes // [])}'
}
# mount CONTAINER: its Secrets, below the current folder.
mount() {
    local path name key
    jq -r '.volumes as $v | .volumeMounts[]? | .name as $n | "\(.mountPath) \($v[] | select(.name == $n) | .secret.secretName)"' <<<"$1" | while read -r path name; do
        mkdir -p ".$path"
        for key in $(kube "$CLUSTER" get secret "$name" -o json | jq -r '.data | keys[]'); do secret "$CLUSTER" "$name" "$key" >".$path/$key"; done
    done
}
# variables CONTAINER: NAME=VALUE lines; paths are those of mount, listeners have the pod's address.
variables() {
    local name value from key
    jq -r '.env[] | [.name, (.value // ""), (.valueFrom.secretKeyRef | .name // "", .key // "")] | join("\u001f")' <<<"$1" | while IFS=$'\037' read -r name value from key; do
        [ -z "$from" ] || value=$(secret "$CLUSTER" "$from" "$key")
        case $value in
        /*) value=$PWD$value ;;
        :*) value=$ADDRESS$value ;;
        esac
        echo "$name=$value"
    done
}
# run CONTAINER: in the foreground, with nothing else in its environment.
run() {
    local arguments set
    mount "$1"
    mapfile -t arguments < <(jq -r '.args[]' <<<"$1")
    mapfile -t set < <(variables "$1")
    exec env -i PATH=/nowhere "${set[@]}" "$BIN/aro" "${arguments[@]}"
}
# start NAME CONTAINER: in the background, beyond the case.
start() {
    mkdir "$work/$1.pod"
    (cd "$work/$1.pod" && run "$2") >"$work/$1.out" 2>&1 &
    echo $! >>"$work/pids"
}
# probe CONTAINER PROBE: until it is answered, for half a minute. Certificates are not looked at, as the kubelet does not.
probe() {
    local url i
    url=$(jq -r --arg probe "$2" --arg address "$ADDRESS" '.ports as $ports | .[$probe].httpGet | .port as $port
        | "\(.scheme // "HTTP" | ascii_downcase)://\($address):\($ports[] | select(.name == $port) | .containerPort)\(.path)"' <<<"$1")
    for ((i = 0; i < 150; i++)); do
        ! curl -skf --max-time 5 "$url" >/dev/null || return 0
        sleep 0.2
    done
    echo "$url is not answered"
    tail -5 "$work"/*.out
    return 1
}

# ---- cases ----

# Where nothing is there before, everything is made.
test_development() {
    deploy fresh >told
    expect_text "^the administrator's token: [0-9a-f]{64}\$" <told
    names fresh >there
    expect "$(tr '\n' ',' <there)" = 'Deployment syncsets-api,Deployment syncsets-controllers,Service postgresql,Service rabbitmq-server,Service syncsets-api,StatefulSet postgresql,StatefulSet rabbitmq-server,'
    expect "$(secret fresh syncsets postgres-params)" = "user=syncsets password=$(secret fresh syncsets postgresql-password) dbname=syncsets host=postgresql sslmode=disable"
    expect "$(secret fresh syncsets amqp-url)" = "amqp://syncsets:$(secret fresh syncsets rabbitmq-password)@rabbitmq-server:5672/"
}

test_again() {
    kube fresh get secrets -o json | jq -c '[.items[] | {name: .metadata.name, data}] | sort_by(.name)' >before
    IMG=registry.example.com/syncsets:2 deploy fresh >told
    kube fresh get secrets -o json | jq -c '[.items[] | {name: .metadata.name, data}] | sort_by(.name)' | diff before -
    expect "$(grep -c token told)" = 0
    expect "$(kube fresh get deployments -o json | jq -r '[.items[].spec.template.spec | (.initContainers // []) + .containers | .[].image] | unique | join(" ")')" = registry.example.com/syncsets:2
}

# Who has a database and a broker of his own gets no others.
test_own() {
    psql -q "$STORE_DSN" -c 'CREATE DATABASE syncsets_deploy'
    in_cluster own kubectl create namespace syncsets
    kube own create secret generic syncsets --from-literal="postgres-params=${STORE_DSN/aro?/syncsets_deploy?}" \
        --from-literal="amqp-url=$BROKER_URL" --from-literal="encryption-keys=first:$(openssl rand -base64 32)"
    deploy own >told
    sed -n "s/^the administrator's token: //p" told >"$work/token"
    expect "$(names own | tr '\n' ',')" = 'Deployment syncsets-api,Deployment syncsets-controllers,Service syncsets-api,'
}

test_pods() {
    local api controllers
    api=$(container syncsets-api containers)
    controllers=$(container syncsets-controllers containers)
    mkdir pod
    (cd pod && run "$(container syncsets-api initContainers)") >migrated
    expect_text '^[1-9][0-9]* migrations applied$' <migrated
    start api "$api"
    start controllers "$controllers"
    for which in readinessProbe livenessProbe; do
        probe "$api" "$which"
        probe "$controllers" "$which"
    done
    expect_text 'changes go to a broker' <"$work/api.out"
}

# The Service's name is that of the certificate, and the token the administrator's.
test_serves() {
    secret own syncsets-tls tls.crt >ca.crt
    api() {
        curl -sS --cacert ca.crt --connect-to "syncsets-api.syncsets.svc:7070:$ADDRESS:7070" "https://syncsets-api.syncsets.svc:7070/v1/$1" \
            -o reply -w '%{http_code}' -H "Authorization: Bearer $2" -H 'Content-Type: application/json' "${@:3}"
    }
    expect "$(api clusters wrong)" = 401
    expect "$(api clusters "$(cat "$work/token")" -d '{"name": "cluster1", "namespace": "foo", "kubeconfig": "foobar"}')" = 201
    expect "$(api clusters/foo/cluster1 "$(cat "$work/token")")" = 200
    expect "$(jq -r .metadata.name reply)" = cluster1
}

test_print() {
    "$ROOT/hack/deploy-syncsets.sh" print kubernetes >plain
    "$ROOT/hack/deploy-syncsets.sh" print openshift >routed
    expect "$(grep -cE '^kind: Secret|SYNCSETS_IMAGE' plain)" = 0
    expect "$(grep -c 'fsGroup: 999' plain)" = 2
    # OpenShift gives each namespace users of its own, and refuses others.
    expect "$(grep -cE 'runAsUser|runAsGroup|fsGroup' routed)" = 0
    expect "$(grep -c '^kind: Route$' routed)" = 1
}
test_wrong() {
    IMG='' expect_status 2 "$ROOT/hack/deploy-syncsets.sh"
    expect_text 'IMG is not set' <output
    expect_status 2 "$ROOT/hack/deploy-syncsets.sh" print everything
    expect_status 2 make --no-print-directory -C "$ROOT" deploy-syncsets IMG=
    expect_text 'IMG is not set' <output
}

CLUSTER=own
start_cluster fresh && start_cluster own || exit 1
(run_cases deploy \
    "what would be applied is shown, without secrets" test_print \
    "an image has to be named" test_wrong \
    "a cluster with nothing gets a database and a broker, too" test_development \
    "deploying again changes the image and no secret" test_again \
    "one with a database and a broker gets no others" test_own \
    "its pods migrate, start, and are ready" test_pods \
    "the API is served under the Service's name, to who has the token" test_serves)
