/* runner.h - runs cases one after the other and counts. */
#ifndef TEST_E2E_RUNNER_H
#define TEST_E2E_RUNNER_H

#include "test/e2e/e2e.h"

struct runner_options {
    const char *focus; /* extended regular expression on names; NULL: all */
    int64_t case_ms;   /* of one case, its repair included */
    const char *junit; /* file for a JUnit report; NULL: none */
    FILE *out;         /* a line per case */
    bool verbose;      /* the documentation of each, too */
    /* Repairs and health after a case; they count for its verdict. NULL: none. */
    int (*recover)(struct e2e *t, struct error **err);
};
struct runner_result {
    int passed, failed;
};
/* Prints the names that the focus leaves. -1: the focus is no regular expression. */
int runner_list(const struct e2e_table *const *tables, size_t len, const struct runner_options *opt,
                struct error **err);
/* -1: the focus is bad, or leaves nothing, or the report cannot be written. Failed cases are no error. The context's
 * end ends the run; the cases that are left count as failed. */
int runner_run(const struct e2e_table *const *tables, size_t len, const struct runner_options *opt,
               struct e2e *t, const struct opctx *ctx, struct runner_result *ret,
               struct error **err);

#endif
