/* order-graph.c: renumbers a graph for the ordering passes.
 *
 * The passes want three things of the numbers of tasks: dependencies come
 * before dependents, so that values along paths are one loop instead of a
 * queue; a weakly connected component is a range, so that it can be ordered
 * by itself with memory that fits it; and no edge counts twice.
 *
 * A depth-first postorder over the tasks in the order of their ids gives the
 * first. It leaves ids alone that are topological already, which is what
 * builders of graphs usually hand over. Union-find with path halving (Tarjan
 * and van Leeuwen, Journal of the ACM 31, 1984) gives the components, and a
 * stable distribution makes them ranges. Where nothing has to move and no
 * edge is double the caller's arrays are used as they are.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  const WeftOrderInput *input;
  uint32_t *given;   /* number -> id */
  uint32_t *number;  /* id -> number; before that, scratch */
  uint32_t *part;    /* id -> union-find parent, then number of the part */
  uint32_t *scratch; /* n_tasks + 1 */
  uint32_t n_parts;
  bool topological;
  bool contiguous;
  bool duplicates;
  uint64_t n_steps;
} Renumbering;

/* The arrays of a graph that is no alias of the caller's. */
typedef struct
{
  uint64_t *bytes;
  uint32_t *dep_offsets;
  uint32_t *dependent_offsets;
  uint32_t *deps;
  uint32_t *dependents;
  uint32_t *given;
  uint8_t *held;
} Arrays;

static uint32_t
find_root (uint32_t *parent, uint32_t task)
{
  while (parent[task] != task)
    {
      parent[task] = parent[parent[task]];
      task = parent[task];
    }
  return task;
}

/* The smaller id becomes the root, so that roots come in order of parts. */
static void
unite (uint32_t *parent, uint32_t a, uint32_t b)
{
  a = find_root (parent, a);
  b = find_root (parent, b);
  if (a < b)
    parent[b] = a;
  else
    parent[a] = b;
}

/* One look at every edge: components, and what is wrong with the ids. */
static void
scan_edges (Renumbering *r, bool one_part)
{
  const WeftOrderInput *input = r->input;
  uint32_t *seen = r->number;

  for (uint32_t t = 0; t < input->n_tasks; t++)
    {
      r->part[t] = t;
      seen[t] = WEFT_ORDER_NONE;
    }
  for (uint32_t t = 0; t < input->n_tasks; t++)
    for (uint32_t e = input->dep_offsets[t]; e < input->dep_offsets[t + 1]; e++)
      {
        uint32_t dep = input->deps[e];

        r->topological &= dep < t;
        r->duplicates |= seen[dep] == t;
        seen[dep] = t;
        if (!one_part)
          unite (r->part, t, dep);
        r->n_steps++;
      }
}

/* Parts numbered in the order of their first ids. */
static void
number_parts (Renumbering *r, bool one_part)
{
  uint32_t previous = 0;

  for (uint32_t t = 0; t < r->input->n_tasks; t++)
    {
      uint32_t root = one_part ? 0 : find_root (r->part, t);

      /* roots are at most t, so those below t hold their number already */
      r->scratch[t] = root == t ? r->n_parts++ : r->scratch[root];
      r->contiguous &= r->scratch[t] >= previous;
      previous = r->scratch[t];
    }
  memcpy (r->part, r->scratch, r->input->n_tasks * sizeof *r->part);
}

/* Depth-first postorder along dependencies, without recursion: a path of
 * 1 million tasks must not need 1 million frames. */
static void
postorder (Renumbering *r)
{
  const WeftOrderInput *input = r->input;
  uint32_t *next_edge = r->number;
  uint32_t n_done = 0;

  memset (r->scratch, 0, input->n_tasks * sizeof *r->scratch);
  for (uint32_t t = 0; t < input->n_tasks; t++)
    next_edge[t] = WEFT_ORDER_NONE;
  for (uint32_t start = 0; start < input->n_tasks; start++)
    {
      uint32_t *parent = r->scratch;
      uint32_t task = start;

      if (next_edge[start] != WEFT_ORDER_NONE)
        continue;
      next_edge[start] = input->dep_offsets[start];
      parent[start] = WEFT_ORDER_NONE;
      while (task != WEFT_ORDER_NONE)
        {
          r->n_steps++;
          if (next_edge[task] < input->dep_offsets[task + 1])
            {
              uint32_t dep = input->deps[next_edge[task]++];

              if (next_edge[dep] != WEFT_ORDER_NONE)
                continue;
              next_edge[dep] = input->dep_offsets[dep];
              parent[dep] = task;
              task = dep;
            }
          else
            {
              r->given[n_done++] = task;
              task = parent[task];
            }
        }
    }
}

