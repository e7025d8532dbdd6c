/* weft-memory-private.h: a run's account of big results and of sources that wait for memory
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "sched/weft-careful-private.h"
#include "store/weft-spill.h"

struct _WeftMemory
{
  pthread_mutex_t lock;
  _Atomic (WeftSpillStore *) store; /* lock for setting (nullable): no limit, nothing is spilled */
  GPtrArray *handles;               /* lock: WeftManaged *, weak: removed when freed */
  WeftQueue *waiting;               /* sources put aside, best first; has a lock of its own */
  _Atomic uint64_t waiting_since;   /* atomic: relaxed; when the first was put aside */
  _Atomic int64_t spilled_bytes;    /* atomic: relaxed */
  _Atomic uint32_t n_sleepers;      /* atomic: seq_cst; workers that sleep for want of memory */
};

/* managed.c: writes one result to disk, but none that `item` (nullable) is going to read. FALSE:
 * nothing can be spilled. A failed write keeps the value. */
bool _weft_spill_one (WeftSeat *seat, const WeftItem *item);
