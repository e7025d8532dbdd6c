/* order-pass.c: the pass that numbers tasks in the order in which they are to run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The static order itself (order.c) knows tasks with one result each. Here a graph is told to it:
 *
 *   - A fused unit is one task, as its members run one after the other whatever happens. It depends
 *     on all that a member depends on. Its result is what leaves it: outputs that only members read
 *     are gone when it ends. Members are neighbours and ids are topological, so a dependency from
 *     outside has a smaller id than the leader: units have no cycles. In the end each unit is
 *     written out as its members.
 *   - The result's size is the sum over the outputs, by the graph's hints. Without any, each output
 *     counts 1.
 *   - Order-only edges are edges like others, so the order holds the results before them longer
 *     than a run will. Imports are there from the start and are left out.
 *   - Priorities are the attributes' (of a unit the highest of its members'), outputs the wanted
 *     ones.
 *
 * A graph without units, imports and order-only edges is given as it is, without copying an edge.
 *
 * Where this says less than the truth (units hold more while they run than what leaves them;
 * several outputs die one by one; order-only edges hold nothing), other orders are tried too and
 * the least peak by the engine's own rules (order-figures.c) wins: the order of single tasks with
 * each unit gathered where its last member stood, if that is possible, and, without priorities, the
 * ids as they are. On random graphs of sized tasks fusing chains then costs 1 to 2.5 % of peak
 * bytes in the mean, instead of 3 to 4 %.
 */
#include "config.h"

#include "optimize/weft-order-private.h"
#include "optimize/weft-pass-private.h"

#include "base/weft-clock.h"

/* A second order is looked for in graphs of so many tasks, and in larger ones if the first took at
 * most so many steps a task: then both together still take less than 0.6 µs a task. */
#define SMALL_TASKS 32768
#define FEW_STEPS 30

/* A graph as the static order wants it. */
typedef struct
{
  const WeftGraph *graph;
  const WeftGraphArrays *a;
  uint32_t n_units;
  uint32_t *unit_of_task; /* (nullable): NULL: each task is one */
  uint32_t *leaders;      /* (nullable): n_units + 1: first task of each; the last is n_tasks */
  uint32_t *dep_offsets, *deps, *dependent_offsets, *dependents; /* (nullable): owned copies */
  uint64_t *bytes;
  int32_t *priorities;
  uint8_t *is_output;
} Problem;

static inline uint32_t
unit_of (const Problem *problem, uint32_t task)
{
  return problem->unit_of_task != NULL ? problem->unit_of_task[task] : task;
}

static void
find_units (Problem *problem)
{
  const WeftGraphArrays *a = problem->a;

  problem->unit_of_task = g_new (uint32_t, (size_t) a->n_tasks + 1);
  problem->leaders = g_new (uint32_t, (size_t) a->n_tasks + 1);
  problem->n_units = 0;
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      if ((a->unit_flags[t] & WEFT_UNIT_CONTINUES) == 0)
        problem->leaders[problem->n_units++] = t;
      problem->unit_of_task[t] = problem->n_units - 1;
    }
  problem->leaders[problem->n_units] = a->n_tasks;
}

/* ---- edges ----------------------------------------------------------------------------------- */

/* Appends the units that a task's unit depends on for the entries of one row. */
static uint32_t
add_deps (const Problem *problem, uint32_t task, const uint32_t *offsets, const uint32_t *tasks,
          uint32_t at)
{
  uint32_t own = unit_of (problem, task);

  for (uint32_t e = offsets[task]; e < offsets[task + 1]; e++)
    if (tasks[e] < problem->a->n_tasks && unit_of (problem, tasks[e]) != own)
      problem->deps[at++] = unit_of (problem, tasks[e]);
  return at;
}

