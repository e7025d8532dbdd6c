/* task-graph.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What is laid out belongs to the thread until it is handed over whole; then to the main thread. A
 * layout that nobody waits for any more sees its flag and gives up.
 */
#include "config.h"

#include "graph/task-graph.h"

#include "canvas/text-zoom.h"
#include "graph/graph-dot.h"
#include "graph/graph-look.h"
#include "graph/graph-next.h"
#include "graph/graph-placing.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define ZOOM_STEP 1.2
#define PAN_SHARE 0.1
#define READABLE_SCALE 26.0 /* pixels a row: labels of the usual size fit */
#define CLICK_SLACK 4       /* pixels that a click may move */
#define MANY_TASKS 200000   /* from here on states are read anew less often */
#define MANY_TASKS_US 250000
#define WORDS_MARGIN 6 /* around what is said above the graph */

enum
{
  PROP_FIGURES = 1
};

struct _WeftlineTaskGraph
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineGraphScene *scene;
  WeftlineSceneFrame frame;
  WeftlineViewport viewport;
  GPtrArray *groups_of;           /* of uint32_t arrays, by segment: what the scene looks at */
  uint32_t n_placed;              /* segments */
  GTask *task;                    /* (nullable): that lays out; not owned */
  GCancellable *placing;          /* (nullable): nothing is being laid out */
  bool dot;                       /* Graphviz lays out what is small */
  WeftlineDotOutcome dot_outcome; /* the first that is not DONE */
  WeftlineGraphLook look;
  GByteArray *states;
  int64_t states_us;
  bool is_preview;          /* what is laid out is the graph before the run */
  WeftGraph *preview_graph; /* (nullable): whose edges the scene looks at, also when it runs */
  bool fitted;              /* the view is that of everything */
  bool is_marked;           /* some tasks stand out */
  bool has_value;           /* tasks are coloured by @value, not by state */
  WeftlineGraphValue value;
  uint32_t n_valued;            /* segments that look.values has */
  char *figures;                /* how much of the graph is shown, and as what */
  WeftlineSceneFrame described; /* without its arrays: what was told of */
  guint describing;             /* source, or 0 */
  double drag_x, drag_y;
  bool was_dragged; /* since the button went down */
};

G_DEFINE_FINAL_TYPE (WeftlineTaskGraph, weftline_task_graph, GTK_TYPE_WIDGET)

/* ---- of what --------------------------------------------------------------------------------- */

/* The run's model, or its graph before that has it. (nullable) (transfer none) */
static WeftModel *
shown_model (WeftlineTaskGraph *self, const WeftModelSnapshot **snapshot)
{
  WeftModel *preview = weftline_session_preview (self->session, snapshot);

  if (preview != NULL)
    return preview;
  *snapshot = weftline_session_snapshot (self->session);
  return weftline_session_model (self->session);
}

/* Before the start tasks are no run's yet: they are shown, and told of, but other views do not know
 * them. */
static bool
is_running_yet (WeftlineTaskGraph *self)
{
  return weftline_session_model (self->session) != NULL && !self->is_preview;
}

/* ---- laying out ------------------------------------------------------------------------------ */

static void
place_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, weftline_graph_placing_run (data));
}

static void
cancel_cb (GCancellable *cancellable G_GNUC_UNUSED, WeftlineGraphPlacing *placing)
{
  weftline_graph_placing_cancel (placing);
}

static void place_next (WeftlineTaskGraph *self);

static void
placed_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineTaskGraph) self = data;
  WeftlineGraphPlacing *placing = g_task_get_task_data (G_TASK (result));

  bool good = g_task_propagate_boolean (G_TASK (result), NULL);

  if (G_TASK (result) != self->task)
    return; /* nobody waits for it any more */
  self->task = NULL;
  g_clear_object (&self->placing);
  if (!good || self->session == NULL)
    return;
  if (self->dot_outcome == WEFTLINE_DOT_DONE)
    self->dot_outcome = (WeftlineDotOutcome) weftline_graph_placing_dot_outcome (placing);
  g_ptr_array_add (self->groups_of, weftline_graph_placing_append (placing, self->scene));
  self->n_placed++;
  self->described = (WeftlineSceneFrame){ 0 }; /* who laid it out is told anew */
  gtk_widget_queue_draw (GTK_WIDGET (self));
  place_next (self);
}

