/* transfer-work.h: transfers summed up beside the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Sums of all of the run are kept and go on with what is new; those of a part of its time are made
 * anew. One job at a time, on a thread of the pool: what is asked meanwhile is done next, and of
 * several only the last. While a run goes on as often as that takes less than a twentieth of a
 * core. Main thread only.
 */
#pragma once

#include "transfers/transfer-matrix.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TRANSFER_WORK (weftline_transfer_work_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTransferWork, weftline_transfer_work, WEFTLINE, TRANSFER_WORK,
                      GObject)

/* Emits `changed` in the main loop when there is another matrix. (transfer full) */
WeftlineTransferWork *weftline_transfer_work_new (void);
/* Of what ended in [@from_ns, @to_ns); INT64_MIN, INT64_MAX: of all. At once if that is another
 * part than before, or if the run is over. */
void weftline_transfer_work_ask (WeftlineTransferWork *self, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, int64_t from_ns, int64_t to_ns);
/* (transfer none) (nullable): the last that was made; until `changed` */
const WeftlineTransferMatrix *weftline_transfer_work_matrix (WeftlineTransferWork *self);
/* Whether something that was asked for is still to come. */
bool weftline_transfer_work_is_busy (WeftlineTransferWork *self);

G_END_DECLS
