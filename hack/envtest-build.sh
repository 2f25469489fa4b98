#!/usr/bin/env bash
# Builds a real Kubernetes control plane (kube-apiserver, kube-controller-manager, kube-scheduler,
# etcd, etcdctl) from Debian 12's own source and binary packages, once, into a cache outside the
# repository. The last line on stdout is the directory that holds the executables; progress goes to
# stderr.
#
#   KUBEBUILDER_ASSETS   use this directory instead, build nothing
#   XDG_CACHE_HOME       parent of the cache (default ~/.cache)
#   ENVTEST_APT_OPTIONS  further options for every apt-get call (white space separates)
#
# Nothing is installed besides compilers and tools: etcd and the patched library are unpacked from
# their packages, so that no system service starts.
set -euo pipefail

readonly KUBE_VERSION=1.20.2
# Raise this whenever the patches below, or what lands in the cache, change.
readonly PATCH_REVISION=3
readonly GO_PACKAGE=golang-1.19-go
readonly GO_BIN=/usr/lib/go-1.19/bin
readonly NEEDED_KB=$((4 * 1024 * 1024))
readonly SERVERS=(kube-apiserver kube-controller-manager kube-scheduler)

started=$SECONDS
scratch=""

say() { printf 'envtest: [%3ds] %s\n' "$((SECONDS - started))" "$*" >&2; }

die() {
    printf 'envtest: error: %s\n' "$*" >&2
    exit 1
}

cleanup() {
    if [[ -n $scratch && -d $scratch ]]; then
        rm -rf "$scratch"
    fi
}

