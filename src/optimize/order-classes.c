/* order-classes.c: what priorities allow.
 *
 * A task with a higher priority goes first where dependencies allow, and so
 * does what it needs: the effective priority of a task is the highest of its
 * own and those of all that depend on it. Then no dependency is in a later
 * class than its dependent, and sorting any valid order by class, stably,
 * leaves it valid.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <stdlib.h>
#include <string.h>

/* Keys that rise as priorities fall, by number. */
static void
fill_keys (const WeftOrderGraph *graph, const int32_t *priorities, uint32_t *keys)
{
  for (uint32_t t = graph->n_tasks; t-- > 0;)
    {
      uint32_t id = graph->given != NULL ? graph->given[t] : t;

      keys[t] = ~((uint32_t) priorities[id] ^ UINT32_C (0x80000000));
      for (uint32_t e = graph->dependent_offsets[t]; e < graph->dependent_offsets[t + 1]; e++)
        if (keys[graph->dependents[e]] < keys[t])
          keys[t] = keys[graph->dependents[e]];
    }
}

/* One round of a radix sort, by the eight bits at shift. */
static void
sort_digit (const uint32_t *keys, uint32_t n, uint32_t shift, const uint32_t *from, uint32_t *to)
{
  uint32_t next[257] = { 0 };

  for (uint32_t k = 0; k < n; k++)
    next[(keys[k] >> shift & 255) + 1]++;
  for (uint32_t digit = 0; digit < 256; digit++)
    next[digit + 1] += next[digit];
  for (uint32_t k = 0; k < n; k++)
    to[next[keys[from[k]] >> shift & 255]++] = from[k];
}

static uint32_t
number_classes (const uint32_t *keys, const uint32_t *sorted, uint32_t n, uint32_t *classes)
{
  uint32_t n_classes = 0;

  for (uint32_t k = 0; k < n; k++)
    {
      if (k == 0 || keys[sorted[k]] != keys[sorted[k - 1]])
        n_classes++;
      classes[sorted[k]] = n_classes - 1;
    }
  return n_classes;
}

/* Classes by number; the caller frees them. False if memory is out. */
bool
_weft_order_classes_new (const WeftOrderGraph *graph, const int32_t *priorities, uint32_t **classes,
                         uint32_t *n_classes)
{
  uint32_t n = graph->n_tasks;
  uint32_t *keys = calloc (3 * (size_t) n + 1, sizeof *keys);
  uint32_t *sorted = keys + n;
  uint32_t *spare = sorted + n;
  uint32_t *result = malloc (((size_t) n + 1) * sizeof *result);

  if (keys == NULL || result == NULL)
    {
      free (keys);
      free (result);
      return false;
    }

  fill_keys (graph, priorities, keys);
  for (uint32_t k = 0; k < n; k++)
    sorted[k] = k;
  for (uint32_t shift = 0; shift < 32; shift += 16)
    {
      sort_digit (keys, n, shift, sorted, spare);
      sort_digit (keys, n, shift + 8, spare, sorted);
    }
  *n_classes = number_classes (keys, sorted, n, result);
  *classes = result;
  free (keys);
  return true;
}

/* Stable counting sort of sequence by class; spare and counts are scratch of
 * n and n_classes + 1. */
void
_weft_order_classes_group (const uint32_t *classes, uint32_t n_classes, uint32_t *sequence,
                           uint32_t n, uint32_t *spare, uint32_t *counts)
{
  memset (counts, 0, ((size_t) n_classes + 1) * sizeof *counts);
  for (uint32_t k = 0; k < n; k++)
    counts[classes[sequence[k]] + 1]++;
  for (uint32_t c = 0; c < n_classes; c++)
    counts[c + 1] += counts[c];
  memcpy (spare, sequence, n * sizeof *spare);
  for (uint32_t k = 0; k < n; k++)
    sequence[counts[classes[spare[k]]]++] = spare[k];
}
