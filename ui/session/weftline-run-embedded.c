/* weftline-run-embedded.c: a graph on the scheduler inside this program
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine is made with the first start. While the run goes on, a thread waits for its end, and
 * the main loop looks at the progress ten times a second. A step waits for its task, so it has a
 * thread of its own too; one at a time. One that is asked for meanwhile follows it; more would go
 * on after a key was let go. What the threads call back with keeps this object until then. They
 * have only the engine's run: so this object is never finalised on one of them, while the main loop
 * emits a signal of its feed.
 */
#include "config.h"

#include "session/weftline-run-embedded.h"

#include "session/weftline-json.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

#define LOOK_MS 100
#define MAX_RESULTS 100
#define MAX_RESULT_CHARS 400
#define MAX_BYTES_CHARS 64

struct _WeftlineRunEmbedded
{
  WeftlineRunPlanned base;

  WeftEngine *engine; /* from the start on */
  WeftRun *run;
  WeftlineFeed *feed;
  guint look_source;
  bool stepping;
  bool step_again;
  bool could_not_start;
  bool ended; /* the end was heard of */
  WeftlineRunTold told;
};

static void iface_init (WeftlineRunInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WeftlineRunEmbedded, weftline_run_embedded,
                               WEFTLINE_TYPE_RUN_PLANNED,
                               G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

/* ---- facts ----------------------------------------------------------------------------------- */

static WeftlineCapabilities
get_capabilities (WeftlineRun *run G_GNUC_UNUSED)
{
  return WEFTLINE_CAN_RUN | WEFTLINE_CAN_PAUSE | WEFTLINE_CAN_STEP | WEFTLINE_CAN_CANCEL
         | WEFTLINE_CAN_SET_SPEED | WEFTLINE_CAN_SET_WORKERS | WEFTLINE_CAN_SET_MEMORY_LIMIT
         | WEFTLINE_CAN_SAVE | WEFTLINE_CAN_RUN_AGAIN | WEFTLINE_CAN_RUN_TO
         | WEFTLINE_CAN_RERUN_TASK | WEFTLINE_CAN_BREAK;
}

static WeftRunPhase
phase_of (WeftlineRunEmbedded *self)
{
  WeftRunPhase phase;

  if (self->could_not_start)
    return WEFT_RUN_FAILED;
  if (self->run == NULL)
    return WEFT_RUN_PREPARED;
  phase = weft_run_phase (self->run);
  /* Over only once the main thread knows: then its message is there, and it has been told. */
  return phase >= WEFT_RUN_DONE && !self->ended ? WEFT_RUN_RUNNING : phase;
}

/* Once it is over, what its records say, as for everybody who opens them. */
static int64_t
elapsed (WeftlineRunEmbedded *self, int64_t so_far_ns)
{
  WeftModelSnapshot snapshot;

  if (self->feed == NULL)
    return so_far_ns;
  weft_model_snapshot (weftline_feed_model (self->feed), &snapshot);
  return snapshot.end_ns == INT64_MAX ? so_far_ns : weft_model_elapsed (&snapshot);
}

static void
get_status (WeftlineRun *run, WeftlineRunStatus *status)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);
  WeftRunProgress progress = {
    .n_tasks = weft_graph_arrays (weftline_plan_graph (self->base.plan))->n_tasks
  };

  if (self->run != NULL)
    weft_run_progress (self->run, &progress);
  *status = (WeftlineRunStatus){
    .phase = phase_of (self),
    .known = true,
    .knows_memory = true,
    .n_tasks = progress.n_tasks,
    .n_ended = progress.n_done + progress.n_erred,
    .n_running = progress.n_running,
    .n_erred = progress.n_erred,
    .managed_bytes = progress.managed_bytes,
    .peak_bytes = progress.peak_managed_bytes,
    .spilled_bytes = progress.spilled_bytes,
    .elapsed_ns = elapsed (self, progress.elapsed_ns),
    .delay_ns = self->base.settings.delay_ns,
    .n_workers = self->base.settings.n_workers,
    .memory_limit_bytes = self->base.settings.memory_limit_bytes,
  };
}

static WeftlineFeed *
get_feed (WeftlineRun *run)
{
  return WEFTLINE_RUN_EMBEDDED (run)->feed;
}

static const char *
get_kind (WeftlineRun *run G_GNUC_UNUSED)
{
  /* Translators: a run on the scheduler inside this program, as against a file */
  return _ ("embedded");
}

