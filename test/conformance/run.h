/*
 * run.h - one case on one server. Every case gets a namespace of its own. Needs: "compact" (a server
 * that was given the command), "newer" (1.21 and later), "older" (1.20).
 */
#ifndef TEST_CONFORMANCE_RUN_H
#define TEST_CONFORMANCE_RUN_H

#include "test/conformance/server.h"
#include "test/conformance/suite.h"

bool run_can(const struct suite_case *c, const struct server *s);
/* 0 when every reply was as recorded; else what differed, in *ret_report (owned by the caller). With
 * record, replies replace what was recorded. */
int run_case(struct suite_case *c, struct server *s, bool record, char **ret_report);

#endif
