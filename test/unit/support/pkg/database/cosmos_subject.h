/* cosmos_subject.h - the conformance suite on a server that speaks Cosmos DB's interface. */
#ifndef TEST_UNIT_SUPPORT_PKG_DATABASE_COSMOS_SUBJECT_H
#define TEST_UNIT_SUPPORT_PKG_DATABASE_COSMOS_SUBJECT_H

/* url: the server's; the environment's COSMOS_KEY is the account key. The number of failed cases, for main to return. */
int cosmos_subject_run(const char *url);

#endif
