/* api_page.h - the reference page of a cluster's fields in every API version. Threads: pure. */
#ifndef HACK_GENERATE_API_PAGE_H
#define HACK_GENERATE_API_PAGE_H

/* The page with this note about its origin on top; owned by the caller. */
char *api_page_give(const char *note);

#endif