use_given_assets() {
    local name missing=()
    for name in etcd kube-apiserver; do
        [[ -x $KUBEBUILDER_ASSETS/$name ]] || missing+=("$name")
    done
    if ((${#missing[@]})); then
        die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS has no executable ${missing[*]}; unset it to build them"
    fi
    say "using KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS"
    (cd "$KUBEBUILDER_ASSETS" && pwd)
}

is_complete() {
    local name
    for name in "${SERVERS[@]}" etcd etcdctl; do
        [[ -x $1/$name ]] || return 1
    done
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root, and there is no sudo; as root run: $*"
    fi
}

apt_get() {
    # shellcheck disable=SC2086 # the variable is a list of options
    DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 ${ENVTEST_APT_OPTIONS:-} "$@" >&2
}

# The list lock, unlike the dpkg lock, has no waiting mode in apt 2.6.
update_lists() {
    local try
    for try in 1 2 3 4 5 6; do
        say "apt-get update"
        if as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >&2; then
            return 0
        fi
        say "apt-get update failed (try $try of 6), again in 10 s"
        sleep 10
    done
    die "apt-get update keeps failing, see the messages above"
}

install_tools() {
    local package missing=()
    for package in "$GO_PACKAGE" dpkg-dev rsync jq make; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    say "installing ${missing[*]}"
    if ! install_packages "${missing[@]}"; then
        update_lists
        install_packages "${missing[@]}" || die "cannot install ${missing[*]}; try: apt-get install ${missing[*]}"
    fi
}

install_packages() {
    # shellcheck disable=SC2086 # the variable is a list of options
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 \
        -o DPkg::Lock::Timeout=600 ${ENVTEST_APT_OPTIONS:-} \
        install -y --no-install-recommends "$@" >&2
}

# Unpacks binary packages into $scratch/root without installing them.
unpack_packages() {
    local deb
    mkdir -p "$scratch/debs"
    say "fetching $*"
    if ! (cd "$scratch/debs" && apt_get -o APT::Sandbox::User=root download "$@"); then
        update_lists
        (cd "$scratch/debs" && apt_get -o APT::Sandbox::User=root download "$@") ||
            die "cannot download $* with apt-get"
    fi
    for deb in "$scratch"/debs/*.deb; do
        dpkg-deb -x "$deb" "$scratch/root"
    done
}

# source_entries DIR: the machine's own Debian 12 package sources, changed from binary to source
# packages, in both of apt's formats. Other people's repositories are left out.
source_entries() {
    local file
    for file in /etc/apt/sources.list.d/*.sources; do
        if [[ -r $file ]] && grep -qE '^Suites:.* bookworm( |$)' "$file"; then
            sed -E 's/^Types:.*/Types: deb-src/; /^Enabled:/d' "$file" >"$1/${file##*/}"
        fi
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        if [[ -r $file ]]; then
            sed -nE '/ bookworm[a-z-]* /s/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file"
        fi
    done >"$1/one-line.list"
    if [[ ! -s $1/one-line.list ]]; then
        rm "$1/one-line.list"
    fi
    [[ -n $(ls "$1") ]] || die "found no package source of Debian 12 (bookworm) in /etc/apt/sources.list*"
}

fetch_source() {
    local apt=$scratch/apt options version
    mkdir -p "$apt/sources" "$apt/lists/partial" "$scratch/src"
    source_entries "$apt/sources"
    options=(-o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/sources"
        -o "Dir::State::Lists=$apt/lists" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
        -o APT::Sandbox::User=root)
    say "reading the list of source packages (private lists, the machine's own stay as they are)"
    apt_get "${options[@]}" update || die "cannot read the list of source packages"
    version=$(apt-cache "${options[@]}" showsrc kubernetes 2>/dev/null |
        sed -nE "s/^Version: (([^ ]*really)?${KUBE_VERSION//./\\.}-.*)/\1/p" | sort -V | tail -n 1)
    [[ -n $version ]] || die "the package sources offer no source of kubernetes $KUBE_VERSION (Debian 12 has it)"
    say "fetching the source of kubernetes $version (34 MB)"
    (cd "$scratch/src" && apt_get "${options[@]}" source "kubernetes=$version") ||
        die "cannot fetch the source of kubernetes $version"
}

# reflect2 1.0.1 misreads Go's maps since Go 1.18: encoding a map as JSON crashes at random.
# Debian's 1.0.2 is sound.
patch_reflect2() {
    local tree=$1 from=$scratch/root/usr/share/gocode/src/github.com/modern-go/reflect2
    local to=$tree/vendor/github.com/modern-go/reflect2
    [[ -d $from && -d $to ]] || die "reflect2 is not where it is expected ($from, $to)"
    say "replacing the vendored reflect2 by Debian's"
    rm -f "$to"/*.go "$to"/*.s
    cp "$from"/*.go "$from"/*.s "$to"/
    rm -f "$to"/*_test.go
}

# The schema validator takes what equals the zero reflect.Value of its type for null. In the Go that
# we build with, the empty string shares its address with that: "" would be refused wherever a CRD
# says "type: string".
patch_validator() {
    local tree=$1 file
    local wrong='data == nil || reflect.DeepEqual(reflect.Zero(reflect.TypeOf(data)), reflect.ValueOf(data))'
    say "mending the schema validator's test for null"
    for file in "$tree"/vendor/{k8s.io/kube-openapi/pkg/validation,github.com/go-openapi}/validate/type.go; do
        grep -qF "$wrong" "$file" || die "$file is not what the patch expects"
        WRONG=$wrong perl -pi -e 's/\Q$ENV{WRONG}\E/data == nil/' "$file"
    done
}

build_servers() {
    local tree=$1 log=$2 targets=()
    targets=("${SERVERS[@]/#/cmd/}")
    mkdir -p "$tree/.go/src/k8s.io" "$scratch/home" "$scratch/tmp"
    ln -s "$tree" "$tree/.go/src/k8s.io/kubernetes"
    cat >"$scratch/version" <<END
KUBE_GIT_COMMIT=''
KUBE_GIT_TREE_STATE='archive'
KUBE_GIT_VERSION='v$KUBE_VERSION'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
END
    say "compiling ${SERVERS[*]} (about 7 minutes on 2 cores; log: $log)"
    # An empty environment: neither our own make's flags nor the caller's Go settings reach it. The clients of the public
    # clouds ("providerless" leaves them out) would be a third of the work.
    if ! (cd "$tree" && env -i PATH="$GO_BIN:/usr/sbin:/usr/bin:/sbin:/bin" LANG=C HOME="$scratch/home" \
        TMPDIR="$scratch/tmp" GOPATH="$tree/.go" GO111MODULE=off GOPROXY=off CGO_ENABLED=0 \
        KUBE_GIT_VERSION_FILE="$scratch/version" \
        make WHAT="${targets[*]}" GOFLAGS=-tags=providerless >"$log" 2>&1 </dev/null); then
        tail -n 30 "$log" >&2
        die "the build failed; the whole log is $log"
    fi
}

# Moves the executables into $1 and sees each of them run.
collect() {
    local dir=$1 tree=$2 name
    mkdir "$dir"
    for name in "${SERVERS[@]}"; do
        mv "$(readlink -f "$tree/_output/bin/$name")" "$dir/$name" || die "the build left no $name"
        "$dir/$name" --version | grep -qF "v$KUBE_VERSION" || die "$name does not say that it is v$KUBE_VERSION"
    done
    cp "$scratch/root/usr/bin/etcd" "$scratch/root/usr/bin/etcdctl" "$dir/"
    "$dir/etcd" --version >&2 || die "etcd does not run"
    ETCDCTL_API=3 "$dir/etcdctl" version >&2 || die "etcdctl does not run"
}

build() {
    local cache=$1 key=$2 log tree free
    log=$cache/build-$key.log
    [[ -r /etc/debian_version ]] || die "only Debian 12 carries what this builds; set KUBEBUILDER_ASSETS elsewhere"
    free=$(df -Pk "$cache" | awk 'NR == 2 { print $4 }')
    ((free >= NEEDED_KB)) || die "$cache has $((free / 1024)) MB free, the build needs $((NEEDED_KB / 1024)) MB"
    # Left behind by builds that were killed: we hold the lock, nobody else uses them.
    rm -rf "$cache/tmp-$key".*
    scratch=$(mktemp -d "$cache/tmp-$key.XXXXXX")
    install_tools
    unpack_packages etcd-server etcd-client golang-github-modern-go-reflect2-dev
    fetch_source
    tree=$(find "$scratch/src" -mindepth 1 -maxdepth 1 -type d -name 'kubernetes-*')
    [[ -d $tree ]] || die "the source package unpacked to an unexpected place"
    patch_reflect2 "$tree"
    patch_validator "$tree"
    build_servers "$tree" "$log"
    collect "$scratch/out" "$tree"
    mv -T "$scratch/out" "$cache/$key"
    say "kept in $cache/$key"
}

main() {
    local cache key
    if [[ -n ${KUBEBUILDER_ASSETS:-} ]]; then
        use_given_assets
        return
    fi
    cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/aro-envtest
    key=$KUBE_VERSION-p$PATCH_REVISION-$(uname -m)
    mkdir -p "$cache"
    if ! is_complete "$cache/$key"; then
        # Children inherit the lock: if we are killed, a compiler that still runs keeps others out.
        exec 9>"$cache/.lock-$key"
        flock -n 9 || { say "another build of $key is running, waiting for it" && flock 9; }
        if ! is_complete "$cache/$key"; then
            trap cleanup EXIT
            trap 'exit 130' INT
            trap 'exit 143' TERM HUP
            rm -rf "${cache:?}/$key"
            build "$cache" "$key"
        fi
    fi
    say "using $cache/$key"
    printf '%s\n' "$cache/$key"
}

main "$@"
