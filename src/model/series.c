/* series.c: what was measured of the process, over time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Points stand in the order of time; one that comes late is put at the time of the last. A rate (of
 * CPU, reading, writing) is that of the interval which ends at its point.
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <math.h>

/* Any program may tell any number. */
static double
bounded (double value)
{
  return isnan (value) ? 0 : CLAMP (value, -WEFT_SERIES_MOST, WEFT_SERIES_MOST);
}

void
_weft_series_append (WeftSeriesData *series, int64_t at_ns, double value)
{
  uint64_t n = _weft_get (series->n);
  WeftModelPoint *point = _weft_blocks_grow (&series->points, n, sizeof *point);

  if (n > 0)
    at_ns = MAX (at_ns, series->last_ns);
  series->last_ns = at_ns;
  *point = (WeftModelPoint){ at_ns, bounded (value) };
  atomic_store_explicit (&series->n, n + 1, memory_order_release);
}

WeftModelPoint
_weft_series_get (const WeftSeriesData *series, uint64_t index)
{
  return *(const WeftModelPoint *) _weft_blocks_get (&series->points, index,
                                                     sizeof (WeftModelPoint));
}

static double
last_value (const WeftSeriesData *series)
{
  uint64_t n = _weft_get (series->n);

  return n > 0 ? _weft_series_get (series, n - 1).value : 0;
}

/* Only changes are kept of what is set. */
static void
append_change (WeftSeriesData *series, int64_t at_ns, double value)
{
  if (_weft_get (series->n) == 0 || last_value (series) != value)
    _weft_series_append (series, at_ns, value);
}

void
_weft_model_set (WeftModel *model, WeftModelSeries series, int64_t at_ns, uint64_t value)
{
  value = MIN (value, series == WEFT_SERIES_WORKERS ? UINT32_MAX : (uint64_t) WEFT_SERIES_MOST);
  append_change (&model->series[series], at_ns, (double) value);
  if (series == WEFT_SERIES_LIMIT)
    _weft_set (model->memory_limit, value);
}

/* ---- processes ------------------------------------------------------------------------------- */

static WeftSeriesData *
series_of (WeftModelLaneData *lane)
{
  WeftSeriesData *series = atomic_load_explicit (&lane->series, memory_order_relaxed);

  if (series != NULL)
    return series;
  series = g_new0 (WeftSeriesData, WEFT_N_SERIES);
  atomic_store_explicit (&lane->series, series, memory_order_release);
  return series;
}

/* What holds of one process alone holds of the run, digit by digit. */
static void
note (WeftModel *model, WeftModelLaneData *lane, WeftModelSeries number, int64_t at_ns,
      double value)
{
  WeftSeriesData *series = &series_of (lane)[number];

  value = bounded (value);
  model->sums[number] += value - last_value (series);
  if (model->sampled[number] == NULL)
    model->sampled[number] = lane;
  model->sampled_many[number] |= model->sampled[number] != lane;
  if (!model->sampled_many[number])
    model->sums[number] = value;
  if (number != WEFT_SERIES_LIMIT)
    {
      _weft_series_append (series, at_ns, value);
      _weft_series_append (&model->series[number], at_ns, MAX (model->sums[number], 0));
      return;
    }
  append_change (series, at_ns, value);
  _weft_model_set (model, number, at_ns,
                   (uint64_t) CLAMP (model->sums[number], 0, WEFT_SERIES_MOST));
}

void
_weft_model_lane_limit (WeftModel *model, WeftModelLaneData *lane, uint64_t n_bytes)
{
  note (model, lane, WEFT_SERIES_LIMIT, MAX (_weft_get (model->last_ns), 0), (double) n_bytes);
}

void
_weft_model_lane_gone (WeftModel *model, WeftModelLaneData *lane, int64_t at_ns)
{
  WeftSeriesData *series = atomic_load_explicit (&lane->series, memory_order_relaxed);

  for (int number = 0; series != NULL && number < WEFT_N_SERIES; number++)
    if (_weft_get (series[number].n) > 0)
      note (model, lane, (WeftModelSeries) number, at_ns, 0);
}

