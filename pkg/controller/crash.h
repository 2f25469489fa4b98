/*
 * crash.h - what was being reconciled when the process crashed.
 *
 * A failed assertion or a bad pointer leaves memory in an unknown state: nothing is recovered, the
 * process ends and is started again. All that is done is to say what it was at. The note belongs to
 * its thread; it is the one thing that a signal handler can still reach.
 */
#ifndef PKG_CONTROLLER_CRASH_H
#define PKG_CONTROLLER_CRASH_H

/* From here on SIGABRT, SIGSEGV, SIGBUS, SIGFPE and SIGILL write one log line in the text format
 * (signal, and controller and key of the crashing thread, if any) and a backtrace to fd before the
 * process ends by that signal. Called once, by main. */
void crash_report_install(int fd);
/* From here on a crash leaves no core file, also one of a program that is started; and no other process of the same user may read
 * this one's memory (prctl(2), PR_SET_DUMPABLE). Texts and trees that secrets go into lie on the ordinary heap. Called once, by
 * main of what holds any. */
void crash_forbid_dumps(void);
/* The calling thread's work; borrowed until crash_note_clear. */
void crash_note_set(const char *controller, const char *key);
void crash_note_clear(void);

#endif
