/* weftline-run-page.c: all that is shown of one run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A graph that loads plug-ins, starts programs or touches files is shown for review first: what it
 * would do, and that nothing happens before “Run”. After the start, and for all other runs, the
 * cards.
 *
 * Layouts are kept in settings as text, one key each; an empty text stands for the first one.
 */
#include "config.h"

#include "app/weftline-cards.h"
#include "app/weftline-note-bar.h"
#include "app/weftline-pace.h"
#include "app/weftline-ready-bar.h"
#include "app/weftline-review.h"
#include "app/weftline-run-page.h"
#include "app/weftline-tidy.h"
#include "scrub/scrub-bar.h"
#include "workers/workers-source.h"

#include <glib/gi18n.h>
#include <time.h>

#define TICK_US 17000 /* the frame clock ticks so often */
#define SLACK_US 1000 /* and not to the microsecond */

#define TIDY_S 2               /* after the last thing that changed, */
#define TASKS_A_TIDY_S 2000000 /* and a second more for so many tasks: work on them goes on */

struct _WeftlineRunPage
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  GSettings *settings;
  GtkWidget *stack;
  GtkWidget *cards; /* what to do at first, the bar of the time, and the dock */
  GtkWidget *scrub;
  WeftlineDock *dock;
  char *layout; /* its name */
  gboolean applying;
  guint tick;
  guint waking; /* source, or 0: until then the frame clock need not tick */
  WeftlinePace pace;
  unsigned n_cores; /* to ask takes as long as a view's picture */
  guint tidying;    /* source, or 0 */
  uint32_t n_lanes; /* that were looked at for: */
  gboolean has_workers;
};

static guint offers_changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineRunPage, weftline_run_page, GTK_TYPE_WIDGET)

/* ---- layouts --------------------------------------------------------------------------------- */

gboolean
weftline_run_page_offers (WeftlineRunPage *self, const WeftlineLayoutKind *kind)
{
  return weftline_cards_exist (kind->main_card) && (!kind->of_workers || self->has_workers);
}

const char *
weftline_run_page_layout (WeftlineRunPage *self)
{
  return self->layout;
}

static char *
layout_key (WeftlineRunPage *self)
{
  return g_strdup_printf ("layout-%s", self->layout);
}

static void
apply_layout (WeftlineRunPage *self)
{
  g_autofree char *name = g_settings_get_string (self->settings, "layout");
  g_autofree char *key = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) hidden = g_settings_get_strv (self->settings, "hidden-panes");
  g_auto (GStrv) panes = NULL;
  WeftlineLayoutKind kind;

  if (!weftline_layout_kinds_find (name, &kind) || !weftline_run_page_offers (self, &kind))
    weftline_layout_kinds_get (0, &kind);
  self->applying = TRUE;
  g_free (self->layout);
  self->layout = g_strdup (kind.name);
  key = layout_key (self);
  text = g_settings_get_string (self->settings, key);
  if (*text == '\0' || !weftline_dock_set_layout (self->dock, text))
    weftline_dock_set_layout (self->dock, kind.tree);
  panes = weftline_dock_dup_panes (self->dock);
  for (char **pane = panes; *pane != NULL; pane++)
    weftline_dock_set_hidden (self->dock, *pane,
                              g_strv_contains ((const char *const *) hidden, *pane));
  self->applying = FALSE;
}

static void
keep_layout (WeftlineRunPage *self)
{
  g_autofree char *key = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) panes = NULL;
  g_autoptr (GPtrArray) hidden = g_ptr_array_new ();

  if (self->applying)
    return;
  key = layout_key (self);
  text = weftline_dock_dup_layout (self->dock);
  panes = weftline_dock_dup_panes (self->dock);
  for (char **pane = panes; *pane != NULL; pane++)
    if (weftline_dock_is_hidden (self->dock, *pane))
      g_ptr_array_add (hidden, *pane);
  g_ptr_array_add (hidden, NULL);
  self->applying = TRUE;
  g_settings_set_string (self->settings, key, text);
  g_settings_set_strv (self->settings, "hidden-panes", (const char *const *) hidden->pdata);
  self->applying = FALSE;
}

