/* The two files as a whole. */
#include "hack/generate/client.h"

#include "hack/generate/generate.h"

/* Layout is the generator's, so that it needs no formatter. */
#define BEGIN(file) "/*\n * " file " - " GENERATED_NOTE "\n"
#define END_COMMENT " */\n/* clang-format off */\n"

int client_make_header(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out, BEGIN("resources.h") " *\n"
                                        " * The resources of the public API as structs, and the "
                                        "operations on them as functions. client.h\n"
                                        " * says what holds for all of them, value.h what is "
                                        "absent, empty and null. Behind what not every\n"
                                        " * API version has stand those that have it.\n" END_COMMENT
                                        "#ifndef PKG_CLIENT_RESOURCES_H\n"
                                        "#define PKG_CLIENT_RESOURCES_H\n"
                                        "\n"
                                        "#include \"pkg/base/error.h\"\n"
                                        "#include \"pkg/base/opctx.h\"\n"
                                        "#include \"pkg/client/value.h\"\n");
    client_add_type_declarations(&out);
    client_add_operation_declarations(&out);
    buf_adds(&out, "\n#endif\n");
    *ret = buf_give(&out);
    return 0;
}

int client_make_source(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out, BEGIN("resources.c") END_COMMENT "#include \"pkg/client/client_impl.h\"\n");
    client_add_type_tables(&out);
    client_add_operations(&out);
    *ret = buf_give(&out);
    return 0;
}
