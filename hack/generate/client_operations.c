/* The functions of the typed client: one an operation, as the table of operations says. */
#include <string.h>

#include "hack/generate/client.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* What a reply is decides the shape of the function. */
enum shape { GETS, LISTS, BEGINS };

static enum shape shape_of(const struct swagger_operation *op)
{
    return op->flags & SWAGGER_LONG ? BEGINS : op->flags & SWAGGER_PAGED ? LISTS : GETS;
}

static char *give_reply_name(const struct swagger_operation *op)
{
    const struct api_type *t = client_type_of(op->reply);
    return client_give_snake(t ? t->name : "");
}

/* ---- arguments: the placeholders of the path, but for the client's own ---- */

/* Each with before in front, or a comma behind when there is nothing to go in front. */
static void add_arguments(struct buf *out, const struct swagger_operation *op, const char *before)
{
    for (const char *p = op->path; (p = strchr(p, '{')) != NULL; p++) {
        cleanup_free char *name = xstrndup(p + 1, strcspn(p, "}") - 1);
        cleanup_free char *argument = client_give_snake(name);
        if (!str_eq(name, "subscriptionId"))
            buf_addf(out, "%s%s%s", before, argument, *before ? "" : ", ");
    }
}

/* What a function of this shape gives ($: the reply's name), and how. */
static const struct {
    const char *result, *body;
    bool waits;
} shapes[] = {
    [GETS] = { "struct aro_$ **ret",
               "    void *got = NULL;\n"
               "    if (client_call(client, ctx, &client_operations[@], args, &got, err) < 0)\n"
               "        return -1;\n"
               "    *ret = got;\n"
               "    return 0;\n",
               true },
    [LISTS] = { "struct aro_$_list **ret",
                "    struct client_list *list = NULL;\n"
                "    if (client_list_new(client, &client_operations[@], args, &list, err) < 0)\n"
                "        return -1;\n"
                "    *ret = (struct aro_$_list *)list;\n"
                "    return 0;\n",
                false },
    [BEGINS] = { "struct aro_poller **ret",
                 "    return client_begin(client, ctx, &client_operations[@], args, body, ret, "
                 "err);\n",
                 true },
};

static void add_signature(struct buf *out, const struct swagger_operation *op)
{
    cleanup_free char *name = client_give_snake(op->id), *reply = give_reply_name(op);
    buf_addf(out, "int aro_%s(const struct aro_client *client", name);
    if (shapes[shape_of(op)].waits)
        buf_adds(out, ", const struct opctx *ctx");
    add_arguments(out, op, ",\n    const char *");
    if (op->request) {
        cleanup_free char *body = client_give_snake(client_type_of(op->request)->name);
        client_fill(out, ",\n    const struct aro_@ *body", body, "");
    }
    buf_adds(out, ",\n    ");
    client_fill(out, shapes[shape_of(op)].result, "", reply);
    buf_adds(out, ", struct error **err)");
}

/* ---- lists ---- */

static const char list_declarations[] =
    "\n"
    "struct aro_@_list;\n"
    "int aro_@_list_next(struct aro_@_list *list, const struct opctx *ctx,\n"
    "                    const struct aro_@ **ret, struct error **err);\n"
    "void aro_@_list_free(struct aro_@_list *list);\n"
    "DEFINE_RELEASE(struct aro_@_list *, aro_@_list_free)\n"
    "#define cleanup_aro_@_list CLEANUP_WITH(aro_@_list_free_slot)\n";

static const char list_definitions[] =
    "\n"
    "int aro_@_list_next(struct aro_@_list *list, const struct opctx *ctx,\n"
    "                    const struct aro_@ **ret, struct error **err)\n"
    "{\n"
    "    const void *item = NULL;\n"
    "    if (client_list_next((struct client_list *)list, ctx, &item, err) < 0)\n"
    "        return -1;\n"
    "    *ret = item;\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "void aro_@_list_free(struct aro_@_list *list)\n"
    "{\n"
    "    client_list_free((struct client_list *)list);\n"
    "}\n";

/* Whether an earlier operation answers with the same list. */
static bool is_repeated(size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_eq(swagger_operations[i].reply, swagger_operations[at].reply))
            return true;
    return false;
}

static void add_lists(struct buf *out, const char *text)
{
    for (size_t i = 0; i < swagger_operations_len; i++) {
        cleanup_free char *name = give_reply_name(&swagger_operations[i]);
        if (shape_of(&swagger_operations[i]) == LISTS && !is_repeated(i))
            client_fill(out, text, name, "");
    }
}

/* ---- operations ---- */

static void add_declaration(struct buf *out, const struct swagger_operation *op)
{
    cleanup_free char *versions = client_give_version_text(op->versions);
    buf_addf(out, "\n/* %s%s%s%s */\n", op->summary, *versions ? " (" : "", versions,
             *versions ? ")" : "");
    add_signature(out, op);
    buf_adds(out, ";\n");
}

static void add_reference(struct buf *out, const char *definition)
{
    const struct api_type *t = client_type_of(definition);
    cleanup_free char *name = t ? client_give_snake(t->name) : NULL;
    client_fill(out, t ? ", &@_type" : ", NULL", name, "");
}

static void add_row(struct buf *out, const struct swagger_operation *op)
{
    cleanup_free char *method = client_give_upper(swagger_verb_name(op->verb));
    cleanup_free char *versions = client_give_version_set(op->versions);
    buf_addf(out, "    { \"%s\", \"%s\",\n      \"%s\",\n      %s", op->id, method, op->path,
             versions);
    add_reference(out, op->request);
    add_reference(out, op->reply);
    buf_adds(out, " },\n");
}

static void add_definition(struct buf *out, const struct swagger_operation *op, size_t i)
{
    cleanup_free char *reply = give_reply_name(op), *index = xasprintf("%zu", i);
    buf_addc(out, '\n');
    add_signature(out, op);
    buf_adds(out, "\n{\n    const char *const args[] = { ");
    add_arguments(out, op, "");
    buf_adds(out, "NULL };\n");
    if (shape_of(op) == BEGINS && !op->request)
        buf_adds(out, "    const void *body = NULL;\n");
    client_fill(out, shapes[shape_of(op)].body, index, reply);
    buf_adds(out, "}\n");
}

/* ---- all of it ---- */

void client_add_operation_declarations(struct buf *out)
{
    buf_adds(
        out,
        "\n"
        "/*\n"
        " * Lists. Making one sends nothing; ..._next gives one item after the other and asks for\n"
        " * pages as they are needed. Items are borrowed until the next call; NULL behind the "
        "last.\n"
        " * A call that failed may be repeated.\n"
        " */\n");
    add_lists(out, list_declarations);
    buf_adds(out, "\n"
                  "/*\n"
                  " * Operations. What they give is the caller's. Of an update's body only what is "
                  "to change is\n"
                  " * set.\n"
                  " */\n"
                  "struct aro_client;\n"
                  "struct aro_poller;\n");
    for (size_t i = 0; i < swagger_operations_len; i++)
        add_declaration(out, &swagger_operations[i]);
}

void client_add_operations(struct buf *out)
{
    buf_adds(out, "\nconst struct client_operation client_operations[] = {\n");
    for (size_t i = 0; i < swagger_operations_len; i++)
        add_row(out, &swagger_operations[i]);
    buf_adds(out, "};\nconst size_t client_operations_len = ARRAY_LEN(client_operations);\n");
    add_lists(out, list_definitions);
    for (size_t i = 0; i < swagger_operations_len; i++)
        add_definition(out, &swagger_operations[i], i);
}
