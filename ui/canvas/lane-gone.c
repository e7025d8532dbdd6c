/* lane-gone.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/lane-gone.h"

/* WEFT_NONE: it is no worker's that is a process */
static uint32_t
process_of (const WeftModel *model, uint32_t lane)
{
  WeftModelLane info;
  uint32_t process;

  weft_model_lane (model, lane, &info);
  if (info.kind == WEFT_LANE_PROCESS)
    return lane;
  process = info.parent_lane;
  if (process >= lane) /* lanes stand behind those they are below of */
    return WEFT_NONE;
  weft_model_lane (model, process, &info);
  return info.kind == WEFT_LANE_PROCESS ? process : WEFT_NONE;
}

/* The last time that it went; INT64_MIN: it has not. Little else stands in a process's own lane. */
static int64_t
last_lost (const WeftModel *model, uint32_t process, int64_t at_ns)
{
  WeftModelLane info;

  weft_model_lane (model, process, &info);
  for (uint64_t i = weft_spans_n (info.spans); i > 0; i--)
    {
      const WeftSpan *span = weft_spans_get (info.spans, i - 1);

      if (span->kind == WEFT_RECORD_WORKER_LOST && span->start_ns <= at_ns)
        return span->start_ns;
    }
  return INT64_MIN;
}

/* Points at a moment or before it. */
static uint64_t
count_until (const WeftModel *model, uint32_t lane, WeftModelSeries series, int64_t at_ns)
{
  uint64_t low = 0, high = weft_model_lane_series_n (model, lane, series);

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      if (weft_model_lane_series_get (model, lane, series, middle).at_ns <= at_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* A process that goes is told to take nothing any more; who takes something again is back. */
bool
weftline_lane_was_measured (const WeftModel *model, uint32_t lane, int64_t after_ns, int64_t at_ns)
{
  for (unsigned i = 0; i < WEFT_N_SERIES; i++)
    {
      uint64_t n = count_until (model, lane, (WeftModelSeries) i, at_ns);
      WeftModelPoint point = { 0 };

      if (n > 0)
        point = weft_model_lane_series_get (model, lane, (WeftModelSeries) i, n - 1);
      if (point.at_ns > after_ns && point.value != 0)
        return true;
    }
  return false;
}

/* The last span that ended, or what it is in. */
static bool
has_begun (const WeftModel *model, uint32_t lane, int64_t after_ns, int64_t at_ns)
{
  WeftModelLane info;
  WeftModelNow now;
  uint64_t n;

  weft_model_lane (model, lane, &info);
  n = info.kind != WEFT_LANE_PROCESS ? weft_spans_n (info.spans) : 0;
  if (n > 0)
    {
      int64_t start_ns = weft_spans_get (info.spans, n - 1)->start_ns;

      if (start_ns > after_ns && start_ns <= at_ns)
        return true;
    }
  return weft_model_now (model, lane, &now) && now.kind != 0 && now.task != WEFT_NONE
         && now.start_ns > after_ns && now.start_ns <= at_ns;
}

int64_t
weftline_lane_gone (const WeftModel *model, uint32_t lane, int64_t at_ns)
{
  uint32_t process = process_of (model, lane);
  int64_t lost_ns = process != WEFT_NONE ? last_lost (model, process, at_ns) : INT64_MIN;

  if (lost_ns == INT64_MIN || weftline_lane_was_measured (model, process, lost_ns, at_ns)
      || has_begun (model, lane, lost_ns, at_ns))
    return WEFTLINE_NOT_GONE;
  return lost_ns;
}