/* Stable distribution of the tasks in sequence over ranges, one a part. */
static void
gather_parts (Renumbering *r, const uint32_t *sequence, uint32_t *part_offsets)
{
  uint32_t n = r->input->n_tasks;
  uint32_t *next = r->scratch;

  memcpy (next, part_offsets, r->n_parts * sizeof *next);
  for (uint32_t k = 0; k < n; k++)
    {
      uint32_t task = sequence != NULL ? sequence[k] : k;

      r->number[task] = next[r->part[task]]++;
    }
  for (uint32_t t = 0; t < n; t++)
    r->given[r->number[t]] = t;
  r->n_steps += n;
}

static void
count_parts (Renumbering *r, uint32_t *part_offsets)
{
  memset (part_offsets, 0, (r->n_parts + (size_t) 1) * sizeof *part_offsets);
  for (uint32_t t = 0; t < r->input->n_tasks; t++)
    part_offsets[r->part[t] + 1]++;
  for (uint32_t p = 0; p < r->n_parts; p++)
    part_offsets[p + 1] += part_offsets[p];
}

static void
copy_deps (Renumbering *r, uint32_t *dep_offsets, uint32_t *deps)
{
  const WeftOrderInput *input = r->input;
  uint32_t *seen = r->scratch;
  uint32_t n_edges = 0;

  for (uint32_t t = 0; t < input->n_tasks; t++)
    seen[t] = WEFT_ORDER_NONE;
  for (uint32_t k = 0; k < input->n_tasks; k++)
    {
      uint32_t task = r->given[k];

      dep_offsets[k] = n_edges;
      for (uint32_t e = input->dep_offsets[task]; e < input->dep_offsets[task + 1]; e++)
        {
          uint32_t dep = r->number[input->deps[e]];

          if (seen[dep] != k)
            deps[n_edges++] = dep;
          seen[dep] = k;
        }
    }
  dep_offsets[input->n_tasks] = n_edges;
  r->n_steps += input->dep_offsets[input->n_tasks];
}

/* Counting sort of the edges by dependency. */
static void
transpose_deps (uint32_t n, const uint32_t *dep_offsets, const uint32_t *deps,
                uint32_t *dependent_offsets, uint32_t *dependents)
{
  memset (dependent_offsets, 0, (n + (size_t) 1) * sizeof *dependent_offsets);
  for (uint32_t e = 0; e < dep_offsets[n]; e++)
    dependent_offsets[deps[e]]++;
  for (uint32_t t = 0, sum = 0; t <= n; t++)
    {
      sum += dependent_offsets[t];
      dependent_offsets[t] = sum;
    }
  for (uint32_t t = n; t-- > 0;)
    for (uint32_t e = dep_offsets[t]; e < dep_offsets[t + 1]; e++)
      dependents[--dependent_offsets[deps[e]]] = t;
}

/* Room for a graph of n tasks and m edges, and what follows from given: the
 * sizes of results, and which are outputs. */
static bool
graph_alloc (WeftOrderGraph *graph, Arrays *arrays, size_t n, size_t m, const uint32_t *given,
             const uint64_t *bytes, const uint8_t *held)
{
  size_t n_words = bytes != NULL ? n : 0;
  uint64_t *block =
      _weft_order_alloc (n_words * sizeof (uint64_t) + (3 * n + 2 * m + 2) * sizeof (uint32_t) + n);

  if (block == NULL)
    return false;
  arrays->bytes = block;
  arrays->dep_offsets = (uint32_t *) (block + n_words);
  arrays->dependent_offsets = arrays->dep_offsets + n + 1;
  arrays->deps = arrays->dependent_offsets + n + 1;
  arrays->dependents = arrays->deps + m;
  arrays->given = arrays->dependents + m;
  arrays->held = (uint8_t *) (arrays->given + n);

  memcpy (arrays->given, given, n * sizeof *given);
  for (size_t k = 0; bytes != NULL && k < n; k++)
    arrays->bytes[k] = bytes[given[k]];
  for (size_t k = 0; held != NULL && k < n; k++)
    arrays->held[k] = held[given[k]];

  graph->n_tasks = (uint32_t) n;
  graph->dep_offsets = arrays->dep_offsets;
  graph->deps = arrays->deps;
  graph->dependent_offsets = arrays->dependent_offsets;
  graph->dependents = arrays->dependents;
  graph->bytes = bytes != NULL ? arrays->bytes : NULL;
  graph->held = held != NULL ? arrays->held : NULL;
  graph->given = arrays->given;
  graph->block = block;
  return true;
}

