#include "pkg/kube/token_file.h"

#include <pthread.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

struct token_file {
    char *path;
    const struct clock *clock;
    const struct log *log;
    pthread_mutex_t mu;
    struct secret *token;
    int64_t read_ns;
    bool fresh;       /* read from the file, and not refused since */
    char *last_fault; /* logged already */
};

struct token_file *token_file_new(const char *path, struct secret *initial,
                                  const struct clock *clock, const struct log *log)
{
    struct token_file *f = xnew(struct token_file);
    f->path = xstrdup(path);
    f->token = initial ? secret_ref(initial) : NULL;
    f->clock = clock;
    f->log = log;
    mutex_init(&f->mu);
    return f;
}

void token_file_free(struct token_file *f)
{
    if (!f)
        return;
    secret_unref(f->token);
    pthread_mutex_destroy(&f->mu);
    free(f->last_fault);
    free(f->path);
    free(f);
}

/* Opened, read and closed each time: the kubelet swaps the file by symlink. */
static int read_token(const char *path, struct secret **ret, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (file_read(path, TOKEN_FILE_MAX, &text, &len, err) < 0)
        return -1;
    size_t begin = strspn(text, " \t\r\n"), end = len;
    while (end > begin && strchr(" \t\r\n", text[end - 1]))
        end--;
    int rc = 0;
    if (end == begin)
        rc = error_set(err, ERR_INVALID, "%s: the token is empty", path);
    else if (strcspn(text + begin, "\r\n") < end - begin || strlen(text) != len)
        rc = error_set(err, ERR_INVALID, "%s: not one line of text", path);
    else
        *ret = secret_new(text + begin, end - begin);
    secret_wipe(text, len);
    return rc;
}

static void note_fault(struct token_file *f, const struct error *fault)
{
    if (str_eq(f->last_fault, error_text(fault)))
        return;
    log_warning(f->log, "the token cannot be read again, the last one stays: %s",
                error_text(fault));
    free(f->last_fault);
    f->last_fault = xstrdup(error_text(fault));
}

/* With the lock held. */
static int refresh(struct token_file *f, struct error **err)
{
    cleanup_error struct error *fault = NULL;
    struct secret *token;
    int64_t now = clock_mono_ns(f->clock);
    if (read_token(f->path, &token, &fault) < 0) {
        if (!f->token)
            return error_move(err, &fault);
        note_fault(f, fault);
        return 0;
    }
    free(take(f->last_fault));
    secret_unref(f->token);
    f->token = token;
    f->read_ns = now;
    f->fresh = true;
    return 0;
}

int token_file_give(struct token_file *f, struct secret **ret, struct error **err)
{
    pthread_mutex_lock(&f->mu);
    int rc = 0;
    int64_t age_ns = clock_mono_ns(f->clock) - f->read_ns;
    if (!f->fresh || age_ns >= TOKEN_FILE_FRESH_MS * NS_PER_MS)
        rc = refresh(f, err);
    if (rc == 0)
        *ret = secret_ref(f->token);
    pthread_mutex_unlock(&f->mu);
    return rc;
}

void token_file_expire(struct token_file *f, int64_t started_ns)
{
    pthread_mutex_lock(&f->mu);
    if (f->read_ns < started_ns)
        f->fresh = false;
    pthread_mutex_unlock(&f->mu);
}