/* The settings' enumerations are the session's. */
static void
apply_look (WeftlineRunPage *self)
{
  const WeftlineSessionLook look = {
    .palette = (WeftlinePaletteKind) g_settings_get_enum (self->settings, "palette"),
    .labels = (WeftlineLabelDensity) g_settings_get_enum (self->settings, "label-density"),
    .time_form = (WeftlineTimeForm) g_settings_get_enum (self->settings, "time-format"),
  };

  weftline_session_set_look (self->session, &look);
}

static void
settings_cb (GSettings *settings G_GNUC_UNUSED, const char *key, WeftlineRunPage *self)
{
  apply_look (self);
  if (!self->applying && (g_str_has_prefix (key, "layout") || g_str_equal (key, "hidden-panes")))
    apply_layout (self);
}

void
weftline_run_page_reset_layout (WeftlineRunPage *self)
{
  g_autofree char *key = layout_key (self);

  weftline_dock_maximise (self->dock, NULL);
  g_settings_reset (self->settings, key);
  g_settings_reset (self->settings, "hidden-panes");
  apply_layout (self);
}

/* Workers come when they will; they stay. */
static void
look_for_workers (WeftlineRunPage *self)
{
  WeftModel *model = weftline_session_model (self->session);
  uint32_t n_lanes = weftline_session_snapshot (self->session)->n_lanes;
  WeftModelLane lane;

  if (model == NULL || self->has_workers)
    return;
  for (; self->n_lanes < n_lanes && !self->has_workers; self->n_lanes++)
    {
      weft_model_lane (model, self->n_lanes, &lane);
      self->has_workers = weftline_workers_is_worker (&lane);
    }
  if (!self->has_workers)
    return;
  apply_layout (self);
  g_signal_emit (self, offers_changed_signal, 0);
}

/* ---- review ---------------------------------------------------------------------------------- */

static gboolean
needs_review (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.phase == WEFT_RUN_PREPARED && weftline_run_plan (run) != NULL
         && weftline_plan_needs_review (weftline_run_plan (run));
}

static void
update_stack (WeftlineRunPage *self)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    needs_review (weftline_session_run (self->session)) ? "review"
                                                                                        : "cards");
}

/* ---- snapshots ------------------------------------------------------------------------------- */

static gboolean
tidy_cb (void *data)
{
  WeftlineRunPage *self = data;

  self->tidying = 0;
  weftline_tidy ();
  return G_SOURCE_REMOVE;
}

/* What was read, laid out, and counted leaves room in the heaps of the threads that did it, some
 * bytes a task. It is given back once nothing more is to come. */
static void
tidy_later (WeftlineRunPage *self)
{
  uint32_t n_tasks = weftline_session_snapshot (self->session)->n_tasks;

  g_clear_handle_id (&self->tidying, g_source_remove);
  if (weftline_run_is_over (weftline_session_run (self->session)))
    self->tidying = g_timeout_add_seconds (TIDY_S + n_tasks / TASKS_A_TIDY_S, tidy_cb, self);
}

/* What no task waits for costs nothing: how a run ended is seen at once. */
static gint64
due_us (WeftlineRunPage *self)
{
  unsigned rate = (unsigned) MAX (g_settings_get_int (self->settings, "update-rate"), 1);
  bool is_over = weftline_run_is_over (weftline_session_run (self->session));

  return weftline_pace_due_us (&self->pace, rate, is_over ? G_MAXUINT : self->n_cores);
}

static int64_t
thread_cpu_ns (void)
{
  struct timespec cpu;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu);
  return cpu.tv_sec * G_GINT64_CONSTANT (1000000000) + cpu.tv_nsec;
}

