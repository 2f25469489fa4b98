#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hack/devcloud/up/shell.h"
#include "hack/devcloud/up/variables.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

struct rig {
    struct place place;
    struct shell shell;
};

static int set_up(void **state)
{
    struct rig *r = xnew(struct rig);
    cleanup_free char *parent = temp_dir_give();
    free(temp_dir_write(parent, "it's here/lock", ""));
    r->place = (struct place){ .dir = path_give_joined(parent, "it's here"), .lock = -1 };
    r->shell = (struct shell){ .place = &r->place,
                               .azure_url = "https://127.0.0.1:7",
                               .secret = "s3cret",
                               .rp = "rp-scripted",
                               .command = "devcloud down",
                               .plain_port = 8081 };
    *state = r;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *r = *state;
    temp_dir_free(path_give_dir(r->place.dir));
    place_release(&r->place);
    free(r);
    return 0;
}

/* What bash says to this. */
static char *give_output(const char *script)
{
    static const char command[] = "exec bash -euc \"$SCRIPT\" 2>&1";
    char text[4096];
    assert_int_equal(setenv("SCRIPT", script, 1), 0);
    FILE *p = popen(command, "r"); /* NOLINT(cert-env33-c): a test's own words */
    assert_non_null(p);
    size_t len = fread(text, 1, sizeof(text), p);
    assert_int_equal(pclose(p), 0);
    return xstrndup(text, len);
}

static char *give_text(const struct rig *r, const char *name)
{
    cleanup_free char *path = place_give_path(&r->place, name);
    char *text = NULL;
    size_t len;
    assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
    return text;
}

static void is_sourced_twice(void **state)
{
    struct rig *r = *state;
    assert_int_equal(shell_write(&r->shell, NULL), 0);
    assert_int_equal(setenv("DIR", r->place.dir, 1), 0);

    cleanup_free char *out = give_output(
        "PATH=/usr/bin:/bin COSMOSDB_KEY=stale; . \"$DIR/env\"; . \"$DIR/env\"\n"
        "echo \"$PATH\"; echo \"$AZURE_CONFIG_DIR\"; echo \"$PULL_SECRET\"\n"
        "echo \"$AZURE_URL ${COSMOSDB_KEY-none}\"; bash -c 'echo $AZURE_CLIENT_SECRET'");

    cleanup_free char *want = xasprintf("%s/bin:/usr/bin:/bin\n%s/az\n" VARIABLES_PULL_SECRET "\n"
                                        "https://127.0.0.1:7 none\ns3cret\n",
                                        r->place.dir, r->place.dir);
    assert_string_equal(out, want);
}

static void reaches_loopback_past_proxies(void **state)
{
    static const struct {
        const char *before, *no_proxy, *NO_PROXY;
    } rows[] = {
        { "unset no_proxy NO_PROXY", "127.0.0.1,localhost", "127.0.0.1,localhost" },
        { "no_proxy=a; unset NO_PROXY", "a,127.0.0.1,localhost", "a,127.0.0.1,localhost" },
        { "NO_PROXY=b; unset no_proxy", "b,127.0.0.1,localhost", "b,127.0.0.1,localhost" },
        { "no_proxy=a,.c NO_PROXY=b", "a,.c,127.0.0.1,localhost", "b,127.0.0.1,localhost" },
        { "no_proxy=* NO_PROXY=*", "*", "*" },
    };
    struct rig *r = *state;
    assert_int_equal(shell_write(&r->shell, NULL), 0);
    assert_int_equal(setenv("DIR", r->place.dir, 1), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *script =
            xasprintf("%s; . \"$DIR/env\"; . \"$DIR/env\"; bash -uc 'echo \"$no_proxy $NO_PROXY\"'",
                      rows[i].before);
        cleanup_free char *out = give_output(script);
        cleanup_free char *want = xasprintf("%s %s\n", rows[i].no_proxy, rows[i].NO_PROXY);
        assert_string_equal(out, want);
    }
}

