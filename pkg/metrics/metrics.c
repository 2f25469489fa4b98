#include "pkg/metrics/metrics.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/metrics/process.h"
#include "pkg/metrics/text.h"

/*
 * Locks, in this order: collectors_mu (held while collectors run, so that removing one waits for
 * it), families_mu (the table), one mutex a family (its series). A collector sets metrics, which
 * takes the later ones only.
 */

/* Longer label values are cut: a peer must not choose how much memory a series takes. */
#define LABEL_VALUE_MAX 256
#define KEY_MAX (METRICS_LABELS_MAX * (LABEL_VALUE_MAX + 1))
/* Ends each value in a key; a byte that UTF-8 never uses. */
#define KEY_SEPARATOR '\xff'

struct series {
    char *labels[METRICS_LABELS_MAX];
    double value;     /* of a histogram: the sum */
    uint64_t count;   /* histogram only */
    uint64_t *counts; /* a bucket's own observations, not yet cumulative */
};

struct metric {
    struct metric_desc desc; /* owned copies */
    size_t labels_len;
    pthread_mutex_t mu;
    struct map *series; /* by label values, see make_key */
};

struct collector {
    void (*fn)(void *arg);
    void *arg;
};

struct metrics {
    pthread_mutex_t collectors_mu, families_mu;
    struct map *families;
    struct collector *collectors;
    size_t collectors_len, collectors_cap;
};

static void series_free(void *p)
{
    struct series *s = p;
    for (size_t i = 0; i < METRICS_LABELS_MAX; i++)
        free(s->labels[i]);
    free(s->counts);
    free(s);
}

static void family_free(void *p)
{
    struct metric *f = p;
    map_free(f->series);
    pthread_mutex_destroy(&f->mu);
    for (size_t i = 0; i < f->labels_len; i++)
        free((void *)(uintptr_t)f->desc.labels[i]);
    free((void *)(uintptr_t)f->desc.name);
    free((void *)(uintptr_t)f->desc.help);
    free((void *)(uintptr_t)f->desc.buckets);
    free(f);
}

struct metrics *metrics_new(void)
{
    struct metrics *m = xnew(struct metrics);
    mutex_init(&m->collectors_mu);
    mutex_init(&m->families_mu);
    m->families = map_new(family_free);
    return m;
}

void metrics_free(struct metrics *m)
{
    if (!m)
        return;
    map_free(m->families);
    free(m->collectors);
    pthread_mutex_destroy(&m->families_mu);
    pthread_mutex_destroy(&m->collectors_mu);
    free(m);
}

static size_t count_labels(const struct metric_desc *desc)
{
    size_t n = 0;
    while (n < METRICS_LABELS_MAX && desc->labels[n])
        n++;
    return n;
}

static bool same_description(const struct metric *f, const struct metric_desc *desc)
{
    if (f->desc.type != desc->type || f->labels_len != count_labels(desc) ||
        f->desc.buckets_len != desc->buckets_len || !str_eq(f->desc.help, desc->help))
        return false;
    for (size_t i = 0; i < f->labels_len; i++)
        if (!str_eq(f->desc.labels[i], desc->labels[i]))
            return false;
    for (size_t i = 0; i < desc->buckets_len; i++)
        if (f->desc.buckets[i] != desc->buckets[i])
            return false;
    return true;
}

/* The map key of these label values. */
static void make_key(const struct metric *f, const struct metric_labels *labels,
                     char key[KEY_MAX + 1])
{
    size_t len = 0;
    for (size_t i = 0; i < f->labels_len; i++) {
        const char *value = labels->v[i] ? labels->v[i] : "";
        for (size_t n = 0; n < LABEL_VALUE_MAX && value[n]; n++)
            key[len++] = value[n] == KEY_SEPARATOR ? '?' : value[n];
        key[len++] = KEY_SEPARATOR;
    }
    key[len] = '\0';
}

static struct series *find(struct metric *f, const struct metric_labels *labels)
{
    char key[KEY_MAX + 1];
    make_key(f, labels, key);
    return map_get(f->series, key);
}

static struct series *make_series(struct metric *f, const char *key)
{
    struct series *s = xnew(struct series);
    const char *p = key;
    for (size_t i = 0; i < f->labels_len; i++) {
        const char *end = strchr(p, (unsigned char)KEY_SEPARATOR);
        s->labels[i] = xstrndup(p, (size_t)(end - p));
        p = end + 1;
    }
    if (f->desc.type == METRIC_HISTOGRAM)
        s->counts = xcalloc(f->desc.buckets_len + 1, sizeof(*s->counts));
    map_set(f->series, key, s);
    return s;
}

