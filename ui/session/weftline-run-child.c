/* weftline-run-child.c: a graph in a process of its own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The process is `weftline run`, with the same recorder; what is known of the run is what its
 * growing file says, and how the process ended. Plug-ins are loaded there only. The graph is given
 * as a file of its own, as it was read and shown: nobody can change it in between. It is written on
 * a thread, as it may be large.
 *
 * Other commands go through a channel that is there before the process is: what is asked for until
 * then waits in it. Whether the run is paused is what its records say. Of settings the status tells
 * what was asked for last, until the records say so, or the process says that it cannot be.
 *
 * Cancelling sends SIGINT, which lets kernels return and the records end well; cancelling again
 * kills. The process ends, too, when this program does. The run is over once the process has ended,
 * all of its output was read, and all of its records.
 */
#include "config.h"

#include "session/weftline-child-control.h"
#include "session/weftline-child-output.h"
#include "session/weftline-command.h"
#include "session/weftline-recorded.h"
#include "session/weftline-run-child.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 100
/* The number of the channel's descriptor there. */
#define CONTROL_FD 3

typedef enum
{
  PREPARED,
  STARTING, /* its graph is being written */
  RUNNING,
  ENDED, /* the process has; not all of its records were read yet */
  OVER,
} State;

/* Settings that were asked for, which the records do not tell of yet. */
typedef enum
{
  ASKS_WORKERS = 1 << 0,
  ASKS_LIMIT = 1 << 1,
  ASKS_DELAY = 1 << 2,
} Asks;

struct _WeftlineRunChild
{
  WeftlineRunPlanned base;

  char *graph_path;
  GSubprocess *process;
  WeftlineChildControl *control; /* from the start on */
  int their_fd;                  /* its other end, until the process has it; else -1 */
  WeftlineChildOutput *results;
  WeftlineChildOutput *errors;
  WeftlineFeed *feed;
  guint look_source;
  State state;
  unsigned asks;     /* of Asks */
  bool start_paused; /* as it was started */
  bool stepping;
  bool step_again;
  bool cancelled; /* asked for once */
  bool changed;   /* not told yet */
  WeftlineRunTold told;
};

static void iface_init (WeftlineRunInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WeftlineRunChild, weftline_run_child, WEFTLINE_TYPE_RUN_PLANNED,
                               G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

/* ---- facts ----------------------------------------------------------------------------------- */

/* One that does not listen can only be ended. */
static WeftlineCapabilities
get_capabilities (WeftlineRun *run)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);
  WeftlineCapabilities can =
      WEFTLINE_CAN_CANCEL | WEFTLINE_CAN_SAVE | WEFTLINE_CAN_RUN_AGAIN | WEFTLINE_CAN_RERUN_TASK;
  bool deaf = self->control != NULL && weftline_child_control_is_deaf (self->control);

  if (deaf && self->state != OVER)
    return can;
  return can | WEFTLINE_CAN_RUN | WEFTLINE_CAN_PAUSE | WEFTLINE_CAN_STEP | WEFTLINE_CAN_SET_SPEED
         | WEFTLINE_CAN_SET_WORKERS | WEFTLINE_CAN_SET_MEMORY_LIMIT | WEFTLINE_CAN_RUN_TO
         | WEFTLINE_CAN_BREAK;
}

static WeftRunPhase
phase_of (WeftlineRunChild *self, WeftRunPhase recorded)
{
  if (self->state == PREPARED)
    return WEFT_RUN_PREPARED;
  if (self->state != OVER)
    return recorded == WEFT_RUN_PAUSED ? WEFT_RUN_PAUSED : WEFT_RUN_RUNNING;
  if (self->feed == NULL || weftline_feed_state (self->feed) == WEFT_FEED_BROKEN)
    return WEFT_RUN_FAILED;
  /* it ended by itself, before it recorded anything */
  if (recorded == WEFT_RUN_INTERRUPTED && self->process != NULL
      && g_subprocess_get_if_exited (self->process))
    return WEFT_RUN_FAILED;
  return recorded;
}

