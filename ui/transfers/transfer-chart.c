/* transfer-chart.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-chart.h"

#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "session/weftline-turn.h"
#include "transfers/transfer-paint.h"
#include "transfers/transfer-words.h"
#include "transfers/transfer-work.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _WeftlineTransferChart
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineTransferWork *work;
  WeftlineTransferMeasure measure;
  WeftlineTransferLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  WeftlineTransferHit hover;
  int scroll;
  gint64 updated_us;
  WeftlineTurn turn;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineTransferChart, weftline_transfer_chart, GTK_TYPE_WIDGET)

static const WeftlineTransferHit nowhere = { .kind = WEFTLINE_TRANSFER_NOTHING,
                                             .row = WEFTLINE_TRANSFER_ALL,
                                             .column = WEFTLINE_TRANSFER_ALL };

const WeftlineTransferMatrix *
weftline_transfer_chart_matrix (WeftlineTransferChart *self)
{
  return weftline_transfer_work_matrix (self->work);
}

bool
weftline_transfer_chart_is_busy (WeftlineTransferChart *self)
{
  return weftline_transfer_work_is_busy (self->work) || weftline_turn_is_wanted (&self->turn);
}

const WeftlineTransferLayout *
weftline_transfer_chart_layout (WeftlineTransferChart *self)
{
  return &self->layout;
}

static bool
is_rtl (WeftlineTransferChart *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
lay_out (WeftlineTransferChart *self, int width, int height)
{
  const WeftlineTransferMatrix *matrix = weftline_transfer_chart_matrix (self);
  WeftlineTransferRoom room;

  weftline_transfer_measure (self->text, matrix, &room);
  weftline_transfer_layout (&self->layout, matrix, width, height, &room, self->scroll);
  self->scroll = MIN (self->scroll, self->layout.most_scroll);
}

static void
weftline_transfer_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineTransferChart *self = WEFTLINE_TRANSFER_CHART (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  weftline_widget_text (widget, &self->text, &self->text_scale);
  lay_out (self, width, height);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_transfer_paint (
      &(WeftlineTransferPaint){
          .layout = &self->layout,
          .matrix = weftline_transfer_chart_matrix (self),
          .measure =
              weftline_transfer_measure_of (weftline_transfer_chart_matrix (self), self->measure),
          .palette = weftline_palette (weftline_session_look (self->session)->palette, dark),
          .text = self->text,
          .hover = self->hover,
          .is_over = weftline_session_snapshot (self->session)->phase >= WEFT_RUN_DONE,
          .rtl = is_rtl (self) },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- input from the run ---------------------------------------------------------------------- */

static void
tell (WeftlineTransferChart *self)
{
  g_autofree char *summary = weftline_transfer_summary (weftline_transfer_chart_matrix (self));
  g_autofree char *as_of = weftline_session_dup_time_text (self->session);
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  GString *text = g_string_new (summary);

  if (selection->to_ns > selection->from_ns)
    g_string_append_printf (text, "; %s", _ ("in the selected time"));
  if (as_of[0] != '\0')
    g_string_append_printf (text, "; %s", as_of);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_string_free (text, TRUE);
}

static void
work_cb (WeftlineTransferChart *self)
{
  self->hover = nowhere; /* there may be fewer rows */
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, changed_signal, 0);
}

static void
update (WeftlineTransferChart *self)
{
  WeftModel *model = weftline_session_model (self->session);
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  int64_t at_ns = weftline_session_time (self->session);
  bool is_range = selection->to_ns > selection->from_ns;
  int64_t from_ns = is_range ? selection->from_ns : INT64_MIN;
  int64_t to_ns = is_range ? selection->to_ns : INT64_MAX;

  self->updated_us = g_get_monotonic_time ();
  /* what ends at the moment that is looked at has ended by then */
  if (at_ns != WEFTLINE_NOW)
    to_ns = MIN (to_ns, at_ns + 1);
  if (model != NULL)
    weftline_transfer_work_ask (self->work, model, weftline_session_snapshot (self->session),
                                from_ns, to_ns);
}

static void
snapshot_cb (WeftlineTransferChart *self)
{
  weftline_turn_refresh (&self->turn, self->updated_us);
}

/* ---- input from people ----------------------------------------------------------------------- */

