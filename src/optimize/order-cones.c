/* order-cones.c: which sink to finish next, by what it still needs loaded.
 *
 * Where each sink stands on a few sources (blocks of a matrix product, maps
 * with overlap, shuffles), the order of the sinks decides how often what is
 * loaded serves twice. The next sink is the one with the fewest sources that
 * no earlier sink has loaded, among those that share a source with an earlier
 * one. Ties go to the sink that came to share last, or first.
 *
 * The pairs of sink and source can be quadratically many. Walking back from
 * every sink stops once it has taken some multiple of the part's size, and
 * the caller does without.
 *
 * Sinks wait in one list for each number of missing sources. A source that is
 * loaded moves its sinks one list down; the entry left behind is recognised by
 * its number. So choosing costs one step a pair, and the smallest list that is
 * not empty is the smallest member of a set of bits.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <stdlib.h>
#include <string.h>

/* Edges that may be walked, for each task and edge of the part. */
#define WALK_FACTOR 2

typedef struct
{
  WeftOrderScratch *scratch;
  uint32_t *stamps; /* by number - first: the last sink seen from */
  uint32_t *pairs;  /* sources, sink after sink */
  uint32_t n_pairs;
  uint64_t n_budget; /* tasks and edges to visit, for all sinks */
  uint64_t n_left;   /* for those so far */
} ConeWalk;

static bool
walk_cone (ConeWalk *walk, uint32_t sink, uint32_t stamp)
{
  WeftOrderScratch *scratch = walk->scratch;
  const WeftOrderGraph *graph = scratch->graph;
  uint32_t *stack = scratch->stack;
  size_t depth = 0;

  stack[depth++] = sink;
  while (depth > 0)
    {
      uint32_t task = stack[--depth];
      uint32_t e = graph->dep_offsets[task];
      uint32_t end = graph->dep_offsets[task + 1];

      if (walk->n_left < 1 + (uint64_t) (end - e))
        return false;
      walk->n_left -= 1 + (uint64_t) (end - e);
      scratch->n_steps += 1 + (uint64_t) (end - e);
      if (e == end)
        walk->pairs[walk->n_pairs++] = task;
      for (; e < end; e++)
        if (walk->stamps[graph->deps[e] - scratch->first] != stamp)
          {
            walk->stamps[graph->deps[e] - scratch->first] = stamp;
            stack[depth++] = graph->deps[e];
          }
    }
  return true;
}

/* Steps may be spent as sinks come along, a sixteenth in advance: so a graph
 * that is too deep shows early. */
static bool
walk_cones (WeftOrderCones *cones, ConeWalk *walk)
{
  uint64_t share = walk->n_budget / cones->n_sinks;
  bool fits = true;

  walk->n_left = walk->n_budget / 16;
  for (uint32_t k = 0; fits && k < cones->n_sinks; k++)
    {
      cones->source_offsets[k] = walk->n_pairs;
      walk->n_left += share;
      fits = walk_cone (walk, cones->sinks[k], k);
    }
  cones->source_offsets[cones->n_sinks] = walk->n_pairs;
  return fits;
}

/* Counting sort of the pairs by source. */
static void
transpose_cones (WeftOrderCones *cones, const WeftOrderScratch *scratch)
{
  uint32_t n_pairs = cones->source_offsets[cones->n_sinks];
  uint32_t *offsets = cones->sink_offsets;
  uint32_t sum = 0;

  memset (offsets, 0, (scratch->n_tasks + (size_t) 1) * sizeof *offsets);
  for (uint32_t p = 0; p < n_pairs; p++)
    offsets[cones->sources[p] - scratch->first]++;
  for (uint32_t t = 0; t <= scratch->n_tasks; t++)
    {
      sum += offsets[t];
      offsets[t] = sum;
    }
  for (uint32_t k = cones->n_sinks; k-- > 0;)
    for (uint32_t p = cones->source_offsets[k]; p < cones->source_offsets[k + 1]; p++)
      cones->sink_idxs[--offsets[cones->sources[p] - scratch->first]] = k;
}

/* False if the cones are too large, or memory is out: do without. */
bool
_weft_order_cones_init (WeftOrderCones *cones, WeftOrderScratch *scratch, const uint32_t *sinks,
                        uint32_t n_sinks)
{
  uint64_t budget = WALK_FACTOR * ((uint64_t) scratch->n_tasks + scratch->n_edges);
  uint32_t *block = malloc (
      (2 * (size_t) n_sinks + 2 + 2 * (size_t) scratch->n_tasks + 2 * (budget + budget / 16))
      * sizeof *block);
  ConeWalk walk = { .scratch = scratch, .n_budget = budget };

  *cones = (WeftOrderCones){ .n_sinks = n_sinks, .block = block };
  if (block == NULL)
    return false;
  cones->sinks = block;
  cones->source_offsets = cones->sinks + n_sinks;
  cones->sink_offsets = cones->source_offsets + n_sinks + 1;
  walk.stamps = cones->sink_offsets + scratch->n_tasks + 1;
  cones->sources = walk.stamps + scratch->n_tasks;
  cones->sink_idxs = cones->sources + budget + budget / 16;
  walk.pairs = cones->sources;

  memcpy (cones->sinks, sinks, n_sinks * sizeof *sinks);
  memset (walk.stamps, 0xff, scratch->n_tasks * sizeof *walk.stamps);
  if (!walk_cones (cones, &walk))
    {
      _weft_order_cones_clear (cones);
      return false;
    }
  transpose_cones (cones, scratch);
  return true;
}

