#!/bin/bash
# Embedded files come out byte for byte.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../support/cases.sh"

# extract PATH: a program made of the files below res/ writes the one with that path to the file "got"
extract() {
    (cd res && find . -type f -printf '%P\n') >names
    local names
    mapfile -t names <names
    "$ROOT/hack/embed.sh" res "${names[@]}" >embedded.c
    cat >main.c <<'C'
#include <stdio.h>
#include "staticresources/embedded.h"
int main(int argc, char **argv)
{
    const struct embedded_file *f = argc > 1 ? embedded_find(argv[1]) : NULL;
    return f && f->data[f->len] == 0 && fwrite(f->data, 1, f->len, stdout) == f->len ? 0 : 3;
}
C
    "${CC:-gcc}" -Wall -Werror -I"$ROOT" -o program main.c embedded.c "$ROOT/staticresources/embedded.c"
    ./program "$1" >got
}

test_every_byte() {
    mkdir -p res/deep/er
    local i
    for ((i = 0; i < 256; i++)); do printf '%b7' "\\x$(printf %02x "$i")"; done >res/deep/er/all.bin
    extract deep/er/all.bin
    cmp res/deep/er/all.bin got
}

test_text() {
    mkdir res
    printf 'a: "b\\n%%s ??/ */ // $x"\r\n\t- \303\244\nno end of line' >res/text.yaml
    extract text.yaml
    cmp res/text.yaml got
}

test_empty() {
    mkdir res
    : >res/empty
    echo x >res/full
    extract empty
    expect ! -s got
    ./program full >got
    cmp res/full got
}

test_absent() {
    mkdir res
    echo x >res/full
    extract full
    expect_status 3 ./program ful
    expect_status 3 ./program fulle
}

test_order() {
    mkdir -p res/a
    local name
    for name in a/b a.b a-b A B a/Z z; do echo "$name" >"res/$name"; done
    for name in a/b a.b a-b A B a/Z z; do
        extract "$name"
        expect "$(cat got)" = "$name"
    done
}

test_symbol() {
    mkdir res
    echo x >res/a
    "$ROOT/hack/embed.sh" -s others res a >others.c
    cat >main.c <<'C'
#include <stdio.h>
#include "staticresources/embedded.h"
extern const struct embedded_file others[];
extern const size_t others_len;
int main(void)
{
    return others_len == 1 && fputs(others[0].path, stdout) >= 0 ? 0 : 3;
}
C
    "${CC:-gcc}" -Wall -Werror -I"$ROOT" -o program main.c others.c
    expect "$(./program)" = a
}

run_cases embed \
    "every byte value, each before a digit" test_every_byte \
    "text with quotes, backslashes, comments and no end of line" test_text \
    "an empty file beside a full one" test_empty \
    "a name that only begins alike is not found" test_absent \
    "names in any order, also with signs around the slash" test_order \
    "an array of another name" test_symbol
