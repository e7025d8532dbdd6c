/* where-work.h: accounts of a part of the time, worked out beside the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An account of a part reads all that comes before its end, so it is made on a thread of the pool.
 * One at a time: what is asked meanwhile is done next, and of several only the last. While a run
 * goes on the same part is looked at again, as often as that takes less than a twentieth of a core:
 * what idle workers waited for is told by what comes later. Main thread only.
 */
#pragma once

#include "model/weft-account.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_WHERE_WORK (weftline_where_work_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineWhereWork, weftline_where_work, WEFTLINE, WHERE_WORK, GObject)

/* Emits `changed` in the main loop when there is another account. (transfer full) */
WeftlineWhereWork *weftline_where_work_new (void);
/* @to_ns: not before @from_ns. At once if that is another part than before, or if the run is over.
 */
void weftline_where_work_ask (WeftlineWhereWork *self, WeftModel *model,
                              const WeftModelSnapshot *snapshot, int64_t from_ns, int64_t to_ns);
/* None is wanted any more. Tells nobody. */
void weftline_where_work_forget (WeftlineWhereWork *self);
/* (transfer none) (nullable): the last that was made; until `changed`, or the next
 * weftline_where_work_forget() */
const WeftTimeAccount *weftline_where_work_account (WeftlineWhereWork *self);
/* Whether the account is not of the part that was asked for last. */
bool weftline_where_work_is_behind (WeftlineWhereWork *self);

G_END_DECLS
