/* lifecycle_page.h - the reference pages of what is done with a cluster, step by step, from the tables of rp/cluster. */
#ifndef HACK_GENERATE_LIFECYCLE_PAGE_H
#define HACK_GENERATE_LIFECYCLE_PAGE_H

/* Each gives a whole page with that note in it, owned by the caller. */
char *lifecycle_page_give_creation(const char *note);
char *lifecycle_page_give_update(const char *note);
char *lifecycle_page_give_admin_update(const char *note);
char *lifecycle_page_give_deletion(const char *note);

/* "with a service principal": of one bit of enum cluster_when. Borrowed; NULL: nobody has given it words. */
const char *lifecycle_page_when(unsigned bit);

#endif
