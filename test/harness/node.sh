# shellcheck shell=bash
# node.sh - Node for tests that are written in JavaScript: a version that their packages run on, and what its test
# runner counted. Sourced. NODE_HOME is where npm may install a Node when the system's is too old.
NODE_VERSION=20.20.2

# find_node: puts a Node that is new enough first on PATH.
find_node() {
    local min=${NODE_MIN:-20} machine
    [ "$(node -p 'process.versions.node.split(".")[0]')" -lt "$min" ] || return 0
    case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *)
        echo "node.sh: Node $min or later is needed, and npm has none for $(uname -m)" >&2
        return 1
        ;;
    esac
    local package=node-linux-$machine
    if [ ! -x "${NODE_HOME:?}/node_modules/$package/bin/node" ]; then
        mkdir -p "$NODE_HOME"
        npm install --silent --no-save --prefix "$NODE_HOME" "$package@$NODE_VERSION"
    fi
    PATH=$NODE_HOME/node_modules/$package/bin:$PATH
}

# node_test TAP FILE...: runs them under Node's test runner, its report on standard output; sets good and bad. A case that
# is skipped, cancelled or postponed is a bad one, and so is a run without cases.
node_test() {
    local tap=$1 status=0 word
    shift
    node --test --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=tap --test-reporter-destination="$tap" "$@" || status=$?
    good=$(node_count pass "$tap")
    bad=0
    for word in fail cancelled skipped todo; do
        bad=$((bad + $(node_count "$word" "$tap")))
    done
    if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ "$good" -eq 0 ]; }; then
        echo "node.sh: $*: exit status $status, $good cases" >&2
        bad=1
    fi
}

# node_count WORD TAP: what the runner's summary says about it.
node_count() {
    awk -v word="$1" '$1 == "#" && $2 == word && NF == 3 { n = $3 } END { print n + 0 }' "$2"
}
