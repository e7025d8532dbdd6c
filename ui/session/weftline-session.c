/* weftline-session.c: what all views of a run share: selection, hover, the time looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-session-private.h"

/* Unless the run has said that time went on. */
#define PAUSED_STEP_NS INT64_C (2000000000)

guint _weftline_session_signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeftlineSession, weftline_session, G_TYPE_OBJECT)

/* ---- what there is --------------------------------------------------------------------------- */

/* Nothing moves in a run that is paused, but clocks. */
static bool
only_time_passed (const WeftlineSession *self, const WeftModelSnapshot *snapshot)
{
  return snapshot->phase == WEFT_RUN_PAUSED && self->snapshot.phase == WEFT_RUN_PAUSED
         && snapshot->n_states[WEFT_TASK_RUNNING] == 0
         && snapshot->n_changes == self->snapshot.n_changes;
}

/* Time alone is shown when the run tells of it, once a second: all that goes with it changes in one
 * picture. */
static bool
is_new (const WeftlineSession *self, const WeftModelSnapshot *snapshot)
{
  return snapshot->serial != self->snapshot.serial
         && (self->time_told || !only_time_passed (self, snapshot)
             || snapshot->last_ns - self->snapshot.last_ns >= PAUSED_STEP_NS);
}

/* What is not to be shown wakes nobody. */
static void
feed_cb (WeftlineSession *self)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (weftline_feed_model (self->feed), &snapshot);
  if (self->snapshot.phase != WEFT_RUN_PAUSED || is_new (self, &snapshot))
    g_signal_emit (self, _weftline_session_signals[STALE], 0);
}

static void
preview_cb (WeftlineSession *self)
{
  g_signal_emit (self, _weftline_session_signals[PREVIEW], 0);
}

/* The run has its own now. */
static void
drop_preview (WeftlineSession *self)
{
  if (self->preview == NULL)
    return;
  weftline_preview_cancel (self->preview);
  g_signal_handlers_disconnect_by_func (self->preview, preview_cb, self);
  g_clear_object (&self->preview);
  g_signal_emit (self, _weftline_session_signals[PREVIEW], 0);
}

/* A run has its feed from the start on. */
static void
run_cb (WeftlineSession *self)
{
  WeftlineFeed *feed = weftline_run_feed (self->run);

  self->time_told = true;
  self->left_is_current = false;
  if (self->feed != NULL && self->snapshot.phase == WEFT_RUN_PAUSED)
    feed_cb (self);
  if (self->feed != NULL || feed == NULL)
    return;
  self->feed = g_object_ref (feed);
  g_signal_connect_swapped (feed, "changed", G_CALLBACK (feed_cb), self);
  if (self->preview != NULL && weftline_preview_model (self->preview) == NULL)
    drop_preview (self); /* the run's own comes as soon */
  g_signal_emit (self, _weftline_session_signals[STALE], 0);
}

static bool
has_graph (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);

  return model != NULL && self->snapshot.n_segments > 0 && weft_model_graph (model, 0) != NULL;
}

/* What is begun as soon as it is shown needs none. */
static gboolean
make_preview_cb (void *data)
{
  WeftlineSession *self = data;
  WeftlineRunStatus status;

  self->previewing = 0;
  weftline_run_status (self->run, &status);
  if (self->feed != NULL || status.phase != WEFT_RUN_PREPARED)
    return G_SOURCE_REMOVE;
  self->preview = weftline_preview_new (weftline_plan_graph (weftline_run_plan (self->run)));
  g_signal_connect_swapped (self->preview, "changed", G_CALLBACK (preview_cb), self);
  return G_SOURCE_REMOVE;
}

WeftModel *
weftline_session_preview (WeftlineSession *self, const WeftModelSnapshot **snapshot)
{
  if (self->preview == NULL && self->previewing == 0 && self->feed == NULL
      && weftline_run_plan (self->run) != NULL)
    self->previewing = g_idle_add (make_preview_cb, self);
  if (self->preview == NULL || weftline_preview_model (self->preview) == NULL)
    return NULL;
  *snapshot = weftline_preview_snapshot (self->preview);
  return weftline_preview_model (self->preview);
}

WeftModel *
weftline_session_model (WeftlineSession *self)
{
  return self->feed != NULL ? weftline_feed_model (self->feed) : NULL;
}

const WeftModelSnapshot *
weftline_session_snapshot (WeftlineSession *self)
{
  return &self->snapshot;
}

bool
weftline_session_update (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);
  WeftModelSnapshot snapshot;

  if (model == NULL)
    return false;
  weft_model_snapshot (model, &snapshot);
  if (!is_new (self, &snapshot))
    return false;
  self->only_time = only_time_passed (self, &snapshot);
  self->time_told = false;
  self->snapshot = snapshot;
  if (self->links != NULL && !weftline_links_is_current (self->links, &self->snapshot))
    {
      g_clear_pointer (&self->links, weftline_links_free);
      g_clear_pointer (&self->lineage_set, weftline_task_set_free);
    }
  if (has_graph (self))
    drop_preview (self);
  g_signal_emit (self, _weftline_session_signals[SNAPSHOT], 0);
  self->only_time = false;
  weftline_run_look (self->run);
  return true;
}

