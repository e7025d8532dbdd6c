/* cull.c: the pass that leaves out what no wanted output needs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task is needed if its output is wanted or a needed task depends on it, in either way: an
 * order-only dependency stands for an effect (a file that was written), so it keeps its task as
 * make's order-only prerequisites do. Ids are topological, so one walk from the last task to the
 * first finds all. A graph that wants nothing by name is wanted as a whole.
 */
#include "config.h"

#include "optimize/weft-pass-private.h"

#include "base/weft-clock.h"

#include <string.h>

static void
mark_row (uint8_t *needed, uint32_t n_tasks, const uint32_t *offsets, const uint32_t *tasks,
          uint32_t row)
{
  for (uint32_t e = offsets[row]; e < offsets[row + 1]; e++)
    if (tasks[e] < n_tasks)
      needed[tasks[e]] = 1;
}

/* Flags by task. (transfer full) */
static uint8_t *
find_needed (const WeftGraphArrays *a)
{
  uint8_t *needed = g_new0 (uint8_t, (size_t) a->n_tasks + 1);

  for (uint32_t i = 0; i < a->n_wanted; i++)
    needed[a->wanted[i].task] = 1;
  if (a->n_wanted == 0)
    memset (needed, 1, a->n_tasks);
  for (uint32_t t = a->n_tasks; t-- > 0;)
    if (needed[t])
      {
        mark_row (needed, a->n_tasks, a->input_offsets, a->input_tasks, t);
        if (a->after_offsets != NULL)
          mark_row (needed, a->n_tasks, a->after_offsets, a->after_tasks, t);
      }
  return needed;
}

static void
explain (WeftPassReport *report, uint32_t n_wanted)
{
  if (report == NULL)
    return;
  if (n_wanted == 0)
    _weft_pass_report_why (report, "no output is asked for by name, so every task is kept");
  else if (report->n_tasks_before == report->n_tasks_after)
    _weft_pass_report_why (report, "every task is needed for the outputs asked for");
  else
    _weft_pass_report_why (report, "tasks not needed for the outputs asked for: %u",
                           report->n_tasks_before - report->n_tasks_after);
}

WeftGraph *
_weft_pass_cull (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                 WeftPassReport *report, GError **error)
{
  int64_t begin_ns = weft_clock_mono_ns ();
  WeftGraphArrays arrays = graph->arrays;
  g_autofree uint8_t *needed = NULL;
  g_autofree uint32_t *order = g_new (uint32_t, (size_t) arrays.n_tasks + 1);
  uint32_t n_tasks = 0;
  WeftGraph *culled;

  if (!_weft_pass_check_wanted (graph, options, error))
    return NULL;
  arrays.wanted = _weft_pass_wanted (graph, options, &arrays.n_wanted);
  needed = find_needed (&arrays);
  for (uint32_t t = 0; t < arrays.n_tasks; t++)
    if (needed[t])
      order[n_tasks++] = t;
  if (n_tasks == arrays.n_tasks && arrays.wanted == graph->arrays.wanted)
    culled = _weft_pass_unchanged (graph, new_ids);
  else
    culled = _weft_pass_select (graph, &arrays, graph->content, order, n_tasks, new_ids);
  _weft_pass_report (report, "cull", begin_ns, graph, culled);
  explain (report, arrays.n_wanted);
  return culled;
}
