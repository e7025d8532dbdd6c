/* held-view.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/held-view.h"

#include "canvas/view-input.h"
#include "canvas/widget-text.h"
#include "memory/held-paint.h"
#include "memory/held-popover.h"
#include "memory/held-words.h"
#include "memory/held-work.h"
#include "memory/memory-source.h"
#include "session/weftline-turn.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define NEAR_PEAK 8

struct _WeftlineHeldView
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineHeldWork *work;
  WeftHeldHistory *history; /* (nullable): the work's latest that was taken */
  WeftHeldSteps steps;      /* of it */
  WeftlineHeldLayout layout;
  bool stale;        /* the layout is of other steps, or another size */
  WeftlineTurn turn; /* to take a history */
  WeftlineHeldBands bands;
  WeftlineTextCache *text; /* (nullable) */
  int text_scale;
  char *figures; /* (nullable) */
  char *summary; /* that was told */
  uint32_t hover_step, hover_band;
  GtkWidget *popover; /* (nullable) */
};

enum
{
  PROP_FIGURES = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (WeftlineHeldView, weftline_held_view, GTK_TYPE_WIDGET)

const WeftHeldHistory *
weftline_held_view_history (WeftlineHeldView *self)
{
  return self->history;
}

bool
weftline_held_view_is_busy (WeftlineHeldView *self)
{
  return weftline_held_work_is_busy (self->work) || weftline_turn_is_wanted (&self->turn);
}

GtkWidget *
weftline_held_view_popover (WeftlineHeldView *self)
{
  return self->popover;
}

/* ---- input from the run ---------------------------------------------------------------------- */

/* Of the moment that is looked at, once it is known, else of the peak. (transfer full) */
static char *
dup_figures (WeftlineHeldView *self)
{
  const WeftMoment *moment = weftline_session_moment (self->session);
  WeftlineClock clock = weftline_session_clock (self->session);

  return moment != NULL && self->steps.n_results > 0
             ? weftline_held_moment_text (moment->live_bytes, moment->at_ns, &clock)
             : weftline_held_figures (&self->steps, &clock);
}

/* To those who do not see it: what of the past is looked at goes first. */
static void
describe (WeftlineHeldView *self)
{
  WeftlineClock clock = weftline_session_clock (self->session);
  g_autofree char *summary = weftline_held_summary (
      &self->steps, self->bands.names,
      weftline_held_has_results (weftline_session_snapshot (self->session)), &clock);

  if (weftline_session_moment (self->session) != NULL && self->figures != NULL)
    {
      char *text = g_strconcat (self->figures, " · ", summary, NULL);

      g_free (summary);
      summary = text;
    }
  if (g_strcmp0 (summary, self->summary) == 0)
    return;
  g_free (self->summary);
  self->summary = g_steal_pointer (&summary);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->summary, -1);
}

static void
tell (WeftlineHeldView *self)
{
  g_autofree char *figures = dup_figures (self);

  if (g_strcmp0 (figures, self->figures) != 0)
    {
      g_free (self->figures);
      self->figures = g_steal_pointer (&figures);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FIGURES]);
    }
  describe (self);
}

