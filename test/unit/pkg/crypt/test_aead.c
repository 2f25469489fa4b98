#include <stdatomic.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/aead.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

#define LEGACY_TEXT "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXtUtqXaOFGmTqgKkvtsgmVSxnehXeQB7RCTo="
#define NOW_S (FAKE_WALL_NS / NS_PER_S)

struct version {
    enum aead_format format;
    unsigned char first; /* the key counts up from here */
    int64_t created_s;
    bool disabled;
};

struct rig {
    struct aead_source source;
    struct version versions[8];
    size_t len;
    bool fails, is_silent; /* silent: says nothing before the context ends */
    atomic_int lists;
    struct fake_clock clock;
    struct fake_rng rng;
    struct opctx ctx;
    struct aead *aead;
};

static struct secret *give_key(const struct version *v)
{
    unsigned char key[AEAD_V2_KEY_LEN];
    size_t len = v->format == AEAD_V2 ? AEAD_V2_KEY_LEN : AEAD_LEGACY_KEY_LEN;
    for (size_t i = 0; i < len; i++)
        key[i] = (unsigned char)(v->first + i);
    cleanup_free char *text = base64_give(key, len);
    return secret_new(text, strlen(text));
}

static int wait_for_end(const struct opctx *ctx, struct error **err)
{
    struct waker w;
    waker_init(&w, ctx);
    waker_lock(&w);
    int rcode = 0;
    while (rcode == 0)
        rcode = waker_wait(&w, CLOCK_NEVER, err);
    waker_unlock(&w);
    waker_release(&w);
    return rcode;
}

static int list_versions(struct aead_source *source, const struct opctx *ctx, struct aead_keys *ret,
                         struct error **err)
{
    struct rig *r = container_of(source, struct rig, source);
    atomic_fetch_add(&r->lists, 1);
    if (r->is_silent)
        return wait_for_end(ctx, err);
    if (r->fails)
        return error_set(err, ERR_UNAVAILABLE, "the vault is away");
    for (size_t i = 0; i < r->len; i++) {
        const struct version *v = &r->versions[i];
        if (aead_keys_add(ret, v->format, give_key(v), v->created_s, v->disabled, err) < 0)
            return -1;
    }
    return 0;
}

static void add(struct rig *r, struct version v)
{
    r->versions[r->len++] = v;
}

static void rig_init(struct rig *r)
{
    memset(r, 0, sizeof(*r));
    r->source.list = list_versions;
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 1);
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, NULL, NULL);
}

static void rig_open(struct rig *r, int64_t distribute_s)
{
    struct aead_config cfg = { .source = &r->source, .distribute_s = distribute_s };
    assert_int_equal(aead_new(&cfg, &r->ctx, &r->aead, NULL), 0);
}

static void rig_release(struct rig *r)
{
    aead_free(r->aead);
    fake_clock_release(&r->clock);
}
#define cleanup_rig CLEANUP_WITH(rig_release)

/* What the sealer makes of text, opened with the version alone; NULL: that key does not open it. */
static char *give_seen_by(const struct version *v, const char *sealed)
{
    struct rig only;
    rig_init(&only);
    add(&only, *v);
    rig_open(&only, 0);
    struct secret *plain = NULL;
    (void)aead_open(only.aead, &only.ctx, sealed, &plain, NULL);
    char *text = plain ? xstrdup(secret_reveal(plain, NULL)) : NULL;
    secret_unref(plain);
    rig_release(&only);
    return text;
}

static char *seal(struct rig *r, const char *text)
{
    cleanup_secret struct secret *plain = secret_new(text, strlen(text));
    char *sealed = NULL;
    assert_int_equal(aead_seal(r->aead, &r->ctx, plain, &sealed, NULL), 0);
    return sealed;
}

static const struct version old_v2 = { AEAD_V2, 10, NOW_S - 90000, false };
static const struct version new_v2 = { AEAD_V2, 20, NOW_S - 60, false };
static const struct version legacy = { AEAD_LEGACY, 0, NOW_S - 900000, false };

