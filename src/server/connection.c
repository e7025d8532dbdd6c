/* connection.c: one client: its socket, and what goes in and out there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is to be sent gathers in the session and is written when the loop is done with what came;
 * there is one write in flight. A client that does not read what is sent to it is not read either,
 * and notices for it wait as a set of runs; so its memory is bounded by what it asked for before,
 * and above out_bytes it is disconnected.
 *
 * An error that ends a connection has to arrive. A socket that is closed with bytes unread may drop
 * what its peer has not read yet, so after the last word we only shut our side down, and drop what
 * comes for a while.
 */
#include "config.h"

#include "server/weft-server-private.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGER_MS 5000
#define OUT_PIECE_BYTES (UINT32_C (1) << 18)
#define MOST_UNANSWERED 256
#define GONE_MS 500      /* between two looks at whether who waits for answers is there still */
#define SPARE_CLIENTS 64 /* above the limit, who are told so */

/* ---- the end --------------------------------------------------------------------------------- */

static void
out_bytes_free (void *data)
{
  WeftOutBytes *out = data;

  g_bytes_unref (out->bytes);
  g_free (out);
}

static void
closed_cb (uv_handle_t *handle)
{
  WeftConnection *connection = handle->data;

  if (--connection->n_handles > 0)
    return;
  _weft_session_clear (&connection->session);
  if (connection->writing != NULL)
    g_byte_array_unref (connection->writing);
  g_queue_clear_full (&connection->out_bytes, out_bytes_free);
  g_hash_table_unref (connection->reports);
  g_hash_table_unref (connection->notices);
  g_free (connection);
}

/* Nothing more comes from it: what depended on that ends. */
static void
end_input (WeftConnection *connection)
{
  if (connection->is_ended)
    return;
  connection->is_ended = true;
  connection->is_subscribed = false;
  _weft_reports_interrupt (connection);
  _weft_ask_forget (connection->server, connection);
  _weft_watch_forget (connection);
}

void
_weft_connection_close (WeftConnection *connection)
{
  WeftServer *server = connection->server;

  if (connection->is_closing)
    return;
  end_input (connection);
  connection->is_closing = true;
  connection->session.state = WEFT_SESSION_CLOSING;
  g_queue_unlink (&server->connections, &connection->link);
  g_hash_table_remove (server->connections_by_id, &connection->id);
  uv_close (&connection->handle, closed_cb);
  uv_close ((uv_handle_t *) &connection->timer, closed_cb);
}

static void
linger_cb (uv_timer_t *timer)
{
  _weft_connection_close (timer->data);
}

static bool
has_output (const WeftConnection *connection)
{
  return connection->writing != NULL || connection->session.out->len > 0
         || connection->out_bytes.length > 0;
}