static void
append_result (WeftlineRunEmbedded *self, WeftTaskOutput output, GString *text)
{
  WeftGraph *graph = weftline_plan_graph (self->base.plan);
  g_autofree char *key = weft_graph_dup_key (graph, output.task);
  g_autofree char *words = NULL;
  g_autofree char *valid = NULL;
  WeftValue value = WEFT_VALUE_INIT;

  /* buffers that stand in for recorded results say nothing */
  if (g_strcmp0 (weft_graph_op_name (graph, output.task), "replay") == 0)
    return;
  if (!weft_run_result (self->run, 0, output.task, output.output, &value))
    return;
  words = weft_value_to_text (&value, false,
                              weft_value_type (&value) == WEFT_TYPE_BYTES ? MAX_BYTES_CHARS
                                                                          : MAX_RESULT_CHARS);
  weft_value_clear (&value);
  valid = g_utf8_make_valid (g_strchomp (words), -1);
  if (text->len > 0)
    g_string_append_c (text, '\n');
  if (output.output > 0)
    g_string_append_printf (text, "%s[%u]: %s", key, output.output, valid);
  else
    g_string_append_printf (text, "%s: %s", key, valid);
}

static char *
dup_results (WeftlineRun *run)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);
  const WeftGraphArrays *arrays = weft_graph_arrays (weftline_plan_graph (self->base.plan));
  GString *text;

  if (self->run == NULL || phase_of (self) < WEFT_RUN_DONE)
    return NULL;
  text = g_string_new (NULL);
  for (uint32_t i = 0; i < MIN (arrays->n_wanted, MAX_RESULTS); i++)
    append_result (self, arrays->wanted[i], text);
  if (arrays->n_wanted > MAX_RESULTS)
    g_string_append_printf (text, _ ("\n%u of %u results"), MAX_RESULTS, arrays->n_wanted);
  return g_string_free (text, text->len == 0);
}

static bool
result (WeftlineRun *run, const char *key, WeftValue *value, GError **error)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);
  WeftGraph *graph = weftline_plan_graph (self->base.plan);
  uint32_t task = weft_graph_find (graph, key, -1);

  if (task != WEFT_NONE && self->run != NULL && weft_run_result (self->run, 0, task, 0, value))
    return true;
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      task == WEFT_NONE ? _ ("there is no task “%s”") : _ ("the result of “%s” is not there"), key);
  return false;
}

/* ---- following it ---------------------------------------------------------------------------- */

/* The callback has its data from here with a reference. */
static void
run_in_thread (WeftlineRunEmbedded *self, GTaskThreadFunc function, GAsyncReadyCallback callback)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, g_object_ref (self));

  g_task_set_task_data (task, weft_run_ref (self->run), (GDestroyNotify) weft_run_unref);
  g_task_run_in_thread (task, function);
}

static void
tell (WeftlineRunEmbedded *self, unsigned after_ms)
{
  if (weftline_run_moves (WEFTLINE_RUN (self), &self->told, after_ms))
    weftline_run_changed (WEFTLINE_RUN (self));
}

static gboolean
look_cb (void *data)
{
  tell (data, WEFTLINE_RUN_LATE_MS);
  return G_SOURCE_CONTINUE;
}

static void
look (WeftlineRun *run)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  if (self->look_source != 0)
    tell (self, WEFTLINE_RUN_LOOK_MS);
}

static void
wait_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  weft_run_wait (data, -1);
  g_task_return_boolean (task, TRUE);
}

static void
ended_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, void *data)
{
  g_autoptr (WeftlineRunEmbedded) self = data;
  g_autoptr (GError) error = NULL;

  self->ended = true;
  g_clear_handle_id (&self->look_source, g_source_remove);
  if (weft_run_error (self->run, &error) && phase_of (self) == WEFT_RUN_FAILED)
    self->base.message = g_strdup (error->message);
  else if (!weft_recorder_close (weft_run_recorder (self->run), NULL, &error))
    self->base.message = g_strdup (error->message);
  weftline_feed_no_more (self->feed);
  weftline_run_changed (WEFTLINE_RUN (self));
}

static void
follow (WeftlineRunEmbedded *self)
{
  run_in_thread (self, wait_thread, ended_cb);
  self->look_source = g_timeout_add (LOOK_MS, look_cb, self);
}

/* ---- starting it ----------------------------------------------------------------------------- */

/* Members of META, as run-file.md has them. */
static void
append_notes (GString *json, const WeftModelNotes *notes)
{
  for (char **line = notes->lines; *line != NULL; line++)
    {
      g_string_append (json, line == notes->lines ? ", \"notes\": [" : ", ");
      weftline_json_append (json, *line);
    }
  if (notes->lines[0] != NULL)
    g_string_append_c (json, ']');
  if (notes->n_without_time > 0)
    g_string_append_printf (json,
                            ", \"replay\": {\"tasks\": %u, \"without_time\": %u, "
                            "\"stand_in_ns\": %" G_GINT64_FORMAT "}",
                            notes->n_replayed, notes->n_without_time, notes->stand_in_ns);
}

