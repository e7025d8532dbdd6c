/* task-sort.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A radix sort from the last byte to the first; bytes that are the same everywhere are passed over.
 */
#include "config.h"

#include "table/task-sort.h"

#include <string.h>

#define FEW 64 /* sorted by insertion */
#define N_BYTES 8
#define N_DIGITS 256

static void
insert (WeftlineTaskItem *items, uint32_t n)
{
  for (uint32_t i = 1; i < n; i++)
    {
      WeftlineTaskItem item = items[i];
      uint32_t at = i;

      for (; at > 0 && items[at - 1].value > item.value; at--)
        items[at] = items[at - 1];
      items[at] = item;
    }
}

static void
count (const WeftlineTaskItem *items, uint32_t n, uint32_t counts[N_BYTES][N_DIGITS])
{
  memset (counts, 0, N_BYTES * sizeof counts[0]);
  for (uint32_t i = 0; i < n; i++)
    for (unsigned byte = 0; byte < N_BYTES; byte++)
      counts[byte][items[i].value >> 8 * byte & 0xff]++;
}

/* From counts to where each digit begins. Returns: whether there is more than one */
static bool
place (uint32_t *counts, uint32_t n)
{
  uint32_t at = 0;
  bool several = true;

  for (unsigned digit = 0; digit < N_DIGITS; digit++)
    {
      uint32_t here = counts[digit];

      several = several && here != n;
      counts[digit] = at;
      at += here;
    }
  return several;
}

void
weftline_task_sort (WeftlineTaskItem *items, WeftlineTaskItem *scratch, uint32_t n)
{
  WeftlineTaskItem *from = items, *to = scratch;
  uint32_t counts[N_BYTES][N_DIGITS];

  if (n <= FEW)
    {
      insert (items, n);
      return;
    }
  count (items, n, counts);
  for (unsigned byte = 0; byte < N_BYTES; byte++)
    {
      WeftlineTaskItem *swap = from;

      if (!place (counts[byte], n))
        continue;
      for (uint32_t i = 0; i < n; i++)
        to[counts[byte][from[i].value >> 8 * byte & 0xff]++] = from[i];
      from = to;
      to = swap;
    }
  if (from != items)
    memcpy (items, from, (size_t) n * sizeof *items);
}
