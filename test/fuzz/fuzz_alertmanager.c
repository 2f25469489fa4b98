/*
 * Whatever is in alertmanager.yaml: an edited text is YAML, differs in nothing but the webhooks of
 * our two receivers, and needs no further edit.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "operator/controllers/alertwebhook.h"
#include "pkg/base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drop_our_webhooks(json *config)
{
    json *receivers = json_path(config, "receivers");
    for (size_t i = 0; i < json_len(receivers); i++) {
        json *receiver = json_at(receivers, i);
        const char *name = json_path_str(receiver, "name");
        if (name && (strcmp(name, "null") == 0 || strcmp(name, "Default") == 0))
            json_del(receiver, "webhook_configs");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    cleanup_free char *edited = NULL;
    cleanup_free char *again = NULL;
    if (alertwebhook_edit_config(text, size, &edited, NULL) < 0 || !edited)
        return 0;
    if (alertwebhook_edit_config(edited, strlen(edited), &again, NULL) < 0 || again)
        abort();
    cleanup_json json *before = NULL;
    cleanup_json json *after = NULL;
    if (yaml_parse(text, size, &before, NULL) < 0 ||
        yaml_parse(edited, strlen(edited), &after, NULL) < 0)
        abort();
    drop_our_webhooks(before);
    drop_our_webhooks(after);
    if (!json_equal(before, after))
        abort();
    return 0;
}
