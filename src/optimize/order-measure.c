/* order-measure.c: the peak of a sequence, and the least that any can have.
 *
 * Passes measure what they build; this is for sequences that were changed
 * afterwards.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

/* Numbers at less than this distance are near; to how many a dependency is
 * compared. */
#define NEAR UINT32_C (32)
#define LOOK_BACK 4

static void
drop (const WeftOrderGraph *graph, uint32_t task, WeftOrderLoad *live)
{
  if (weft_order_graph_held (graph, task))
    return;
  live->bytes -= weft_order_graph_bytes (graph, task);
  live->results--;
}

static void
end_task (WeftOrderScratch *scratch, uint32_t task, WeftOrderLoad *live)
{
  const WeftOrderGraph *graph = scratch->graph;

  for (uint32_t e = graph->dep_offsets[task]; e < graph->dep_offsets[task + 1]; e++)
    if (--scratch->state[graph->deps[e]].left == 0)
      drop (graph, graph->deps[e], live);
  if (scratch->state[task].left == 0)
    drop (graph, task, live);
}

WeftOrderLoad
_weft_order_measure (WeftOrderScratch *scratch, const uint32_t *sequence)
{
  const uint32_t *offsets = scratch->graph->dependent_offsets;
  WeftOrderLoad live = { 0, 0 };
  WeftOrderLoad peak = { 0, 0 };

  for (uint32_t t = scratch->first; t < scratch->end; t++)
    scratch->state[t].left = offsets[t + 1] - offsets[t];
  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    {
      live.bytes += weft_order_graph_bytes (scratch->graph, sequence[k]);
      live.results++;
      weft_order_load_raise (&peak, live);
      end_task (scratch, sequence[k], &live);
    }
  scratch->n_steps += 2 * (uint64_t) scratch->n_tasks + scratch->n_edges;
  return peak;
}

static bool
is_near_to_one (const uint32_t *deps, uint32_t at)
{
  bool near = false;

  for (uint32_t back = 1; back <= LOOK_BACK && back <= at; back++)
    near |= deps[at] + NEAR - deps[at - back] < 2 * NEAR;
  return near;
}

/* Whether seven in ten dependencies are far, by number, from all that were read just
 * before, as they are in a graph without structure. */
bool
_weft_order_is_scattered (const WeftOrderScratch *scratch)
{
  const uint32_t *deps = scratch->graph->deps + scratch->graph->dep_offsets[scratch->first];
  uint32_t n_far = 0;

  for (uint32_t e = 0; e < scratch->n_edges; e++)
    n_far += !is_near_to_one (deps, e);
  return n_far > scratch->n_edges / 10 * 7;
}

/* Each task has to hold its inputs and its result, and all outputs are live in
 * the end. */
WeftOrderLoad
_weft_order_least (const WeftOrderScratch *scratch)
{
  const WeftOrderGraph *graph = scratch->graph;
  WeftOrderLoad least = { 0, 0 };
  WeftOrderLoad held = { 0, 0 };

  for (uint32_t t = scratch->first; t < scratch->end; t++)
    {
      WeftOrderLoad load = { weft_order_graph_bytes (graph, t), 1 };

      if (weft_order_graph_held (graph, t))
        {
          held.bytes += load.bytes;
          held.results++;
        }
      for (uint32_t e = graph->dep_offsets[t]; e < graph->dep_offsets[t + 1]; e++)
        {
          load.bytes += weft_order_graph_bytes (graph, graph->deps[e]);
          load.results++;
        }
      weft_order_load_raise (&least, load);
    }
  weft_order_load_raise (&least, held);
  return least;
}
