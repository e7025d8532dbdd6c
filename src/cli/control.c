/* control.c: a channel through which another process controls a run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Commands come in lines and each is answered with one, which names it by its number (see
 * data/doc/control.md). The main thread reads, and does at once whatever does not wait. Steps wait
 * for tasks, so a thread of their own takes them one after the other; it adds its answers to the
 * same buffer, under the lock, and wakes the main thread. All answers are sent by the main thread,
 * which never waits for the other side: as long as that does not read its answers, no more commands
 * are read.
 *
 * An answer is sent once the records of what it tells of are in the run file.
 */
#include "config.h"

#include "cli/weft-cli-control-private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define VERSION 1
#define READ_BYTES 65536
#define MAX_LINE 1048576
#define MAX_ANSWERS 262144 /* bytes, before reading stops */
#define MAX_STEPS 1000
#define LAST_WORD_MS 1000

typedef struct
{
  uint64_t line;
  WeftOrder order;
} Step;

struct _WeftControl
{
  WeftControlTarget target; /* owner: main; but for run: immutable */
  int fd;
  int wake_fd;
  GString *in;     /* owner: main; what was read and is not done */
  uint64_t n_done; /* lines, owner: main */
  bool skipping;   /* the rest of a line that is too long */
  bool started;
  bool hung_up;  /* nothing more comes */
  bool unheard;  /* nobody reads answers any more */
  bool flushing; /* something was done that is recorded */

  pthread_t stepper;
  bool has_stepper;
  pthread_mutex_t lock;
  pthread_cond_t more; /* pairs with lock: steps, or no more of them */
  GQueue steps;        /* lock: Step * (owned) */
  bool no_more_steps;  /* lock */
  unsigned n_steps;    /* lock: not answered yet */
  GString *out;        /* lock: not sent yet */
};

/* ---- answers --------------------------------------------------------------------------------- */

/* @error: (nullable) (transfer full): it could not be done */
static void
answer (WeftControl *control, uint64_t line, GError *error)
{
  g_autofree char *reason = error != NULL ? _weft_cli_control_escape (error->message) : NULL;

  pthread_mutex_lock (&control->lock);
  g_string_append_printf (control->out, "%" G_GUINT64_FORMAT " %s%s\n", line,
                          error != NULL ? "error " : "done", error != NULL ? reason : "");
  pthread_mutex_unlock (&control->lock);
  g_clear_error (&error);
}

static void
answer_problem (WeftControl *control, uint64_t line, const char *problem)
{
  answer (control, line,
          g_error_new_literal (WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT, problem));
}

