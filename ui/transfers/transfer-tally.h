/* transfer-tally.h: how often what was seen, in little memory
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Counts by a number, in its order; what was not seen takes no room, so that there can be one for
 * each pair of hundreds of workers. For quantiles numbers are steps of an eighth of an octave: what
 * is told is off by 4.4 % at most. One thread's.
 */
#pragma once

#include "base/weft-base.h"

typedef struct
{
  uint64_t amount;
  uint32_t key;
  uint32_t n;
} WeftlineTallyItem;

/* Zero is an empty one. @items: (array length=n_items): by key */
typedef struct
{
  WeftlineTallyItem *items;
  uint32_t n_items, n_room;
} WeftlineTally;

void weftline_tally_clear (WeftlineTally *tally);
/* O(log items), and O(items) where the key is new. */
void weftline_tally_add (WeftlineTally *tally, uint32_t key, uint32_t n, uint64_t amount);
/* All of the other one too. */
void weftline_tally_merge (WeftlineTally *tally, const WeftlineTally *other);

/* The step that a value, a duration or a rate, is in. */
uint32_t weftline_tally_step (double value);
/* Of keys that are steps: the middle of that in which so much of all is reached. @share: 0 … 1.
 * Returns: < 0: nothing was counted */
double weftline_tally_quantile (const WeftlineTally *tally, double share);
