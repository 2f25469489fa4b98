#!/bin/bash
# The images of the operator and of SyncSets: built with buildah on a base made here, started, and pushed to a registry on
# loopback that wants a password. Everything lies in a private folder, the store of containers too. ROOT is the repository; some minutes.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/images.XXXXXX")
registry_pid=""
# shellcheck disable=SC2317
end() {
    [ -z "$registry_pid" ] || kill "$registry_pid" 2>/dev/null
    rm -rf --one-file-system "$work"
}

cat >"$work/storage.conf" <<CONF
[storage]
driver = "vfs"
graphroot = "$work/graph"
runroot = "$work/run"
CONF
export CONTAINERS_STORAGE_CONF=$work/storage.conf BUILDAH_ISOLATION=chroot IMAGE_TOOL=buildah
export BUILDAH_LAYERS=true # publishing finds what building has made
export REGISTRY_AUTH_FILE=$work/no-login.json # the caller's own logins stay out of it
echo '{}' >"$REGISTRY_AUTH_FILE"
unset DST_ACR_NAME DST_QUAY DST_AUTH

# A root file system of Debian 12 that gets its packages from where this machine gets them.
make_base() {
    mmdebstrap --quiet --variant=minbase --include=ca-certificates \
        --customize-hook='copy-in /etc/apt/apt.conf.d /etc/apt' bookworm "$work/base.tar"
    local container
    container=$(buildah from scratch)
    buildah add -q "$container" "$work/base.tar" /
    buildah commit -q "$container" localhost/base
    buildah rm "$container"
    rm "$work/base.tar"
}

# A registry on a free port of loopback, for the user tester with the password "right".
start_registry() {
    perl -e 'print "tester:", crypt("right", q($2y$05$abcdefghijklmnopqrstuu)), "\n"' >"$work/htpasswd"
    for _ in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 20000))
        cat >"$work/registry.yml" <<CONF
version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: $work/registry}}
http: {addr: "127.0.0.1:$port"}
auth: {htpasswd: {realm: test, path: $work/htpasswd}}
CONF
        # It reads REGISTRY_* as settings of its own.
        env -u REGISTRY_AUTH_FILE docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
        registry_pid=$!
        local try
        for ((try = 0; try < 100; try++)); do
            if ! kill -0 "$registry_pid" 2>/dev/null; then
                break # the port was taken
            fi
            if curl -s -o "$work/reply" "http://127.0.0.1:$port/v2/"; then
                return
            fi
            sleep 0.1
        done
    done
    cat "$work/registry.log"
    return 1
}

image_make() {
    make -C "$ROOT" --no-print-directory BUILDER=localhost/base BASE=localhost/base COMMIT=0123456789ab "$@"
}

# in_image COMMAND...: runs it in a new container of $image, as the image's user. What it prints is kept inside until it has
# ended: buildah may drop the last lines of a process that ends quickly.
in_image() {
    local container root status=0
    container=$(buildah from --pull-never "$image")
    buildah run "$container" -- sh -c 'exec >/tmp/stdout 2>/tmp/stderr; "$@"' in_image "$@" || status=$?
    root=$(buildah mount "$container")
    cat "$root/tmp/stdout"
    cat "$root/tmp/stderr" >&2
    buildah rm "$container" >/dev/null
    return "$status"
}

test_builds() {
    image_make image-aro
    buildah images --format '{{.Name}}:{{.Tag}}' | expect_text "^$ARO_IMAGE\$"
}

test_starts() {
    expect_status 0 in_image /usr/local/bin/aro version
    expect_text '^aro 0123456789ab$' <output
    expect_status 0 in_image /usr/local/bin/aro help operator
    expect_text 'aro-operator' <output
    expect_status 1 in_image /usr/local/bin/aro operator nonsense
    expect_text 'invalid role nonsense' <output
}

