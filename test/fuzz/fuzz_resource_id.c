/*
 * Resource IDs: what is taken can be put together again from its parts, its parent is taken, too, and the shapes that
 * clients may name agree with it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/api/cidr.h"
#include "pkg/api/names.h"
#include "pkg/api/semver.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_parts(const char *text, const struct resource_id *id)
{
    cleanup_free char *group =
        xasprintf("/subscriptions/%s/resourceGroups/%s", id->subscription_id, id->resource_group);
    must(strlen(group) <= strlen(text));
    must(strncasecmp(text, group, strlen(group)) == 0);
    must(!id->provider == !id->type && !id->type == !id->name);
    if (!id->name) {
        must(strlen(group) == strlen(text));
        return;
    }
    must(str_ends(text, id->name));
    must((strchr(id->type, '/') != NULL) == (id->parent_name != NULL));
    cleanup_free char *parent = resource_id_give_parent(text);
    cleanup_resource_id struct resource_id above = { 0 };
    must(resource_id_parse(parent, &above, NULL) == 0);
    must(strlen(parent) < strlen(text) && str_eq(above.resource_group, id->resource_group));
}

static void check_shapes(const char *text)
{
    cleanup_resource_id struct resource_id group = { 0 }, subnet = { 0 }, set = { 0 };
    bool is_group = group_id_parse(text, &group), is_subnet = subnet_id_parse(text, &subnet);
    bool is_set = disk_encryption_set_id_parse(text, &set);
    must(is_group + is_subnet + is_set <= 1);
    must(!is_group || uuid_is_valid(group.subscription_id));
}

/* The other small parsers of what clients say. */
static void check_others(const char *text)
{
    struct semver version;
    struct cidr range, again;
    char written[CIDR_TEXT_MAX];
    must(!domain_is_valid(text, true) || domain_is_valid(text, false));
    (void)url_is_valid(text);
    must(semver_compare(text, text) == 0);
    must(!semver_parse(text, &version) || version.suffix[0] != ' ');
    if (cidr_parse(text, &range) != CIDR_IPV4)
        return;
    cidr_text(&range, written);
    must(cidr_parse(written, &again) == CIDR_IPV4 && again.address == cidr_network(&range));
    must(cidr_overlaps(&range, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_free char *text = xmemdup(data, size); /* with a NUL behind */
    cleanup_resource_id struct resource_id id = { 0 };
    cleanup_free char *parent = resource_id_give_parent(text);
    must(strlen(parent) <= strlen(text) + 1); /* whatever the text is */
    if (resource_id_parse(text, &id, NULL) == 0)
        check_parts(text, &id);
    check_shapes(text);
    check_others(text);
    return 0;
}
