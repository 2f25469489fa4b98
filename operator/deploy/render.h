/*
 * render.h - objects from embedded YAML files, with variables filled in.
 *
 * A variable is written ${Name} (letters and digits) inside a string value. It is replaced in the
 * parsed tree, never in the text: a value can neither add fields nor change its type, whatever it
 * contains. Everything else that begins with a dollar stays as it is: $(POD_IP), ${env:X}, $labels.
 * Threads: pure.
 */
#ifndef OPERATOR_DEPLOY_RENDER_H
#define OPERATOR_DEPLOY_RENDER_H

#include "pkg/base/json.h"

struct render_var { /* borrowed; value NULL: known, but this set must not use it */
    const char *name, *value;
};

/*
 * render_file - appends the documents of an embedded file to objects (an array).
 *
 * path  below staticresources/, as for embedded_find.
 * Errors: ERR_INTERNAL for a file that is not part of this build or uses a variable without value.
 */
int render_file(const char *path, const struct render_var *vars, size_t vars_len, json *objects,
                struct error **err);
/* The same for a tree: *ret is a new one, tree is borrowed. */
int render_tree(const json *tree, const struct render_var *vars, size_t vars_len, json **ret,
                struct error **err);

#endif
