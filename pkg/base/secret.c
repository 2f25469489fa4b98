#include "pkg/base/secret.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "pkg/base/mem.h"

/* The value has pages of its own, since core dumps are filtered by the page. */
struct secret {
    atomic_uint refs;
    size_t len, mapped;
    char *value; /* len bytes and a NUL behind */
};

struct secret *secret_new(const char *value, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (len > SIZE_MAX / 2)
        abort(); /* no such object exists */
    size_t mapped = (len + page) / page * page;
    char *copy = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED)
        abort(); /* as xmalloc */
    (void)madvise(copy, mapped, MADV_DONTDUMP);
    if (len)
        memcpy(copy, value, len);

    struct secret *s = xnew(struct secret);
    atomic_init(&s->refs, 1);
    s->len = len;
    s->mapped = mapped;
    s->value = copy;
    return s;
}

struct secret *secret_ref(struct secret *s)
{
    if (s)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void secret_unref(struct secret *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    secret_wipe(s->value, s->mapped);
    (void)munmap(s->value, s->mapped);
    free(s);
}

const char *secret_reveal(const struct secret *s, size_t *ret_len)
{
    if (ret_len)
        *ret_len = s->len;
    return s->value;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
    if (!a || !b)
        return a == b;
    if (a->len != b->len)
        return false;
    volatile unsigned char differ = 0; /* volatile: no early way out */
    for (size_t i = 0; i < a->len; i++)
        differ = (unsigned char)(differ | (a->value[i] ^ b->value[i]));
    return differ == 0;
}

void secret_wipe(void *p, size_t len)
{
    if (p)
        explicit_bzero(p, len);
}

void secret_free_text(char *text)
{
    if (!text)
        return;
    secret_wipe(text, strlen(text));
    free(text);
}
