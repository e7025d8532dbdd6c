/* where-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The account takes in what is new with each snapshot, so much at a time; while more is left the
 * next frame goes on. The picture is drawn again when sums have changed by what can be seen.
 */
#include "config.h"

#include "where/where-view.h"

#include "canvas/widget-text.h"
#include "where/where-paint.h"
#include "where/where-words.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define SPANS_A_FRAME 50000
#define SCROLL_STEP 40

struct _WeftlineWhereView
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftModel *model;         /* of the account; not to be used otherwise */
  WeftTimeAccount *account; /* (nullable) */
  WeftTimeRow total;
  GArray *rows;  /* WeftTimeRow */
  char *awaited; /* (nullable) */
  uint32_t awaited_task;
  char *figures; /* (nullable) while there are no sums */
  WeftlineWhereLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  WeftlineWhereHit hover;
  guint tick;
  int scroll;
};

G_DEFINE_FINAL_TYPE (WeftlineWhereView, weftline_where_view, GTK_TYPE_WIDGET)

const WeftTimeAccount *
weftline_where_view_account (WeftlineWhereView *self)
{
  return self->account;
}

static bool
is_rtl (WeftlineWhereView *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
ensure_text (WeftlineWhereView *self)
{
  weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale, is_rtl (self));
}

static void
lay_out (WeftlineWhereView *self, int width, int height)
{
  const WeftTimeRow *rows = (const WeftTimeRow *) (void *) self->rows->data;
  int before, behind;

  weftline_where_measure (self->text, rows, self->rows->len, width, &before, &behind);
  weftline_where_layout (&self->layout, &self->total, rows, self->rows->len, width, height, before,
                         behind, self->scroll);
}

static void
weftline_where_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineWhereView *self = WEFTLINE_WHERE_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  ensure_text (self);
  lay_out (self, width, height);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_where_paint (
      &(WeftlineWherePaint){
          .layout = &self->layout,
          .total = &self->total,
          .rows = (const WeftTimeRow *) (void *) self->rows->data,
          .figures = self->figures,
          .awaited = self->awaited,
          .palette = weftline_palette (weftline_session_look (self->session)->palette, dark),
          .text = self->text,
          .hover = self->hover,
          .rtl = is_rtl (self) },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- input from the run ---------------------------------------------------------------------- */

static void
take_awaited (WeftlineWhereView *self)
{
  WeftTimeAwaited awaited;
  WeftModelGroup group = { .name = NULL };

  g_clear_pointer (&self->awaited, g_free);
  self->awaited_task = WEFT_NONE;
  if (weft_time_account_awaited (self->account, WEFT_NONE, &awaited, 1) == 0)
    return;
  self->awaited_task = awaited.longest_task;
  if (awaited.group < WEFT_NO_GROUP)
    weft_model_group (self->model, awaited.group, &group);
  self->awaited = g_strdup (group.name);
}

/* Returns: whether anything is another */
static bool
take_rows (WeftlineWhereView *self)
{
  uint32_t n = weft_time_account_n_rows (self->account);
  WeftTimeRow total;
  bool changed;

  weft_time_account_total (self->account, &total);
  changed = n != self->rows->len || memcmp (&total, &self->total, sizeof total) != 0;
  self->total = total;
  g_array_set_size (self->rows, n);
  for (uint32_t i = 0; i < n; i++)
    weft_time_account_row (self->account, i, &g_array_index (self->rows, WeftTimeRow, i));
  return changed;
}

static void
tell (WeftlineWhereView *self)
{
  g_autofree char *summary = weftline_where_summary (self->account);

  g_free (self->figures);
  self->figures = weftline_where_figures (self->account);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  summary, -1);
}

static gboolean go_on_cb (GtkWidget *widget, GdkFrameClock *clock, void *data);