static void
sample_memory (WeftModel *model, WeftModelLaneData *lane, const WeftRecord *record, int64_t at_ns)
{
  static const WeftModelSeries series[] = {
    [WEFT_MEMORY_MANAGED] = WEFT_SERIES_MANAGED,   [WEFT_MEMORY_SPILLED] = WEFT_SERIES_SPILLED,
    [WEFT_MEMORY_RESIDENT] = WEFT_SERIES_RESIDENT, [WEFT_MEMORY_LIMIT] = WEFT_SERIES_LIMIT,
    [WEFT_MEMORY_CHILDREN] = WEFT_SERIES_CHILDREN,
  };

  if (record->task < G_N_ELEMENTS (series))
    note (model, lane, series[record->task], at_ns, (double) weft_record_amount (record));
}

/* Per second; nothing of an interval without length. */
static void
sample_rate (WeftModel *model, WeftModelLaneData *lane, WeftModelSeries series,
             const WeftRecord *record, int64_t start_ns, int64_t end_ns, double scale)
{
  if (end_ns > start_ns)
    note (model, lane, series, end_ns,
          (double) weft_record_amount (record) * scale / (double) (end_ns - start_ns));
}

void
_weft_model_sample (WeftModel *model, WeftModelLaneData *lane, const WeftRecord *record,
                    int64_t start_ns, int64_t end_ns)
{
  if (record->kind == WEFT_RECORD_MEMORY)
    sample_memory (model, lane, record, end_ns);
  else if (record->kind == WEFT_RECORD_CPU && record->task <= 1)
    sample_rate (model, lane, record->task == 0 ? WEFT_SERIES_CPU : WEFT_SERIES_CHILDREN_CPU,
                 record, start_ns, end_ns, 1);
  else if (record->kind == WEFT_RECORD_IO && record->task <= WEFT_IO_WRITTEN)
    sample_rate (model, lane, record->task == WEFT_IO_READ ? WEFT_SERIES_READ : WEFT_SERIES_WRITTEN,
                 record, start_ns, end_ns, 1e9);
  else if (record->kind == WEFT_RECORD_COUNTER)
    _weft_model_count (model, record, end_ns);
}

/* ---- reading --------------------------------------------------------------------------------- */

static uint64_t
count (const WeftSeriesData *series)
{
  return atomic_load_explicit (&series->n, memory_order_acquire);
}

/* The last at or before; @n when there is none. */
static uint64_t
find (const WeftSeriesData *series, uint64_t n, int64_t at_ns)
{
  uint64_t low = 0, high = n;

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      if (_weft_series_get (series, middle).at_ns > at_ns)
        high = middle;
      else
        low = middle + 1;
    }
  return low > 0 ? low - 1 : n;
}

uint64_t
weft_model_series_n (const WeftModel *model, WeftModelSeries series)
{
  return count (&model->series[series]);
}

WeftModelPoint
weft_model_series_get (const WeftModel *model, WeftModelSeries series, uint64_t index)
{
  return _weft_series_get (&model->series[series], index);
}

uint64_t
weft_model_series_find (const WeftModel *model, WeftModelSeries series, uint64_t n, int64_t at_ns)
{
  return find (&model->series[series], n, at_ns);
}

/* (nullable) */
static const WeftSeriesData *
lane_series (const WeftModel *model, uint32_t lane, WeftModelSeries series)
{
  const WeftSeriesData *all =
      atomic_load_explicit (&_weft_model_lane (model, lane)->series, memory_order_acquire);

  return all != NULL ? &all[series] : NULL;
}

uint64_t
weft_model_lane_series_n (const WeftModel *model, uint32_t lane, WeftModelSeries series)
{
  const WeftSeriesData *data = lane_series (model, lane, series);

  return data != NULL ? count (data) : 0;
}

WeftModelPoint
weft_model_lane_series_get (const WeftModel *model, uint32_t lane, WeftModelSeries series,
                            uint64_t index)
{
  return _weft_series_get (lane_series (model, lane, series), index);
}

bool
weft_model_lane_series_at (const WeftModel *model, uint32_t lane, WeftModelSeries series,
                           int64_t at_ns, double *value)
{
  const WeftSeriesData *data = lane_series (model, lane, series);
  uint64_t n = data != NULL ? count (data) : 0;
  uint64_t index = n > 0 ? find (data, n, at_ns) : 0;

  if (index >= n)
    return false;
  *value = _weft_series_get (data, index).value;
  return true;
}
