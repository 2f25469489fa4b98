/* ssh is a script that tells how it was called, and what it was given, or leads ssh itself to this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/bootstrap_log.h"
#include "rp/cluster/ssh_key.h"
#include "test/unit/support/rp/cluster/azure_steps.h"
#include "test/unit/support/rp/cluster/fake_arm.h"

#define NETWORK RIG_GROUP "/providers/Microsoft.Network"
#define BALANCER NETWORK "/loadBalancers/a-12345-internal"
#define INTERFACE NETWORK "/networkInterfaces/a-12345-bootstrap-nic"
#define REACHED "{'infraId':'a-12345','networkProfile':{'privateEndpointIp':'10.9.0.7'}}"

struct rig {
    struct cluster_rig r;
    struct fake_arm a;
    char *dir, *path;
};

/* script: what ssh does; NULL: there is no such program. */
static void open_rig(struct rig *rig, const char *properties, const char *script)
{
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    *rig = (struct rig){ .dir = xasprintf("%s/bootstrap-XXXXXX", tmp ? tmp : "/tmp") };
    assert_non_null(mkdtemp(rig->dir));
    rig->path = xasprintf("%s/ssh", rig->dir);
    if (script) {
        FILE *f = fopen(rig->path, "we");
        assert_non_null(f);
        assert_true(fprintf(f, "#!/bin/sh\n%s\n", script) > 0);
        assert_int_equal(fclose(f), 0);
        assert_int_equal(chmod(rig->path, 0700), 0);
    }
    cleanup_free char *path = xasprintf("%s:/usr/bin:/bin", rig->dir);
    cleanup_free char *path_line = xasprintf("PATH=%s", path);
    cleanup_free char *tmp_line = xasprintf("TMPDIR=%s", rig->dir);
    const char *const env[] = { path_line, tmp_line, NULL };
    /* The program is looked up on the path of this process. */
    assert_int_equal(setenv("PATH", script ? path : rig->dir, 1), 0); /* NOLINT */
    cluster_rig_open_env(&rig->r, properties, env, NULL, 0);
    fake_arm_use(&rig->a, &rig->r);
    fake_arm_add(&rig->a, BALANCER, "{'properties':{}}");
    fake_arm_add(&rig->a, INTERFACE,
                 "{'properties':{'ipConfigurations':[{'name':'x','properties':{}}]}}");
    run_step(&rig->r, cluster_ensure_ssh_key);
}

/* Nothing of a run is left behind. */
static void close_rig(struct rig *rig)
{
    fake_arm_release(&rig->a);
    cluster_rig_close(&rig->r);
    (void)unlink(rig->path);
    assert_int_equal(rmdir(rig->dir), 0);
    free(rig->path);
    free(rig->dir);
}

static bool logged(struct rig *rig, const char *text)
{
    return log_capture_has(&rig->r.capture, text);
}

static void the_journal_is_fetched_by_the_load_balancer(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, REACHED,
             "echo \"called: $*\"; grep -c BEGIN /dev/stdin; stat -L -c %a /dev/stdin");

    bootstrap_log_write(rig.r.c, &rig.r.ctx);

    const json *rule =
        json_path(fake_arm_get(&rig.a, BALANCER), "properties.loadBalancingRules[0]");
    assert_string_equal(json_path_str(rule, "name"), "bootstrap-ssh");
    assert_int_equal(json_path_int(rule, "properties.frontendPort", 0), 2199);
    assert_string_equal(
        json_path_str(fake_arm_get(&rig.a, INTERFACE),
                      "properties.ipConfigurations[0].properties.loadBalancerBackendAddressPools[0]"
                      ".id"),
        BALANCER "/backendAddressPools/bootstrap-ssh");
    assert_true(
        logged(&rig, "journal of the bootstrap machine: called: -n -F /dev/null -i /dev/stdin"));
    assert_true(logged(&rig, "-p 2199 core@10.9.0.7 sudo journalctl --no-pager --lines=50"));
    assert_true(logged(&rig, "journal of the bootstrap machine: 1"));
    assert_true(logged(&rig, "journal of the bootstrap machine: 600"));
    close_rig(&rig);
}

