# shellcheck shell=bash
# words.sh - what cases are written in.

ns="" # the case's namespace; run.sh sets it

# run ARGUMENTS: kubectl in the case's namespace; the command and its output go into the transcript.
run() {
    local status=0
    printf '$ kubectl %s\n' "$*"
    kubectl -n "$ns" "$@" </dev/null 2>&1 || status=$?
    return "$status"
}

# k ARGUMENTS: must succeed.
k() {
    run "$@" || {
        echo "line ${BASH_LINENO[0]}: kubectl $* fails with $?"
        return 1
    }
}

# refused ARGUMENTS: must fail.
refused() {
    if run "$@"; then
        echo "line ${BASH_LINENO[0]}: kubectl $* does not fail"
        return 1
    fi
}

# refused_somehow ARGUMENTS: as refused; the reason is in words that only one decoder has.
refused_somehow() {
    printf '$ kubectl %s\n' "$*"
    if kubectl -n "$ns" "$@" >/dev/null 2>&1 </dev/null; then
        echo "line ${BASH_LINENO[0]}: kubectl $* does not fail"
        return 1
    fi
}

# differs ARGUMENTS: must exit with 1, as `kubectl diff` does when there is a difference. What counts are the lines that
# differ; whether times do is chance.
differs() {
    local status=0
    run "$@" >differs.out || status=$?
    grep -E '^([$]|[-+] )' differs.out | grep -v ' time: ' || true
    [[ $status == 1 ]] || {
        echo "line ${BASH_LINENO[0]}: kubectl $* exits with $status, not 1"
        return 1
    }
}

# sorted ARGUMENTS: as k, for output whose order is not the server's word.
sorted() {
    printf '$ kubectl %s\n' "$*"
    kubectl -n "$ns" "$@" </dev/null 2>&1 | sort
}

# quietly ARGUMENTS: kubectl, of whose output nothing is compared unless it fails.
quietly() {
    local text
    text=$(kubectl -n "$ns" "$@" 2>&1 </dev/null) || {
        echo "line ${BASH_LINENO[0]}: kubectl $* fails: $text"
        return 1
    }
}

# await PATTERN ARGUMENTS: repeated until a line of the output matches; only the last output counts.
await() {
    local pattern=$1 text deadline=$((SECONDS + 20))
    shift
    until text=$(kubectl -n "$ns" "$@" 2>&1 </dev/null || true) && grep -qE -e "$pattern" <<<"$text"; do
        if ((SECONDS >= deadline)); then
            echo "line ${BASH_LINENO[0]}: kubectl $* never prints $pattern:"
            echo "$text"
            return 1
        fi
        sleep 0.2
    done
    printf '$ kubectl %s\n%s\n' "$*" "$text"
}

# follow ARGUMENTS: kubectl that goes on in the background; `followed N` waits for N lines and ends it.
follow() {
    printf '$ kubectl %s\n' "$*"
    : >followed.log
    # Its log of requests tells what it has begun with.
    kubectl -n "$ns" -v=6 "$@" >followed.log 2>&1 </dev/null &
    followed_pid=$!
}
followed_lines() { grep -vE '^[IWE][0-9]{4} ' followed.log || true; }
# until_followed TEST...: until it holds.
until_followed() {
    local deadline=$((SECONDS + 20))
    until "$@"; do
        if ((SECONDS >= deadline)); then
            echo "line ${BASH_LINENO[1]}: not $*:"
            cat followed.log
            return 1
        fi
        sleep 0.1
    done
}
has_lines() { (($(followed_lines | wc -l) >= $1)); }
# lines N: until what goes on has printed N lines.
lines() { until_followed has_lines "$1"; }
# requested PATTERN: until what goes on has sent such a request.
requested() { until_followed grep -qE "$1" followed.log; }
followed() {
    lines "$1"
    kill "$followed_pid" 2>/dev/null || true
    wait "$followed_pid" 2>/dev/null || true
    followed_lines
}

begin() {
    kubectl create -f - >/dev/null <<<"{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"$ns\"}}"
}
finish() {
    kubectl delete namespace "$ns" --wait=false >/dev/null
}
