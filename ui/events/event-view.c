/* event-view.c: what happened in a run, and what its tasks wrote
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * How many of how many are listed stands beside.
 */
#include "config.h"

#include "canvas/lane-gone.h"
#include "canvas/lane-text.h"
#include "canvas/number-format.h"
#include "canvas/text-line.h"
#include "canvas/widget-text.h"
#include "events/event-view.h"
#include "events/follow.h"
#include "events/output-text.h"
#include "events/output-view.h"

#include <glib/gi18n.h>

#define TIME_CHARS 11
#define LEVELS_TO_ERROR 4 /* of syslog: emergency, alert, critical, error */

struct _WeftlineEventView
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  WeftlineEventList *events;
  GtkSingleSelection *selection;
  GtkWidget *box;
  GtkWidget *stack;
  GtkWidget *scrolled, *list;
  GtkWidget *output;
  GtkWidget *count;
  GtkWidget *filter;
  GtkWidget *checks[WEFTLINE_EVENT_N_KINDS];
  GtkWidget *level, *worker; /* drop-downs */
  GArray *worker_lanes;      /* uint32_t: of the worker's entries; the first is 0, for all */
  guint more_source;
};

G_DEFINE_FINAL_TYPE (WeftlineEventView, weftline_event_view, GTK_TYPE_WIDGET)

/* ---- rows ------------------------------------------------------------------------------------ */

static void
setup_cb (WeftlineEventView *self G_GNUC_UNUSED, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *time = gtk_label_new (NULL);
  GtkWidget *text = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (time), 1);
  gtk_label_set_width_chars (GTK_LABEL (time), TIME_CHARS);
  gtk_widget_add_css_class (time, "numeric");
  gtk_widget_add_css_class (time, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_box_append (GTK_BOX (row), time);
  gtk_box_append (GTK_BOX (row), text);
  gtk_list_item_set_child (item, row);
}

static void
set_class (GtkWidget *widget, const char *class, bool has)
{
  if (has)
    gtk_widget_add_css_class (widget, class);
  else
    gtk_widget_remove_css_class (widget, class);
}

static void
bind_cb (WeftlineEventView *self, GtkListItem *item)
{
  WeftlineEventItem *event_item = gtk_list_item_get_item (item);
  const WeftlineEvent *event = weftline_event_item_event (event_item);
  WeftModel *model = weftline_event_item_model (event_item);
  GtkWidget *row = gtk_list_item_get_child (item);
  GtkWidget *time = gtk_widget_get_first_child (row);
  GtkWidget *text = gtk_widget_get_next_sibling (time);
  g_autofree char *when = weftline_format_moment (
      event->at_ns, weftline_session_look (self->session)->time_form, weft_model_wall_ns (model));
  g_autofree char *words = weftline_event_dup_text (model, event);
  g_autofree char *whole = weftline_event_dup_whole (model, event);
  unsigned level = weftline_event_level (model, event);

  gtk_label_set_text (GTK_LABEL (time), when);
  gtk_label_set_text (GTK_LABEL (text), words);
  gtk_widget_set_tooltip_text (row, whole);
  set_class (text, "error", level < LEVELS_TO_ERROR);
  set_class (text, "warning", level == LEVELS_TO_ERROR);
}

static void
selected_cb (WeftlineEventView *self)
{
  WeftlineEventItem *item = gtk_single_selection_get_selected_item (self->selection);
  uint32_t task;

  if (item == NULL)
    return;
  task = weftline_event_task (weftline_event_item_model (item), weftline_event_item_event (item));
  if (task != WEFT_NONE)
    weftline_session_select_task (self->session, task);
}

/* ---- figures --------------------------------------------------------------------------------- */

static char *
events_text (WeftlineEventView *self)
{
  return weftline_event_count_text (g_list_model_get_n_items (G_LIST_MODEL (self->events)),
                                    weftline_event_list_n_all (self->events));
}

static char *
output_text (WeftlineEventView *self)
{
  uint64_t n_shown, n_bytes;

  weftline_output_view_get_sizes (WEFTLINE_OUTPUT_VIEW (self->output), &n_shown, &n_bytes);
  return weftline_output_count_text (n_shown, n_bytes);
}

gboolean
weftline_event_view_shows_output (WeftlineEventView *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->stack)), "output") == 0;
}

void
weftline_event_view_show_output (WeftlineEventView *self, gboolean shown)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), shown ? "output" : "events");
}

static void
update_count (WeftlineEventView *self)
{
  gboolean events = !weftline_event_view_shows_output (self);
  g_autofree char *text = events ? events_text (self) : output_text (self);

  gtk_label_set_text (GTK_LABEL (self->count), text);
  weftline_widget_tell (self->count, text);
  gtk_widget_set_visible (self->filter, events);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text, -1);
}

