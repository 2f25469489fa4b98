/* shell.h - what the user of a development cloud gets: a file of exports, the Azure CLI's configuration, and the lines to try. */
#ifndef HACK_DEVCLOUD_UP_SHELL_H
#define HACK_DEVCLOUD_UP_SHELL_H

#include <stdio.h>

#include "hack/devcloud/up/place.h"

struct shell {
    const struct place *place;
    const char *azure_url; /* without a slash at its end */
    const char *secret;    /* of the service principal */
    const char *rp;        /* the executable's name */
    const char *command;   /* what ends the cloud */
    int plain_port;
    int syncsets_port; /* 0: it does not run */
};

/* env, az/ (AZURE_CONFIG_DIR) and bin/az. The cloud "Devcloud" is registered and chosen there; nobody is signed in. */
int shell_write(const struct shell *s, struct error **err);
/* The text as one word of a shell's command line: in quotes where it needs them. */
char *shell_give_word(const char *text);
/* What to do next. */
void shell_tell(const struct shell *s, FILE *out);

#endif
