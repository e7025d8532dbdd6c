/* order-scratch.c: memory that the ordering passes share.
 *
 * One block, so that a graph costs one allocation however many passes run.
 *
 * Passes over scattered graphs spend their time waiting for memory. Blocks of
 * some megabytes therefore ask for huge pages: most of the time goes to
 * address translation otherwise, and some of it to touching new pages.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <stdlib.h>
#include <sys/mman.h>

#define CACHE_LINE 64
#define HUGE_PAGE ((size_t) 2 << 20)

/* (nullable): at least size bytes, on a boundary of cache lines; for free (). */
void *
_weft_order_alloc (size_t size)
{
  size_t alignment = size >= 2 * HUGE_PAGE ? HUGE_PAGE : CACHE_LINE;
  void *block = aligned_alloc (alignment, (size + alignment) / alignment * alignment);

  if (block != NULL && alignment == HUGE_PAGE)
    madvise (block, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
  return block;
}

bool
_weft_order_scratch_init (WeftOrderScratch *scratch, const WeftOrderGraph *graph)
{
  size_t n = graph->n_tasks;
  size_t m = graph->dep_offsets[n];
  size_t n_words = 2 * _weft_order_bits_words (graph->n_tasks);
  size_t size = n * sizeof (WeftOrderState) + (n + n_words) * sizeof (uint64_t)
                + (3 * n + 4 * m) * sizeof (uint32_t) + n;

  *scratch = (WeftOrderScratch){ .graph = graph, .block = _weft_order_alloc (size) };
  if (scratch->block == NULL)
    return false;

  /* by falling alignment */
  scratch->state = scratch->block;
  scratch->keys = (uint64_t *) (scratch->state + n);
  scratch->words = scratch->keys + n;
  scratch->consumers_xor = (uint32_t *) (scratch->words + n_words);
  scratch->rank = scratch->consumers_xor + n;
  scratch->dep_order = scratch->rank + n;
  scratch->dependent_order = scratch->dep_order + m;
  scratch->stack = scratch->dependent_order + m;
  scratch->touched = scratch->stack + n + m;
  scratch->marks = (uint8_t *) (scratch->touched + m);
  return true;
}

void
_weft_order_scratch_clear (WeftOrderScratch *scratch)
{
  free (scratch->block);
  scratch->block = NULL;
}

static uint32_t
xor_consumers (const WeftOrderGraph *graph, uint32_t task)
{
  uint32_t all = 0;

  for (uint32_t e = graph->dependent_offsets[task]; e < graph->dependent_offsets[task + 1]; e++)
    all ^= graph->dependents[e];
  return all;
}

void
_weft_order_scratch_set_part (WeftOrderScratch *scratch, uint32_t part)
{
  const WeftOrderGraph *graph = scratch->graph;

  scratch->first = graph->part_offsets[part];
  scratch->end = graph->part_offsets[part + 1];
  scratch->n_tasks = scratch->end - scratch->first;
  scratch->n_edges = graph->dep_offsets[scratch->end] - graph->dep_offsets[scratch->first];
  for (uint32_t t = scratch->first; t < scratch->end; t++)
    scratch->consumers_xor[t] = xor_consumers (graph, t);
  scratch->n_steps += scratch->n_tasks + scratch->n_edges;
}
