/* task-graph.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/number-format.h"
#include "canvas/text-zoom.h"
#include "graph/task-graph-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define MANY_TASKS 200000 /* from here on states are read anew less often */
#define MANY_TASKS_US 250000
#define WORDS_MARGIN 6 /* around what is said above the graph */

enum
{
  PROP_FIGURES = 1
};

G_DEFINE_FINAL_TYPE (WeftlineTaskGraph, weftline_task_graph, GTK_TYPE_WIDGET)

/* ---- of what --------------------------------------------------------------------------------- */

WeftModel *
_weftline_task_graph_model (WeftlineTaskGraph *self, const WeftModelSnapshot **snapshot)
{
  WeftModel *preview = weftline_session_preview (self->session, snapshot);

  if (preview != NULL)
    return preview;
  *snapshot = weftline_session_snapshot (self->session);
  return weftline_session_model (self->session);
}

bool
_weftline_task_graph_is_running (WeftlineTaskGraph *self)
{
  return weftline_session_model (self->session) != NULL && !self->is_preview;
}

uint32_t
_weftline_task_graph_selected_task (WeftlineTaskGraph *self)
{
  return _weftline_task_graph_is_running (self) ? weftline_session_selection (self->session)->task
                                                : self->before.task;
}

uint32_t
_weftline_task_graph_selected_group (WeftlineTaskGraph *self)
{
  return _weftline_task_graph_is_running (self) ? weftline_session_selection (self->session)->group
                                                : self->before.group;
}