void
_weft_order_cones_clear (WeftOrderCones *cones)
{
  free (cones->block);
  cones->block = NULL;
}

/* Lists of sinks by number of missing sources. An entry is good while its
 * sink still misses as many; a sink misses each number only once. */
typedef struct
{
  const WeftOrderCones *cones;
  WeftOrderGoal tie;
  bool sources_back;
  WeftOrderBits filled;
  uint32_t *heads; /* by number missing: first entry */
  uint32_t *tails;
  uint32_t *entries; /* sink index */
  uint32_t *nexts;
  uint32_t n_entries;
  uint32_t *missing; /* by sink index; NONE: taken */
  uint8_t *loaded;   /* by source - first */
  uint32_t cursor;
} Waiting;

static void
wait_at (Waiting *waiting, uint32_t sink_idx)
{
  uint32_t at = waiting->missing[sink_idx];
  uint32_t entry = waiting->n_entries++;
  bool empty = waiting->heads[at] == WEFT_ORDER_NONE;

  waiting->entries[entry] = sink_idx;
  waiting->nexts[entry] = WEFT_ORDER_NONE;
  if (waiting->tie == WEFT_ORDER_GOAL_NEWEST || empty)
    {
      waiting->nexts[entry] = waiting->heads[at];
      waiting->heads[at] = entry;
    }
  else
    waiting->nexts[waiting->tails[at]] = entry;
  if (waiting->tie == WEFT_ORDER_GOAL_OLDEST || empty)
    waiting->tails[at] = entry;
  if (empty)
    weft_order_bits_insert (&waiting->filled, at);
}

static uint32_t
take_waiting (Waiting *waiting)
{
  while (!weft_order_bits_empty (&waiting->filled))
    {
      uint32_t at = weft_order_bits_min (&waiting->filled);
      uint32_t entry = waiting->heads[at];

      waiting->heads[at] = waiting->nexts[entry];
      if (waiting->heads[at] == WEFT_ORDER_NONE)
        weft_order_bits_remove (&waiting->filled, at);
      if (waiting->missing[waiting->entries[entry]] == at)
        return waiting->entries[entry];
    }
  while (waiting->missing[waiting->cursor] == WEFT_ORDER_NONE)
    waiting->cursor++;
  return waiting->cursor;
}

static void
load_source (Waiting *waiting, uint32_t source_idx)
{
  const WeftOrderCones *cones = waiting->cones;

  waiting->loaded[source_idx] = 1;
  for (uint32_t p = cones->sink_offsets[source_idx]; p < cones->sink_offsets[source_idx + 1]; p++)
    if (waiting->missing[cones->sink_idxs[p]] != WEFT_ORDER_NONE)
      {
        waiting->missing[cones->sink_idxs[p]]--;
        wait_at (waiting, cones->sink_idxs[p]);
      }
}

/* The order of a sink's sources decides which of its neighbours come to miss
 * less first, and so in which direction it goes on: over the rows of a matrix
 * product, or over its columns. */
static void
load_cone (Waiting *waiting, uint32_t first, uint32_t sink_idx)
{
  const WeftOrderCones *cones = waiting->cones;
  uint32_t begin = cones->source_offsets[sink_idx];
  uint32_t end = cones->source_offsets[sink_idx + 1];

  for (uint32_t p = begin; p < end; p++)
    {
      uint32_t at = waiting->sources_back ? begin + end - 1 - p : p;

      if (!waiting->loaded[cones->sources[at] - first])
        load_source (waiting, cones->sources[at] - first);
    }
}

static void
choose_sinks (Waiting *waiting, uint32_t first, uint32_t *sinks)
{
  const WeftOrderCones *cones = waiting->cones;

  for (uint32_t k = 0; k < cones->n_sinks; k++)
    waiting->missing[k] = cones->source_offsets[k + 1] - cones->source_offsets[k];
  for (uint32_t k = 0; k < cones->n_sinks; k++)
    {
      uint32_t sink_idx = take_waiting (waiting);

      sinks[k] = cones->sinks[sink_idx];
      waiting->missing[sink_idx] = WEFT_ORDER_NONE;
      load_cone (waiting, first, sink_idx);
    }
}

/* Writes the sinks in the order to finish them; false if memory is out. */
bool
_weft_order_cones_nearest (const WeftOrderCones *cones, WeftOrderScratch *scratch,
                           WeftOrderGoal tie, bool sources_back, uint32_t *sinks)
{
  size_t n = scratch->n_tasks;
  uint32_t n_pairs = cones->source_offsets[cones->n_sinks];
  uint32_t *block =
      malloc ((2 * (n + 1) + 2 * (size_t) n_pairs + cones->n_sinks) * sizeof *block + n);
  Waiting waiting = {
    .cones = cones,
    .tie = tie,
    .sources_back = sources_back,
  };

  if (block == NULL)
    return false;
  waiting.heads = block;
  waiting.tails = waiting.heads + n + 1;
  waiting.entries = waiting.tails + n + 1;
  waiting.nexts = waiting.entries + n_pairs;
  waiting.missing = waiting.nexts + n_pairs;
  waiting.loaded = (uint8_t *) (waiting.missing + cones->n_sinks);
  memset (waiting.heads, 0xff, (n + 1) * sizeof *waiting.heads);
  memset (waiting.loaded, 0, n);
  _weft_order_bits_init (&waiting.filled, scratch->n_tasks, scratch->words);

  choose_sinks (&waiting, scratch->first, sinks);
  scratch->n_steps += 2 * (uint64_t) n_pairs + cones->n_sinks;
  free (block);
  return true;
}
