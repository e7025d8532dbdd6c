/* topology.c: transposed edges, topological order, cycles
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The order is Kahn's (Communications of the ACM 5, 1962), taking the smallest ready id each time,
 * so that a graph which is nearly in order stays nearly as it was. The ready ids are a set of bits
 * in layers: a bit of a layer says whether a word of the layer below has any. The smallest is
 * found, and one entered or taken out, in a step per layer, five for 10^9 tasks; the whole takes
 * n/8 bytes and a bit.
 */
#include "config.h"

#include "graph/weft-graph-private.h"

#include <string.h>

#define N_LAYERS 6

typedef struct
{
  uint64_t *layers[N_LAYERS];
  uint32_t n_layers;
} BitSet;

static void
bit_set_init (BitSet *set, uint32_t n)
{
  size_t n_words = n;

  set->n_layers = 0;
  do
    {
      n_words = n_words / 64 + 1;
      set->layers[set->n_layers++] = g_new0 (uint64_t, n_words);
    }
  while (n_words > 1);
}

static void
bit_set_clear (BitSet *set)
{
  for (uint32_t i = 0; i < set->n_layers; i++)
    g_free (set->layers[i]);
}

static void
bit_set_add (BitSet *set, uint32_t id)
{
  for (uint32_t i = 0; i < set->n_layers; i++, id /= 64)
    {
      uint64_t *word = &set->layers[i][id / 64];
      bool was_empty = *word == 0;

      *word |= (uint64_t) 1 << (id % 64);
      if (!was_empty)
        return;
    }
}

/* Takes the smallest id out. Returns: it, or WEFT_NONE */
static uint32_t
bit_set_pop (BitSet *set)
{
  uint32_t id = 0;
  uint32_t up;

  if (set->layers[set->n_layers - 1][0] == 0)
    return WEFT_NONE;
  for (uint32_t i = set->n_layers; i-- > 0;)
    id = id * 64 + (uint32_t) __builtin_ctzll (set->layers[i][id]);
  up = id;
  for (uint32_t i = 0; i < set->n_layers; i++, up /= 64)
    {
      uint64_t *word = &set->layers[i][up / 64];

      *word &= *word - 1;
      if (*word != 0)
        break;
    }
  return id;
}

/* ---- transposing ----------------------------------------------------------------------------- */

static void
count_columns (uint32_t n_entries, const uint32_t *columns, uint32_t *counts)
{
  for (uint32_t e = 0; e < n_entries; e++)
    counts[columns[e]]++;
}

static inline void
place_row (uint32_t row, const uint32_t *offsets, const uint32_t *columns, uint32_t *next,
           uint32_t *rows)
{
  for (uint32_t e = offsets[row + 1]; e-- > offsets[row];)
    rows[--next[columns[e]]] = row;
}

/* A counting sort: counts, sums, and rows from the last to the first into the ends of their
 * columns. */
void
_weft_transpose (uint32_t n_tasks, uint32_t n_columns, const uint32_t *dep_offsets,
                 const uint32_t *deps, const uint32_t *after_offsets, const uint32_t *afters,
                 uint32_t **offsets, uint32_t **rows)
{
  size_t n_bytes = ((size_t) n_columns + 1) * sizeof (uint32_t);
  uint32_t *next = memset (g_malloc (n_bytes), 0, n_bytes); /* written first, as it is read first */
  uint32_t n_afters = after_offsets != NULL ? after_offsets[n_tasks] : 0;
  uint32_t sum = 0;

  count_columns (dep_offsets[n_tasks], deps, next);
  count_columns (n_afters, afters, next);
  for (uint32_t c = 0; c <= n_columns; c++)
    next[c] = sum += next[c];
  *rows = g_new (uint32_t, (size_t) sum + 1);
  for (uint32_t row = n_tasks; row-- > 0;)
    {
      place_row (row, dep_offsets, deps, next, *rows);
      if (after_offsets != NULL)
        place_row (row, after_offsets, afters, next, *rows);
    }
  *offsets = next;
}

/* ---- order ----------------------------------------------------------------------------------- */

/* The dependencies of all tasks. */
typedef struct
{
  uint32_t n;
  const uint32_t *dep_offsets;
  const uint32_t *deps;
  const uint32_t *after_offsets;
  const uint32_t *afters;
} Edges;

static uint32_t
count_waiting (const Edges *edges, uint32_t task)
{
  uint32_t n = 0;

  for (uint32_t e = edges->dep_offsets[task]; e < edges->dep_offsets[task + 1]; e++)
    n += edges->deps[e] < edges->n;
  if (edges->after_offsets != NULL)
    n += edges->after_offsets[task + 1] - edges->after_offsets[task];
  return n;
}

/* A dependency of @task that waits for ever. */
static uint32_t
waiting_dependency (const Edges *edges, const uint32_t *waiting, uint32_t task)
{
  for (uint32_t e = edges->dep_offsets[task]; e < edges->dep_offsets[task + 1]; e++)
    if (edges->deps[e] < edges->n && waiting[edges->deps[e]] > 0)
      return edges->deps[e];
  for (uint32_t e = edges->after_offsets[task];; e++)
    if (waiting[edges->afters[e]] > 0)
      return edges->afters[e];
}

/* Every task that still waits has a dependency that does, so a walk along them comes back to
 * itself. Written with the smallest id first and in the direction of the data. */
static uint32_t
write_cycle (const Edges *edges, const uint32_t *waiting, uint32_t *cycle)
{
  g_autofree uint32_t *next = g_new (uint32_t, edges->n);
  uint32_t start = 0;
  uint32_t least;
  uint32_t n = 0;

  memset (next, 0xff, edges->n * sizeof *next);
  while (waiting[start] == 0)
    start++;
  while (next[start] == WEFT_NONE)
    {
      next[start] = waiting_dependency (edges, waiting, start);
      start = next[start];
    }
  least = start;
  for (uint32_t task = next[start]; task != start; task = next[task])
    least = MIN (least, task);

  for (uint32_t task = next[least]; task != least; task = next[task])
    n++;
  for (uint32_t task = next[least], at = n; task != least; task = next[task])
    cycle[at--] = task;
  cycle[0] = least;
  return n + 1;
}

bool
_weft_topological_order (uint32_t n, uint32_t n_columns, const uint32_t *dep_offsets,
                         const uint32_t *deps, const uint32_t *after_offsets,
                         const uint32_t *afters, uint32_t *order, uint32_t *n_cycle)
{
  Edges edges = { n, dep_offsets, deps, after_offsets, afters };
  g_autofree uint32_t *waiting = g_new (uint32_t, (size_t) n + 1);
  g_autofree uint32_t *offsets = NULL;
  g_autofree uint32_t *dependents = NULL;
  uint32_t n_ordered = 0;
  uint32_t task;
  BitSet ready;

  bit_set_init (&ready, n);
  for (task = 0; task < n; task++)
    {
      waiting[task] = count_waiting (&edges, task);
      if (waiting[task] == 0)
        bit_set_add (&ready, task);
    }
  _weft_transpose (n, n_columns, dep_offsets, deps, after_offsets, afters, &offsets, &dependents);
  while ((task = bit_set_pop (&ready)) != WEFT_NONE)
    {
      order[n_ordered++] = task;
      for (uint32_t e = offsets[task]; e < offsets[task + 1]; e++)
        if (--waiting[dependents[e]] == 0)
          bit_set_add (&ready, dependents[e]);
    }
  bit_set_clear (&ready);
  if (n_ordered < n)
    *n_cycle = write_cycle (&edges, waiting, order);
  return n_ordered == n;
}
