#include "cmd/aro/text.h"

#include <ctype.h>

#include "cmd/aro/dispatch.h"

static const char usage[] = "usage: aro [options] COMMAND [arguments]\n"
                            "       aro help [COMMAND] | version | completion bash\n";

void text_usage(FILE *out)
{
    fputs(usage, out);
}

void text_help(FILE *out)
{
    text_usage(out);
    fputs("\nAzure Red Hat OpenShift. Each command is an executable of its own beside this one.\n\n"
          "commands:\n",
          out);
    for (size_t i = 0; i < aro_commands_len; i++) {
        const struct aro_command *c = &aro_commands[i];
        fprintf(out, "  %-12s %s\n%-14s (%s%s%s)\n", c->name, c->doc, "", c->executable,
                *c->words ? ": " : "", c->words);
    }
    fputs("  help         Show this, or the help of a command.\n"
          "  version      Show the commit that this was built from.\n"
          "  completion   Print a completion script: source <(aro completion bash)\n"
          "\noptions before the command are passed on to it; see 'aro help COMMAND'\n",
          out);
}

/* The name of the function that the executable's own script defines (pkg/base/cli_print.c). */
static void print_function_of(const char *executable, FILE *out)
{
    fputc('_', out);
    for (const char *p = executable; *p; p++)
        fputc(isalnum((unsigned char)*p) ? *p : '_', out);
}

static void print_command_case(const struct aro_command *c, FILE *out)
{
    fprintf(out, "        %s) command=%s words='%s --help' options=", c->name, c->name, c->words);
    print_function_of(c->executable, out);
    fputs(" ;;\n", out);
}

/* Options are the executable's own affair: its script is asked when one is wanted. */
void text_completion_bash(FILE *out)
{
    fputs("_aro() {\n"
          "    local word command= options= words='help version completion",
          out);
    for (size_t i = 0; i < aro_commands_len; i++)
        fprintf(out, " %s", aro_commands[i].name);
    fputs("'\n"
          "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
          "        case $word in\n",
          out);
    for (size_t i = 0; i < aro_commands_len; i++)
        print_command_case(&aro_commands[i], out);
    fputs("        completion) words=bash ;;\n"
          "        help) words='",
          out);
    for (size_t i = 0; i < aro_commands_len; i++)
        fprintf(out, "%s%s", i ? " " : "", aro_commands[i].name);
    fputs("' ;;\n"
          "        esac\n"
          "    done\n"
          "    if [[ $command && ${COMP_WORDS[COMP_CWORD]} == -* ]]; then\n"
          "        # shellcheck source=/dev/null\n"
          "        . <(\"${COMP_WORDS[0]}\" \"$command\" --completion=bash 2>/dev/null)\n"
          "        if declare -F \"$options\" >/dev/null; then\n"
          "            \"$options\"\n"
          "            return\n"
          "        fi\n"
          "    fi\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
          "}\n"
          "complete -F _aro aro\n",
          out);
}