static char *
meta_json (WeftlineRunEmbedded *self)
{
  const char *file = weftline_plan_file (self->base.plan);
  GString *json = g_string_new ("{\"program\": \"weftline-gui\", \"graph\": ");

  weftline_json_append (json, file != NULL ? file : weftline_plan_name (self->base.plan));
  append_notes (json, weftline_plan_notes (self->base.plan));
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

/* The model takes the very graph that the run has. */
static WeftlineFeed *
make_feed (WeftlineRunEmbedded *self, GError **error)
{
  WeftGraph *graph = weft_run_segment (self->run, 0);
  uint64_t run_tag = weft_recorder_run_tag (weft_run_recorder (self->run));
  WeftlineFeed *feed = weftline_feed_new_with_graph (self->base.path, run_tag, graph, error);

  weft_graph_unref (graph);
  return feed;
}

static bool
make_run (WeftlineRunEmbedded *self, bool paused, GError **error)
{
  const WeftEngineOptions engine_options = { .n_workers = self->base.settings.n_workers,
                                             .registry = weftline_plan_registry (self->base.plan) };
  g_autofree char *meta = meta_json (self);
  WeftRunOptions options = {
    .name = weftline_plan_name (self->base.plan),
    .on_error = WEFT_ON_ERROR_CONTINUE,
    .memory_limit_bytes = self->base.settings.memory_limit_bytes,
    .records = true,
    .recorder = { .sample_process = true, .meta_json = meta },
    .start_paused = paused,
  };

  if (!weftline_run_planned_make_path (&self->base, error))
    return false;
  options.recorder.path = self->base.path;
  self->engine = weft_engine_new (&engine_options, error);
  if (self->engine == NULL)
    return false;
  self->base.settings.n_workers = weft_engine_n_workers (self->engine);
  self->run = weft_run_new (self->engine, weftline_plan_graph (self->base.plan), &options, error);
  if (self->run == NULL)
    return false;
  self->feed = make_feed (self, error);
  return self->feed != NULL;
}

/* ---- where it stops by itself ---------------------------------------------------------------- */

static void
tell_break (WeftlineRunEmbedded *self, const WeftlineBreak *what, bool on)
{
  switch (what->kind)
    {
    case WEFTLINE_BREAK_ON_ERROR:
      weft_run_break_on_error (self->run, on);
      break;
    case WEFTLINE_BREAK_ABOVE_BYTES:
      if (on)
        weftline_breaks_told_bytes (self->base.breaks);
      weft_run_break_above_bytes (self->run, on ? what->n_bytes : 0);
      break;
    case WEFTLINE_BREAK_AT_GROUP:
    default:
      if (on)
        weft_run_break_at_group (self->run, what->group);
      else
        weft_run_clear_break_at_group (self->run, what->group);
      break;
    }
}

/* Those there are, and no others. */
static void
tell_breaks (WeftlineRunEmbedded *self)
{
  weft_run_clear_breakpoints (self->run);
  for (unsigned i = 0; i < weftline_breaks_n (self->base.breaks); i++)
    tell_break (self, weftline_breaks_get (self->base.breaks, i), true);
}

static bool
begin (WeftlineRunEmbedded *self, bool paused)
{
  g_autoptr (GError) error = NULL;

  if (self->run != NULL || self->could_not_start)
    return !self->could_not_start;
  if (!make_run (self, paused, &error))
    {
      self->could_not_start = true;
      self->base.message = g_strdup (error->message);
      weftline_run_changed (WEFTLINE_RUN (self));
      return false;
    }
  weft_run_set_slow_motion (self->run, self->base.settings.delay_ns);
  tell_breaks (self);
  follow (self);
  weft_run_start (self->run);
  weftline_run_changed (WEFTLINE_RUN (self));
  return true;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void
command_start (WeftlineRun *run)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  self->step_again = false;
  if (phase_of (self) == WEFT_RUN_PREPARED)
    begin (self, false);
  else if (self->run != NULL) /* NULL: it could not be begun, and is over */
    weft_run_resume (self->run);
}

static void
command_pause (WeftlineRun *run)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  if (self->run == NULL)
    return;
  weft_run_pause (self->run);
  weftline_run_changed (run);
}

static void
command_resume (WeftlineRun *run)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  if (self->run == NULL)
    return;
  self->step_again = false;
  weft_run_resume (self->run);
  weftline_run_changed (run);
}

