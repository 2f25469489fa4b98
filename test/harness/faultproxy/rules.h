/*
 * rules.h - which requests meet which fault.
 *
 * A rule is a JSON object; the first of the list that fits counts, and counts down its times:
 *   method, path, query, agent   patterns with * and ?; absent: any
 *   times                        how many requests; default 1, -1 = all
 *   delay_ms                     waits before anything else happens
 *   status, headers, body        answers itself; body: text, or JSON
 *   stall                        true: no answer while these rules stand; then the connection is cut
 *   cut_after, end_after, stall_after
 *                                after so many bytes of the reply's body: the connection is cut; the body ends as if it were
 *                                whole; nothing more comes
 *   pad                          so many blanks before the body's end
 * Threads: safe from any.
 */
#ifndef TEST_HARNESS_FAULTPROXY_RULES_H
#define TEST_HARNESS_FAULTPROXY_RULES_H

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"

struct rules;
struct rules *rules_new(void);
void rules_free(struct rules *r);

/* What happens to one request. Strings are owned; release it. */
struct fault {
    bool found, stall;
    int status; /* 0: it is passed on */
    int64_t delay_ms, pad;
    int64_t cut_after, end_after, stall_after; /* -1: never */
    char *body;                                /* text; NULL: none */
    char *headers;                             /* JSON text of an object; NULL: none */
    struct stop *replaced;                     /* requested when other rules are set */
};
struct asked { /* borrowed; query and agent may be NULL */
    const char *method, *path, *query, *agent;
};
struct fault rules_take(struct rules *r, const struct asked *asked);
void fault_release(struct fault *f);

/* Replaces all rules by a copy of the list. ERR_INVALID: it is no array of objects. */
int rules_set(struct rules *r, const json *list, struct error **err);
/* The rules as they are, with what is left of their times. A copy. */
json *rules_give(struct rules *r);

#endif