void
_weft_connection_finish (WeftConnection *connection)
{
  connection->session.state = WEFT_SESSION_CLOSING;
  _weft_connection_pump (connection);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Of the bytes that answers have announced, the next piece. */
static void
fill (WeftConnection *connection)
{
  while (connection->out_bytes.length > 0 && connection->session.out->len < OUT_PIECE_BYTES)
    {
      WeftOutBytes *out = g_queue_peek_head (&connection->out_bytes);
      size_t n_bytes;
      const uint8_t *bytes = g_bytes_get_data (out->bytes, &n_bytes);
      size_t n = MIN (n_bytes - out->at, OUT_PIECE_BYTES);

      _weft_session_say_bytes (&connection->session, out->channel, bytes + out->at, n);
      out->at += n;
      if (out->at == n_bytes)
        out_bytes_free (g_queue_pop_head (&connection->out_bytes));
    }
}

static void
tell_notices (WeftConnection *connection)
{
  GHashTableIter iter;
  void *id;

  if (g_hash_table_size (connection->notices) == 0)
    return;
  g_hash_table_iter_init (&iter, connection->notices);
  while (g_hash_table_iter_next (&iter, &id, NULL)
         && connection->session.out->len < OUT_PIECE_BYTES)
    {
      const WeftServed *served = _weft_served_find (connection->server, *(uint64_t *) id);
      g_autoptr (GString) json = g_string_new ("{\"run\": ");

      if (served != NULL)
        {
          _weft_served_json (served, json);
          g_string_append_c (json, '}');
          _weft_session_say (&connection->session, json);
        }
      g_hash_table_iter_remove (&iter);
    }
}

static void
written_cb (uv_write_t *write, int status)
{
  WeftConnection *connection = write->data;

  g_clear_pointer (&connection->writing, g_byte_array_unref);
  if (status != 0)
    _weft_connection_close (connection);
  else
    _weft_connection_pump (connection);
}

/* What the socket does not take at once goes on in written_cb(). */
static void
write_on (WeftConnection *connection)
{
  while (connection->writing == NULL && !connection->is_closing)
    {
      GByteArray *out;
      uv_buf_t buffer;
      int n;

      fill (connection);
      tell_notices (connection);
      _weft_watch_fill (connection);
      out = connection->session.out;
      if (out->len == 0)
        return;
      buffer = uv_buf_init ((char *) out->data, out->len);
      n = uv_try_write (&connection->stream, &buffer, 1);
      if (n == (int) out->len)
        {
          g_byte_array_set_size (out, 0);
          continue;
        }
      if (n < 0 && n != UV_EAGAIN)
        {
          _weft_connection_close (connection);
          return;
        }
      connection->writing = out;
      connection->session.out = g_byte_array_new ();
      buffer = uv_buf_init ((char *) out->data + MAX (n, 0), out->len - (guint) MAX (n, 0));
      connection->write.data = connection;
      if (uv_write (&connection->write, &connection->stream, &buffer, 1, written_cb) != 0)
        {
          g_clear_pointer (&connection->writing, g_byte_array_unref);
          _weft_connection_close (connection);
        }
    }
}

/* ---- reading --------------------------------------------------------------------------------- */

static void
room_cb (uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
  WeftConnection *connection = handle->data;
  size_t n_bytes;

  if (connection->session.state == WEFT_SESSION_CLOSING)
    {
      *buffer = uv_buf_init (connection->server->dropped, sizeof connection->server->dropped);
      return;
    }
  buffer->base = (char *) _weft_session_room (&connection->session, &n_bytes);
  buffer->len = n_bytes;
}

static void
read_cb (uv_stream_t *stream, ssize_t n_bytes, const uv_buf_t *buffer)
{
  WeftConnection *connection = stream->data;

  if (n_bytes >= 0)
    _weft_session_received (&connection->session, (size_t) n_bytes);
  else if (n_bytes != UV_EOF || connection->session.state == WEFT_SESSION_CLOSING)
    _weft_connection_close (connection);
  else
    {
      connection->is_eof = true;
      _weft_session_end (&connection->session);
    }
  _weft_connection_pump (connection);
}

static void
read_or_not (WeftConnection *connection)
{
  bool wanted = !connection->is_eof
                && (connection->paused == 0 || connection->session.state == WEFT_SESSION_CLOSING);

  if (wanted && !connection->is_reading)
    uv_read_start (&connection->stream, room_cb, read_cb);
  if (!wanted && connection->is_reading)
    uv_read_stop (&connection->stream);
  connection->is_reading = wanted;
}

static void
pause_if (WeftConnection *connection, WeftPaused why, bool is_so)
{
  if (is_so)
    connection->paused |= (uint32_t) why;
  else
    connection->paused &= ~(uint32_t) why;
}

static uint64_t
n_waiting_out (const WeftConnection *connection)
{
  return connection->session.out->len
         + (connection->writing != NULL ? connection->writing->len : 0);
}

static void
give_up_on_slow (WeftConnection *connection)
{
  WeftFault fault;

  _weft_fault_set (&fault, WEFT_SERVER_REFUSE_LIMIT, NULL, "read what is sent",
                   "%" G_GUINT64_FORMAT " bytes wait to be read by this client, above the limit "
                   "out_bytes",
                   n_waiting_out (connection));
  _weft_session_fail (&connection->session, &fault);
}

/* Neither side is open any more: it will read no answer. What it sent before is read still. */
static void
look_cb (uv_timer_t *timer)
{
  WeftConnection *connection = timer->data;
  struct pollfd poll_fd = { 0 };

  if (uv_fileno (&connection->handle, &poll_fd.fd) != 0 || poll (&poll_fd, 1, 0) <= 0
      || (poll_fd.revents & (POLLHUP | POLLERR)) == 0)
    return;
  connection->is_gone = true;
  _weft_connection_pump (connection);
}

/* Who is not read, or has shut down its sending side, is not seen to go. */
static void
look_for_end (WeftConnection *connection)
{
  bool wanted = connection->n_unanswered > 0 && !connection->is_gone
                && (connection->is_eof
                    || (connection->session.state == WEFT_SESSION_READY
                        && (connection->paused & WEFT_PAUSED_BY_ANSWERS) != 0));

  if (wanted && !connection->is_looking)
    uv_timer_start (&connection->timer, look_cb, GONE_MS, GONE_MS);
  if (!wanted && connection->is_looking)
    uv_timer_stop (&connection->timer);
  connection->is_looking = wanted;
}

/* Closes it when all is said that has to be. */
static void
close_on (WeftConnection *connection)
{
  bool is_done =
      !has_output (connection)
      && (!connection->is_eof || connection->n_unanswered + connection->n_interrupted == 0
          || connection->is_gone);
  int fd;

  end_input (connection);
  if (connection->is_eof && is_done)
    {
      _weft_connection_close (connection);
      return;
    }
  if (!connection->is_eof && !connection->is_lingering)
    uv_timer_start (&connection->timer, linger_cb, LINGER_MS, 0);
  connection->is_lingering = true;
  if (!is_done || connection->is_eof || connection->is_hung_up)
    return;
  connection->is_hung_up = true;
  if (uv_fileno (&connection->handle, &fd) == 0)
    shutdown (fd, SHUT_WR);
}

void
_weft_connection_pump (WeftConnection *connection)
{
  do
    if (!connection->is_closing)
      write_on (connection);
  while (!connection->is_closing && n_waiting_out (connection) < WEFT_SESSION_PLENTY_BYTES
         && _weft_session_go_on (&connection->session));
  if (connection->is_closing)
    return;
  if (n_waiting_out (connection) > connection->server->limits.out_bytes
      && connection->session.state != WEFT_SESSION_CLOSING)
    give_up_on_slow (connection);
  pause_if (connection, WEFT_PAUSED_BY_OUTPUT,
            n_waiting_out (connection) >= WEFT_SESSION_PLENTY_BYTES);
  pause_if (connection, WEFT_PAUSED_BY_ANSWERS,
            connection->n_unanswered >= MOST_UNANSWERED && !connection->is_gone);
  look_for_end (connection);
  if (connection->session.state == WEFT_SESSION_CLOSING)
    close_on (connection);
  if (!connection->is_closing)
    read_or_not (connection);
}

void
_weft_connection_notice (WeftConnection *connection, const WeftServed *served)
{
  if (!connection->is_subscribed)
    return;
  g_hash_table_add (connection->notices, g_memdup2 (&served->run.id, sizeof served->run.id));
  _weft_connection_pump (connection);
}

void
_weft_connection_send_bytes (WeftConnection *connection, uint32_t channel, GBytes *bytes)
{
  WeftOutBytes *out;

  if (g_bytes_get_size (bytes) == 0)
    return;
  out = g_new0 (WeftOutBytes, 1);
  out->channel = channel;
  out->bytes = g_bytes_ref (bytes);
  g_queue_push_tail (&connection->out_bytes, out);
}

WeftConnection *
_weft_connection_find (WeftServer *server, uint64_t id)
{
  return g_hash_table_lookup (server->connections_by_id, &id);
}

/* ---- the beginning --------------------------------------------------------------------------- */

static void
greeting_cb (uv_timer_t *timer)
{
  WeftConnection *connection = timer->data;
  WeftFault fault;

  if (connection->session.state != WEFT_SESSION_GREETING)
    return;
  _weft_fault_set (&fault, WEFT_SERVER_REFUSE_LIMIT, NULL, NULL,
                   "no greeting came within %u ms, the limit greeting_ms",
                   connection->server->limits.greeting_ms);
  _weft_session_fail (&connection->session, &fault);
  _weft_connection_pump (connection);
}

/* Only its own user may speak to the server. */
static void
check_peer (WeftConnection *connection)
{
  struct ucred who = { .uid = (uid_t) -1 };
  socklen_t n = sizeof who;
  int fd;

  if (uv_fileno (&connection->handle, &fd) == 0)
    getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &who, &n);
  if (who.uid != geteuid ())
    _weft_fault_set (&connection->session.refusal, WEFT_FAULT_REFUSED, NULL, NULL,
                     "this server is of the user %u, and takes nothing from the user %u",
                     (unsigned) geteuid (), (unsigned) who.uid);
  connection->session.pid = (uint32_t) who.pid;
}

