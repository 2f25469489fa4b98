#include <string.h>

#include "pkg/net/http_impl.h"

static const struct failure {
    CURLcode result;
    enum err_kind kind;
    const char *code;
} failures[] = {
    { CURLE_COULDNT_RESOLVE_HOST, ERR_CONN, HTTP_ERR_DNS },
    { CURLE_COULDNT_RESOLVE_PROXY, ERR_CONN, HTTP_ERR_PROXY },
    { CURLE_COULDNT_CONNECT, ERR_CONN, HTTP_ERR_REFUSED },
    { CURLE_PROXY, ERR_CONN, HTTP_ERR_PROXY },
    { CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT, NULL },
    { CURLE_SSL_CONNECT_ERROR, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_PEER_FAILED_VERIFICATION, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_SSL_CERTPROBLEM, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_SSL_CIPHER, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_SSL_CACERT_BADFILE, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_SSL_ISSUER_ERROR, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_SSL_CLIENTCERT, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_USE_SSL_FAILED, ERR_CONN, HTTP_ERR_TLS },
    { CURLE_SEND_ERROR, ERR_CONN, HTTP_ERR_RESET },
    { CURLE_RECV_ERROR, ERR_CONN, HTTP_ERR_RESET },
    { CURLE_HTTP2, ERR_CONN, HTTP_ERR_RESET },
    { CURLE_HTTP2_STREAM, ERR_CONN, HTTP_ERR_RESET },
    { CURLE_GOT_NOTHING, ERR_CONN, HTTP_ERR_EOF },
    { CURLE_PARTIAL_FILE, ERR_CONN, HTTP_ERR_EOF },
    { CURLE_ABORTED_BY_CALLBACK, ERR_CONN, HTTP_ERR_RESET },
};

struct error *fail_give(const struct http_exchange *ex, enum err_kind kind, const char *code,
                        const char *why)
{
    struct error *e = NULL;
    (void)error_set(&e, kind, "%s %s: %s", ex->req->method, ex->target.origin, why);
    if (code)
        error_code(&e, code);
    return e;
}

static bool has(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* What curl's code is too coarse for. 7.88 says the rest in its message only. */
static const char *finer_code(CURL *easy, CURLcode result, const char *why, bool via_proxy,
                              const char *code)
{
    long connect_status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);

    if (result == CURLE_RECV_ERROR && via_proxy && (connect_status >= 300 || has(why, "CONNECT")))
        return HTTP_ERR_PROXY; /* the proxy answered 403, 407, 502, or hung up */
    if (result == CURLE_COULDNT_CONNECT && via_proxy)
        return HTTP_ERR_PROXY;
    if ((result == CURLE_RECV_ERROR || result == CURLE_SEND_ERROR) && has(why, "timed out"))
        return HTTP_ERR_LOST; /* the kernel's keepalive or user timeout */
    if (result == CURLE_RECV_ERROR && has(why, "unexpected eof"))
        return HTTP_ERR_EOF;
    if (result == CURLE_SSL_CONNECT_ERROR &&
        (has(why, "SSL_ERROR_SYSCALL") || has(why, "unexpected eof") || has(why, "reset by peer")))
        return HTTP_ERR_RESET; /* the peer went away during the handshake: no fault of TLS */
    return code;
}

void fail_classify(CURL *easy, CURLcode result, const char *why, bool via_proxy,
                   enum err_kind *ret_kind, const char **ret_code)
{
    *ret_kind = ERR_INTERNAL;
    *ret_code = NULL;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        if (failures[i].result != result)
            continue;
        *ret_kind = failures[i].kind;
        *ret_code = finer_code(easy, result, why, via_proxy, failures[i].code);
        return;
    }
}

/* curl connects anew when a reused connection ends before the reply. That nobody listens by then says nothing of the request
 * that was sent before. */
static bool was_sent_before(const struct http_exchange *ex, const char *code)
{
    static const char *const unsent[] = { HTTP_ERR_REFUSED, HTTP_ERR_DNS, HTTP_ERR_TLS,
                                          HTTP_ERR_PROXY };
    if (ex->sendings == 0 || ex->refused || transfer_is_replayable(ex))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(unsent); i++)
        if (code && strcmp(code, unsent[i]) == 0)
            return true;
    return false;
}

struct error *fail_give_lost_reply(const struct http_exchange *ex)
{
    return fail_give(ex, ERR_CONN, HTTP_ERR_RESET,
                     "the connection ended before the reply; the request may have been processed");
}

struct error *fail_give_error(const struct http_exchange *ex, CURLcode result)
{
    const char *why = ex->errbuf[0] ? ex->errbuf : curl_easy_strerror(result);
    enum err_kind kind;
    const char *code;
    if (ex->barred && result == CURLE_COULDNT_CONNECT)
        return fail_give(ex, ERR_FORBIDDEN, HTTP_ERR_BARRED,
                         "the address that it resolves to may not be dialled");
    fail_classify(ex->easy, result, why, ex->target.proxy[0] != '\0', &kind, &code);
    return was_sent_before(ex, code) ? fail_give_lost_reply(ex) : fail_give(ex, kind, code, why);
}