static void
history_cb (void *data)
{
  WeftlineHeldView *self = data;
  WeftHeldHistory *history = weftline_held_work_take (self->work);

  if (history == NULL)
    return;
  weft_held_history_free (self->history);
  self->history = history;
  weft_held_history_steps (history, &self->steps);
  weftline_held_bands_take (&self->bands, weftline_session_model (self->session),
                            weftline_session_snapshot (self->session), &self->steps);
  tell (self);
  self->stale = true;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
work_cb (WeftlineHeldView *self)
{
  weftline_turn_want (&self->turn, 0);
}

static void
snapshot_cb (WeftlineHeldView *self)
{
  WeftModel *model = weftline_session_model (self->session);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);

  if (weftline_session_only_time_passed (self->session))
    return;
  if (model != NULL)
    weftline_held_work_want (self->work, model, snapshot, snapshot->phase >= WEFT_RUN_DONE);
  describe (self);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static void
ensure_text (WeftlineHeldView *self)
{
  if (weftline_widget_text (GTK_WIDGET (self), &self->text, &self->text_scale))
    self->stale = true;
}

static void
lay_out (WeftlineHeldView *self, int width, int height)
{
  WeftModel *model = weftline_session_model (self->session);
  int figure, line;

  if (self->history == NULL
      || (!self->stale && self->layout.width == width && self->layout.height == height))
    {
      self->layout.width = width;
      self->layout.height = height;
      return;
    }
  weftline_text_size (self->text, "0", WEFTLINE_TEXT_SMALL, &figure, &line);
  self->layout.clock = weftline_session_clock (self->session);
  weftline_held_layout (&self->layout, &self->steps, weftline_held_threshold (model), width, height,
                        weftline_held_gutter (self->text, self->steps.peak_bytes),
                        gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL, figure);
  self->stale = false;
}

static uint32_t
selected_band (WeftlineHeldView *self)
{
  uint32_t group = weftline_session_selection (self->session)->group;

  for (uint32_t band = 0; band < self->steps.n_bands && group != WEFT_NONE; band++)
    if (self->steps.groups[band] == group)
      return band;
  return WEFT_NONE;
}

static void
weftline_held_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineHeldView *self = WEFTLINE_HELD_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  bool dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  const WeftlinePalette *palette =
      weftline_palette (weftline_session_look (self->session)->palette, dark);
  uint32_t colors[WEFT_HELD_MOST_BANDS];
  cairo_t *cr;

  if (width <= 0 || height <= 0)
    return;
  ensure_text (self);
  lay_out (self, width, height);
  weftline_held_bands_color (&self->bands, &self->steps, palette, colors);
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  weftline_held_paint (
      &(WeftlineHeldPaint){
          .layout = &self->layout,
          .names = self->bands.names,
          .colors = colors,
          .palette = palette,
          .text = self->text,
          .hover_step = self->hover_step,
          .hover_band = self->hover_band,
          .selected_band = selected_band (self),
          .time_ns = weftline_session_time (self->session),
          .rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL,
          .waiting = self->layout.edges == NULL && weftline_held_view_is_busy (self),
          .small = weftline_held_has_results (weftline_session_snapshot (self->session)) },
      cr);
  weftline_text_cache_turn (self->text);
  cairo_destroy (cr);
}

/* ---- the list -------------------------------------------------------------------------------- */

static void
drop_popover (WeftlineHeldView *self)
{
  GtkWidget *popover = g_steal_pointer (&self->popover);

  if (popover == NULL)
    return;
  gtk_popover_popdown (GTK_POPOVER (popover)); /* else GTK looks for tooltips in it */
  gtk_widget_unparent (popover);
}

