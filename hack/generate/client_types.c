/* Structs and enumerations of the typed client, and the tables by which they are read and written. */
#include <string.h>

#include "hack/generate/client.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* What operations send and answer, and what they fail with; the other types follow from these. */
static const struct api_type *const roots[] = {
    &cluster_type,  &credentials_type, &admin_kubeconfig_type, &openshift_version_type,
    &role_set_type, &operation_type,   &cloud_error_type,
};

const struct api_type *client_type_of(const char *definition)
{
    for (size_t i = 0; definition && i < ARRAY_LEN(roots); i++) {
        size_t len = strlen(roots[i]->name);
        const char *rest = str_starts(definition, roots[i]->name) ? definition + len : "?";
        if (str_eq(rest, "") || str_eq(rest, "List") || str_eq(rest, "Update"))
            return roots[i];
    }
    return NULL;
}

/* ---- all types ---- */

#define TYPES_MAX 64

struct all {
    const struct api_type *types[TYPES_MAX], *mapped[TYPES_MAX];
    const struct api_enum *enums[TYPES_MAX];
    size_t types_len, mapped_len, enums_len;
};

/* True when it is new. */
static bool add_once(const void *item, const void **list, size_t *len)
{
    for (size_t i = 0; i < *len; i++)
        if (list[i] == item)
            return false;
    if (*len == TYPES_MAX)
        abort(); /* a constant of ours that is too small */
    list[(*len)++] = item;
    return true;
}
#define ADD_ONCE(item, all, list) add_once((item), (const void **)(all)->list, &(all)->list##_len)

static void collect(const struct api_type *t, struct all *all)
{
    const struct api_field *f;
    if (!ADD_ONCE(t, all, types))
        return;
    for (size_t i = 0; (f = api_field_next(t, V_PUBLIC, &i));) {
        if (f->values)
            ADD_ONCE(f->values, all, enums);
        if (f->kind == KIND_MAP)
            ADD_ONCE(f->type, all, mapped);
        if (f->type)
            collect(f->type, all);
    }
}

static struct all collect_all(void)
{
    struct all all = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        collect(roots[i], &all);
    return all;
}

/* ---- fields ---- */

/* How a member is declared (@ is its name, $ the struct or enumeration that it is about), and what the codec calls it. */
static const struct form {
    const char *declaration, *codec;
    bool has_len;
} forms[] = {
    [KIND_STR] = { "const char *@", "CLIENT_TEXT", false },
    [KIND_TIME] = { "const char *@", "CLIENT_TEXT", false },
    [KIND_INT] = { "struct aro_int @", "CLIENT_INT", false },
    [KIND_VALUE] = { "const struct aro_$ *@", "CLIENT_OBJECT", false },
    [KIND_OPTIONAL] = { "const struct aro_$ *@", "CLIENT_OBJECT", false },
    [KIND_LIST] = { "const struct aro_$ *@", "CLIENT_LIST", true },
    [KIND_STR_MAP] = { "const struct aro_text_entry *@", "CLIENT_TEXT_MAP", true },
    [KIND_MAP] = { "const struct aro_$_entry *@", "CLIENT_MAP", true },
};
static const struct form enum_form = { "enum aro_$ @", "CLIENT_ENUM", false };
static const struct form secret_form = { "struct secret *@", "CLIENT_SECRET", false };

static const struct form *form_of(const struct api_field *f)
{
    if (f->flags & (FIELD_SECRET | FIELD_HANDED_OUT))
        return &secret_form;
    if (f->values)
        return &enum_form;
    if (f->kind >= ARRAY_LEN(forms) || !forms[f->kind].codec)
        abort(); /* no public version has such a field; the codec must learn it first */
    return &forms[f->kind];
}

static char *give_inner_name(const struct api_field *f)
{
    return client_give_snake(f->values ? f->values->name : f->type ? f->type->name : "");
}