static void
step_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, weft_run_step (data));
}

/* As the process of a run of its own says it. */
static const char *
no_step_reason (WeftRun *run)
{
  if (weft_run_phase (run) >= WEFT_RUN_DONE)
    return N_ ("the run has ended");
  return weft_run_phase (run) != WEFT_RUN_PAUSED ? N_ ("the run is not paused")
                                                 : N_ ("no task is ready");
}

static void stepped_cb (GObject *object, GAsyncResult *result, void *data);

static void
command_step (WeftlineRun *run)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  self->step_again = self->stepping;
  if (self->stepping || phase_of (self) >= WEFT_RUN_DONE || !begin (self, true))
    return;
  weft_run_pause (self->run);
  self->stepping = true;
  run_in_thread (self, step_thread, stepped_cb);
}

static void
stepped_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineRunEmbedded) self = data;
  bool stepped = g_task_propagate_boolean (G_TASK (result), NULL);

  self->stepping = false;
  if (!stepped)
    weftline_run_planned_refuse (&self->base, _ ("No step was made"), no_step_reason (self->run));
  else if (self->step_again)
    command_step (WEFTLINE_RUN (self));
  weftline_run_changed (WEFTLINE_RUN (self));
}

static void
command_cancel (WeftlineRun *run)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  self->step_again = false;
  if (self->run != NULL)
    weft_run_cancel (self->run);
}

static void
command_set_delay (WeftlineRun *run, int64_t delay_ns)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  self->base.settings.delay_ns = delay_ns;
  if (self->run != NULL)
    weft_run_set_slow_motion (self->run, delay_ns);
  weftline_run_changed (run);
}

static void
command_set_workers (WeftlineRun *run, uint32_t n_workers)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);
  g_autoptr (GError) error = NULL;

  if (self->engine == NULL || weft_engine_set_workers (self->engine, n_workers, &error))
    self->base.settings.n_workers = n_workers;
  else
    weftline_run_planned_refuse (&self->base, _ ("The number of workers stays as it was"),
                                 error->message);
  weftline_run_changed (run);
}

static void
command_set_memory_limit (WeftlineRun *run, uint64_t n_bytes)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  self->base.settings.memory_limit_bytes = n_bytes;
  if (self->run != NULL)
    weft_run_set_memory_limit (self->run, n_bytes);
  weftline_run_changed (run);
}

/* A place that was asked for before and not reached yet holds no more. */
static void
command_run_to (WeftlineRun *run, const char *key)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  g_autofree char *problem = NULL;

  if (phase_of (self) >= WEFT_RUN_DONE
      || weftline_run_planned_refuses_task (&self->base, self->feed, key) || !begin (self, true))
    return;
  tell_breaks (self);
  if (weft_run_break_at_key (self->run, key))
    weft_run_resume (self->run);
  else
    {
      problem = g_strdup_printf (_ ("no task “%s”"), key);
      weftline_run_planned_refuse (&self->base, _ ("The run does not go on"), problem);
    }
  weftline_run_changed (run);
}

static void
command_set_break (WeftlineRun *run, const WeftlineBreak *what, bool on)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (run);

  weftline_run_breaks (run); /* one that was hit is not there any more */
  if (!weftline_breaks_set (self->base.breaks, what, on))
    return;
  if (self->run != NULL)
    tell_break (self, what, on);
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
  iface->result = result;
  iface->start = command_start;
  iface->pause = command_pause;
  iface->resume = command_resume;
  iface->step = command_step;
  iface->cancel = command_cancel;
  iface->set_delay = command_set_delay;
  iface->set_workers = command_set_workers;
  iface->set_memory_limit = command_set_memory_limit;
  iface->run_to = command_run_to;
  iface->set_break = command_set_break;
  iface->look = look;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_run_embedded_finalize (GObject *object)
{
  WeftlineRunEmbedded *self = WEFTLINE_RUN_EMBEDDED (object);

  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_object (&self->feed);
  weft_run_unref (self->run);
  weft_engine_free (self->engine);
  G_OBJECT_CLASS (weftline_run_embedded_parent_class)->finalize (object);
}

static void
weftline_run_embedded_class_init (WeftlineRunEmbeddedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_run_embedded_finalize;
}

static void
weftline_run_embedded_init (WeftlineRunEmbedded *self G_GNUC_UNUSED)
{
}

WeftlineRun *
weftline_run_embedded_new (WeftlinePlan *plan, const WeftlineRunSettings *settings)
{
  return weftline_run_planned_new (WEFTLINE_TYPE_RUN_EMBEDDED, plan, settings);
}
