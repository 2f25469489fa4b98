#include "rp/cluster/installer/image.h"

#include <regex.h>
#include <stdlib.h>

#include "pkg/base/mem.h"

/* Builds have the time of day and a number behind the date: with a dot in the first releases, with a hyphen since. */
#define PATTERN "rhcos-(([0-9]+)\\.[0-9]+\\.[0-9]{8})[0-9]{4}[.-][0-9]+-azure\\.x86_64\\.vhd"
enum group { GROUP_WHOLE, GROUP_VERSION, GROUP_STREAM, GROUPS };

void machine_image_release(struct machine_image *i)
{
    free(i->sku);
    free(i->version);
    *i = (struct machine_image){ 0 };
}

static char *give_group(const char *text, const regmatch_t *m)
{
    return xstrndup(text + m->rm_so, (size_t)(m->rm_eo - m->rm_so));
}

int machine_image_parse(const char *url, struct machine_image *ret, struct error **err)
{
    regex_t pattern;
    regmatch_t groups[GROUPS];
    if (regcomp(&pattern, PATTERN, REG_EXTENDED) != 0)
        return error_set(err, ERR_INTERNAL, "the pattern of a disk's name cannot be used");
    int status = regexec(&pattern, url, GROUPS, groups, 0);
    regfree(&pattern);
    if (status != 0)
        return error_set(err, ERR_INVALID,
                         "'%s' is not called as disks of CoreOS are: what the marketplace calls "
                         "its image cannot be told from that",
                         url);
    cleanup_free char *stream = give_group(url, &groups[GROUP_STREAM]);
    *ret = (struct machine_image){ .sku = xasprintf("aro_%s", stream),
                                   .version = give_group(url, &groups[GROUP_VERSION]) };
    return 0;
}

int machine_image_find(const json *stream, struct machine_image *ret, struct error **err)
{
    static const char *const places[] = {
        "architectures.x86_64[\"rhel-coreos-extensions\"][\"azure-disk\"].url",
        "architectures.x86_64.artifacts.azure.formats[\"vhd.gz\"].disk.location",
    };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        const char *url = json_path_str(stream, places[i]);
        if (url)
            return machine_image_parse(url, ret, err);
    }
    return error_set(err, ERR_INVALID, "the release names no disk of Azure for x86_64");
}
