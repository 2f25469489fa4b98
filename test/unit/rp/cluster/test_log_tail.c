#include <string.h>

#include "pkg/base/buf.h"
#include "rp/cluster/log_tail.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

static void write_text(struct cluster_rig *r, const char *text)
{
    cluster_rig_open(r, "{}", NULL, 0);
    log_tail_write(&r->ctx, "console of x", text, strlen(text));
}

static void only_the_last_lines_are_written(void **state)
{
    (void)state;
    cleanup_buf struct buf text = BUF_INIT(4096);
    cleanup_cluster_rig struct cluster_rig r;
    for (int i = 1; i <= LOG_TAIL_LINES + 2; i++)
        buf_addf(&text, "line <%d>\n\n", i);

    write_text(&r, buf_str(&text));

    assert_false(log_capture_has(&r.capture, "line <2>"));
    assert_true(log_capture_has(&r.capture, "console of x: line <52>"));
}

static void signatures_and_control_characters_are_cut_out(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig r;

    write_text(&r, "GET 'https://a.example/b?sig=SECRET' again? \x1b[31mred\r\nwhy? \xc3\xa4");

    assert_true(log_capture_has(&r.capture, "GET 'https://a.example/b?' again? [31mred"));
    assert_true(log_capture_has(&r.capture, "console of x: why? "));
    assert_false(log_capture_has(&r.capture, "SECRET"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("only the last lines are written", only_the_last_lines_are_written),
        CASE("signatures and control characters are cut out",
             signatures_and_control_characters_are_cut_out),
    };
    return RUN_CASES("log_tail", tests);
}