/* At most so often as the user wants and the machine affords; then nothing until there is more. */
static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, void *data G_GNUC_UNUSED)
{
  WeftlineRunPage *self = WEFTLINE_RUN_PAGE (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  if (now < due_us (self) - SLACK_US)
    return G_SOURCE_CONTINUE;
  weftline_pace_shown (&self->pace, now, thread_cpu_ns ());
  self->tick = 0;
  if (weftline_session_update (self->session))
    tidy_later (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_tick (WeftlineRunPage *self)
{
  self->waking = 0;
  if (self->tick == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

static void
stale_cb (WeftlineRunPage *self)
{
  gint64 wait_us;

  if (self->tick != 0 || self->waking != 0)
    return;
  wait_us = due_us (self) - g_get_monotonic_time () - TICK_US;
  if (wait_us > TICK_US)
    self->waking =
        g_timeout_add_once ((guint) (wait_us / 1000), (GSourceOnceFunc) wait_for_tick, self);
  else
    wait_for_tick (self);
}

/* It may be over behind the last snapshot that had anything new. */
static void
run_cb (WeftlineRunPage *self)
{
  update_stack (self);
  tidy_later (self);
}

/* ---- the past -------------------------------------------------------------------------------- */

/* From everywhere in the window, but for what is open above it: the past is shown until Escape is
 * pressed. */
gboolean
weftline_run_page_key (WeftlineRunPage *self, guint key)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (key != GDK_KEY_Escape || weftline_session_time (self->session) == WEFTLINE_NOW
      || (focus != NULL && gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL))
    return FALSE;
  weftline_session_set_time (self->session, WEFTLINE_NOW);
  return TRUE;
}

static void
follow_keys (WeftlineRunPage *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (weftline_run_page_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_run_page_dispose (GObject *object)
{
  WeftlineRunPage *self = WEFTLINE_RUN_PAGE (object);

  g_clear_handle_id (&self->waking, g_source_remove);
  g_clear_handle_id (&self->tidying, g_source_remove);
  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->layout, g_free);
  G_OBJECT_CLASS (weftline_run_page_parent_class)->dispose (object);
}

static void
weftline_run_page_class_init (WeftlineRunPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_run_page_dispose;
  offers_changed_signal = g_signal_new ("offers-changed", WEFTLINE_TYPE_RUN_PAGE, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_run_page_init (WeftlineRunPage *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->n_cores = g_get_num_processors ();
  self->dock = weftline_dock_new ();
  self->stack = gtk_stack_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (self->dock));
  gtk_widget_set_vexpand (scrolled, TRUE);
  self->cards = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->cards), scrolled);
  gtk_stack_add_named (GTK_STACK (self->stack), self->cards, "cards");
  follow_keys (self);
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

GtkWidget *
weftline_run_page_new (WeftlineSession *session, GSettings *settings)
{
  WeftlineRunPage *self = g_object_new (WEFTLINE_TYPE_RUN_PAGE, NULL);
  WeftlineRun *run = weftline_session_run (session);

  self->session = g_object_ref (session);
  self->settings = g_object_ref (settings);
  apply_look (self);
  self->scrub = weftline_scrub_bar_new (self->session);
  gtk_box_prepend (GTK_BOX (self->cards), self->scrub);
  gtk_box_prepend (GTK_BOX (self->cards), weftline_note_bar_new (run));
  gtk_box_prepend (GTK_BOX (self->cards), weftline_ready_bar_new (run));
  weftline_cards_add (self->dock, self->session);
  apply_layout (self);
  if (weftline_run_plan (run) != NULL && weftline_plan_needs_review (weftline_run_plan (run)))
    gtk_stack_add_named (GTK_STACK (self->stack), weftline_review_new (weftline_run_plan (run)),
                         "review");
  g_signal_connect_object (self->dock, "changed", G_CALLBACK (keep_layout), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed", G_CALLBACK (settings_cb), self, 0);
  g_signal_connect_object (run, "changed", G_CALLBACK (run_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "snapshot-changed", G_CALLBACK (look_for_workers), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "stale", G_CALLBACK (stale_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (stale_cb), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  weftline_run_name (run), -1);
  update_stack (self);
  return GTK_WIDGET (self);
}

WeftlineRun *
weftline_run_page_run (WeftlineRunPage *self)
{
  return weftline_session_run (self->session);
}

WeftlineSession *
weftline_run_page_session (WeftlineRunPage *self)
{
  return self->session;
}

WeftlineDock *
weftline_run_page_dock (WeftlineRunPage *self)
{
  return self->dock;
}
