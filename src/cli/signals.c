/* signals.c: Ctrl-C cancels; a second one ends the process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The library installs no handlers, so the command does: the handler writes one byte into a pipe
 * that the main thread polls. It is the only place where this process has state beyond main()'s,
 * as a handler can take nothing else.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int n_signals; /* atomic: relaxed, also in the handler */
static int pipe_fds[2] = { -1, -1 };

static void
signal_cb (int number G_GNUC_UNUSED)
{
  int saved = errno;

  if (atomic_fetch_add_explicit (&n_signals, 1, memory_order_relaxed) > 0)
    _exit (WEFT_EXIT_CANCELLED);
  if (write (pipe_fds[1], "", 1) < 0)
    _exit (WEFT_EXIT_CANCELLED);
  errno = saved;
}

int
_weft_cli_catch_signals (void)
{
  struct sigaction action = { .sa_handler = signal_cb, .sa_flags = SA_RESTART }, before;

  if (pipe_fds[0] < 0 && pipe2 (pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0)
    return -1;
  sigemptyset (&action.sa_mask);
  if (sigaction (SIGINT, &action, NULL) != 0 || sigaction (SIGTERM, &action, NULL) != 0
      || sigaction (SIGHUP, NULL, &before) != 0)
    return -1;
  if (before.sa_handler != SIG_IGN) /* as nohup has it */
    sigaction (SIGHUP, &action, NULL);
  return pipe_fds[0];
}

bool
_weft_cli_signalled (void)
{
  return atomic_load_explicit (&n_signals, memory_order_relaxed) > 0;
}