static void
update_checks (WeftlineEventView *self)
{
  for (unsigned kind = 0; kind < WEFTLINE_EVENT_N_KINDS; kind++)
    {
      g_autofree char *n =
          weftline_format_count (weftline_event_list_n_of (self->events, (WeftlineEventKind) kind));
      /* Translators: a kind of events, how many there are */
      g_autofree char *label =
          g_strdup_printf (_ ("%s (%s)"), weftline_event_kind_title ((WeftlineEventKind) kind), n);

      gtk_check_button_set_label (GTK_CHECK_BUTTON (self->checks[kind]), label);
    }
}

/* ---- what comes ------------------------------------------------------------------------------ */

static void update (WeftlineEventView *self);

static gboolean
more_cb (void *data)
{
  WeftlineEventView *self = data;

  self->more_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
update (WeftlineEventView *self)
{
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);
  WeftModel *model = weftline_session_model (self->session);

  if (weftline_event_list_update (self->events, model, snapshot->n_lanes) && self->more_source == 0)
    self->more_source = g_idle_add (more_cb, self);
  update_count (self);
  if (gtk_widget_get_mapped (self->checks[0]))
    update_checks (self);
}

/* Of the past there is what had been by then. */
static void
time_cb (WeftlineEventView *self)
{
  weftline_event_list_set_until (self->events, weftline_session_time (self->session));
  update (self);
}

/* ---- which kinds ----------------------------------------------------------------------------- */

static void
check_cb (GtkCheckButton *check, WeftlineEventView *self)
{
  WeftlineEventFilter filter = *weftline_event_list_filter (self->events);

  for (unsigned kind = 0; kind < WEFTLINE_EVENT_N_KINDS; kind++)
    if (self->checks[kind] == GTK_WIDGET (check))
      filter.kinds = gtk_check_button_get_active (check) ? filter.kinds | 1u << kind
                                                         : filter.kinds & ~(1u << kind);
  weftline_event_list_set_filter (self->events, &filter);
  update_count (self);
}

void
weftline_event_view_show_kind (WeftlineEventView *self, WeftlineEventKind kind, gboolean shown)
{
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->checks[kind]), shown);
}

/* ---- which levels and workers ---------------------------------------------------------------- */

/* As many levels as each entry shows; 0: all. */
static const unsigned level_counts[] = { 0, 7, 5, 4 };

static void
chosen_cb (WeftlineEventView *self)
{
  WeftlineEventFilter filter = *weftline_event_list_filter (self->events);
  guint level = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->level));
  guint worker = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->worker));

  if (level < G_N_ELEMENTS (level_counts))
    filter.n_levels = level_counts[level];
  if (worker < self->worker_lanes->len)
    filter.worker = g_array_index (self->worker_lanes, uint32_t, worker);
  weftline_event_list_set_filter (self->events, &filter);
  update_count (self);
}

/* (transfer full) */
static char *
worker_name (const WeftModel *model, uint32_t lane)
{
  g_autofree char *name = weftline_lane_text_of (model, lane);

  if (weftline_lane_gone (model, lane, INT64_MAX) == WEFTLINE_NOT_GONE)
    return g_steal_pointer (&name);
  /* Translators: a worker that has left */
  return g_strdup_printf (_ ("%s (gone)"), name);
}

/* Worker processes there are by now. Where there are none there is nothing to choose from. */
static void
update_workers (WeftlineEventView *self)
{
  const WeftModel *model = weftline_session_model (self->session);
  uint32_t n_lanes = model != NULL ? weftline_session_snapshot (self->session)->n_lanes : 0;
  uint32_t chosen = weftline_event_list_filter (self->events)->worker, zero = 0;
  GtkStringList *names = gtk_string_list_new (NULL);
  guint selected = 0;

  g_signal_handlers_block_by_func (self->worker, chosen_cb, self);
  g_array_set_size (self->worker_lanes, 0);
  g_array_append_val (self->worker_lanes, zero);
  gtk_string_list_append (names, _ ("All workers"));
  for (uint32_t lane = 1; lane < n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      if (info.kind != WEFT_LANE_PROCESS || info.worker == WEFT_NONE)
        continue;
      if (lane == chosen)
        selected = self->worker_lanes->len;
      g_array_append_val (self->worker_lanes, lane);
      gtk_string_list_take (names, worker_name (model, lane));
    }
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->worker), G_LIST_MODEL (names));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->worker), selected);
  gtk_widget_set_visible (self->worker, self->worker_lanes->len > 1);
  gtk_widget_set_visible (self->level,
                          weftline_event_list_n_of (self->events, WEFTLINE_EVENT_LOG) > 0);
  g_object_unref (names);
  g_signal_handlers_unblock_by_func (self->worker, chosen_cb, self);
}

void
weftline_event_view_show_levels (WeftlineEventView *self, unsigned n_levels)
{
  for (guint i = 0; i < G_N_ELEMENTS (level_counts); i++)
    if (level_counts[i] == n_levels)
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->level), i);
}

void
weftline_event_view_show_worker (WeftlineEventView *self, uint32_t lane)
{
  update_workers (self);
  for (guint i = 0; i < self->worker_lanes->len; i++)
    if (g_array_index (self->worker_lanes, uint32_t, i) == lane)
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->worker), i);
}

