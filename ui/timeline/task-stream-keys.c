/* task-stream-keys.c: what keys do in the task stream, and actions of the same names
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/task-stream-private.h"

#define LEAST_GAP 3 /* units: shorter ones are not gone to by keys */

/* ---- showing --------------------------------------------------------------------------------- */

/* From when to when the selected task ran, or has run so far. Returns: whether it has begun */
static bool
selected_time (WeftlineTaskStream *self, int64_t *from_ns, int64_t *to_ns)
{
  const WeftlineTimelineLane *lane;
  WeftlineTimelineMark mark;
  const WeftSpan *span;

  if (!_weftline_task_stream_selected (self, &mark))
    return false;
  lane = &g_array_index (self->source.lanes, WeftlineTimelineLane, mark.lane);
  if (mark.index == WEFTLINE_TIMELINE_NOW)
    {
      *from_ns = lane->now_start_ns;
      *to_ns = MAX (weftline_session_snapshot (self->session)->last_ns, *from_ns);
      return true;
    }
  span = weft_spans_get (lane->spans, mark.index);
  *from_ns = span->start_ns;
  *to_ns = span->end_ns;
  return true;
}

/* Returns: FALSE: that is what is shown anyhow */
static bool
fit_time (WeftlineTaskStream *self, int64_t from_ns, int64_t to_ns)
{
  WeftlineTimelineView view = self->view;

  weftline_timeline_view_fit (&view, from_ns, to_ns);
  if (self->placed && !self->follow && view.t0_ns == self->view.t0_ns
      && view.t1_ns == self->view.t1_ns)
    return false;
  self->view = view;
  self->placed = true;
  _weftline_task_stream_moved (self);
  return true;
}

/* Once more: all. */
void
weftline_task_stream_fit (WeftlineTaskStream *self)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  int64_t from_ns, to_ns;

  if (selection->to_ns > selection->from_ns)
    {
      if (fit_time (self, selection->from_ns, selection->to_ns))
        return;
    }
  else if (selected_time (self, &from_ns, &to_ns) && fit_time (self, from_ns, to_ns))
    return;
  self->placed = false;
  _weftline_task_stream_redraw (self);
}

/* ---- a range of time ------------------------------------------------------------------------- */

/* That of the selected task, or all that is shown. */
static void
select_time (WeftlineTaskStream *self)
{
  int64_t from_ns = self->view.t0_ns, to_ns = self->view.t1_ns;

  if (!self->placed)
    return;
  selected_time (self, &from_ns, &to_ns);
  weftline_session_select_range (self->session, from_ns, to_ns);
}

/* Its end goes to and fro; where there is none it begins in the middle of what is shown. */
static void
move_end (WeftlineTaskStream *self, int direction)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  int64_t length_ns = self->view.t1_ns - self->view.t0_ns;
  int64_t by_ns = MAX ((int64_t) ((double) length_ns * STREAM_PAN_SHARE / 2), 1);
  int64_t from_ns = selection->from_ns, to_ns = selection->to_ns;

  if (!self->placed)
    return;
  if (to_ns <= from_ns)
    from_ns = to_ns = self->view.t0_ns + length_ns / 2;
  to_ns += direction * by_ns;
  if (to_ns > from_ns || selection->to_ns <= selection->from_ns)
    weftline_session_select_range (self->session, from_ns, to_ns);
}

/* ---- from task to task, from gap to gap ------------------------------------------------------ */

/* Where to go from where nothing is selected: to the first worker that has run or runs a task. */
static WeftlineTimelineMark
first_mark (const WeftlineTaskStream *self, int direction)
{
  for (unsigned i = 0; i < self->source.lanes->len; i++)
    {
      const WeftlineTimelineLane *lane =
          &g_array_index (self->source.lanes, WeftlineTimelineLane, i);

      if (lane->now_kind == WEFT_RECORD_TASK
          || weftline_timeline_step (lane, WEFTLINE_TIMELINE_NO_SPAN, direction)
                 != WEFTLINE_TIMELINE_NO_SPAN)
        return (WeftlineTimelineMark){ i, WEFTLINE_TIMELINE_NO_SPAN };
    }
  return (WeftlineTimelineMark){ 0, WEFTLINE_TIMELINE_NO_SPAN };
}

