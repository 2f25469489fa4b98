#include "pkg/base/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/cli_print.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/version.h"

struct cli_value {
    const char *text; /* borrowed from argv, the environment or the table; NULL: unset */
    int64_t number;   /* of booleans, integers and durations */
    bool is_set;      /* not by default */
};

struct cli_values {
    const struct cli *cli;
    struct cli_value *values; /* one an option */
    const char **args;        /* borrowed from argv */
    size_t args_len;
};

void cli_values_free(struct cli_values *v)
{
    if (!v)
        return;
    free(v->values);
    free(v->args);
    free(v);
}

static bool parse_bool(const char *text, int64_t *ret)
{
    static const struct {
        const char *text;
        bool value;
    } words[] = { { "true", true }, { "false", false }, { "1", true },
                  { "0", false },   { "t", true },      { "f", false } };
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_eq_nocase(text, words[i].text)) {
            *ret = words[i].value;
            return true;
        }
    }
    return false;
}

/* Milliseconds in a unit at *s, which moves behind it; 0 for no unit. */
static int64_t take_unit(const char **s)
{
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (str_starts(*s, units[i].name)) {
            *s += strlen(units[i].name);
            return units[i].ms;
        }
    }
    return 0;
}

/* 500ms, 10s, 1h30m; a bare number is milliseconds. */
static bool parse_duration(const char *text, int64_t *ret)
{
    long long plain;
    if (str_to_int(text, 0, INT64_MAX, &plain)) {
        *ret = plain;
        return true;
    }
    int64_t total = 0;
    const char *s = text;
    while (*s) {
        size_t n = strspn(s, "0123456789");
        cleanup_free char *digits = xstrndup(s, n);
        long long count;
        if (!str_to_int(digits, 0, INT64_MAX, &count))
            return false;
        s += n;
        int64_t unit = take_unit(&s);
        int64_t part;
        if (unit == 0 || __builtin_mul_overflow(count, unit, &part) ||
            __builtin_add_overflow(total, part, &total))
            return false;
    }
    *ret = total;
    return s != text;
}

static int fail_range(const struct cli_option *o, const char *source, const char *text,
                      struct error **err)
{
    const char *what = o->type == CLI_INT ? "a whole number" : "a duration";
    const char *unit = o->type == CLI_INT ? "" : " ms";
    if (o->min == 0 && o->max == 0)
        return error_set(err, ERR_INVALID, "%s: '%s' is not %s", source, text, what);
    return error_set(err, ERR_INVALID, "%s: '%s' is not %s from %lld to %lld%s", source, text, what,
                     o->min, o->max, unit);
}

/* source names the option or variable in the message. */
static int set_value(const struct cli_option *o, struct cli_value *v, const char *source,
                     const char *text, struct error **err)
{
    int64_t number = 0;
    if (o->type == CLI_BOOL) {
        if (!parse_bool(text, &number))
            return error_set(err, ERR_INVALID, "%s: '%s' is neither true nor false", source, text);
    } else if (o->type != CLI_STR) {
        bool any = o->min == 0 && o->max == 0;
        long long whole = 0;
        bool ok = o->type == CLI_INT ? str_to_int(text, INT64_MIN, INT64_MAX, &whole)
                                     : parse_duration(text, &number);
        if (o->type == CLI_INT)
            number = whole;
        if (!ok || number < (any ? 0 : o->min) || (!any && number > o->max))
            return fail_range(o, source, text, err);
    }
    v->text = text;
    v->number = number;
    return 0;
}

static ssize_t find_option(const struct cli *cli, const char *name, size_t len)
{
    for (size_t i = 0; i < cli->options_len; i++) {
        const char *have = cli->options[i].name;
        if (strlen(have) == len && memcmp(have, name, len) == 0)
            return (ssize_t)i;
    }
    return -1;
}