/* Lays the next segment out, once all of it is there. */
static void
place_next (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;
  WeftModel *model = shown_model (self, &snapshot);
  g_autoptr (GTask) task = NULL;
  WeftlineGraphPlacing *placing;

  if (model == NULL || self->placing != NULL || self->n_placed >= snapshot->n_segments)
    return;
  placing = weftline_graph_placing_new (model, self->n_placed, snapshot->n_groups,
                                        self->n_placed == 0 && snapshot->n_segments == 1);
  if (placing == NULL)
    return;
  self->is_preview = model != weftline_session_model (self->session);
  if (self->is_preview && self->preview_graph == NULL)
    self->preview_graph = weft_graph_ref (weft_model_graph (model, 0));
  weftline_graph_placing_set_dot (placing, self->dot);
  self->placing = g_cancellable_new ();
  /* no source object: the thread might be the last to give it back */
  self->task = task = g_task_new (NULL, self->placing, placed_cb, g_object_ref (self));
  g_task_set_task_data (task, placing, weftline_graph_placing_free);
  g_cancellable_connect (self->placing, G_CALLBACK (cancel_cb), placing, NULL);
  g_task_run_in_thread (task, place_thread);
}

/* Forgets what was laid out, and begins anew. */
static void
place_anew (WeftlineTaskGraph *self)
{
  if (self->placing != NULL)
    g_cancellable_cancel (self->placing);
  g_clear_object (&self->placing);
  self->task = NULL;
  weftline_graph_scene_free (self->scene); /* before what it looks at */
  self->scene = weftline_graph_scene_new ();
  g_clear_pointer (&self->preview_graph, weft_graph_unref);
  g_ptr_array_set_size (self->groups_of, 0);
  weftline_scene_frame_clear (&self->frame);
  weftline_scene_frame_init (&self->frame);
  self->n_placed = self->n_valued = 0;
  self->dot_outcome = WEFTLINE_DOT_DONE;
  self->fitted = true;
  place_next (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
weftline_task_graph_set_dot (WeftlineTaskGraph *self, bool dot)
{
  if (self->dot == dot)
    return;
  self->dot = dot;
  place_anew (self);
}

bool
weftline_task_graph_get_dot (WeftlineTaskGraph *self)
{
  return self->dot;
}

/* Edges are known when the graph is. */
bool
weftline_task_graph_can_dot (WeftlineTaskGraph *self)
{
  WeftModel *model = weftline_session_model (self->session);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  uint64_t n_edges = 0;

  for (uint32_t i = 0;
       model != NULL && i < snapshot->n_segments && snapshot->n_tasks <= WEFTLINE_DOT_MAX_TASKS;
       i++)
    if (weft_model_graph (model, i) != NULL)
      n_edges += weft_graph_arrays (weft_model_graph (model, i))->n_edges;
  return snapshot->n_tasks <= WEFTLINE_DOT_MAX_TASKS && n_edges <= WEFTLINE_DOT_MAX_EDGES;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
take_states (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;
  WeftModel *model = shown_model (self, &snapshot);
  const WeftMoment *moment = weftline_session_moment (self->session);
  uint32_t n = weftline_graph_scene_n_tasks (self->scene);
  int64_t now_us = g_get_monotonic_time ();

  if (moment == NULL && n > MANY_TASKS && self->states->len == n
      && now_us - self->states_us < MANY_TASKS_US)
    return;
  self->states_us = moment == NULL ? now_us : 0; /* back from then they are read at once */
  weftline_graph_look_states (model, moment, n, self->states);
}

/* (nullable): what stands out, a bit a task */
static const uint64_t *
marked_tasks (WeftlineTaskGraph *self)
{
  const WeftlineTaskSet *set = weftline_session_marked (self->session);

  return set != NULL && set->n_tasks >= weftline_graph_scene_n_tasks (self->scene) ? set->bits
                                                                                   : NULL;
}

/* (nullable): by task */
static const float *
take_values (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;

  if (!self->has_value)
    return NULL;
  if (self->n_valued != self->n_placed)
    weftline_graph_look_set_values (&self->look, shown_model (self, &snapshot), self->n_placed,
                                    self->value);
  self->n_valued = self->n_placed;
  return self->look.n_values >= weftline_graph_scene_n_tasks (self->scene) ? self->look.values
                                                                           : NULL;
}

/* (nullable): why Graphviz did not lay out what it was asked to */
static const char *
dot_words (const WeftlineTaskGraph *self)
{
  switch (self->dot ? self->dot_outcome : WEFTLINE_DOT_DONE)
    {
    case WEFTLINE_DOT_NOT_THERE:
      return _ ("Graphviz is not there: this is Weftline's own layout");
    case WEFTLINE_DOT_TOO_LARGE:
      return _ ("Too large for Graphviz: this is Weftline's own layout");
    case WEFTLINE_DOT_TOO_LONG:
      return _ ("Graphviz took too long: this is Weftline's own layout");
    case WEFTLINE_DOT_FAILED:
      return _ ("Graphviz did not answer: this is Weftline's own layout");
    case WEFTLINE_DOT_DONE:
    case WEFTLINE_DOT_CANCELLED:
    default:
      return NULL;
    }
}

static GdkRGBA
rgba (uint32_t color)
{
  return (GdkRGBA){ (float) (color >> 16 & 255) / 255, (float) (color >> 8 & 255) / 255,
                    (float) (color & 255) / 255, 1 };
}

/* In the upper corner where lines begin, above what is drawn. */
static void
show_dot_words (GtkWidget *widget, GtkSnapshot *snapshot, const WeftlinePalette *palette)
{
  const char *text = dot_words (WEFTLINE_TASK_GRAPH (widget));
  GdkRGBA color = rgba (palette->text), ground = rgba (palette->card);
  bool rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  g_autoptr (PangoLayout) layout = NULL;
  int width, height, x;

  if (text == NULL)
    return;
  layout = gtk_widget_create_pango_layout (widget, text);
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_width (layout,
                          MAX (gtk_widget_get_width (widget) - 4 * WORDS_MARGIN, 0) * PANGO_SCALE);
  pango_layout_set_alignment (layout, PANGO_ALIGN_LEFT);
  pango_layout_get_pixel_size (layout, &width, &height);
  x = rtl ? gtk_widget_get_width (widget) - width - 2 * WORDS_MARGIN : 2 * WORDS_MARGIN;
  gtk_snapshot_append_color (snapshot, &ground,
                             &GRAPHENE_RECT_INIT ((float) (x - WORDS_MARGIN), WORDS_MARGIN,
                                                  (float) (width + 2 * WORDS_MARGIN),
                                                  (float) (height + WORDS_MARGIN)));
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, 1.5f * WORDS_MARGIN));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
show_empty (GtkWidget *widget, GtkSnapshot *snapshot, const WeftlinePalette *palette)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (widget);
  const char *text = self->placing != NULL ? _ ("The graph is being laid out")
                                           : _ ("The graph appears when the run starts");
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width, height;
  GdkRGBA color = rgba (palette->dim);

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((float) (gtk_widget_get_width (widget) - width) / 2,
                                      (float) (gtk_widget_get_height (widget) - height) / 2));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* Of tasks, by how many the user wants. */
static const unsigned max_labels[] = { 0, WEFTLINE_GRAPH_LABELS, 8 * WEFTLINE_GRAPH_LABELS };

static void
paint (WeftlineTaskGraph *self, cairo_t *cr)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  uint32_t group = weftline_session_marked_group (self->session);
  const WeftModelSnapshot *snapshot;
  WeftlineGraphPainting painting = { .selected = selection->task,
                                     .hovered = weftline_session_hover_task (self->session),
                                     .has_lineage = self->is_marked,
                                     .has_group = group != WEFT_NONE,
                                     .group = group,
                                     .value_most = self->look.value_most };

  self->look.model = shown_model (self, &snapshot);
  self->look.moment = weftline_session_moment (self->session);
  self->look.n_groups = snapshot->n_groups;
  weftline_graph_look_paint (&self->look, cr, &self->frame, &painting,
                             max_labels[weftline_session_look (self->session)->labels]);
}

