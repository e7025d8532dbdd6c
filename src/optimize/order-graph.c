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

/* Among so few dependencies a double one is looked for pair by pair. */
#define SHORT_ROW 8

/* Memory is asked for so many edges, and rows, before it is used. */
#define EDGES_AHEAD 16
#define ROWS_AHEAD 6

/* As a number: listed once what it needs is. */
#define OPEN (WEFT_ORDER_NONE - 1)

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

static bool
row_repeats (Renumbering *r, uint32_t task)
{
  const uint32_t *dep = r->input->deps + r->input->dep_offsets[task];
  uint32_t n = r->input->dep_offsets[task + 1] - r->input->dep_offsets[task];
  bool repeats = false;

  for (uint32_t k = 1; n <= SHORT_ROW && k < n; k++)
    for (uint32_t before = 0; before < k; before++)
      repeats |= dep[before] == dep[k];
  for (uint32_t k = 0; n > SHORT_ROW && k < n; k++)
    {
      repeats |= r->number[dep[k]] == task;
      r->number[dep[k]] = task;
    }
  return repeats;
}

/* What is wrong with the ids. Of those that are not topological that is all
 * that is asked. */
static void
scan_edges (Renumbering *r)
{
  const WeftOrderInput *input = r->input;

  memset (r->number, 0xff, input->n_tasks * sizeof *r->number);
  for (uint32_t t = 0; r->topological && t < input->n_tasks; t++)
    {
      for (uint32_t e = input->dep_offsets[t]; e < input->dep_offsets[t + 1]; e++)
        r->topological &= input->deps[e] < t;
      r->duplicates |= row_repeats (r, t);
      r->n_steps += input->dep_offsets[t + 1] - input->dep_offsets[t];
    }
}

static void
unite_edges (Renumbering *r)
{
  const WeftOrderInput *input = r->input;
  uint32_t n_edges = input->dep_offsets[input->n_tasks];

  for (uint32_t t = 0; t < input->n_tasks; t++)
    for (uint32_t e = input->dep_offsets[t]; e < input->dep_offsets[t + 1]; e++)
      {
        if (n_edges - e > EDGES_AHEAD)
          __builtin_prefetch (&r->part[input->deps[e + EDGES_AHEAD]], 1);
        unite (r->part, t, input->deps[e]);
      }
}

