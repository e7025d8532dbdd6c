/* scrub-track.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The curve is laid out anew when the run has grown, at most a few times a second; what follows the
 * pointer and the moment is drawn each time.
 */
#include "config.h"

#include "scrub/scrub-track.h"

#include "canvas/number-format.h"
#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "scrub/scrub-paint.h"
#include "scrub/scrub-words.h"
#include "session/weftline-turn.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define PAUSE_US (250 * 1000)
#define PAGES 20 /* in the run */
#define NS_PER_SECOND 1e9

struct _WeftlineScrubTrack
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineScrubLayout layout;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  bool stale;        /* there is more than was laid out */
  gint64 laid_us;    /* when that was */
  WeftlineTurn turn; /* to be drawn */
  double hover_x;
  double drag_x;
  char *words;
  char *end_words;
};

G_DEFINE_FINAL_TYPE (WeftlineScrubTrack, weftline_scrub_track, GTK_TYPE_WIDGET)

/* ---- words ----------------------------------------------------------------------------------- */

static int64_t
wall_ns (WeftlineScrubTrack *self)
{
  WeftModel *model = weftline_session_model (self->session);

  return model != NULL ? weft_model_wall_ns (model) : 0;
}

static int64_t
end_ns (WeftlineScrubTrack *self)
{
  return MAX (weftline_session_snapshot (self->session)->last_ns, 0);
}

/* For those who do not see it; a slider has a value. */
static void
describe (WeftlineScrubTrack *self)
{
  int64_t at_ns = weftline_session_time (self->session), end = end_ns (self);
  double last = (double) end / NS_PER_SECOND;
  double value = at_ns == WEFTLINE_NOW ? last : (double) at_ns / NS_PER_SECOND;

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, last,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, CLAMP (value, 0, last),
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  at_ns == WEFTLINE_NOW ? _ ("now") : self->words, -1);
}

static void
tell (WeftlineScrubTrack *self)
{
  g_free (self->words);
  g_free (self->end_words);
  self->words = weftline_scrub_words (
      weftline_session_time (self->session), end_ns (self), weftline_session_moment (self->session),
      weftline_session_look (self->session)->time_form, wall_ns (self));
  self->end_words = weftline_format_moment (
      end_ns (self), weftline_session_look (self->session)->time_form, wall_ns (self));
  describe (self);
}

static void
time_cb (WeftlineScrubTrack *self)
{
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
lay_out (WeftlineScrubTrack *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self));

  if (self->layout.running != NULL && !self->stale
      && self->layout.width == MAX (width - 2 * WEFTLINE_SCRUB_MARGIN, 1))
    return;
  weftline_scrub_layout (&self->layout, weftline_session_model (self->session),
                         weftline_session_snapshot (self->session), width);
  self->stale = false;
  self->laid_us = g_get_monotonic_time ();
}

