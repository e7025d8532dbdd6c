/* weftline-rewind.h: how a run was at the moment that is looked at
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pasts and moments are worked out on a thread of the pool, one at a time: what is asked meanwhile
 * is done next, and of several only the last. So drawing never waits, and whoever drags gets as
 * many moments as there is time for. Main thread only.
 */
#pragma once

#include "model/weft-past.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_REWIND (weftline_rewind_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineRewind, weftline_rewind, WEFTLINE, REWIND, GObject)

/* Signal: `changed`: there is another moment. (transfer full) */
WeftlineRewind *weftline_rewind_new (void);
/* Asks how it was at @at_ns. The model is always the same. */
void weftline_rewind_ask (WeftlineRewind *self, WeftModel *model, const WeftModelSnapshot *snapshot,
                          int64_t at_ns);
/* No moment is wanted any more, and what was kept to find some is freed. Tells nobody. */
void weftline_rewind_forget (WeftlineRewind *self);
/* (transfer none) (nullable): the last that was found; until `changed` or the next
 * weftline_rewind_forget() */
const WeftMoment *weftline_rewind_moment (WeftlineRewind *self);
/* Whether another one is being looked for. */
bool weftline_rewind_is_busy (WeftlineRewind *self);

G_END_DECLS
