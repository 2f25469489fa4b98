/*
 * child_program.h - lets a test be its own child: a process that runs backend_child_main on a database file.
 *
 * main of the test begins with `if (child_program_is(argc, argv)) return child_program_run(argv);`.
 */
#ifndef TEST_UNIT_SUPPORT_RP_BACKEND_CHILD_PROGRAM_H
#define TEST_UNIT_SUPPORT_RP_BACKEND_CHILD_PROGRAM_H

#include <stdbool.h>

/*
 * /proc/self/exe WORD FILE STEPS TRUST_MS KEY LEASE, where the steps are letters:
 *   .  nothing   u  an error of the customer   a  abort   x  exit   h  says "!" on descriptor 3, then is deaf
 *   w  waits for the end of its context        c  a condition that never holds
 */
#define CHILD_PROGRAM_WORD "be-the-child"
bool child_program_is(int argc, char **argv);
int child_program_run(char **argv);

#endif
