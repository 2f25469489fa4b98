/*
 * cloud_error.h - errors as ARM's clients see them: {"error":{"code","message","target"}}.
 *
 * An error is meant for the client when its code stands in the table of cloud_error.c; every other
 * one is a failure of ours, which clients see as InternalServerError only. Threads: pure.
 * Source: Azure Resource Manager RPC, common API details, error response content.
 */
#ifndef RP_FRONTEND_CLOUD_ERROR_H
#define RP_FRONTEND_CLOUD_ERROR_H

#include "pkg/base/error.h"
#include "pkg/base/json.h"

/* Sets an error for the client; the status comes from the table, target may be NULL. Returns -1. */
int cloud_error(struct error **err, const char *code, const char *target, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* The same with another status than the code's usual one. */
int cloud_error_with_status(struct error **err, int status, const char *code, const char *target,
                            const char *fmt, ...) PRINTF_LIKE(5, 6);

/* "Internal server error." */
int cloud_error_internal(struct error **err);

bool cloud_error_is(const struct error *e); /* false for NULL */
/* Status for the client: 500 unless cloud_error_is. */
int cloud_error_status(const struct error *e);
/* The body of the reply; internal ones without their text. Owned by the caller. */
json *cloud_error_give_body(const struct error *e);

#endif
