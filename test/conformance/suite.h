/*
 * suite.h - files of literal requests and recorded replies, one a topic.
 *
 *   # comment
 *   == a sentence                    begins a case
 *   needs NAME...                    what the server must have (compact, newer, older); see run.h
 *   POST /api/v1/namespaces/{ns}/x   a request; {ns} is a namespace of the case, {NAME} was captured
 *   : Content-Type: text/plain       a header
 *   > {"a":1}                        the body; several lines are joined
 *   @ NAME metadata.uid              captures a value of the reply (a path; "#" is the whole body)
 *   ~ message                        a path of the reply that is not compared ("**.x": x anywhere);
 *                                    "sort": items are compared in the order of their names
 *   < 200                            the recorded reply: status, then its body, a line a document
 *   < {"a":1}
 *   OPEN NAME /path?watch=true       begins a stream; READ NAME N takes N lines of it (recorded as
 *   READ NAME N                      "< " lines), CLOSE NAME ends it
 *   COMPACT                          makes the server forget the past
 *   AWAIT                            on the next request: repeated until it has the recorded status
 *
 * Threads: one.
 */
#ifndef TEST_CONFORMANCE_SUITE_H
#define TEST_CONFORMANCE_SUITE_H

#include "pkg/base/error.h"
#include "pkg/base/strv.h"

enum step_kind { STEP_REQUEST, STEP_OPEN, STEP_READ, STEP_CLOSE, STEP_COMPACT };

struct step {
    enum step_kind kind;
    char *method, *path; /* request, open */
    char *name;          /* of a stream */
    int count;           /* lines to read */
    bool await;
    struct strv headers;  /* "Name: value" */
    struct strv body;     /* lines */
    struct strv captures; /* "NAME path" */
    struct strv ignored;  /* paths */
    struct strv want;     /* recorded lines; empty: nothing is recorded yet */
};

struct suite_case {
    char *name;
    struct strv needs;
    struct step *steps;
    size_t len;
};

struct suite {
    char *path;
    struct strv head; /* comments before the first case */
    struct suite_case *cases;
    size_t len;
};
int suite_read(const char *path, struct suite *ret, struct error **err);
int suite_write(const struct suite *s, struct error **err);
void suite_release(struct suite *s);

#endif
