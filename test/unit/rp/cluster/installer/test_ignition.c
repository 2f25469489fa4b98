#include <string.h>

#include "rp/cluster/installer/ignition.h"
#include "test/unit/support/test.h"

struct text_case {
    const char *name;
    enum installer_layout layout;
    const char *want;
};

/* As the specifications have them: 2.2.0 names the file system and wants verification, 3.2.0 knows neither. */
static struct text_case configs[] = {
    { "the first layout is version 2.2.0", INSTALLER_V1,
      "{\"ignition\":{\"version\":\"2.2.0\"},"
      "\"passwd\":{\"users\":[{\"name\":\"core\",\"sshAuthorizedKeys\":[\"ssh-rsa A\"]}]},"
      "\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":384,\"user\":{\"name\":\"root\"},"
      "\"contents\":{\"source\":\"data:text/plain;charset=utf-8;base64,aGk=\",\"verification\":{}},"
      "\"filesystem\":\"root\"}]},"
      "\"systemd\":{\"units\":[{\"name\":\"b.service\",\"enabled\":true,\"contents\":\"[Unit]\"}]}"
      "}" },
    { "the second layout is version 3.2.0", INSTALLER_V2,
      "{\"ignition\":{\"version\":\"3.2.0\"},"
      "\"passwd\":{\"users\":[{\"name\":\"core\",\"sshAuthorizedKeys\":[\"ssh-rsa A\"]}]},"
      "\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":384,\"user\":{\"name\":\"root\"},"
      "\"contents\":{\"source\":\"data:text/plain;charset=utf-8;base64,aGk=\"},"
      "\"overwrite\":true}]},"
      "\"systemd\":{\"units\":[{\"name\":\"b.service\",\"enabled\":true,\"contents\":\"[Unit]\"}]}"
      "}" },
};

static void check_config(void **state)
{
    const struct text_case *c = *state;
    cleanup_json json *config = ignition_new(c->layout);

    ignition_add_file(config, "/a", 0600, "ho", 2);
    ignition_add_file(config, "/a", 0600, "hi", 2);
    ignition_add_unit(config, "b.service", true, "[Unit]");
    ignition_add_user(config, "core", "ssh-rsa A");

    cleanup_free char *text = json_give_text(config);
    assert_string_equal(text, c->want);
}

static struct text_case pointers[] = {
    { "a pointer of the first layout appends", INSTALLER_V1,
      "{\"ignition\":{\"version\":\"2.2.0\","
      "\"config\":{\"append\":[{\"source\":\"https://x/config/master\",\"verification\":{}}]},"
      "\"security\":{\"tls\":{\"certificateAuthorities\":["
      "{\"source\":\"data:text/plain;charset=utf-8;base64,Y2E=\",\"verification\":{}}]}}}}" },
    { "a pointer of the second layout merges", INSTALLER_V2,
      "{\"ignition\":{\"version\":\"3.2.0\","
      "\"config\":{\"merge\":[{\"source\":\"https://x/config/master\"}]},"
      "\"security\":{\"tls\":{\"certificateAuthorities\":["
      "{\"source\":\"data:text/plain;charset=utf-8;base64,Y2E=\"}]}}}}" },
};

static void check_pointer(void **state)
{
    const struct text_case *c = *state;

    cleanup_json json *pointer = ignition_give_pointer(c->layout, "https://x/config/master", "ca");

    cleanup_free char *text = json_give_text(pointer);
    assert_string_equal(text, c->want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF(configs[0].name, check_config, &configs[0]),
        CASE_OF(configs[1].name, check_config, &configs[1]),
        CASE_OF(pointers[0].name, check_pointer, &pointers[0]),
        CASE_OF(pointers[1].name, check_pointer, &pointers[1]),
    };
    return RUN_CASES("ignition", tests);
}
