/* held-work.h: what was held, worked out beside the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A whole look at a large run takes a while, so it is taken on a thread of the pool. One at a time;
 * how often follows from how long the last one took.
 */
#pragma once

#include "model/weft-held.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_HELD_WORK (weftline_held_work_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineHeldWork, weftline_held_work, WEFTLINE, HELD_WORK, GObject)

/* Emits `changed` in the main loop when there is another history. (transfer full) */
WeftlineHeldWork *weftline_held_work_new (void);
/* There is more in the model: a new history is wanted, by and by. At once if it is @final. */
void weftline_held_work_want (WeftlineHeldWork *self, WeftModel *model,
                              const WeftModelSnapshot *snapshot, bool final);
/* The latest, once. (transfer full) (nullable): it was taken, or there is none yet */
WeftHeldHistory *weftline_held_work_take (WeftlineHeldWork *self);
/* Whether one is wanted that is not there yet. */
bool weftline_held_work_is_busy (WeftlineHeldWork *self);

/* Called with what weft_held_at() found, as long as @object lives. */
typedef void (*WeftlineHeldFunc) (GObject *object, int64_t at_ns, const WeftHeld *held, uint32_t n,
                                  const WeftHeldSum *sum);
void weftline_held_list (GObject *object, WeftModel *model, const WeftModelSnapshot *snapshot,
                         int64_t at_ns, uint32_t n, WeftlineHeldFunc func);

G_END_DECLS
