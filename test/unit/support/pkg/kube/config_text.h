/* config_text.h - a configuration as lines of text, for comparisons in tests. */
#ifndef TEST_UNIT_SUPPORT_PKG_KUBE_CONFIG_TEXT_H
#define TEST_UNIT_SUPPORT_PKG_KUBE_CONFIG_TEXT_H

#include "pkg/kube/config.h"

/* "field=value" lines of what is set, in a fixed order, secrets included; owned by the caller. */
char *give_config_text(const struct kube_config *c);

#endif
