# faults.jq - which calls of a recorded life fail, and how, in the life of another cluster.

# The calls of a record: without those that only look whether something has ended, those of the bootstrap machine, and what was allotted by
# chance. "at" tells the first, second... of the same call.
def calls($name):
    [.[] | select(.path | test("/(operations|operationresults|operationstatuses)/"; "i") | not)
        | select(.method != "GET" or .path != "/ignition/bootstrap.ign")
        | .path |= (gsub("(?<name>" + $name + ")-[a-z0-9]{5}\\b"; "\(.name)-*") | gsub("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"; "*")
            | gsub("(?<machine>-worker-[a-z]+[0-9])-[a-z0-9]{5}(?![a-z0-9])"; "\(.machine)-*") | sub("(?<start>/storageaccounts/(cluster|imageregistry))[a-z0-9]+"; "\(.start)*"; "i") | sub("/subscriptions/\\*"; "/subscriptions/00000000-0000-0000-0000-000000000000"))
        | .host |= sub("^cluster[a-z0-9]+"; "cluster*") | {method, host, path}]
    | reduce .[] as $c ({seen: {}, list: []}; (.seen[$c | tostring] // 0) as $n | .seen[$c | tostring] = $n + 1 | .list += [$c + {at: $n}]) | .list;

def is_own($name): .path | contains($name);
def is_operation: .host == "management.azure.com" and
    (.method == "DELETE" and (.path | test("/microsoft\\.(network|compute)/|^/subscriptions/[^/]*/resourcegroups/[^/]*$"; "i")) and (.path | test("/dnszones/"; "i") | not)
        or .method == "PUT" and (.path | test("/virtualnetworks/|/privateendpoints/"; "i")));

# As the same call of another cluster.
def of($name; $other): .path |= gsub($name; $other);

def envelope($code): {error: {code: $code, message: "made to fail"}};
# What is answered, or not, instead of an answer.
def kinds: {
    throttled: {status: 429, headers: {"Retry-After": "0"}, body: envelope("TooManyRequests")},
    broken: {status: 500, headers: {"Retry-After": "0"}, body: envelope("InternalServerError")},
    reset: {abort: true},
    lost: {abort: true, late: true} };
# The call fails the first time that it is made; "at" others of the same kind come before.
def once($kind): {method, host, path, skip: .at} + kinds[$kind];
