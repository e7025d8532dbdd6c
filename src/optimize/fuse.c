/* fuse.c: the pass that makes units of tasks that can only run one after the other
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A unit is what the scheduler issues, counts and steals as one; its members stay tasks of their
 * own (see foundation.md, “Units”). This pass joins a task with all it depends on if each of these
 * has no other dependent. What comes out are trees whose edges go to the root: nothing but the
 * root's outputs, and wanted ones, is seen from outside.
 *
 * The width of a unit is the number of its leaves, the members that are joined with nothing before
 * them, or how many members could have run at once. Width 1 is a linear chain: nothing is lost
 * there. A wider unit gives parallel work away to save scheduling, so it is made only up to the
 * width that is asked for. Tasks of different priority, and those that read imports, are not joined
 * with what is before them.
 *
 * Ids are topological, so widths are known from the first task to the last. Members become
 * neighbours by writing each unit where its root stood: a task outside depends on the root only,
 * which has a smaller id; and what a member depends on outside of the unit is some unit's root with
 * a smaller id than the member's, hence than this root's. Inside a unit the tasks go depth first,
 * so that what one leaf started is finished before the next begins.
 *
 * A graph that has units keeps them and gets no others. O(tasks + edges).
 */
#include "config.h"

#include "optimize/weft-pass-private.h"

#include "base/weft-clock.h"

#include <string.h>

enum
{
  JOINS = 0x1,  /* is joined with all it depends on */
  INSIDE = 0x2, /* its dependent is joined with it: not a root */
  PUSHED = 0x4,
};

typedef struct
{
  const WeftGraphArrays *a;
  uint32_t max_width;
  uint8_t *state;      /* by task */
  uint8_t *widths;     /* by task: of the unit it would be the root of */
  uint32_t *order;     /* new → old */
  uint8_t *unit_flags; /* by new id */
  uint32_t *stack;
  uint32_t n_units;
} Fusion;

/* Calls of @func for each dependency of @task, of either kind; ends with the first false. */
typedef bool (*DependencyFunc) (Fusion *fusion, uint32_t task, uint32_t dep, uint32_t *n);

static bool
foreach_dependency (Fusion *fusion, uint32_t task, DependencyFunc func, uint32_t *n)
{
  const WeftGraphArrays *a = fusion->a;

  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    if (!func (fusion, task, a->input_tasks[e], n))
      return false;
  for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[task] : 0;
       a->after_offsets != NULL && e < a->after_offsets[task + 1]; e++)
    if (!func (fusion, task, a->after_tasks[e], n))
      return false;
  return true;
}

/* ---- which ones ------------------------------------------------------------------------------ */

/* Whether @dep could be a member of the unit that @task is in; adds up widths. */
static bool
can_join (Fusion *fusion, uint32_t task, uint32_t dep, uint32_t *width)
{
  const WeftGraphArrays *a = fusion->a;

  if (dep >= a->n_tasks || a->dependents[a->dependent_offsets[dep]] != task
      || a->dependents[a->dependent_offsets[dep + 1] - 1] != task
      || _weft_pass_priority (a, dep) != _weft_pass_priority (a, task))
    return false;
  if ((fusion->state[dep] & INSIDE) == 0)
    *width += fusion->widths[dep];
  fusion->state[dep] |= INSIDE; /* counted; taken back if it comes to nothing */
  return *width <= fusion->max_width;
}

static bool
leave (Fusion *fusion, uint32_t task, uint32_t dep, uint32_t *n)
{
  const WeftGraphArrays *a = fusion->a;

  if (dep < a->n_tasks && a->dependents[a->dependent_offsets[dep]] == task
      && a->dependents[a->dependent_offsets[dep + 1] - 1] == task)
    fusion->state[dep] &= (uint8_t) ~INSIDE;
  return true;
}

static void
join (Fusion *fusion, uint32_t task)
{
  uint32_t width = 0;

  if (!foreach_dependency (fusion, task, can_join, &width))
    {
      foreach_dependency (fusion, task, leave, NULL);
      width = 0;
    }
  if (width > 0)
    fusion->state[task] |= JOINS;
  fusion->widths[task] = (uint8_t) MAX (width, 1);
  fusion->n_units += (uint32_t) (width > 0);
}

/* ---- writing units --------------------------------------------------------------------------- */

static bool
push (Fusion *fusion, uint32_t task, uint32_t dep, uint32_t *n)
{
  if ((fusion->state[dep] & PUSHED) == 0)
    fusion->stack[(*n)++] = dep;
  fusion->state[dep] |= PUSHED;
  return true;
}