static void
get_status (WeftlineRun *run, WeftlineRunStatus *status)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);
  const WeftlineRunSettings *settings = &self->base.settings;

  if (self->feed != NULL)
    weftline_recorded_status (self->feed, status);
  status->phase = phase_of (self, status->phase);
  if (!status->known)
    {
      status->known = true;
      status->n_tasks = weft_graph_arrays (weftline_plan_graph (self->base.plan))->n_tasks;
    }
  if (self->feed == NULL || (self->asks & ASKS_WORKERS) != 0)
    status->n_workers = settings->n_workers;
  if (self->feed == NULL || (self->asks & ASKS_LIMIT) != 0)
    status->memory_limit_bytes = settings->memory_limit_bytes;
  if (self->feed == NULL || (self->asks & ASKS_DELAY) != 0)
    status->delay_ns = settings->delay_ns;
}

/* Where the records say what was asked for, they are asked from now on. */
static void
look_at_settings (WeftlineRunChild *self)
{
  const WeftlineRunSettings *settings = &self->base.settings;
  WeftlineRunStatus recorded;

  if (self->asks == 0)
    return;
  weftline_recorded_status (self->feed, &recorded);
  if (recorded.n_workers == settings->n_workers)
    self->asks &= ~(unsigned) ASKS_WORKERS;
  if (recorded.memory_limit_bytes == settings->memory_limit_bytes)
    self->asks &= ~(unsigned) ASKS_LIMIT;
  if (recorded.delay_ns == settings->delay_ns)
    self->asks &= ~(unsigned) ASKS_DELAY;
}

static WeftlineFeed *
get_feed (WeftlineRun *run)
{
  return WEFTLINE_RUN_CHILD (run)->feed;
}

static const char *
get_kind (WeftlineRun *run G_GNUC_UNUSED)
{
  /* Translators: a run in a process of its own, as against one inside this program, or a file */
  return _ ("own process");
}

/* What it wrote: outputs, and the last lines of what it said. */
static char *
dup_results (WeftlineRun *run)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);
  g_autofree char *results = NULL;
  g_autofree char *errors = NULL;

  if (self->state != OVER || self->results == NULL)
    return NULL;
  results = weftline_child_output_dup_text (self->results);
  errors = weftline_child_output_dup_text (self->errors);
  if (errors == NULL)
    return g_steal_pointer (&results);
  /* Translators: heads the last lines that a program wrote on its standard error */
  return g_strdup_printf ("%s%s%s\n%s", results != NULL ? results : "",
                          results != NULL ? "\n\n" : "", _ ("Standard error:"), errors);
}

/* ---- its end --------------------------------------------------------------------------------- */

static char *
end_message (WeftlineRunChild *self)
{
  bool cut = self->feed == NULL || weftline_feed_state (self->feed) == WEFT_FEED_CUT;

  if (self->feed != NULL && weftline_feed_state (self->feed) == WEFT_FEED_BROKEN)
    return weftline_feed_dup_error (self->feed);
  if (cut && self->feed != NULL && g_subprocess_get_if_signaled (self->process))
    return weftline_recorded_dup_interruption (self->feed,
                                               g_subprocess_get_term_sig (self->process), NULL);
  if (cut || g_subprocess_get_exit_status (self->process) != 0)
    return weftline_child_output_dup_last_line (self->errors);
  return NULL;
}

/* Once everything has come. */
static void
settle (WeftlineRunChild *self)
{
  if (self->state != ENDED || !weftline_child_output_is_whole (self->results)
      || !weftline_child_output_is_whole (self->errors)
      || (self->feed != NULL && weftline_feed_state (self->feed) < WEFT_FEED_ENDED))
    return;
  g_clear_handle_id (&self->look_source, g_source_remove);
  self->base.message = end_message (self);
  self->state = OVER;
  weftline_run_changed (WEFTLINE_RUN (self));
}

static void
feed_cb (WeftlineRunChild *self)
{
  self->changed = true;
  look_at_settings (self);
  settle (self);
}

