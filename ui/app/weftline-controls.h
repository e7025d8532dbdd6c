/* weftline-controls.h: run, step, stop, where to stop, speed, workers, memory limit
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-run.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_CONTROLS (weftline_controls_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineControls, weftline_controls, WEFTLINE, CONTROLS, GtkWidget)

GtkWidget *weftline_controls_new (void);
/* (nullable): NULL: none is shown, nor are the controls */
void weftline_controls_set_run (WeftlineControls *self, WeftlineRun *run);
/* Where it stops by itself, as far as that can be told to it. */
void weftline_controls_show_breaks (WeftlineControls *self);
/* The figures beside the buttons need room: without it they are in one menu. */
void weftline_controls_set_narrow (WeftlineControls *self, gboolean narrow);
/* Makes it so by what there is. @room: that nothing needs, beside them as they are now */
void weftline_controls_fit (WeftlineControls *self, int room);

G_END_DECLS
