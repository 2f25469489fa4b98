#!/bin/bash
# deps.sh GROUP... - installs the Debian packages of these groups that are missing, and says which.
# It asks dpkg each time: a stamp file would not notice a package that was removed.
set -euo pipefail

group_packages() {
    case $1 in
    build) echo gcc libc6-dev libjson-c-dev libyaml-dev libcurl4-openssl-dev libssl-dev \
        libwebsockets-dev node-llhttp liblz4-dev ;;
    test) echo libcmocka-dev openssl procps ;;
    lint) echo git clang clang-format clang-tidy cppcheck shellcheck codespell ;;
    fuzz) echo clang libclang-rt-dev llvm ;;
    coverage) echo gcovr ;;
    kubectl) command -v kubectl >/dev/null || echo kubernetes-client ;;
    *)
        echo "deps.sh: unknown group '$1'" >&2
        return 2
        ;;
    esac
}

missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

packages=
for group in "$@"; do
    packages+=" $(group_packages "$group")"
done
# shellcheck disable=SC2086 # a list of words
missing=$(missing_packages $packages)
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "deps.sh: these packages are missing, and there is no apt-get:" $missing >&2
    exit 1
fi

# One make may ask for two groups at once; apt would refuse the second.
exec 9>"${TMPDIR:-/tmp}/aro-deps.$(id -u).lock"
flock 9
# shellcheck disable=SC2086
missing=$(missing_packages $packages)
[ -n "$missing" ] || exit 0

echo "installing missing packages:" $missing
export DEBIAN_FRONTEND=noninteractive
as_root apt-get -qq -o Acquire::Retries=3 update
# shellcheck disable=SC2086
as_root apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends $missing >/dev/null
# shellcheck disable=SC2086
missing=$(missing_packages $missing)
if [ -n "$missing" ]; then
    echo "deps.sh: still missing after apt-get install:" $missing >&2
    exit 1
fi
