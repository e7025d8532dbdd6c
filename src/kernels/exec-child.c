/* exec-child.c: one child process, from its start to its end
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Started with posix_spawn(), which needs no copy of this process and is safe with many threads, in
 * a process group of its own, with default signal handling. Every descriptor is close-on-exec from
 * the start, so no other child that is started at the same time inherits one.
 *
 * One poll() loop then serves stdin, stdout, stderr, the end of the child (a pidfd; where the
 * system has none, a look every 20 ms) and the task's cancel descriptor. Stages:
 *
 *   RUNNING    → TERMINATED when it must end early: SIGTERM to the group, two seconds
 *   TERMINATED → KILLED: SIGKILL to the group
 *
 * The child stays a zombie until both pipes have ended, because its pid names the group: no signal
 * can hit a stranger. When the child itself has ended and something it left behind keeps a pipe
 * open, that gets two seconds, too, and is then terminated. At the very end the group is killed and
 * the child reaped.
 *
 * Writing to a child that does not read raises SIGPIPE in this thread: it is blocked while we
 * write, and taken away if it came from us.
 */
#include "config.h"

#include "kernels/weft-exec-private.h"

#include "base/weft-clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE_NS INT64_C (2000000000)
#define BLIND_POLL_NS INT64_C (20000000)
#define READ_BYTES 65536
#define READS_A_TURN 16
#define LOGGED_STDOUT_BYTES 65536 /* of a result that may be big, the log has the beginning */

enum
{
  CHILD_STDIN,
  CHILD_STDOUT,
  CHILD_STDERR,
  CHILD_EXIT,
  CHILD_CANCEL,
  N_FDS
};

typedef enum
{
  STAGE_RUNNING,
  STAGE_TERMINATED,
  STAGE_KILLED,
} Stage;

typedef struct
{
  WeftTask *task;
  const WeftExecRequest *request;
  WeftExecResult *result;
  pid_t pid;
  int fds[N_FDS]; /* ours; -1: closed or none */
  bool ended;     /* the child itself; not reaped yet */
  Stage stage;
  int64_t stage_end_ns; /* when the next stage comes; INT64_MAX: never by itself */
  size_t n_written;     /* of stdin */
  char *buffer;         /* READ_BYTES of scratch */
} Child;

/* ---- start ----------------------------------------------------------------------------------- */

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
close_pair (int pair[2])
{
  close_fd (&pair[0]);
  close_fd (&pair[1]);
}

/* What the child gets as 0, 1 and 2. */
typedef struct
{
  int in[2], out[2], err[2];
} Pipes;

static bool
open_stdin (const WeftExecRequest *request, Pipes *pipes)
{
  if (request->stdin_bytes != NULL && request->stdin_path == NULL)
    return pipe2 (pipes->in, O_CLOEXEC) == 0;
  pipes->in[0] =
      open (request->stdin_path != NULL ? request->stdin_path : "/dev/null", O_RDONLY | O_CLOEXEC);
  return pipes->in[0] >= 0;
}

/* Away from 0, 1 and 2, where a process that has closed those would get it, and where the child's
 * descriptors are put one after the other. Returns: false with errno */
