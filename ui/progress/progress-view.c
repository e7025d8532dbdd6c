/* progress-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "progress/progress-view.h"

#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "progress/progress-paint.h"
#include "progress/progress-source.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define SCROLL_STEP WEFTLINE_PROGRESS_ROW

struct _WeftlineProgressView
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineProgressLayout layout;
  WeftlineProgressSource source;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  GArray *n_marked; /* of uint32_t */
  WeftlineProgressSort sort;
  int scroll;
  int scrolled;     /* as it was laid out */
  bool has_pointer; /* on it */
  bool reveals;     /* what is selected, until somebody scrolls */
};

G_DEFINE_FINAL_TYPE (WeftlineProgressView, weftline_progress_view, GTK_TYPE_WIDGET)

/* ---- input ----------------------------------------------------------------------------------- */

static void
take_groups (WeftlineProgressView *self)
{
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  WeftModel *model = NULL;

  if (gtk_widget_get_mapped (GTK_WIDGET (self))) /* else nobody wants to see it yet */
    model = weftline_session_preview (self->session, &snapshot);
  weftline_progress_source_take (&self->source,
                                 model != NULL ? model : weftline_session_model (self->session),
                                 snapshot, weftline_session_moment (self->session));
}

/* The group's index, where it is the model's number: they are the same. */
static uint32_t
hovered (WeftlineProgressView *self)
{
  return weftline_session_hover_group (self->session);
}

/* The selected group, or that of the selected task. */
static uint32_t
selected (WeftlineProgressView *self)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  WeftModel *model = weftline_session_model (self->session);

  if (selection->task == WEFT_NONE || model == NULL)
    return selection->group;
  return weft_model_task_group (model, selection->task);
}

static void
lay_out_from (WeftlineProgressView *self, int scroll)
{
  self->scrolled = scroll;
  weftline_progress_source_layout (
      &self->source, self->sort, gtk_widget_get_width (GTK_WIDGET (self)),
      gtk_widget_get_height (GTK_WIDGET (self)), scroll, &self->layout);
}

/* What another view points at, or what is selected, has to be in view, for as long as it is. */
static void
lay_out (WeftlineProgressView *self)
{
  uint32_t group = hovered (self);
  const uint32_t *order;

  lay_out_from (self, self->scroll);
  if (group == WEFT_NONE && self->reveals)
    group = selected (self);
  if (self->has_pointer || group == WEFT_NONE)
    return;
  order = (const uint32_t *) (void *) self->source.order->data;
  for (uint32_t i = 0; i < self->layout.n_groups; i++)
    if (order[i] == group)
      {
        lay_out_from (self, weftline_progress_reveal (&self->layout, i, self->scroll));
        return;
      }
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
ensure_text (WeftlineProgressView *self)
{
  weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale);
}

/* (nullable) (transfer none): how many tasks of each group stand out; NULL: it is a group, which
 * has its own look, or nothing */
static const uint32_t *
count_marked (WeftlineProgressView *self)
{
  const WeftlineTaskSet *set = weftline_session_marked (self->session);
  WeftModel *model = weftline_session_model (self->session);

  if (set == NULL || weftline_session_marked_group (self->session) != WEFT_NONE)
    return NULL;
  g_array_set_size (self->n_marked, 0);
  g_array_set_size (self->n_marked, self->source.groups->len);
  for (uint32_t word = 0; word < (set->n_tasks + 63) / 64; word++)
    for (uint64_t bits = set->bits[word]; bits != 0; bits &= bits - 1)
      {
        uint32_t group =
            weft_model_task_group (model, word * 64 + (uint32_t) __builtin_ctzll (bits));

        if (group < self->n_marked->len)
          g_array_index (self->n_marked, uint32_t, group)++;
      }
  return (const uint32_t *) (void *) self->n_marked->data;
}

/* How long it still takes, or took, as of what is shown. (transfer full) (nullable) */
static char *
left_text (WeftlineProgressView *self, bool band)
{
  char *elapsed = weftline_progress_elapsed_text (self->source.elapsed_ns);

  return elapsed != NULL ? elapsed : weftline_session_dup_left_text (self->session, band);
}

