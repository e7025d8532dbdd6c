/* workers-points.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "workers/workers-points.h"

uint64_t
weftline_workers_points_n (const WeftlineWorkersPoints *points, const WeftModel *model)
{
  if (points->counter != WEFT_NONE)
    return weft_model_counter_n (model, points->counter);
  return points->lane != WEFT_NONE ? weft_model_lane_series_n (model, points->lane, points->series)
                                   : 0;
}

WeftModelPoint
weftline_workers_points_get (const WeftlineWorkersPoints *points, const WeftModel *model,
                             uint64_t index)
{
  return points->counter != WEFT_NONE
             ? weft_model_counter_get (model, points->counter, index)
             : weft_model_lane_series_get (model, points->lane, points->series, index);
}

uint64_t
weftline_workers_points_until (const WeftlineWorkersPoints *points, const WeftModel *model,
                               int64_t at_ns)
{
  uint64_t low = 0, high = weftline_workers_points_n (points, model);

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      if (weftline_workers_points_get (points, model, middle).at_ns <= at_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

double
weftline_workers_points_at (const WeftlineWorkersPoints *points, const WeftModel *model,
                            int64_t at_ns)
{
  uint64_t n = at_ns == INT64_MAX ? weftline_workers_points_n (points, model)
                                  : weftline_workers_points_until (points, model, at_ns);

  return n > 0 ? weftline_workers_points_get (points, model, n - 1).value : -1;
}

static double
hold (float *values, int from, int end, double value)
{
  for (int i = from; value >= 0 && i < end; i++)
    values[i] = MAX (values[i], (float) value);
  return from < end ? value : -1;
}

double
weftline_workers_points_line (const WeftlineWorkersPoints *points, const WeftModel *model,
                              int64_t from_ns, int64_t to_ns, int n, float *values)
{
  uint64_t i = weftline_workers_points_until (points, model, from_ns);
  uint64_t end = weftline_workers_points_until (points, model, to_ns);
  double value = i > 0 ? weftline_workers_points_get (points, model, i - 1).value : -1, most = -1;
  double parts = (double) n / (double) MAX (to_ns - from_ns, 1);
  int part = 0;

  for (int k = 0; k < n; k++)
    values[k] = -1;
  for (; i < end; i++)
    {
      WeftModelPoint point = weftline_workers_points_get (points, model, i);
      int at = MIN ((int) ((double) (point.at_ns - from_ns) * parts), n - 1);

      most = MAX (most, hold (values, part, at, value));
      value = point.value;
      part = at;
      most = MAX (most, hold (values, part, part + 1, value));
    }
  return MAX (most, hold (values, part, n, value));
}
