/*
 * ignition.h - what a machine reads when it starts for the first time: Ignition configurations of spec 2.2.0 and 3.2.0, as
 * customData of a VM (usually a pointer to the whole) and as the files that it brings.
 *
 * Only what a bootstrap machine needs is kept: files with their content, who may log in, and where the rest of a pointer lies. Anything
 * malformed is an error, nothing is guessed. Sizes are bounded (IGNITION_*_MAX). Threads: pure; ignition_fetch blocks.
 * Source: coreos/ignition, docs/configuration-v2_2.md and configuration-v3_2.md; RFC 2397 (data URLs).
 */
#ifndef HACK_DEVCLOUD_BOOT_IGNITION_H
#define HACK_DEVCLOUD_BOOT_IGNITION_H

#include "pkg/base/map.h"
#include "pkg/base/strv.h"
#include "pkg/net/http.h"

#define IGNITION_CUSTOM_DATA_MAX 65535 /* decoded, as Azure has it */
#define IGNITION_CONFIG_MAX ((size_t)32 << 20)
#define IGNITION_FILES_MAX 4000

struct ignition_file {
    char *data; /* NUL behind */
    size_t len;
};

struct ignition {
    char *version;
    struct map *files;     /* absolute path -> struct ignition_file */
    struct strv order;     /* their paths, as they stand in the configuration */
    struct strv sources;   /* URLs of what replaces or completes this one */
    bool is_replaced;      /* by the only source: files here do not count */
    char *authorities_pem; /* who alone vouches for sources; NULL: nobody is named */
    struct strv core_keys; /* SSH keys that user core is known by, as lines of authorized_keys */
};

int ignition_parse(const char *text, size_t len, struct ignition **ret, struct error **err);
void ignition_free(struct ignition *i);
DEFINE_RELEASE(struct ignition *, ignition_free)
#define cleanup_ignition CLEANUP_WITH(ignition_free_slot)

/* The content of a file as text, borrowed; NULL: there is none. */
const char *ignition_text(const struct ignition *i, const char *path);

/* The bytes of a data URL, owned by the caller. */
int ignition_data_url(const char *url, char **ret, size_t *ret_len, struct error **err);

/*
 * ignition_fetch - the whole configuration that customData (decoded) stands for: itself, or what it points to.
 *
 * Errors  ERR_INVALID and ERR_UNSUPPORTED: it can never work; others are of the way to the source, with its answer's status
 *         and text. Queries of URLs, which hold signatures, are never in a text.
 */
int ignition_fetch(struct http_transport *t, const struct opctx *ctx, const char *custom_data,
                   size_t len, struct ignition **ret, struct error **err);

#endif
