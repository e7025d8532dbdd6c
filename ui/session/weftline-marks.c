/* weftline-marks.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-marks.h"

WeftlineTaskSet *
weftline_marks_of_group (const WeftModel *model, const WeftModelSnapshot *snapshot, uint32_t group)
{
  WeftlineTaskSet *set = weftline_task_set_new (snapshot->n_tasks);

  for (uint32_t task = 0; task < snapshot->n_tasks; task++)
    if (weft_model_task_group (model, task) == group)
      weftline_task_set_add (set, task);
  return set;
}

static void
add_task (WeftlineTaskSet *set, uint8_t kind, uint32_t task)
{
  if (kind == WEFT_RECORD_TASK && task < set->n_tasks)
    weftline_task_set_add (set, task);
}

static void
add_lane (const WeftSpans *spans, int64_t from_ns, int64_t to_ns, uint64_t *n_left,
          WeftlineTaskSet *set)
{
  uint64_t n = weft_spans_n (spans);
  bool is_ordered = weft_spans_is_ordered (spans);
  uint64_t i = is_ordered ? weft_spans_find (spans, n, from_ns) : 0;

  for (; i<n && * n_left> 0; i++, --*n_left)
    {
      const WeftSpan *span = weft_spans_get (spans, i);

      if (span->start_ns < to_ns && span->end_ns > from_ns)
        add_task (set, span->kind, span->task);
      else if (is_ordered && span->depth == 0 && span->start_ns >= to_ns)
        break;
    }
}

WeftlineTaskSet *
weftline_marks_of_range (const WeftModel *model, const WeftModelSnapshot *snapshot, int64_t from_ns,
                         int64_t to_ns)
{
  WeftlineTaskSet *set = weftline_task_set_new (snapshot->n_tasks);
  uint64_t n_left = WEFTLINE_MARKS_MAX_SPANS;

  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelLane info;
      WeftModelNow now;

      weft_model_lane (model, lane, &info);
      if (info.kind != WEFT_LANE_THREAD && info.kind != WEFT_LANE_UNPLACED)
        continue;
      add_lane (info.spans, from_ns, to_ns, &n_left, set);
      if (weft_model_has_nows (snapshot) && weft_model_now (model, lane, &now)
          && now.start_ns < to_ns && snapshot->last_ns > from_ns)
        add_task (set, now.kind, now.task);
    }
  return set;
}