static bool
lift (int *fd)
{
  int high;

  if (*fd > STDERR_FILENO)
    return true;
  high = fcntl (*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (high < 0)
    return false;
  close (*fd);
  *fd = high;
  return true;
}

static bool
open_pipes (WeftTask *task, const WeftExecRequest *request, Pipes *pipes)
{
  *pipes = (Pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
  if (!open_stdin (request, pipes))
    weft_task_fail (task, "cannot open the input %s: %s",
                    request->stdin_path != NULL ? request->stdin_path : "", g_strerror (errno));
  else if (pipe2 (pipes->out, O_CLOEXEC) != 0 || pipe2 (pipes->err, O_CLOEXEC) != 0
           || !lift (&pipes->in[0]) || !lift (&pipes->out[1]) || !lift (&pipes->err[1]))
    weft_task_fail (task, "cannot make a pipe: %s", g_strerror (errno));
  else
    return true;
  close_pair (pipes->in);
  close_pair (pipes->out);
  close_pair (pipes->err);
  return false;
}

/* The child's descriptors: 0, 1, 2, and nothing that others in this process forgot to mark. */
static int
add_actions (posix_spawn_file_actions_t *actions, const WeftExecRequest *request,
             const Pipes *pipes)
{
  int failure = posix_spawn_file_actions_adddup2 (actions, pipes->in[0], 0);

  if (failure == 0)
    failure = posix_spawn_file_actions_adddup2 (actions, pipes->out[1], 1);
  if (failure == 0)
    failure = posix_spawn_file_actions_adddup2 (actions, pipes->err[1], 2);
  if (failure == 0)
    failure = posix_spawn_file_actions_addclosefrom_np (actions, STDERR_FILENO + 1);
  if (failure == 0 && request->cwd != NULL)
    failure = posix_spawn_file_actions_addchdir_np (actions, request->cwd);
  return failure;
}

static int
set_attributes (posix_spawnattr_t *attributes)
{
  sigset_t all, none;
  int failure;

  sigfillset (&all);
  sigemptyset (&none);
  failure = posix_spawnattr_setflags (attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF
                                                      | POSIX_SPAWN_SETSIGMASK);
  if (failure == 0)
    failure = posix_spawnattr_setpgroup (attributes, 0);
  if (failure == 0)
    failure = posix_spawnattr_setsigdefault (attributes, &all);
  return failure == 0 ? posix_spawnattr_setsigmask (attributes, &none) : failure;
}

static int
spawn_with (Child *child, const Pipes *pipes, posix_spawn_file_actions_t *actions,
            posix_spawnattr_t *attributes)
{
  const WeftExecRequest *request = child->request;
  int failure = add_actions (actions, request, pipes);

  if (failure == 0)
    failure = set_attributes (attributes);
  return failure == 0 ? posix_spawnp (&child->pid, request->argv[0], actions, attributes,
                                      request->argv, request->envp)
                      : failure;
}

static int
spawn (Child *child, const Pipes *pipes)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int failure = posix_spawn_file_actions_init (&actions);

  if (failure != 0)
    return failure;
  failure = posix_spawnattr_init (&attributes);
  if (failure == 0)
    {
      failure = spawn_with (child, pipes, &actions, &attributes);
      posix_spawnattr_destroy (&attributes);
    }
  posix_spawn_file_actions_destroy (&actions);
  return failure;
}

static int
open_pidfd (pid_t pid)
{
#ifdef SYS_pidfd_open
  return (int) syscall (SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
#else
  return -1;
#endif
}

static void
set_nonblocking (int fd)
{
  if (fd >= 0)
    fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
}

static WeftStatus
fail_start (Child *child, int failure)
{
  const WeftExecRequest *request = child->request;
  g_autofree char *message = NULL;

  if (request->cwd != NULL && access (request->cwd, X_OK) != 0)
    message = g_strdup_printf ("cannot start “%s” in the folder “%s”: %s", request->argv[0],
                               request->cwd, g_strerror (errno));
  else
    message = g_strdup_printf ("cannot start “%s”: %s", request->argv[0], g_strerror (failure));
  return weft_task_fail_with (child->task, "exec", message, NULL, NULL);
}

static WeftStatus
start (Child *child)
{
  Pipes pipes;
  int failure;

  if (!open_pipes (child->task, child->request, &pipes))
    return WEFT_FAILED;
  failure = spawn (child, &pipes);
  close_fd (&pipes.in[0]);
  close_fd (&pipes.out[1]);
  close_fd (&pipes.err[1]);
  child->fds[CHILD_STDIN] = pipes.in[1];
  child->fds[CHILD_STDOUT] = pipes.out[0];
  child->fds[CHILD_STDERR] = pipes.err[0];
  if (failure != 0)
    return fail_start (child, failure);
  set_nonblocking (pipes.in[1]);
  set_nonblocking (pipes.out[0]);
  set_nonblocking (pipes.err[0]);
  child->fds[CHILD_EXIT] = open_pidfd (child->pid);
  child->fds[CHILD_CANCEL] = weft_task_cancel_fd (child->task);
  return WEFT_OK;
}

/* ---- what goes in and comes out -------------------------------------------------------------- */

/* write() that raises no SIGPIPE. Returns: as write() */
static ssize_t
write_quietly (int fd, const char *bytes, size_t n_bytes)
{
  const struct timespec at_once = { 0, 0 };
  sigset_t pipe_only, before, pending;
  bool was_pending;
  ssize_t n;
  int failure;

  sigemptyset (&pipe_only);
  sigaddset (&pipe_only, SIGPIPE);
  sigpending (&pending);
  was_pending = sigismember (&pending, SIGPIPE) == 1;
  pthread_sigmask (SIG_BLOCK, &pipe_only, &before);
  n = write (fd, bytes, n_bytes);
  failure = errno;
  if (n < 0 && failure == EPIPE && !was_pending)
    while (sigtimedwait (&pipe_only, NULL, &at_once) < 0 && errno == EINTR)
      ;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  errno = failure;
  return n;
}

/* A child that closes its input does not want the rest: no error. */
static void
feed (Child *child)
{
  const WeftExecRequest *request = child->request;
  int *fd = &child->fds[CHILD_STDIN];
  ssize_t n;

  if (*fd < 0)
    return;
  n = write_quietly (*fd, request->stdin_bytes + child->n_written,
                     MIN (request->n_stdin - child->n_written, READ_BYTES));
  if (n < 0 && errno != EAGAIN && errno != EINTR)
    close_fd (fd);
  child->n_written += n > 0 ? (size_t) n : 0;
  if (child->n_written == request->n_stdin)
    close_fd (fd);
}

static void
terminate (Child *child, WeftExecOutcome why)
{
  if (child->stage != STAGE_RUNNING)
    return;
  if (child->result->outcome == WEFT_EXEC_ENDED && !child->ended)
    child->result->outcome = why;
  child->stage = STAGE_TERMINATED;
  child->stage_end_ns = weft_clock_mono_ns () + GRACE_NS;
  kill (-child->pid, SIGTERM);
}

static void
keep_stdout (Child *child, const char *bytes, size_t n)
{
  GByteArray *out = child->result->out;
  size_t room = child->request->max_stdout - out->len;

  if (out->len < LOGGED_STDOUT_BYTES)
    weft_task_log (child->task, 1, bytes, MIN (n, LOGGED_STDOUT_BYTES - out->len));
  g_byte_array_append (out, (const guint8 *) bytes, (guint) MIN (n, room));
  if (n <= room)
    return;
  child->result->outcome = WEFT_EXEC_TOO_MUCH;
  terminate (child, WEFT_EXEC_TOO_MUCH);
  close_fd (&child->fds[CHILD_STDOUT]);
}

static void
keep_stderr (Child *child, const char *bytes, size_t n)
{
  WeftExecResult *result = child->result;
  size_t n_new = MIN (n, WEFT_EXEC_TAIL_BYTES);
  size_t n_old = MIN (result->n_tail, WEFT_EXEC_TAIL_BYTES - n_new);

  weft_task_log (child->task, 2, bytes, n);
  memmove (result->tail, result->tail + result->n_tail - n_old, n_old);
  memcpy (result->tail + n_old, bytes + n - n_new, n_new);
  result->n_tail = n_old + n_new;
  result->tail[result->n_tail] = '\0';
}

/* Some turns only, so that a child that prints without end does not keep us from the other things.
 * */
static void
drain (Child *child, int which)
{
  int *fd = &child->fds[which];

  for (int i = 0; i < READS_A_TURN && *fd >= 0; i++)
    {
      ssize_t n = read (*fd, child->buffer, READ_BYTES);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return;
      if (n <= 0)
        close_fd (fd);
      else if (which == CHILD_STDOUT)
        keep_stdout (child, child->buffer, (size_t) n);
      else
        keep_stderr (child, child->buffer, (size_t) n);
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Looks whether the child has ended, without reaping it. */
static void
look_for_end (Child *child)
{
  siginfo_t info = { .si_pid = 0 };
  int failure = waitid (P_PID, (id_t) child->pid, &info, WEXITED | WNOHANG | WNOWAIT);

  if (failure != 0 && errno == ECHILD)
    child->result->outcome = WEFT_EXEC_LOST;
  if (failure == 0 && info.si_pid == 0)
    return;
  if (failure != 0 && errno == EINTR)
    return;
  child->ended = true;
  close_fd (&child->fds[CHILD_STDIN]);
  close_fd (&child->fds[CHILD_EXIT]);
  if (child->stage == STAGE_RUNNING)
    child->stage_end_ns = weft_clock_mono_ns () + GRACE_NS;
}

static int64_t
end_ns (const Child *child)
{
  return MIN (child->request->end_ns, weft_task_deadline_ns (child->task));
}

/* What time it is for: the end of a stage, of patience, or nothing. */
static void
advance (Child *child)
{
  int64_t now = weft_clock_mono_ns ();

  if (child->stage == STAGE_RUNNING && now >= end_ns (child))
    terminate (child, WEFT_EXEC_TIMED_OUT);
  else if (child->stage == STAGE_RUNNING && weft_task_is_cancelled (child->task))
    terminate (child, WEFT_EXEC_CANCELLED);
  if (now < child->stage_end_ns)
    return;
  if (child->stage == STAGE_RUNNING)
    terminate (child, WEFT_EXEC_ENDED);
  else if (child->stage == STAGE_TERMINATED)
    {
      child->stage = STAGE_KILLED;
      child->stage_end_ns = now + GRACE_NS;
      kill (-child->pid, SIGKILL);
    }
  else if (child->ended)
    {
      /* Somebody outside of the group holds the pipes: not ours to end. */
      close_fd (&child->fds[CHILD_STDOUT]);
      close_fd (&child->fds[CHILD_STDERR]);
    }
}

static int64_t
poll_ns (const Child *child)
{
  int64_t next = child->stage == STAGE_RUNNING ? MIN (end_ns (child), child->stage_end_ns)
                                               : child->stage_end_ns;
  int64_t ns = next == INT64_MAX ? INT64_MAX : MAX (0, next - weft_clock_mono_ns ());
  bool blind = (child->fds[CHILD_EXIT] < 0 && !child->ended)
               || (child->fds[CHILD_CANCEL] < 0 && child->stage == STAGE_RUNNING);

  return blind ? MIN (ns, BLIND_POLL_NS) : ns;
}

/* The cancel descriptor stays readable, so it is left out once it was heard. */
static void
poll_once (Child *child)
{
  struct pollfd fds[N_FDS];
  int64_t ns = poll_ns (child);
  struct timespec timeout = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

  for (int i = 0; i < N_FDS; i++)
    fds[i] = (struct pollfd){ .fd = child->fds[i], .events = i == CHILD_STDIN ? POLLOUT : POLLIN };
  if (child->stage != STAGE_RUNNING)
    fds[CHILD_CANCEL].fd = -1;
  ppoll (fds, N_FDS, ns == INT64_MAX ? NULL : &timeout, NULL);
}

static void
serve (Child *child)
{
  while (!child->ended || child->fds[CHILD_STDOUT] >= 0 || child->fds[CHILD_STDERR] >= 0)
    {
      poll_once (child);
      feed (child);
      drain (child, CHILD_STDOUT);
      drain (child, CHILD_STDERR);
      if (!child->ended)
        look_for_end (child);
      advance (child);
    }
}

/* ---- end ------------------------------------------------------------------------------------- */

static void
reap (Child *child)
{
  WeftExecResult *result = child->result;
  pid_t pid;

  kill (-child->pid, SIGKILL); /* whatever is left of the group; the zombie does not mind */
  do
    pid = wait4 (child->pid, &result->status, 0, &result->usage);
  while (pid < 0 && errno == EINTR);
  if (pid < 0)
    result->outcome = WEFT_EXEC_LOST;
}

static int64_t
timeval_ns (struct timeval t)
{
  return (int64_t) t.tv_sec * 1000000000 + (int64_t) t.tv_usec * 1000;
}

static void
account (Child *child)
{
  const struct rusage *usage = &child->result->usage;

  weft_task_account_child (child->task, timeval_ns (usage->ru_utime) + timeval_ns (usage->ru_stime),
                           (int64_t) usage->ru_maxrss * 1024, (int64_t) usage->ru_inblock * 512,
                           (int64_t) usage->ru_oublock * 512);
}

WeftStatus
_weft_exec_run (WeftTask *task, const WeftExecRequest *request, WeftExecResult *result)
{
  Child child = { .task = task,
                  .request = request,
                  .result = result,
                  .fds = { -1, -1, -1, -1, -1 },
                  .stage_end_ns = INT64_MAX };
  WeftStatus status;

  memset (result, 0, sizeof *result);
  result->out = g_byte_array_new ();
  child.buffer = weft_task_scratch (task, READ_BYTES);
  if (child.buffer == NULL)
    return WEFT_NO_MEMORY;
  status = start (&child);
  if (status == WEFT_OK)
    {
      serve (&child);
      reap (&child);
      account (&child);
    }
  child.fds[CHILD_CANCEL] = -1; /* the context's */
  for (int i = 0; i < N_FDS; i++)
    close_fd (&child.fds[i]);
  return status;
}

void
_weft_exec_result_clear (WeftExecResult *result)
{
  if (result->out != NULL)
    g_byte_array_unref (result->out);
  result->out = NULL;
}
