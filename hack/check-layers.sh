#!/bin/bash
# check-layers.sh - the include rule: a folder includes only what hack/layers.txt allows it, controllers do not
# include one another, and each library stays behind the folder that wraps it.
set -euo pipefail
export LC_ALL=C
# shellcheck source=hack/lib.sh
. "$(dirname "$0")/lib.sh"

failed=0
complaints=$(mktemp)
trap 'rm -f "$complaints"' EXIT
includes=$(list_files '*.c' '*.h' | xargs -r grep -Hn '^ *# *include *["<]' | sed 's/# *include */#include /') || true

# 1. Folders. A file belongs to the longest line of the table that its path begins with; unit tests and fuzzers
#    belong to "test".
printf '%s\n' "$includes" | grep '#include "' | awk -F'[:"]' '
    NR == FNR { split($0, p, " *: *"); sub(/ +$/, "", p[1]); allow[p[1]] = p[2]; next }
    function layer(path,   best, k) {
        for (k in allow)
            if (index(path, k "/") == 1 && length(k) > length(best)) best = k
        return best
    }
    {
        from = layer($1); to = $4; ok = (from != "" && layer(to) == from)
        n = split(allow[from], d, " ")
        for (i = 1; i <= n; i++) if (index(to, d[i] "/") == 1) ok = 1
        if (!ok) {
            print $1 ":" $2 ": " (from == "" ? "a folder that hack/layers.txt does not name" : from) " must not include " to
            bad = 1
        }
    }
    END { exit bad }' hack/layers.txt - || failed=1

# 2. Controllers. A pair operator/controllers/NAME.[ch] is a controller when NAME.c defines a descriptor; only its
#    own helpers (NAME_part.[ch]) include it.
controllers=$(list_files 'operator/controllers/*.c' | xargs -r grep -l '^const struct controller_desc [a-z0-9_]* = {' || true)
printf '%s\n' "$includes" | grep '^operator/controllers/.*#include "operator/controllers/' |
    while IFS=: read -r file line rest; do
        from=$(basename "${file%.*}")
        to=$(basename "${rest#*\"}")
        to=${to%%.h*}
        [ "$from" != "$to" ] || continue
        case $from in "$to"_*) continue ;; esac
        case $'\n'$controllers$'\n' in
        *$'\n'"operator/controllers/$to.c"$'\n'*)
            echo "$file:$line: the controller $from must not include the controller $to"
            ;;
        esac
    done >"$complaints" || true

# 3. Libraries: header pattern, then the folders that may use it. A unit test counts as the folder that it tests.
while read -r header folders; do
    printf '%s\n' "$includes" | grep "#include <$header" | while IFS=: read -r file line rest; do
        subject=${file#test/unit/support/}
        subject=${subject#test/unit/}
        allowed=
        for folder in $folders; do
            case $subject in "$folder"*) allowed=1 ;; esac
        done
        [ -n "$allowed" ] || echo "$file:$line: <$header...> is for $folders only"
    done || true
done >>"$complaints" <<'TABLE'
json-c/        pkg/base/json
yaml\.h        pkg/base/yaml
curl/          pkg/net/
libwebsockets  pkg/net/
llhttp         pkg/net/
openssl/       pkg/crypt/ pkg/net/
sodium         pkg/crypt/ pkg/net/
crypt\.h       pkg/crypt/
libpq          pkg/sql/
postgresql/    pkg/sql/
sqlite3        pkg/sql/
amqp           pkg/amqp/
rabbitmq       pkg/amqp/
lz4            pkg/kube/
TABLE

if [ -s "$complaints" ]; then
    cat "$complaints"
    failed=1
fi
exit "$failed"
