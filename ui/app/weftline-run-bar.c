/* weftline-run-bar.c: how far a run is, as a bar
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Its colour repeats what stands beside it in words.
 */
#include "config.h"

#include "app/weftline-run-bar.h"

#include <glib/gi18n.h>

GtkWidget *
weftline_run_bar_new (void)
{
  GtkWidget *bar = gtk_level_bar_new ();

  gtk_widget_add_css_class (bar, "run-bar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Share of tasks that have ended"), -1);
  return bar;
}

static const char *
class_of (WeftRunPhase phase)
{
  if (phase < WEFT_RUN_DONE)
    return "run-active";
  if (phase == WEFT_RUN_DONE)
    return "run-done";
  return phase == WEFT_RUN_FAILED ? "run-failed" : "run-other";
}

double
weftline_run_bar_set (GtkWidget *bar, const WeftlineRunStatus *status)
{
  static const char *const classes[] = { "run-active", "run-done", "run-failed", "run-other" };
  double share = status->n_tasks > 0 ? (double) status->n_ended / (double) status->n_tasks : 0;

  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), share);
  for (unsigned i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (classes[i], class_of (status->phase)))
      gtk_widget_add_css_class (bar, classes[i]);
    else
      gtk_widget_remove_css_class (bar, classes[i]);
  return share;
}
