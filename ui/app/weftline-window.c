/* weftline-window.c: the window: runs at the side, one of them in full
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The list's rows are the runs. One that is selected has a page in the stack, named by the run's
 * address, which is made then: a page takes megabytes and a tenth of a second, and a notebook that
 * is open all day makes hundreds of runs that nobody looks at. So those that were not shown for
 * long go, too; what is selected, and the time looked at, are the row's session's. No row selected:
 * the start page.
 */
#include "config.h"

#include "app/weftline-cards.h"
#include "app/weftline-run-row.h"
#include "app/weftline-start-page.h"
#include "app/weftline-window-private.h"

#include <glib/gi18n.h>

#define LONG_RUN_NS ((int64_t) 10 * 1000000000)
#define MOST_PAGES 12 /* of runs: those that were shown last */

G_DEFINE_FINAL_TYPE (WeftlineWindow, weftline_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- which run is shown ---------------------------------------------------------------------- */

static char *
page_name (WeftlineRun *run)
{
  return g_strdup_printf ("%p", (void *) run);
}

WeftlineRunPage *
weftline_window_page (WeftlineWindow *self)
{
  GtkWidget *child = gtk_stack_get_visible_child (self->pages);

  return WEFTLINE_IS_RUN_PAGE (child) ? WEFTLINE_RUN_PAGE (child) : NULL;
}

WeftlineRun *
weftline_window_run (WeftlineWindow *self)
{
  WeftlineRunPage *page = weftline_window_page (self);

  return page != NULL ? weftline_run_page_run (page) : NULL;
}

/* ---- layouts --------------------------------------------------------------------------------- */

static unsigned
n_layouts (WeftlineRunPage *page)
{
  unsigned n = 0;
  WeftlineLayoutKind kind;

  for (unsigned i = 0; i < weftline_layout_kinds_n (); i++)
    {
      weftline_layout_kinds_get (i, &kind);
      n += weftline_run_page_offers (page, &kind);
    }
  return n;
}

static gboolean
is_offered (WeftlineRunPage *page, const char *name)
{
  WeftlineLayoutKind kind;

  return weftline_layout_kinds_find (name, &kind) && weftline_run_page_offers (page, &kind);
}

/* Another run may not have the layout that is wanted. */
static void
update_layouts (WeftlineWindow *self)
{
  WeftlineRunPage *page = weftline_window_page (self);
  GtkWidget *button = gtk_widget_get_first_child (GTK_WIDGET (self->switcher));

  if (page == NULL)
    return;
  g_simple_action_set_state (self->layout, g_variant_new_string (weftline_run_page_layout (page)));
  for (; button != NULL; button = gtk_widget_get_next_sibling (button))
    {
      GVariant *name = gtk_actionable_get_action_target_value (GTK_ACTIONABLE (button));

      gtk_widget_set_visible (button, is_offered (page, g_variant_get_string (name, NULL)));
    }
}

static void
layout_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *name, WeftlineWindow *self)
{
  WeftlineRunPage *page = weftline_window_page (self);
  const char *layout = g_variant_get_string (name, NULL);

  if (page == NULL || is_offered (page, layout))
    g_settings_set_string (self->settings, "layout", layout);
}