static void
add_choices (WeftlineEventView *self, GtkWidget *box)
{
  const char *const levels[] = { _ ("Log: all levels"), _ ("Log: information and worse"),
                                 _ ("Log: warnings and worse"), _ ("Log: errors"), NULL };
  const char *const all[] = { _ ("All workers"), NULL };
  uint32_t zero = 0;

  self->level = gtk_drop_down_new_from_strings (levels);
  self->worker = gtk_drop_down_new_from_strings (all);
  self->worker_lanes = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_array_append_val (self->worker_lanes, zero);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->level), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("How bad what is listed of the log is at least"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->worker), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Whose events are listed"), -1);
  g_signal_connect_swapped (self->level, "notify::selected", G_CALLBACK (chosen_cb), self);
  g_signal_connect_swapped (self->worker, "notify::selected", G_CALLBACK (chosen_cb), self);
  gtk_box_append (GTK_BOX (box), self->level);
  gtk_box_append (GTK_BOX (box), self->worker);
}

static void
shown_cb (WeftlineEventView *self)
{
  update_checks (self);
  update_workers (self);
}

static GtkWidget *
make_filter (WeftlineEventView *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  for (unsigned kind = 0; kind < WEFTLINE_EVENT_N_KINDS; kind++)
    {
      self->checks[kind] = gtk_check_button_new ();
      gtk_check_button_set_active (GTK_CHECK_BUTTON (self->checks[kind]),
                                   (WEFTLINE_EVENT_FIRST_KINDS & 1u << kind) != 0);
      g_signal_connect (self->checks[kind], "toggled", G_CALLBACK (check_cb), self);
      gtk_box_append (GTK_BOX (box), self->checks[kind]);
    }
  add_choices (self, box);
  gtk_widget_add_css_class (box, "control-popover");
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (shown_cb), self);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  /* Translators: which kinds of events are listed */
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), _ ("Kinds"));
  gtk_widget_set_tooltip_text (button, _ ("Which kinds of events are listed"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Which kinds of events are listed"), -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "figure-button");
  return button;
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
make_list (WeftlineEventView *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_swapped (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_cb), self);
  self->events = weftline_event_list_new ();
  weftline_event_list_set_filter (self->events,
                                  &(WeftlineEventFilter){ .kinds = WEFTLINE_EVENT_FIRST_KINDS });
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->events)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (selected_cb), self);
  self->list = gtk_list_view_new (g_object_ref (GTK_SELECTION_MODEL (self->selection)), factory);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Events"), -1);
  gtk_widget_add_css_class (self->list, "event-list");
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->list);
  gtk_widget_set_vexpand (self->scrolled, TRUE);
  weftline_follow_end (GTK_SCROLLED_WINDOW (self->scrolled));
}

static GtkWidget *
make_bar (WeftlineEventView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *switcher = gtk_stack_switcher_new ();

  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (self->stack));
  gtk_widget_add_css_class (switcher, "event-switcher");
  self->count = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->count), 1);
  gtk_label_set_ellipsize (GTK_LABEL (self->count), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->count, "caption");
  gtk_widget_add_css_class (self->count, "dim-label");
  gtk_widget_add_css_class (self->count, "numeric");
  self->filter = make_filter (self);
  gtk_box_append (GTK_BOX (bar), weftline_text_line_new (switcher, NULL, self->count));
  gtk_box_append (GTK_BOX (bar), self->filter);
  gtk_widget_add_css_class (bar, "event-bar");
  return bar;
}

static void
weftline_event_view_dispose (GObject *object)
{
  WeftlineEventView *self = WEFTLINE_EVENT_VIEW (object);

  g_clear_handle_id (&self->more_source, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  if (self->stack != NULL)
    g_signal_handlers_disconnect_by_data (self->stack, self);
  self->stack = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->events);
  g_clear_pointer (&self->worker_lanes, g_array_unref);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_event_view_parent_class)->dispose (object);
}

static void
weftline_event_view_class_init (WeftlineEventViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_event_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_event_view_init (WeftlineEventView *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
weftline_event_view_new (WeftlineSession *session)
{
  WeftlineEventView *self = g_object_new (WEFTLINE_TYPE_EVENT_VIEW, NULL);

  self->session = g_object_ref (session);
  make_list (self);
  self->output = weftline_output_view_new (session);
  self->stack = gtk_stack_new ();
  gtk_stack_add_titled (GTK_STACK (self->stack), self->scrolled, "events", _ ("Events"));
  gtk_stack_add_titled (GTK_STACK (self->stack), self->output, "output", _ ("Output"));
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_box_append (GTK_BOX (self->box), self->stack);
  g_signal_connect_swapped (self->stack, "notify::visible-child", G_CALLBACK (update_count), self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (time_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Event log"), -1);
  update_checks (self);
  time_cb (self);
  return GTK_WIDGET (self);
}

WeftlineEventList *
weftline_event_view_list (WeftlineEventView *self)
{
  return self->events;
}
