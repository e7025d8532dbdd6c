/* weftline-session.c: what all views of a run share: selection, hover, the time looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-session.h"

#include "canvas/number-format.h"
#include "session/weftline-eta.h"
#include "session/weftline-marks.h"
#include "session/weftline-preview.h"
#include "session/weftline-rewind.h"
#include "session/weftline-then.h"
#include "session/weftline-turn.h"

#include <glib/gi18n.h>

/* Unless the run has said that time went on. */
#define PAUSED_STEP_NS INT64_C (2000000000)

struct _WeftlineSession
{
  GObject parent_instance;

  WeftlineRun *run;
  WeftlineFeed *feed;       /* (nullable) */
  WeftlinePreview *preview; /* (nullable) */
  guint previewing;         /* source, or 0: it was asked for */
  WeftModelSnapshot snapshot;
  bool only_time; /* is new in it; while that is told */
  bool time_told; /* the run said, since the snapshot, that it has changed */
  WeftlineSelection selection;
  WeftlineLineage lineage;
  WeftlineLinks *links;         /* (nullable): not asked for yet */
  WeftlineTaskSet *lineage_set; /* (nullable): likewise */
  WeftlineTaskSet *marks;       /* (nullable): likewise; of @marks_of */
  WeftlineSelection marks_of;   /* a group or a range */
  uint64_t marks_serial;        /* of the snapshot they were found in */
  uint32_t hover_task, hover_group;
  int64_t time_ns;
  WeftlineRewind *rewind;
  WeftlineRunStatus status_then; /* of the rewind's moment */
  WeftlineEtaThen *left_then;
  WeftlineTurn left_turn; /* how long it takes now is known */
  WeftEta left;           /* as it is told now, wherever it is; see has_left */
  bool has_left, left_is_current;
  int64_t shown_from_ns, shown_to_ns; /* none: zeros */
  WeftlineSessionLook look;
};

enum
{
  SNAPSHOT,
  STALE,
  SELECTION,
  HOVER,
  TIME,
  MOMENT,
  LOOK,
  REVEAL,
  SHOWN,
  LEFT,
  PREVIEW,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const WeftlineSelection nothing = { WEFT_NONE, WEFT_NONE, 0, 0 };

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
    g_signal_emit (self, signals[STALE], 0);
}

static void
preview_cb (WeftlineSession *self)
{
  g_signal_emit (self, signals[PREVIEW], 0);
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
  g_signal_emit (self, signals[PREVIEW], 0);
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
  g_signal_emit (self, signals[STALE], 0);
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
  g_signal_emit (self, signals[SNAPSHOT], 0);
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
  g_signal_emit (self, signals[MOMENT], 0);
}