/* Behind the pages, which follow the settings themselves. */
static void
follow_layouts (WeftlineWindow *self)
{
  g_autofree char *wanted = g_settings_get_string (self->settings, "layout");

  self->layout =
      g_simple_action_new_stateful ("layout", G_VARIANT_TYPE_STRING, g_variant_new_string (wanted));
  g_signal_connect_object (self->layout, "activate", G_CALLBACK (layout_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (self->layout));
  g_signal_connect_object (self->settings, "changed::layout", G_CALLBACK (update_layouts), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

/* ---- the header ------------------------------------------------------------------------------ */

static void
update_header (WeftlineWindow *self)
{
  WeftlineRun *run = weftline_window_run (self);
  gboolean switches = run != NULL && n_layouts (weftline_window_page (self)) > 1;
  const char *name = run != NULL ? weftline_run_name (run) : _ ("Weftline");

  adw_window_title_set_title (self->title, name);
  gtk_label_set_text (self->run_name, name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->run_name), name); /* there may be no room for it */
  gtk_widget_set_visible (GTK_WIDGET (self->run_name), switches);
  gtk_widget_set_visible (GTK_WIDGET (self->switcher), switches);
  gtk_widget_set_visible (GTK_WIDGET (self->title), !switches);
  gtk_window_set_title (GTK_WINDOW (self), name);
}

static void
run_changed_cb (WeftlineWindow *self)
{
  _weftline_window_update_actions (self);
}

static void
page_cb (WeftlineWindow *self)
{
  WeftlineRun *run = weftline_window_run (self);

  if (self->watched != NULL)
    g_signal_handlers_disconnect_by_func (self->watched, run_changed_cb, self);
  g_set_object (&self->watched, run);
  if (run != NULL)
    {
      g_signal_connect_swapped (run, "changed", G_CALLBACK (run_changed_cb), self);
      weftline_run_show (run);
    }
  /* until the header was measured with it: else the window would grow */
  weftline_controls_set_narrow (self->controls, TRUE);
  weftline_controls_set_run (self->controls, run);
  weftline_search_set_session (
      self->search, run != NULL ? weftline_run_page_session (weftline_window_page (self)) : NULL);
  update_header (self);
  update_layouts (self);
  _weftline_window_update_actions (self);
  _weftline_window_update_ended (self);
}

/* (transfer none) */
static GtkWidget *
make_page (WeftlineWindow *self, WeftlineSession *session)
{
  GtkWidget *page = weftline_run_page_new (session, self->settings);
  g_autofree char *name = page_name (weftline_session_run (session));

  g_signal_connect_object (weftline_run_page_dock (WEFTLINE_RUN_PAGE (page)), "changed",
                           G_CALLBACK (_weftline_window_update_actions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "offers-changed", G_CALLBACK (update_layouts), self,
                           G_CONNECT_SWAPPED);
  gtk_stack_add_named (self->pages, page, name);
  return page;
}

static void
drop_page (WeftlineWindow *self, GtkWidget *page)
{
  g_queue_remove (&self->shown, page);
  gtk_stack_remove (self->pages, page);
}

static void
show_page (WeftlineWindow *self, WeftlineSession *session)
{
  g_autofree char *name = page_name (weftline_session_run (session));
  GtkWidget *page = gtk_stack_get_child_by_name (self->pages, name);

  if (page == NULL)
    page = make_page (self, session);
  g_queue_remove (&self->shown, page);
  g_queue_push_head (&self->shown, page);
  gtk_stack_set_visible_child (self->pages, page);
  while (g_queue_get_length (&self->shown) > MOST_PAGES)
    drop_page (self, g_queue_peek_tail (&self->shown));
}

static void
row_selected_cb (GtkListBox *list G_GNUC_UNUSED, GtkListBoxRow *row, WeftlineWindow *self)
{
  if (row == NULL)
    {
      gtk_stack_set_visible_child (self->pages, self->start_page);
      return;
    }
  show_page (self, weftline_run_row_session (WEFTLINE_RUN_ROW (row)));
  if (adw_flap_get_folded (self->flap))
    adw_flap_set_reveal_flap (self->flap, FALSE);
}

static GtkListBoxRow *
row_of (WeftlineWindow *self, WeftlineRun *run)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->run_list, i)) != NULL; i++)
    if (weftline_run_row_run (WEFTLINE_RUN_ROW (row)) == run)
      return row;
  return NULL;
}

unsigned
weftline_window_n_runs (WeftlineWindow *self)
{
  unsigned n = 0;

  while (gtk_list_box_get_row_at_index (self->run_list, (int) n) != NULL)
    n++;
  return n;
}

/* ---- adding and removing --------------------------------------------------------------------- */

/* Tells of a long run's end while nobody looks. */
static void
notify_end (WeftlineWindow *self, WeftlineRun *run, const WeftlineRunStatus *status)
{
  const char *message = weftline_run_message (run);
  g_autofree char *text = NULL;
  GNotification *notification;

  if (gtk_window_is_active (GTK_WINDOW (self)) || status->elapsed_ns < LONG_RUN_NS)
    return;
  notification = g_notification_new (weftline_run_name (run));
  text = g_strdup_printf (_ ("The run has ended: %s"), weftline_phase_text (status->phase));
  g_notification_set_body (notification, message != NULL ? message : text);
  g_application_send_notification (G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))),
                                   NULL, notification);
  g_object_unref (notification);
}