static void
weftline_progress_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineProgressView *self = WEFTLINE_PROGRESS_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const WeftlinePalette *palette =
      weftline_palette (weftline_session_look (self->session)->palette, dark);
  g_autofree char *left = NULL;
  g_autofree char *left_short = NULL;
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  ensure_text (self);
  take_groups (self);
  left = left_text (self, true);
  left_short = left_text (self, false);
  weftline_progress_source_color (&self->source, palette);
  lay_out (self);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_progress_paint (
      &(WeftlineProgressPaint){ .layout = &self->layout,
                                .groups = (const void *) self->source.groups->data,
                                .colors = (const uint32_t *) (void *) self->source.colors->data,
                                .rate = (const double *) (void *) self->source.rates->data,
                                .left = left,
                                .left_short = left_short,
                                .palette = palette,
                                .text = self->text,
                                .hover = hovered (self),
                                .selected = selected (self),
                                .n_marked = count_marked (self),
                                .rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- input from people ----------------------------------------------------------------------- */

/* The model's number of the group at a place; WEFT_NONE: none, or all tasks, or no run's yet. */
static uint32_t
group_at (WeftlineProgressView *self, double x, double y)
{
  int row = weftline_session_model (self->session) == NULL
                ? -1
                : weftline_progress_hit (&self->layout, (int) x, (int) y);

  return row > 0 ? g_array_index (self->layout.rows, WeftlineProgressRow, row).group : WEFT_NONE;
}

static void
motion_cb (WeftlineProgressView *self, double x, double y)
{
  if (!self->has_pointer) /* what it comes to stays where it is */
    self->scroll = self->scrolled;
  self->has_pointer = true;
  weftline_session_set_hover (self->session, WEFT_NONE, group_at (self, x, y));
}

static void
leave_cb (WeftlineProgressView *self)
{
  self->has_pointer = false;
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
}

static void
click_cb (WeftlineProgressView *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  weftline_session_select_group (self->session, group_at (self, x, y));
}

static gboolean
scroll_cb (WeftlineProgressView *self, double dx G_GNUC_UNUSED, double dy)
{
  self->scroll = CLAMP (self->scroll + (int) (dy * SCROLL_STEP), 0, self->layout.most_scroll);
  self->reveals = false;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The place of the selected group in the order that is shown; -1: that of all tasks, or none. */
static int64_t
selected_place (WeftlineProgressView *self)
{
  const uint32_t *order = (const uint32_t *) (void *) self->source.order->data;
  uint32_t group = selected (self);

  for (uint32_t i = 0; i < self->layout.n_groups; i++)
    if (order[i] == group)
      return i;
  return -1;
}

/* @place: -1: that of all tasks, which selects no group */
static void
select_place (WeftlineProgressView *self, int64_t place)
{
  const uint32_t *order = (const uint32_t *) (void *) self->source.order->data;

  if (weftline_session_model (self->session) == NULL)
    return; /* the run has not begun */
  place = CLAMP (place, -1, (int64_t) self->layout.n_groups - 1);
  self->has_pointer = false; /* what is selected comes into view, wherever that rests */
  weftline_session_select_group (self->session, place >= 0 ? order[place] : WEFT_NONE);
}

/* As a click would: without a selection, the first group that is in view. */
static void
activate (WeftlineProgressView *self)
{
  int64_t place = selected_place (self);

  select_place (self, place >= 0 ? place : self->scrolled / WEFTLINE_PROGRESS_ROW);
}

static gboolean
do_key (WeftlineProgressView *self, guint key)
{
  int64_t place = selected_place (self), page = MAX (self->layout.n_shown, 1);

  switch (key)
    {
    case GDK_KEY_Up:
    case GDK_KEY_Down:
      select_place (self, place + (key == GDK_KEY_Down ? 1 : -1));
      return TRUE;
    case GDK_KEY_Page_Up:
    case GDK_KEY_Page_Down:
      select_place (self, MAX (place + (key == GDK_KEY_Page_Down ? page : -page), 0));
      return TRUE;
    case GDK_KEY_Home:
      select_place (self, 0);
      return TRUE;
    case GDK_KEY_End:
      select_place (self, self->layout.n_groups);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
    case GDK_KEY_space:
      activate (self);
      return TRUE;
    case GDK_KEY_Escape:
      weftline_session_select_nothing (self->session);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
key_cb (WeftlineProgressView *self, guint key, guint code G_GNUC_UNUSED, GdkModifierType modifiers)
{
  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return FALSE;
  return do_key (self, key);
}

/* What keys do can be asked for by name, too. */
static const struct
{
  const char *name;
  guint key;
} actions[] = {
  { "progress.next-group", GDK_KEY_Down },     { "progress.previous-group", GDK_KEY_Up },
  { "progress.first-group", GDK_KEY_Home },    { "progress.last-group", GDK_KEY_End },
  { "progress.select-group", GDK_KEY_Return }, { "progress.select-nothing", GDK_KEY_Escape },
};

static void
action_cb (GtkWidget *widget, const char *name, GVariant *target G_GNUC_UNUSED)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      do_key (WEFTLINE_PROGRESS_VIEW (widget), actions[i].key);
}

/* In sight; else that of all tasks. */
static int
selected_row (WeftlineProgressView *self)
{
  uint32_t group = selected (self);

  for (guint i = 1; i < self->layout.rows->len; i++)
    if (g_array_index (self->layout.rows, WeftlineProgressRow, i).group == group)
      return (int) i;
  return 0;
}

/* What a row says in full, also where there is no room for it. */
static gboolean
weftline_progress_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                      GtkTooltip *tooltip)
{
  WeftlineProgressView *self = WEFTLINE_PROGRESS_VIEW (widget);
  int index = keyboard ? selected_row (self) : weftline_progress_hit (&self->layout, x, y);
  const WeftlineProgressRow *row;
  g_autofree char *text = NULL;

  if (index < 0 || (guint) index >= self->layout.rows->len)
    return FALSE;
  row = &g_array_index (self->layout.rows, WeftlineProgressRow, index);
  text = weftline_progress_row_text (
      row, row->group == WEFT_NONE
               ? _ ("all tasks")
               : g_array_index (self->source.groups, WeftlineProgressGroup, row->group).name);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

void
weftline_progress_view_set_sort (WeftlineProgressView *self, WeftlineProgressSort sort)
{
  self->sort = sort;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

WeftlineProgressSort
weftline_progress_view_get_sort (WeftlineProgressView *self)
{
  return self->sort;
}

/* ---- in words -------------------------------------------------------------------------------- */

/* To those who do not see it. */
static void
describe (WeftlineProgressView *self)
{
  g_autofree char *row = NULL;
  g_autofree char *left = left_text (self, true);
  g_autofree char *selection = weftline_session_dup_selection_text (self->session);
  g_autofree char *time = weftline_session_dup_time_text (self->session);
  g_autofree char *text = NULL;

  row = weftline_progress_row_text (&g_array_index (self->layout.rows, WeftlineProgressRow, 0),
                                    _ ("all tasks"));
  text = g_strconcat (time, *time != 0 ? " · " : "", row, left != NULL ? ", " : "",
                      left != NULL ? left : "", *selection != 0 ? " · " : "", selection, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_progress_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                                int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                                int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL
                 ? 160
                 : WEFTLINE_PROGRESS_HEAD + WEFTLINE_PROGRESS_ROW + WEFTLINE_PROGRESS_FOOT;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 300 : 8 * WEFTLINE_PROGRESS_ROW;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_progress_view_dispose (GObject *object)
{
  WeftlineProgressView *self = WEFTLINE_PROGRESS_VIEW (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_progress_view_parent_class)->dispose (object);
}

static void
weftline_progress_view_finalize (GObject *object)
{
  WeftlineProgressView *self = WEFTLINE_PROGRESS_VIEW (object);

  weftline_progress_layout_clear (&self->layout);
  weftline_progress_source_clear (&self->source);
  weftline_text_cache_free (self->text);
  g_array_unref (self->n_marked);
  G_OBJECT_CLASS (weftline_progress_view_parent_class)->finalize (object);
}

static void
weftline_progress_view_class_init (WeftlineProgressViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_progress_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_progress_view_finalize;
  GTK_WIDGET_CLASS (class)->snapshot = weftline_progress_view_snapshot;
  GTK_WIDGET_CLASS (class)->measure = weftline_progress_view_measure;
  GTK_WIDGET_CLASS (class)->query_tooltip = weftline_progress_view_query_tooltip;
  for (unsigned i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (class), actions[i].name, NULL, action_cb);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "progressview");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weftline_progress_view_init (WeftlineProgressView *self)
{
  weftline_progress_layout_init (&self->layout);
  weftline_progress_source_init (&self->source);
  self->n_marked = g_array_new (FALSE, TRUE, sizeof (uint32_t));
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_VERTICAL,
                                                 .click = G_CALLBACK (click_cb) });
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

static void
selection_cb (WeftlineProgressView *self)
{
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
reveal_cb (WeftlineProgressView *self)
{
  self->reveals = true;
  lay_out (self);
  selection_cb (self);
}

static void
snapshot_cb (WeftlineProgressView *self)
{
  if (weftline_session_only_time_passed (self->session))
    return;
  take_groups (self);
  lay_out (self);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
weftline_progress_view_new (WeftlineSession *session)
{
  WeftlineProgressView *self = g_object_new (WEFTLINE_TYPE_PROGRESS_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "left-changed", G_CALLBACK (selection_cb), self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "preview-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (reveal_cb), self);
  g_signal_connect_swapped (session, "hover-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}