static void
reverse (uint32_t *tasks, uint32_t n)
{
  for (uint32_t i = 0; i < n / 2; i++)
    {
      uint32_t kept = tasks[i];

      tasks[i] = tasks[n - 1 - i];
      tasks[n - 1 - i] = kept;
    }
}

/* Root before branches, the last branch first; backwards that is branches in order, then root. */
static uint32_t
write_unit (Fusion *fusion, uint32_t root, uint32_t begin)
{
  uint32_t n_stack = 0;
  uint32_t n = 0;

  fusion->stack[n_stack++] = root;
  while (n_stack > 0)
    {
      uint32_t task = fusion->stack[--n_stack];

      fusion->order[begin + n++] = task;
      if ((fusion->state[task] & JOINS) != 0)
        foreach_dependency (fusion, task, push, &n_stack);
    }
  reverse (fusion->order + begin, n);
  memset (fusion->unit_flags + begin + 1, WEFT_UNIT_CONTINUES, n - 1);
  return begin + n;
}

static void
write_units (Fusion *fusion)
{
  uint32_t n = 0;

  fusion->n_units = 0;
  for (uint32_t t = 0; t < fusion->a->n_tasks; t++)
    if ((fusion->state[t] & INSIDE) == 0)
      {
        n = write_unit (fusion, t, n);
        fusion->n_units++;
      }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
fusion_init (Fusion *fusion, const WeftGraphArrays *a, const WeftPassOptions *options)
{
  size_t n = (size_t) a->n_tasks + 1;
  uint32_t width = options != NULL ? options->fuse_width : 1;

  *fusion = (Fusion){
    .a = a,
    .max_width = CLAMP (width, 1, WEFT_FUSE_MAX_WIDTH),
    .state = g_new0 (uint8_t, n),
    .widths = g_new (uint8_t, n),
    .order = g_new (uint32_t, n),
    .unit_flags = g_new0 (uint8_t, n),
    .stack = g_new (uint32_t, n),
  };
}

static void
fusion_clear (Fusion *fusion)
{
  g_free (fusion->state);
  g_free (fusion->widths);
  g_free (fusion->order);
  g_free (fusion->unit_flags);
  g_free (fusion->stack);
}

static uint32_t
count_units (const WeftGraphArrays *a)
{
  uint32_t n = a->n_tasks;

  for (uint32_t t = 0; a->unit_flags != NULL && t < a->n_tasks; t++)
    n -= (a->unit_flags[t] & WEFT_UNIT_CONTINUES) != 0;
  return n;
}

static void
explain (WeftPassReport *report, const WeftGraph *before, const WeftGraph *after,
         uint32_t max_width)
{
  const WeftGraphArrays *a = &after->arrays;

  if (report == NULL)
    return;
  report->n_tasks_after = count_units (a);
  report->n_edges_after = a->notify_offsets[a->n_tasks + a->n_imports];
  if (before->arrays.unit_flags != NULL)
    _weft_pass_report_why (report, "the graph has units already, which are kept");
  else if (a->unit_flags == NULL && max_width == 1)
    _weft_pass_report_why (report, "no task has one dependency that only it depends on");
  else if (a->unit_flags == NULL)
    _weft_pass_report_why (report, "there are no tasks to join within a width of %u", max_width);
  else
    _weft_pass_report_why (report, "tasks that go on with the unit before them: %u; most width: %u",
                           report->n_tasks_before - report->n_tasks_after, max_width);
}

WeftGraph *
_weft_pass_fuse (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                 WeftPassReport *report, GError **error)
{
  int64_t begin_ns = weft_clock_mono_ns ();
  uint32_t n_tasks = graph->arrays.n_tasks;
  WeftGraph *fused;
  Fusion fusion;

  fusion_init (&fusion, &graph->arrays, options);
  for (uint32_t t = 0; graph->arrays.unit_flags == NULL && t < n_tasks; t++)
    join (&fusion, t);
  if (fusion.n_units > 0)
    {
      write_units (&fusion);
      _weft_pass_invert (fusion.order, n_tasks, n_tasks, new_ids);
      fused = weft_graph_permute (graph, fusion.order, fusion.unit_flags);
    }
  else
    fused = _weft_pass_unchanged (graph, new_ids);
  _weft_pass_report (report, "fuse", begin_ns, graph, fused);
  explain (report, graph, fused, fusion.max_width);
  fusion_clear (&fusion);
  return fused;
}