static void
step_task (WeftlineTaskStream *self, int direction)
{
  WeftlineTimelineMark mark;
  const WeftlineTimelineLane *lane;
  uint64_t index;

  if (self->source.lanes->len == 0)
    return;
  if (!_weftline_task_stream_selected (self, &mark))
    mark = first_mark (self, direction);
  lane = &g_array_index (self->source.lanes, WeftlineTimelineLane, mark.lane);
  if (mark.index == WEFTLINE_TIMELINE_NOW)
    {
      if (direction > 0)
        return;
      mark.index = WEFTLINE_TIMELINE_NO_SPAN; /* behind the last */
    }
  index = weftline_timeline_step (lane, mark.index, direction);
  if (index != WEFTLINE_TIMELINE_NO_SPAN)
    weftline_session_select_task (self->session, weft_spans_get (lane->spans, index)->task);
  else if (direction > 0 && lane->now_kind == WEFT_RECORD_TASK)
    weftline_session_select_task (self->session, lane->now_task);
}

/* As a pointer in the middle of the gap would, whatever is under the pointer. */
static void
show_gap (WeftlineTaskStream *self, unsigned lane, int64_t from_ns, int64_t to_ns)
{
  int64_t length = MAX (self->view.t1_ns - self->view.t0_ns, to_ns - from_ns);
  int64_t middle = from_ns + (to_ns - from_ns) / 2;

  _weftline_task_stream_drop_hover (self);
  self->has_gap = true;
  self->gap_from_ns = from_ns;
  self->gap_to_ns = to_ns;
  self->hit = (WeftlineTimelineHit){ WEFTLINE_HIT_GAP, lane, WEFTLINE_TIMELINE_NO_SPAN, middle };
  _weftline_task_stream_hover_gap (self);
  if (from_ns < self->view.t0_ns || to_ns > self->view.t1_ns)
    {
      weftline_timeline_view_fit (&self->view, middle - length / 2, middle + length / 2);
      weftline_task_stream_set_follow (self, FALSE);
    }
  _weftline_task_stream_describe (self);
  _weftline_task_stream_redraw (self);
}

/* From the gap that is shown, or from the selected task, through all lanes. What is too short to be
 * seen is passed over. */
