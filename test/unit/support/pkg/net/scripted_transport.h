/*
 * scripted_transport.h - an HTTP transport that compares each request with the next step of a
 * script and gives that step's answer.
 *
 * A request is compared as text: "METHOD URL", a line for each header in order (but hidden ones),
 * a line "@name: value" for each option that is not at its default (@traffic, @gzip, @timeout_ms,
 * @redirects, @fresh, @no_proxy), and behind an empty line the body.
 *
 * Threads: safe from any; steps are used in order of arrival. Failures are reported by
 * scripted_transport_check on the test's own thread.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_NET_SCRIPTED_TRANSPORT_H
#define TEST_UNIT_SUPPORT_PKG_NET_SCRIPTED_TRANSPORT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/strv.h"
#include "pkg/net/http.h"

struct script_step {
    const char *request; /* expected text; NULL: anything */
    int status;          /* of the reply; 0 with a failure: no reply at all; else 0 means 200 */
    const char *headers; /* "Name: value" lines of the reply */
    const char *reply;   /* body; NULL: empty */
    size_t reply_len;    /* 0: strlen(reply) */
    size_t piece;        /* a sink gets pieces of that many bytes; 0: all at once */
    enum err_kind fail;  /* fails behind the reply's bytes; ERR_INTERNAL (0): does not */
    const char *fail_code;
    bool hang;               /* behind the reply's bytes, waits for the context to end */
    void (*hook)(void *arg); /* runs on the sending thread before the answer; may be NULL */
    void *hook_arg;
};

struct scripted_transport {
    struct http_transport base;
    const char *const
        *hidden;          /* header names that are not compared; NULL-terminated, may be NULL */
    struct strv requests; /* texts of all requests so far; read when nobody sends any more */
    /* The rest is private. */
    pthread_mutex_t mu;
    const struct script_step *steps;
    size_t len, used, surprises;
};

/* steps are borrowed. */
void scripted_transport_init(struct scripted_transport *t, const struct script_step *steps,
                             size_t len);
void scripted_transport_release(struct scripted_transport *t);
/* Fails the test unless every step was used and every request was the expected one. */
void scripted_transport_check(struct scripted_transport *t);
/* The request's text as it is compared; owned by the caller. */
char *scripted_transport_give_text(const struct scripted_transport *t,
                                   const struct http_request *req);

#endif
