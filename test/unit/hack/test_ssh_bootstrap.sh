#!/bin/bash
# The way to a bootstrap machine's shell: what the Azure CLI fails with is told, and only a machine that is not there is called so.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../support/cases.sh"

# A cluster, a CLI that answers what is in the file of the member's name and fails with the status in "fails", and an ssh that notes
# where it is sent.
fixture() {
    mkdir bin
    openssl genrsa 2048 2>/dev/null | openssl rsa -outform DER -out key.der 2>/dev/null
    script bin/aro-rp <<'TEXT'
#!/bin/bash
case ${!#} in
properties.sshKey) cat "$CASE_DIR/key.der" ;;
*) echo "${!#}" ;;
esac
TEXT
    script bin/az <<'TEXT'
#!/bin/bash
[[ $* == *"resource show --ids "* ]] || exit 9
[[ ! -e $CASE_DIR/fails ]] || { echo "ERROR: what is wrong" >&2; exit "$(<"$CASE_DIR/fails")"; }
while [ "$1" != --query ]; do shift; done
cat "$CASE_DIR/${2##*.}" 2>/dev/null || true
TEXT
    script bin/ssh <<'TEXT'
#!/bin/bash
echo "$@" >"$CASE_DIR/called"
TEXT
    export CASE_DIR PATH=$CASE_DIR/bin:$PATH BIN=$CASE_DIR/bin
}
bootstrap() { "$ROOT/hack/ssh-bootstrap.sh" /subscriptions/s/one "$@"; }

test_private() {
    fixture
    echo 10.0.0.9 >privateIPAddress
    bootstrap date
    expect_text 'core@10\.0\.0\.9 date$' <called
}

test_failure() {
    fixture
    echo 1 >fails
    expect_status 1 bootstrap date
    expect_text '^ERROR: what is wrong$' <output
    expect_text 'properties.infraId-bootstrap-nic failed \(az ended with 1\)' <output
    expect "$(grep -c 'no bootstrap machine' output)" = 0
    [ ! -e called ]
}

test_absence() {
    fixture
    echo 3 >fails
    expect_status 1 bootstrap date
    expect_text 'there is no bootstrap machine' <output
    expect "$(grep -c 'what is wrong' output)" = 0
    [ ! -e called ]
}

run_cases ssh-bootstrap \
    "it leads to the machine's address" test_private \
    "what the CLI fails with is told" test_failure \
    "a machine that is not there is told as that" test_absence
