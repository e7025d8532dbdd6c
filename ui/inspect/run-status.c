/* run-status.c: how a run stood at a moment, as its records have it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Declared in session/weftline-then.h; here, where nothing needs a window.
 */
#include "config.h"

#include "session/weftline-then.h"

static WeftRunPhase
phase_then (const WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns)
{
  WeftRunPhase phase = WEFT_RUN_PREPARED;
  int64_t latest_ns = INT64_MIN;

  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      if (info.kind != WEFT_LANE_CONTROL)
        continue;
      for (uint64_t i = 0, n = weft_spans_n (info.spans); i < n; i++)
        {
          const WeftSpan *span = weft_spans_get (info.spans, i);

          if (span->kind != WEFT_RECORD_RUN_STATE || span->start_ns > at_ns
              || span->start_ns < latest_ns)
            continue;
          latest_ns = span->start_ns;
          phase = (WeftRunPhase) span->how;
        }
    }
  return phase;
}

static double
value_then (const WeftModel *model, WeftModelSeries series, int64_t at_ns)
{
  uint64_t n = weft_model_series_n (model, series);
  uint64_t i = weft_model_series_find (model, series, n, at_ns);

  return i < n ? weft_model_series_get (model, series, i).value : 0;
}

static double
highest_until (const WeftModel *model, WeftModelSeries series, int64_t at_ns)
{
  uint64_t n = weft_model_series_n (model, series);
  double most = 0;

  for (uint64_t i = 0; i < n; i++)
    {
      WeftModelPoint point = weft_model_series_get (model, series, i);

      if (point.at_ns <= at_ns)
        most = MAX (most, point.value);
    }
  return most;
}

static int64_t
delay_then (const WeftModel *model, int64_t at_ns)
{
  int64_t delay_ns = 0;

  for (uint32_t i = 0; i < weft_model_n_settings (model); i++)
    {
      WeftModelSetting setting;

      weft_model_setting (model, i, &setting);
      if (setting.setting == WEFT_SETTING_SLOW_MOTION && setting.at_ns <= at_ns)
        delay_ns = (int64_t) setting.value;
    }
  return delay_ns;
}

void
weftline_status_then (WeftModel *model, const WeftModelSnapshot *snapshot, const WeftMoment *moment,
                      WeftlineRunStatus *status)
{
  const uint32_t *n = moment->n_states;
  int64_t at_ns = moment->at_ns;

  *status = (WeftlineRunStatus){
    .phase = phase_then (model, snapshot, at_ns),
    .known = moment->n_tasks > 0,
    .n_tasks = moment->n_tasks,
    .n_ended = (uint64_t) n[WEFT_TASK_MEMORY] + n[WEFT_TASK_RELEASED] + n[WEFT_TASK_ERRED],
    .n_running = n[WEFT_TASK_RUNNING],
    .n_erred = n[WEFT_TASK_ERRED],
    .knows_memory = weft_model_series_n (model, WEFT_SERIES_MANAGED) > 0,
    .managed_bytes = (uint64_t) value_then (model, WEFT_SERIES_MANAGED, at_ns),
    .peak_bytes = (uint64_t) highest_until (model, WEFT_SERIES_MANAGED, at_ns),
    .spilled_bytes = (uint64_t) value_then (model, WEFT_SERIES_SPILLED, at_ns),
    .elapsed_ns = weft_model_elapsed_then (snapshot, at_ns),
    .delay_ns = delay_then (model, at_ns),
    .n_workers = (uint32_t) value_then (model, WEFT_SERIES_WORKERS, at_ns),
    .memory_limit_bytes = (uint64_t) value_then (model, WEFT_SERIES_LIMIT, at_ns),
  };
}
