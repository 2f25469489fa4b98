#ifndef CMD_ARO_TEXT_H
#define CMD_ARO_TEXT_H

#include <stdio.h>

/* What `aro` prints, all of it made from the table aro_commands. Threads: pure but for the stream.
 */

/* One line, or a few: how to call it. */
void text_usage(FILE *out);
/* Usage, then every command with its description. */
void text_help(FILE *out);
/* A bash script that completes commands and the words that may follow them. */
void text_completion_bash(FILE *out);

#endif
