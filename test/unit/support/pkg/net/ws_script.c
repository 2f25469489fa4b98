#include "test/unit/support/pkg/net/ws_script.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

void ws_script_accept(struct server_call *c, const char *protocol)
{
    const char *key = http_headers_get(&c->req->headers, "Sec-WebSocket-Key");
    cleanup_free char *text =
        xasprintf("%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key ? key : "missing");
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(text, strlen(text), digest, &len, EVP_sha1(), NULL) != 1)
        abort();
    cleanup_free char *accept = base64_give(digest, len);
    cleanup_free char *head =
        xasprintf("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: "
                  "Upgrade\r\nSec-WebSocket-Accept: %s\r\n%s%s%s\r\n",
                  accept, protocol ? "Sec-WebSocket-Protocol: " : "", protocol ? protocol : "",
                  protocol ? "\r\n" : "");
    call_writes(c, head);
}

void ws_script_send(struct server_call *c, unsigned char first, const void *data, size_t len)
{
    unsigned char head[10] = { first };
    size_t head_len = 2;
    if (len < 126) {
        head[1] = (unsigned char)len;
    } else {
        size_t n = len < 65536 ? 2 : 8;
        head[1] = n == 2 ? 126 : 127;
        for (size_t i = 0; i < n; i++)
            head[2 + i] = (unsigned char)((uint64_t)len >> 8 * (n - 1 - i));
        head_len += n;
    }
    call_write(c, head, head_len);
    call_write(c, data, len);
}

int ws_script_read(struct server_call *c, void *data, size_t max, size_t *ret_len)
{
    unsigned char head[2], longer[8], mask[4];
    if (!call_read(c, head, 2) || !(head[1] & 0x80))
        return -1;
    uint64_t len = head[1] & 127;
    size_t n = len == 126 ? 2 : len == 127 ? 8 : 0;
    if (!call_read(c, longer, n))
        return -1;
    for (size_t i = 0; i < n; i++)
        len = (i == 0 ? 0 : len << 8) | longer[i];
    if (len > max || !call_read(c, mask, 4) || !call_read(c, data, (size_t)len))
        return -1;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)data)[i] ^= mask[i % 4];
    *ret_len = (size_t)len;
    return head[0];
}