/* Its key is at its standard input, of which the machine gets nothing. */
static void ssh_itself_takes_the_key(void **state)
{
    (void)state;
    struct rig rig;
    char cwd[4096];
    cleanup_free char *key = NULL;
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    cleanup_free char *script = xasprintf(
        "exec %s/test/unit/support/rp/cluster/ssh_here.sh \"$(dirname \"$0\")/server\" \"$@\"",
        cwd);
    open_rig(&rig, REACHED, script);
    assert_int_equal(cluster_give_ssh_public(rig.r.c, &rig.r.ctx, &key, NULL), 0);
    cleanup_free char *server = path_give_joined(rig.dir, "server");
    cleanup_free char *keys = path_give_joined(server, "authorized_keys");
    cleanup_free char *line =
        xasprintf("command=\"echo asked: $SSH_ORIGINAL_COMMAND; echo given: $(wc -c)\" %s\n", key);
    assert_int_equal(mkdir(server, 0700), 0);
    assert_int_equal(file_write_atomic(keys, line, strlen(line), 0600, NULL), 0);

    bootstrap_log_write(rig.r.c, &rig.r.ctx);

    assert_true(logged(&rig, "journal of the bootstrap machine: asked: sudo journalctl"));
    assert_true(logged(&rig, "journal of the bootstrap machine: given: 0"));
    assert_false(logged(&rig, "no journal"));
    assert_int_equal(dir_remove(server, NULL), 0);
    close_rig(&rig);
}

/* Until the probe has found the machine the load balancer refuses. */
static void it_is_tried_more_than_once(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, REACHED,
             "tries=$(dirname \"$0\")/tries; echo x >>\"$tries\"; echo refused; "
             "[ \"$(wc -l <\"$tries\")\" -gt 2 ] || exit 255; rm \"$tries\"; echo the journal");

    bootstrap_log_write(rig.r.c, &rig.r.ctx);

    assert_true(logged(&rig, "journal of the bootstrap machine: the journal"));
    assert_false(logged(&rig, "no journal"));
    close_rig(&rig);
}

static void what_fails_is_told(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, REACHED, "echo refused; exit 255");

    bootstrap_log_write(rig.r.c, &rig.r.ctx);

    assert_true(logged(&rig, "journal of the bootstrap machine: refused"));
    assert_true(logged(&rig, "no journal of the bootstrap machine: ssh ended with exit code 255"));
    close_rig(&rig);
}

static void without_the_program_it_says_so(void **state)
{
    (void)state;
    struct rig rig;
    open_rig(&rig, REACHED, NULL);

    bootstrap_log_write(rig.r.c, &rig.r.ctx);

    assert_true(logged(&rig, "no journal of the bootstrap machine: the program ssh is "
                             "missing (Debian: openssh-client)"));
    close_rig(&rig);
}

static void without_a_machine_or_a_way_nothing_is_touched(void **state)
{
    (void)state;
    static const char *const properties[] = { REACHED, "{'infraId':'a-12345'}" };
    for (size_t i = 0; i < ARRAY_LEN(properties); i++) {
        struct rig rig;
        open_rig(&rig, properties[i], "echo called");
        cleanup_free char *key = str_give_lower(INTERFACE);
        json_del(rig.a.resources, key);

        bootstrap_log_write(rig.r.c, &rig.r.ctx);

        assert_int_equal(rig.a.writes.len, 0);
        assert_false(logged(&rig, "after the failure"));
        close_rig(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the journal is fetched by the load balancer",
             the_journal_is_fetched_by_the_load_balancer),
        CASE("ssh itself takes the key, and hands on nothing of it", ssh_itself_takes_the_key),
        CASE("it is tried more than once", it_is_tried_more_than_once),
        CASE("what fails is told", what_fails_is_told),
        CASE("without the program it says so", without_the_program_it_says_so),
        CASE("without a machine or a way nothing is touched",
             without_a_machine_or_a_way_nothing_is_touched),
    };
    return RUN_CASES("bootstrap_log", tests);
}