static struct series *find_or_make(struct metric *f, const struct metric_labels *labels)
{
    static const struct metric_labels other = { { "other", "other", "other", "other", "other" } };
    _Static_assert(METRICS_LABELS_MAX == 5, "a word for each label");
    char key[KEY_MAX + 1];

    make_key(f, labels, key);
    struct series *s = map_get(f->series, key);
    if (s)
        return s;
    if (map_len(f->series) >= METRICS_SERIES_MAX - 1) { /* the last one is kept for the others */
        make_key(f, &other, key);
        s = map_get(f->series, key);
    }
    return s ? s : make_series(f, key);
}

static struct metric *make_family(const struct metric_desc *desc)
{
    struct metric *f = xnew(struct metric);

    mutex_init(&f->mu);
    f->series = map_new(series_free);
    f->labels_len = count_labels(desc);
    f->desc = (struct metric_desc){
        .name = xstrdup(desc->name),
        .help = xstrdup(desc->help),
        .type = desc->type,
        .buckets_len = desc->buckets_len,
    };
    for (size_t i = 0; i < f->labels_len; i++)
        f->desc.labels[i] = xstrdup(desc->labels[i]);
    if (desc->buckets_len)
        f->desc.buckets = xmemdup(desc->buckets, desc->buckets_len * sizeof(*desc->buckets));
    if (f->labels_len == 0)
        make_series(f, ""); /* without labels there is one series, known from the start */
    return f;
}

struct metric *metrics_family(struct metrics *m, const struct metric_desc *desc)
{
    if (!m)
        return NULL;
    pthread_mutex_lock(&m->families_mu);
    struct metric *f = map_get(m->families, desc->name);
    if (!f) {
        f = make_family(desc);
        map_set(m->families, desc->name, f);
    } else if (!same_description(f, desc)) {
        abort(); /* two owners of one name: a defect of ours */
    }
    pthread_mutex_unlock(&m->families_mu);
    return f;
}

void metric_add(struct metric *f, double by, struct metric_labels labels)
{
    if (!f || f->desc.type == METRIC_HISTOGRAM)
        return;
    if (f->desc.type == METRIC_COUNTER && !(by >= 0))
        return; /* a counter never falls */
    pthread_mutex_lock(&f->mu);
    find_or_make(f, &labels)->value += by;
    pthread_mutex_unlock(&f->mu);
}

void metric_set(struct metric *f, double value, struct metric_labels labels)
{
    if (!f || f->desc.type != METRIC_GAUGE)
        return;
    pthread_mutex_lock(&f->mu);
    find_or_make(f, &labels)->value = value;
    pthread_mutex_unlock(&f->mu);
}

void metric_observe(struct metric *f, double value, struct metric_labels labels)
{
    if (!f || f->desc.type != METRIC_HISTOGRAM || isnan(value))
        return;
    size_t bucket = 0;
    while (bucket < f->desc.buckets_len && value > f->desc.buckets[bucket])
        bucket++;
    pthread_mutex_lock(&f->mu);
    struct series *s = find_or_make(f, &labels);
    s->counts[bucket]++;
    s->count++;
    s->value += value;
    pthread_mutex_unlock(&f->mu);
}

double metric_get(struct metric *f, struct metric_labels labels)
{
    if (!f)
        return 0;
    pthread_mutex_lock(&f->mu);
    const struct series *s = find(f, &labels);
    double value = 0;
    if (s)
        value = f->desc.type == METRIC_HISTOGRAM ? (double)s->count : s->value;
    pthread_mutex_unlock(&f->mu);
    return value;
}

void metric_remove(struct metric *f, struct metric_labels labels)
{
    if (!f)
        return;
    char key[KEY_MAX + 1];
    make_key(f, &labels, key);
    pthread_mutex_lock(&f->mu);
    map_del(f->series, key);
    pthread_mutex_unlock(&f->mu);
}

void metric_set_all(struct metric *f, const struct metric_value *all, size_t n)
{
    if (!f || f->desc.type != METRIC_GAUGE)
        return;
    pthread_mutex_lock(&f->mu);
    map_free(f->series);
    f->series = map_new(series_free);
    for (size_t i = 0; i < n; i++)
        find_or_make(f, &all[i].labels)->value = all[i].value;
    pthread_mutex_unlock(&f->mu);
}

void metrics_add_collector(struct metrics *m, void (*fn)(void *arg), void *arg)
{
    if (!m)
        return;
    pthread_mutex_lock(&m->collectors_mu);
    if (m->collectors_len == m->collectors_cap) {
        m->collectors_cap = m->collectors_cap ? m->collectors_cap * 2 : 8;
        m->collectors = xreallocarray(m->collectors, m->collectors_cap, sizeof(*m->collectors));
    }
    m->collectors[m->collectors_len++] = (struct collector){ fn, arg };
    pthread_mutex_unlock(&m->collectors_mu);
}

