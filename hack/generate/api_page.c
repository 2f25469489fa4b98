#include "hack/generate/api_page.h"

#include <string.h>

#include "pkg/api/model.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

#define LETTERS "ABCDEFGHIJK"

static void add_legend(struct buf *out)
{
    buf_adds(out, "| letter | version |\n|---|---|\n");
    for (size_t i = 0; i < api_versions_len; i++)
        if (i < strlen(LETTERS))
            buf_addf(out, "| %c | `%s` |\n", LETTERS[i], api_versions[i].name);
        else
            buf_addf(out, "| admin | `%s`, for support engineers |\n", api_versions[i].name);
}

/* What a field has from those that it is in. */
struct inherited {
    uint32_t versions, read_only, is_mutable;
};

static char rule_of(const struct api_field *f, const struct inherited *in, uint32_t version)
{
    if (!(f->versions & in->versions & version))
        return '\0';
    return (f->read_only | in->read_only) & version     ? 'R'
           : (f->is_mutable | in->is_mutable) & version ? 'M'
                                                        : 'I';
}

static void add_values(struct buf *out, const struct api_enum *e)
{
    buf_adds(out, " One of:");
    for (size_t i = 0; i < e->len; i++)
        buf_addf(out, "%s `%s`", i ? "," : "", e->values[i].value);
    buf_adds(out, ".");
}

static void add_field(struct buf *out, const struct api_field *f, const struct inherited *in,
                      const char *path)
{
    buf_addf(out, "| `%s` |", path);
    for (size_t i = 0; i < api_versions_len; i++) {
        char rule = rule_of(f, in, api_versions[i].bit);
        if (rule)
            buf_addf(out, " %c%s", rule,
                     rule != 'R' && (f->required & api_versions[i].bit) ? "\\*" : "");
        buf_adds(out, " |");
    }
    buf_addf(out, " %s", f->doc);
    if (f->values)
        add_values(out, f->values);
    if (f->flags & FIELD_SECRET)
        buf_adds(out, " Secret: never in a reply.");
    buf_adds(out, " |\n");
}

/* Objects stand for their fields; optional ones have a row, too, since their presence is a fact. */
static void add_type(struct buf *out, const struct api_type *t, const struct inherited *in,
                     const char *prefix)
{
    for (size_t i = 0; i < t->len; i++) {
        const struct api_field *f = &t->fields[i];
        const char *entry = f->kind == KIND_LIST ? "[]" : f->kind == KIND_MAP ? "{}" : "";
        cleanup_free char *path = xasprintf("%s%s", prefix, f->name);
        cleanup_free char *below = xasprintf("%s%s.", path, entry);
        if (f->kind != KIND_VALUE)
            add_field(out, f, in, path);
        const struct inherited inner = { .versions = in->versions & f->versions,
                                         .read_only = in->read_only | f->read_only,
                                         .is_mutable = in->is_mutable | f->is_mutable };
        if (f->type)
            add_type(out, f->type, &inner, below);
    }
}

char *api_page_give(const char *note)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&out,
             "# Fields of a cluster\n\n<!-- %s -->\n\n"
             "I: fixed once the cluster is created. M: may be changed. R: read-only, must be left "
             "out of requests. A star: a create\nneeds it. An empty cell: that version does not "
             "know the field, and ignores it.\n\n",
             note);
    add_legend(&out);
    buf_adds(&out, "\n| field |");
    for (const char *l = LETTERS; *l; l++)
        buf_addf(&out, " %c |", *l);
    buf_adds(&out, " admin | what it is |\n|---|");
    for (size_t i = 0; i < api_versions_len; i++)
        buf_adds(&out, "---|");
    buf_adds(&out, "---|\n");
    add_type(&out, &cluster_type, &(struct inherited){ .versions = V_ALL }, "");
    return buf_give(&out);
}
