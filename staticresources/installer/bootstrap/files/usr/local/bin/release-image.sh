#!/bin/bash
# release-image.sh - image_for NAME: the pull spec of a component of the release. To be sourced.
# shellcheck source=/dev/null
. /opt/openshift/bootstrap.env

image_for() {
    podman run --quiet --rm --net=none "${RELEASE_IMAGE:?}" image "$1"
}