/* (transfer full) */
static void
take_figures (WeftlineTaskGraph *self, char *figures)
{
  gboolean same = g_strcmp0 (self->figures, figures) == 0;

  g_free (self->figures);
  self->figures = figures;
  if (!same)
    g_object_notify (G_OBJECT (self), "figures");
}

/* How much is shown to all, what is selected to those who do not see it. */
static void
describe (WeftlineTaskGraph *self)
{
  g_autofree char *frame =
      self->n_placed > 0 ? weftline_scene_frame_dup_summary (&self->frame) : g_strdup ("");
  g_autofree char *selection = weftline_session_dup_selection_text (self->session);
  g_autofree char *time = weftline_session_dup_time_text (self->session);
  const char *dot = dot_words (self);
  g_autofree char *text =
      g_strconcat (time, *time != 0 ? " · " : "", frame, *selection != 0 ? " · " : "", selection,
                   dot != NULL ? " · " : "", dot, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Task graph"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  take_figures (self, g_steal_pointer (&frame));
}

static gboolean
describe_cb (void *data)
{
  WeftlineTaskGraph *self = data;

  self->describing = 0;
  describe (self);
  return G_SOURCE_REMOVE;
}

/* Once this picture is drawn, where it shows something else than what was told of. */
static void
describe_later (WeftlineTaskGraph *self)
{
  const WeftlineSceneFrame *frame = &self->frame;

  if (self->described.mode == frame->mode && self->described.n_tasks == frame->n_tasks
      && self->described.n_visible == frame->n_visible)
    return;
  self->described = (WeftlineSceneFrame){ .mode = frame->mode,
                                          .n_tasks = frame->n_tasks,
                                          .n_visible = frame->n_visible };
  if (self->describing == 0)
    self->describing = g_idle_add_full (G_PRIORITY_DEFAULT, describe_cb, self, NULL);
}

static void
weftline_task_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  WeftlineSceneFacts facts = { 0 };
  cairo_t *cr;
  int foot;

  self->look.zoom = weftline_text_zoom_of (widget);
  self->look.rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  foot = weftline_graph_look_foot (&self->look, width, height);
  if (width <= 0 || height <= foot)
    return;
  self->look.palette = weftline_palette (weftline_session_look (self->session)->palette, dark);
  place_next (self); /* what there is before the run comes when it is wanted */
  if (self->n_placed == 0)
    {
      show_empty (widget, snapshot, self->look.palette);
      return;
    }
  if (self->fitted)
    weftline_graph_scene_fit (self->scene, width, height - foot, &self->viewport);
  self->viewport.width_px = width;
  self->viewport.height_px = height - foot;
  take_states (self);
  facts.states = self->states->data;
  facts.marked = marked_tasks (self);
  facts.values = take_values (self);
  self->is_marked = facts.marked != NULL;
  weftline_graph_scene_frame (self->scene, &self->viewport, &facts, &self->frame);
  describe_later (self);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  paint (self, cr);
  cairo_destroy (cr);
  show_dot_words (widget, snapshot, self->look.palette);
}

