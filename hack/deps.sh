#!/bin/bash
# deps.sh GROUP... - installs the Debian packages of these groups that are missing, and says which.
# It asks dpkg each time: a stamp file would not notice a package that was removed.
set -euo pipefail

group_packages() {
    case $1 in
    build) echo gcc libc6-dev libjson-c-dev libyaml-dev libcurl4-openssl-dev libssl-dev \
        libwebsockets-dev node-llhttp liblz4-dev libsodium-dev libsqlite3-dev libpq-dev libcrypt-dev librabbitmq-dev ;;
    test) echo libcmocka-dev openssl procps git nghttp2-proxy curl jq dropbear-bin libnss-wrapper openssh-client ;;
    runtime) echo ca-certificates libcurl4 libjson-c5 libyaml-0-2 libssl3 libwebsockets17 liblz4-1 ;;
    runtime-syncsets) echo libpq5 libsqlite3-0 librabbitmq4 ;; # beside those above
    # docker counts only with a daemon that answers
    image) docker info >/dev/null 2>&1 || command -v podman >/dev/null || echo buildah ;;
    names) echo dnsmasq-base iproute2 ;; # a public cloud in a namespace
    image-test) echo buildah mmdebstrap docker-registry curl ;;
    database) echo postgresql ;;
    broker) echo rabbitmq-server ;;
    bench) echo wrk nginx-light sqlite3 curl openssl jq procps ;;
    lint) echo git clang clang-format clang-tidy cppcheck shellcheck codespell ;;
    fuzz) echo clang libclang-rt-dev llvm ;;
    coverage) echo gcovr ;;
    swagger) echo python3-swagger-spec-validator ;;
    # Node may be there without its package, which could not be installed over it.
    node) command -v node >/dev/null && command -v npm >/dev/null || echo nodejs npm ;;
    az) echo azure-cli jq curl openssl procps ;;
    # kubectl may be there without its package, which could not be installed over it.
    envtest)
        echo jq curl openssl procps
        command -v kubectl >/dev/null || echo kubernetes-client
        ;;
    *)
        echo "deps.sh: unknown group '$1'" >&2
        return 2
        ;;
    esac
}

# find_missing PACKAGE...: sets the array missing.
find_missing() {
    local package
    missing=()
    for package in "$@"; do
        [ -n "$package" ] || continue
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            missing+=("$package")
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

packages=()
for group in "$@"; do
    words=$(group_packages "$group")
    mapfile -t words < <(tr " " "\n" <<<"$words")
    packages+=("${words[@]}")
done
find_missing "${packages[@]}"
[ "${#missing[@]}" -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "deps.sh: there is no apt-get to install what is missing: ${missing[*]}" >&2
    exit 1
fi

# One make may ask for two groups at once; apt would refuse the second.
exec 9>"${TMPDIR:-/tmp}/aro-deps.$(id -u).lock"
flock 9
find_missing "${packages[@]}"
[ "${#missing[@]}" -gt 0 ] || exit 0

echo "installing missing packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# Services that come with packages are not started: tests start their own.
export RUNLEVEL=1
as_root apt-get -qq -o Acquire::Retries=3 update
as_root apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends "${missing[@]}" >/dev/null
wanted=("${missing[@]}")
find_missing "${wanted[@]}"
if [ "${#missing[@]}" -gt 0 ]; then
    echo "deps.sh: still missing after apt-get install: ${missing[*]}" >&2
    exit 1
fi
