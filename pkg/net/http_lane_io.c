/* Between curl's multi handles and the loop: which descriptors and times curl waits for. */
#define CURL_DISABLE_DEPRECATION /* for curl_multi_socket_all, which has no successor */
#include <stdlib.h>
#include <sys/epoll.h>

#include "pkg/base/mem.h"
#include "pkg/net/gather.h"
#include "pkg/net/http_impl.h"

struct lane_io { /* one descriptor that curl wants to be told of */
    struct loop_io io;
    struct http_lane *lane;
    uint32_t wanted; /* what curl waits for */
    struct gather gather;
    bool resting; /* its input gathers until the timer */
    struct loop_timer rest;
};

static struct loop *loop_of(const struct http_lane *lane)
{
    return lane->peer->client->loop;
}

/* ---- running curl ---- */

/* The bytes of bodies that came of it. */
static size_t run_curl(struct http_lane *lane, curl_socket_t fd, int events)
{
    int ignored;
    size_t before = lane->received;
    (void)curl_multi_socket_action(lane->multi, fd, events, &ignored);
    return lane->received - before;
}

/* What follows from a run. May free the lane: it is the last thing that a callback of the loop does. */
static void settle(struct http_lane *lane)
{
    int ignored;
    /* When one of a host's addresses refuses, curl 7.88 goes on to the next only when it is called again, which may
     * be half the connect timeout later: its timers do not know. */
    for (lane_forget_failed(lane); lane->address_failed; lane_forget_failed(lane)) {
        lane->address_failed = false;
        (void)curl_multi_socket_all(lane->multi, &ignored);
    }
    for (const CURLMsg *msg; (msg = curl_multi_info_read(lane->multi, &ignored));) {
        struct http_exchange *ex = NULL;
        CURLcode result = msg->data.result;
        if (msg->msg == CURLMSG_DONE &&
            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &ex) == CURLE_OK)
            exchange_ended(ex, result);
    }
    if (lane->solitary && !lane->exchanges)
        lane_free(lane);
}

static void on_timer(struct loop_timer *t)
{
    struct http_lane *lane = container_of(t, struct http_lane, timer);
    (void)run_curl(lane, CURL_SOCKET_TIMEOUT, 0);
    settle(lane);
}

/* ---- descriptors ---- */

static void listen_for(struct lane_io *lio, bool resting)
{
    lio->resting = resting;
    loop_io_set(loop_of(lio->lane), &lio->io,
                resting ? lio->wanted & ~(uint32_t)EPOLLIN : lio->wanted);
}

static void rest_or_wait(struct lane_io *lio, size_t bytes)
{
    struct loop *loop = loop_of(lio->lane);
    bool rests = gather_rests(&lio->gather, bytes);
    if (rests)
        loop_timer_set(loop, &lio->rest, loop_now_ns(loop) + lio->gather.span_ns);
    if (rests != lio->resting)
        listen_for(lio, rests);
}

/* curl reads until a look at the descriptor says that there is no more. */
static void drive(struct lane_io *lio, int events, bool gathers)
{
    struct http_lane *lane = lio->lane;
    lane->driven = lio; /* until curl lets go of it */
    size_t bytes = run_curl(lane, lio->io.fd, events);
    if (gathers && lane->driven)
        rest_or_wait(lio, bytes);
    lane->driven = NULL;
    settle(lane);
}

static void on_rested(struct loop_timer *t)
{
    drive(container_of(t, struct lane_io, rest), CURL_CSELECT_IN, true);
}

static void on_io(struct loop_io *io, uint32_t events)
{
    struct lane_io *lio = container_of(io, struct lane_io, io);
    struct loop *loop = loop_of(lio->lane);
    int flags = 0;
    if (events & EPOLLIN)
        flags |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        flags |= CURL_CSELECT_OUT;
    if (events & (EPOLLERR | EPOLLHUP))
        flags |= CURL_CSELECT_ERR;
    if (lio->resting && flags & CURL_CSELECT_ERR) { /* the end is news that cannot gather */
        loop_timer_clear(loop, &lio->rest);
        listen_for(lio, false);
    }
    drive(lio, flags,
          lio->gather.span_ns > 0 && events & EPOLLIN &&
              gather_wakes(&lio->gather, clock_mono_ns(lio->lane->peer->client->clock)));
}

static struct lane_io *lane_io_new(struct http_lane *lane, curl_socket_t fd)
{
    struct lane_io *lio = xnew(struct lane_io);
    lio->io = (struct loop_io){ .fn = on_io, .fd = fd };
    lio->rest.fn = on_rested;
    lio->lane = lane;
    if (lane->traffic == HTTP_CLASS_WATCH)
        lio->gather.span_ns = lane->peer->client->watch_gather_ns;
    curl_multi_assign(lane->multi, fd, lio);
    return lio;
}

static void lane_io_free(struct lane_io *lio)
{
    struct http_lane *lane = lio->lane;
    if (lane->driven == lio)
        lane->driven = NULL;
    curl_multi_assign(lane->multi, lio->io.fd, NULL);
    loop_io_del(loop_of(lane), &lio->io);
    loop_timer_clear(loop_of(lane), &lio->rest);
    free(lio);
}

/* ---- what curl calls ---- */

static int curl_wants_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    (void)easy;
    struct lane_io *lio = known;
    if (what == CURL_POLL_REMOVE) {
        if (lio)
            lane_io_free(lio);
        return 0;
    }
    if (!lio)
        lio = lane_io_new(arg, fd);
    lio->wanted = (what & CURL_POLL_IN ? EPOLLIN : 0U) | (what & CURL_POLL_OUT ? EPOLLOUT : 0U);
    listen_for(lio, lio->resting);
    return 0;
}

static int curl_wants_timer(CURLM *multi, long timeout_ms, void *arg)
{
    (void)multi;
    struct http_lane *lane = arg;
    struct loop *loop = loop_of(lane);
    if (timeout_ms < 0)
        loop_timer_clear(loop, &lane->timer);
    else
        loop_timer_set(loop, &lane->timer, loop_now_ns(loop) + timeout_ms * NS_PER_MS);
    return 0;
}

void lane_connect_loop(struct http_lane *lane)
{
    lane->timer.fn = on_timer;
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, curl_wants_socket);
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, curl_wants_timer);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
}