/* ---- input from people ----------------------------------------------------------------------- */

static void reveal_cb (WeftlineTaskGraph *self);

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
  if (!is_running_yet (self))
    return;
  weftline_session_set_hover (self->session, task,
                              task != WEFT_NONE ? weft_model_task_group (model, task)
                                                : group_at (self, x, y));
}

static void
leave_cb (WeftlineTaskGraph *self)
{
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
}

/* Keys are not drawn where there is no room. */
static gboolean
weftline_task_graph_query_tooltip (GtkWidget *widget, int x, int y, gboolean by_keyboard,
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

  if (self->was_dragged || !is_running_yet (self))
    return;
  if (task != WEFT_NONE)
    weftline_session_select_task (self->session, task);
  else if (group != WEFT_NONE)
    weftline_session_select_group (self->session, group);
  else if (self->frame.mode != WEFTLINE_SCENE_CELLS)
    weftline_session_select_nothing (self->session);
}

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
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  WeftlineSceneMode mode = self->frame.mode;
  WeftlineViewport *view = &self->viewport;
  WeftlineSceneNext next;

  if (self->n_placed == 0 || !is_running_yet (self)
      || !weftline_graph_scene_next (
          &self->frame, mode == WEFTLINE_SCENE_GROUPS ? selection->group : selection->task, right,
          down, &next))
    return;
  if (mode == WEFTLINE_SCENE_GROUPS)
    {
      weftline_session_select_group (self->session, next.number);
      return;
    }
  weftline_session_select_task (self->session, next.number);
  if (weftline_viewport_reveal (view, (double) next.x, (double) next.y))
    moved (self);
}