bool
weftline_session_only_time_passed (WeftlineSession *self)
{
  return self->only_time;
}

/* Of a run that is over nothing is left. */
static void
moment_cb (WeftlineSession *self)
{
  const WeftMoment *moment = weftline_session_moment (self);
  WeftModel *model = weftline_session_model (self);

  weftline_eta_then_forget (self->left_then);
  if (moment != NULL && model != NULL)
    {
      weftline_status_then (model, &self->snapshot, moment, &self->status_then);
      if (self->status_then.phase == WEFT_RUN_RUNNING || self->status_then.phase == WEFT_RUN_PAUSED)
        weftline_eta_then_ask (self->left_then, model, &self->snapshot, moment);
    }
  g_signal_emit (self, _weftline_session_signals[MOMENT], 0);
}

static void
left_cb (void *data)
{
  WeftlineSession *self = data;

  self->left_is_current = false;
  g_signal_emit (self, _weftline_session_signals[LEFT], 0);
}

/* Words in many places. */
static void
eta_cb (WeftlineSession *self)
{
  weftline_turn_want (&self->left_turn, 0);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_session_dispose (GObject *object)
{
  WeftlineSession *self = WEFTLINE_SESSION (object);

  weftline_turn_clear (&self->left_turn);
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_func (self->run, run_cb, self);
  if (self->feed != NULL)
    g_signal_handlers_disconnect_by_func (self->feed, feed_cb, self);
  g_clear_handle_id (&self->previewing, g_source_remove);
  if (self->preview != NULL)
    {
      weftline_preview_cancel (self->preview);
      g_signal_handlers_disconnect_by_func (self->preview, preview_cb, self);
    }
  g_clear_object (&self->preview);
  g_clear_pointer (&self->links, weftline_links_free);
  g_clear_pointer (&self->lineage_set, weftline_task_set_free);
  g_clear_pointer (&self->marks, weftline_task_set_free);
  if (self->rewind != NULL)
    g_signal_handlers_disconnect_by_func (self->rewind, moment_cb, self);
  if (self->left_then != NULL)
    g_signal_handlers_disconnect_by_func (self->left_then, left_cb, self);
  g_clear_object (&self->left_then);
  g_clear_object (&self->rewind);
  g_clear_object (&self->feed);
  g_clear_object (&self->run);
  G_OBJECT_CLASS (weftline_session_parent_class)->dispose (object);
}

static void
weftline_session_class_init (WeftlineSessionClass *klass)
{
  static const char *const names[N_SIGNALS] = {
    "snapshot-changed", "stale",          "selection-changed", "hover-changed",
    "time-changed",     "moment-changed", "look-changed",      "reveal",
    "shown-changed",    "left-changed",   "preview-changed"
  };

  G_OBJECT_CLASS (klass)->dispose = weftline_session_dispose;
  for (unsigned i = 0; i < N_SIGNALS; i++)
    _weftline_session_signals[i] = g_signal_new (names[i], WEFTLINE_TYPE_SESSION, G_SIGNAL_RUN_LAST,
                                                 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_session_init (WeftlineSession *self)
{
  self->selection = NO_SELECTION;
  self->hover_task = self->hover_group = WEFT_NONE;
  self->time_ns = WEFTLINE_NOW;
  self->rewind = weftline_rewind_new ();
  g_signal_connect_swapped (self->rewind, "changed", G_CALLBACK (moment_cb), self);
  self->left_then = weftline_eta_then_new ();
  g_signal_connect_swapped (self->left_then, "changed", G_CALLBACK (left_cb), self);
  self->look = (WeftlineSessionLook){ .labels = WEFTLINE_DENSITY_NORMAL };
}

WeftlineSession *
weftline_session_new (WeftlineRun *run)
{
  WeftlineSession *self = g_object_new (WEFTLINE_TYPE_SESSION, NULL);

  self->run = g_object_ref (run);
  weftline_turn_init (&self->left_turn, self, left_cb, self);
  g_signal_connect_swapped (run, "changed", G_CALLBACK (run_cb), self);
  g_signal_connect_object (weftline_eta_of_run (run), "changed", G_CALLBACK (eta_cb), self,
                           G_CONNECT_SWAPPED);
  run_cb (self);
  return self;
}

WeftlineRun *
weftline_session_run (WeftlineSession *self)
{
  return self->run;
}

/* ---- look ------------------------------------------------------------------------------------ */

const WeftlineSessionLook *
weftline_session_look (WeftlineSession *self)
{
  return &self->look;
}

WeftlineClock
weftline_session_clock (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);

  return (WeftlineClock){ self->look.time_form, model != NULL ? weft_model_wall_ns (model) : 0 };
}

void
weftline_session_set_look (WeftlineSession *self, const WeftlineSessionLook *look)
{
  if (look->palette == self->look.palette && look->labels == self->look.labels
      && look->time_form == self->look.time_form)
    return;
  self->look = *look;
  g_signal_emit (self, _weftline_session_signals[LOOK], 0);
}
