/* cloud_impl.h - the phases of a cloud's start (cloud_start.c), and what they share. */
#ifndef HACK_DEVCLOUD_UP_CLOUD_IMPL_H
#define HACK_DEVCLOUD_UP_CLOUD_IMPL_H

#include "hack/devcloud/up/cloud.h"
#include "hack/devcloud/up/part.h"
#include "hack/devcloud/up/place.h"
#include "pkg/base/opctx.h"
#include "pkg/net/http_client.h"

#define CLOUD_PHASE_S 60
#define CLOUD_PARTS 3

struct cloud {
    const struct cloud_config *cfg;
    struct place place;
    struct part parts[CLOUD_PARTS]; /* in the order of their start */
    size_t parts_len;
    const struct part *azure_part, *syncsets_part, *rp_part; /* those of parts; NULL: none */
    int phase_s;                                             /* how long what it does may take */
    int64_t phase_end_ns;
    char secret[UUID_LEN + 1]; /* of the service principal */
    char *azure_url;
    int ports[CLOUD_PORTS]; /* as they came out; that of Azure is in its URL */
    struct opctx ctx;
    struct http_client *client;
    struct http_peer *azure;
};

/* Lets some time pass. -1: the end was asked for, a part has ended, or the phase takes too long. arg: the cloud. */
int cloud_pause(void *arg, struct error **err);

int cloud_start_azure(struct cloud *c, struct error **err);
int cloud_start_syncsets(struct cloud *c, struct error **err); /* if it is wanted */
int cloud_start_rp(struct cloud *c, struct error **err);
int cloud_connect(struct cloud *c, struct error **err);
int cloud_prepare_user(struct cloud *c, struct error **err);
int cloud_write_files(struct cloud *c, struct error **err);
void cloud_tell(const struct cloud *c); /* what to do next */
/* Borrows from c. */
struct cloud_user cloud_user_of(struct cloud *c);
void cloud_release(struct cloud *c);

#endif
