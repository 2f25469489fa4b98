/* token_file.h - a bearer token in a file that others replace. Private to pkg/kube. Threads: safe
 * from any; concurrent callers read once. */
#ifndef PKG_KUBE_TOKEN_FILE_H
#define PKG_KUBE_TOKEN_FILE_H

#include "pkg/base/clock.h"
#include "pkg/base/error.h"
#include "pkg/base/log.h"
#include "pkg/base/secret.h"

#define TOKEN_FILE_FRESH_MS 50000 /* a minute less 10 s of leeway, as client-go */
#define TOKEN_FILE_MAX ((size_t)1 << 20)

struct token_file;

/* initial: the token used while the file cannot be read; may be NULL (then the first read must
 * succeed). */
struct token_file *token_file_new(const char *path, struct secret *initial,
                                  const struct clock *clock, const struct log *log);
void token_file_free(struct token_file *f);
/* A new reference to the token in use. */
int token_file_give(struct token_file *f, struct secret **ret, struct error **err);
/* A request that started at started_ns was refused: a copy read before is read again. */
void token_file_expire(struct token_file *f, int64_t started_ns);

#endif
