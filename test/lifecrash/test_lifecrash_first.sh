#!/bin/bash
# As test_lifecrash.sh, with clusters of the first layout that have signed certificates and a token of a registry. One life is tried,
# or as many as CRASH_FIRST_LIVES says (0: all of them), from the one that CRASH_TURN says on.
export CRASH_LAYOUT=0 CRASH_LIVES=${CRASH_FIRST_LIVES:-1} CRASH_TURN=${CRASH_TURN:-0}
exec "$(dirname "$0")/test_lifecrash.sh"