static void
copy_edges (Problem *problem)
{
  const WeftGraphArrays *a = problem->a;
  uint32_t n_done = 0;
  uint32_t at = 0;

  problem->deps = g_new (uint32_t, a->n_edges + 1);
  problem->dep_offsets = g_new (uint32_t, (size_t) problem->n_units + 1);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      if (unit_of (problem, t) == n_done)
        problem->dep_offsets[n_done++] = at;
      at = add_deps (problem, t, a->input_offsets, a->input_tasks, at);
      if (a->after_offsets != NULL)
        at = add_deps (problem, t, a->after_offsets, a->after_tasks, at);
    }
  problem->dep_offsets[n_done] = at;
  _weft_transpose (problem->n_units, problem->n_units, problem->dep_offsets, problem->deps, NULL,
                   NULL, &problem->dependent_offsets, &problem->dependents);
}

/* ---- sizes, priorities, outputs -------------------------------------------------------------- */

enum
{
  UNREAD = 0,
  INSIDE = 1, /* every reader is in the unit */
  LEAVES = 2,
};

/* Who reads each slot. (transfer full) */
static uint8_t *
make_reach (const Problem *problem)
{
  const WeftGraphArrays *a = problem->a;
  uint8_t *reach = g_new0 (uint8_t, (size_t) problem->graph->n_slots + 1);

  for (uint32_t t = 0; t < a->n_tasks; t++)
    for (uint32_t e = a->input_offsets[t]; e < a->input_offsets[t + 1]; e++)
      {
        uint32_t dep = a->input_tasks[e];
        uint32_t output = a->input_outputs != NULL ? a->input_outputs[e] : 0;

        if (dep < a->n_tasks)
          reach[weft_graph_output_slot (a, dep, output)] |=
              unit_of (problem, dep) == unit_of (problem, t) ? INSIDE : LEAVES;
      }
  for (uint32_t i = 0; i < a->n_wanted; i++)
    reach[weft_graph_output_slot (a, a->wanted[i].task, a->wanted[i].output)] |= LEAVES;
  return reach;
}

/* Sums over all tasks stay below 2^62, whatever the hints say. */
static void
make_bytes (Problem *problem)
{
  const WeftGraphArrays *a = problem->a;
  uint64_t limit = (uint64_t) INT64_MAX / 2 / ((uint64_t) problem->n_units + 1);
  g_autofree uint64_t *slot_bytes = _weft_pass_slot_bytes (problem->graph);
  g_autofree uint8_t *reach = NULL;

  if (slot_bytes == NULL && a->output_offsets == NULL)
    return;
  problem->bytes = g_new0 (uint64_t, (size_t) problem->n_units + 1);
  if (problem->unit_of_task != NULL)
    reach = make_reach (problem);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    for (uint32_t s = weft_graph_output_slot (a, t, 0); s < weft_graph_output_slot (a, t + 1, 0);
         s++)
      {
        uint64_t *bytes = &problem->bytes[unit_of (problem, t)];

        if (reach == NULL || reach[s] != INSIDE)
          *bytes = MIN (limit, *bytes + MIN (limit, slot_bytes != NULL ? slot_bytes[s] : 1));
      }
}

static void
make_priorities (Problem *problem)
{
  if (problem->a->attributes_of_task == NULL)
    return;
  problem->priorities = g_new (int32_t, (size_t) problem->n_units + 1);
  for (uint32_t u = 0; u < problem->n_units; u++)
    problem->priorities[u] = INT32_MIN;
  for (uint32_t t = 0; t < problem->a->n_tasks; t++)
    {
      int32_t *priority = &problem->priorities[unit_of (problem, t)];

      *priority = MAX (*priority, _weft_pass_priority (problem->a, t));
    }
}

