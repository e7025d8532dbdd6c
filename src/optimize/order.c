/* order.c: the static order of a task graph.
 *
 * What is wanted is a topological order in which a serial execution holds few
 * results at a time. Finding the best is NP-complete even when all results are
 * of one size (Sethi, SIAM Journal on Computing 4, 1975: register allocation
 * for expressions with common subexpressions), so this goes by rules, those of
 * dask.order in spirit: small goals and big steps, depth first, and finish
 * what frees memory. No single rule is good on every shape. A stencil wants
 * its rows if there are many steps and its diagonals if there are few, a
 * shuffle wants to go by outputs, a matrix product by the smaller factor, and
 * a graph without any structure is served best by going on with what was
 * touched last. But every rule is linear and cheap, and what it leads to can
 * be measured on the way. So several are tried and the least peak wins: peak
 * bytes if sizes are known, then peak results; without sizes peak results.
 *
 *   order-graph.c     renumbers: dependencies first, components in one piece
 *   order-search.c    which candidates are tried on a component, and until when
 *   order-forward.c   list passes from the front: by rank, and by goals
 *   order-backward.c  list pass from the back: shifts to the right
 *   order-walks.c     depth first (Sethi-Ullman, Liu) and breadth first
 *   order-cones.c     the next sink is the one that lacks fewest sources
 *   order-classes.c   priorities
 *   order-merge.c     interleaves components where outputs stay behind
 *   order-measure.c   peak of a given order, lower bound of all
 *   order-simulate.c  the checker; shares no code with the rest
 *   order-bits.c      sets of ranks
 *
 * Candidates on a component, until one meets the lower bound or the steps are
 * used up: the order of the ids; then, by each of four walks (ids, a sweep
 * from end to end, both reversed), depth first from the sinks of the walk,
 * sinks by cones, goals newest and oldest first, and the backward pass over
 * the goals' orders and over the best so far. A pass gives up as soon as it
 * cannot become the best any more. In large graphs without structure the order
 * of the ids is tried after the first walks, and so gives up early.
 *
 * Invariants. Every candidate is a valid order by construction, as a task is
 * placed only once all on its one side are. Ties go to the smaller rank, and
 * ranks in the end to the smaller id. The number of steps is the only limit,
 * never time, and there is no other state: same input, same order.
 *
 * Complexity. Each pass visits a task and an edge a fixed number of times; a
 * set of ranks takes O(log64 n) for each visit. Sorting the dependencies of
 * one task, where their labels differ, takes O(d log d). The limit on steps is
 * a multiple of tasks and edges. Nothing recurses. Memory while it runs: about
 * 100 bytes a task and 24 an edge, half as much again where cones are walked
 * or tasks renumbered.
 *
 * With priorities components are not independent: classes cut across them.
 * Then the graph is searched as one part and every candidate is sorted by
 * class before it is measured.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <stdlib.h>
#include <string.h>

static bool
has_priorities (const WeftOrderInput *input)
{
  for (uint32_t t = 1; input->priorities != NULL && t < input->n_tasks; t++)
    if (input->priorities[t] != input->priorities[0])
      return true;
  return false;
}

/* Buffers of a search, and one for the whole order behind them. */
static uint32_t *
search_alloc (WeftOrderSearch *search, size_t n)
{
  uint32_t *block = _weft_order_alloc ((7 * n + 3) * sizeof *block);

  if (block == NULL)
    return NULL;
  search->best = block;
  search->ranked = search->best + n;
  search->spare = search->ranked + n;
  search->walk = search->spare + n;
  search->sinks = search->walk + n + 1;
  search->counts = search->sinks + n + 1; /* n + 1 */
  return block;
}

static bool
order_parts (WeftOrderSearch *search, uint32_t *sequence)
{
  const WeftOrderGraph *graph = search->graph;

  for (uint32_t part = 0; part < graph->n_parts; part++)
    {
      uint32_t first = graph->part_offsets[part];
      uint32_t n = graph->part_offsets[part + 1] - first;

      if (!_weft_order_search_part (search, part))
        return false;
      memcpy (sequence + first, search->best, n * sizeof *sequence);
    }
  return true;
}

/* order is written last: it stays as it was if memory runs out. */
static bool
order_graph (WeftOrderSearch *search, uint32_t *order)
{
  const WeftOrderGraph *graph = search->graph;
  uint32_t *block = search_alloc (search, graph->n_tasks);
  uint32_t *sequence = block + 6 * (size_t) graph->n_tasks + 3;
  bool done;

  if (block == NULL)
    return false;
  done = order_parts (search, sequence);
  if (done && graph->held != NULL && graph->n_parts > 1)
    {
      done = _weft_order_merge_parts (search->scratch, sequence, block);
      sequence = block;
    }
  for (uint32_t k = 0; done && k < graph->n_tasks; k++)
    order[k] = graph->given != NULL ? graph->given[sequence[k]] : sequence[k];
  free (block);
  return done;
}

static bool
order_by_class (const WeftOrderGraph *graph, const int32_t *priorities, WeftOrderScratch *scratch,
                uint32_t *order)
{
  WeftOrderSearch search;
  uint32_t *classes = NULL;
  bool done;

  _weft_order_search_init (&search, graph, scratch);
  if (priorities != NULL
      && !_weft_order_classes_new (graph, priorities, &classes, &search.n_classes))
    return false;
  search.classes = classes;
  done = order_graph (&search, order);
  free (classes);
  return done;
}

bool
_weft_order_compute_full (const WeftOrderInput *input, uint32_t *order, WeftOrderStats *stats)
{
  bool by_class = has_priorities (input);
  uint64_t n_steps = 0;
  WeftOrderGraph graph;
  WeftOrderScratch scratch;
  bool done;

  /* classes cut across components, so that these are no longer apart */
  if (!_weft_order_graph_init (&graph, input, by_class, &n_steps))
    return false;
  done = _weft_order_scratch_init (&scratch, &graph);
  if (done)
    done = order_by_class (&graph, by_class ? input->priorities : NULL, &scratch, order);
  if (done && stats != NULL)
    {
      stats->n_steps = n_steps + scratch.n_steps;
      stats->n_edges = input->dep_offsets[input->n_tasks];
      stats->n_parts = graph.n_parts;
    }
  _weft_order_scratch_clear (&scratch);
  _weft_order_graph_clear (&graph);
  return done;
}

bool
_weft_order_compute (const WeftOrderInput *input, uint32_t *order)
{
  return _weft_order_compute_full (input, order, NULL);
}
