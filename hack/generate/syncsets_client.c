#include "hack/generate/syncsets_client.h"

#include <string.h>

#include "hack/generate/client_names.h"
#include "hack/generate/generate.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/operations.h"

#define BEGIN(file) "/*\n * " file " - " GENERATED_NOTE "\n"
#define END_COMMENT " */\n/* clang-format off */\n"

/* A function: an operation of a type, or the watch that a list can be. */
struct function {
    const struct api_operation *op;
    const struct api_type *type;
    bool watches, has_namespace;
};
typedef void (*visit_function)(struct buf *out, const struct function *f, size_t i);

/* ---- which there are ---- */

/* Without a namespace a list is one of all, and a new object says its own: what has two paths is one function. */
static bool is_another_path(const struct api_operation *op, const struct api_type *type)
{
    return !type->global && (str_eq(op->verb, "listAll") || str_eq(op->verb, "createIn"));
}

static void each_function(struct buf *out, visit_function visit)
{
    size_t n = 0;
    for (size_t t = 0; t < API_TYPES; t++)
        for (size_t i = 0; i < api_operations_len; i++) {
            const struct api_operation *op = &api_operations[i];
            const struct api_type *type = &api_types[t];
            if (!api_operation_applies(op, type) || is_another_path(op, type))
                continue;
            struct function f = { op, type, false, !type->global && op->place != API_AT_LIST };
            visit(out, &f, n++);
            f.watches = true;
            if (op->reply == API_REPLY_LIST)
                visit(out, &f, n++);
        }
}

/* "createSelectorSyncSet" */
static char *give_id(const struct function *f)
{
    return xasprintf("%s%s", f->watches ? "watch" : api_operation_verb(f->op, f->type),
                     f->type->kind);
}

/* ---- signatures ---- */

static bool takes_options(const struct function *f)
{
    return f->op->params[0] != NULL && !str_eq(f->op->params[0], "If-None-Match");
}

static void add_signature(struct buf *out, const struct function *f)
{
    cleanup_free char *id = give_id(f);
    cleanup_free char *name = client_give_snake(id);
    buf_addf(out, "int syncsets_%s(struct syncsets *c, const struct opctx *ctx,\n    ", name);
    if (f->has_namespace)
        buf_adds(out, "const char *nspace, ");
    if (f->op->place >= API_AT_OBJECT)
        buf_adds(out, "const char *name, ");
    if (f->op->body != API_BODY_NONE)
        buf_addf(out, "const json *%s, ", f->op->body == API_BODY_PATCH ? "patch" : "object");
    if (takes_options(f))
        buf_adds(out, "const struct syncsets_options *opt,\n    ");
    buf_addf(out, "%s **ret, struct error **err)", f->watches ? "struct syncsets_watch" : "json");
}

/* ---- the header ---- */

/* What a watch is told and a list is not, and the other way round. */
static bool is_of_other_kind(const struct function *f, const char *param)
{
    static const char *const watches[] = { "watch", "resourceVersion", "allowWatchBookmarks",
                                           "timeoutSeconds" };
    if (f->watches)
        return str_eq(param, "limit") || str_eq(param, "continue") || str_eq(param, "watch");
    for (size_t i = 0; i < ARRAY_LEN(watches); i++)
        if (str_eq(param, watches[i]))
            return true;
    return false;
}

static void add_params(struct buf *out, const struct function *f)
{
    const char *between = "\n * Options: ";
    for (size_t i = 0; takes_options(f) && i < API_PARAMS_MAX && f->op->params[i]; i++)
        if (!is_of_other_kind(f, f->op->params[i])) {
            buf_addf(out, "%s%s", between, f->op->params[i]);
            between = ", ";
        }
    buf_adds(out, takes_options(f) ? "." : "");
}

static void add_declaration(struct buf *out, const struct function *f, size_t i)
{
    (void)i;
    const char *doc = f->op->reply != API_REPLY_LIST ? f->op->doc
                      : f->watches                   ? "Watches objects."
                                                     : "Lists objects.";
    buf_addf(out, "\n/* %s: %s", f->type->plural, doc);
    add_params(out, f);
    buf_adds(out, " */\n");
    add_signature(out, f);
    buf_adds(out, ";\n");
}

int syncsets_make_header(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out, BEGIN("operations.h") " *\n"
                                         " * What can be done with SyncSets: one function an "
                                         "operation and type. client.h says what "
                                         "holds for all of them.\n"
                                         " * nspace NULL lists and watches all namespaces; opt "
                                         "NULL tells nothing; what *ret gets "
                                         "is the caller's. A patch\n"
                                         " * that is an array is a JSON patch, any other one is "
                                         "merged.\n" END_COMMENT
                                         "#ifndef PKG_SYNCSETS_OPERATIONS_H\n#define "
                                         "PKG_SYNCSETS_OPERATIONS_H\n\n"
                                         "#include \"pkg/syncsets/client.h\"\n");
    each_function(&out, add_declaration);
    buf_adds(&out, "\n#endif\n");
    *ret = buf_give(&out);
    return 0;
}

/* ---- the source ---- */

static void add_row(struct buf *out, const struct function *f, size_t i)
{
    (void)i;
    cleanup_free char *id = give_id(f);
    buf_addf(out, "    { \"%s\", \"%s\", \"%s\", ", id, f->op->method, f->type->plural);
    if (f->op->action)
        buf_addf(out, "\"%s\"", f->op->action);
    else
        buf_adds(out, "NULL");
    buf_adds(out, ",\n      { ");
    for (size_t k = 0; k < API_PARAMS_MAX && f->op->params[k]; k++)
        buf_addf(out, "\"%s\", ", f->op->params[k]);
    buf_adds(out, "NULL } },\n");
}

static void add_definition(struct buf *out, const struct function *f, size_t i)
{
    buf_addc(out, '\n');
    add_signature(out, f);
    buf_addf(out,
             "\n{\n    const struct syncsets_subject subject = { %s, %s, %s };\n"
             "    return %s(c, ctx, &operations[%zu], &subject, %s, ret, err);\n}\n",
             f->has_namespace ? "nspace" : "NULL", f->op->place >= API_AT_OBJECT ? "name" : "NULL",
             f->op->body == API_BODY_NONE    ? "NULL"
             : f->op->body == API_BODY_PATCH ? "patch"
                                             : "object",
             f->watches ? "syncsets_follow" : "syncsets_run", i, takes_options(f) ? "opt" : "NULL");
}

int syncsets_make_source(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out, BEGIN("operations.c") END_COMMENT
             "#include \"pkg/syncsets/operations.h\"\n\n"
             "#include \"pkg/syncsets/client_impl.h\"\n\n"
             "static const struct syncsets_operation operations[] = {\n");
    each_function(&out, add_row);
    buf_adds(&out, "};\n");
    each_function(&out, add_definition);
    *ret = buf_give(&out);
    return 0;
}