test_carries_little() {
    in_image ls /usr/local/bin >output
    expect "$(tr '\n' ' ' <output)" = 'aro aro-operator '
    in_image sh -c 'for tool in gcc cc make clang git python3 curl; do command -v $tool; done; true' >output
    expect ! -s output
    in_image sh -c 'ldd /usr/local/bin/aro-operator' >output
    expect "$(grep -c 'not found' output)" -eq 0
    expect "$(grep -cE 'libpq|sqlite|rabbitmq' output)" -eq 0
}

test_not_root() {
    expect "$(in_image id -u)" = 65532
    buildah inspect --type image "$ARO_IMAGE" >output
    expect_text '"/usr/local/bin/aro"' <output
}

test_publishes() {
    DST_AUTH=$(printf tester:right | base64) image_make publish-image-aro-multistage
    curl -sf -u tester:right "http://127.0.0.1:$port/v2/aro/manifests/test" -o manifest \
        -H 'Accept: application/vnd.oci.image.manifest.v1+json'
    expect_text '"layers"' <manifest
}

test_refused() {
    DST_AUTH=$(printf tester:wrong | base64) expect_status 2 image_make publish-image-aro-multistage
    expect_text 'unauthorized|authentication required' <output
}

name_with() {
    env -u ARO_IMAGE "$@" "$ROOT/hack/image-aro.sh" name
}

test_names() {
    expect "$(cd "$ROOT" && name_with COMMIT=c)" = localhost/aro:c
    expect "$(name_with COMMIT=c DST_ACR_NAME=mine)" = mine.azurecr.io/aro:c
    expect "$(name_with COMMIT=c DST_QUAY=me/aro)" = quay.io/me/aro:c
    expect "$(name_with COMMIT=c DST_QUAY=me/aro DST_ACR_NAME=mine ARO_IMAGE=quay.io/me/aro:x)" = quay.io/me/aro:x
}

test_publish_needs_name() {
    expect_status 2 name_with "$ROOT/hack/image-aro.sh" publish
    expect_text 'needs ARO_IMAGE' <output
}

test_publishes_syncsets() {
    DST_AUTH=$(printf tester:right | base64) image_make docker-push-syncsets
    curl -sf -u tester:right "http://127.0.0.1:$port/v2/syncsets/manifests/test" -o manifest \
        -H 'Accept: application/vnd.oci.image.manifest.v1+json'
    expect_text '"layers"' <manifest
}

# What the manifests' containers run first (rp/syncsets/manifests).
test_syncsets_serves() {
    local image=$IMG
    expect "$(in_image id -u)" = 65532
    expect "$(in_image ls /usr/local/bin | tr '\n' ' ')" = 'aro aro-syncsets '
    expect_status 0 in_image /usr/local/bin/aro help syncsets
    expect_text 'migrate' <output
    expect_status 0 in_image env SYNCSETS_DATA_DIR=/tmp/data aro syncsets migrate up
    expect_text 'migrations applied' <output
}

trap end EXIT
if ! make_base >"$work/log" 2>&1 || ! start_registry >>"$work/log" 2>&1; then
    cat "$work/log"
    exit 1
fi
export ARO_IMAGE=127.0.0.1:$port/aro:test IMG=127.0.0.1:$port/syncsets:test
image=$ARO_IMAGE

(run_cases images \
    "the name follows ARO_IMAGE, then the registry, then the quay repository" test_names \
    "publishing without a name is refused" test_publish_needs_name \
    "make image-aro builds it" test_builds \
    "the container starts: version, help, a wrong role" test_starts \
    "it carries the two executables and no tools, no database" test_carries_little \
    "it does not run as root" test_not_root \
    "make publish-image-aro-multistage pushes it with DST_AUTH" test_publishes \
    "a wrong password is an error" test_refused \
    "make docker-push-syncsets builds and pushes the image of SyncSets" test_publishes_syncsets \
    "it migrates a database, not as root, and carries its two executables" test_syncsets_serves)
