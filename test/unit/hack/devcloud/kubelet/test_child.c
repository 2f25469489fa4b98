#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "hack/devcloud/kubelet/child.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

struct rig {
    char *dir, *log;
    struct strv args, env;
};

static void rig_init(struct rig *r, const char *script)
{
    *r = (struct rig){ .dir = temp_dir_give() };
    r->log = path_give_joined(r->dir, "log");
    strv_add(&r->args, "sh");
    strv_add(&r->args, "-c");
    strv_add(&r->args, script);
    strv_add(&r->env, "GIVEN=this");
}

static void rig_release(struct rig *r)
{
    temp_dir_free(r->dir);
    free(r->log);
    strv_release(&r->args);
    strv_release(&r->env);
}

static void check_output(void **state)
{
    (void)state;
    struct rig r;
    cleanup_free char *text = NULL;
    size_t len;
    int status = 0;
    rig_init(&r, "echo $GIVEN; echo wrong >&2; cat; exit 3");

    pid_t pid = child_start("/bin/sh", &r.args, &r.env, r.log, NULL);

    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_int_equal(file_read(r.log, 1000, &text, &len, NULL), 0);
    assert_string_equal(text, "this\nwrong\n");
    rig_release(&r);
}

static void check_kill(void **state)
{
    (void)state;
    struct rig r;
    int status = 0;
    rig_init(&r, "while :; do /bin/sleep 1; done");
    pid_t pid = child_start("/bin/sh", &r.args, &r.env, r.log, NULL);
    assert_false(child_has_ended(pid, &status));

    child_kill(pid);

    assert_int_equal(kill(pid, 0), -1);
    rig_release(&r);
}

static void check_absent(void **state)
{
    (void)state;
    struct rig r;
    cleanup_error struct error *err = NULL;
    rig_init(&r, "");

    assert_int_equal(child_start("/no/such/program", &r.args, &r.env, r.log, &err), 0);

    assert_non_null(strstr(error_text(err), "running /no/such/program"));
    rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("both outputs go to the log, and there is no input", check_output),
        CASE("a child is killed and waited for", check_kill),
        CASE("a program that is not there does not start", check_absent),
    };
    return RUN_CASES("child", tests);
}
