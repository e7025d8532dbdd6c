/* weft-grow-private.h: arrays that grow by doubling
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pages that were never written take no memory, and the C library moves big arrays by remapping
 * them, so room to spare costs address space only.
 */
#pragma once

#include "base/weft-base.h"

/* Room for @needed items of @item_bytes in @array (of *room now). (transfer full) */
static inline void *
_weft_grow (void *array, size_t *room, size_t needed, size_t item_bytes)
{
  if (WEFT_LIKELY (needed <= *room))
    return array;
  *room = MAX (needed, MAX (16, *room * 2));
  return g_realloc_n (array, *room, item_bytes);
}

/* _weft_grow_array (array, room, needed): the same for a pointer of any type, in place */
#define _weft_grow_array(array, room, needed) \
  ((array) = _weft_grow ((array), &(room), (needed), sizeof *(array)))
