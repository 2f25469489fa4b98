/*
 * standin-installer CONFIG LOGIN FOLDER - makes FOLDER/payload, which standin_installer.sh copies, for the cluster of an
 * install-config and a login file, with an infra ID and a UUID by chance, as openshift-install has them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/env.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/installer/installer.h"
#include "test/unit/support/rp/cluster/installer_payload.h"

#define FILE_MAX ((size_t)1 << 20)
#define INFRA_SUFFIX_LEN 5

struct made {
    json *config, *login, *graph;
    struct secret *client_secret;
    char *domain, *infra_id;
    char uuid[UUID_LEN + 1];
};

static void made_release(struct made *m)
{
    json_free_wiped(m->config);
    json_free_wiped(m->login);
    json_free_wiped(m->graph);
    secret_unref(m->client_secret);
    free(m->domain);
    free(m->infra_id);
}
#define cleanup_made CLEANUP_WITH(made_release)

static int read_tree(const char *path, json **ret, struct error **err)
{
    cleanup_secret_text char *text = NULL;
    size_t len;
    if (file_read(path, FILE_MAX, &text, &len, err) < 0)
        return -1;
    if (yaml_parse(text, len, ret, err) < 0)
        return error_wrap(err, "%s", path);
    return 0;
}

static int read_inputs(char **paths, struct made *m, struct error **err)
{
    static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
    char suffix[INFRA_SUFFIX_LEN + 1] = "";
    const char *name, *base, *client_secret;
    if (read_tree(paths[0], &m->config, err) < 0 || read_tree(paths[1], &m->login, err) < 0 ||
        json_need_str(m->config, "metadata.name", &name, err) < 0 ||
        json_need_str(m->config, "baseDomain", &base, err) < 0 ||
        json_need_str(m->login, "clientSecret", &client_secret, err) < 0)
        return -1;
    for (size_t i = 0; i < INFRA_SUFFIX_LEN; i++)
        suffix[i] = letters[rng_below(rng_system(), sizeof(letters) - 1)];
    m->client_secret = secret_new(client_secret, strlen(client_secret));
    m->domain = xasprintf("%s.%s", name, base);
    m->infra_id = xasprintf("%s-%s", name, suffix);
    rng_uuid(rng_system(), m->uuid);
    return 0;
}

static int make_graph(struct made *m, struct error **err)
{
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct installer_inputs in = {
        .layout = INSTALLER_V2,
        .install_config = m->config,
        .platform = { .tenant_id = json_path_str(m->login, "tenantId"),
                      .client_id = json_path_str(m->login, "clientId"),
                      .subscription_id = json_path_str(m->login, "subscriptionId"),
                      .client_secret = m->client_secret },
        .release_image =
            env_get_or(env_process(), "OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE", NULL),
        .document_id = m->uuid,
        .infra_id = m->infra_id,
        .domain = m->domain,
        .region = json_path_str(m->config, "platform.azure.region"),
        .resource_group = json_path_str(m->config, "platform.azure.resourceGroupName"),
        .image = { "publisher", "offer", "sku", "1.2.3" },
    };
    cleanup_installer struct installer *builtin = installer_builtin_new();
    return installer_generate(builtin, &ctx, &in, &m->graph, err);
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_made struct made made = { 0 };
    if (argc != 4) {
        fprintf(stderr, "usage: standin-installer CONFIG LOGIN FOLDER\n");
        return 2;
    }
    const struct workdir dir = { .path = argv[3] };
    if (read_inputs(argv + 1, &made, &err) == 0 && make_graph(&made, &err) == 0 &&
        installer_payload_write(&dir, made.graph, &err) == 0)
        return 0;
    fprintf(stderr, "standin-installer: %s\n", error_text(err));
    return 1;
}