static void
any_run_changed_cb (WeftlineRun *run, WeftlineWindow *self)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  if (status.phase < WEFT_RUN_DONE)
    return;
  if (g_object_get_data (G_OBJECT (run), "weftline-seen-active") != NULL)
    notify_end (self, run, &status);
  g_object_set_data (G_OBJECT (run), "weftline-seen-active", NULL);
  _weftline_window_run_ended (self);
}

static void
mark_active_cb (WeftlineRun *run, WeftlineWindow *self G_GNUC_UNUSED)
{
  if (weftline_run_is_active (run))
    g_object_set_data (G_OBJECT (run), "weftline-seen-active", run);
}

static void
refused_cb (WeftlineRun *run G_GNUC_UNUSED, const char *reason, WeftlineWindow *self)
{
  _weftline_window_say (self, reason);
}

static void
close_run_cb (WeftlineRunRow *row, WeftlineWindow *self)
{
  _weftline_window_close_run (self, weftline_run_row_run (row));
}

static GtkListBoxRow *
add_run (WeftlineWindow *self, WeftlineRun *run)
{
  g_autoptr (WeftlineSession) session = weftline_session_new (run);
  GtkWidget *row = weftline_run_row_new (session);

  g_signal_connect_object (run, "changed", G_CALLBACK (mark_active_cb), self, 0);
  g_signal_connect_object (run, "changed", G_CALLBACK (any_run_changed_cb), self, 0);
  g_signal_connect_object (run, "refused", G_CALLBACK (refused_cb), self, 0);
  g_signal_connect_object (row, "close-run", G_CALLBACK (close_run_cb), self, 0);
  gtk_list_box_prepend (self->run_list, row);
  return GTK_LIST_BOX_ROW (row);
}

void
weftline_window_add_run (WeftlineWindow *self, WeftlineRun *run)
{
  gtk_list_box_select_row (self->run_list, add_run (self, run));
}

void
weftline_window_add_observed (WeftlineWindow *self, WeftlineRun *run)
{
  GtkListBoxRow *row = add_run (self, run);

  if (weftline_window_run (self) == NULL && !weftline_run_is_over (run))
    gtk_list_box_select_row (self->run_list, row);
  else
    _weftline_window_update_ended (self);
}

void
weftline_window_set_others (WeftlineWindow *self, const char *text)
{
  weftline_start_page_set_others (WEFTLINE_START_PAGE (self->start_page), text);
}

void
_weftline_window_remove_run (WeftlineWindow *self, WeftlineRun *run)
{
  g_autoptr (WeftlineRun) kept G_GNUC_UNUSED = g_object_ref (run);
  g_autofree char *name = page_name (run);
  GtkListBoxRow *row = row_of (self, run);
  GtkWidget *page = gtk_stack_get_child_by_name (self->pages, name);

  if (row == NULL)
    return;
  g_signal_handlers_disconnect_by_func (run, any_run_changed_cb, self);
  g_signal_handlers_disconnect_by_func (run, mark_active_cb, self);
  g_signal_handlers_disconnect_by_func (run, refused_cb, self);
  if (gtk_list_box_row_is_selected (row))
    gtk_list_box_select_row (self->run_list, NULL);
  if (page != NULL && gtk_stack_get_visible_child (self->pages) == page)
    gtk_stack_set_visible_child (self->pages, self->start_page);
  gtk_list_box_remove (self->run_list, GTK_WIDGET (row));
  if (page != NULL)
    drop_page (self, page);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
example_cb (WeftlineStartPage *page G_GNUC_UNUSED, const char *id, unsigned size, double seconds,
            unsigned n_workers, WeftlineWindow *self)
{
  weftline_window_open_example (self, id, size, seconds, n_workers, TRUE);
}

static void
open_cb (WeftlineStartPage *page G_GNUC_UNUSED, GFile *file, WeftlineWindow *self)
{
  weftline_window_open (self, file);
}

static void
make_switcher (WeftlineWindow *self)
{
  WeftlineLayoutKind kind;

  for (unsigned i = 0; i < weftline_layout_kinds_n (); i++)
    {
      GtkWidget *button;

      weftline_layout_kinds_get (i, &kind);
      if (!weftline_cards_exist (kind.main_card))
        continue;
      button = gtk_toggle_button_new_with_label (kind.title);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_add_css_class (button, "layout-button");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.layout");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", kind.name);
      gtk_box_append (self->switcher, button);
    }
}

