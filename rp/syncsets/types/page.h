/*
 * page.h - the description of the API for people: one page, made from the tables as swagger.h's description is, without a script
 * and without anything from elsewhere.
 * Threads: pure.
 */
#ifndef RP_SYNCSETS_TYPES_PAGE_H
#define RP_SYNCSETS_TYPES_PAGE_H

char *sets_page_give(void); /* HTML; owned by the caller */

#endif
