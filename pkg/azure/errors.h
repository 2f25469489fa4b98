/*
 * errors.h - what Azure's errors mean for somebody who may try again. Each looks at an error of this folder, whole: its code,
 * its text and its document. Threads: pure.
 * Source: Azure/ARO-RP, pkg/util/azureerrors; "Troubleshoot ARM deployment errors", learn.microsoft.com.
 */
#ifndef PKG_AZURE_ERRORS_H
#define PKG_AZURE_ERRORS_H

#include "pkg/base/error.h"

/* A right is missing, here or inside a failed deployment: rights that were just given arrive late. */
bool azure_error_is_authorization(const struct error *e);
/* Azure AD knows the application or its secret not yet (or not any more): AADSTS700016, AADSTS7000215. */
bool azure_error_is_new_credential(const struct error *e);
/* Something that passes by itself: throttling, another operation in passing, a secret that has not arrived everywhere. */
bool azure_error_is_transient(const struct error *e);
/* Whether its text or document contains this. */
bool azure_error_mentions(const struct error *e, const char *text);

#endif