/* read_only: versions, a part of those. */
static void add_doc(struct buf *out, const char *doc, uint32_t versions, uint32_t read_only)
{
    cleanup_free char *text = client_give_version_text(versions);
    cleanup_free char *when = client_give_version_text(read_only);
    bool is_always = (versions & ~read_only & V_PUBLIC) == 0;
    buf_addf(out, "/* %s%s%s%s", doc, *text ? " (" : "", text, *text ? ")" : "");
    if (read_only & V_PUBLIC)
        buf_addf(out, " Read-only%s%s.", is_always ? "" : " ", is_always ? "" : when);
    buf_adds(out, " */\n");
}

static void add_member(struct buf *out, const struct api_field *f)
{
    const struct form *form = form_of(f);
    cleanup_free char *name = client_give_snake(f->name), *inner = give_inner_name(f);
    buf_adds(out, "    ");
    add_doc(out, f->doc, f->versions, f->read_only);
    buf_adds(out, "    ");
    client_fill(out, form->declaration, name, inner);
    client_fill(out, form->has_len ? ";\n    size_t @_len;\n" : ";\n", name, "");
}

static void add_row(struct buf *out, const char *type, const struct api_field *f)
{
    const struct form *form = form_of(f);
    cleanup_free char *name = client_give_snake(f->name), *inner = give_inner_name(f);
    cleanup_free char *versions = client_give_version_set(f->versions);
    buf_addf(out, "    { \"%s\", %s, .versions = %s", f->name, form->codec, versions);
    client_fill(out, ", .offset = offsetof(struct aro_$, @)", name, type);
    if (f->read_only & V_PUBLIC) {
        cleanup_free char *read_only = client_give_version_set(f->read_only);
        buf_addf(out, ", .read_only = %s", read_only);
    }
    if (form->has_len)
        client_fill(out, ", .len_offset = offsetof(struct aro_$, @_len)", name, type);
    if (f->type)
        client_fill(out, ", .type = &@_type", inner, "");
    if (f->values)
        client_fill(out, ", .values = &@_enum", inner, "");
    buf_adds(out, " },\n");
}

/* ---- types ---- */

static void add_struct(struct buf *out, const struct api_type *t)
{
    const struct api_field *f;
    cleanup_free char *name = client_give_snake(t->name);
    client_fill(out, "\n/* $ */\nstruct aro_@ {\n", name, t->doc);
    for (size_t i = 0; (f = api_field_next(t, V_PUBLIC, &i));)
        add_member(out, f);
    buf_adds(out, "};\n");
}

static void add_entry(struct buf *out, const struct api_type *t)
{
    cleanup_free char *name = client_give_snake(t->name);
    client_fill(
        out, "\nstruct aro_@_entry {\n    const char *key;\n    const struct aro_@ *value;\n};\n",
        name, "");
}

static void add_table(struct buf *out, const struct api_type *t)
{
    const struct api_field *f;
    cleanup_free char *name = client_give_snake(t->name);
    client_fill(out, "\nstatic const struct client_field @_fields[] = {\n", name, "");
    for (size_t i = 0; (f = api_field_next(t, V_PUBLIC, &i));)
        add_row(out, name, f);
    client_fill(out,
                "};\nstatic const struct client_type @_type = { \"$\", sizeof(struct aro_@), "
                "@_fields, ARRAY_LEN(@_fields) };\n",
                name, t->name);
}

/* ---- enumerations ---- */

static void add_enum(struct buf *out, const struct api_enum *e)
{
    cleanup_free char *name = client_give_snake(e->name), *prefix = client_give_upper(e->name);
    client_fill(out, "\n/* $ */\nenum aro_@ {\n", name, e->doc);
    client_fill(out,
                "    ARO_@_ABSENT,\n"
                "    /* a value that this client does not know; never sent */\n"
                "    ARO_@_UNKNOWN,\n",
                prefix, "");
    for (size_t i = 0; i < e->len; i++) {
        cleanup_free char *value = client_give_upper(e->values[i].value);
        if (!(e->values[i].versions & V_PUBLIC))
            continue;
        buf_adds(out, "    ");
        add_doc(out, e->values[i].doc, e->values[i].versions, 0);
        client_fill(out, "    ARO_@_$,\n", prefix, value);
    }
    client_fill(out,
                "};\n/* As the API spells it; NULL for absent and unknown. */\n"
                "const char *aro_@_text(enum aro_@ value);\n",
                name, "");
}

