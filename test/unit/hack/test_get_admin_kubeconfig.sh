#!/bin/bash
# Where an administrator's kubeconfig goes, and what it takes the place of.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../support/cases.sh"

# A cluster whose API server is at 127.1.2.3.
fixture() {
    mkdir bin
    script bin/aro-rp <<'TEXT'
#!/bin/bash
case ${!#} in
properties.adminKubeconfig) printf 'clusters:\n- cluster:\n    server: https://api-int.one.example:6443\n' ;;
properties.apiserverProfile.visibility) echo Public ;;
properties.apiserverProfile.ip) echo 127.1.2.3 ;;
*) exit 1 ;;
esac
TEXT
    export BIN=$CASE_DIR/bin
}
get() { "$ROOT/hack/get-admin-kubeconfig.sh" /subscriptions/s/one "$@"; }

test_file() {
    fixture
    (umask 022 && get)
    expect "$(stat -c %a admin.kubeconfig)" = 600
    expect_text '^    server: https://127\.1\.2\.3:6443$' <admin.kubeconfig
    expect_text '^    tls-server-name: api-int\.one\.example$' <admin.kubeconfig
    get - | diff - admin.kubeconfig
}

test_link() {
    fixture
    echo old >there
    ln -s there link
    get link
    [ -L link ]
    expect_text tls-server-name <there
}

test_folder() {
    fixture
    mkdir there
    expect_status 1 get there
    expect_text 'there is a folder' <output
    expect "$(ls there)" = ''
}

# As /dev/null and /dev/stdout are.
test_no_file() {
    fixture
    mkfifo pipe
    cat pipe >got &
    get pipe
    wait
    [ -p pipe ]
    expect_text tls-server-name <got
}

test_failure() {
    fixture
    expect_status 1 get nowhere/file
    expect_status 1 get gone/
    expect "$(ls)" = "$(printf 'bin\noutput')"
}

run_cases "kubeconfig of an administrator" \
    "a file is its owner's, and whole" test_file \
    "a link stays one" test_link \
    "a folder is refused" test_folder \
    "what is no file is written to" test_no_file \
    "a failure leaves nothing" test_failure
