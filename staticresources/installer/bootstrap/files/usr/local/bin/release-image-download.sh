#!/bin/bash
# release-image-download.sh - pulls the release image until it is there: nothing goes on without it.
set -euo pipefail
# shellcheck source=/dev/null
. /opt/openshift/bootstrap.env

echo "Pulling ${RELEASE_IMAGE:?}"
until podman pull --quiet --authfile "${HOME:?}/.docker/config.json" "$RELEASE_IMAGE"; do
    echo "Pulling the release image failed, again in 10 s"
    sleep 10
done
