#include "pkg/net/connect_to.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define FILE_MAX ((size_t)1 << 20)

struct rule {
    char *host;  /* lower case, no brackets */
    bool suffix; /* host is ".suffix" */
    uint16_t port;
    char *target;
};
struct rules {
    struct rule *v;
    size_t len;
};
struct connect_to {
    char *path;
    pthread_mutex_t mu; /* guards the rest */
    struct rules rules;
    struct stat seen;
};

static void rules_release(struct rules *r)
{
    for (size_t i = 0; i < r->len; i++) {
        free(r->v[i].host);
        free(r->v[i].target);
    }
    free(r->v);
    *r = (struct rules){ 0 };
}

static bool is_ip(const char *text)
{
    struct in6_addr ignored;
    return inet_pton(AF_INET, text, &ignored) == 1 || inet_pton(AF_INET6, text, &ignored) == 1;
}

/* "host:port", "[ip6]:port"; *ret_port is 0 when there is none. */
static bool split_port(const char *text, char **ret_host, uint16_t *ret_port)
{
    const char *colon = strrchr(text, ':');
    const char *bracket = strchr(text, ']');
    if (colon && (colon < bracket || (!bracket && strchr(text, ':') != colon)))
        colon = NULL; /* within an IPv6 address */
    long long port = 0;
    if (colon && !str_to_int(colon + 1, 1, 65535, &port))
        return false;
    size_t len = colon ? (size_t)(colon - text) : strlen(text);
    if (text[0] == '[') {
        if (len < 3 || text[len - 1] != ']')
            return false;
        text++;
        len -= 2;
    }
    *ret_host = xstrndup(text, len);
    *ret_port = (uint16_t)port;
    return len > 0;
}

bool address_parse(const char *text, char **ret_ip, uint16_t *ret_port)
{
    cleanup_free char *ip = NULL;
    uint16_t port;
    if (!split_port(text, &ip, &port) || !is_ip(ip))
        return false;
    *ret_ip = take(ip);
    if (port)
        *ret_port = port;
    return true;
}

static bool parse_source(const char *text, struct rule *r)
{
    r->suffix = str_starts(text, "*.");
    cleanup_free char *host = NULL;
    if (!split_port(text + r->suffix, &host, &r->port) || r->port == 0)
        return false;
    r->host = str_give_lower(host);
    return !strchr(r->host, '*');
}

static bool parse_target(const char *text, struct rule *r)
{
    cleanup_free char *ip = NULL;
    uint16_t port = 0;
    if (!address_parse(text, &ip, &port) || port == 0)
        return false;
    r->target = xasprintf(strchr(ip, ':') ? "[%s]:%u" : "%s:%u", ip, port);
    return true;
}

static bool parse_rule(struct rules *rules, const struct strv *words)
{
    rules->v = xreallocarray(rules->v, rules->len + 1, sizeof(*rules->v));
    struct rule *r = &rules->v[rules->len++];
    *r = (struct rule){ 0 };
    return words->len == 2 && parse_source(words->v[0], r) && parse_target(words->v[1], r);
}

static int parse_rules(const char *path, char *text, struct rules *ret, struct error **err)
{
    struct rules rules = { 0 };
    cleanup_strv struct strv lines = STRV_INIT;
    strv_split(&lines, text, "\n", true);
    for (size_t i = 0; i < lines.len; i++) {
        lines.v[i][strcspn(lines.v[i], "#")] = '\0';
        cleanup_strv struct strv words = STRV_INIT;
        strv_split(&words, lines.v[i], " \t\r", false);
        if (words.len > 0 && !parse_rule(&rules, &words)) {
            rules_release(&rules);
            return error_set(err, ERR_INVALID, "%s:%zu: not of the form 'host:port ip:port'", path,
                             i + 1);
        }
    }
    *ret = rules;
    return 0;
}

static int read_rules(const char *path, struct rules *ret, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (file_read(path, FILE_MAX, &text, &len, err) < 0)
        return -1;
    return parse_rules(path, text, ret, err);
}

int connect_to_load(const char *path, struct connect_to **ret, struct error **err)
{
    struct stat seen = { 0 };
    (void)stat(path, &seen); /* before reading: a change in between is then seen later */
    struct rules rules;
    if (read_rules(path, &rules, err) < 0)
        return error_wrap(err, "ARO_CONNECT_TO");
    struct connect_to *c = xnew(struct connect_to);
    c->path = xstrdup(path);
    c->rules = rules;
    c->seen = seen;
    mutex_init(&c->mu);
    *ret = c;
    return 0;
}

void connect_to_free(struct connect_to *c)
{
    if (!c)
        return;
    rules_release(&c->rules);
    pthread_mutex_destroy(&c->mu);
    free(c->path);
    free(c);
}

/* With the lock held. */
static void refresh(struct connect_to *c)
{
    struct stat now;
    if (stat(c->path, &now) != 0 ||
        (now.st_ino == c->seen.st_ino && now.st_size == c->seen.st_size &&
         now.st_mtim.tv_sec == c->seen.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == c->seen.st_mtim.tv_nsec))
        return;
    c->seen = now;
    struct rules rules;
    if (read_rules(c->path, &rules, NULL) < 0)
        return;
    rules_release(&c->rules);
    c->rules = rules;
}

size_t connect_to_len(struct connect_to *c)
{
    pthread_mutex_lock(&c->mu);
    size_t len = c->rules.len;
    pthread_mutex_unlock(&c->mu);
    return len;
}

static bool rule_fits(const struct rule *r, const char *host, uint16_t port)
{
    if (r->port != port)
        return false;
    if (!r->suffix)
        return strcmp(r->host, host) == 0;
    return strlen(host) > strlen(r->host) && str_ends(host, r->host);
}

char *connect_to_give(struct connect_to *c, const char *host, uint16_t port)
{
    if (!c)
        return NULL;
    char *target = NULL;
    pthread_mutex_lock(&c->mu);
    refresh(c);
    for (size_t i = 0; i < c->rules.len && !target; i++) {
        if (rule_fits(&c->rules.v[i], host, port))
            target = xstrdup(c->rules.v[i].target);
    }
    pthread_mutex_unlock(&c->mu);
    return target;
}
