#include "test/unit/support/pkg/net/h2_script.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"

#define SETTING_MAX_STREAMS 3
#define ACK 1U
#define STATUS_200 "\x88" /* HPACK's static table */

struct head {
    size_t len;
    unsigned type, flags, stream;
};

static void put(unsigned char *at, size_t bytes, size_t n)
{
    while (bytes-- > 0) {
        at[bytes] = (unsigned char)n;
        n >>= 8;
    }
}

static unsigned get(const unsigned char *at, size_t bytes)
{
    unsigned n = 0;
    for (size_t i = 0; i < bytes; i++)
        n = n << 8 | at[i];
    return n;
}

void h2_script_send(struct server_call *c, enum h2_type type, unsigned flags, unsigned stream,
                    const void *data, size_t len)
{
    unsigned char *frame = xmalloc(9 + len);
    put(frame, 3, len);
    frame[3] = (unsigned char)type;
    frame[4] = (unsigned char)flags;
    put(frame + 5, 4, stream);
    if (len > 0)
        memcpy(frame + 9, data, len);
    call_write(c, frame, 9 + len);
    free(frame);
}

void h2_script_send_number(struct server_call *c, enum h2_type type, unsigned stream,
                           unsigned number)
{
    unsigned char data[4];
    put(data, sizeof(data), number);
    h2_script_send(c, type, 0, stream, data, sizeof(data));
}

void h2_script_goaway(struct server_call *c, unsigned last_stream)
{
    unsigned char data[8] = { 0 };
    put(data, 4, last_stream);
    h2_script_send(c, H2_GOAWAY, 0, 0, data, sizeof(data));
}

void h2_script_begin(struct server_call *c, unsigned streams)
{
    char rest[6]; /* "SM\r\n\r\n" */
    unsigned char setting[6];
    (void)call_read(c, rest, sizeof(rest));
    put(setting, 2, SETTING_MAX_STREAMS);
    put(setting + 2, 4, streams);
    h2_script_send(c, H2_SETTINGS, 0, 0, setting, streams ? sizeof(setting) : 0);
}

static bool read_frame(struct server_call *c, struct head *h, unsigned char data[16384])
{
    unsigned char head[9];
    if (!call_read(c, head, sizeof(head)))
        return false;
    *h = (struct head){
        .len = get(head, 3), .type = head[3], .flags = head[4], .stream = get(head + 5, 4)
    };
    return h->len <= 16384 && call_read(c, data, h->len);
}

unsigned h2_script_next(struct server_call *c)
{
    unsigned char data[16384];
    for (struct head h; read_frame(c, &h, data);) {
        if ((h.type == H2_SETTINGS || h.type == H2_PING) && !(h.flags & ACK))
            h2_script_send(c, (enum h2_type)h.type, ACK, 0, data, h.type == H2_PING ? h.len : 0);
        bool of_request = h.type == H2_HEADERS || h.type == H2_DATA;
        if (of_request && h.flags & H2_END_STREAM)
            return h.stream;
    }
    return 0;
}

void h2_script_reply(struct server_call *c, unsigned stream, const char *body)
{
    h2_script_send(c, H2_HEADERS, H2_END_HEADERS, stream, STATUS_200, 1);
    if (body)
        h2_script_send(c, H2_DATA, H2_END_STREAM, stream, body, strlen(body));
}
