/* task-graph-input.c: what people do to the task graph, with pointer and keys
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What they select is the session's, and so seen in all views; before the run it is the graph's
 * own.
 */
#include "config.h"

#include "canvas/text-zoom.h"
#include "canvas/view-input.h"
#include "graph/graph-next.h"
#include "graph/task-graph-private.h"

#include <math.h>

#define ZOOM_STEP 1.2
#define PAN_SHARE 0.1
#define READABLE_SCALE 26.0 /* pixels a row: labels of the usual size fit */
#define CLICK_SLACK 4       /* pixels that a click may move */

/* ---- what is selected ------------------------------------------------------------------------ */

/* WEFT_NONE for both: nothing. */
static void
select_own (WeftlineTaskGraph *self, uint32_t task, uint32_t group)
{
  const WeftModelSnapshot *snapshot;
  WeftModel *model = _weftline_task_graph_model (self, &snapshot);

  if (model == NULL)
    return;
  weftline_graph_before_select (&self->before, model, snapshot, task, group);
  _weftline_task_graph_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
select_any (WeftlineTaskGraph *self, uint32_t task, uint32_t group)
{
  if (!_weftline_task_graph_is_running (self))
    select_own (self, task, group);
  else if (task != WEFT_NONE)
    weftline_session_select_task (self->session, task);
  else if (group != WEFT_NONE)
    weftline_session_select_group (self->session, group);
  else
    weftline_session_select_nothing (self->session);
}

static void
toggle_lineage (WeftlineTaskGraph *self, WeftlineLineage which)
{
  if (_weftline_task_graph_is_running (self))
    {
      weftline_session_toggle_lineage (self->session, which);
      return;
    }
  weftline_graph_before_toggle (&self->before, which);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the pointer ----------------------------------------------------------------------------- */

static void
moved (WeftlineTaskGraph *self)
{
  self->fitted = false;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
scroll_cb (WeftlineTaskGraph *self, double dx G_GNUC_UNUSED, double dy,
           GtkEventControllerScroll *scroll G_GNUC_UNUSED)
{
  WeftlineViewport *viewport = &self->viewport;
  double factor = dy < 0 ? ZOOM_STEP : 1 / ZOOM_STEP;
  double x = viewport->x + self->drag_x / viewport->scale;
  double y = viewport->y + self->drag_y / viewport->scale;

  viewport->scale = CLAMP (viewport->scale * factor, 1e-4, 400);
  viewport->x = x - self->drag_x / viewport->scale;
  viewport->y = y - self->drag_y / viewport->scale;
  moved (self);
  return TRUE;
}

static uint32_t
task_at (WeftlineTaskGraph *self, double x, double y)
{
  uint32_t index;

  if (self->n_placed == 0 || self->frame.mode != WEFTLINE_SCENE_TASKS
      || !weftline_graph_scene_hit (&self->frame, x, y, &index))
    return WEFT_NONE;
  return g_array_index (self->frame.tasks, WeftlineSceneTask, index).task;
}

/* Seen from far, where groups are shown. */
static uint32_t
group_at (WeftlineTaskGraph *self, double x, double y)
{
  uint32_t index;

  if (self->n_placed == 0 || self->frame.mode != WEFTLINE_SCENE_GROUPS
      || !weftline_graph_scene_hit (&self->frame, x, y, &index))
    return WEFT_NONE;
  return g_array_index (self->frame.cells, WeftlineSceneCell, index).group;
}

static void
motion_cb (WeftlineTaskGraph *self, double x, double y)
{
  uint32_t task = task_at (self, x, y);
  WeftModel *model = weftline_session_model (self->session);

  self->drag_x = x;
  self->drag_y = y;
  if (!_weftline_task_graph_is_running (self))
    {
      if (weftline_graph_before_hover (&self->before, task, group_at (self, x, y)))
        gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  weftline_session_set_hover (self->session, task,
                              task != WEFT_NONE ? weft_model_task_group (model, task)
                                                : group_at (self, x, y));
}

static void
leave_cb (WeftlineTaskGraph *self)
{
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
  if (weftline_graph_before_hover (&self->before, WEFT_NONE, WEFT_NONE))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Keys are not drawn where there is no room. */
gboolean
_weftline_task_graph_query_tooltip (GtkWidget *widget, int x, int y, gboolean by_keyboard,
                                    GtkTooltip *tooltip)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (widget);
  uint32_t task = by_keyboard ? WEFT_NONE : task_at (self, x, y);
  g_autofree char *text = NULL;

  if (task == WEFT_NONE)
    return FALSE;
  text = weftline_graph_look_dup_words (
      &self->look, task,
      task < self->states->len ? (WeftModelState) self->states->data[task] : WEFT_TASK_WAITING);
  if (!_weftline_task_graph_is_running (self))
    {
      const WeftModelSnapshot *snapshot;
      WeftModel *model = _weftline_task_graph_model (self, &snapshot);
      g_autofree char *more =
          model != NULL ? weftline_graph_before_dup_words (&self->before, model, snapshot, task)
                        : NULL;
      g_autofree char *all = g_strconcat (text, more, NULL);

      gtk_tooltip_set_text (tooltip, all);
      return TRUE;
    }
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
drag_begin_cb (WeftlineTaskGraph *self, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->was_dragged = false;
  self->drag_x = x;
  self->drag_y = y;
}

static void
drag_update_cb (WeftlineTaskGraph *self, double dx, double dy, GtkGestureDrag *drag)
{
  double x = 0, y = 0;

  gtk_gesture_drag_get_start_point (drag, &x, &y);
  self->was_dragged |= hypot (dx, dy) > CLICK_SLACK;
  self->viewport.x -= (x + dx - self->drag_x) / self->viewport.scale;
  self->viewport.y -= (y + dy - self->drag_y) / self->viewport.scale;
  self->drag_x = x + dx;
  self->drag_y = y + dy;
  moved (self);
}

static void
click_cb (WeftlineTaskGraph *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  uint32_t task = task_at (self, x, y), group = group_at (self, x, y);

  if (self->was_dragged || self->n_placed == 0)
    return;
  if (task != WEFT_NONE || group != WEFT_NONE || self->frame.mode != WEFTLINE_SCENE_CELLS)
    select_any (self, task, group);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* A part of what is shown, in the direction given. */
static void
pan (WeftlineTaskGraph *self, double right, double down)
{
  self->viewport.x += right * PAN_SHARE * self->viewport.width_px / self->viewport.scale;
  self->viewport.y += down * PAN_SHARE * self->viewport.height_px / self->viewport.scale;
  moved (self);
}

static void
zoom_at_middle (WeftlineTaskGraph *self, double factor)
{
  WeftlineViewport *viewport = &self->viewport;
  double x = viewport->x + viewport->width_px / viewport->scale / 2;
  double y = viewport->y + viewport->height_px / viewport->scale / 2;

  viewport->scale = CLAMP (viewport->scale * factor, 1e-4, 400);
  viewport->x = x - viewport->width_px / viewport->scale / 2;
  viewport->y = y - viewport->height_px / viewport->scale / 2;
  moved (self);
}

/* Selects what stands next to it on that side, or where nothing is selected that is in sight, what
 * is in the middle; what is reached comes into the picture. */
static void
go (WeftlineTaskGraph *self, int right, int down)
{
  WeftlineSceneMode mode = self->frame.mode;
  WeftlineViewport *view = &self->viewport;
  WeftlineSceneNext next;

  if (self->n_placed == 0
      || !weftline_graph_scene_next (&self->frame,
                                     mode == WEFTLINE_SCENE_GROUPS
                                         ? _weftline_task_graph_selected_group (self)
                                         : _weftline_task_graph_selected_task (self),
                                     right, down, &next))
    return;
  if (mode == WEFTLINE_SCENE_GROUPS)
    {
      select_any (self, WEFT_NONE, next.number);
      return;
    }
  select_any (self, next.number, WEFT_NONE);
  if (weftline_viewport_reveal (view, (double) next.x, (double) next.y))
    moved (self);
}

/* The selected task at a size that can be read; where it is that, everything. */
static void
fit_selected (WeftlineTaskGraph *self)
{
  WeftlineViewport before = self->viewport;
  gboolean was_fitted = self->fitted;

  _weftline_task_graph_reveal (self);
  if (self->is_revealing)
    return;
  if (was_fitted == self->fitted && before.x == self->viewport.x && before.y == self->viewport.y
      && before.scale == self->viewport.scale)
    weftline_task_graph_fit (self);
}

static const struct
{
  const char *name; /* of the action */
  guint key;
  signed char right, down;
} moves[] = {
  { "graph.go-left", GDK_KEY_Left, -1, 0 },
  { "graph.go-right", GDK_KEY_Right, 1, 0 },
  { "graph.go-up", GDK_KEY_Up, 0, -1 },
  { "graph.go-down", GDK_KEY_Down, 0, 1 },
};

static gboolean
move_key (WeftlineTaskGraph *self, guint key)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (moves); i++)
    if (moves[i].key == key)
      {
        go (self, moves[i].right, moves[i].down);
        return TRUE;
      }
  switch (key)
    {
    case GDK_KEY_w:
    case GDK_KEY_s:
      zoom_at_middle (self, key == GDK_KEY_w ? ZOOM_STEP : 1 / ZOOM_STEP);
      return TRUE;
    case GDK_KEY_a:
    case GDK_KEY_d:
      pan (self, key == GDK_KEY_d ? 1 : -1, 0);
      return TRUE;
    case GDK_KEY_Page_Up:
    case GDK_KEY_Page_Down:
      pan (self, 0, key == GDK_KEY_Page_Down ? 1 : -1);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
do_key (WeftlineTaskGraph *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_f:
      fit_selected (self);
      return TRUE;
    case GDK_KEY_q:
      toggle_lineage (self, WEFTLINE_LINEAGE_ANCESTORS);
      return TRUE;
    case GDK_KEY_e:
      toggle_lineage (self, WEFTLINE_LINEAGE_DESCENDANTS);
      return TRUE;
    case GDK_KEY_Escape:
      select_any (self, WEFT_NONE, WEFT_NONE);
      return TRUE;
    default:
      return move_key (self, key);
    }
}

static gboolean
key_cb (WeftlineTaskGraph *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType modifiers)
{
  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  return do_key (self, gdk_keyval_to_lower (key));
}

/* ---- bringing into sight --------------------------------------------------------------------- */

/* Whether a task can be seen as such, at a size that can be read. */
static bool
is_in_sight (WeftlineTaskGraph *self, float x, float y)
{
  const WeftlineViewport *view = &self->viewport;
  double left = ((double) x - view->x) * view->scale, top = ((double) y - view->y) * view->scale;

  return self->frame.mode == WEFTLINE_SCENE_TASKS && view->scale >= READABLE_SCALE * self->look.zoom
         && left > 0 && left < view->width_px && top > 0 && top < view->height_px;
}

void
_weftline_task_graph_reveal (WeftlineTaskGraph *self)
{
  uint32_t task = _weftline_task_graph_selected_task (self);
  WeftlineViewport *view = &self->viewport;
  float x, y;

  const WeftModelSnapshot *snapshot;
  bool is_known = _weftline_task_graph_model (self, &snapshot) != NULL && task < snapshot->n_tasks;

  self->is_revealing = false;
  if (!is_known || view->width_px <= 0)
    return;
  if (weftline_graph_scene_is_far (self->scene)
      || task >= weftline_graph_scene_n_tasks (self->scene)) /* let go of, or not there yet */
    {
      self->is_revealing = true;
      _weftline_task_graph_place_next (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return;
    }
  weftline_graph_scene_place (self->scene, task, &x, &y);
  if (self->fitted && is_in_sight (self, x, y))
    return;
  view->scale = MAX (view->scale, READABLE_SCALE * self->look.zoom);
  view->x = (double) x - view->width_px / view->scale / 2;
  view->y = (double) y - view->height_px / view->scale / 2;
  moved (self);
}

/* ---- what is listened to --------------------------------------------------------------------- */

/* What keys do can be asked for by name, too: those who do not see the view are told the names. */
static const struct
{
  const char *name;
  guint key;
} actions[] = {
  { "graph.fit", GDK_KEY_f },
  { "graph.nearer", GDK_KEY_w },
  { "graph.farther", GDK_KEY_s },
  { "graph.pan-left", GDK_KEY_a },
  { "graph.pan-right", GDK_KEY_d },
  { "graph.pan-up", GDK_KEY_Page_Up },
  { "graph.pan-down", GDK_KEY_Page_Down },
  { "graph.ancestors", GDK_KEY_q },
  { "graph.descendants", GDK_KEY_e },
  { "graph.select-nothing", GDK_KEY_Escape },
};

static void
action_cb (GtkWidget *widget, const char *name, GVariant *target G_GNUC_UNUSED)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      do_key (WEFTLINE_TASK_GRAPH (widget), actions[i].key);
  for (unsigned i = 0; i < G_N_ELEMENTS (moves); i++)
    if (g_str_equal (moves[i].name, name))
      go (WEFTLINE_TASK_GRAPH (widget), moves[i].right, moves[i].down);
}

void
_weftline_task_graph_add_actions (WeftlineTaskGraphClass *class)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (class), actions[i].name, NULL, action_cb);
  for (unsigned i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (class), moves[i].name, NULL, action_cb);
}

void
_weftline_task_graph_add_controllers (WeftlineTaskGraph *self)
{
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_VERTICAL,
                                                 .drag_begin = G_CALLBACK (drag_begin_cb),
                                                 .drag_update = G_CALLBACK (drag_update_cb),
                                                 .click = G_CALLBACK (click_cb) });
}