static void quotes_words_that_need_it(void **state)
{
    static const char *const rows[][2] = {
        { "/tmp/a-b_c.d", "/tmp/a-b_c.d" },
        { "/tmp/a b", "'/tmp/a b'" },
        { "~/$x", "'~/$x'" },
        { "it's", "'it'\\''s'" },
        { "", "''" },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_free char *word = shell_give_word(rows[i][0]);
        assert_string_equal(word, rows[i][1]);
    }
}

static void configures_the_azure_cli(void **state)
{
    struct rig *r = *state;
    assert_int_equal(shell_write(&r->shell, NULL), 0);

    cleanup_free char *clouds = give_text(r, "az/clouds.config");
    cleanup_free char *config = give_text(r, "az/config");

    assert_non_null(strstr(clouds, "[Devcloud]\n"));
    assert_non_null(strstr(clouds, "endpoint_active_directory = https://127.0.0.1:7/adfs\n"));
    assert_string_equal(config, "[cloud]\nname = Devcloud\n");
}

static void finds_the_azure_cli_behind_itself(void **state)
{
    struct rig *r = *state;
    assert_int_equal(shell_write(&r->shell, NULL), 0);
    cleanup_free char *az =
        temp_dir_write(r->place.dir, "other/az", "#!/bin/sh\necho other az \"$@\"\n");
    assert_int_equal(chmod(az, 0700), 0);
    assert_int_equal(setenv("DIR", r->place.dir, 1), 0);

    cleanup_free char *found =
        give_output(". \"$DIR/env\"; PATH=\"$DIR/bin:$DIR/other:/usr/bin:/bin\"; az account show");
    cleanup_free char *none = give_output(". \"$DIR/env\"; mkdir \"$DIR/tools\"\n"
                                          "PATH=\"$DIR/bin:$DIR/tools\"; az || echo \"status $?\"");

    assert_string_equal(found, "other az account show\n");
    assert_string_equal(none, "az: there is no Azure CLI on PATH; on Debian: apt-get install "
                              "azure-cli\nstatus 127\n");
}

static char *give_told(const struct shell *s)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    shell_tell(s, out);
    (void)fclose(out);
    return text;
}

static void tells_what_to_do(void **state)
{
    struct rig *r = *state;

    cleanup_free char *scripted = give_told(&r->shell);
    r->shell.rp = "aro-rp";
    cleanup_free char *real = give_told(&r->shell);
    r->shell.syncsets_port = 7071;
    cleanup_free char *sets = give_told(&r->shell);

    assert_non_null(strstr(scripted, "curl -X PUT \"localhost:8081/subscriptions/"));
    assert_non_null(strstr(scripted, "  az aro list -o table\n"));
    assert_non_null(strstr(scripted, "To end it:\n\n  devcloud down\n"));
    assert_non_null(strstr(scripted, "Clusters exist in documents only"));
    assert_non_null(strstr(scripted, "/it'\\''s here/env'\n"));
    assert_null(strstr(real, "Clusters exist in documents only"));
    assert_non_null(strstr(real, "Clusters are made in the simulated Azure"));
    assert_non_null(strstr(real, "With --syncsets "));
    assert_non_null(strstr(sets, "  curl localhost:7071/v1/selectorsyncsets/hello:status\n"));
    assert_null(strstr(sets, "With --syncsets "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "is sourced twice, from any folder", is_sourced_twice, set_up, tear_down, NULL },
        { "its clients reach loopback past proxies", reaches_loopback_past_proxies, set_up,
          tear_down, NULL },
        CASE("quotes the words that need it", quotes_words_that_need_it),
        { "configures the Azure CLI", configures_the_azure_cli, set_up, tear_down, NULL },
        { "finds the Azure CLI behind itself", finds_the_azure_cli_behind_itself, set_up, tear_down,
          NULL },
        { "tells what to do", tells_what_to_do, set_up, tear_down, NULL },
    };
    return RUN_CASES("shell", tests);
}
