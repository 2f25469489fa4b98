/*
 * path_rig.h - what the frontend makes of a path, for tests of the middleware that rewrites it.
 */
#ifndef TEST_UNIT_SUPPORT_RP_FRONTEND_PATH_RIG_H
#define TEST_UNIT_SUPPORT_RP_FRONTEND_PATH_RIG_H

struct path_case {
    const char *name, *target;
    const char *want; /* "STATUS path|original path|the part behind /a/" */
};

/* A test case; *state is its struct path_case. */
void path_check(void **state);

#endif