static void
make_is_output (Problem *problem)
{
  if (problem->a->n_wanted == 0)
    return;
  problem->is_output = g_new0 (uint8_t, (size_t) problem->n_units + 1);
  for (uint32_t i = 0; i < problem->a->n_wanted; i++)
    problem->is_output[unit_of (problem, problem->a->wanted[i].task)] = 1;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static WeftOrderInput
problem_init (Problem *problem, const WeftGraph *graph, bool by_units)
{
  const WeftGraphArrays *a = &graph->arrays;
  bool as_it_is = !by_units && a->after_offsets == NULL && a->n_imports == 0;

  *problem = (Problem){ .graph = graph, .a = a, .n_units = a->n_tasks };
  if (by_units)
    find_units (problem);
  if (!as_it_is)
    copy_edges (problem);
  make_bytes (problem);
  make_priorities (problem);
  make_is_output (problem);
  return (WeftOrderInput){
    .n_tasks = problem->n_units,
    .dep_offsets = as_it_is ? a->input_offsets : problem->dep_offsets,
    .deps = as_it_is ? a->input_tasks : problem->deps,
    .dependent_offsets = as_it_is ? a->dependent_offsets : problem->dependent_offsets,
    .dependents = as_it_is ? a->dependents : problem->dependents,
    .bytes = problem->bytes,
    .priorities = problem->priorities,
    .is_output = problem->is_output,
  };
}

static void
problem_clear (Problem *problem)
{
  g_free (problem->unit_of_task);
  g_free (problem->leaders);
  g_free (problem->dep_offsets);
  g_free (problem->deps);
  g_free (problem->dependent_offsets);
  g_free (problem->dependents);
  g_free (problem->bytes);
  g_free (problem->priorities);
  g_free (problem->is_output);
}

/* From an order of units to one of tasks. (transfer full) */
static uint32_t *
write_out (const Problem *problem, uint32_t *units)
{
  uint32_t *order;
  uint32_t n = 0;

  if (problem->leaders == NULL)
    return units;
  order = g_new (uint32_t, (size_t) problem->a->n_tasks + 1);
  for (uint32_t k = 0; k < problem->n_units; k++)
    for (uint32_t t = problem->leaders[units[k]]; t < problem->leaders[units[k] + 1]; t++)
      order[n++] = t;
  g_free (units);
  return order;
}

/* Steps that an order took are added. (transfer full) (nullable): NULL if memory is out */
static uint32_t *
order_tasks (const WeftGraph *graph, bool by_units, uint64_t *n_steps)
{
  WeftOrderStats stats = { 0 };
  Problem problem;
  WeftOrderInput input = problem_init (&problem, graph, by_units);
  uint32_t *order = g_new (uint32_t, (size_t) problem.n_units + 1);

  if (_weft_order_compute_full (&input, order, &stats))
    order = write_out (&problem, order);
  else
    g_clear_pointer (&order, g_free);
  problem_clear (&problem);
  *n_steps += stats.n_steps;
  return order;
}

/* ---- other orders ---------------------------------------------------------------------------- */

static bool
row_is_before (const uint32_t *places, const uint32_t *offsets, const uint32_t *tasks,
               uint32_t n_tasks, uint32_t row)
{
  for (uint32_t e = offsets[row]; e < offsets[row + 1]; e++)
    if (tasks[e] < n_tasks && places[tasks[e]] > places[row])
      return false;
  return true;
}

static bool
is_topological (const WeftGraphArrays *a, const uint32_t *order)
{
  g_autofree uint32_t *places = g_new (uint32_t, (size_t) a->n_tasks + 1);

  _weft_pass_invert (order, a->n_tasks, a->n_tasks, places);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    if (!row_is_before (places, a->input_offsets, a->input_tasks, a->n_tasks, t)
        || (a->after_offsets != NULL
            && !row_is_before (places, a->after_offsets, a->after_tasks, a->n_tasks, t)))
      return false;
  return true;
}

/* The order with each unit, its members by id, where the last of them stands. Units of trees always
 * can be gathered so, others perhaps not. (transfer full) (nullable) */
static uint32_t *
gather_units (const WeftGraphArrays *a, const uint32_t *order)
{
  g_autofree uint32_t *leaders = _weft_pass_leaders (a);
  g_autofree uint32_t *n_left = g_new0 (uint32_t, (size_t) a->n_tasks + 1);
  uint32_t *gathered = g_new (uint32_t, (size_t) a->n_tasks + 1);
  uint32_t n = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    n_left[leaders[t]]++;
  for (uint32_t k = 0; k < a->n_tasks; k++)
    {
      uint32_t leader = leaders[order[k]];

      if (--n_left[leader] == 0)
        for (uint32_t t = leader; t < a->n_tasks && leaders[t] == leader; t++)
          gathered[n++] = t;
    }
  if (!is_topological (a, gathered))
    g_clear_pointer (&gathered, g_free);
  return gathered;
}

/* The best order so far, and its peak. */
typedef struct
{
  uint32_t *order;
  WeftOrderFigures figures;
} Best;

/* @order: (transfer full) (nullable) */
static void
consider (Best *best, const WeftGraph *graph, uint32_t *order)
{
  WeftOrderFigures figures;

  if (order == NULL)
    return;
  _weft_order_figures (graph, NULL, order, &figures);
  if (best->order == NULL || figures.peak_bytes < best->figures.peak_bytes
      || (figures.peak_bytes == best->figures.peak_bytes
          && figures.peak_results < best->figures.peak_results))
    {
      g_free (best->order);
      *best = (Best){ order, figures };
    }
  else
    g_free (order);
}

/* (transfer full) (nullable): NULL if memory is out */
static uint32_t *
compute_order (const WeftGraph *graph)
{
  const WeftGraphArrays *a = &graph->arrays;
  bool has_units = a->unit_flags != NULL;
  uint64_t n_steps = 0;
  uint32_t *order = order_tasks (graph, has_units, &n_steps);
  Best best = { NULL };

  if (order == NULL || (!has_units && a->after_offsets == NULL && a->output_offsets == NULL))
    return order;
  consider (&best, graph, order);
  if (has_units && (a->n_tasks <= SMALL_TASKS || n_steps / a->n_tasks <= FEW_STEPS))
    {
      g_autofree uint32_t *single = order_tasks (graph, false, &n_steps);

      if (single != NULL)
        consider (&best, graph, gather_units (a, single));
    }
  if (a->attributes_of_task == NULL)
    consider (&best, graph, _weft_pass_identity (a->n_tasks));
  return best.order;
}

static bool
is_identity (const uint32_t *order, uint32_t n)
{
  for (uint32_t k = 0; k < n; k++)
    if (order[k] != k)
      return false;
  return true;
}

static void
explain (WeftPassReport *report, const WeftGraph *before, const WeftGraph *after)
{
  WeftOrderFigures old;
  WeftOrderFigures new;

  if (report == NULL)
    return;
  weft_order_simulate (before, NULL, &old);
  weft_order_simulate (after, NULL, &new);
  if (before->arrays.hints.output_bytes == NULL)
    _weft_pass_report_why (report,
                           "run one after the other, at most %" G_GUINT64_FORMAT
                           " results are held at a time, instead of %" G_GUINT64_FORMAT,
                           new.peak_results, old.peak_results);
  else
    _weft_pass_report_why (report,
                           "run one after the other, at most %" G_GUINT64_FORMAT
                           " bytes in results are held at a time, instead of %" G_GUINT64_FORMAT,
                           new.peak_bytes, old.peak_bytes);
}

WeftGraph *
_weft_pass_order (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                  WeftPassReport *report, GError **error)
{
  int64_t begin_ns = weft_clock_mono_ns ();
  g_autofree uint32_t *order = compute_order (graph);
  WeftGraph *ordered;

  if (order == NULL)
    {
      g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_RANGE,
                   "not enough memory to order %u tasks; leave out the pass “order”",
                   graph->arrays.n_tasks);
      return NULL;
    }
  if (is_identity (order, graph->arrays.n_tasks))
    ordered = _weft_pass_unchanged (graph, new_ids);
  else
    ordered = _weft_pass_select (graph, &graph->arrays, graph->content, order,
                                 graph->arrays.n_tasks, new_ids);
  _weft_pass_report (report, "order", begin_ns, graph, ordered);
  explain (report, graph, ordered);
  return ordered;
}