static bool
copy_graph (WeftOrderGraph *graph, Renumbering *r)
{
  const WeftOrderInput *input = r->input;
  size_t m = input->dep_offsets[input->n_tasks];
  Arrays arrays;

  if (!graph_alloc (graph, &arrays, input->n_tasks, m, r->given, input->bytes, input->is_output))
    return false;
  copy_deps (r, arrays.dep_offsets, arrays.deps);
  transpose_deps (input->n_tasks, arrays.dep_offsets, arrays.deps, arrays.dependent_offsets,
                  arrays.dependents);
  r->n_steps += 2 * m;
  return true;
}

static bool
renumber (WeftOrderGraph *graph, Renumbering *r, bool one_part)
{
  uint32_t n = r->input->n_tasks;

  scan_edges (r, one_part);
  number_parts (r, one_part);
  graph->n_parts = r->n_parts;
  graph->part_offsets = malloc ((r->n_parts + (size_t) 1) * sizeof *graph->part_offsets);
  if (graph->part_offsets == NULL)
    return false;

  count_parts (r, graph->part_offsets);
  if (r->topological && r->contiguous && !r->duplicates)
    return true;

  if (!r->topological)
    {
      postorder (r);
      /* gather_parts writes given: read the postorder from elsewhere */
      memcpy (r->number + n, r->given, n * sizeof *r->given);
    }
  gather_parts (r, r->topological ? NULL : r->number + n, graph->part_offsets);
  return copy_graph (graph, r);
}

/* one_part: treat the graph as one part even if it is not connected. */
bool
_weft_order_graph_init (WeftOrderGraph *graph, const WeftOrderInput *input, bool one_part,
                        uint64_t *n_steps)
{
  size_t n = input->n_tasks;
  uint32_t *memory = _weft_order_alloc ((5 * n + 1) * sizeof *memory);
  Renumbering r = { .input = input, .topological = true, .contiguous = true };
  bool done;

  if (memory == NULL)
    return false;

  *graph = (WeftOrderGraph){
    .n_tasks = input->n_tasks,
    .dep_offsets = input->dep_offsets,
    .deps = input->deps,
    .dependent_offsets = input->dependent_offsets,
    .dependents = input->dependents,
    .bytes = input->bytes,
    .held = input->is_output,
  };
  r.given = memory;
  r.part = memory + n;
  r.number = memory + 2 * n; /* and n more for the postorder */
  r.scratch = memory + 4 * n;
  done = renumber (graph, &r, one_part);
  *n_steps += r.n_steps;
  free (memory);
  if (!done)
    _weft_order_graph_clear (graph);
  return done;
}

void
_weft_order_graph_clear (WeftOrderGraph *graph)
{
  free (graph->part_offsets);
  free (graph->block);
  graph->part_offsets = NULL;
  graph->block = NULL;
}

/* A part by itself, numbered from 0 in the order of sequence; given[k] is its
 * task's number in graph. numbers is scratch, one for each task of the part.
 * False if memory is out. */
bool
_weft_order_graph_init_part (WeftOrderGraph *part, const WeftOrderGraph *graph, uint32_t first,
                             uint32_t n_tasks, const uint32_t *sequence, uint32_t *numbers)
{
  const uint32_t *from = graph->dep_offsets;
  uint32_t n_edges = 0;
  Arrays arrays;

  *part = (WeftOrderGraph){ .n_parts = 1 };
  part->part_offsets = malloc (2 * sizeof *part->part_offsets);
  if (part->part_offsets == NULL
      || !graph_alloc (part, &arrays, n_tasks, from[first + n_tasks] - from[first], sequence,
                       graph->bytes, graph->held))
    {
      free (part->part_offsets);
      return false;
    }
  part->part_offsets[0] = 0;
  part->part_offsets[1] = n_tasks;

  for (uint32_t k = 0; k < n_tasks; k++)
    numbers[sequence[k] - first] = k;
  for (uint32_t k = 0; k < n_tasks; k++)
    {
      arrays.dep_offsets[k] = n_edges;
      for (uint32_t e = from[sequence[k]]; e < from[sequence[k] + 1]; e++)
        arrays.deps[n_edges++] = numbers[graph->deps[e] - first];
    }
  arrays.dep_offsets[n_tasks] = n_edges;
  transpose_deps (n_tasks, arrays.dep_offsets, arrays.deps, arrays.dependent_offsets,
                  arrays.dependents);
  return true;
}