static void
update (WeftlineWhereView *self)
{
  WeftModel *model = weftline_session_model (self->session);
  bool all;

  if (model == NULL)
    return;
  if (model != self->model)
    {
      weft_time_account_free (self->account);
      self->model = model;
      self->account = weft_time_account_new (model);
    }
  all = weft_time_account_update (self->account, weftline_session_snapshot (self->session),
                                  SPANS_A_FRAME);
  if (!all && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), go_on_cb, NULL, NULL);
  if (!take_rows (self))
    return;
  take_awaited (self);
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
go_on_cb (GtkWidget *widget, GdkFrameClock *clock G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  WeftlineWhereView *self = WEFTLINE_WHERE_VIEW (widget);

  self->tick = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* ---- input from people ----------------------------------------------------------------------- */

static bool
hit (WeftlineWhereView *self, double x, double y, WeftlineWhereHit *found)
{
  int at = is_rtl (self) ? self->layout.width - 1 - (int) x : (int) x;

  return self->account != NULL && weftline_where_hit (&self->layout, at, (int) y, found);
}

static void
motion_cb (WeftlineWhereView *self, double x, double y)
{
  WeftlineWhereHit now;

  hit (self, x, y, &now);
  if (now.has_use == self->hover.has_use && now.use == self->hover.use
      && now.row == self->hover.row)
    return;
  self->hover = now;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (WeftlineWhereView *self)
{
  self->hover = (WeftlineWhereHit){ .row = WEFT_NONE };
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
click_cb (WeftlineWhereView *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  WeftTimeAwaited awaited;
  WeftlineWhereHit now;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (hit (self, x, y, &now) && now.has_use && now.use == WEFT_TIME_NO_TASK
      && weft_time_account_awaited (self->account, now.row, &awaited, 1) > 0)
    weftline_session_select_task (self->session, awaited.longest_task);
}

static gboolean
scroll_by (WeftlineWhereView *self, double steps)
{
  int room = MAX (self->layout.content_height - self->layout.height, 0);

  self->scroll = CLAMP (self->scroll + (int) (steps * SCROLL_STEP), 0, room);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return room > 0;
}

static gboolean
scroll_cb (WeftlineWhereView *self, double dx G_GNUC_UNUSED, double dy)
{
  return scroll_by (self, dy);
}

static gboolean
key_cb (WeftlineWhereView *self, guint key)
{
  double page = self->layout.height / (double) SCROLL_STEP;

  switch (key)
    {
    case GDK_KEY_Up:
      return scroll_by (self, -1);
    case GDK_KEY_Down:
      return scroll_by (self, 1);
    case GDK_KEY_Page_Up:
      return scroll_by (self, -page);
    case GDK_KEY_Page_Down:
      return scroll_by (self, page);
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (self->awaited_task != WEFT_NONE)
        weftline_session_select_task (self->session, self->awaited_task);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
weftline_where_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                   GtkTooltip *tooltip)
{
  WeftlineWhereView *self = WEFTLINE_WHERE_VIEW (widget);
  WeftlineWhereHit now = { .row = WEFT_NONE };
  g_autofree char *text = NULL;

  if (self->account == NULL || self->total.total_ns == 0 || (!keyboard && !hit (self, x, y, &now)))
    return FALSE;
  text = weftline_where_explain (self->account, self->model, now.row,
                                 now.has_use ? now.use : WEFT_TIME_N_USES);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_where_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                             int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                             int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL
                 ? 160
                 : WEFTLINE_WHERE_TOP + 2 * WEFTLINE_WHERE_ENTRY;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL
                 ? 300
                 : WEFTLINE_WHERE_TOP + 8 * WEFTLINE_WHERE_ENTRY;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_where_view_dispose (GObject *object)
{
  WeftlineWhereView *self = WEFTLINE_WHERE_VIEW (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_where_view_parent_class)->dispose (object);
}

static void
weftline_where_view_finalize (GObject *object)
{
  WeftlineWhereView *self = WEFTLINE_WHERE_VIEW (object);

  weft_time_account_free (self->account);
  weftline_where_layout_clear (&self->layout);
  weftline_text_cache_free (self->text);
  g_array_unref (self->rows);
  g_free (self->awaited);
  g_free (self->figures);
  G_OBJECT_CLASS (weftline_where_view_parent_class)->finalize (object);
}

static void
weftline_where_view_class_init (WeftlineWhereViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_where_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_where_view_finalize;
  widget_class->snapshot = weftline_where_view_snapshot;
  widget_class->measure = weftline_where_view_measure;
  widget_class->query_tooltip = weftline_where_view_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "whereview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
add_controllers (WeftlineWhereView *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkEventController *scroll =
      gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect_swapped (click, "released", G_CALLBACK (click_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

static void
weftline_where_view_init (WeftlineWhereView *self)
{
  weftline_where_layout_init (&self->layout);
  self->rows = g_array_new (FALSE, FALSE, sizeof (WeftTimeRow));
  self->hover.row = self->awaited_task = WEFT_NONE;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Where the time goes"), -1);
  add_controllers (self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

GtkWidget *
weftline_where_view_new (WeftlineSession *session)
{
  WeftlineWhereView *self = g_object_new (WEFTLINE_TYPE_WHERE_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  update (self);
  return GTK_WIDGET (self);
}