/* Takes argv[*at] and perhaps its value, leaving *at on the last one taken. */
static int take_option(struct cli_values *v, int argc, char **argv, int *at, struct error **err)
{
    const char *arg = argv[*at];
    const char *name = arg + (arg[1] == '-' ? 2 : 1);
    size_t len = strcspn(name, "=");
    cleanup_free char *source = xasprintf("--%.*s", (int)len, name);
    ssize_t i = find_option(v->cli, name, len);
    if (i < 0)
        return error_set(err, ERR_INVALID, "unknown option %s", source);

    const struct cli_option *o = &v->cli->options[i];
    const char *text = name[len] == '=' ? name + len + 1 : NULL;
    if (!text && o->type == CLI_BOOL)
        text = "true";
    if (!text && *at + 1 < argc)
        text = argv[++*at];
    if (!text)
        return error_set(err, ERR_INVALID, "%s: a value is missing", source);
    if (set_value(o, &v->values[i], source, text, err) < 0)
        return -1;
    v->values[i].is_set = true;
    return 0;
}

/* Built-in options, unless the table has one of that name. */
static bool print_builtin(const struct cli *cli, const char *arg, FILE *out)
{
    const char *name = arg + (arg[1] == '-' ? 2 : 1);
    if (find_option(cli, name, strlen(name)) >= 0)
        return false;
    if (str_eq(name, "help") || str_eq(arg, "-h"))
        cli_help(cli, out);
    else if (str_eq(name, "version"))
        (void)fprintf(out, "%s %s\n", cli->prog, version_commit());
    else if (str_eq(name, "completion=bash"))
        cli_print_completion(cli, out);
    else
        return false;
    return true;
}

static int parse_argv(struct cli_values *v, int argc, char **argv, FILE *out,
                      enum cli_outcome *ret_outcome, struct error **err)
{
    bool options_over = false;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (options_over || arg[0] != '-' || !arg[1]) {
            v->args[v->args_len++] = arg;
        } else if (str_eq(arg, "--")) {
            options_over = true;
        } else if (print_builtin(v->cli, arg, out)) {
            if (fflush(out) != 0 || ferror(out))
                return error_set_errno(err, errno, "printing what %s asks for", arg);
            *ret_outcome = CLI_EXIT_OK;
            return 0;
        } else if (take_option(v, argc, argv, &i, err) < 0) {
            return -1;
        }
    }
    *ret_outcome = CLI_RUN;
    return 0;
}

static int fill_unset(struct cli_values *v, const struct env *env, struct error **err)
{
    for (size_t i = 0; i < v->cli->options_len; i++) {
        const struct cli_option *o = &v->cli->options[i];
        struct cli_value *value = &v->values[i];
        const char *text = env && o->env_name ? env_get_or(env, o->env_name, NULL) : NULL;
        if (text && (o->env_wins || !value->is_set)) {
            if (set_value(o, value, o->env_name, text, err) < 0)
                return -1;
            value->is_set = true;
        } else if (!value->is_set && o->dflt && set_value(o, value, o->name, o->dflt, err) < 0) {
            return -1;
        }
    }
    return 0;
}

int cli_parse(const struct cli *cli, int argc, char **argv, const struct env *env, FILE *out,
              enum cli_outcome *ret_outcome, struct cli_values **ret, struct error **err)
{
    cleanup_cli struct cli_values *v = xnew(struct cli_values);
    v->cli = cli;
    v->values = xcalloc(cli->options_len, sizeof(*v->values));
    v->args = xcalloc(argc > 0 ? (size_t)argc : 1, sizeof(*v->args));

    enum cli_outcome outcome;
    if (parse_argv(v, argc, argv, out, &outcome, err) < 0)
        return -1;
    if (outcome == CLI_RUN && fill_unset(v, env, err) < 0)
        return -1;
    *ret_outcome = outcome;
    *ret = take(v);
    return 0;
}

/* A name that is not in the table is a defect of the program. */
static const struct cli_value *value_of(const struct cli_values *v, const char *name)
{
    ssize_t i = find_option(v->cli, name, strlen(name));
    if (i < 0)
        abort();
    return &v->values[i];
}

const char *cli_str(const struct cli_values *v, const char *name)
{
    return value_of(v, name)->text;
}

bool cli_bool(const struct cli_values *v, const char *name)
{
    return value_of(v, name)->number != 0;
}

int64_t cli_int(const struct cli_values *v, const char *name)
{
    return value_of(v, name)->number;
}

bool cli_is_set(const struct cli_values *v, const char *name)
{
    return value_of(v, name)->is_set;
}

size_t cli_args_len(const struct cli_values *v)
{
    return v->args_len;
}

const char *cli_arg(const struct cli_values *v, size_t i)
{
    return i < v->args_len ? v->args[i] : NULL;
}
