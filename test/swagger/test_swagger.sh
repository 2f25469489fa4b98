#!/bin/bash
# The committed swagger files, judged by Debian's validator of OpenAPI 2.0; and the judge by broken copies of them.
# ROOT is the repository.
# shellcheck source=test/unit/support/cases.sh
. "$(dirname "$0")/../unit/support/cases.sh"

DOCUMENTS=redhatopenshift/resource-manager/Microsoft.RedHatOpenShift/openshiftclusters

# Debian's own Python: another one on PATH does not have Debian's packages.
check() { /usr/bin/python3 "$ROOT/test/swagger/check.py" "$@"; }

test_documents_are_valid() { check documents "$ROOT/swagger"; }
test_examples_fit() { check examples "$ROOT/swagger"; }

# break_copy FILE SED: a copy of the files, in swagger, with one of them changed.
break_copy() {
    cp -r "$ROOT/swagger" swagger
    sed -i "$2" "swagger/$1"
    ! cmp -s "swagger/$1" "$ROOT/swagger/$1"
}
test_refuses_unknown_type() {
    break_copy "$DOCUMENTS/stable/2020-04-30/redhatopenshift.json" 's/"type": "integer"/"type": "number_of_things"/'
    expect_status 1 check documents swagger
}
test_refuses_lost_reference() {
    break_copy "$DOCUMENTS/stable/2025-07-25/redhatopenshift.json" 's,#/definitions/ClusterProfile",#/definitions/Nobody",'
    expect_status 1 check documents swagger
}
test_refuses_lost_common_type() {
    break_copy common-types/resource-management/v3/types.json 's/"LocationParameter"/"OtherParameter"/'
    expect_status 1 check documents swagger
}
test_refuses_unknown_member() {
    break_copy "$DOCUMENTS/stable/2023-11-22/examples/OpenShiftClusters_Get.json" 's/"domain"/"dominion"/'
    expect_status 1 check examples swagger
    expect_text 'dominion is not in the document' <output
}
test_refuses_wrong_type() {
    break_copy "$DOCUMENTS/stable/2023-11-22/examples/OpenShiftClusters_Get.json" 's/"count": 3/"count": "3"/'
    expect_status 1 check examples swagger
}
test_refuses_unnamed_example() {
    cp -r "$ROOT/swagger" swagger
    echo '{}' >"swagger/$DOCUMENTS/stable/2023-11-22/examples/Other.json"
    expect_status 1 check examples swagger
}

run_cases swagger \
    "every document is valid OpenAPI 2.0" test_documents_are_valid \
    "every example fits its document" test_examples_fit \
    "an unknown type is refused" test_refuses_unknown_type \
    "a lost reference is refused" test_refuses_lost_reference \
    "a lost shared type is refused" test_refuses_lost_common_type \
    "an example's unknown member is refused" test_refuses_unknown_member \
    "an example's wrong type is refused" test_refuses_wrong_type \
    "an example that nothing names is refused" test_refuses_unnamed_example