/* The process puts a file of its own in the place of the empty one. */
static void
find_feed (WeftlineRunChild *self)
{
  GStatBuf info;

  if (self->feed != NULL || g_stat (self->base.path, &info) != 0 || info.st_size == 0)
    return;
  self->feed = weftline_feed_new (self->base.path, NULL);
  if (self->feed == NULL)
    return;
  g_signal_connect_swapped (self->feed, "changed", G_CALLBACK (feed_cb), self);
  self->changed = true;
}

static void
ended_cb (GObject *process, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineRunChild) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (process), result, NULL);
  weftline_child_control_close (self->control);
  self->state = ENDED;
  /* programs that it started may still have the other end */
  weftline_child_output_end_soon (self->results);
  weftline_child_output_end_soon (self->errors);
  find_feed (self);
  if (self->feed != NULL)
    weftline_feed_no_more (self->feed);
  settle (self);
}

static void
tell_status (WeftlineRunChild *self, unsigned after_ms)
{
  if (!self->changed || !weftline_run_moves (WEFTLINE_RUN (self), &self->told, after_ms))
    return;
  self->changed = false;
  weftline_run_changed (WEFTLINE_RUN (self));
}

static void
look (WeftlineRun *run)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);

  if (self->look_source != 0)
    tell_status (self, WEFTLINE_RUN_LOOK_MS);
}

static gboolean
look_cb (void *data)
{
  WeftlineRunChild *self = data;

  find_feed (self);
  tell_status (self, WEFTLINE_RUN_LATE_MS);
  return G_SOURCE_CONTINUE;
}

/* ---- its start ------------------------------------------------------------------------------- */

static void
fail (WeftlineRunChild *self, const char *message)
{
  self->base.message = g_strdup (message);
  if (self->control != NULL)
    weftline_child_control_close (self->control);
  self->state = OVER;
  weftline_run_changed (WEFTLINE_RUN (self));
}

/* Of the file it is given, which is one of ours, there is nothing to say. */
static void
append_notes (GStrvBuilder *arguments, const WeftModelNotes *notes)
{
  for (char **line = notes->lines; *line != NULL; line++)
    g_strv_builder_add_many (arguments, "--note", *line, NULL);
}

static GStrv
make_arguments (WeftlineRunChild *self, const char *command)
{
  g_autoptr (GStrvBuilder) arguments = g_strv_builder_new ();
  g_autofree char *control = g_strdup_printf ("%d", CONTROL_FD);
  g_autofree char *workers = g_strdup_printf ("%u", self->base.settings.n_workers);
  g_autofree char *limit =
      g_strdup_printf ("%" G_GUINT64_FORMAT, self->base.settings.memory_limit_bytes);

  g_strv_builder_add_many (arguments, command, "run", "--progress", "none", "--on-error",
                           "continue", "--passes", "cull,fuse,order", "--trace", self->base.path,
                           "--workers", workers, NULL);
  g_strv_builder_add_many (arguments, "--control", control, NULL);
  if (self->start_paused)
    g_strv_builder_add (arguments, "--start-paused");
  if (self->base.settings.memory_limit_bytes > 0)
    g_strv_builder_add_many (arguments, "--memory-limit", limit, NULL);
  for (const char *const *plugin = weftline_plan_plugins (self->base.plan); *plugin != NULL;
       plugin++)
    g_strv_builder_add_many (arguments, "--plugin", *plugin, NULL);
  append_notes (arguments, weftline_plan_notes (self->base.plan));
  g_strv_builder_add (arguments, self->graph_path);
  return g_strv_builder_end (arguments);
}

static bool
spawn (WeftlineRunChild *self, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *command = weftline_command_find (error);
  g_auto (GStrv) arguments = NULL;

  if (command == NULL)
    return false;
  arguments = make_arguments (self, command);
  weftline_command_bind (launcher);
  g_subprocess_launcher_take_fd (launcher, self->their_fd, CONTROL_FD);
  self->their_fd = -1;
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments, error);
  return self->process != NULL;
}

