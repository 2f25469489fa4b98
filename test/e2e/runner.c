#include "test/e2e/runner.h"

#include <regex.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- focus ---- */

struct focus {
    bool set;
    regex_t regex;
};

static int focus_init(struct focus *f, const char *text, struct error **err)
{
    f->set = text != NULL;
    if (f->set && regcomp(&f->regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
        f->set = false;
        return error_set(err, ERR_INVALID, "'%s' is no regular expression", text);
    }
    return 0;
}

static void focus_release(struct focus *f)
{
    if (f->set)
        regfree(&f->regex);
}
#define cleanup_focus CLEANUP_WITH(focus_release)

static bool focus_has(const struct focus *f, const struct e2e_case *c)
{
    return !f->set || regexec(&f->regex, c->name, 0, NULL, 0) == 0;
}

int runner_list(const struct e2e_table *const *tables, size_t len, const struct runner_options *opt,
                struct error **err)
{
    cleanup_focus struct focus focus = { 0 };
    if (focus_init(&focus, opt->focus, err) < 0)
        return -1;
    for (size_t i = 0; i < len; i++) {
        for (size_t k = 0; k < tables[i]->len; k++) {
            const struct e2e_case *c = &tables[i]->cases[k];
            if (focus_has(&focus, c))
                fprintf(opt->out, "%s%s%s\n", c->name, opt->verbose ? ": " : "",
                        opt->verbose ? c->doc : "");
        }
    }
    return 0;
}

/* ---- report ---- */

static void add_escaped(struct buf *b, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } rows[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" } };
    for (; *text; text++) {
        const char *entity = NULL;
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            if (rows[i].c == *text)
                entity = rows[i].entity;
        if (entity)
            buf_adds(b, entity);
        else if ((unsigned char)*text >= ' ' || *text == '\n')
            buf_addc(b, *text);
    }
}

static void add_report(struct buf *b, const struct e2e_case *c, double seconds,
                       const struct error *e)
{
    buf_adds(b, "  <testcase name=\"");
    add_escaped(b, c->name);
    buf_addf(b, "\" time=\"%.1f\"", seconds);
    if (!e) {
        buf_adds(b, "/>\n");
        return;
    }
    buf_adds(b, ">\n    <failure>");
    add_escaped(b, error_text(e));
    buf_adds(b, "</failure>\n  </testcase>\n");
}

static int write_report(const struct runner_options *opt, const struct buf *cases,
                        const struct runner_result *r, struct error **err)
{
    if (!opt->junit)
        return 0;
    cleanup_free char *text =
        xasprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<testsuite name=\"e2e\" tests=\"%d\" failures=\"%d\">\n%s</testsuite>\n",
                  r->passed + r->failed, r->failed, buf_str(cases));
    if (file_write_atomic(opt->junit, text, strlen(text), 0644, err) < 0)
        return error_wrap(err, "writing the report");
    return 0;
}

/* ---- cases ---- */

/* What was broken is repaired even when the case, or its time, has ended. */
static void run_case(const struct e2e_case *c, const struct runner_options *opt, struct e2e *t,
                     const struct opctx *parent, struct error **ret)
{
    struct opctx ctx = opctx_with_timeout_ms(parent, opt->case_ms);
    t->ctx = &ctx;
    struct error *e = NULL;
    (void)c->run(t, &e);
    struct opctx later = opctx_with_timeout_ms(parent, opt->case_ms);
    t->ctx = &later;
    struct error *trouble = NULL;
    if (opt->recover && opt->recover(t, &trouble) < 0) {
        error_wrap(&trouble, "afterwards");
        error_join(&e, &trouble);
    }
    t->ctx = NULL;
    *ret = e;
}

static void tell(FILE *out, const struct e2e_case *c, double seconds, const struct error *e)
{
    fprintf(out, "%-7s %s (%.1f s)\n", e ? "FAILED" : "ok", c->name, seconds);
    if (e) {
        cleanup_strv struct strv lines = STRV_INIT;
        strv_split(&lines, error_text(e), "\n", false);
        for (size_t i = 0; i < lines.len; i++)
            fprintf(out, "        %s\n", lines.v[i]);
    }
    (void)fflush(out);
}

int runner_run(const struct e2e_table *const *tables, size_t len, const struct runner_options *opt,
               struct e2e *t, const struct opctx *ctx, struct runner_result *ret,
               struct error **err)
{
    cleanup_focus struct focus focus = { 0 };
    cleanup_buf struct buf report = BUF_INIT(BUF_UNBOUNDED);
    struct runner_result r = { 0 };
    if (focus_init(&focus, opt->focus, err) < 0)
        return -1;
    for (size_t i = 0; i < len; i++) {
        for (size_t k = 0; k < tables[i]->len; k++) {
            const struct e2e_case *c = &tables[i]->cases[k];
            if (!focus_has(&focus, c))
                continue;
            if (opt->verbose)
                fprintf(opt->out, "run     %s: %s\n", c->name, c->doc);
            int64_t begin_ns = clock_mono_ns(ctx->clock);
            cleanup_error struct error *e = NULL;
            if (opctx_check(ctx, &e) == 0)
                run_case(c, opt, t, ctx, &e);
            double seconds = (double)(clock_mono_ns(ctx->clock) - begin_ns) / (double)NS_PER_S;
            tell(opt->out, c, seconds, e);
            add_report(&report, c, seconds, e);
            r.passed += e == NULL;
            r.failed += e != NULL;
        }
    }
    if (r.passed + r.failed == 0)
        return error_set(err, ERR_INVALID, "the focus leaves no case");
    *ret = r;
    return write_report(opt, &report, &r, err);
}
