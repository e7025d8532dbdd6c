/* progress-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "progress/progress-view.h"

#include "progress/progress-paint.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define SCROLL_STEP 40

struct _WeftlineProgressView
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineProgressLayout layout;
  WeftlineGroupColors *slots;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  GArray *groups; /* WeftlineProgressGroup */
  GArray *slot_of_group;
  GArray *colors; /* uint32_t */
  GArray *order;  /* uint32_t */
  WeftlineProgressSort sort;
  int scroll;
};

G_DEFINE_FINAL_TYPE (WeftlineProgressView, weftline_progress_view, GTK_TYPE_WIDGET)

/* ---- input ----------------------------------------------------------------------------------- */

static void
take_groups (WeftlineProgressView *self)
{
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  WeftModel *model = weftline_session_model (self->session);

  g_array_set_size (self->groups, snapshot->n_groups);
  for (uint32_t i = 0; i < snapshot->n_groups; i++)
    {
      WeftlineProgressGroup *group = &g_array_index (self->groups, WeftlineProgressGroup, i);
      WeftModelGroup info;

      weft_model_group (model, i, &info);
      *group = (WeftlineProgressGroup){ .name = info.name,
                                        .number = i,
                                        .n_tasks = info.n_tasks,
                                        .busy_ns = info.busy_ns,
                                        .n_ended = info.n_ended };
      memcpy (group->n_states, info.n_states, sizeof group->n_states);
      if (i >= self->slot_of_group->len)
        {
          unsigned slot = weftline_group_colors_add (self->slots, info.name);

          g_array_append_val (self->slot_of_group, slot);
        }
    }
}

static void
take_colors (WeftlineProgressView *self, const WeftlinePalette *palette)
{
  g_array_set_size (self->colors, self->groups->len);
  for (guint i = 0; i < self->groups->len; i++)
    g_array_index (self->colors, uint32_t, i) = weftline_palette_group (
        palette, g_array_index (self->groups, WeftlineProgressGroup, i).name,
        g_array_index (self->slot_of_group, unsigned, i));
}

static void
lay_out (WeftlineProgressView *self)
{
  const WeftlineProgressGroup *groups = (const void *) self->groups->data;
  int width = gtk_widget_get_width (GTK_WIDGET (self));
  int height = gtk_widget_get_height (GTK_WIDGET (self));

  g_array_set_size (self->order, self->groups->len);
  weftline_progress_sort (groups, self->groups->len, self->sort,
                          (uint32_t *) (void *) self->order->data);
  weftline_progress_layout (&self->layout, groups, self->groups->len,
                            (const uint32_t *) (void *) self->order->data, width, height,
                            self->scroll);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
ensure_text (WeftlineProgressView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int scale = gtk_widget_get_scale_factor (widget);
  g_autofree char *font = NULL;

  if (self->text != NULL && self->text_scale == scale)
    return;
  font = pango_font_description_to_string (
      pango_context_get_font_description (gtk_widget_get_pango_context (widget)));
  weftline_text_cache_free (self->text);
  self->text =
      weftline_text_cache_new (font, scale, gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL);
  self->text_scale = scale;
}

/* The group's index, where it is the model's number: they are the same. */
static uint32_t
hovered (WeftlineProgressView *self)
{
  return weftline_session_hover_group (self->session);
}

static void
weftline_progress_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineProgressView *self = WEFTLINE_PROGRESS_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const WeftlinePalette *palette =
      weftline_palette (weftline_session_look (self->session)->palette, dark);
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  ensure_text (self);
  take_groups (self);
  take_colors (self, palette);
  lay_out (self);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_progress_paint (
      &(WeftlineProgressPaint){ .layout = &self->layout,
                                .groups = (const void *) self->groups->data,
                                .colors = (const uint32_t *) (void *) self->colors->data,
                                .palette = palette,
                                .text = self->text,
                                .hover = hovered (self),
                                .selected = weftline_session_selection (self->session)->group,
                                .rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- input from people ----------------------------------------------------------------------- */

/* The model's number of the group at a place; WEFT_NONE: none, or all tasks. */
static uint32_t
group_at (WeftlineProgressView *self, double x, double y)
{
  int row = weftline_progress_hit (&self->layout, (int) x, (int) y);

  return row > 0 ? g_array_index (self->layout.rows, WeftlineProgressRow, row).group : WEFT_NONE;
}

static void
motion_cb (WeftlineProgressView *self, double x, double y)
{
  weftline_session_set_hover (self->session, WEFT_NONE, group_at (self, x, y));
}

static void
leave_cb (WeftlineProgressView *self)
{
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
}

static void
click_cb (WeftlineProgressView *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  weftline_session_select_group (self->session, group_at (self, x, y));
}

static gboolean
scroll_cb (WeftlineProgressView *self, double dx G_GNUC_UNUSED, double dy)
{
  int room = self->layout.content_height - self->layout.height;

  self->scroll = CLAMP (self->scroll + (int) (dy * SCROLL_STEP), 0, MAX (room, 0));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return TRUE;
}

void
weftline_progress_view_set_sort (WeftlineProgressView *self, WeftlineProgressSort sort)
{
  self->sort = sort;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_progress_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                                int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                                int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 2 * WEFTLINE_PROGRESS_ROW;
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
  weftline_group_colors_free (self->slots);
  weftline_text_cache_free (self->text);
  g_array_unref (self->groups);
  g_array_unref (self->slot_of_group);
  g_array_unref (self->colors);
  g_array_unref (self->order);
  G_OBJECT_CLASS (weftline_progress_view_parent_class)->finalize (object);
}

static void
weftline_progress_view_class_init (WeftlineProgressViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_progress_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_progress_view_finalize;
  GTK_WIDGET_CLASS (class)->snapshot = weftline_progress_view_snapshot;
  GTK_WIDGET_CLASS (class)->measure = weftline_progress_view_measure;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "progressview");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
weftline_progress_view_init (WeftlineProgressView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *click = gtk_gesture_click_new ();

  weftline_progress_layout_init (&self->layout);
  self->slots = weftline_group_colors_new ();
  self->groups = g_array_new (FALSE, TRUE, sizeof (WeftlineProgressGroup));
  self->slot_of_group = g_array_new (FALSE, FALSE, sizeof (unsigned));
  self->colors = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  self->order = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (click_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

static void
snapshot_cb (WeftlineProgressView *self)
{
  g_autofree char *text = NULL;

  take_groups (self);
  lay_out (self);
  text = weftline_progress_row_text (&g_array_index (self->layout.rows, WeftlineProgressRow, 0),
                                     _ ("all tasks"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
weftline_progress_view_new (WeftlineSession *session)
{
  WeftlineProgressView *self = g_object_new (WEFTLINE_TYPE_PROGRESS_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "hover-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}
