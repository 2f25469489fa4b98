/* hive_impl.h - what the files of rp/hive share. */
#ifndef RP_HIVE_HIVE_IMPL_H
#define RP_HIVE_HIVE_IMPL_H

#include "pkg/syncsets/client.h"
#include "rp/hive/hive.h"

struct hive {
    struct syncsets *client;
    struct http_peer *peer; /* NULL: the transport is the caller's */
    bool adopts;
};

#endif
