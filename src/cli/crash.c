/* crash.c: a task that crashes is named, in the run file too, before the process dies
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The handler runs on the thread that crashed, in the middle of whatever it did: so it only tells
 * the main thread which one it is, through a pipe, and waits. Main thread and recorder are alive;
 * they note the error and write what is recorded so far. If they cannot, as the thread holds a lock
 * they need, the handler goes on after a while. Then the signal takes its usual course.
 */
#include "cli/weft-cli-run-private.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 10000000
#define MAX_LOOKS 100

typedef struct
{
  int signal;
  pid_t thread;
} Crash;

static const int signals[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV };

static int pipe_fds[2] = { -1, -1 };
static atomic_bool noted; /* atomic: relaxed; also in the handler */

static void
crash_cb (int number)
{
  const Crash crash = { number, gettid () };
  const struct timespec pause = { .tv_nsec = LOOK_NS };

  if (crash.thread != getpid () && write (pipe_fds[1], &crash, sizeof crash) > 0)
    for (int i = 0; i < MAX_LOOKS && !atomic_load_explicit (&noted, memory_order_relaxed); i++)
      nanosleep (&pause, NULL);
  signal (number, SIG_DFL);
  raise (number); /* held back until here is left */
}

int
_weft_cli_catch_crashes (void)
{
  struct sigaction action = { .sa_handler = crash_cb };

  if (pipe_fds[0] < 0 && pipe2 (pipe_fds, O_CLOEXEC | O_NONBLOCK) != 0)
    return -1;
  sigemptyset (&action.sa_mask);
  for (size_t i = 0; i < G_N_ELEMENTS (signals); i++)
    if (sigaction (signals[i], &action, NULL) != 0)
      return -1;
  return pipe_fds[0];
}

static void
note (WeftRun *run, WeftGraph *graph, const Crash *crash)
{
  WeftRecorder *recorder = weft_run_recorder (run);
  WeftNow now = { .task = WEFT_NONE, .segment = WEFT_NONE };
  WeftLane *lane = weft_recorder_find_thread (recorder, (uint64_t) crash->thread, &now);
  g_autofree char *message =
      g_strdup_printf ("signal %d (%s)", crash->signal, strsignal (crash->signal));
  g_autofree char *key = NULL;

  if (now.kind == WEFT_RECORD_TASK && now.segment == 0)
    key = weft_graph_dup_key (graph, now.task);
  weft_recorder_error (recorder, lane, now.segment, now.task, now.attempt,
                       weft_clock_ticks (weft_clock_source ()), WEFT_ERROR_KIND_SIGNAL, message,
                       NULL, NULL);
  weft_recorder_flush (recorder, NULL);
  if (key != NULL)
    _weft_cli_say ("%s in task %s", message, key);
  else
    _weft_cli_say ("%s", message);
}

void
_weft_cli_note_crash (WeftRun *run, WeftGraph *graph)
{
  Crash crash;

  if (read (pipe_fds[0], &crash, sizeof crash) != sizeof crash)
    return;
  note (run, graph, &crash);
  atomic_store_explicit (&noted, true, memory_order_relaxed);
}
