#!/bin/bash
# The executable `aro` finds its siblings beside itself, wherever it is called from. BIN is where it was built.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../../support/cases.sh"

# install: an image in miniature, $CASE_DIR/bin with aro and an aro-operator that tells how it was called
install_aro() {
    mkdir bin
    cp "$BIN/aro" bin/
    cat >bin/aro-operator <<'SCRIPT'
#!/bin/bash
echo "operator of $(dirname "$0")"
printf '<%s>' "$@"
exit 7
SCRIPT
    chmod +x bin/aro-operator
}

test_runs_sibling() {
    install_aro
    expect_status 7 ./bin/aro operator master --health-port 8081 'two words'
    expect_text '^<master><--health-port><8081><two words>$' <output
}

test_passes_options() {
    install_aro
    expect_status 7 ./bin/aro -loglevel debug --kubeconfig f operator worker
    expect_text '^<-loglevel><debug><--kubeconfig><f><worker>$' <output
}

test_any_folder() {
    install_aro
    mkdir elsewhere
    (
        cd elsewhere
        PATH=$CASE_DIR/bin:$PATH expect_status 7 aro operator master
        expect_text "^operator of $CASE_DIR/bin\$" <output
    )
}

test_symlink() {
    install_aro
    mkdir links
    ln -s ../bin/aro links/aro
    expect_status 7 ./links/aro operator master
    expect_text "^operator of $CASE_DIR/bin\$" <output
}

test_missing_sibling() {
    install_aro
    rm bin/aro-operator
    expect_status 127 ./bin/aro operator master
    expect_text "^aro: cannot run $CASE_DIR/bin/aro-operator for 'operator': No such file or directory\$" <output
    expect "$(wc -l <output)" -eq 1
}

test_not_executable() {
    install_aro
    chmod -x bin/aro-operator
    expect_status 126 ./bin/aro operator master
}

test_no_arguments() {
    expect_status 2 "$BIN/aro"
    expect_text '^usage: aro ' <output
}

test_unknown() {
    expect_status 2 "$BIN/aro" nonsense
    expect_text "^aro: unknown command 'nonsense'\$" <output
    expect_text '^usage: aro ' <output
    expect_text "^'aro help' tells more\$" <output
}

test_option_alone() {
    expect_status 2 "$BIN/aro" --bogus
    expect_text "^aro: no command behind the option '--bogus'\$" <output
    expect_text "^'aro help' tells more\$" <output
}

test_help() {
    expect_status 0 "$BIN/aro" help
    expect_text '^  operator ' <output
    install_aro
    expect_status 7 ./bin/aro help operator
    expect_text '^<--help>$' <output
}

test_version() {
    expect_status 0 "$BIN/aro" version
    expect_text '^aro ([0-9a-f]{7,40}|unknown)$' <output
}

test_closed_output() {
    local words
    for words in help --help version 'completion bash' 'operator --help' 'operator --version'; do
        # shellcheck disable=SC2086 # words
        expect_status 1 bash -c '"$BIN/aro" $0 "$@" >/dev/full' $words
        expect "$(wc -l <output)" -eq 1
    done
}

# complete WORD...: what bash would offer for the last word
complete_line() {
    (
        # shellcheck source=/dev/null
        . <("$BIN/aro" completion bash)
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        COMPREPLY=()
        _aro
        echo "${COMPREPLY[*]}"
    )
}

test_completion() {
    expect "$(complete_line aro op)" = operator
    expect "$(complete_line aro -loglevel debug operator m)" = master
    expect "$(complete_line "$BIN/aro" operator --kube)" = --kubeconfig
    expect "$(complete_line "$BIN/aro" operator master --hea)" = --health-port
    expect "$(complete_line /nonexistent/aro operator --he)" = --help # by its words alone
    expect "$(complete_line aro help '')" = "operator rp syncsets"
    expect "$(complete_line aro completion '')" = bash
    expect_status 2 "$BIN/aro" completion
    expect_status 2 "$BIN/aro" completion fish
}

run_cases aro \
    "runs the sibling with the arguments and gives its status" test_runs_sibling \
    "passes on options that stand before the command" test_passes_options \
    "finds the sibling from any folder" test_any_folder \
    "finds the sibling behind a symbolic link" test_symlink \
    "a missing sibling is one clear line and status 127" test_missing_sibling \
    "a sibling that cannot be executed is status 126" test_not_executable \
    "no arguments are usage and status 2" test_no_arguments \
    "an unknown command is named, with status 2" test_unknown \
    "an option without a command is named, with status 2" test_option_alone \
    "help lists commands; help of a command asks it" test_help \
    "version prints the commit" test_version \
    "output that cannot be written is an error" test_closed_output \
    "bash completes commands, their words and their options" test_completion