static void check_newest_seals(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    add(&r, new_v2);
    add(&r, legacy);
    rig_open(&r, 0);

    cleanup_free char *sealed = seal(&r, "pull secret");

    cleanup_free char *by_new = give_seen_by(&new_v2, sealed);
    cleanup_free char *by_old = give_seen_by(&old_v2, sealed);
    assert_string_equal(by_new, "pull secret");
    assert_null(by_old);
}

static void check_fresh_iv(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);

    cleanup_free char *a = seal(&r, "x");
    cleanup_free char *b = seal(&r, "x");

    assert_string_not_equal(a, b);
}

static void check_young_waits(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, new_v2);
    add(&r, old_v2);
    rig_open(&r, 600);

    cleanup_free char *before = seal(&r, "x");
    fake_clock_advance_ms(&r.clock, 600 * 1000);
    cleanup_free char *after = seal(&r, "x");

    cleanup_free char *by_old = give_seen_by(&old_v2, before);
    cleanup_free char *by_new = give_seen_by(&new_v2, after);
    assert_string_equal(by_old, "x");
    assert_string_equal(by_new, "x");
}

static void check_only_young(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, new_v2);
    rig_open(&r, 600);

    cleanup_free char *sealed = seal(&r, "x");

    cleanup_free char *by_new = give_seen_by(&new_v2, sealed);
    assert_string_equal(by_new, "x");
}

static void check_disabled(void **state)
{
    (void)state;
    struct version disabled = new_v2;
    disabled.disabled = true;
    cleanup_rig struct rig r, sealer;
    rig_init(&sealer);
    add(&sealer, new_v2);
    rig_open(&sealer, 0);
    rig_init(&r);
    add(&r, disabled);
    add(&r, old_v2);
    rig_open(&r, 0);

    cleanup_free char *sealed = seal(&r, "x");
    cleanup_free char *by_disabled = seal(&sealer, "y");
    cleanup_free char *by_old = give_seen_by(&old_v2, sealed);
    struct secret *plain = NULL;

    assert_string_equal(by_old, "x");
    assert_int_equal(aead_open(r.aead, &r.ctx, by_disabled, &plain, NULL), -1);
}

static void check_opens_all(void **state)
{
    (void)state;
    const struct version *sealers[] = { &old_v2, &new_v2 };
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, legacy);
    add(&r, old_v2);
    add(&r, new_v2);
    rig_open(&r, 0);
    for (size_t i = 0; i < ARRAY_LEN(sealers); i++) {
        cleanup_rig struct rig s;
        rig_init(&s);
        add(&s, *sealers[i]);
        rig_open(&s, 0);
        cleanup_free char *sealed = seal(&s, "shared");
        cleanup_secret struct secret *plain = NULL;

        assert_int_equal(aead_open(r.aead, &r.ctx, sealed, &plain, NULL), 0);

        assert_string_equal(secret_reveal(plain, NULL), "shared");
    }
    cleanup_secret struct secret *plain = NULL;
    assert_int_equal(aead_open(r.aead, &r.ctx, LEGACY_TEXT, &plain, NULL), 0);
    assert_string_equal(secret_reveal(plain, NULL), "aro-secret");
}

static void check_no_key(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, legacy);
    struct aead_config cfg = { .source = &r.source };
    cleanup_error struct error *err = NULL;

    assert_int_equal(aead_new(&cfg, &r.ctx, &r.aead, &err), -1);

    assert_string_equal(error_text(err),
                        "listing the versions of the encryption keys: no enabled version of a key "
                        "for AES-256-CBC with HMAC-SHA-512 to seal with");
}

static void check_bad_key(void **state)
{
    (void)state;
    static const char *const bad[] = { "no base64!", "AAAA", "" };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct aead_keys keys = { 0 };
        cleanup_error struct error *err = NULL;
        assert_int_equal(
            aead_keys_add(&keys, AEAD_V2, secret_new(bad[i], strlen(bad[i])), 0, false, &err), -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
        assert_null(*bad[i] ? strstr(error_text(err), bad[i]) : NULL);
        aead_keys_release(&keys);
    }
}