/* As much as the other side takes now. */
static void
send_answers (WeftControl *control)
{
  ssize_t n = 1;

  if (control->flushing)
    weft_recorder_flush (weft_run_recorder (control->target.run), NULL);
  control->flushing = false;
  pthread_mutex_lock (&control->lock);
  while (control->out->len > 0 && !control->unheard && (n > 0 || errno == EINTR))
    {
      n = send (control->fd, control->out->str, control->out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n > 0)
        g_string_erase (control->out, 0, n);
      else if (errno != EAGAIN && errno != EINTR)
        control->unheard = true;
    }
  if (control->unheard)
    g_string_truncate (control->out, 0);
  pthread_mutex_unlock (&control->lock);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void
wake (int fd)
{
  uint64_t one = 1;
  ssize_t n;

  do
    n = write (fd, &one, sizeof one);
  while (n < 0 && errno == EINTR);
}

static void
free_step (Step *step)
{
  _weft_cli_order_clear (&step->order);
  g_free (step);
}

/* (transfer full) (nullable): NULL: there will be no more */
static Step *
next_step (WeftControl *control)
{
  Step *step;

  pthread_mutex_lock (&control->lock);
  while (g_queue_is_empty (&control->steps) && !control->no_more_steps)
    pthread_cond_wait (&control->more, &control->lock);
  step = g_queue_pop_head (&control->steps);
  pthread_mutex_unlock (&control->lock);
  return step;
}

static void *
step_thread (void *data)
{
  WeftControl *control = data;
  Step *step;

  while ((step = next_step (control)) != NULL)
    {
      WeftControlTarget target = { .run = control->target.run };
      GError *error = NULL;

      if (_weft_cli_control_apply (&target, &step->order, &error))
        weft_recorder_flush (weft_run_recorder (target.run), NULL);
      answer (control, step->line, error);
      free_step (step);
      pthread_mutex_lock (&control->lock);
      control->n_steps--;
      pthread_mutex_unlock (&control->lock);
      wake (control->wake_fd);
    }
  return NULL;
}

static bool
need_stepper (WeftControl *control)
{
  if (!control->has_stepper)
    control->has_stepper = pthread_create (&control->stepper, NULL, step_thread, control) == 0;
  return control->has_stepper;
}

/* The order is taken over. */
static void
queue_step (WeftControl *control, uint64_t line, const WeftOrder *order)
{
  Step *step = g_new (Step, 1);
  bool room;

  *step = (Step){ line, *order };
  pthread_mutex_lock (&control->lock);
  room = control->n_steps < MAX_STEPS && need_stepper (control);
  control->n_steps += room;
  if (room)
    g_queue_push_tail (&control->steps, step);
  pthread_cond_signal (&control->more);
  pthread_mutex_unlock (&control->lock);
  if (room)
    return;
  answer_problem (control, line,
                  control->has_stepper ? "too many steps wait already"
                                       : "there is no thread for it");
  free_step (step);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* FALSE: not yet. */
static bool
do_line (WeftControl *control, const char *line, size_t n_chars)
{
  uint64_t number = control->n_done + 1;
  GError *error = NULL;
  WeftOrder order;

  if (n_chars > MAX_LINE)
    answer_problem (control, number, "the line is too long");
  else if (!_weft_cli_control_understand (line, n_chars, &order, &error))
    answer (control, number, error);
  else if (!control->started && order.kind != WEFT_ORDER_SETTING)
    {
      _weft_cli_order_clear (&order);
      return false;
    }
  else if (order.kind == WEFT_ORDER_WAITING)
    queue_step (control, number, &order);
  else
    {
      control->flushing |= _weft_cli_control_apply (&control->target, &order, &error);
      answer (control, number, error);
      _weft_cli_order_clear (&order);
    }
  control->n_done = number;
  return true;
}

/* What is left of a line that cannot be kept. */
static void
skip_line (WeftControl *control)
{
  const char *end = memchr (control->in->str, '\n', control->in->len);

  g_string_erase (control->in, 0, end != NULL ? end + 1 - control->in->str : -1);
  control->skipping = end == NULL;
}

static void
do_lines (WeftControl *control)
{
  GString *in = control->in;
  size_t from = 0;
  const char *end;

  if (control->skipping)
    skip_line (control);
  while ((end = memchr (in->str + from, '\n', in->len - from)) != NULL
         && do_line (control, in->str + from, (size_t) (end - in->str) - from))
    from = (size_t) (end - in->str) + 1;
  g_string_erase (in, 0, (gssize) from);
  if (end != NULL || in->len <= MAX_LINE)
    return;
  do_line (control, in->str, in->len);
  control->skipping = true;
  skip_line (control);
}

/* ---- the channel ----------------------------------------------------------------------------- */

/* Nobody can say any more that it shall go on, so it does, or what was asked for. */
static void
hang_up (WeftControl *control)
{
  if (control->in->len > 0 && !control->skipping)
    answer_problem (control, ++control->n_done, "the line has no end");
  g_string_truncate (control->in, 0);
  if (weft_run_phase (control->target.run) >= WEFT_RUN_DONE)
    return;
  if (control->target.cancel_at_hang_up)
    weft_run_cancel (control->target.run);
  else
    {
      weft_run_clear_breakpoints (control->target.run);
      weft_run_resume (control->target.run);
    }
}

/* Returns: whether there may be more */
static bool
read_some (WeftControl *control)
{
  char bytes[READ_BYTES];
  ssize_t n = recv (control->fd, bytes, sizeof bytes, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return false;
  if (n > 0)
    g_string_append_len (control->in, bytes, n);
  else
    control->hung_up = true;
  return n > 0;
}

static bool
may_read (WeftControl *control)
{
  bool room;

  pthread_mutex_lock (&control->lock);
  room = control->out->len < MAX_ANSWERS;
  pthread_mutex_unlock (&control->lock);
  return room && !control->hung_up && (control->started || control->in->len <= MAX_LINE);
}

/* All that is there. */
static void
take (WeftControl *control)
{
  bool more = true;

  while (more && may_read (control))
    {
      more = read_some (control);
      do_lines (control);
      send_answers (control);
    }
}

/* ---- while the run goes on ------------------------------------------------------------------- */

void
_weft_cli_control_prepare (WeftControl *control)
{
  if (control != NULL)
    take (control);
}

void
_weft_cli_control_begin (WeftControl *control)
{
  if (control == NULL)
    return;
  control->started = true;
  do_lines (control);
  if (control->hung_up)
    hang_up (control);
  send_answers (control);
}

void
_weft_cli_control_poll (WeftControl *control, struct pollfd *fds)
{
  bool reads, sends;

  fds[0] = fds[1] = (struct pollfd){ .fd = -1 };
  if (control == NULL)
    return;
  reads = may_read (control);
  pthread_mutex_lock (&control->lock);
  sends = control->out->len > 0 && !control->unheard;
  pthread_mutex_unlock (&control->lock);
  if (reads || sends)
    fds[0] = (struct pollfd){ .fd = control->fd,
                              .events = (short) ((reads ? POLLIN : 0) | (sends ? POLLOUT : 0)) };
  fds[1] = (struct pollfd){ .fd = control->wake_fd, .events = POLLIN };
}

void
_weft_cli_control_serve (WeftControl *control, const struct pollfd *fds)
{
  bool listened = control != NULL && !control->hung_up;
  uint64_t count;

  if (control == NULL || (fds[0].revents == 0 && fds[1].revents == 0))
    return;
  if (fds[1].revents != 0 && read (control->wake_fd, &count, sizeof count) < 0)
    errno = 0; /* it was read before */
  if (fds[0].revents != 0 && may_read (control))
    {
      read_some (control);
      do_lines (control);
    }
  if (listened && control->hung_up)
    hang_up (control);
  send_answers (control);
}

/* ---- its beginning and end ------------------------------------------------------------------- */

static bool
is_stream_socket (int fd)
{
  struct sockaddr_storage address;
  socklen_t n_bytes = sizeof address;
  int type = 0;
  socklen_t n_type = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &n_type) == 0 && type == SOCK_STREAM
         && getpeername (fd, (struct sockaddr *) &address, &n_bytes) == 0;
}

bool
_weft_cli_control_check (int fd, GError **error)
{
  if (is_stream_socket (fd) && fcntl (fd, F_SETFD, FD_CLOEXEC) == 0)
    return true;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "--control “%d”: the descriptor of a connected stream socket expected", fd);
  return false;
}

WeftControl *
_weft_cli_control_new (int fd, WeftEngine *engine, WeftRun *run, GError **error)
{
  WeftControl *control;
  int wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  if (wake_fd < 0)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM, "cannot be controlled: %s",
                   g_strerror (errno));
      return NULL;
    }
  control = g_new0 (WeftControl, 1);
  control->target = (WeftControlTarget){ .engine = engine, .run = run };
  control->fd = fd;
  control->wake_fd = wake_fd;
  control->in = g_string_new (NULL);
  control->out = g_string_new (NULL);
  g_queue_init (&control->steps);
  pthread_cond_init (&control->more, NULL);
  pthread_mutex_init (&control->lock, NULL);
  g_string_append_printf (control->out, "weftline-control %d\n", VERSION);
  return control;
}

/* Whether there is something left that the other side may still take. */
static bool
wait_to_send (WeftControl *control)
{
  struct pollfd fd = { .fd = control->fd, .events = POLLOUT };

  return control->out->len > 0 && !control->unheard && poll (&fd, 1, LAST_WORD_MS) > 0;
}

void
_weft_cli_control_end (WeftControl *control)
{
  if (control == NULL)
    return;
  pthread_mutex_lock (&control->lock);
  control->no_more_steps = true;
  pthread_cond_signal (&control->more);
  pthread_mutex_unlock (&control->lock);
  if (control->has_stepper)
    pthread_join (control->stepper, NULL);
  shutdown (control->fd, SHUT_RD); /* what stands in it can still be read, and is all */
  if (control->started)
    take (control);
  do
    send_answers (control);
  while (wait_to_send (control));
  close (control->fd);
  close (control->wake_fd);
  pthread_cond_destroy (&control->more);
  g_string_free (control->in, TRUE);
  g_string_free (control->out, TRUE);
  pthread_mutex_destroy (&control->lock);
  g_free (control);
}
