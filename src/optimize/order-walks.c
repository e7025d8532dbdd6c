/* order-walks.c: walks over the graph that rank its tasks.
 *
 * The depth-first walk goes from each sink back to what it needs and lists
 * tasks in postorder. In a tree the best postorder takes the dependencies of a
 * task by falling excess, which is what computing one needs less what its
 * result takes (Sethi and Ullman, Journal of the ACM 17, 1970, for registers;
 * Liu, ACM TOMS 12, 1986, for results of any size). Here the needs are worked
 * out as if the graph were a tree; a shared dependency counts with each of its
 * dependents. That overrates it, but the order it leads to is only one of
 * several, and they are measured. A tree that grows the other way, from one
 * source, has its counterpart: the dependent whose branch needs most goes
 * last, when the result that all of them read can die.
 *
 * The sweep is a breadth-first walk along edges in both directions, from a task
 * at one end: the last one that such a walk reaches from anywhere (after
 * Gibbs, Poole and Stockmeyer, SIAM Journal on Numerical Analysis 13, 1976). On
 * a mesh it crosses in the long direction, whatever the ids.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <string.h>

/* So many neighbours are sorted by insertion. */
#define FEW_TASKS 8

/* Neighbours are asked for so many tasks before they are looked at. */
#define ROWS_AHEAD 6

/* Those tasks of sequence that nothing depends on, in its order. */
uint32_t
_weft_order_collect_sinks (const WeftOrderScratch *scratch, const uint32_t *sequence,
                           uint32_t *sinks)
{
  const uint32_t *offsets = scratch->graph->dependent_offsets;
  uint32_t n_sinks = 0;

  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    {
      sinks[n_sinks] = sequence[k];
      n_sinks += offsets[sequence[k]] == offsets[sequence[k] + 1];
    }
  return n_sinks;
}

static bool
is_sorted (const uint64_t *keys, const uint32_t *tasks, size_t n)
{
  for (size_t k = 1; k < n; k++)
    if (keys[tasks[k]] < keys[tasks[k - 1]])
      return false;
  return true;
}

/* from[0..mid) and from[mid..end) are sorted; ties keep their order. */
static void
merge_runs (const uint64_t *keys, const uint32_t *from, size_t mid, size_t end, uint32_t *to)
{
  size_t a = 0;
  size_t b = mid;

  while (a < mid && b < end)
    if (keys[from[b]] < keys[from[a]])
      *to++ = from[b++];
    else
      *to++ = from[a++];
  memcpy (to, from + a, (mid - a) * sizeof *to);
  memcpy (to + (mid - a), from + b, (end - b) * sizeof *to);
}

/* Insertion sort: for few. */
static void
sort_few (const uint64_t *keys, uint32_t *tasks, size_t n)
{
  for (size_t k = 1; k < n; k++)
    {
      uint32_t task = tasks[k];
      size_t at = k;

      for (; at > 0 && keys[task] < keys[tasks[at - 1]]; at--)
        tasks[at] = tasks[at - 1];
      tasks[at] = task;
    }
}

/* Merge sort from the bottom up, by rising keys. */
static void
sort_tasks (WeftOrderScratch *scratch, uint32_t *tasks, size_t n)
{
  uint32_t *spare = scratch->stack;

  if (n <= FEW_TASKS)
    {
      sort_few (scratch->keys, tasks, n);
      return;
    }
  if (is_sorted (scratch->keys, tasks, n))
    return;
  for (size_t width = 1; width < n; width *= 2)
    {
      for (size_t at = 0; at < n; at += 2 * width)
        {
          size_t mid = at + width < n ? width : n - at;
          size_t end = at + 2 * width < n ? 2 * width : n - at;

          merge_runs (scratch->keys, tasks + at, mid, end, spare + at);
        }
      memcpy (tasks, spare, n * sizeof *tasks);
      scratch->n_steps += n;
    }
}

/* The excess is kept turned around, so that the largest comes first. */
static void
label_from_deps (WeftOrderScratch *scratch, uint32_t task)
{
  const WeftOrderGraph *graph = scratch->graph;
  uint32_t first = graph->dep_offsets[task];
  uint32_t *deps = scratch->dep_order + first;
  size_t n = graph->dep_offsets[task + 1] - first;
  uint64_t own_bytes = weft_order_graph_bytes (graph, task);
  uint64_t live_bytes = 0;
  uint64_t need_bytes = 0;

  for (size_t k = 0; k < n; k++)
    deps[k] = graph->deps[first + k];
  sort_tasks (scratch, deps, n);
  for (size_t k = 0; k < n; k++)
    {
      live_bytes += weft_order_graph_bytes (graph, deps[k]);
      if (live_bytes + (UINT64_MAX - scratch->keys[deps[k]]) > need_bytes)
        need_bytes = live_bytes + (UINT64_MAX - scratch->keys[deps[k]]);
    }
  if (live_bytes + own_bytes > need_bytes)
    need_bytes = live_bytes + own_bytes;
  scratch->keys[task] = UINT64_MAX - (need_bytes - own_bytes);
  scratch->n_steps += 1 + n;
}

/* While a dependent's branch is followed the result stays for the others; with
 * the last one it can go. */
