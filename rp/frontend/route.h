/* route.h - one row of the route table. */
#ifndef RP_FRONTEND_ROUTE_H
#define RP_FRONTEND_ROUTE_H

#include "pkg/base/error.h"

struct request;

#define ROUTE_API_VERSION 1U       /* the query's api-version must be a registered one */
#define ROUTE_PREFLIGHT_VERSION 2U /* the same in preflight's words */
#define ROUTE_MAINTENANCE 4U       /* tells the cluster's owner that somebody is at work on it */
#define ROUTE_OPEN 8U              /* no authentication, no audit record */
#define ROUTE_QOS 16U              /* one record of quality of service for each request */
#define ROUTE_ADMIN 32U            /* texts of internal errors are for the caller to see */
#define ROUTE_MOCK_MSI 64U         /* development may replace identity headers */

struct route {
    const char *method;
    const char
        *pattern; /* lower case; {sub} {rg} {ns} {type} {name} {loc} {operationid} are checked */
    unsigned flags;
    /* Fills the call's reply. Errors: cloud_error.h. On a pool thread. */
    int (*handle)(struct request *req, struct error **err);
    const char
        *doc; /* for the reference page: what it answers or does, and what its query may say */
};

#endif
