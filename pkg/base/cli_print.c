#include "pkg/base/cli_print.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/buf.h"

#define HELP_WIDTH 80
#define HELP_DOC_INDENT 8

void cli_usage(const struct cli *cli, FILE *out)
{
    (void)fprintf(out, "usage: %s %s\n", cli->prog, cli->usage);
}

static void print_wrapped(const char *text, size_t indent, FILE *out)
{
    size_t column = 0;
    while (*(text += strspn(text, " \n"))) {
        size_t n = strcspn(text, " \n");
        if (column > 0 && column + 1 + n > HELP_WIDTH) {
            (void)fputc('\n', out);
            column = 0;
        }
        (void)fprintf(out, "%*s%.*s", column == 0 ? (int)indent : 1, "", (int)n, text);
        column += (column == 0 ? indent : 1) + n;
        text += n;
    }
    (void)fputc('\n', out);
}

static void print_option(const struct cli_option *o, FILE *out)
{
    static const char *const names[] = {
        [CLI_STR] = "TEXT", [CLI_BOOL] = NULL, [CLI_INT] = "N", [CLI_DURATION_MS] = "DURATION"
    };
    const char *value_name = o->value_name ? o->value_name : names[o->type];
    (void)fprintf(out, "  --%s", o->name);
    if (o->type != CLI_BOOL)
        (void)fprintf(out, " %s", value_name);
    (void)fputc('\n', out);

    cleanup_buf struct buf doc = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&doc, o->doc ? o->doc : "");
    if (o->dflt)
        buf_addf(&doc, " (default: %s)", *o->dflt ? o->dflt : "empty");
    if (o->env_name)
        buf_addf(&doc, " [$%s%s]", o->env_name, o->env_wins ? ", which wins" : "");
    print_wrapped(buf_str(&doc), HELP_DOC_INDENT, out);
}

void cli_help(const struct cli *cli, FILE *out)
{
    cli_usage(cli, out);
    if (cli->summary) {
        (void)fputc('\n', out);
        print_wrapped(cli->summary, 0, out);
    }
    (void)fputs("\noptions:\n", out);
    for (size_t i = 0; i < cli->options_len; i++)
        print_option(&cli->options[i], out);
    (void)fputs("  -h, --help\n        Show this help and exit.\n"
                "  --version\n        Show the version and exit.\n"
                "  --completion=bash\n        Print a completion script for bash and exit.\n",
                out);
    if (cli->epilog)
        (void)fprintf(out, "\n%s\n", cli->epilog);
}

void cli_print_completion(const struct cli *cli, FILE *out)
{
    cleanup_buf struct buf fn = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = cli->prog; *p; p++)
        buf_addc(&fn, isalnum((unsigned char)*p) ? *p : '_');
    (void)fprintf(out, "_%s()\n{\n    COMPREPLY=($(compgen -W \"", buf_str(&fn));
    for (size_t i = 0; i < cli->options_len; i++)
        (void)fprintf(out, "--%s ", cli->options[i].name);
    (void)fprintf(out,
                  "--help --version --completion=bash\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
                  "complete -o default -F _%s %s\n",
                  buf_str(&fn), cli->prog);
}
