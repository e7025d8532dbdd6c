/* weftline-window-close.c: nothing that runs is given up without a question
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Closing cancels what runs and waits for its end, which comes when the kernels have returned; the
 * window stays until then, and answers. Closing again insists: processes of runs are killed.
 */
#include "config.h"

#include "app/weftline-run-row.h"
#include "app/weftline-window-private.h"

#include <glib/gi18n.h>

typedef void (*EachRun) (WeftlineRun *run, void *data);

static void
foreach_run (WeftlineWindow *self, EachRun each, void *data)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->run_list, i)) != NULL; i++)
    each (weftline_run_row_run (WEFTLINE_RUN_ROW (row)), data);
}

/* What belongs to another program is not ended with this one. */
static void
count_active (WeftlineRun *run, void *data)
{
  *(unsigned *) data += weftline_run_is_active (run) && weftline_run_can (run, WEFTLINE_CAN_CANCEL)
                        && !weftline_run_goes_on (run);
}

static void
cancel (WeftlineRun *run, void *data G_GNUC_UNUSED)
{
  if (!weftline_run_goes_on (run))
    weftline_run_cancel (run);
}

static GtkWidget *
question (WeftlineWindow *self, const char *title, const char *text, const char *yes)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), title, text);

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "no", _ ("_Keep Running"), "yes",
                                    yes, NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "yes",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "no");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "no");
  return dialog;
}

static unsigned
n_active (WeftlineWindow *self)
{
  unsigned n = 0;

  foreach_run (self, count_active, &n);
  return n;
}

void
_weftline_window_run_ended (WeftlineWindow *self)
{
  _weftline_window_update_ended (self);
  if (self->closing && n_active (self) == 0)
    gtk_window_close (GTK_WINDOW (self));
}

static gboolean
close_later_cb (void *data)
{
  _weftline_window_run_ended (data);
  return G_SOURCE_REMOVE;
}

/* The dialog still has the window for a parent here, so it has to be gone first. */
static void
close_window_cb (AdwMessageDialog *dialog G_GNUC_UNUSED, const char *response, WeftlineWindow *self)
{
  if (g_strcmp0 (response, "yes") != 0)
    return;
  self->closing = TRUE;
  foreach_run (self, cancel, NULL);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_later_cb, g_object_ref (self), g_object_unref);
}

gboolean
_weftline_window_close_request (GtkWindow *window)
{
  WeftlineWindow *self = WEFTLINE_WINDOW (window);
  unsigned n = n_active (self);
  g_autofree char *text = NULL;
  GtkWidget *dialog;

  if (n == 0)
    weftline_connections_stop (self->connections);
  if (n == 0)
    return GTK_WINDOW_CLASS (g_type_class_peek (ADW_TYPE_APPLICATION_WINDOW))
        ->close_request (window);
  if (self->closing)
    {
      foreach_run (self, cancel, NULL);
      return GDK_EVENT_STOP;
    }
  text =
      g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "A run is still going on. Closing cancels it.",
                                    "%u runs are still going on. Closing cancels them.", n),
                       n);
  dialog = question (self, _ ("Cancel and Close?"), text, _ ("_Cancel and Close"));
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_window_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  return GDK_EVENT_STOP;
}

typedef struct
{
  WeftlineWindow *window;
  WeftlineRun *run;
} Removal;

static void
removal_free (void *data, GClosure *closure G_GNUC_UNUSED)
{
  Removal *removal = data;

  g_object_unref (removal->run);
  g_free (removal);
}

static void
remove_run (WeftlineWindow *self, WeftlineRun *run)
{
  _weftline_window_remove_run (self, run);
  _weftline_window_update_ended (self);
}

static void
remove_run_cb (AdwMessageDialog *dialog G_GNUC_UNUSED, const char *response, Removal *removal)
{
  if (g_strcmp0 (response, "yes") != 0)
    return;
  weftline_run_cancel (removal->run);
  remove_run (removal->window, removal->run);
}

void
_weftline_window_close_run (WeftlineWindow *self, WeftlineRun *run)
{
  Removal *removal;
  GtkWidget *dialog;
  unsigned n = 0;

  count_active (run, &n);
  if (n == 0)
    {
      remove_run (self, run);
      return;
    }
  removal = g_new (Removal, 1);
  *removal = (Removal){ self, g_object_ref (run) };
  dialog = question (self, _ ("Cancel the Run?"),
                     _ ("It is still going on. What it has recorded will be gone."),
                     _ ("_Cancel the Run"));
  g_signal_connect_data (dialog, "response", G_CALLBACK (remove_run_cb), removal, removal_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* ---- many that are over ---------------------------------------------------------------------- */

typedef struct
{
  WeftlineWindow *window;
  GPtrArray *runs;
} Ended;

static void
gather_ended (WeftlineRun *run, void *data)
{
  Ended *ended = data;

  if (weftline_run_is_over (run) && run != weftline_window_run (ended->window))
    g_ptr_array_add (ended->runs, run);
}

/* (transfer container) */
static GPtrArray *
ended_runs (WeftlineWindow *self)
{
  Ended ended = { self, g_ptr_array_new () };

  foreach_run (self, gather_ended, &ended);
  return ended.runs;
}

void
_weftline_window_update_ended (WeftlineWindow *self)
{
  g_autoptr (GPtrArray) runs = ended_runs (self);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.close-ended", runs->len > 0);
}

void
_weftline_window_close_ended_runs (WeftlineWindow *self)
{
  g_autoptr (GPtrArray) runs = ended_runs (self);

  for (guint i = 0; i < runs->len; i++)
    _weftline_window_remove_run (self, runs->pdata[i]);
  _weftline_window_update_ended (self);
}
