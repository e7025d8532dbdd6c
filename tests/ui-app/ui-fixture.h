/* ui-fixture.h: what tests of the window's parts share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "test-support.h"

#include "app/weftline-examples.h"
#include "session/weftline-run-embedded.h"

#include <gtk/gtk.h>

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

static inline gboolean
has_action (GtkWidget *widget, const void *action)
{
  return GTK_IS_ACTIONABLE (widget)
         && g_strcmp0 (gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)), action) == 0;
}
