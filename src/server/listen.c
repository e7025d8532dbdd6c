/* listen.c: the sockets at which the server waits for connections
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static bool
fail (GError **error, const char *what, const char *why)
{
  g_set_error (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_ADDRESS, "%s: %s", what, why);
  return false;
}

static void
unix_cb (uv_stream_t *listener, int status)
{
  if (status == 0)
    _weft_connection_accept (listener->data, listener, WEFT_LISTENER_UNIX);
}

static void
tcp_cb (uv_stream_t *listener, int status)
{
  if (status == 0)
    _weft_connection_accept (listener->data, listener, WEFT_LISTENER_TCP);
}

static bool
is_loopback (const struct sockaddr_storage *where)
{
  const struct sockaddr_in *four = (const struct sockaddr_in *) (const void *) where;
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *) (const void *) where;

  if (where->ss_family == AF_INET)
    return ntohl (four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
  return where->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK (&six->sin6_addr);
}

static uint16_t
port_of (const struct sockaddr_storage *where)
{
  const struct sockaddr_in *four = (const struct sockaddr_in *) (const void *) where;

  return ntohs (four->sin_port); /* in the same place in an address of IPv6 */
}

static int
listen_unix (WeftServer *server, int fd)
{
  uv_pipe_t *pipe = g_new0 (uv_pipe_t, 1);
  int code = uv_pipe_init (&server->loop, pipe, 0);

  pipe->data = server;
  g_ptr_array_add (server->listeners, pipe);
  if (code == 0)
    code = uv_pipe_open (pipe, fd);
  return code != 0 ? code : uv_listen ((uv_stream_t *) pipe, BACKLOG, unix_cb);
}

static int
listen_inet (WeftServer *server, int fd)
{
  uv_tcp_t *tcp = g_new0 (uv_tcp_t, 1);
  int code = uv_tcp_init (&server->loop, tcp);

  tcp->data = server;
  g_ptr_array_add (server->listeners, tcp);
  if (code == 0)
    code = uv_tcp_open (tcp, fd);
  return code != 0 ? code : uv_listen ((uv_stream_t *) tcp, BACKLOG, tcp_cb);
}

bool
_weft_listen (WeftServer *server, int fd, GError **error)
{
  struct sockaddr_storage where = { 0 };
  socklen_t n = sizeof where;
  g_autofree char *what = g_strdup_printf ("the listening socket %d", fd);
  int code;

  if (getsockname (fd, (struct sockaddr *) &where, &n) != 0)
    return fail (error, what, g_strerror (errno));
  if (where.ss_family != AF_UNIX && !is_loopback (&where))
    return fail (error, what,
                 "found an address that other machines may reach, expected a Unix socket or the "
                 "loopback interface");
  if (where.ss_family == AF_UNIX)
    code = listen_unix (server, fd);
  else
    {
      server->tcp_port = port_of (&where);
      code = listen_inet (server, fd);
    }
  return code == 0 || fail (error, what, uv_strerror (code));
}

bool
_weft_listen_tcp (WeftServer *server, uint16_t port, GError **error)
{
  struct sockaddr_in where = { .sin_family = AF_INET,
                               .sin_port = htons (port),
                               .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  g_autofree char *what = g_strdup_printf ("127.0.0.1:%u", port);
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;
  bool ok;

  ok = fd >= 0 && setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
       && bind (fd, (const struct sockaddr *) &where, sizeof where) == 0;
  if (!ok)
    {
      fail (error, what, g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return false;
    }
  return _weft_listen (server, fd, error);
}