static void
listed_cb (GObject *object, int64_t at_ns, const WeftHeld *held, uint32_t n, const WeftHeldSum *sum)
{
  WeftlineHeldView *self = WEFTLINE_HELD_VIEW (object);
  double x = weftline_held_x (&self->layout, at_ns);
  uint32_t step;

  if (self->session == NULL || gtk_widget_get_root (GTK_WIDGET (self)) == NULL)
    return; /* its window has gone meanwhile */
  drop_popover (self);
  self->popover = weftline_held_popover_new (self->session, at_ns, held, n, sum);
  gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
  if (weftline_held_step_at (&self->layout, x, self->layout.plot.y, &step))
    {
      const double *tops = self->layout.tops;
      size_t top = (size_t) (MAX (self->steps.n_bands, 1) - 1) * self->steps.n_steps + step;

      gtk_popover_set_pointing_to (
          GTK_POPOVER (self->popover),
          &(GdkRectangle){ (int) x, self->steps.n_bands > 0 ? (int) tops[top] : 0, 1, 1 });
    }
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

void
weftline_held_view_list (WeftlineHeldView *self, int64_t at_ns)
{
  WeftModel *model = weftline_session_model (self->session);

  if (model != NULL)
    weftline_held_list (G_OBJECT (self), model, weftline_session_snapshot (self->session), at_ns,
                        WEFTLINE_HELD_MOST_LISTED, listed_cb);
}

/* ---- input from people ----------------------------------------------------------------------- */

static void
set_hover (WeftlineHeldView *self, uint32_t step, uint32_t band)
{
  if (self->hover_step == step && self->hover_band == band)
    return;
  self->hover_step = step;
  self->hover_band = band;
  weftline_session_set_hover (self->session, WEFT_NONE,
                              band < self->steps.n_bands ? self->steps.groups[band] : WEFT_NONE);
  gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
motion_cb (WeftlineHeldView *self, double x, double y)
{
  uint32_t step, band;

  if (self->stale || !weftline_held_step_at (&self->layout, x, y, &step))
    {
      set_hover (self, WEFT_NONE, WEFT_NONE);
      return;
    }
  band = weftline_held_band_at (&self->layout, step, y);
  set_hover (self, step, band < self->steps.n_bands ? band : WEFT_NONE);
}

static void
leave_cb (WeftlineHeldView *self)
{
  set_hover (self, WEFT_NONE, WEFT_NONE);
}

static bool
is_near_peak (const WeftlineHeldLayout *layout, double x)
{
  return x >= layout->peak_x - NEAR_PEAK && x <= layout->peak_x + NEAR_PEAK;
}

static void
click_cb (WeftlineHeldView *self, int n_press G_GNUC_UNUSED, double x, double y)
{
  uint32_t step;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (self->stale || !weftline_held_step_at (&self->layout, x, y, &step))
    return;
  weftline_held_view_list (self, is_near_peak (&self->layout, x) ? self->steps.peak_ns
                                                                 : self->steps.at_ns[step]);
}

static gboolean
key_cb (WeftlineHeldView *self, guint key)
{
  if (key != GDK_KEY_Return && key != GDK_KEY_KP_Enter && key != GDK_KEY_space)
    return FALSE;
  if (self->steps.n_results > 0)
    weftline_held_view_list (self, self->steps.peak_ns);
  return TRUE;
}

static gboolean
weftline_held_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard,
                                  GtkTooltip *tooltip)
{
  WeftlineHeldView *self = WEFTLINE_HELD_VIEW (widget);
  WeftlineClock clock = weftline_session_clock (self->session);
  g_autofree char *text = NULL;
  uint32_t step;

  if (self->stale || self->steps.n_results == 0
      || (self->popover != NULL && gtk_widget_get_visible (self->popover)))
    return FALSE;
  if (!keyboard && weftline_held_step_at (&self->layout, x, y, &step))
    text = weftline_held_step_text (&self->steps, step, self->bands.names, &clock);
  else
    text = weftline_held_explain (self->summary);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_held_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation,
                            int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 100;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 360 : 260;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_held_view_size_allocate (GtkWidget *widget, int width G_GNUC_UNUSED,
                                  int height G_GNUC_UNUSED, int baseline G_GNUC_UNUSED)
{
  WeftlineHeldView *self = WEFTLINE_HELD_VIEW (widget);

  if (self->popover != NULL)
    gtk_popover_present (GTK_POPOVER (self->popover));
}

static void
weftline_held_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURES)
    g_value_set_string (value, WEFTLINE_HELD_VIEW (object)->figures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weftline_held_view_dispose (GObject *object)
{
  WeftlineHeldView *self = WEFTLINE_HELD_VIEW (object);

  drop_popover (self);
  weftline_turn_clear (&self->turn);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->work != NULL)
    g_signal_handlers_disconnect_by_data (self->work, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  g_clear_object (&self->session);
  g_clear_object (&self->work);
  G_OBJECT_CLASS (weftline_held_view_parent_class)->dispose (object);
}

static void
weftline_held_view_finalize (GObject *object)
{
  WeftlineHeldView *self = WEFTLINE_HELD_VIEW (object);

  weftline_held_layout_clear (&self->layout);
  weft_held_history_free (self->history);
  weftline_held_bands_clear (&self->bands);
  weftline_text_cache_free (self->text);
  g_free (self->figures);
  g_free (self->summary);
  G_OBJECT_CLASS (weftline_held_view_parent_class)->finalize (object);
}

static void
weftline_held_view_class_init (WeftlineHeldViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->get_property = weftline_held_view_get_property;
  G_OBJECT_CLASS (class)->dispose = weftline_held_view_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_held_view_finalize;
  widget_class->snapshot = weftline_held_view_snapshot;
  widget_class->measure = weftline_held_view_measure;
  widget_class->size_allocate = weftline_held_view_size_allocate;
  widget_class->query_tooltip = weftline_held_view_query_tooltip;
  props[PROP_FIGURES] =
      g_param_spec_string ("figures", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "heldview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
add_controllers (WeftlineHeldView *self)
{
  weftline_view_add_input (GTK_WIDGET (self),
                           &(WeftlineViewInput){ .motion = G_CALLBACK (motion_cb),
                                                 .leave = G_CALLBACK (leave_cb),
                                                 .key = G_CALLBACK (key_cb),
                                                 .click = G_CALLBACK (click_cb) });
}

static void
weftline_held_view_init (WeftlineHeldView *self)
{
  weftline_held_layout_init (&self->layout);
  weftline_held_bands_init (&self->bands);
  self->work = weftline_held_work_new ();
  self->hover_step = self->hover_band = WEFT_NONE;
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Held in memory"), -1);
  add_controllers (self);
  g_signal_connect_swapped (self->work, "changed", G_CALLBACK (work_cb), self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark",
                            G_CALLBACK (gtk_widget_queue_draw), self);
}

/* Times may be written otherwise. */
static void
look_cb (WeftlineHeldView *self)
{
  self->stale = true;
  tell (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
weftline_held_view_new (WeftlineSession *session)
{
  WeftlineHeldView *self = g_object_new (WEFTLINE_TYPE_HELD_VIEW, NULL);

  self->session = g_object_ref (session);
  weftline_turn_init (&self->turn, session, history_cb, self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (gtk_widget_queue_draw), self);
  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (tell), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (look_cb), self);
  snapshot_cb (self);
  return GTK_WIDGET (self);
}