/* The selected task at a size that can be read; where it is that, everything. */
static void
fit_selected (WeftlineTaskGraph *self)
{
  WeftlineViewport before = self->viewport;
  gboolean was_fitted = self->fitted;

  reveal_cb (self);
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
      weftline_session_toggle_lineage (self->session, WEFTLINE_LINEAGE_ANCESTORS);
      return TRUE;
    case GDK_KEY_e:
      weftline_session_toggle_lineage (self->session, WEFTLINE_LINEAGE_DESCENDANTS);
      return TRUE;
    case GDK_KEY_Escape:
      weftline_session_select_nothing (self->session);
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

gboolean
weftline_task_graph_set_color (WeftlineTaskGraph *self, const char *name)
{
  self->has_value = weftline_graph_value_find (name, &self->value);
  self->n_valued = 0;
  weftline_graph_look_clear_values (&self->look);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return self->has_value || g_str_equal (name, "state");
}

gboolean
weftline_task_graph_get_value (WeftlineTaskGraph *self, WeftlineGraphValue *value)
{
  if (self->has_value)
    *value = self->value;
  return self->has_value;
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

/* Found by a search: in the middle, and near enough, unless the whole graph is anyhow. */
static void
reveal_cb (WeftlineTaskGraph *self)
{
  uint32_t task = weftline_session_selection (self->session)->task;
  WeftlineViewport *view = &self->viewport;
  float x, y;

  if (task >= weftline_graph_scene_n_tasks (self->scene) || view->width_px <= 0)
    return;
  weftline_graph_scene_place (self->scene, task, &x, &y);
  if (self->fitted && is_in_sight (self, x, y))
    return;
  view->scale = MAX (view->scale, READABLE_SCALE * self->look.zoom);
  view->x = (double) x - view->width_px / view->scale / 2;
  view->y = (double) y - view->height_px / view->scale / 2;
  moved (self);
}

void
weftline_task_graph_fit (WeftlineTaskGraph *self)
{
  self->fitted = true;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const WeftlineViewport *
weftline_task_graph_get_viewport (WeftlineTaskGraph *self)
{
  return self->fitted ? NULL : &self->viewport;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_task_graph_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                             int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                             int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : 140;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 320;
  *minimum_baseline = *natural_baseline = -1;
}

/* “figures” only: it is shown in the card's head. */
static void
weftline_task_graph_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROP_FIGURES)
    g_value_set_string (value, WEFTLINE_TASK_GRAPH (object)->figures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
weftline_task_graph_dispose (GObject *object)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (object);

  g_clear_handle_id (&self->describing, g_source_remove);
  if (self->placing != NULL)
    g_cancellable_cancel (self->placing);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_task_graph_parent_class)->dispose (object);
}

static void
weftline_task_graph_finalize (GObject *object)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (object);

  g_clear_object (&self->placing);
  g_free (self->figures);
  weftline_graph_scene_free (self->scene);
  if (self->preview_graph != NULL)
    weft_graph_unref (self->preview_graph);
  weftline_scene_frame_clear (&self->frame);
  g_ptr_array_unref (self->groups_of);
  weftline_graph_look_clear (&self->look);
  g_byte_array_unref (self->states);
  G_OBJECT_CLASS (weftline_task_graph_parent_class)->finalize (object);
}

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

