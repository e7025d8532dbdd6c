/* transfer-view.h: transfers between workers as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The chart, and a switch for what its colours and figures tell. Property `figures`: how much was
 * moved.
 */
#pragma once

#include "transfers/transfer-chart.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TRANSFER_VIEW (weftline_transfer_view_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTransferView, weftline_transfer_view, WEFTLINE, TRANSFER_VIEW,
                      GtkWidget)

GtkWidget *weftline_transfer_view_new (WeftlineSession *session);
/* (transfer none) */
WeftlineTransferChart *weftline_transfer_view_chart (WeftlineTransferView *self);
WeftlineTransferMeasure weftline_transfer_view_get_measure (WeftlineTransferView *self);
void weftline_transfer_view_set_measure (WeftlineTransferView *self,
                                         WeftlineTransferMeasure measure);
/* The time that was selected; both 0: none is. */
void weftline_transfer_view_get_range (WeftlineTransferView *self, int64_t *from_ns,
                                       int64_t *to_ns);

G_END_DECLS