static void
check_number (WeftConnection *connection)
{
  const WeftServer *server = connection->server;

  if (server->connections.length > server->limits.clients
      && connection->session.refusal.message == NULL)
    _weft_fault_set (&connection->session.refusal, WEFT_SERVER_REFUSE_LIMIT, NULL,
                     "come back when others have gone",
                     "%u clients are connected, the limit clients", server->limits.clients);
}

static WeftConnection *
connection_new (WeftServer *server, WeftListenerKind kind)
{
  WeftConnection *connection = g_new0 (WeftConnection, 1);

  connection->server = server;
  connection->id = ++server->next_connection;
  connection->is_tcp = kind == WEFT_LISTENER_TCP;
  _weft_session_init (&connection->session, &server->limits, &_weft_requests_ops, connection);
  connection->session.token = connection->is_tcp ? server->token : NULL;
  connection->reports = g_hash_table_new (NULL, NULL);
  connection->notices = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (connection->is_tcp)
    uv_tcp_init (&server->loop, &connection->tcp);
  else
    uv_pipe_init (&server->loop, &connection->pipe, 0);
  uv_timer_init (&server->loop, &connection->timer);
  connection->handle.data = connection->timer.data = connection;
  connection->n_handles = 2;
  connection->link.data = connection;
  g_queue_push_tail_link (&server->connections, &connection->link);
  g_hash_table_insert (server->connections_by_id, &connection->id, connection);
  return connection;
}

void
_weft_connection_accept (WeftServer *server, uv_stream_t *listener, WeftListenerKind kind)
{
  WeftConnection *connection = connection_new (server, kind);

  if (uv_accept (listener, &connection->stream) != 0
      || server->connections.length > server->limits.clients + SPARE_CLIENTS)
    {
      _weft_connection_close (connection);
      return;
    }
  if (connection->is_tcp)
    uv_tcp_nodelay (&connection->tcp, 1);
  else
    check_peer (connection);
  check_number (connection);
  uv_timer_start (&connection->timer, greeting_cb, server->limits.greeting_ms, 0);
  _weft_connection_pump (connection);
}
