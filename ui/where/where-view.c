/* where-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The account takes in what is new with each snapshot, so much at a time; while more is left the
 * next frame goes on. The picture is drawn again when sums have changed by what can be seen. An
 * account of a part is made on a thread; until it is there the one before stays.
 */
#include "config.h"

#include "where/where-view.h"

#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "session/weftline-turn.h"
#include "where/where-paint.h"
#include "where/where-words.h"
#include "where/where-work.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define SPANS_A_FRAME 50000
#define SCROLL_STEP (2 * WEFTLINE_WHERE_ROW)

struct _WeftlineWhereView
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftModel *model;         /* of the account; not to be used otherwise */
  WeftTimeAccount *account; /* (nullable): of all */
  WeftlineWhereWork *work;  /* accounts of parts */
  WeftTimeRow total;        /* of the account that is shown, as: */
  GArray *rows;             /* WeftTimeRow */
  char *awaited;            /* (nullable) */
  uint32_t awaited_task;
  WeftlineWhereLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  WeftlineWhereHit hover;
  guint tick;
  int scroll;
  gint64 updated_us;
  WeftlineTurn turn;
};

G_DEFINE_FINAL_TYPE (WeftlineWhereView, weftline_where_view, GTK_TYPE_WIDGET)

void
weftline_where_view_get_range (WeftlineWhereView *self, int64_t *from_ns, int64_t *to_ns)
{
  const WeftlineSelection *selection = weftline_session_selection (self->session);
  bool is_range = selection->to_ns > selection->from_ns;

  *from_ns = is_range ? selection->from_ns : 0;
  *to_ns = is_range ? selection->to_ns : 0;
}

const WeftTimeAccount *
weftline_where_view_account (WeftlineWhereView *self)
{
  const WeftTimeAccount *part = weftline_where_work_account (self->work);

  return part != NULL ? part : self->account;
}

char *
weftline_where_view_dup_caption (WeftlineWhereView *self)
{
  const WeftTimeAccount *account = weftline_where_view_account (self);

  return account != NULL ? weftline_where_caption (account, &self->layout) : NULL;
}