static void
follow (WeftlineRunChild *self)
{
  self->results = weftline_child_output_new (g_subprocess_get_stdout_pipe (self->process), false);
  self->errors = weftline_child_output_new (g_subprocess_get_stderr_pipe (self->process), true);
  g_signal_connect_swapped (self->results, "ended", G_CALLBACK (settle), self);
  g_signal_connect_swapped (self->errors, "ended", G_CALLBACK (settle), self);
  self->look_source = g_timeout_add (LOOK_MS, look_cb, self);
  g_subprocess_wait_async (self->process, NULL, ended_cb, g_object_ref (self));
}

static void
write_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  WeftlineRunChild *self = data;
  GError *error = NULL;

  if (weft_graph_write_file (weftline_plan_source (self->base.plan), WEFT_GRAPH_FORMAT_NATIVE,
                             self->graph_path, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
written_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineRunChild) self = data;
  g_autoptr (GError) error = NULL;

  if (self->cancelled)
    fail (self, _ ("cancelled before it started"));
  else if (!g_task_propagate_boolean (G_TASK (result), &error) || !spawn (self, &error))
    fail (self, error->message);
  else
    {
      self->state = RUNNING;
      follow (self);
      weftline_run_changed (WEFTLINE_RUN (self));
    }
}

/* ---- commands -------------------------------------------------------------------------------- */

/* What became of a command is in the file by now. One that was called off with the process says
 * nothing that its end does not. @what: did not happen */
static void
heard (WeftlineRunChild *self, const char *problem, const char *what)
{
  if (problem != NULL && weftline_child_control_is_open (self->control))
    weftline_run_planned_refuse (&self->base, what, problem);
  if (self->feed != NULL)
    weftline_feed_poke (self->feed);
}

static void
told_cb (const char *problem, void *data)
{
  heard (data, problem, _ ("Not done"));
}

static void
tell (WeftlineRunChild *self, const char *command, const char *argument)
{
  if (self->control != NULL)
    weftline_child_control_send (self->control, command, argument, told_cb, self);
}

/* A setting that was refused is as the records have it: there may be no more threads, or a number
 * is beyond what can be set. */
static void
take_back (WeftlineRunChild *self, Asks what)
{
  WeftlineRunSettings *settings = &self->base.settings;
  WeftlineRunStatus recorded;

  if (self->feed == NULL || self->state != RUNNING)
    return;
  weftline_recorded_status (self->feed, &recorded);
  if (what == ASKS_WORKERS)
    settings->n_workers = recorded.n_workers;
  else if (what == ASKS_LIMIT)
    settings->memory_limit_bytes = recorded.memory_limit_bytes;
  else
    settings->delay_ns = recorded.delay_ns;
  self->asks &= ~(unsigned) what;
  weftline_run_changed (WEFTLINE_RUN (self));
}

static void
workers_cb (const char *problem, void *data)
{
  if (problem != NULL)
    take_back (data, ASKS_WORKERS);
  heard (data, problem, _ ("The number of workers stays as it was"));
}

static void
limit_cb (const char *problem, void *data)
{
  if (problem != NULL)
    take_back (data, ASKS_LIMIT);
  heard (data, problem, _ ("The memory limit stays as it was"));
}

static void
delay_cb (const char *problem, void *data)
{
  if (problem != NULL)
    take_back (data, ASKS_DELAY);
  heard (data, problem, _ ("Slow motion stays as it was"));
}

static void
tell_delay (WeftlineRunChild *self)
{
  g_autofree char *delay = g_strdup_printf ("%" G_GINT64_FORMAT "ns", self->base.settings.delay_ns);

  if (self->control != NULL)
    weftline_child_control_send (self->control, "slow-motion", delay, delay_cb, self);
}

static void
tell_break (WeftlineRunChild *self, const WeftlineBreak *what, bool on)
{
  g_autofree char *amount = g_strdup_printf ("%" G_GUINT64_FORMAT, on ? what->n_bytes : 0);

  if (what->kind == WEFTLINE_BREAK_ON_ERROR)
    tell (self, "break-on-error", on ? "on" : "off");
  else if (what->kind == WEFTLINE_BREAK_AT_GROUP)
    tell (self, "break-at-group", what->group);
  else
    {
      if (on)
        weftline_breaks_told_bytes (self->base.breaks);
      tell (self, "break-above", amount);
    }
}

