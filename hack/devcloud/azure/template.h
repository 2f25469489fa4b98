/*
 * template.h - the template language: expressions in JSON values, evaluated where they stand.
 *
 * A text that begins with "[" and ends with "]" is an expression ("[[" begins a plain text with one bracket). Its result
 * keeps its type. Function and property names are compared without letter case. The simulator's lock is held throughout.
 *
 * Errors are ERR_INVALID: the template is wrong; reference() and list*() pass on what the resource's provider said.
 */
#ifndef HACK_DEVCLOUD_AZURE_TEMPLATE_H
#define HACK_DEVCLOUD_AZURE_TEMPLATE_H

#include "hack/devcloud/azure/sim.h"

/* ---- template_parse.c ---- */
enum expr_kind { EXPR_STR, EXPR_INT, EXPR_CALL, EXPR_MEMBER, EXPR_INDEX };
struct expr {
    enum expr_kind kind;
    char *text; /* the literal; the function's or member's name */
    int64_t number;
    struct expr **args; /* of a call; of a member its base; of an index its base and the index */
    size_t args_len;
};
#define EXPR_DEPTH_MAX 64
int expr_parse(const char *text, struct expr **ret, struct error **err); /* without the brackets */
void expr_free(struct expr *e);                                          /* accepts NULL */
DEFINE_RELEASE(struct expr *, expr_free)
#define cleanup_expr CLEANUP_WITH(expr_free_slot)

/* ---- template_eval.c ---- */
struct template_scope {
    struct azure_sim *sim;
    const char *application;  /* in whose name resources are read; NULL: nobody's */
    const json *template;     /* parameters, variables */
    const json *parameters;   /* NAME: value, of those that were given */
    const char *subscription; /* "/subscriptions/S" */
    const char *group;        /* its name; NULL for a deployment to the subscription */
    const char *deployment;   /* its name */
    const json *copies;       /* [{name, index}], the innermost last; NULL: outside of loops */
    const json *plan;         /* template_plan.h: resources by name; NULL: not known yet */
    bool runtime;             /* whether resources may be read: reference(), list*() */
    int depth;                /* of parameters and variables that use each other */
};
/* The value with every expression in it evaluated. *ret may be NULL (JSON null). */
int template_evaluate(const struct template_scope *s, const json *value, json **ret,
                      struct error **err);
/* As template_evaluate, and the result has to be a text. */
int template_evaluate_str(const struct template_scope *s, const json *value, char **ret,
                          struct error **err);
/* That every text in the value can be parsed, and the functions exist. */
int template_check(const json *value, struct error **err);
/* Calls fn for each call of the function in the value's expressions whose first argument is a literal or can be
 * evaluated before the run. */
typedef void (*template_seen)(void *arg, const char *first);
void template_each_call(const struct template_scope *s, const json *value, const char *function,
                        template_seen fn, void *arg);

/* ---- functions ---- */
struct template_function {
    const char *name;
    size_t min, max; /* arguments; max SIZE_MAX: any number */
    bool runtime;    /* only while the deployment runs */
    /* args: evaluated, borrowed; an argument may be NULL (JSON null) */
    int (*call)(const struct template_scope *s, json *const *args, size_t len, json **ret,
                struct error **err);
};
#define TEMPLATE_ANY SIZE_MAX
/* template_text.c, template_logic.c, template_arm.c: each a table that ends with a NULL name. */
extern const struct template_function template_text_functions[];
extern const struct template_function template_logic_functions[];
extern const struct template_function template_arm_functions[];
/* NULL: there is none. */
const struct template_function *template_find_function(const char *name);

/* For the functions: ERR_INVALID that names the function and what it was given instead. */
int template_need_str(const char *function, const json *arg, const char **ret, struct error **err);
int template_need_int(const char *function, const json *arg, int64_t *ret, struct error **err);
/* template_text.c: how a value is written in a text: texts as they are, everything else as JSON. Owned. */
char *template_give_text(const json *value);

#endif