void metrics_remove_collector(struct metrics *m, void (*fn)(void *arg), void *arg)
{
    if (!m)
        return;
    pthread_mutex_lock(&m->collectors_mu);
    for (size_t i = 0; i < m->collectors_len; i++) {
        if (m->collectors[i].fn != fn || m->collectors[i].arg != arg)
            continue;
        m->collectors_len--;
        memmove(&m->collectors[i], &m->collectors[i + 1],
                (m->collectors_len - i) * sizeof(*m->collectors));
        break;
    }
    pthread_mutex_unlock(&m->collectors_mu);
}

/* ---- writing ---- */

/* "name_suffix{a="1",le="0.5"} "; le is NULL outside buckets. */
static void write_sample_name(struct buf *out, const struct metric *f, const struct series *s,
                              const char *suffix, const double *le)
{
    char separator = '{';

    buf_addf(out, "%s%s", f->desc.name, suffix);
    for (size_t i = 0; i < f->labels_len; i++) {
        buf_addf(out, "%c%s=\"", separator, f->desc.labels[i]);
        metrics_text_label_value(out, s->labels[i]);
        buf_addc(out, '"');
        separator = ',';
    }
    if (le) {
        buf_addf(out, "%cle=\"", separator);
        metrics_text_number(out, *le);
        buf_addc(out, '"');
        separator = ',';
    }
    buf_adds(out, separator == ',' ? "} " : " ");
}

static void write_sample(struct buf *out, const struct metric *f, const struct series *s,
                         const char *suffix, double value)
{
    write_sample_name(out, f, s, suffix, NULL);
    metrics_text_number(out, value);
    buf_addc(out, '\n');
}

static void write_histogram(struct buf *out, const struct metric *f, const struct series *s)
{
    uint64_t below = 0;
    for (size_t i = 0; i <= f->desc.buckets_len; i++) {
        double le = i < f->desc.buckets_len ? f->desc.buckets[i] : (double)INFINITY;
        below += s->counts[i];
        write_sample_name(out, f, s, "_bucket", &le);
        metrics_text_number(out, (double)below);
        buf_addc(out, '\n');
    }
    write_sample(out, f, s, "_sum", s->value);
    write_sample(out, f, s, "_count", (double)s->count);
}

static int compare_series(const void *a, const void *b)
{
    const struct series *left = *(const struct series *const *)a;
    const struct series *right = *(const struct series *const *)b;
    for (size_t i = 0; i < METRICS_LABELS_MAX && left->labels[i]; i++) {
        int order = strcmp(left->labels[i], right->labels[i]);
        if (order)
            return order;
    }
    return 0;
}

static int compare_families(const void *a, const void *b)
{
    const struct metric *left = *(const struct metric *const *)a;
    const struct metric *right = *(const struct metric *const *)b;
    return strcmp(left->desc.name, right->desc.name);
}

/* The values of m, ordered; the caller frees the array. */
static void **give_sorted(const struct map *m, int (*compare)(const void *, const void *))
{
    void **all = xcalloc(map_len(m) + 1, sizeof(*all));
    size_t n = 0;
    for (struct map_iter it = { 0 }; map_next(m, &it);)
        all[n++] = it.value;
    qsort(all, n, sizeof(*all), compare);
    return all;
}

static void write_family(struct metric *f, struct buf *out)
{
    static const char *const types[] = {
        [METRIC_COUNTER] = "counter",
        [METRIC_GAUGE] = "gauge",
        [METRIC_HISTOGRAM] = "histogram",
    };

    pthread_mutex_lock(&f->mu);
    cleanup_free void **all = give_sorted(f->series, compare_series);
    if (all[0])
        metrics_text_head(out, f->desc.name, f->desc.help, types[f->desc.type]);
    for (void **s = all; *s; s++) {
        if (f->desc.type == METRIC_HISTOGRAM)
            write_histogram(out, f, *s);
        else
            write_sample(out, f, *s, "", ((struct series *)*s)->value);
    }
    pthread_mutex_unlock(&f->mu);
}

void metrics_write(struct metrics *m, struct buf *out)
{
    pthread_mutex_lock(&m->collectors_mu);
    for (size_t i = 0; i < m->collectors_len; i++)
        m->collectors[i].fn(m->collectors[i].arg);
    pthread_mutex_unlock(&m->collectors_mu);

    pthread_mutex_lock(&m->families_mu); /* families only come: the list stays good afterwards */
    cleanup_free void **all = give_sorted(m->families, compare_families);
    pthread_mutex_unlock(&m->families_mu);
    for (void **f = all; *f; f++)
        write_family(*f, out);
    process_metrics_write("/proc", out);
}