static void
left_cb (void *data)
{
  WeftlineSession *self = data;

  self->left_is_current = false;
  g_signal_emit (self, signals[LEFT], 0);
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
    signals[i] = g_signal_new (names[i], WEFTLINE_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
weftline_session_init (WeftlineSession *self)
{
  self->selection = nothing;
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

/* ---- selection ------------------------------------------------------------------------------- */

const WeftlineSelection *
weftline_session_selection (WeftlineSession *self)
{
  return &self->selection;
}

static void
set_selection (WeftlineSession *self, const WeftlineSelection *selection)
{
  const WeftlineSelection *old = &self->selection;

  if (old->task == selection->task && old->group == selection->group
      && old->from_ns == selection->from_ns && old->to_ns == selection->to_ns)
    return;
  if (old->task != selection->task)
    g_clear_pointer (&self->lineage_set, weftline_task_set_free);
  self->selection = *selection;
  g_signal_emit (self, signals[SELECTION], 0);
}

void
weftline_session_select_task (WeftlineSession *self, uint32_t task)
{
  WeftlineSelection selection = self->selection;

  selection.task = task;
  selection.group = WEFT_NONE;
  set_selection (self, &selection);
}

void
weftline_session_reveal_task (WeftlineSession *self, uint32_t task)
{
  weftline_session_select_task (self, task);
  if (task != WEFT_NONE)
    g_signal_emit (self, signals[REVEAL], 0);
}

void
weftline_session_select_group (WeftlineSession *self, uint32_t group)
{
  WeftlineSelection selection = self->selection;

  selection.task = WEFT_NONE;
  selection.group = group;
  set_selection (self, &selection);
}

void
weftline_session_select_range (WeftlineSession *self, int64_t from_ns, int64_t to_ns)
{
  WeftlineSelection selection = self->selection;

  selection.from_ns = from_ns == to_ns ? 0 : MIN (from_ns, to_ns);
  selection.to_ns = from_ns == to_ns ? 0 : MAX (from_ns, to_ns);
  set_selection (self, &selection);
}

void
weftline_session_select_nothing (WeftlineSession *self)
{
  bool had_lineage = self->lineage != WEFTLINE_LINEAGE_NONE && self->selection.task == WEFT_NONE;

  self->lineage = WEFTLINE_LINEAGE_NONE;
  set_selection (self, &nothing);
  if (had_lineage)
    g_signal_emit (self, signals[SELECTION], 0);
}

/* ---- lineage --------------------------------------------------------------------------------- */

WeftlineLineage
weftline_session_lineage (WeftlineSession *self)
{
  return self->lineage;
}

void
weftline_session_set_lineage (WeftlineSession *self, WeftlineLineage which)
{
  if (self->lineage == which)
    return;
  self->lineage = which;
  g_clear_pointer (&self->lineage_set, weftline_task_set_free);
  g_signal_emit (self, signals[SELECTION], 0);
}

void
weftline_session_toggle_lineage (WeftlineSession *self, WeftlineLineage which)
{
  weftline_session_set_lineage (self, self->lineage ^ which);
}

const WeftlineLinks *
weftline_session_links (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);

  if (self->links == NULL && model != NULL)
    self->links = weftline_links_new (model, &self->snapshot);
  return self->links;
}

const WeftlineTaskSet *
weftline_session_lineage_set (WeftlineSession *self)
{
  const WeftlineLinks *links;

  if (self->lineage == WEFTLINE_LINEAGE_NONE || self->selection.task == WEFT_NONE)
    return NULL;
  links = weftline_session_links (self);
  if (self->lineage_set == NULL && links != NULL)
    self->lineage_set = weftline_links_lineage (links, self->selection.task, self->lineage);
  return self->lineage_set;
}

/* ---- what stands out ------------------------------------------------------------------------- */

uint32_t
weftline_session_marked_group (WeftlineSession *self)
{
  if (weftline_session_lineage_set (self) != NULL)
    return WEFT_NONE;
  if (self->hover_task == WEFT_NONE && self->hover_group != WEFT_NONE)
    return self->hover_group;
  return self->selection.group;
}

static bool
has_marks (WeftlineSession *self, const WeftlineSelection *of)
{
  return self->marks != NULL && self->marks_of.group == of->group
         && self->marks_of.from_ns == of->from_ns && self->marks_of.to_ns == of->to_ns
         && (self->marks_serial == self->snapshot.serial
             || (of->group != WEFT_NONE && self->marks->n_tasks == self->snapshot.n_tasks));
}

const WeftlineTaskSet *
weftline_session_marked (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);
  WeftlineSelection of = self->selection;

  if (weftline_session_lineage_set (self) != NULL)
    return self->lineage_set;
  of.group = weftline_session_marked_group (self);
  if (model == NULL || (of.group == WEFT_NONE && of.to_ns <= of.from_ns))
    return NULL;
  if (of.group != WEFT_NONE)
    of.from_ns = of.to_ns = 0;
  if (has_marks (self, &of))
    return self->marks;
  weftline_task_set_free (self->marks);
  self->marks = of.group != WEFT_NONE
                    ? weftline_marks_of_group (model, &self->snapshot, of.group)
                    : weftline_marks_of_range (model, &self->snapshot, of.from_ns, of.to_ns);
  self->marks_of = of;
  self->marks_serial = self->snapshot.serial;
  return self->marks;
}

/* ---- in words -------------------------------------------------------------------------------- */

static void
append_lineage (WeftlineSession *self, GString *text)
{
  const WeftlineTaskSet *set = weftline_session_lineage_set (self);
  gulong n = set != NULL && set->n_members > 0 ? set->n_members - 1 : 0;
  g_autofree char *count = weftline_format_count (n);

  if (set == NULL)
    return;
  g_string_append (text, ", ");
  if (self->lineage == WEFTLINE_LINEAGE_ANCESTORS)
    g_string_append_printf (text, ngettext ("%s ancestor", "%s ancestors", n), count);
  else if (self->lineage == WEFTLINE_LINEAGE_DESCENDANTS)
    g_string_append_printf (text, ngettext ("%s descendant", "%s descendants", n), count);
  else
    /* Translators: tasks that are ancestors or descendants of another */
    g_string_append_printf (text, ngettext ("%s relative", "%s relatives", n), count);
}

char *
weftline_session_dup_selection_text (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);
  const WeftlineSelection *selection = &self->selection;
  GString *text = g_string_new (NULL);
  WeftModelGroup info;

  if (model != NULL && selection->task != WEFT_NONE && selection->task < self->snapshot.n_tasks)
    {
      g_autofree char *key = weft_model_task_dup_key (model, selection->task);

      /* Translators: a task's key */
      g_string_append_printf (text, _ ("%s is selected"), key);
      append_lineage (self, text);
    }
  else if (model != NULL && selection->group != WEFT_NONE
           && selection->group < self->snapshot.n_groups)
    {
      weft_model_group (model, selection->group, &info);
      /* Translators: a group's name */
      g_string_append_printf (text, _ ("group %s is selected"), info.name);
    }
  if (selection->to_ns > selection->from_ns)
    {
      g_autofree char *range = weftline_format_duration (selection->to_ns - selection->from_ns);

      /* Translators: so much time */
      g_string_append_printf (
          text, text->len > 0 ? _ (", and a range of %s") : _ ("a range of %s is selected"), range);
    }
  return g_string_free (text, FALSE);
}

