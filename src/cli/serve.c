/* serve.c: `weftline serve`: the server without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-serve-private.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_HANDED_FD 3 /* as sd_listen_fds(3) has it */

/* Sockets that a service manager has opened for this process: LISTEN_PID, LISTEN_FDS. */
static GArray *
handed_sockets (void)
{
  GArray *fds = g_array_new (FALSE, FALSE, sizeof (int));
  const char *pid = g_getenv ("LISTEN_PID"), *n = g_getenv ("LISTEN_FDS");
  int64_t n_fds = 0, for_pid = 0;

  if (pid == NULL || n == NULL
      || !_weft_cli_number ("LISTEN_PID", pid, 1, INT32_MAX, &for_pid, NULL) || for_pid != getpid ()
      || !_weft_cli_number ("LISTEN_FDS", n, 1, 64, &n_fds, NULL))
    return fds;
  for (int fd = FIRST_HANDED_FD; fd < FIRST_HANDED_FD + n_fds; fd++)
    g_array_append_val (fds, fd);
  return fds;
}

static void
say_where (const WeftServer *server)
{
  if (weft_server_get_address (server) != NULL)
    printf ("listening at %s\n", weft_server_get_address (server));
  else
    printf ("listening at the sockets handed over\n");
  if (weft_server_get_tcp_port (server) != 0)
    printf ("listening at 127.0.0.1:%u, with the token in %s\n", weft_server_get_tcp_port (server),
            weft_server_get_token_path (server));
}

/* Until a signal comes. */
static int
serve_runs (WeftHost *host, const WeftServerOptions *options, int signals)
{
  GError *error = NULL;
  WeftServer *server = weft_server_new (options, &error);
  int status;

  if (server == NULL)
    return _weft_cli_report (error);
  _weft_cli_host_set_server (host, server);
  say_where (server);
  status = _weft_cli_finish (WEFT_EXIT_DONE);
  while (!_weft_cli_signalled ())
    poll (&(struct pollfd){ .fd = signals, .events = POLLIN }, 1, -1);
  _weft_cli_host_stop (host);
  weft_server_free (server);
  return status;
}

/* @folder: (nullable) */
static int
serve (WeftServerOptions *options)
{
  g_autofree char *folder =
      options->folder != NULL ? g_strdup (options->folder) : weft_run_file_default_folder ();
  WeftServerHost functions;
  WeftHost *host;
  int signals = _weft_cli_catch_signals ();
  int status;

  if (signals < 0)
    {
      _weft_cli_say ("serve: cannot catch signals: %s", g_strerror (errno));
      return WEFT_EXIT_SYSTEM;
    }
  weft_server_raise_file_limit ();
  host = _weft_cli_host_new (folder);
  _weft_cli_host_fill (host, &functions);
  options->folder = folder;
  options->host = &functions;
  status = serve_runs (host, options, signals);
  _weft_cli_host_free (host);
  return status;
}

static bool
set_port (const char *text, WeftServerOptions *options, GError **error)
{
  int64_t port;

  if (text == NULL)
    return true;
  if (!_weft_cli_number ("port", text, 0, UINT16_MAX, &port, error))
    return false;
  options->tcp = true;
  options->tcp_port = (uint16_t) port;
  return true;
}

int
_weft_cli_serve (int argc, char **argv)
{
  g_autofree char *address = NULL, *folder = NULL, *port = NULL;
  const GOptionEntry entries[] = {
    { "address", 0, 0, G_OPTION_ARG_FILENAME, &address, "Where the socket is to be", "PATH" },
    { "folder", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Where files of runs go", "DIR" },
    { "tcp", 0, 0, G_OPTION_ARG_STRING, &port,
      "Listen on this port of the loopback interface too; 0: any", "PORT" },
    { NULL },
  };
  g_autoptr (GArray) fds = NULL;
  WeftServerOptions options = { 0 };
  GError *error = NULL;
  int status;

  if (!_weft_cli_parse ("serve", NULL, "Takes graphs and reports of runs from other programs.",
                        "Listens until it is told to end (Ctrl-C, SIGTERM). Runs that are reported "
                        "then end as interrupted; what was received of them is in their files.",
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("serve", argc, argv, 0, 0))
    return WEFT_EXIT_INPUT;
  if (!set_port (port, &options, &error))
    return _weft_cli_report (error);
  fds = handed_sockets ();
  options.address = address;
  options.folder = folder;
  options.listen_fds = (const int *) (const void *) fds->data;
  options.n_listen_fds = fds->len;
  return serve (&options);
}