/* Parts numbered in the order of their first ids. */
static void
number_parts (Renumbering *r, bool one_part)
{
  uint32_t previous = 0;

  for (uint32_t t = 0; t < r->input->n_tasks; t++)
    r->part[t] = t;
  if (!one_part)
    unite_edges (r);
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

/* Lists what start needs and has no number yet, and start. */
static uint32_t
finish_task (Renumbering *r, uint32_t start, uint32_t n_done, uint32_t *stack)
{
  const WeftOrderInput *input = r->input;
  size_t depth = 0;

  stack[depth++] = start;
  while (depth > 0)
    {
      uint32_t task = stack[depth - 1];

      r->n_steps++;
      if (r->number[task] != WEFT_ORDER_NONE)
        {
          depth--;
          if (r->number[task] != OPEN)
            continue;
          r->number[task] = n_done;
          r->given[n_done++] = task;
          continue;
        }
      r->number[task] = OPEN;
      for (uint32_t e = input->dep_offsets[task + 1]; e-- > input->dep_offsets[task];)
        {
          stack[depth] = input->deps[e];
          depth += r->number[input->deps[e]] == WEFT_ORDER_NONE;
          __builtin_prefetch (&input->dep_offsets[input->deps[e]]);
        }
    }
  return n_done;
}

/* Depth-first postorder along dependencies, without recursion: a path of
 * 1 million tasks must not need 1 million frames. False if memory is out. */
static bool
postorder (Renumbering *r)
{
  size_t n_most = (size_t) r->input->n_tasks + r->input->dep_offsets[r->input->n_tasks] + 1;
  uint32_t *stack = _weft_order_alloc (n_most * sizeof *stack);
  uint32_t n_done = 0;

  if (stack == NULL)
    return false;
  memset (r->number, 0xff, r->input->n_tasks * sizeof *r->number);
  for (uint32_t start = 0; start < r->input->n_tasks; start++)
    if (r->number[start] == WEFT_ORDER_NONE)
      n_done = finish_task (r, start, n_done, stack);
  free (stack);
  return true;
}

/* Stable distribution of the tasks over ranges, one a part. */
static void
gather_parts (Renumbering *r, const uint32_t *part_offsets)
{
  uint32_t n = r->input->n_tasks;
  uint32_t *next = r->scratch;

  memcpy (next, part_offsets, r->n_parts * sizeof *next);
  for (uint32_t t = 0; t < n; t++)
    r->number[t] = next[r->part[t]]++;
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

      if (input->n_tasks - k > ROWS_AHEAD)
        __builtin_prefetch (&input->deps[input->dep_offsets[r->given[k + ROWS_AHEAD]]]);
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

static void
transpose_graph (WeftOrderGraph *graph, Arrays *arrays)
{
  transpose_deps (graph->n_tasks, arrays->dep_offsets, arrays->deps, arrays->dependent_offsets,
                  arrays->dependents);
}

/* The input by the numbers given; its dependents are yet to be filled. */
static bool
copy_graph (WeftOrderGraph *graph, Renumbering *r, Arrays *arrays)
{
  const WeftOrderInput *input = r->input;
  size_t m = input->dep_offsets[input->n_tasks];

  if (!graph_alloc (graph, arrays, input->n_tasks, m, r->given, input->bytes, input->is_output))
    return false;
  copy_deps (r, arrays->dep_offsets, arrays->deps);
  r->n_steps += 2 * m;
  return true;
}

/* Parts become ranges. Topological ids only. moved: whether graph is a copy
 * now; otherwise the input will do. */
static bool
split_parts (WeftOrderGraph *graph, Renumbering *r, bool one_part, bool *moved)
{
  Arrays arrays;

  number_parts (r, one_part);
  graph->n_parts = r->n_parts;
  graph->part_offsets = malloc ((r->n_parts + (size_t) 1) * sizeof *graph->part_offsets);
  if (graph->part_offsets == NULL)
    return false;

  count_parts (r, graph->part_offsets);
  *moved = !r->contiguous || r->duplicates;
  if (!*moved)
    return true;
  gather_parts (r, graph->part_offsets);
  if (!copy_graph (graph, r, &arrays))
    return false;
  transpose_graph (graph, &arrays);
  return true;
}

/* First into a postorder, next to one another what is needed together: what
 * comes after then goes through memory from one end to the other. */
static bool
sort_and_split (WeftOrderGraph *graph, Renumbering *r, bool one_part)
{
  WeftOrderGraph sorted = *graph;
  WeftOrderInput input;
  Arrays arrays;
  bool moved = true;

  if (!postorder (r) || !copy_graph (&sorted, r, &arrays))
    return false;
  input = (WeftOrderInput){
    .n_tasks = sorted.n_tasks,
    .dep_offsets = sorted.dep_offsets,
    .deps = sorted.deps,
    .bytes = sorted.bytes,
    .is_output = sorted.held,
  };
  r->input = &input;
  r->duplicates = false;
  if (!split_parts (graph, r, one_part, &moved))
    {
      free (sorted.block);
      return false;
    }
  if (moved)
    {
      uint32_t *given = (uint32_t *) graph->given;

      for (uint32_t k = 0; k < graph->n_tasks; k++)
        given[k] = sorted.given[given[k]];
      free (sorted.block);
      return true;
    }
  transpose_graph (&sorted, &arrays);
  sorted.n_parts = graph->n_parts;
  sorted.part_offsets = graph->part_offsets;
  *graph = sorted;
  return true;
}

static bool
renumber (WeftOrderGraph *graph, Renumbering *r, bool one_part)
{
  bool moved;

  scan_edges (r);
  return r->topological ? split_parts (graph, r, one_part, &moved)
                        : sort_and_split (graph, r, one_part);
}

/* one_part: treat the graph as one part even if it is not connected. */
bool
_weft_order_graph_init (WeftOrderGraph *graph, const WeftOrderInput *input, bool one_part,
                        uint64_t *n_steps)
{
  size_t n = input->n_tasks;
  uint32_t *memory = _weft_order_alloc ((4 * n + 1) * sizeof *memory);
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
  r.number = memory + 2 * n;
  r.scratch = memory + 3 * n;
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
