/* weftline-run-file.c: a run file, finished or still being written by another process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All that is known of it comes from its model. It can be saved elsewhere, nothing else: whoever
 * runs it is not asked from here.
 */
#include "config.h"

#include "session/weftline-feed.h"
#include "session/weftline-run-file.h"

#include <glib/gi18n.h>

struct _WeftlineRunFile
{
  GObject parent_instance;

  char *path;
  char *name;
  char *message;
  WeftlineFeed *feed;
};

static void iface_init (WeftlineRunInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WeftlineRunFile, weftline_run_file, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

static WeftlineCapabilities
get_capabilities (WeftlineRun *run G_GNUC_UNUSED)
{
  return WEFTLINE_CAN_SAVE;
}

static WeftlineFeed *
get_feed (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->feed;
}

static WeftModelPoint
last_point (WeftModel *model, WeftModelSeries series)
{
  uint64_t n = weft_model_series_n (model, series);

  return n > 0 ? weft_model_series_get (model, series, n - 1) : (WeftModelPoint){ 0, 0 };
}

static uint64_t
highest (WeftModel *model, WeftModelSeries series)
{
  uint64_t n = weft_model_series_n (model, series);
  double most = 0;

  for (uint64_t i = 0; i < n; i++)
    most = MAX (most, weft_model_series_get (model, series, i).value);
  return (uint64_t) most;
}

static uint32_t
n_workers (WeftModel *model, uint32_t n_lanes)
{
  WeftModelLane lane;
  uint32_t n = 0;

  for (uint32_t i = 0; i < n_lanes; i++)
    {
      weft_model_lane (model, i, &lane);
      n += lane.kind == WEFT_LANE_THREAD;
    }
  return n;
}

/* The record of a run's end may be read before others of the same moment. */
static WeftRunPhase
phase_of (WeftModelFeedState state, WeftRunPhase phase)
{
  if (state == WEFT_FEED_BROKEN || state == WEFT_FEED_CUT)
    return WEFT_RUN_INTERRUPTED;
  return state != WEFT_FEED_ENDED && phase >= WEFT_RUN_DONE ? WEFT_RUN_RUNNING : phase;
}

static void
get_status (WeftlineRun *run, WeftlineRunStatus *status)
{
  WeftlineRunFile *self = WEFTLINE_RUN_FILE (run);
  WeftModel *model = weftline_feed_model (self->feed);
  WeftModelFeedState state = weftline_feed_state (self->feed);
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot); /* after the state: at the end it is whole */
  *status = (WeftlineRunStatus){
    .phase = phase_of (state, snapshot.phase),
    .known = snapshot.n_tasks > 0,
    .n_tasks = snapshot.n_tasks,
    .n_ended = snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED]
               + snapshot.n_states[WEFT_TASK_ERRED] + snapshot.n_states[WEFT_TASK_CANCELLED],
    .n_running = snapshot.n_states[WEFT_TASK_RUNNING],
    .n_erred = snapshot.n_states[WEFT_TASK_ERRED],
    .managed_bytes = (uint64_t) last_point (model, WEFT_SERIES_MANAGED).value,
    .peak_bytes = highest (model, WEFT_SERIES_MANAGED),
    .spilled_bytes = (uint64_t) last_point (model, WEFT_SERIES_SPILLED).value,
    .elapsed_ns = snapshot.last_ns,
    .n_workers = n_workers (model, snapshot.n_lanes),
    .memory_limit_bytes = weft_model_memory_limit (model),
  };
}

static const char *
get_name (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->name;
}

static const char *
get_kind (WeftlineRun *run G_GNUC_UNUSED)
{
  return _ ("file");
}

static const char *
get_path (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->path;
}

static const char *
get_message (WeftlineRun *run)
{
  return WEFTLINE_RUN_FILE (run)->message;
}

static void
iface_init (WeftlineRunInterface *iface)
{
  iface->capabilities = get_capabilities;
  iface->feed = get_feed;
  iface->status = get_status;
  iface->name = get_name;
  iface->kind = get_kind;
  iface->path = get_path;
  iface->message = get_message;
}

static void
feed_cb (WeftlineRunFile *self)
{
  if (self->message == NULL && weftline_feed_state (self->feed) == WEFT_FEED_BROKEN)
    self->message = weftline_feed_dup_error (self->feed);
  weftline_run_changed (WEFTLINE_RUN (self));
}

static void
weftline_run_file_dispose (GObject *object)
{
  WeftlineRunFile *self = WEFTLINE_RUN_FILE (object);

  if (self->feed != NULL)
    g_signal_handlers_disconnect_by_func (self->feed, feed_cb, self);
  g_clear_object (&self->feed);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->message, g_free);
  G_OBJECT_CLASS (weftline_run_file_parent_class)->dispose (object);
}

static void
weftline_run_file_class_init (WeftlineRunFileClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_run_file_dispose;
}

static void
weftline_run_file_init (WeftlineRunFile *self G_GNUC_UNUSED)
{
}

WeftlineRun *
weftline_run_file_new (const char *path, GError **error)
{
  g_autoptr (WeftlineFeed) feed = weftline_feed_new (path, error);
  WeftlineRunFile *self;

  if (feed == NULL)
    return NULL;
  self = g_object_new (WEFTLINE_TYPE_RUN_FILE, NULL);
  self->path = g_strdup (path);
  self->name = g_path_get_basename (path);
  self->feed = g_steal_pointer (&feed);
  g_signal_connect_swapped (self->feed, "changed", G_CALLBACK (feed_cb), self);
  return WEFTLINE_RUN (self);
}
