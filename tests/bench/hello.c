/* The floor under every answer: libh2o on libuv saying 15 bytes, with nothing of ours. usage: hello PORT */
#include <h2o.h>
#include <h2o/http1.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>

static h2o_context_t context;
static h2o_accept_ctx_t accept_context;

static int on_req(h2o_handler_t *self, h2o_req_t *req)
{
    (void)self;
    req->res.status = 200;
    req->res.reason = "OK";
    req->res.content_length = 15;
    h2o_add_header(&req->pool, &req->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, H2O_STRLIT("application/json"));
    h2o_send_inline(req, H2O_STRLIT("{\"status\":\"ok\"}"));
    return 0;
}

static void on_freed(uv_handle_t *handle) { free(handle); }

static void on_accept(uv_stream_t *listener, int status)
{
    uv_tcp_t *tcp = h2o_mem_alloc(sizeof *tcp);

    (void)status;
    uv_tcp_init(listener->loop, tcp);
    if (uv_accept(listener, (uv_stream_t *)tcp) != 0)
        uv_close((uv_handle_t *)tcp, on_freed);
    else
        h2o_accept(&accept_context, h2o_uv_socket_create((uv_stream_t *)tcp, on_freed));
}

int main(int argc, char **argv)
{
    static h2o_globalconf_t conf;
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in address;
    h2o_hostconf_t *host;
    uv_tcp_t listener;

    (void)mallopt(M_TRIM_THRESHOLD, 64 << 20);
    (void)mallopt(M_TOP_PAD, 1 << 20);
    signal(SIGPIPE, SIG_IGN);
    h2o_config_init(&conf);
    conf.http1.upgrade_to_http2 = 0;
    host = h2o_config_register_host(&conf, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    h2o_create_handler(h2o_config_register_path(host, "/", 0), sizeof(h2o_handler_t))->on_req = on_req;
    h2o_context_init(&context, loop, &conf);
    accept_context = (h2o_accept_ctx_t){.ctx = &context, .hosts = conf.hosts};
    uv_tcp_init(loop, &listener);
    uv_ip4_addr("127.0.0.1", argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, &address);
    if (uv_tcp_bind(&listener, (struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&listener, 128, on_accept) != 0)
        return 1;
    return uv_run(loop, UV_RUN_DEFAULT);
}
