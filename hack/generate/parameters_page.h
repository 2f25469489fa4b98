/*
 * parameters_page.h - where each parameter of `az aro create` ends up: its field of the API, what the installer and the templates
 * make of it, the steps that look at it.
 * Source: Azure CLI 2.45, `az aro create --help`.
 */
#ifndef HACK_GENERATE_PARAMETERS_PAGE_H
#define HACK_GENERATE_PARAMETERS_PAGE_H

#include <stddef.h>

/* Lists are of words with a blank between them; "": none. */
struct parameter {
    const char *option;
    const char
        *field; /* of the request's body, as in the reference of fields; "": it is in the URL */
    const char *config; /* members of install-config.yaml */
    const char *values; /* of the templates in deploy/cluster: ${NAME}, or conditions of parts */
    const char *steps;  /* of a creation, in either layout */
    const char *doc;
};
extern const struct parameter parameters[];
extern const size_t parameters_len;

/* The whole page with that note in it, owned by the caller. */
char *parameters_page_give(const char *note);

#endif