/* ---- hover and time -------------------------------------------------------------------------- */

uint32_t
weftline_session_hover_task (WeftlineSession *self)
{
  return self->hover_task;
}

uint32_t
weftline_session_hover_group (WeftlineSession *self)
{
  return self->hover_group;
}

void
weftline_session_set_hover (WeftlineSession *self, uint32_t task, uint32_t group)
{
  if (self->hover_task == task && self->hover_group == group)
    return;
  self->hover_task = task;
  self->hover_group = group;
  g_signal_emit (self, signals[HOVER], 0);
}

int64_t
weftline_session_time (WeftlineSession *self)
{
  return self->time_ns;
}

/* Back to what is. */
static void
leave_past (WeftlineSession *self)
{
  bool had_moment = weftline_rewind_moment (self->rewind) != NULL;

  weftline_rewind_forget (self->rewind);
  weftline_eta_then_forget (self->left_then);
  g_signal_emit (self, signals[TIME], 0);
  if (had_moment)
    g_signal_emit (self, signals[MOMENT], 0);
}

void
weftline_session_set_time (WeftlineSession *self, int64_t at_ns)
{
  WeftModel *model = weftline_session_model (self);

  if (at_ns != WEFTLINE_NOW && model != NULL)
    at_ns = MIN (at_ns, self->snapshot.complete_ns);
  at_ns = MAX (at_ns, 0);
  if (self->time_ns == at_ns)
    return;
  self->time_ns = at_ns;
  if (at_ns == WEFTLINE_NOW)
    {
      leave_past (self);
      return;
    }
  if (model != NULL)
    weftline_rewind_ask (self->rewind, model, &self->snapshot, at_ns);
  g_signal_emit (self, signals[TIME], 0);
}

void
weftline_session_step_time (WeftlineSession *self, bool forward)
{
  WeftModel *model = weftline_session_model (self);
  int64_t from_ns = self->time_ns, to_ns;

  if (model == NULL || (forward && from_ns == WEFTLINE_NOW))
    return;
  to_ns = weft_moment_next_event (model, &self->snapshot, from_ns, forward);
  if (forward && (to_ns == from_ns || to_ns > self->snapshot.complete_ns))
    weftline_session_set_time (self, WEFTLINE_NOW);
  else if (to_ns != from_ns)
    weftline_session_set_time (self, to_ns);
}

const WeftMoment *
weftline_session_moment (WeftlineSession *self)
{
  return self->time_ns != WEFTLINE_NOW ? weftline_rewind_moment (self->rewind) : NULL;
}

bool
weftline_session_is_rewinding (WeftlineSession *self)
{
  return self->time_ns != WEFTLINE_NOW && weftline_rewind_is_busy (self->rewind);
}

char *
weftline_session_dup_time_text (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);
  g_autofree char *at = NULL;

  if (self->time_ns == WEFTLINE_NOW || model == NULL)
    return g_strdup ("");
  at = weftline_format_moment (self->time_ns, self->look.time_form, weft_model_wall_ns (model));
  /* Translators: a moment of the run, which all views show */
  return g_strdup_printf (_ ("as of %s"), at);
}

WeftModelState
weftline_session_task_state (WeftlineSession *self, uint32_t task)
{
  const WeftMoment *moment = weftline_session_moment (self);

  if (moment == NULL)
    return weft_model_task_state (weftline_session_model (self), task);
  return task < moment->n_tasks ? moment->states[task] : WEFT_TASK_WAITING;
}

void
weftline_session_status (WeftlineSession *self, WeftlineRunStatus *status)
{
  if (weftline_session_moment (self) != NULL)
    *status = self->status_then;
  else
    weftline_run_status (self->run, status);
}

bool
weftline_session_left (WeftlineSession *self, WeftEta *eta)
{
  if (self->time_ns != WEFTLINE_NOW)
    return weftline_eta_then_get (self->left_then, eta);
  if (!self->left_is_current)
    self->has_left = weftline_eta_now (weftline_eta_of_run (self->run), &self->left);
  self->left_is_current = true;
  if (self->has_left)
    *eta = self->left;
  return self->has_left;
}

char *
weftline_session_dup_left_text (WeftlineSession *self, bool band)
{
  WeftEta eta;

  return weftline_session_left (self, &eta) ? weftline_eta_text (&eta, band) : NULL;
}

void
weftline_session_get_shown (WeftlineSession *self, int64_t *from_ns, int64_t *to_ns)
{
  *from_ns = self->shown_from_ns;
  *to_ns = self->shown_to_ns;
}

void
weftline_session_show (WeftlineSession *self, int64_t from_ns, int64_t to_ns)
{
  if (to_ns <= from_ns)
    from_ns = to_ns = 0;
  if (self->shown_from_ns == from_ns && self->shown_to_ns == to_ns)
    return;
  self->shown_from_ns = from_ns;
  self->shown_to_ns = to_ns;
  g_signal_emit (self, signals[SHOWN], 0);
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
  g_signal_emit (self, signals[LOOK], 0);
}
