# normal.sed - what must differ between two servers becomes a mark: times, uids, versions, addresses, ages,
# generated names and the widths of columns.
# kubectl's own remark on a watch that its deadline ended within a second; it races with that deadline.
/^W[0-9]{4} .*very short watch/d
s/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/<time>/g
s/[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [-+][0-9]{4}/<time>/g
s/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/<uid>/g
s/(resourceVersion"?: ?)"?[0-9]+"?/\1<rv>/g
s/(Resource Version: +)[0-9]+/\1<rv>/
s#https?://127\.0\.0\.1:[0-9]+#<server>#g
s/\b10\.[0-9]+\.[0-9]+\.[0-9]+\b/<ip>/g
s/^(---|\+\+\+) (.*)\t.*/\1 \2/
# Structures, as Go or as JSON spells them.
s/Invalid value: (v1\.[A-Za-z]+)?\{.*\}: /Invalid value: <structure>: /
s#/tmp/[^ ":]+#<file>#g
# Letters of generated names: no vowels, no 0, 1, 3 (k8s.io/apimachinery/pkg/util/rand).
s/-[bcdfghjklmnpqrstvwxz2456789]{6,10}(-[bcdfghjklmnpqrstvwxz2456789]{5})?\b/-<hash>/g
s/(pod-template-hash["=:]+ ?"?)[bcdfghjklmnpqrstvwxz2456789]+/\1<hash>/g
# Ages, alone in their column.
s/ ([0-9]+[smhd])+( ago)?( |$)/ <age>\3/g
s/ <(invalid|unknown)>$/ <age>/
s/([^ ]) {2,}/\1  /g
s/ +$//
