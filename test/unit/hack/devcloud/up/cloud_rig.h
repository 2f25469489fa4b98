/* cloud_rig.h - a cloud in a process of its own, made of scripts instead of the real executables. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_UP_CLOUD_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_UP_CLOUD_RIG_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hack/devcloud/up/cloud.h"
#include "hack/devcloud/up/place.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

#define LOOK_US 1000
#define AWAIT_LOOKS 60000
#define STAY "exec tail -f /dev/null\n"
/* Listens, as far as one can see. */
#define AZURE_STARTS "echo ca >ca.crt; echo https://127.0.0.1:1 >url\n" STAY

struct cloud_rig {
    char *dir, *bin, *place, *said; /* said: the error's text */
    pid_t pid;                      /* 0: it has ended */
    bool syncsets;                  /* wanted */
};

static inline void cloud_rig_put(const struct cloud_rig *r, const char *name, const char *script)
{
    cleanup_free char *text = xasprintf("#!/bin/sh\necho $$ >pid\n%s", script);
    cleanup_free char *path = temp_dir_write(r->bin, name, text);
    assert_int_equal(chmod(path, 0700), 0);
}

static inline int cloud_rig_set_up(void **state)
{
    struct cloud_rig *r = xnew(struct cloud_rig);
    r->dir = temp_dir_give();
    r->bin = path_give_joined(r->dir, "bin");
    r->place = path_give_joined(r->dir, "cloud");
    *state = r;
    return mkdir(r->bin, 0700);
}

static inline int cloud_rig_tear_down(void **state)
{
    struct cloud_rig *r = *state;
    if (r->pid > 0) { /* a failed test left it */
        (void)kill(r->pid, SIGKILL);
        (void)waitpid(r->pid, NULL, 0);
    }
    temp_dir_free(r->dir);
    free(r->bin);
    free(r->place);
    free(r->said);
    free(r);
    return 0;
}

static inline char *cloud_rig_give_text(const struct cloud_rig *r, const char *name)
{
    cleanup_free char *path = path_give_joined(r->dir, name);
    char *text = NULL;
    size_t len;
    if (file_read(path, (size_t)1 << 20, &text, &len, NULL) < 0)
        return xstrdup("");
    return text;
}

static inline void cloud_rig_start(struct cloud_rig *r, int plain_port)
{
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid > 0)
        return;
    cleanup_error struct error *err = NULL;
    cleanup_free char *out = path_give_joined(r->dir, "out");
    const struct cloud_config cfg = { .dir = r->place,
                                      .bin = r->bin,
                                      .rp = "rp",
                                      .command = "down",
                                      .syncsets = r->syncsets,
                                      .ports = { [CLOUD_PORT_PLAIN] = plain_port },
                                      .out = fopen(out, "we") };
    int rcode = cloud_run(&cfg, &err);
    cleanup_free char *path = path_give_joined(r->dir, "said");
    (void)file_write_atomic(path, error_text(err), strlen(error_text(err)), 0600, NULL);
    _exit(rcode < 0 ? 1 + (int)error_is(err, ERR_CANCELLED) : 0);
}

/* The exit status: 0 regular, 1 an error, 2 ended before it was ready; said is filled. */
static inline int cloud_rig_await(struct cloud_rig *r)
{
    int status;
    assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
    r->pid = 0;
    r->said = cloud_rig_give_text(r, "said");
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* What a script has written there, once it has; the test fails when it never does. */
static inline char *cloud_rig_await_text(const struct cloud_rig *r, const char *name)
{
    for (int i = 0; i < AWAIT_LOOKS; i++) {
        char *text = cloud_rig_give_text(r, name);
        if (strchr(text, '\n'))
            return text;
        free(text);
        usleep(LOOK_US);
    }
    fail_msg("%s does not come", name);
    return NULL;
}

#endif
