/* ui-fixture.h: what tests of the window's parts share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-objects.h"

#include "app/weftline-application.h"
#include "app/weftline-examples.h"
#include "app/weftline-run-page.h"
#include "app/weftline-window.h"
#include "session/weftline-run-embedded.h"

#include <adwaita.h>

static inline WeftlineRun *
example_run (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = weftline_examples_make (id, 4, 0.0001, &error);

  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, NULL);
}

static inline void
run_to_the_end (WeftlineRun *run)
{
  weftline_run_start (run);
  test_loop_until (weftline_run_is_over (run));
  test_loop_drain ();
}

/* The run is over, and the session has all that its records say: nothing more changes. Pictures
 * come some time after what they show. */
static inline void
session_to_the_end (WeftlineSession *session)
{
  WeftlineRun *run = weftline_session_run (session);

  test_loop_until (weftline_run_feed (run) != NULL
                   && weftline_feed_state (weftline_run_feed (run)) >= WEFT_FEED_ENDED);
  test_loop_until (!weftline_session_update (session));
  test_loop_drain ();
}

/* ---- a run's page in a window of its own ----------------------------------------------------- */

/**
 * RunPage:
 * @session: the page's
 */
typedef struct
{
  GSettings *settings;
  GtkWidget *window;
  WeftlineRunPage *page;
  WeftlineSession *session;
} RunPage;

static inline void
run_page_open (RunPage *p, WeftlineRun *run)
{
  g_autoptr (WeftlineSession) session = weftline_session_new (run);

  p->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  p->page = WEFTLINE_RUN_PAGE (weftline_run_page_new (session, p->settings));
  p->session = weftline_run_page_session (p->page);
  p->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (p->window), 1400, 900);
  gtk_window_set_child (GTK_WINDOW (p->window), GTK_WIDGET (p->page));
  gtk_window_present (GTK_WINDOW (p->window));
}

/* @run: the page's: (transfer full): its last reference */
static inline void
run_page_close (RunPage *p, WeftlineRun *run)
{
  gtk_window_destroy (GTK_WINDOW (p->window));
  g_object_unref (p->settings);
  test_loop_drain ();
  test_assert_finalised (run);
}

/* ---- the real window ------------------------------------------------------------------------- */

/* Closes it; nothing may keep it. @window: its last reference */
static inline void
window_close (WeftlineWindow *window)
{
  GWeakRef weak;

  g_weak_ref_init (&weak, window);
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_until (test_is_gone (&weak));
  g_weak_ref_clear (&weak);
}

/* One of a test with files of its own. */
typedef struct
{
  TestDir *dir;
  WeftlineWindow *window;
} WindowAndDir;

static inline void
window_and_dir_open (WindowAndDir *w, WeftlineApplication *application)
{
  g_autoptr (GSettings) settings = g_settings_new (WEFTLINE_APPLICATION_ID);

  w->dir = test_dir_new ();
  w->window = weftline_window_new (ADW_APPLICATION (application), settings);
  gtk_window_present (GTK_WINDOW (w->window));
}

static inline void
window_and_dir_close (WindowAndDir *w, const void *data G_GNUC_UNUSED)
{
  window_close (w->window);
  test_dir_free (w->dir);
}

/* Of a window that shows a run. */
static inline bool
is_enabled (WeftlineWindow *window, const char *action)
{
  GtkWidget *probe = gtk_button_new ();
  bool enabled;

  /* a button is as sensitive as its action */
  gtk_actionable_set_action_name (GTK_ACTIONABLE (probe), action);
  gtk_widget_insert_before (probe, GTK_WIDGET (weftline_window_page (window)), NULL);
  enabled = gtk_widget_get_sensitive (probe);
  gtk_widget_unparent (probe);
  return enabled;
}

/* ---- finding widgets ------------------------------------------------------------------------- */

/* The first of its descendants for which that holds. */
typedef gboolean (*WidgetTest) (GtkWidget *widget, const void *data);

static inline GtkWidget *
find_widget (GtkWidget *widget, WidgetTest test, const void *data)
{
  GtkWidget *found = test (widget, data) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_widget (child, test, data);
  return found;
}

/* @type: by GSIZE_TO_POINTER() */
static inline gboolean
has_type (GtkWidget *widget, const void *type)
{
  return g_type_is_a (G_OBJECT_TYPE (widget), GPOINTER_TO_SIZE (type));
}

static inline gboolean
has_text (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget)
         && g_str_equal (gtk_label_get_text (GTK_LABEL (widget)), text);
}

static inline GtkWidget *
find_of_type (GtkWidget *widget, GType type)
{
  return find_widget (widget, has_type, GSIZE_TO_POINTER (type));
}

static inline gboolean
has_action (GtkWidget *widget, const void *action)
{
  return GTK_IS_ACTIONABLE (widget)
         && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0;
}