static void check_not_base64(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "=", "no base64!", "AAAA\nAAAA", "AAAA" };
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_error struct error *err = NULL;
        struct secret *plain = NULL;
        assert_int_equal(aead_open(r.aead, &r.ctx, bad[i], &plain, &err), -1);
        assert_string_equal(error_get_code(err), AEAD_ERR_CORRUPT);
    }
}

/* A process that is older than the rotation meets what a newer one has sealed. */
static void check_rotation(void **state)
{
    (void)state;
    cleanup_rig struct rig older, newer;
    rig_init(&older);
    add(&older, old_v2);
    rig_open(&older, 0);
    rig_init(&newer);
    add(&newer, old_v2);
    add(&newer, new_v2);
    rig_open(&newer, 0);
    cleanup_free char *sealed = seal(&newer, "rotated");
    cleanup_secret struct secret *plain = NULL;

    add(&older, new_v2);
    fake_clock_advance_ms(&older.clock, AEAD_RELOAD_MS);

    assert_int_equal(aead_open(older.aead, &older.ctx, sealed, &plain, NULL), 0);
    assert_string_equal(secret_reveal(plain, NULL), "rotated");
    assert_int_equal(older.lists, 2);
}

static void check_reload_rate(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);
    struct secret *plain = NULL;
    static const struct {
        int64_t wait_ms;
        int lists;
    } steps[] = { { 0, 1 }, { AEAD_RELOAD_MS - 1, 1 }, { 1, 2 }, { 0, 2 }, { AEAD_RELOAD_MS, 3 } };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        fake_clock_advance_ms(&r.clock, steps[i].wait_ms);
        assert_int_equal(aead_open(r.aead, &r.ctx, LEGACY_TEXT, &plain, NULL), -1);
        assert_int_equal(r.lists, steps[i].lists);
    }
}

static void check_vault_away(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);
    cleanup_free char *sealed = seal(&r, "still here");
    cleanup_secret struct secret *plain = NULL, *none = NULL;
    cleanup_error struct error *err = NULL;
    r.fails = true;
    fake_clock_advance_ms(&r.clock, AEAD_RELOAD_MS);

    assert_int_equal(aead_open(r.aead, &r.ctx, LEGACY_TEXT, &none, &err), -1);
    assert_string_equal(error_get_code(err), AEAD_ERR_CORRUPT);

    assert_int_equal(aead_open(r.aead, &r.ctx, sealed, &plain, NULL), 0);
    assert_string_equal(secret_reveal(plain, NULL), "still here");
}

static void check_silent_vault(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);
    struct secret *none = NULL;
    cleanup_error struct error *err = NULL;
    r.is_silent = true;
    r.clock.auto_advance = true;
    fake_clock_advance_ms(&r.clock, AEAD_RELOAD_MS);
    int64_t before_ns = clock_mono_ns(&r.clock.base);

    assert_int_equal(aead_open(r.aead, &r.ctx, LEGACY_TEXT, &none, NULL), -1);
    assert_int_equal(clock_mono_ns(&r.clock.base) - before_ns, 30 * NS_PER_S);
    assert_int_equal(aead_open(r.aead, &r.ctx, LEGACY_TEXT, &none, NULL), -1);
    assert_int_equal(r.lists, 2); /* not asked again at once */

    assert_int_equal(aead_refresh(r.aead, &r.ctx, &err), -1);
    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal(clock_mono_ns(&r.clock.base) - before_ns, 60 * NS_PER_S);
}

static void refresh(void *arg)
{
    struct rig *r = arg;
    (void)aead_refresh(r->aead, &r->ctx, NULL);
}

static void check_waiting_ends(void **state)
{
    (void)state;
    pthread_t lister;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);
    r.is_silent = true;
    fake_clock_advance_ms(&r.clock, AEAD_RELOAD_MS);
    assert_int_equal(thread_start(&lister, "lister", refresh, &r, NULL), 0);
    fake_clock_await(&r.clock, 1);
    cleanup_stop struct stop *stop = stop_new(NULL);
    stop_request(stop);
    const struct opctx stopped = opctx_with_stop(&r.ctx, stop);
    cleanup_error struct error *open_err = NULL, *refresh_err = NULL;
    struct secret *none = NULL;

    assert_int_equal(aead_open(r.aead, &stopped, LEGACY_TEXT, &none, &open_err), -1);
    assert_int_equal(aead_refresh(r.aead, &stopped, &refresh_err), -1);

    assert_int_equal(error_kind(open_err), ERR_CANCELLED);
    assert_int_equal(error_kind(refresh_err), ERR_CANCELLED);
    fake_clock_advance_ms(&r.clock, 30000);
    (void)pthread_join(lister, NULL);
}

