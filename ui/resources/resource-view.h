/* resource-view.h: CPU, memory, reading and writing of a run's process as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RESOURCE_VIEW (weftline_resource_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineResourceView, weftline_resource_view, WEFTLINE, RESOURCE_VIEW,
                      GtkWidget)

GtkWidget *weftline_resource_view_new (WeftlineSession *session);

G_END_DECLS
