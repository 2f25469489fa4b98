/* routes_page.h - the reference page of the resource provider's routes. Threads: pure. */
#ifndef HACK_GENERATE_ROUTES_PAGE_H
#define HACK_GENERATE_ROUTES_PAGE_H

/* The page with this note about its origin on top; owned by the caller. */
char *routes_page_give(const char *note);

#endif
