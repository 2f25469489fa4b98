/*
 * banned.h - libc calls that this repository does not use. The Makefile force-includes this file
 * into every translation unit; a call to one of them becomes an unknown identifier whose name says
 * what happened.
 *
 * strcpy, strcat, sprintf   have no bound: use struct buf or snprintf
 * strncpy                   leaves strings without an end: use struct buf or snprintf
 * strtok, gmtime, localtime keep hidden state, unsafe with threads: use strtok_r, gmtime_r,
 * localtime_r atoi                      cannot report an error: use the parsers of pkg/base system
 * runs a shell on a string: use fork and exec with an argument list
 *
 * The headers that declare them come first, so that their own declarations are untouched.
 */
#ifndef PKG_BASE_BANNED_H
#define PKG_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name) name##_is_banned_see_pkg_base_banned_h

#undef strcpy
#define strcpy(...) BANNED(strcpy)
#undef strcat
#define strcat(...) BANNED(strcat)
#undef strncpy
#define strncpy(...) BANNED(strncpy)
#undef strtok
#define strtok(...) BANNED(strtok)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef gmtime
#define gmtime(...) BANNED(gmtime)
#undef localtime
#define localtime(...) BANNED(localtime)
#undef atoi
#define atoi(...) BANNED(atoi)
#undef system
#define system(...) BANNED(system)

#endif