bool
weftline_where_view_is_behind (WeftlineWhereView *self)
{
  return weftline_where_work_is_behind (self->work);
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
  weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale);
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
  g_autofree char *caption = NULL;
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  ensure_text (self);
  lay_out (self, width, height);
  caption = weftline_where_view_dup_caption (self);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_where_paint (
      &(WeftlineWherePaint){
          .layout = &self->layout,
          .total = &self->total,
          .rows = (const WeftTimeRow *) (void *) self->rows->data,
          .caption = caption,
          .awaited = self->awaited,
          .palette = weftline_palette (weftline_session_look (self->session)->palette, dark),
          .text = self->text,
          .hover = self->hover,
          .model = self->model,
          .at_ns = weftline_session_time (self->session),
          .rtl = is_rtl (self) },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- input from the run ---------------------------------------------------------------------- */

static void
take_awaited (WeftlineWhereView *self, const WeftTimeAccount *account)
{
  WeftTimeAwaited awaited;
  WeftModelGroup group = { .name = NULL };

  g_clear_pointer (&self->awaited, g_free);
  self->awaited_task = WEFT_NONE;
  if (weft_time_account_awaited (account, WEFT_NONE, &awaited, 1) == 0)
    return;
  self->awaited_task = awaited.longest_task;
  if (awaited.group < WEFT_NO_GROUP)
    weft_model_group (self->model, awaited.group, &group);
  self->awaited = g_strdup (group.name);
}

/* Returns: whether anything is another */
static bool
take_rows (WeftlineWhereView *self, const WeftTimeAccount *account)
{
  uint32_t n = weft_time_account_n_rows (account);
  WeftTimeRow total;
  bool changed;

  weft_time_account_total (account, &total);
  changed = n != self->rows->len || memcmp (&total, &self->total, sizeof total) != 0;
  self->total = total;
  g_array_set_size (self->rows, n);
  for (uint32_t i = 0; i < n; i++)
    {
      WeftTimeRow *row = &g_array_index (self->rows, WeftTimeRow, i), was = *row;

      weft_time_account_row (account, i, row);
      changed = changed || row->worker != was.worker || row->lane != was.lane
                || memcmp (row->ns, was.ns, sizeof was.ns) != 0;
    }
  return changed;
}

static void
tell (WeftlineWhereView *self, const WeftTimeAccount *account)
{
  g_autofree char *summary = weftline_where_summary (account);
  g_autofree char *as_of = weftline_session_dup_time_text (self->session);
  GString *text = g_string_new (summary);
  int64_t from_ns, to_ns;

  weftline_where_view_get_range (self, &from_ns, &to_ns);
  if (to_ns > from_ns)
    g_string_append_printf (text, "; %s", _ ("in the selected time"));
  if (as_of[0] != '\0')
    g_string_append_printf (text, "; %s", as_of);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_string_free (text, TRUE);
}

static void
show (WeftlineWhereView *self)
{
  const WeftTimeAccount *account = weftline_where_view_account (self);

  if (account == NULL || !take_rows (self, account))
    return;
  take_awaited (self, account);
  tell (self, account);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A range of which nothing had gone by yet is empty. */
static void
look_at_part (WeftlineWhereView *self)
{
  WeftModel *model = weftline_session_model (self->session);
  int64_t at_ns = weftline_session_time (self->session), from_ns, to_ns;

  weftline_where_view_get_range (self, &from_ns, &to_ns);
  to_ns = to_ns > from_ns ? MIN (to_ns, at_ns) : at_ns;
  if (model != NULL && to_ns != WEFTLINE_NOW)
    weftline_where_work_ask (self->work, model, weftline_session_snapshot (self->session), from_ns,
                             MAX (to_ns, from_ns));
  else
    weftline_where_work_forget (self->work);
}

/* The words say of which part it is, even if nothing else is another. */
static void
part_cb (WeftlineWhereView *self)
{
  look_at_part (self);
  if (self->account != NULL)
    tell (self, weftline_where_view_account (self));
  show (self);
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
  self->updated_us = g_get_monotonic_time ();
  look_at_part (self);
  show (self);
}

static void
snapshot_cb (WeftlineWhereView *self)
{
  weftline_turn_refresh (&self->turn, self->updated_us);
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

  /* there may be fewer workers than were drawn last */
  return self->account != NULL && weftline_where_hit (&self->layout, at, (int) y, found)
         && (found->row == WEFT_NONE || found->row < self->rows->len);
}

static void
motion_cb (WeftlineWhereView *self, double x, double y)
{
  WeftlineWhereHit now = { .row = WEFT_NONE };

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
      && weft_time_account_awaited (weftline_where_view_account (self), now.row, &awaited, 1) > 0)
    weftline_session_select_task (self->session, awaited.longest_task);
}

static gboolean
scroll_by (WeftlineWhereView *self, double steps)
{
  int most = self->layout.most_scroll;

  self->scroll = CLAMP (self->scroll + (int) (steps * SCROLL_STEP), 0, most);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return most > 0;
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
  text = weftline_where_explain (weftline_where_view_account (self), self->model, now.row,
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

  weftline_turn_clear (&self->turn);
  if (self->work != NULL)
    g_signal_handlers_disconnect_by_data (self->work, self);
  g_clear_object (&self->work);
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
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .scroll = G_CALLBACK (scroll_cb),
                                                 .scrolls = GTK_EVENT_CONTROLLER_SCROLL_VERTICAL,
                                                 .click = G_CALLBACK (click_cb) });
}

static void
weftline_where_view_init (WeftlineWhereView *self)
{
  weftline_where_layout_init (&self->layout);
  self->rows = g_array_new (FALSE, FALSE, sizeof (WeftTimeRow));
  self->work = weftline_where_work_new ();
  g_signal_connect_swapped (self->work, "changed", G_CALLBACK (show), self);
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
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (part_cb), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (part_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  update (self);
  return GTK_WIDGET (self);
}
