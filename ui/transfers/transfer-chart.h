/* transfer-chart.h: transfers between workers as a picture that answers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * It follows the session's run: all of it, or as far as the moment that is looked at, or what ended
 * in the selected time. A click on a cell selects the task whose result took longest there, one on
 * a group the group. Arrow keys go from cell to cell, Return does what a click does.
 */
#pragma once

#include "session/weftline-session.h"
#include "transfers/transfer-layout.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TRANSFER_CHART (weftline_transfer_chart_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTransferChart, weftline_transfer_chart, WEFTLINE, TRANSFER_CHART,
                      GtkWidget)

/* Emits `changed` when there are other sums. */
GtkWidget *weftline_transfer_chart_new (WeftlineSession *session);
void weftline_transfer_chart_set_measure (WeftlineTransferChart *self,
                                          WeftlineTransferMeasure measure);
/* (transfer none) (nullable): until `changed` */
const WeftlineTransferMatrix *weftline_transfer_chart_matrix (WeftlineTransferChart *self);
/* Whether sums of what is shown now are still to come. */
bool weftline_transfer_chart_is_busy (WeftlineTransferChart *self);
/* For tests: what was drawn last. */
const WeftlineTransferLayout *weftline_transfer_chart_layout (WeftlineTransferChart *self);

G_END_DECLS
