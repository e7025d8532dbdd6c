/* weftline-window-connect.c: the window's connections to Dask clusters
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-connect-dialog.h"
#include "app/weftline-window-private.h"

static void
ended_cb (WeftlineWindow *self, const char *message)
{
  _weftline_window_say (self, message);
}

static void
connected_cb (WeftlineWindow *self, WeftlineAttachment *attachment)
{
  weftline_connections_add (self->connections, attachment);
}

void
_weftline_window_make_connections (WeftlineWindow *self)
{
  self->connections = WEFTLINE_CONNECTIONS (weftline_connections_new ());
  gtk_box_append (self->sidebar, GTK_WIDGET (self->connections));
  g_signal_connect_object (self->connections, "ended", G_CALLBACK (ended_cb), self,
                           G_CONNECT_SWAPPED);
}

void
_weftline_window_choose_cluster (WeftlineWindow *self)
{
  WeftlineConnectDialog *dialog = weftline_connect_dialog_new (GTK_WINDOW (self), self->settings);

  g_signal_connect_object (dialog, "connected", G_CALLBACK (connected_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}
