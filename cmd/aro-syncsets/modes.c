#include "cmd/aro-syncsets/modes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/queue/topology.h"

#define FOLDER_DEFAULT "./syncsets-data"
#define KEY_FILE "encryption.key"
#define KEY_FILE_MAX 4096
#define LOCK_PAUSE_MS 50

void mode_release(struct mode *m)
{
    free(m->dsn);
    free(m->folder);
    amqp_address_free(m->broker);
    free(m->bus_prefix);
    keyring_free(m->keys);
    if (m->lock_fd >= 0)
        (void)close(m->lock_fd);
    *m = (struct mode){ .lock_fd = -1 };
}

/* 1: another process has it; -1 only of calls that fail. */
static int try_lock(const struct mode *m, const char *path, struct error **err)
{
    if (flock(m->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK || errno == EINTR)
        return 1;
    return error_set_errno(err, errno, "locking %s", path);
}

static int await_lock(const struct opctx *ctx, const struct mode *m, const char *path,
                      struct error **err)
{
    const struct opctx soon = opctx_with_timeout_ms(ctx, MODE_WAIT_MS);
    int status = try_lock(m, path, err);
    if (status > 0)
        log_info(ctx->log, "another process works in %s: waiting up to %d s for its end", m->folder,
                 MODE_WAIT_MS / 1000);
    while (status > 0 && opctx_sleep_ms(&soon, LOCK_PAUSE_MS, NULL) == 0)
        status = try_lock(m, path, err);
    if (status <= 0 || opctx_check(ctx, err) < 0)
        return status == 0 ? 0 : -1;
    return error_set(
        err, ERR_CONFLICT,
        "another process works in %s: stop it, or set POSTGRES_PARAMS, which several can share",
        m->folder);
}

static int take_lock(const struct opctx *ctx, struct mode *m, struct error **err)
{
    if (mkdir(m->folder, 0700) < 0 && errno != EEXIST)
        return error_set_errno(err, errno, "making the folder %s", m->folder);
    cleanup_free char *path = path_give_joined(m->folder, "lock");
    m->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (m->lock_fd < 0)
        return error_set_errno(err, errno, "%s", path);
    return await_lock(ctx, m, path, err);
}

static int make_key_file(const char *path, const struct rng *rng, struct error **err)
{
    uint64_t words[KEYRING_KEY_LEN / sizeof(uint64_t)];
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        words[i] = rng->next(rng);
    cleanup_secret_text char *key = base64_give(words, sizeof(words));
    cleanup_secret_text char *text = xasprintf("local:%s\n", key);
    secret_wipe(words, sizeof(words));
    return file_write_atomic(path, text, strlen(text), 0600, err);
}

static int own_keys(struct mode *m, const struct rng *rng, struct error **err)
{
    cleanup_free char *path = path_give_joined(m->folder, KEY_FILE);
    cleanup_secret_text char *text = NULL;
    size_t len;
    if (access(path, F_OK) < 0 && make_key_file(path, rng, err) < 0)
        return -1;
    if (file_read(path, KEY_FILE_MAX, &text, &len, err) < 0)
        return -1;
    return keyring_parse(text, &m->keys, err) < 0 ? error_wrap(err, "%s", path) : 0;
}

static int find_keys(struct mode *m, const struct env *env, const struct rng *rng, bool need_keys,
                     struct error **err)
{
    const char *text = env_get_or(env, "SYNCSETS_ENCRYPTION_KEYS", NULL);
    if (text)
        return keyring_parse(text, &m->keys, err) < 0 ? error_wrap(err, "SYNCSETS_ENCRYPTION_KEYS")
                                                      : 0;
    if (m->embedded)
        return own_keys(m, rng, err);
    if (!need_keys)
        return 0;
    return error_set(err, ERR_INVALID,
                     "SYNCSETS_ENCRYPTION_KEYS is not set: kubeconfigs are sealed with it "
                     "(id:base64 of 32 bytes; make one "
                     "with 'openssl rand -base64 32')");
}

static int find_broker(struct mode *m, const struct env *env, const char *url, struct error **err)
{
    const char *prefix = env_get_or(env, "SYNCSETS_BUS_PREFIX", NULL);
    if (prefix && bus_check_prefix(prefix, err) < 0)
        return error_wrap(err, "SYNCSETS_BUS_PREFIX");
    m->bus_prefix = xstrdup(prefix);
    if (url && amqp_address_parse(url, env, &m->broker, err) < 0)
        return error_wrap(err, "AMQP_URL");
    return 0;
}

static int open_mode(const struct opctx *ctx, const struct env *env, bool need_keys, struct mode *m,
                     struct error **err)
{
    const char *params = env_get_or(env, "POSTGRES_PARAMS", NULL),
               *amqp = env_get_or(env, "AMQP_URL", NULL);
    if (amqp && !params)
        return error_set(
            err, ERR_INVALID,
            "AMQP_URL is set, POSTGRES_PARAMS is not: processes cannot share SQLite safely");
    if (find_broker(m, env, amqp, err) < 0)
        return -1;
    m->embedded = !params;
    if (params) {
        if (!strchr(params, '=') && !strstr(params, "://"))
            return error_set(err, ERR_INVALID,
                             "POSTGRES_PARAMS: it must be like 'user=... dbname=... host=...'");
        m->dsn = xstrdup(params);
    } else {
        m->folder = xstrdup(env_get_or(env, "SYNCSETS_DATA_DIR", FOLDER_DEFAULT));
        m->dsn = xasprintf("sqlite:%s/syncsets.db", m->folder);
        if (take_lock(ctx, m, err) < 0)
            return -1;
    }
    return find_keys(m, env, ctx->rng, need_keys, err);
}

int mode_open(const struct opctx *ctx, const struct env *env, bool need_keys, struct mode *ret,
              struct error **err)
{
    *ret = (struct mode){ .lock_fd = -1 };
    if (open_mode(ctx, env, need_keys, ret, err) == 0)
        return 0;
    mode_release(ret);
    return -1;
}