/* The group as a whole that stands out. */
static uint32_t
marked_group (WeftlineTaskGraph *self)
{
  return _weftline_task_graph_is_running (self) ? weftline_session_marked_group (self->session)
                                                : weftline_graph_before_group (&self->before);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
take_states (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;
  WeftModel *model = _weftline_task_graph_model (self, &snapshot);
  const WeftMoment *moment = weftline_session_moment (self->session);
  uint32_t n = weftline_graph_scene_n_tasks (self->scene);
  int64_t now_us = g_get_monotonic_time ();

  /* while it runs another snapshot comes soon, and then no more */
  if (moment == NULL && n > MANY_TASKS && self->states->len == n && snapshot->phase < WEFT_RUN_DONE
      && now_us - self->states_us < MANY_TASKS_US)
    return;
  self->states_us = moment == NULL ? now_us : 0; /* back from then they are read at once */
  weftline_graph_look_states (model, moment, n, self->states);
}

/* (nullable): what stands out */
static const WeftlineTaskSet *
marked_tasks (WeftlineTaskGraph *self)
{
  const WeftlineTaskSet *set = _weftline_task_graph_is_running (self)
                                   ? weftline_session_marked (self->session)
                                   : self->before.marked;

  return set != NULL && set->n_tasks >= weftline_graph_scene_n_tasks (self->scene) ? set : NULL;
}

/* (nullable): by task */
static const float *
take_values (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;

  if (!self->has_value)
    return NULL;
  if (self->n_valued != self->n_placed)
    weftline_graph_look_set_values (&self->look, _weftline_task_graph_model (self, &snapshot),
                                    self->n_placed, self->value);
  self->n_valued = self->n_placed;
  return self->look.n_values >= weftline_graph_scene_n_tasks (self->scene) ? self->look.values
                                                                           : NULL;
}

/* The tasks of a group that stands out need not be counted: it is known which. */
static void
take_groups (WeftlineTaskGraph *self, const WeftlineTaskSet *marked, WeftlineSceneFacts *facts)
{
  weftline_graph_look_groups (&self->look, weftline_graph_scene_n_tasks (self->scene),
                              marked_group (self) == WEFT_NONE ? marked : NULL, self->groups);
  facts->groups = (const WeftlineSceneCell *) (const void *) self->groups->data;
  facts->n_groups = self->groups->len;
}

/* By task, or where groups are all that is seen, by group. */
static void
take_facts (WeftlineTaskGraph *self, WeftlineSceneFacts *facts)
{
  const WeftlineTaskSet *marked = marked_tasks (self);

  facts->marked = marked != NULL ? marked->bits : NULL;
  facts->values = take_values (self);
  self->is_marked = facts->marked != NULL;
  if (weftline_graph_scene_mode (self->scene, &self->viewport) == WEFTLINE_SCENE_GROUPS)
    {
      take_groups (self, marked, facts);
      return;
    }
  take_states (self);
  facts->states = self->states->data;
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

/* In the upper corner where lines begin, above what is drawn: what it is that is shown, where that
 * is not what was asked for. */
static void
show_words (GtkWidget *widget, GtkSnapshot *snapshot, const WeftlinePalette *palette)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (widget);
  bool is_waiting = self->placing != NULL && weftline_graph_scene_is_far (self->scene);
  const char *text = is_waiting ? _ ("The graph is being laid out") : dot_words (self);
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
  uint32_t group = marked_group (self);
  bool is_running = _weftline_task_graph_is_running (self);
  WeftlineGraphPainting painting = { .selected = _weftline_task_graph_selected_task (self),
                                     .hovered = is_running
                                                    ? weftline_session_hover_task (self->session)
                                                    : self->before.hover_task,
                                     .has_lineage = self->is_marked,
                                     .has_group = group != WEFT_NONE,
                                     .group = group,
                                     .value_most = self->look.value_most };

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

static char *
dup_selection (WeftlineTaskGraph *self)
{
  return _weftline_task_graph_is_running (self)
             ? weftline_session_dup_selection_text (self->session)
             : weftline_graph_before_dup_text (&self->before);
}

/* (transfer full): what was cut off; "": nothing */
static char *
dup_interrupted (WeftlineTaskGraph *self)
{
  uint32_t n = weftline_graph_look_n_interrupted (&self->look);
  g_autofree char *count = weftline_format_count (n);

  if (n == 0)
    return g_strdup ("");
  /* Translators: of tasks, so many */
  return g_strdup_printf (
      ngettext ("%s ran when the run was interrupted", "%s ran when the run was interrupted", n),
      count);
}

static void
take_look (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;

  self->look.model = _weftline_task_graph_model (self, &snapshot);
  self->look.moment = weftline_session_moment (self->session);
  self->look.n_groups = snapshot->n_groups;
}

/* How much is shown to all, what is selected to those who do not see it. */
void
_weftline_task_graph_describe (WeftlineTaskGraph *self)
{
  g_autofree char *frame = self->n_placed > 0 && self->frame.n_tasks > 0
                               ? weftline_scene_frame_dup_summary (&self->frame)
                               : g_strdup ("");
  g_autofree char *selection = dup_selection (self);
  g_autofree char *time = weftline_session_dup_time_text (self->session);
  const char *dot = dot_words (self);
  g_autofree char *cut = NULL;
  g_autofree char *text = NULL;

  take_look (self);
  cut = dup_interrupted (self);
  text = g_strconcat (time, *time != 0 ? " · " : "", frame, *cut != 0 ? " · " : "", cut,
                      *selection != 0 ? " · " : "", selection, dot != NULL ? " · " : "", dot, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Task graph"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  take_figures (self, g_steal_pointer (&frame));
}

static gboolean
describe_cb (void *data)
{
  WeftlineTaskGraph *self = data;

  self->describing = 0;
  _weftline_task_graph_describe (self);
  return G_SOURCE_REMOVE;
}

/* Once this picture is drawn, where it shows something else than what was told of. */
static void
describe_later (WeftlineTaskGraph *self)
{
  const WeftlineSceneFrame *frame = &self->frame;

  if (self->described.mode == frame->mode && self->described.n_tasks == frame->n_tasks
      && self->described.n_visible == frame->n_visible
      && self->described.is_waiting == frame->is_waiting)
    return;
  self->described = (WeftlineSceneFrame){ .mode = frame->mode,
                                          .is_waiting = frame->is_waiting,
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

  take_look (self);
  self->look.zoom = weftline_text_zoom_of (widget);
  self->look.rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  foot = weftline_graph_look_foot (&self->look, width, height);
  if (width <= 0 || height <= foot)
    return;
  self->look.palette = weftline_palette (weftline_session_look (self->session)->palette, dark);
  _weftline_task_graph_place_next (self); /* what there is before the run comes when it is wanted */
  if (self->n_placed == 0)
    {
      show_empty (widget, snapshot, self->look.palette);
      return;
    }
  if (self->fitted)
    weftline_graph_scene_fit (self->scene, width, height - foot, &self->viewport);
  self->viewport.width_px = width;
  self->viewport.height_px = height - foot;
  take_facts (self, &facts);
  weftline_graph_scene_frame (self->scene, &self->viewport, &facts, &self->frame);
  describe_later (self);
  _weftline_task_graph_place_next (self); /* tasks, once somebody is near them */
  _weftline_task_graph_rest (self, self->frame.mode == WEFTLINE_SCENE_GROUPS);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  paint (self, cr);
  cairo_destroy (cr);
  show_words (widget, snapshot, self->look.palette);
}

/* ---- what it shows --------------------------------------------------------------------------- */

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

void
weftline_task_graph_fit (WeftlineTaskGraph *self)
{
  self->fitted = true;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const WeftlineViewport *
weftline_task_graph_get_viewport (WeftlineTaskGraph *self)
{
  return self->fitted || weftline_graph_scene_is_far (self->scene) ? NULL : &self->viewport;
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
weftline_task_graph_unmap (GtkWidget *widget)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (widget);

  GTK_WIDGET_CLASS (weftline_task_graph_parent_class)->unmap (widget);
  if (self->session != NULL) /* it is not being done away with */
    _weftline_task_graph_rest (self, true);
}

static void
weftline_task_graph_dispose (GObject *object)
{
  WeftlineTaskGraph *self = WEFTLINE_TASK_GRAPH (object);

  g_clear_handle_id (&self->describing, g_source_remove);
  g_clear_handle_id (&self->resting, g_source_remove);
  g_clear_handle_id (&self->placing_again, g_source_remove);
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
  g_ptr_array_unref (self->kept);
  weftline_graph_look_clear (&self->look);
  g_byte_array_unref (self->states);
  g_array_unref (self->groups);
  weftline_graph_before_clear (&self->before);
  G_OBJECT_CLASS (weftline_task_graph_parent_class)->finalize (object);
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
  GTK_WIDGET_CLASS (class)->query_tooltip = _weftline_task_graph_query_tooltip;
  GTK_WIDGET_CLASS (class)->unmap = weftline_task_graph_unmap;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "taskgraph");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_IMG);
  _weftline_task_graph_add_actions (class);
}

static void
weftline_task_graph_init (WeftlineTaskGraph *self)
{
  self->scene = weftline_graph_scene_new ();
  weftline_scene_frame_init (&self->frame);
  self->kept = g_ptr_array_new_with_free_func (g_free);
  weftline_graph_look_init (&self->look);
  self->states = g_byte_array_new ();
  self->groups = g_array_new (FALSE, FALSE, sizeof (WeftlineSceneCell));
  weftline_graph_before_init (&self->before);
  self->fitted = true;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  _weftline_task_graph_add_controllers (self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

static void
selection_cb (WeftlineTaskGraph *self)
{
  _weftline_task_graph_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What was selected before the run is selected in it. */
static void
hand_over_selection (WeftlineTaskGraph *self, bool same)
{
  WeftModel *model = weftline_session_model (self->session);
  WeftlineGraphBefore *before = &self->before;
  uint32_t task = before->task, group = before->group;
  WeftlineLineage lineage = before->lineage;

  weftline_graph_before_clear (before);
  if (!same)
    return;
  if (task != WEFT_NONE)
    weftline_session_select_task (self->session, weft_model_task_of (model, 0, task));
  else if (group != WEFT_NONE)
    weftline_session_select_group (self->session, group);
  if (task != WEFT_NONE && lineage != WEFTLINE_LINEAGE_NONE)
    weftline_session_set_lineage (self->session, lineage);
}

/* It has come, or the run's own graph is there in its place. */
static void
preview_cb (WeftlineTaskGraph *self)
{
  const WeftModelSnapshot *snapshot;

  if (self->is_preview
      && _weftline_task_graph_model (self, &snapshot) == weftline_session_model (self->session))
    {
      bool same = _weftline_task_graph_take_over (self);

      self->is_preview = false;
      self->n_valued = 0;
      hand_over_selection (self, same);
      if (!same)
        _weftline_task_graph_place_anew (self);
    }
  take_look (self); /* tooltips may come before the picture */
  _weftline_task_graph_place_next (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
snapshot_cb (WeftlineTaskGraph *self)
{
  if (weftline_session_only_time_passed (self->session))
    return;
  _weftline_task_graph_describe (self);
  _weftline_task_graph_place_next (self);
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
  g_signal_connect_swapped (session, "reveal", G_CALLBACK (_weftline_task_graph_reveal), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}
