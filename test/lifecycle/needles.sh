# shellcheck shell=bash
# needles.sh - secrets that must not be found, in the forms in which they could be. Sourced.

# needles: for each line "NAME SECRET" of the standard input lines "NAME FORM" of the text itself, as it stands in JSON and in URLs, and in
# base64 wherever in a longer text it begins, of which what its neighbours change is cut.
needles() {
    jq -Rr 'capture("^(?<name>[^ ]+) (?<text>.+)$") | .name as $name | .text as $t
        | [range(3) as $before | ("." * $before + $t | @base64)[[0, 2, 3][$before]:] | sub("..{3}$"; "")] as $base64
        | [$t, ($t | @json)[1:-1], ($t | @uri)] + $base64 + ($base64 | map(gsub("\\+"; "-") | gsub("/"; "_"))) + [($t | explode | map([(. / 16 | floor), . % 16] | map("0123456789abcdef"[.:.+1]) | add) | add)]
        | unique[] | select(length > 5) | "\($name) \(.)"'
}

# key_lines NAME: of each private key in PEM on the standard input the second line of its body, which is as secret as the whole and stands
# alone wherever the key does, for needles.
key_lines() { awk -v name="$1" '/-----BEGIN .*PRIVATE KEY-----/ { at = NR } at && NR == at + 2 && !/-----END/ { print name, $0; at = 0 }'; }

# find_needles NEEDLES FILE...: names what holds one of them; succeeds when none does.
find_needles() {
    local needles=$1 file form found=0
    shift
    cut -d' ' -f2- "$needles" >forms
    for file; do
        LC_ALL=C grep -aoF -f forms "$file" | sort -u >found || continue
        [ -s found ] || continue
        awk -v file="$file" 'NR == FNR { at = index($0, " "); name[substr($0, at + 1)] = substr($0, 1, at - 1); next }
            { print name[$0] " is in " file ": " substr($0, 1, 6) "..." }' "$needles" found
        form=$(head -1 found)
        LC_ALL=C grep -aF -m 1 -e "$form" "$file" | tr -cd '[:print:]' | head -c 400
        found=1
    done
    return $found
}