static void
set_hover (WeftlineTransferChart *self, const WeftlineTransferHit *hit)
{
  if (hit->kind == self->hover.kind && hit->row == self->hover.row
      && hit->column == self->hover.column && hit->type == self->hover.type)
    return;
  self->hover = *hit;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static WeftlineTransferHit
hit_at (WeftlineTransferChart *self, double x, double y)
{
  int at = is_rtl (self) ? self->layout.width - 1 - (int) x : (int) x;

  if (weftline_transfer_chart_matrix (self) == NULL)
    return nowhere;
  return weftline_transfer_hit (&self->layout, at, (int) y);
}

static void
motion_cb (WeftlineTransferChart *self, double x, double y)
{
  WeftlineTransferHit hit = hit_at (self, x, y);

  set_hover (self, &hit);
}

static void
leave_cb (WeftlineTransferChart *self)
{
  set_hover (self, &nowhere);
}

static void
activate (WeftlineTransferChart *self, const WeftlineTransferHit *hit)
{
  const WeftlineTransferMatrix *matrix = weftline_transfer_chart_matrix (self);
  WeftlineTransferCell cell;

  if (matrix == NULL || hit->kind == WEFTLINE_TRANSFER_NOTHING)
    return;
  if (hit->kind == WEFTLINE_TRANSFER_TYPE)
    {
      if (hit->type < matrix->n_types && matrix->types[hit->type].group != WEFT_NO_GROUP)
        weftline_session_select_group (self->session, matrix->types[hit->type].group);
      return;
    }
  weftline_transfer_matrix_sum (matrix, self->layout.row_of, hit->row, hit->column, &cell);
  if (cell.n > 0 && cell.longest_task != WEFT_NONE)
    weftline_session_reveal_task (self->session, cell.longest_task);
  weftline_transfer_cell_clear (&cell);
}

static void
click_cb (WeftlineTransferChart *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  WeftlineTransferHit hit = hit_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  activate (self, &hit);
}

static gboolean
scroll_by (WeftlineTransferChart *self, int n_lines)
{
  self->scroll = CLAMP (self->scroll + n_lines, 0, self->layout.most_scroll);
  self->hover = nowhere;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return self->layout.most_scroll > 0;
}

static gboolean
scroll_cb (WeftlineTransferChart *self, double dx G_GNUC_UNUSED, double dy)
{
  return scroll_by (self, dy > 0 ? 1 : -1);
}

/* From cell to cell; the first key goes to the first one. */
static gboolean
move (WeftlineTransferChart *self, int columns, int rows)
{
  int n = (int) self->layout.n_rows;
  WeftlineTransferHit hit = { .kind = WEFTLINE_TRANSFER_CELL };

  if (n == 0)
    return FALSE;
  if (self->hover.kind == WEFTLINE_TRANSFER_CELL)
    {
      hit.row = (uint32_t) CLAMP ((int) MIN (self->hover.row, (uint32_t) n) + rows, 0, n - 1);
      hit.column =
          (uint32_t) CLAMP ((int) MIN (self->hover.column, (uint32_t) n) + columns, 0, n - 1);
    }
  set_hover (self, &hit);
  return TRUE;
}

static gboolean
key_cb (WeftlineTransferChart *self, guint key)
{
  int along = is_rtl (self) ? -1 : 1;

  switch (key)
    {
    case GDK_KEY_Left:
      return move (self, -along, 0);
    case GDK_KEY_Right:
      return move (self, along, 0);
    case GDK_KEY_Up:
      return move (self, 0, -1);
    case GDK_KEY_Down:
      return move (self, 0, 1);
    case GDK_KEY_Page_Up:
      return scroll_by (self, -(int) self->layout.lines->len);
    case GDK_KEY_Page_Down:
      return scroll_by (self, (int) self->layout.lines->len);
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      activate (self, &self->hover);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
weftline_transfer_chart_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                       GtkTooltip *tooltip)
{
  WeftlineTransferChart *self = WEFTLINE_TRANSFER_CHART (widget);
  const WeftlineTransferMatrix *matrix = weftline_transfer_chart_matrix (self);
  WeftlineTransferHit hit = keyboard ? self->hover : hit_at (self, x, y);
  g_autofree char *text = NULL;

  if (matrix == NULL || matrix->total.n == 0)
    return FALSE;
  text = weftline_transfer_explain (matrix, &self->layout, &hit);
  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_transfer_chart_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                                 int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                                 int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 100;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 360 : 320;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_transfer_chart_dispose (GObject *object)
{
  WeftlineTransferChart *self = WEFTLINE_TRANSFER_CHART (object);

  weftline_turn_clear (&self->turn);
  if (self->work != NULL)
    g_signal_handlers_disconnect_by_data (self->work, self);
  g_clear_object (&self->work);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_transfer_chart_parent_class)->dispose (object);
}

static void
weftline_transfer_chart_finalize (GObject *object)
{
  WeftlineTransferChart *self = WEFTLINE_TRANSFER_CHART (object);

  weftline_transfer_layout_clear (&self->layout);
  weftline_text_cache_free (self->text);
  G_OBJECT_CLASS (weftline_transfer_chart_parent_class)->finalize (object);
}

static void
weftline_transfer_chart_class_init (WeftlineTransferChartClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_transfer_chart_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_transfer_chart_finalize;
  widget_class->snapshot = weftline_transfer_chart_snapshot;
  widget_class->measure = weftline_transfer_chart_measure;
  widget_class->query_tooltip = weftline_transfer_chart_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "transferchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_TRANSFER_CHART, G_SIGNAL_RUN_LAST, 0,
                                 NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_transfer_chart_init (WeftlineTransferChart *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  weftline_transfer_layout_init (&self->layout);
  self->hover = nowhere;
  self->work = weftline_transfer_work_new ();
  g_signal_connect_swapped (self->work, "changed", G_CALLBACK (work_cb), self);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Transfers"), -1);
  weftline_view_add_input (widget,
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_VERTICAL,
                                                 .click = G_CALLBACK (click_cb) });
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

void
weftline_transfer_chart_set_measure (WeftlineTransferChart *self, WeftlineTransferMeasure measure)
{
  self->measure = measure;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
weftline_transfer_chart_new (WeftlineSession *session)
{
  WeftlineTransferChart *self = g_object_new (WEFTLINE_TYPE_TRANSFER_CHART, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  tell (self);
  update (self);
  return GTK_WIDGET (self);
}