#define THREADS 100

struct worker {
    pthread_t thread;
    struct rig *rig;
    size_t number;
    const char *foreign;
    bool good;
};

static void seal_and_open(void *arg)
{
    struct worker *w = arg;
    w->good = true;
    for (size_t i = 0; i < 20 && w->good; i++) {
        char text[64];
        (void)snprintf(text, sizeof(text), "secret %zu of %zu", i, w->number);
        cleanup_secret struct secret *plain = secret_new(text, strlen(text));
        cleanup_secret struct secret *again = NULL, *foreign = NULL;
        cleanup_free char *sealed = NULL;
        w->good = aead_seal(w->rig->aead, &w->rig->ctx, plain, &sealed, NULL) == 0 &&
                  aead_open(w->rig->aead, &w->rig->ctx, sealed, &again, NULL) == 0 &&
                  secret_equal(plain, again) &&
                  aead_open(w->rig->aead, &w->rig->ctx, w->foreign, &foreign, NULL) == 0;
    }
}

static void check_threads(void **state)
{
    (void)state;
    static struct worker workers[THREADS];
    cleanup_rig struct rig r, newer;
    rig_init(&newer);
    add(&newer, new_v2);
    rig_open(&newer, 0);
    cleanup_free char *foreign = seal(&newer, "rotated");
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);
    add(&r, new_v2);
    fake_clock_advance_ms(&r.clock, AEAD_RELOAD_MS);

    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ .rig = &r, .number = i, .foreign = foreign };
        assert_int_equal(
            thread_start(&workers[i].thread, "sealer", seal_and_open, &workers[i], NULL), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(workers[i].thread, NULL);

    for (size_t i = 0; i < THREADS; i++)
        assert_true(workers[i].good);
    assert_int_equal(r.lists, 2);
}

static void check_current(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_init(&r);
    add(&r, old_v2);
    rig_open(&r, 0);
    cleanup_free char *before = seal(&r, "text");
    assert_true(aead_is_current(r.aead, &r.ctx, before));
    add(&r, new_v2);
    assert_true(aead_is_current(r.aead, &r.ctx, before)); /* nobody has told it */

    assert_int_equal(aead_refresh(r.aead, &r.ctx, NULL), 0);

    cleanup_free char *after = seal(&r, "text");
    assert_false(aead_is_current(r.aead, &r.ctx, before));
    assert_true(aead_is_current(r.aead, &r.ctx, after));
    assert_false(aead_is_current(r.aead, &r.ctx, "no blob"));
    assert_false(aead_is_current(r.aead, &r.ctx, "AAAA"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the newest version seals", check_newest_seals),
        CASE("the same text is never sealed alike", check_fresh_iv),
        CASE("a young version opens before it seals", check_young_waits),
        CASE("a young version seals when there is no older one", check_only_young),
        CASE("a disabled version neither seals nor opens", check_disabled),
        CASE("all versions of both formats open", check_opens_all),
        CASE("without a v2 key there is no sealer", check_no_key),
        CASE("a key that is none is refused without being told", check_bad_key),
        CASE("what is not base64 of a blob is corrupt", check_not_base64),
        CASE("a text under an unknown key makes it list the versions anew", check_rotation),
        CASE("versions are listed at most once in thirty seconds", check_reload_rate),
        CASE("a vault that is away leaves the known versions in use", check_vault_away),
        CASE("a silent vault holds up a listing for thirty seconds", check_silent_vault),
        CASE("who waits for another's listing ends with its own context", check_waiting_ends),
        CASE("knows what the newest version sealed, once it has listed it", check_current),
        CASE("a hundred threads seal and open while a key is rotated", check_threads),
    };
    return RUN_CASES("aead", tests);
}