static void
weftline_task_graph_class_init (WeftlineTaskGraphClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_task_graph_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_task_graph_finalize;
  G_OBJECT_CLASS (class)->get_property = weftline_task_graph_get_property;
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_FIGURES,
      g_param_spec_string ("figures", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  GTK_WIDGET_CLASS (class)->snapshot = weftline_task_graph_snapshot;
  GTK_WIDGET_CLASS (class)->measure = weftline_task_graph_measure;
  GTK_WIDGET_CLASS (class)->query_tooltip = weftline_task_graph_query_tooltip;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "taskgraph");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_IMG);
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (class), actions[i].name, NULL, action_cb);
  for (unsigned i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (class), moves[i].name, NULL, action_cb);
}

static void
add_controllers (WeftlineTaskGraph *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *drag = gtk_gesture_drag_new (), *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (click_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

static void
weftline_task_graph_init (WeftlineTaskGraph *self)
{
  self->scene = weftline_graph_scene_new ();
  weftline_scene_frame_init (&self->frame);
  self->groups_of = g_ptr_array_new_with_free_func (g_free);
  weftline_graph_look_init (&self->look);
  self->states = g_byte_array_new ();
  self->fitted = true;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  add_controllers (self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

static void
selection_cb (WeftlineTaskGraph *self)
{
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Whether the run's graph is the one that was laid out before it began, in the same groups. */
static bool
is_as_laid_out (WeftlineTaskGraph *self)
{
  WeftModel *model = weftline_session_model (self->session);
  const uint32_t *groups = self->n_placed == 1 ? g_ptr_array_index (self->groups_of, 0) : NULL;
  uint32_t n = weftline_graph_scene_n_tasks (self->scene);

  if (groups == NULL || self->placing != NULL || model == NULL
      || weft_model_graph (model, 0) == NULL
      || weft_graph_arrays (weft_model_graph (model, 0))->n_tasks != n)
    return false;
  for (uint32_t i = 0; i < n; i++)
    if (weft_model_task_group (model, weft_model_task_of (model, 0, i)) != groups[i])
      return false;
  return true;
}

/* It has come, or the run's own graph is there in its place. */
static void
preview_cb (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;

  if (self->is_preview && shown_model (self, &snapshot) == weftline_session_model (self->session))
    {
      bool same = is_as_laid_out (self);

      self->is_preview = false;
      self->n_valued = 0;
      if (!same)
        place_anew (self);
    }
  self->look.model = shown_model (self, &snapshot); /* tooltips may come before the picture */
  place_next (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
snapshot_cb (WeftlineTaskGraph *self)
{
  describe (self);
  place_next (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
weftline_task_graph_new (WeftlineSession *session)
{
  WeftlineTaskGraph *self = g_object_new (WEFTLINE_TYPE_TASK_GRAPH, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "preview-changed", G_CALLBACK (preview_cb), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (selection_cb), self);
  g_signal_connect_swapped (session, "hover-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (selection_cb), self);
  g_signal_connect_swapped (session, "reveal", G_CALLBACK (reveal_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}
