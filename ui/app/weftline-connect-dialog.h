/* weftline-connect-dialog.h: asks for the address of a Dask scheduler, and connects to it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * It stays until it is connected, or until who has asked for it has enough: then nothing is left of
 * the attempt. Signals:
 *
 *   connected (WeftlineAttachment *)  it is watched; the dialog closes
 */
#pragma once

#include "session/weftline-attachment.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_CONNECT_DIALOG (weftline_connect_dialog_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineConnectDialog, weftline_connect_dialog, WEFTLINE, CONNECT_DIALOG,
                      AdwWindow)

WeftlineConnectDialog *weftline_connect_dialog_new (GtkWindow *parent, GSettings *settings);

G_END_DECLS