static void
weftline_scrub_track_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineScrubTrack *self = WEFTLINE_SCRUB_TRACK (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  weftline_widget_text (widget, &self->text, &self->text_scale);
  lay_out (self);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_scrub_paint (
      &(WeftlineScrubPaint){
          .layout = &self->layout,
          .palette = weftline_palette (weftline_session_look (self->session)->palette, dark),
          .text = self->text,
          .width = width,
          .height = height,
          .time_ns = weftline_session_time (self->session),
          .hover_x = self->hover_x,
          .words = self->words,
          .end_words = self->end_words },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

static void
snapshot_cb (WeftlineScrubTrack *self)
{
  self->stale = true;
  weftline_turn_want (&self->turn, self->laid_us + PAUSE_US);
}

/* ---- input from people ----------------------------------------------------------------------- */

void
weftline_scrub_track_go_to (WeftlineScrubTrack *self, double x)
{
  lay_out (self);
  weftline_session_set_time (self->session, weftline_scrub_at (&self->layout, x));
}

static void
drag_begin_cb (WeftlineScrubTrack *self, double x, double y G_GNUC_UNUSED)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = x;
  weftline_scrub_track_go_to (self, x);
}

static void
drag_update_cb (WeftlineScrubTrack *self, double dx, double dy G_GNUC_UNUSED)
{
  weftline_scrub_track_go_to (self, self->drag_x + dx);
}

static void
set_hover (WeftlineScrubTrack *self, double x)
{
  if (self->hover_x == x)
    return;
  self->hover_x = x;
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (WeftlineScrubTrack *self, double x, double y G_GNUC_UNUSED)
{
  set_hover (self, CLAMP (x, WEFTLINE_SCRUB_MARGIN,
                          MAX (gtk_widget_get_width (GTK_WIDGET (self)) - WEFTLINE_SCRUB_MARGIN,
                               WEFTLINE_SCRUB_MARGIN)));
}

static void
leave_cb (WeftlineScrubTrack *self)
{
  set_hover (self, -1);
}

static gboolean
weftline_scrub_track_query_tooltip (GtkWidget *widget, int x, int y G_GNUC_UNUSED,
                                    gboolean keyboard, GtkTooltip *tooltip)
{
  WeftlineScrubTrack *self = WEFTLINE_SCRUB_TRACK (widget);
  int64_t at_ns = weftline_scrub_at (&self->layout, x);
  g_autofree char *at = NULL;

  if (keyboard || at_ns == INT64_MAX)
    {
      gtk_tooltip_set_text (tooltip, keyboard ? self->words : _ ("now"));
      return TRUE;
    }
  at = weftline_scrub_moment (at_ns, end_ns (self),
                              weftline_session_look (self->session)->time_form, wall_ns (self));
  gtk_tooltip_set_text (tooltip, at);
  return TRUE;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void
turn_page (WeftlineScrubTrack *self, int direction)
{
  int64_t at_ns = weftline_session_time (self->session), end = end_ns (self);

  at_ns = (at_ns == WEFTLINE_NOW ? end : at_ns) + direction * MAX (end / PAGES, 1);
  weftline_session_set_time (self->session, at_ns >= end ? WEFTLINE_NOW : MAX (at_ns, 0));
}

gboolean
weftline_scrub_track_key (WeftlineScrubTrack *self, guint key)
{
  switch (key)
    {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
    case GDK_KEY_Down:
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
    case GDK_KEY_Up:
      {
        bool along = key == GDK_KEY_Right || key == GDK_KEY_KP_Right;
        bool upward = key == GDK_KEY_Up;
        bool sideways = key != GDK_KEY_Up && key != GDK_KEY_Down;

        weftline_session_step_time (self->session, upward || (sideways && along));
        return TRUE;
      }
    case GDK_KEY_Page_Up:
    case GDK_KEY_Page_Down:
      turn_page (self, key == GDK_KEY_Page_Up ? 1 : -1);
      return TRUE;
    case GDK_KEY_Home:
      weftline_session_set_time (self->session, 0);
      return TRUE;
    case GDK_KEY_End:
      weftline_session_set_time (self->session, WEFTLINE_NOW);
      return TRUE;
    case GDK_KEY_Escape:
      if (weftline_session_time (self->session) == WEFTLINE_NOW)
        return FALSE;
      weftline_session_set_time (self->session, WEFTLINE_NOW);
      return TRUE;
    default:
      return FALSE;
    }
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_scrub_track_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                              int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                              int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : WEFTLINE_SCRUB_HEIGHT;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 400 : WEFTLINE_SCRUB_HEIGHT;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_scrub_track_dispose (GObject *object)
{
  WeftlineScrubTrack *self = WEFTLINE_SCRUB_TRACK (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  weftline_turn_clear (&self->turn);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_scrub_track_parent_class)->dispose (object);
}

static void
weftline_scrub_track_finalize (GObject *object)
{
  WeftlineScrubTrack *self = WEFTLINE_SCRUB_TRACK (object);

  weftline_scrub_layout_clear (&self->layout);
  weftline_text_cache_free (self->text);
  g_free (self->words);
  g_free (self->end_words);
  G_OBJECT_CLASS (weftline_scrub_track_parent_class)->finalize (object);
}

static void
weftline_scrub_track_class_init (WeftlineScrubTrackClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_scrub_track_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_scrub_track_finalize;
  widget_class->snapshot = weftline_scrub_track_snapshot;
  widget_class->measure = weftline_scrub_track_measure;
  widget_class->query_tooltip = weftline_scrub_track_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "scrubtrack");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void
weftline_scrub_track_init (WeftlineScrubTrack *self)
{
  self->hover_x = -1;
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (weftline_scrub_track_key),
                                                 .drag_begin = G_CALLBACK (drag_begin_cb),
                                                 .drag_update = G_CALLBACK (drag_update_cb) });
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Time of the run"), -1);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

GtkWidget *
weftline_scrub_track_new (WeftlineSession *session)
{
  WeftlineScrubTrack *self = g_object_new (WEFTLINE_TYPE_SCRUB_TRACK, NULL);

  self->session = g_object_ref (session);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) time_cb, self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (time_cb), self);
  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (time_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (time_cb), self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}

const char *
weftline_scrub_track_words (WeftlineScrubTrack *self)
{
  return self->words;
}

const WeftlineScrubLayout *
weftline_scrub_track_layout (WeftlineScrubTrack *self)
{
  lay_out (self);
  return &self->layout;
}
