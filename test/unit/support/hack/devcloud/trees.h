/* trees.h - JSON trees in tests, written with single quotes. */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_TREES_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_TREES_H

#include "hack/devcloud/cluster/schema.h"
#include "pkg/base/json.h"

json *loose_tree(const char *loose); /* NULL gives NULL; defective text fails the test */
void assert_tree(const json *got, const char *want_loose);

#endif
