/* server.c: the server's life: its thread, and what it starts and ends with
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * It ends in this order: the loop closes its listeners and connections, whose reported runs are
 * interrupted, and stops taking tasks; then the writer works off what waits; then what both used is
 * freed.
 */
#include "config.h"

#include "server/weft-server-private.h"

#include <signal.h>
#include <string.h>

#define FALLBACK(value, usual) ((value) != 0 ? (value) : (usual))

/* ---- options --------------------------------------------------------------------------------- */

static void
set_limits (WeftServerLimits *limits, const WeftServerLimits *given)
{
  *limits = (WeftServerLimits){
    .message_bytes = FALLBACK (given->message_bytes, UINT32_C (16) << 20),
    .line_bytes = FALLBACK (given->line_bytes, UINT32_C (1) << 20),
    .graph_bytes = FALLBACK (given->graph_bytes, UINT64_C (256) << 20),
    .run_queue_bytes = FALLBACK (given->run_queue_bytes, UINT64_C (8) << 20),
    .queue_bytes = FALLBACK (given->queue_bytes, UINT64_C (64) << 20),
    .out_bytes = FALLBACK (given->out_bytes, UINT64_C (64) << 20),
    .open_runs = FALLBACK (given->open_runs, 64),
    .clients = FALLBACK (given->clients, 1024),
    .runs = FALLBACK (given->runs, 10000),
    .greeting_ms = FALLBACK (given->greeting_ms, 10000),
  };
  limits->graph_bytes = MIN (limits->graph_bytes, G_MAXUINT32 / 2); /* a GByteArray's */
  limits->out_bytes = MIN (limits->out_bytes, G_MAXUINT32 / 2);
}

static char *
read_boot_id (void)
{
  char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
    return g_strdup ("");
  return g_strstrip (text);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void
async_cb (uv_async_t *async)
{
  _weft_hub_drain (((WeftServer *) async->data)->hub);
}

static void
free_handle_cb (uv_handle_t *handle)
{
  g_free (handle);
}

static void
close_listeners (WeftServer *server)
{
  for (guint i = 0; i < server->listeners->len; i++)
    uv_close (server->listeners->pdata[i], free_handle_cb);
  g_ptr_array_set_size (server->listeners, 0);
}

static void
stop_cb (WeftServer *server, void *unused)
{
  close_listeners (server);
  while (server->connections.head != NULL)
    _weft_connection_close (server->connections.head->data);
  uv_close ((uv_handle_t *) &server->ticker, NULL);
  uv_close ((uv_handle_t *) &server->watch_timer, NULL);
  _weft_hub_close (server->hub);
  uv_close ((uv_handle_t *) &server->async, NULL);
}

/* Signals are the program's; and a client that goes while it is written to is no reason for one. */
static void
block_signals (sigset_t *before)
{
  sigset_t all;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, before);
}

static void *
run_thread (void *data)
{
  WeftServer *server = data;

  pthread_setname_np (pthread_self (), "weft-server");
  uv_run (&server->loop, UV_RUN_DEFAULT);
  return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static WeftServer *
server_new (const WeftServerOptions *options)
{
  WeftServer *server = g_new0 (WeftServer, 1);

  set_limits (&server->limits, &options->limits);
  if (options->host != NULL)
    server->host = *options->host;
  server->folder =
      options->folder != NULL ? g_strdup (options->folder) : weft_run_file_default_folder ();
  server->address.fd = -1;
  server->boot_id = read_boot_id ();
  server->listeners = g_ptr_array_new ();
  server->connections_by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  server->runs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, _weft_served_free);
  server->asked = g_hash_table_new (g_int64_hash, g_int64_equal);
  uv_loop_init (&server->loop);
  server->loop.data = server;
  uv_async_init (&server->loop, &server->async, async_cb);
  server->async.data = server;
  uv_timer_init (&server->loop, &server->ticker);
  server->ticker.data = server;
  uv_timer_init (&server->loop, &server->watch_timer);
  server->watch_timer.data = server;
  server->watched = g_hash_table_new (g_int64_hash, g_int64_equal);
  server->hub = _weft_hub_new (server, &server->async);
  return server;
}

static void
server_free (WeftServer *server)
{
  _weft_address_clear (&server->address);
  if (server->token_path != NULL)
    remove (server->token_path);
  uv_loop_close (&server->loop);
  _weft_hub_unref (server->hub);
  g_ptr_array_unref (server->listeners);
  g_hash_table_unref (server->connections_by_id);
  g_queue_clear (&server->runs_in_order);
  g_hash_table_unref (server->runs);
  g_hash_table_unref (server->asked);
  g_hash_table_unref (server->watched);
  g_free (server->folder);
  g_free (server->token_path);
  g_free (server->token);
  g_free (server->boot_id);
  g_free (server);
}

static bool
listen_at_address (WeftServer *server, const char *path, GError **error)
{
  int fd;

  if (!_weft_address_open (&server->address, path, error))
    return false;
  fd = server->address.fd;
  server->address.fd = -1; /* the listener's from now on */
  return _weft_listen (server, fd, error);
}

static bool
make_token (WeftServer *server, const char *address, GError **error)
{
  g_autofree char *path = g_strconcat (address, ".token", NULL);

  server->token = _weft_token_new (path, error);
  if (server->token == NULL)
    return false;
  server->token_path = g_steal_pointer (&path);
  return true;
}

static bool
begin (WeftServer *server, const WeftServerOptions *options, GError **error)
{
  g_autofree char *address =
      options->address != NULL ? g_strdup (options->address) : weft_server_default_address ();

  for (uint32_t i = 0; i < options->n_listen_fds; i++)
    if (!_weft_listen (server, options->listen_fds[i], error))
      return false;
  if (options->n_listen_fds == 0 && !listen_at_address (server, address, error))
    return false;
  if (options->tcp && !_weft_listen_tcp (server, options->tcp_port, error))
    return false;
  return server->tcp_port == 0 || make_token (server, address, error);
}

static bool
begin_threads (WeftServer *server, GError **error)
{
  sigset_t before;
  int code = EAGAIN;

  block_signals (&before);
  server->writer = _weft_report_writer_new (server->hub, &server->limits);
  if (server->writer != NULL)
    code = pthread_create (&server->thread, NULL, run_thread, server);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (code == 0)
    return true;
  g_set_error (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_SYSTEM,
               "the server's threads cannot be started: %s", g_strerror (code));
  return false;
}

/* It has not begun, so the loop is turned here. */
static void
give_up (WeftServer *server)
{
  stop_cb (server, NULL);
  uv_run (&server->loop, UV_RUN_DEFAULT);
  _weft_report_writer_free (server->writer);
  server_free (server);
}

WeftServer *
weft_server_new (const WeftServerOptions *options, GError **error)
{
  const WeftServerOptions usual = { 0 };
  WeftServer *server;

  if (options == NULL)
    options = &usual;
  server = server_new (options);
  if (begin (server, options, error) && begin_threads (server, error))
    return server;
  give_up (server);
  return NULL;
}

void
weft_server_free (WeftServer *server)
{
  if (server == NULL)
    return;
  _weft_hub_post (server->hub, stop_cb, NULL);
  pthread_join (server->thread, NULL);
  _weft_report_writer_free (server->writer);
  server_free (server);
}

/* ---- where ----------------------------------------------------------------------------------- */

const char *
weft_server_get_address (const WeftServer *server)
{
  return server->address.path;
}

uint16_t
weft_server_get_tcp_port (const WeftServer *server)
{
  return server->tcp_port;
}

const char *
weft_server_get_token_path (const WeftServer *server)
{
  return server->token_path;
}
