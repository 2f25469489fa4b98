#!/bin/bash
# check-tests.sh - every C source has a unit test: FOLDER/x.c is tested by test/unit/FOLDER/test_x.c (or by
# several, test_x_PART.c). main.c files only wire and are covered by running the program.
set -euo pipefail
export LC_ALL=C
# shellcheck source=hack/lib.sh
. "$(dirname "$0")/lib.sh"

failed=0
while IFS= read -r source; do
    case $source in
    test/* | */main.c | hack/devcloud/main/*) continue ;;
    esac
    wanted=test/unit/$(dirname "$source")/test_$(basename "$source" .c)
    if [ ! -f "$wanted.c" ] && ! compgen -G "${wanted}_*.c" >/dev/null; then
        echo "$source: no test ($wanted.c)"
        failed=1
    fi
done < <(list_files '*.c')
exit "$failed"
