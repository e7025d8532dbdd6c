/* transfer-tally.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-tally.h"

#include <math.h>

#define STEPS_AN_OCTAVE 8

void
weftline_tally_clear (WeftlineTally *tally)
{
  g_free (tally->items);
  *tally = (WeftlineTally){ .items = NULL };
}

/* The first that is not before the key. */
static uint32_t
find (const WeftlineTally *tally, uint32_t key)
{
  uint32_t low = 0, high = tally->n_items;

  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;

      if (tally->items[middle].key < key)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
insert (WeftlineTally *tally, uint32_t at, uint32_t key)
{
  if (tally->n_items == tally->n_room)
    {
      tally->n_room = MAX (2 * tally->n_room, 4);
      tally->items = g_renew (WeftlineTallyItem, tally->items, tally->n_room);
    }
  memmove (&tally->items[at + 1], &tally->items[at],
           (tally->n_items - at) * sizeof (WeftlineTallyItem));
  tally->items[at] = (WeftlineTallyItem){ .key = key };
  tally->n_items++;
}

void
weftline_tally_add (WeftlineTally *tally, uint32_t key, uint32_t n, uint64_t amount)
{
  uint32_t at = find (tally, key);

  if (at == tally->n_items || tally->items[at].key != key)
    insert (tally, at, key);
  tally->items[at].n += n;
  tally->items[at].amount += amount;
}

void
weftline_tally_merge (WeftlineTally *tally, const WeftlineTally *other)
{
  for (uint32_t i = 0; i < other->n_items; i++)
    weftline_tally_add (tally, other->items[i].key, other->items[i].n, other->items[i].amount);
}

uint32_t
weftline_tally_step (double value)
{
  return value > 1 ? (uint32_t) (log2 (value) * STEPS_AN_OCTAVE) : 0;
}

double
weftline_tally_quantile (const WeftlineTally *tally, double share)
{
  uint64_t n = 0, so_far = 0;
  double wanted;

  for (uint32_t i = 0; i < tally->n_items; i++)
    n += tally->items[i].n;
  wanted = share * (double) n;
  for (uint32_t i = 0; i < tally->n_items; i++)
    {
      so_far += tally->items[i].n;
      if ((double) so_far >= wanted)
        return exp2 ((tally->items[i].key + 0.5) / STEPS_AN_OCTAVE);
    }
  return -1;
}
