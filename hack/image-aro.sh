#!/bin/bash
# image-aro.sh name | build | publish - the operator's image, or another one, with docker, podman or buildah, whichever is there.
#
#   ARO_IMAGE      its full name; wins over the rest
#   DST_ACR_NAME   name of an Azure container registry: NAME.azurecr.io/aro:COMMIT
#   DST_QUAY       USER/REPOSITORY at quay.io: quay.io/USER/REPOSITORY:COMMIT
#                  (none of them: localhost/aro:COMMIT)
#   DST_AUTH       base64 of user:password for pushing; without it the tool's own login is used
#   IMAGE_TOOL     docker, podman or buildah
#   TARGET         its stage of Dockerfile.aro: operator (default) or syncsets
#   BUILDER, BASE  base images of the two stages
#   COMMIT         version label
set -euo pipefail

commit=${COMMIT:-$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)}

image_name() {
    if [ -n "${ARO_IMAGE:-}" ]; then
        echo "$ARO_IMAGE"
    elif [ -n "${DST_ACR_NAME:-}" ]; then
        echo "$DST_ACR_NAME.azurecr.io/aro:$commit"
    elif [ -n "${DST_QUAY:-}" ]; then
        echo "quay.io/$DST_QUAY:$commit"
    else
        echo "localhost/aro:$commit"
    fi
}

image_tool() {
    local tool
    for tool in ${IMAGE_TOOL:-docker podman buildah}; do
        [ "$tool" != docker ] || docker info >/dev/null 2>&1 || continue # no daemon answers
        if command -v "$tool" >/dev/null; then
            echo "$tool"
            return
        fi
    done
    echo "image-aro.sh: neither docker, podman nor buildah can be used (apt-get install buildah)" >&2
    return 1
}

build() {
    local tool=$1 image=$2 arguments=(-f Dockerfile.aro --target "${TARGET:-operator}" -t "$2" --build-arg "COMMIT=$commit")
    [ -z "${BUILDER:-}" ] || arguments+=(--build-arg "BUILDER=$BUILDER")
    [ -z "${BASE:-}" ] || arguments+=(--build-arg "BASE=$BASE")
    echo "building $image with $tool"
    "$tool" build "${arguments[@]}" .
}

# The password reaches the tool in a file that only we can read, not on a command line.
write_login() {
    local folder=$1 registry=$2
    (umask 077 && printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$registry" "$DST_AUTH" >"$folder/config.json")
}

publish() {
    local tool=$1 image=$2 registry=${2%%/*} options=() login
    login=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$login'" EXIT
    if [ -n "${DST_AUTH:-}" ]; then
        write_login "$login" "$registry"
        if [ "$tool" = docker ]; then
            export DOCKER_CONFIG=$login
        else
            options+=(--authfile "$login/config.json")
        fi
    fi
    # As docker does by itself: a registry on this very machine may speak plain HTTP.
    case $tool:$registry in
    docker:*) ;;
    *:localhost:* | *:127.*) options+=(--tls-verify=false) ;;
    esac
    echo "pushing $image with $tool"
    "$tool" push "${options[@]}" "$image"
}

image=$(image_name)
case ${1:-} in
name) echo "$image" ;;
build) build "$(image_tool)" "$image" ;;
publish)
    case $image in
    localhost/*)
        echo "image-aro.sh: publishing needs ARO_IMAGE, DST_ACR_NAME or DST_QUAY" >&2
        exit 2
        ;;
    esac
    tool=$(image_tool)
    build "$tool" "$image"
    publish "$tool" "$image"
    ;;
*)
    echo "usage: image-aro.sh name|build|publish" >&2
    exit 2
    ;;
esac
