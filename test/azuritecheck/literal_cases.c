/* The same requests, one after the other, to both services. */
#include <stdio.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/azuritecheck/check.h"

#define BLOCK "x-ms-blob-type: BlockBlob\nContent-Type: text/plain"

static const struct literal {
    const char *method, *path, *query, *headers, *body;
    const char *permissions, *types; /* NULL: all */
} literals[] = {
    { "GET", "/cmp", "restype=container", NULL, NULL, NULL, NULL },
    { "PUT", "/cmp", "restype=container", "x-ms-meta-a: b", "", NULL, NULL },
    { "PUT", "/cmp", "restype=container", NULL, "", NULL, NULL },
    { "GET", "/cmp", "restype=container", NULL, NULL, NULL, NULL },
    { "GET", "/cmp/x", NULL, NULL, NULL, NULL, NULL },
    { "HEAD", "/cmp/x", NULL, NULL, NULL, NULL, NULL },
    { "PUT", "/cmp/x", NULL, BLOCK "\nx-ms-meta-k: v", "0123456789", NULL, NULL },
    { "GET", "/cmp/x", NULL, NULL, NULL, NULL, NULL },
    { "HEAD", "/cmp/x", NULL, NULL, NULL, NULL, NULL },
    { "GET", "/cmp/x", NULL, "x-ms-range: bytes=2-4", NULL, NULL, NULL },
    { "GET", "/cmp/x", NULL, "x-ms-range: bytes=7-", NULL, NULL, NULL },
    { "GET", "/cmp/x", NULL, "If-None-Match: *", NULL, NULL, NULL },
    { "GET", "/cmp/x", NULL, "If-Match: \"0x0\"", NULL, NULL, NULL },
    { "PUT", "/cmp/x", NULL, BLOCK "\nIf-None-Match: *", "1", NULL, NULL },
    { "PUT", "/cmp/x", NULL, BLOCK "\nIf-Match: \"0x0\"", "1", NULL, NULL },
    { "PUT", "/cmp/new", NULL, BLOCK "\nIf-None-Match: *", "1", NULL, NULL },
    { "PUT", "/none/x", NULL, BLOCK, "1", NULL, NULL },
    { "PUT", "/cmp/x", "comp=metadata", "x-ms-meta-k: w", "", NULL, NULL },
    { "GET", "/cmp/x", NULL, NULL, NULL, "r", "o" },
    { "GET", "/cmp/x", NULL, NULL, NULL, "w", "o" },
    { "GET", "/cmp/x", NULL, NULL, NULL, "r", "c" },
    { "PUT", "/cmp/x", NULL, BLOCK, "1", "c", "o" },
    { "PUT", "/cmp/y", NULL, BLOCK, "1", "c", "o" },
    { "DELETE", "/cmp/y", NULL, NULL, NULL, "rw", "o" },
    { "GET", "/cmp", "restype=container&comp=list", NULL, NULL, "r", "c" },
    { "PUT", "/cmp/z", "comp=block&blockid=YQ%3D%3D", NULL, "one ", NULL, NULL },
    { "PUT", "/cmp/z", "comp=block&blockid=Yg%3D%3D", NULL, "two", NULL, NULL },
    { "PUT", "/cmp/z", "comp=blocklist", NULL, "<BlockList><Latest>Yw==</Latest></BlockList>", NULL,
      NULL },
    { "PUT", "/cmp/z", "comp=blocklist", NULL,
      "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList><Latest>YQ==</Latest><Latest>Yg=="
      "</Latest></BlockList>",
      NULL, NULL },
    { "GET", "/cmp/z", NULL, NULL, NULL, NULL, NULL },
    { "DELETE", "/cmp/x", NULL, NULL, NULL, NULL, NULL },
    { "DELETE", "/cmp/x", NULL, NULL, NULL, NULL, NULL },
    { "DELETE", "/cmp", "restype=container", NULL, NULL, NULL, NULL },
    { "DELETE", "/cmp", "restype=container", NULL, NULL, NULL, NULL },
};

static int ask(struct check *c, const char *account, const struct literal *l,
               struct http_response *ret, struct error **err)
{
    cleanup_free char *sas = check_give_sas(c, account, l->permissions ? l->permissions : "rwdlac",
                                            l->types ? l->types : "sco");
    cleanup_free char *query =
        xasprintf("%s%s%s", l->query ? l->query : "", l->query ? "&" : "", sas);
    return check_send(c, account, l->method, l->path, query, l->headers, l->body, ret, err);
}

/* Headers that clients read: their value, or only that they are there. */
static const struct {
    const char *name;
    bool value;
} compared[] = {
    { "x-ms-error-code", true }, { "x-ms-blob-type", true }, { "Content-Range", true },
    { "x-ms-meta-a", true },     { "x-ms-meta-k", true },    { "x-ms-meta-new", true },
    { "ETag", false },           { "Last-Modified", false }, { "x-ms-request-id", false },
};

/* What differs; NULL: nothing. Owned. */
static char *give_difference(const struct http_response *a, const struct http_response *b)
{
    if (a->status != b->status)
        return xasprintf("status %d and %d", a->status, b->status);
    for (size_t i = 0; i < ARRAY_LEN(compared); i++) {
        const char *x = http_headers_get(&a->headers, compared[i].name);
        const char *y = http_headers_get(&b->headers, compared[i].name);
        if (compared[i].value ? !str_eq(x, y) : !x != !y)
            return xasprintf("%s '%s' and '%s'", compared[i].name, x ? x : "", y ? y : "");
    }
    bool bytes = a->status / 100 == 2 && !str_starts(buf_str(&a->body), "<");
    if (bytes && strcmp(buf_str(&a->body), buf_str(&b->body)) != 0)
        return xasprintf("body '%.40s' and '%.40s'", buf_str(&a->body), buf_str(&b->body));
    return NULL;
}

void check_compare(struct check *c, int *passed, int *failed)
{
    for (size_t i = 0; i < ARRAY_LEN(literals); i++) {
        const struct literal *l = &literals[i];
        cleanup_response struct http_response a = { 0 }, b = { 0 };
        cleanup_error struct error *err = NULL;
        bool sent =
            ask(c, c->reference, l, &a, &err) == 0 && ask(c, c->simulated, l, &b, &err) == 0;
        cleanup_free char *difference = sent ? give_difference(&a, &b) : xstrdup(error_text(err));
        *(difference ? failed : passed) += 1;
        printf("  %s both: %zu %s %s%s%s: %d%s%s\n", difference ? "FAILED" : "ok    ", i, l->method,
               l->path, l->query ? "?" : "", l->query ? l->query : "", a.status,
               difference ? ": " : "", difference ? difference : "");
    }
}
