/*
 * referer.h - the outer URL of a request: what ARM's clients called, which is not what reached us.
 * Headers and links of replies are made from it. Text in, text out; results are owned by the caller.
 * Threads: pure.
 */
#ifndef RP_FRONTEND_REFERER_H
#define RP_FRONTEND_REFERER_H

/* The same URL with another path (which begins with a slash); scheme, host and query stay. */
char *referer_give_with_path(const char *referer, const char *path);
/* The same URL whose query has name=value (escaped) instead of what it had for that name. */
char *referer_give_with_parameter(const char *referer, const char *name, const char *value);

#endif