/* Those at groups can be taken away all at once only. */
static void
tell_breaks (WeftlineRunChild *self)
{
  for (unsigned i = 0; i < weftline_breaks_n (self->base.breaks); i++)
    tell_break (self, weftline_breaks_get (self->base.breaks, i), true);
}

/* It may be that it does not listen. */
static void
closed_cb (WeftlineRunChild *self)
{
  self->changed = true;
}

static void
write_graph (WeftlineRunChild *self)
{
  g_autoptr (GTask) task = NULL;

  self->graph_path = g_strdup_printf ("%s.json", self->base.path);
  self->state = STARTING;
  /* the callback gives this object back, on the main thread, not the task */
  task = g_task_new (NULL, NULL, written_cb, g_object_ref (self));
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, write_thread);
}

/* Returns: whether it has begun, now or before */
static bool
begin (WeftlineRunChild *self, bool paused)
{
  g_autoptr (GError) error = NULL;

  if (self->state != PREPARED)
    return self->state < ENDED;
  if (weftline_run_planned_make_path (&self->base, &error))
    self->control = weftline_child_control_new (&self->their_fd, &error);
  if (self->control == NULL)
    {
      fail (self, error->message);
      return false;
    }
  g_signal_connect_swapped (self->control, "closed", G_CALLBACK (closed_cb), self);
  self->start_paused = paused;
  self->asks = ASKS_WORKERS | ASKS_LIMIT | ASKS_DELAY;
  tell (self, "at-hang-up", "cancel");
  if (self->base.settings.delay_ns > 0)
    tell_delay (self);
  tell_breaks (self);
  write_graph (self);
  weftline_run_changed (WEFTLINE_RUN (self));
  return true;
}

static void
command_resume (WeftlineRun *run)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);

  self->step_again = false;
  tell (self, "resume", NULL);
}

static void
command_start (WeftlineRun *run)
{
  if (WEFTLINE_RUN_CHILD (run)->state == PREPARED)
    begin (WEFTLINE_RUN_CHILD (run), false);
  else
    command_resume (run);
}

static void
command_pause (WeftlineRun *run)
{
  tell (WEFTLINE_RUN_CHILD (run), "pause", NULL);
}

static void command_step (WeftlineRun *run);

static void
stepped_cb (const char *problem, void *data)
{
  WeftlineRunChild *self = data;

  self->stepping = false;
  heard (self, problem, _ ("No step was made"));
  if (problem == NULL && self->step_again)
    command_step (WEFTLINE_RUN (self));
}

/* One that is asked for during another follows it; more would go on after a key was let go. */
static void
command_step (WeftlineRun *run)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);

  self->step_again = self->stepping;
  if (self->stepping || !begin (self, true))
    return;
  self->stepping = true;
  tell (self, "pause", NULL);
  weftline_child_control_send (self->control, "step", NULL, stepped_cb, self);
}

static void
run_to_cb (const char *problem, void *data)
{
  heard (data, problem, _ ("The run does not go on"));
}

/* With other places where it stops, which would be taken away otherwise. */
static void
go_to_cb (const char *problem, void *data)
{
  run_to_cb (problem, data);
  if (problem == NULL)
    tell (data, "resume", NULL);
}

static void
command_run_to (WeftlineRun *run, const char *key)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);

  if (self->state >= ENDED || weftline_run_planned_refuses_task (&self->base, self->feed, key)
      || !begin (self, true))
    return;
  if (weftline_breaks_n (self->base.breaks) == 0)
    {
      weftline_child_control_send (self->control, "run-to", key, run_to_cb, self);
      return;
    }
  tell (self, "clear-breaks", NULL);
  tell_breaks (self);
  weftline_child_control_send (self->control, "break-at", key, go_to_cb, self);
}

