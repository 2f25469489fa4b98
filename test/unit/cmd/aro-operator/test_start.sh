#!/bin/bash
# Starts that cannot go well: each says in one line what is wrong and ends, so that whoever supervises the process tries again.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"

operator() { "$BIN/aro-operator" --bind-address 127.0.0.1 --health-port 0 --metrics-port 0 "$@"; }

# A kubeconfig with one cluster, user and context, all called "x"; sed expressions spoil it.
kubeconfig() {
    local edit=(-e '')
    for expression in "$@"; do
        edit+=(-e "$expression")
    done
    sed "${edit[@]}" >kubeconfig <<-'END'
	apiVersion: v1
	kind: Config
	current-context: x
	clusters: [{name: x, cluster: {server: "https://127.0.0.1:1"}}]
	users: [{name: x, user: {token: abc}}]
	contexts: [{name: x, context: {cluster: x, user: x}}]
	END
}

# refused PATTERN ARGUMENT...: the worker ends with status 1 and one line of error that matches.
refused() {
    local pattern=$1
    shift
    expect_status 1 operator "$@" worker
    expect_text "level=error msg=\".*$pattern" <output
    expect "$(grep -c 'level=error' output)" = 1
    expect "$(grep -vc '^time=' output)" = 0
}

test_missing_file() { refused '/nonexistent/kubeconfig: No such file' --kubeconfig /nonexistent/kubeconfig; }

test_missing_members() { KUBECONFIG=/nonexistent/a:/nonexistent/b refused 'no configuration'; }

test_directory() { refused 'is a directory' --kubeconfig .; }

test_empty_file() {
    : >kubeconfig
    refused 'no configuration' --kubeconfig kubeconfig
}

test_no_yaml() {
    printf 'a: [b\n\tc' >kubeconfig
    refused 'kubeconfig: YAML text: line 2' --kubeconfig kubeconfig
}

test_binary() {
    printf '\377\376\000\001\200' >kubeconfig
    refused 'kubeconfig: ' --kubeconfig kubeconfig
    printf '\177ELF\200\200' >kubeconfig
    refused 'kubeconfig: ' --kubeconfig kubeconfig
}

test_no_map() {
    echo '[1, 2]' >kubeconfig
    refused 'kubeconfig: it is not a map' --kubeconfig kubeconfig
}

test_wrong_types() {
    kubeconfig 's/^current-context: .*/current-context: [x]/'
    refused 'current-context is not a string' --kubeconfig kubeconfig
    kubeconfig 's/^clusters: .*/clusters: 9/'
    refused clusters --kubeconfig kubeconfig
    kubeconfig 's/^users: .*/users: {x: y}/'
    refused users --kubeconfig kubeconfig
    kubeconfig 's/^contexts: .*/contexts: [{name: x, context: 3}]/'
    refused context --kubeconfig kubeconfig
}

test_missing_entries() {
    kubeconfig 's/^current-context: .*/current-context: other/'
    refused "context 'other' does not exist" --kubeconfig kubeconfig
    kubeconfig 's/cluster: x/cluster: other/'
    refused "cluster 'other' does not exist" --kubeconfig kubeconfig
    kubeconfig 's/user: x/user: other/'
    refused "user 'other' does not exist" --kubeconfig kubeconfig
}

test_bad_authority() {
    kubeconfig 's/server:/certificate-authority-data: Zm9v, server:/'
    refused "cluster 'x': certificate authority" --kubeconfig kubeconfig
    kubeconfig 's,server:,certificate-authority: /nonexistent/ca.crt\, server:,'
    refused '/nonexistent/ca.crt: No such file' --kubeconfig kubeconfig
}

test_bad_certificate() {
    kubeconfig 's,token: abc,client-certificate-data: Zm9v\, client-key-data: Zm9v,'
    refused 'certificate' --kubeconfig kubeconfig
}

test_bad_server() {
    kubeconfig 's,https://127.0.0.1:1,https://127.0.0.1:none,'
    refused "cluster 'x'" --kubeconfig kubeconfig
}

test_settings() {
    kubeconfig
    ARO_CHECK_INTERVAL_MS=banana refused "ARO_CHECK_INTERVAL_MS: 'banana' is not a whole number" --kubeconfig kubeconfig
    ARO_LEASE_RETRY_MS=0 refused "ARO_LEASE_RETRY_MS: '0' is not" --kubeconfig kubeconfig
}

test_arguments() {
    expect_status 2 operator
    expect_text 'exactly one role' <output
    expect_text "^'aro-operator --help' tells more\$" <output
    expect_status 2 operator worker master
    expect_status 1 operator boss
    expect_text '^invalid role boss$' <output
    expect_status 2 operator --health-port 70000 worker
    expect_text "'70000' is not a whole number" <output
    expect_status 2 operator --loglevel loud worker
    expect_text "'loud'" <output
}

test_full_output() {
    local word
    for word in --help --version --completion=bash; do
        # shellcheck disable=SC2016 # of the inner shell
        expect_status 1 bash -c '"$BIN/aro-operator" "$0" >/dev/full' "$word"
        expect_text "^aro-operator: printing what $word asks for: No space left on device\$" <output
    done
}

# patient PATTERN: the worker warns once and lives on, since what it misses may come, until it is told to end.
patient() {
    "$BIN/aro-operator" --bind-address 127.0.0.1 --health-port 0 --metrics-port 0 --kubeconfig kubeconfig worker >log 2>&1 &
    local pid=$! i
    for ((i = 0; i < 300; i++)); do
        ! grep -qs "level=warning" log || break
        sleep 0.1
    done
    kill "$pid"
    wait "$pid"
    expect_text "level=warning msg=\".*$1" <log
    expect_text 'msg="starting .*: 1 controller, ' <log
    expect_text 'msg="?stopped' <log
    expect "$(grep -c 'level=warning' log)" = 1
}

test_unreachable() {
    kubeconfig
    patient '127.0.0.1:1'
}

test_missing_token() {
    kubeconfig 's,token: abc,tokenFile: /nonexistent/token,'
    patient '/nonexistent/token: No such file'
}

run_cases start \
    'a missing kubeconfig' test_missing_file \
    'a list of kubeconfigs that are all missing' test_missing_members \
    'a folder as kubeconfig' test_directory \
    'an empty kubeconfig' test_empty_file \
    'a kubeconfig that is no YAML' test_no_yaml \
    'a kubeconfig of arbitrary bytes' test_binary \
    'a kubeconfig that is no map' test_no_map \
    'a kubeconfig with wrong types' test_wrong_types \
    'a kubeconfig with a missing context, cluster or user' test_missing_entries \
    'a kubeconfig with a bad authority' test_bad_authority \
    'a kubeconfig with a bad certificate' test_bad_certificate \
    'a kubeconfig with a bad server' test_bad_server \
    'settings out of bounds' test_settings \
    'wrong arguments' test_arguments \
    'output that cannot be written' test_full_output \
    'a server that nobody is' test_unreachable \
    'a token file that is missing' test_missing_token
