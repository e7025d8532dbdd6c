/* weft-readers-private.h: how many still read a result
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model-private.h"

/* What is known of a slot's readers in a byte: GONE, or how many have not ended, up to MOST_HERE;
 * where there are more, the segment's more_readers has the rest in lots, which are fetched when
 * none are left here. So 0 is none at all, and a lot is looked for once for LOT readers. */
#define GONE WEFT_SLOT_GONE
#define MOST_HERE (GONE - 1)
#define LOT 128u

static inline void
put_lots (WeftModelSegment *segment, uint32_t slot, uint32_t n)
{
  if (n == 0)
    g_hash_table_remove (segment->more_readers, GUINT_TO_POINTER (slot));
  else
    g_hash_table_insert (segment->more_readers, GUINT_TO_POINTER (slot), GUINT_TO_POINTER (n));
}

static inline uint32_t
lots_of (const WeftModelSegment *segment, uint32_t slot)
{
  return segment->more_readers != NULL ? GPOINTER_TO_UINT (
             g_hash_table_lookup (segment->more_readers, GUINT_TO_POINTER (slot)))
                                       : 0;
}

/* One more; it is not GONE. */
static inline void
add_reader (WeftModelSegment *segment, uint32_t slot)
{
  uint8_t *here = &segment->readers[slot];

  if (WEFT_UNLIKELY (*here == MOST_HERE))
    {
      if (segment->more_readers == NULL)
        segment->more_readers = g_hash_table_new (NULL, NULL);
      put_lots (segment, slot, lots_of (segment, slot) + 1);
      *here -= LOT;
    }
  ++*here;
}

/* It is GONE, and there again: until it is let go of, however many were to read it. */
static inline void
pin (WeftModelSegment *segment, uint32_t slot)
{
  if (segment->more_readers == NULL)
    segment->more_readers = g_hash_table_new (NULL, NULL);
  segment->readers[slot] = LOT;
  put_lots (segment, slot, UINT32_MAX);
}

/* One less of one at least. Returns: whether it was the last */
static inline bool
drop_reader (WeftModelSegment *segment, uint32_t slot)
{
  uint8_t *here = &segment->readers[slot];
  uint32_t n_lots;

  if (--*here > 0)
    return false;
  n_lots = lots_of (segment, slot);
  if (WEFT_LIKELY (n_lots == 0))
    return true;
  put_lots (segment, slot, n_lots - 1);
  *here = LOT;
  return false;
}

static inline void
set_gone (WeftModelSegment *segment, uint32_t slot)
{
  segment->readers[slot] = GONE;
  if (WEFT_UNLIKELY (segment->more_readers != NULL))
    put_lots (segment, slot, 0);
}