static void
label_from_dependents (WeftOrderScratch *scratch, uint32_t task)
{
  const WeftOrderGraph *graph = scratch->graph;
  uint32_t first = graph->dependent_offsets[task];
  uint32_t *dependents = scratch->dependent_order + first;
  size_t n = graph->dependent_offsets[task + 1] - first;
  uint64_t own_bytes = weft_order_graph_bytes (graph, task);
  uint64_t need_bytes = own_bytes;

  for (size_t k = 0; k < n; k++)
    dependents[k] = graph->dependents[first + k];
  sort_tasks (scratch, dependents, n);
  if (n > 0)
    need_bytes += weft_order_graph_bytes (graph, dependents[n - 1]);
  if (n > 0 && scratch->keys[dependents[n - 1]] > need_bytes)
    need_bytes = scratch->keys[dependents[n - 1]];
  if (n > 1 && own_bytes + scratch->keys[dependents[n - 2]] > need_bytes)
    need_bytes = own_bytes + scratch->keys[dependents[n - 2]];
  scratch->keys[task] = need_bytes;
  scratch->n_steps += 1 + n;
}

/* Fills dep_order. */
void
_weft_order_label_deps (WeftOrderScratch *scratch)
{
  for (uint32_t t = scratch->first; t < scratch->end; t++)
    label_from_deps (scratch, t);
}

/* Fills dependent_order. */
void
_weft_order_label_dependents (WeftOrderScratch *scratch)
{
  for (uint32_t t = scratch->end; t-- > scratch->first;)
    label_from_dependents (scratch, t);
}

enum
{
  MARK_NEW,
  MARK_OPEN,
  MARK_DONE,
};

static uint32_t
finish_sink (WeftOrderScratch *scratch, uint32_t sink, uint32_t n_done, uint32_t *sequence)
{
  const uint32_t *offsets = scratch->graph->dep_offsets;
  uint8_t *marks = scratch->marks;
  uint32_t *stack = scratch->stack;
  size_t depth = 0;

  stack[depth++] = sink;
  while (depth > 0)
    {
      uint32_t task = stack[depth - 1];

      scratch->n_steps++;
      if (marks[task] != MARK_NEW)
        {
          if (marks[task] == MARK_OPEN)
            sequence[n_done++] = task;
          marks[task] = MARK_DONE;
          depth--;
          continue;
        }
      marks[task] = MARK_OPEN;
      for (uint32_t e = offsets[task + 1]; e-- > offsets[task];)
        {
          stack[depth] = scratch->dep_order[e];
          depth += marks[scratch->dep_order[e]] == MARK_NEW;
        }
    }
  return n_done;
}

/* Postorder, sink by sink as given, dependencies as in dep_order. */
void
_weft_order_depth_first (WeftOrderScratch *scratch, const uint32_t *sinks, uint32_t n_sinks,
                         uint32_t *sequence)
{
  uint32_t n_done = 0;

  memset (scratch->marks + scratch->first, MARK_NEW, scratch->n_tasks);
  for (uint32_t k = 0; k < n_sinks; k++)
    n_done = finish_sink (scratch, sinks[k], n_done, sequence);
}

static uint32_t
append_new (uint8_t *marks, const uint32_t *from, const uint32_t *end, uint32_t *sequence,
            uint32_t n)
{
  for (; from < end; from++)
    {
      sequence[n] = *from;
      n += marks[*from] == MARK_NEW;
      marks[*from] = MARK_DONE;
    }
  return n;
}

static void
fetch_rows (const WeftOrderGraph *graph, uint32_t task)
{
  __builtin_prefetch (&graph->deps[graph->dep_offsets[task]]);
  __builtin_prefetch (&graph->dependents[graph->dependent_offsets[task]]);
}

/* A part made by priorities need not be connected, hence the outer loop. */
static void
breadth_first (WeftOrderScratch *scratch, uint32_t start, uint32_t *sequence)
{
  const WeftOrderGraph *graph = scratch->graph;
  uint32_t n = 0;
  uint32_t next = scratch->first;

  memset (scratch->marks + scratch->first, MARK_NEW, scratch->n_tasks);
  n = append_new (scratch->marks, &start, &start + 1, sequence, n);
  for (uint32_t k = 0; k < scratch->n_tasks; k++)
    {
      uint32_t task;

      while (k == n)
        {
          n = append_new (scratch->marks, &next, &next + 1, sequence, n);
          next++;
        }
      task = sequence[k];
      fetch_rows (graph, sequence[k + ROWS_AHEAD < n ? k + ROWS_AHEAD : k]);
      n = append_new (scratch->marks, graph->deps + graph->dep_offsets[task],
                      graph->deps + graph->dep_offsets[task + 1], sequence, n);
      n = append_new (scratch->marks, graph->dependents + graph->dependent_offsets[task],
                      graph->dependents + graph->dependent_offsets[task + 1], sequence, n);
    }
  scratch->n_steps += scratch->n_tasks + 2 * (uint64_t) scratch->n_edges;
}

void
_weft_order_sweep (WeftOrderScratch *scratch, uint32_t *sequence)
{
  uint32_t last = scratch->n_tasks - 1;

  breadth_first (scratch, scratch->first, sequence);
  breadth_first (scratch, sequence[last], sequence);
}