static void
step_gap (WeftlineTaskStream *self, int direction)
{
  WeftlineTimelineInput input = _weftline_task_stream_input (self);
  int64_t t0_ns, t1_ns, from_ns, to_ns;
  int64_t least_ns = (self->view.t1_ns - self->view.t0_ns)
                     / MAX (self->view.width - self->view.gutter, 1) * LEAST_GAP;
  WeftlineTimelineMark mark = { direction > 0 ? 0 : input.n_lanes - 1, 0 };

  if (!weftline_timeline_extent (&input, &t0_ns, &t1_ns))
    return;
  from_ns = t1_ns;
  to_ns = t0_ns;
  if (self->has_gap && self->hit.lane < input.n_lanes)
    {
      mark.lane = self->hit.lane;
      from_ns = self->gap_from_ns;
      to_ns = self->gap_to_ns;
    }
  else if (_weftline_task_stream_selected (self, &mark) && mark.index != WEFTLINE_TIMELINE_NOW)
    {
      from_ns = weft_spans_get (input.lanes[mark.lane].spans, mark.index)->start_ns;
      to_ns = weft_spans_get (input.lanes[mark.lane].spans, mark.index)->end_ns;
    }
  for (unsigned lane = mark.lane; lane < input.n_lanes; lane += (unsigned) direction)
    {
      if (weftline_timeline_step_gap (&input.lanes[lane], t0_ns, t1_ns, least_ns, direction,
                                      &from_ns, &to_ns))
        {
          show_gap (self, lane, from_ns, to_ns);
          return;
        }
      from_ns = t1_ns;
      to_ns = t0_ns;
    }
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void
zoom_or_pan (WeftlineTaskStream *self, guint key)
{
  double middle = self->view.width / 2.0, step = STREAM_PAN_SHARE * self->view.width;

  if (key == GDK_KEY_w || key == GDK_KEY_s)
    weftline_timeline_view_zoom (
        &self->view, key == GDK_KEY_w ? 1 / STREAM_ZOOM_STEP : STREAM_ZOOM_STEP, middle);
  else
    weftline_timeline_view_pan (&self->view, key == GDK_KEY_a ? step : -step);
  _weftline_task_stream_moved (self);
}

static gboolean
do_key (WeftlineTaskStream *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_w:
    case GDK_KEY_s:
    case GDK_KEY_a:
    case GDK_KEY_d:
      zoom_or_pan (self, key);
      return TRUE;
    case GDK_KEY_A:
    case GDK_KEY_D:
      move_end (self, key == GDK_KEY_D ? 1 : -1);
      return TRUE;
    case GDK_KEY_r:
      select_time (self);
      return TRUE;
    case GDK_KEY_h:
      weftline_task_stream_show_legend (self);
      return TRUE;
    case GDK_KEY_f:
      weftline_task_stream_fit (self);
      return TRUE;
    case GDK_KEY_l:
      weftline_task_stream_set_follow (self, !self->follow);
      return TRUE;
    case GDK_KEY_q:
      weftline_session_toggle_lineage (self->session, WEFTLINE_LINEAGE_ANCESTORS);
      return TRUE;
    case GDK_KEY_e:
      weftline_session_toggle_lineage (self->session, WEFTLINE_LINEAGE_DESCENDANTS);
      return TRUE;
    case GDK_KEY_bracketleft:
    case GDK_KEY_bracketright:
      step_task (self, key == GDK_KEY_bracketright ? 1 : -1);
      return TRUE;
    case GDK_KEY_comma:
    case GDK_KEY_period:
      step_gap (self, key == GDK_KEY_period ? 1 : -1);
      return TRUE;
    case GDK_KEY_Escape:
      _weftline_task_stream_drop_hover (self);
      weftline_session_select_nothing (self->session);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Capital letters are what Shift makes of them, not what Caps Lock does. */
gboolean
_weftline_task_stream_key_cb (WeftlineTaskStream *self, guint key, guint code G_GNUC_UNUSED,
                              GdkModifierType modifiers)
{
  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  key = gdk_keyval_to_lower (key);
  if ((modifiers & GDK_SHIFT_MASK) != 0 && (key == GDK_KEY_a || key == GDK_KEY_d))
    key = gdk_keyval_to_upper (key);
  return do_key (self, key);
}

/* What keys do can be asked for by name, too: those who do not see the view are told the names. */
static const struct
{
  const char *name;
  guint key;
} actions[] = {
  { "stream.nearer", GDK_KEY_w },
  { "stream.farther", GDK_KEY_s },
  { "stream.earlier", GDK_KEY_a },
  { "stream.later", GDK_KEY_d },
  { "stream.fit", GDK_KEY_f },
  { "stream.follow", GDK_KEY_l },
  { "stream.legend", GDK_KEY_h },
  { "stream.select-time", GDK_KEY_r },
  { "stream.shorter-time", GDK_KEY_A },
  { "stream.longer-time", GDK_KEY_D },
  { "stream.previous-task", GDK_KEY_bracketleft },
  { "stream.next-task", GDK_KEY_bracketright },
  { "stream.previous-gap", GDK_KEY_comma },
  { "stream.next-gap", GDK_KEY_period },
  { "stream.ancestors", GDK_KEY_q },
  { "stream.descendants", GDK_KEY_e },
  { "stream.select-nothing", GDK_KEY_Escape },
};

static void
action_cb (GtkWidget *widget, const char *name, GVariant *target G_GNUC_UNUSED)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      do_key (WEFTLINE_TASK_STREAM (widget), actions[i].key);
}

void
_weftline_task_stream_install_actions (GtkWidgetClass *widget_class)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, NULL, action_cb);
}
