/*
 * installer_contract.h - what a graph has to be, whichever driver made it. Checks assert.
 */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_INSTALLER_CONTRACT_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_INSTALLER_CONTRACT_H

#include "pkg/crypt/crypt.h"
#include "rp/cluster/installer/installer.h"

/* wall_ns: when it was made. */
void contract_check(const struct installer_inputs *in, const json *graph, int64_t wall_ns);

/* ---- parts ---- */
/* The bytes of a file in an ignition configuration (the whole text, as given by graph.h); fails the test without it. */
struct secret *contract_give_file(const struct secret *ignition, const char *path);
/* Such a file as the tree of its YAML. */
json *contract_give_manifest(const struct secret *ignition, const char *path);
/* The text behind a data URL. */
struct secret *contract_give_data(const char *url);
/* What a certificate says; release it. */
struct x509_facts contract_give_facts(const char *pem);
/* That ca vouches for a client's certificate at that time. */
bool contract_is_client_of(const char *pem, const char *ca_pem, int64_t wall_ns);

#endif