static void
command_set_break (WeftlineRun *run, const WeftlineBreak *what, bool on)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);

  weftline_run_breaks (run); /* one that was hit is not there any more */
  if (!weftline_breaks_set (self->base.breaks, what, on))
    return;
  if (self->control != NULL && !on && what->kind == WEFTLINE_BREAK_AT_GROUP)
    tell (self, "clear-break-at-group", what->group);
  else if (self->control != NULL)
    tell_break (self, what, on);
  weftline_run_changed (run);
}

static void
command_cancel (WeftlineRun *run)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);

  self->step_again = false;
  if (self->state == RUNNING && !self->cancelled)
    g_subprocess_send_signal (self->process, SIGINT);
  else if (self->state == RUNNING)
    g_subprocess_force_exit (self->process);
  self->cancelled = true;
}

static void
command_set_delay (WeftlineRun *run, int64_t delay_ns)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);

  self->base.settings.delay_ns = MAX (delay_ns, 0);
  self->asks |= ASKS_DELAY;
  tell_delay (self);
  weftline_run_changed (run);
}

static void
command_set_workers (WeftlineRun *run, uint32_t n_workers)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);
  g_autofree char *number = g_strdup_printf ("%u", n_workers);

  self->base.settings.n_workers = n_workers;
  self->asks |= ASKS_WORKERS;
  if (self->control != NULL)
    weftline_child_control_send (self->control, "workers", number, workers_cb, self);
  weftline_run_changed (run);
}

static void
command_set_memory_limit (WeftlineRun *run, uint64_t n_bytes)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (run);
  g_autofree char *limit = g_strdup_printf ("%" G_GUINT64_FORMAT, n_bytes);

  self->base.settings.memory_limit_bytes = n_bytes;
  self->asks |= ASKS_LIMIT;
  if (self->control != NULL)
    weftline_child_control_send (self->control, "memory-limit", limit, limit_cb, self);
  weftline_run_changed (run);
}

static void
iface_init (WeftlineRunInterface *iface)
{
  iface->capabilities = get_capabilities;
  iface->status = get_status;
  iface->feed = get_feed;
  iface->kind = get_kind;
  iface->dup_results = dup_results;
  iface->start = command_start;
  iface->pause = command_pause;
  iface->resume = command_resume;
  iface->step = command_step;
  iface->run_to = command_run_to;
  iface->set_break = command_set_break;
  iface->cancel = command_cancel;
  iface->set_delay = command_set_delay;
  iface->set_workers = command_set_workers;
  iface->set_memory_limit = command_set_memory_limit;
  iface->look = look;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
drop_output (WeftlineRunChild *self, WeftlineChildOutput **output)
{
  if (*output != NULL)
    g_signal_handlers_disconnect_by_func (*output, settle, self);
  g_clear_object (output);
}

/* Not while the process runs: who waits for it has a reference. */
static void
weftline_run_child_finalize (GObject *object)
{
  WeftlineRunChild *self = WEFTLINE_RUN_CHILD (object);

  g_clear_handle_id (&self->look_source, g_source_remove);
  if (self->feed != NULL)
    g_signal_handlers_disconnect_by_func (self->feed, feed_cb, self);
  g_clear_object (&self->feed);
  drop_output (self, &self->results);
  drop_output (self, &self->errors);
  if (self->control != NULL)
    g_signal_handlers_disconnect_by_func (self->control, closed_cb, self);
  g_clear_object (&self->control);
  if (self->their_fd >= 0)
    close (self->their_fd);
  g_clear_object (&self->process);
  if (self->graph_path != NULL)
    g_unlink (self->graph_path);
  g_free (self->graph_path);
  G_OBJECT_CLASS (weftline_run_child_parent_class)->finalize (object);
}

static void
weftline_run_child_class_init (WeftlineRunChildClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_run_child_finalize;
}

static void
weftline_run_child_init (WeftlineRunChild *self)
{
  self->their_fd = -1;
}

WeftlineRun *
weftline_run_child_new (WeftlinePlan *plan, const WeftlineRunSettings *settings)
{
  return weftline_run_planned_new (WEFTLINE_TYPE_RUN_CHILD, plan, settings);
}