/* Not while places are given: what is shown must not change then. */
static gboolean
narrow_cb (void *data)
{
  WeftlineWindow *self = data;
  int least;

  self->narrow_source = 0;
  gtk_widget_measure (GTK_WIDGET (self->header), GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL,
                      NULL);
  weftline_controls_fit (self->controls, gtk_widget_get_width (GTK_WIDGET (self->header)) - least);
  return G_SOURCE_REMOVE;
}

static void
weftline_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (widget);

  GTK_WIDGET_CLASS (weftline_window_parent_class)->size_allocate (widget, width, height, baseline);
  if (self->narrow_source == 0)
    self->narrow_source = g_idle_add (narrow_cb, self);
}

static void
weftline_window_dispose (GObject *object)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (object);

  /* a tooltip may keep the window's actions longer than the window, and they would tell it of
   * settings that change */
  g_action_map_remove_action (G_ACTION_MAP (self), "layout");
  if (self->watched != NULL)
    g_signal_handlers_disconnect_by_func (self->watched, run_changed_cb, self);
  g_clear_object (&self->watched);
  if (self->pages != NULL)
    g_signal_handlers_disconnect_by_func (self->pages, page_cb, self);
  if (self->run_list != NULL)
    g_signal_handlers_disconnect_by_func (self->run_list, row_selected_cb, self);
  g_clear_handle_id (&self->narrow_source, g_source_remove);
  g_queue_clear (&self->shown);
  g_clear_object (&self->dialog);
  g_clear_pointer (&self->exported, g_free);
  g_clear_pointer (&self->panes_told, g_free);
  g_clear_handle_id (&self->said.source, g_source_remove);
  g_clear_object (&self->layout);
  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), WEFTLINE_TYPE_WINDOW);
  G_OBJECT_CLASS (weftline_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, header);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, main_box);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, pane_section);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, run_list);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, run_name);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, title);
  gtk_widget_class_bind_template_child (widget_class, WeftlineWindow, toasts);
  gtk_widget_class_bind_template_callback (widget_class, row_selected_cb);
}

static void
weftline_window_class_init (WeftlineWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weftline_window_dispose;
  widget_class->size_allocate = weftline_window_size_allocate;
  GTK_WINDOW_CLASS (klass)->close_request = _weftline_window_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/weftline/Weftline/weftline-window.ui");
  bind_children (widget_class);
  _weftline_window_install_actions (widget_class);
}

static void
make_start_page (WeftlineWindow *self)
{
  self->start_page = weftline_start_page_new (g_settings_get_uint (self->settings, "workers"));
  g_signal_connect (self->start_page, "example", G_CALLBACK (example_cb), self);
  g_signal_connect (self->start_page, "open", G_CALLBACK (open_cb), self);
  gtk_stack_add_named (self->pages, self->start_page, "start");
}

/* What nothing in the window took: the page has no keys while the focus is not in it. */
static gboolean
key_cb (WeftlineWindow *self, guint key)
{
  WeftlineRunPage *page = weftline_window_page (self);

  return page != NULL && weftline_run_page_key (page, key);
}

static void
follow_keys (WeftlineWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
weftline_window_init (WeftlineWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  follow_keys (self);
  self->controls = WEFTLINE_CONTROLS (weftline_controls_new ());
  adw_header_bar_pack_start (self->header, GTK_WIDGET (self->controls));
  self->search = WEFTLINE_SEARCH (weftline_search_new ());
  gtk_box_insert_child_after (self->main_box, GTK_WIDGET (self->search), GTK_WIDGET (self->header));
  make_switcher (self);
  _weftline_window_make_connections (self);
  g_signal_connect_swapped (self->pages, "notify::visible-child", G_CALLBACK (page_cb), self);
  _weftline_window_accept_drops (self);
}

WeftlineWindow *
weftline_window_new (AdwApplication *application, GSettings *settings)
{
  WeftlineWindow *self = g_object_new (WEFTLINE_TYPE_WINDOW, "application", application, NULL);

  self->settings = g_object_ref (settings);
  follow_layouts (self);
  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  make_start_page (self);
  page_cb (self);
  return self;
}