static void add_enum_table(struct buf *out, const struct api_enum *e)
{
    cleanup_free char *name = client_give_snake(e->name);
    client_fill(out, "\nstatic const struct client_enum_value @_values[] = {\n", name, "");
    for (size_t i = 0; i < e->len; i++) {
        cleanup_free char *versions = client_give_version_set(e->values[i].versions);
        if (e->values[i].versions & V_PUBLIC)
            client_fill(out, "    { \"@\", $ },\n", e->values[i].value, versions);
    }
    client_fill(
        out,
        "};\n"
        "static const struct client_enum @_enum = { \"$\", @_values, ARRAY_LEN(@_values) };\n"
        "\n"
        "const char *aro_@_text(enum aro_@ value)\n"
        "{\n"
        "    return client_enum_text(&@_enum, (int)value);\n"
        "}\n",
        name, e->name);
}

/* ---- text of whole resources ---- */

static const char codec_declarations[] =
    "\n"
    "int aro_@_decode(const char *api_version, const char *text, size_t len, struct aro_@ **ret,\n"
    "                 struct error **err);\n"
    "int aro_@_encode(const char *api_version, const struct aro_@ *from, char **ret,\n"
    "                 struct error **err);\n"
    "void aro_@_free(struct aro_@ *decoded);\n"
    "DEFINE_RELEASE(struct aro_@ *, aro_@_free)\n"
    "#define cleanup_aro_@ CLEANUP_WITH(aro_@_free_slot)\n";

static const char codec_definitions[] =
    "\n"
    "int aro_@_decode(const char *api_version, const char *text, size_t len, struct aro_@ **ret,\n"
    "                 struct error **err)\n"
    "{\n"
    "    void *got = NULL;\n"
    "    if (client_decode_text(&@_type, api_version, text, len, &got, err) < 0)\n"
    "        return -1;\n"
    "    *ret = got;\n"
    "    return 0;\n"
    "}\n"
    "\n"
    "int aro_@_encode(const char *api_version, const struct aro_@ *from, char **ret,\n"
    "                 struct error **err)\n"
    "{\n"
    "    return client_encode_text(&@_type, api_version, from, ret, err);\n"
    "}\n"
    "\n"
    "void aro_@_free(struct aro_@ *decoded)\n"
    "{\n"
    "    client_free(decoded);\n"
    "}\n";

static void add_codecs(struct buf *out, const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        cleanup_free char *name = client_give_snake(roots[i]->name);
        client_fill(out, text, name, "");
    }
}

/* ---- all of it ---- */

void client_add_type_declarations(struct buf *out)
{
    struct all all = collect_all();
    for (size_t i = 0; i < all.enums_len; i++)
        add_enum(out, all.enums[i]);
    for (size_t i = 0; i < all.types_len; i++)
        add_struct(out, all.types[i]);
    for (size_t i = 0; i < all.mapped_len; i++)
        add_entry(out, all.mapped[i]);
    buf_adds(
        out,
        "\n"
        "/*\n"
        " * Resources from JSON text and back. api_version NULL: the newest. What was decoded is\n"
        " * freed as a whole; text that was encoded may hold secrets: secret_free_text.\n"
        " */\n");
    add_codecs(out, codec_declarations);
}

void client_add_type_tables(struct buf *out)
{
    struct all all = collect_all();
    for (size_t i = 0; i < all.enums_len; i++)
        add_enum_table(out, all.enums[i]);
    buf_addc(out, '\n');
    for (size_t i = 0; i < all.types_len; i++) {
        cleanup_free char *name = client_give_snake(all.types[i]->name);
        client_fill(out, "static const struct client_type @_type;\n", name, "");
    }
    for (size_t i = 0; i < all.types_len; i++)
        add_table(out, all.types[i]);
    add_codecs(out, codec_definitions);
}
