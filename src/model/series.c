/* series.c: what was measured of the process, over time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Points stand in the order of time; one that comes late is put at the time of the last. A rate (of
 * CPU, reading, writing) is that of the interval which ends at its point.
 */
#include "config.h"

#include "model/weft-model-private.h"

static void
append (WeftModel *model, WeftModelSeries number, int64_t at_ns, double value)
{
  WeftSeriesData *series = &model->series[number];
  uint64_t n = _weft_get (series->n);
  WeftModelPoint *point = _weft_blocks_grow (&series->points, n, sizeof *point);

  if (n > 0)
    at_ns = MAX (at_ns, series->last_ns);
  series->last_ns = at_ns;
  *point = (WeftModelPoint){ at_ns, value };
  atomic_store_explicit (&series->n, n + 1, memory_order_release);
}

void
_weft_model_set (WeftModel *model, WeftModelSeries series, int64_t at_ns, uint64_t value)
{
  uint64_t n = _weft_get (model->series[series].n);

  if (n == 0 || weft_model_series_get (model, series, n - 1).value != (double) value)
    append (model, series, at_ns, (double) value);
  if (series == WEFT_SERIES_LIMIT)
    _weft_set (model->memory_limit, value);
}

static void
sample_memory (WeftModel *model, const WeftRecord *record, int64_t at_ns)
{
  static const WeftModelSeries series[] = {
    [WEFT_MEMORY_MANAGED] = WEFT_SERIES_MANAGED,   [WEFT_MEMORY_SPILLED] = WEFT_SERIES_SPILLED,
    [WEFT_MEMORY_RESIDENT] = WEFT_SERIES_RESIDENT, [WEFT_MEMORY_LIMIT] = WEFT_SERIES_LIMIT,
    [WEFT_MEMORY_CHILDREN] = WEFT_SERIES_CHILDREN,
  };
  uint64_t bytes = weft_record_amount (record);

  if (record->task == WEFT_MEMORY_LIMIT)
    _weft_model_set (model, WEFT_SERIES_LIMIT, at_ns, bytes);
  else if (record->task < G_N_ELEMENTS (series))
    append (model, series[record->task], at_ns, (double) bytes);
}

/* Per second; nothing of an interval without length. */
static void
sample_rate (WeftModel *model, WeftModelSeries series, const WeftRecord *record, int64_t start_ns,
             int64_t end_ns, double scale)
{
  if (end_ns > start_ns)
    append (model, series, end_ns,
            (double) weft_record_amount (record) * scale / (double) (end_ns - start_ns));
}

void
_weft_model_sample (WeftModel *model, const WeftRecord *record, int64_t start_ns, int64_t end_ns)
{
  if (record->kind == WEFT_RECORD_MEMORY)
    sample_memory (model, record, end_ns);
  else if (record->kind == WEFT_RECORD_CPU && record->task <= 1)
    sample_rate (model, record->task == 0 ? WEFT_SERIES_CPU : WEFT_SERIES_CHILDREN_CPU, record,
                 start_ns, end_ns, 1);
  else if (record->kind == WEFT_RECORD_IO && record->task <= WEFT_IO_WRITTEN)
    sample_rate (model, record->task == WEFT_IO_READ ? WEFT_SERIES_READ : WEFT_SERIES_WRITTEN,
                 record, start_ns, end_ns, 1e9);
}

/* ---- reading --------------------------------------------------------------------------------- */

uint64_t
weft_model_series_n (const WeftModel *model, WeftModelSeries series)
{
  return atomic_load_explicit (&model->series[series].n, memory_order_acquire);
}

WeftModelPoint
weft_model_series_get (const WeftModel *model, WeftModelSeries series, uint64_t index)
{
  return *(const WeftModelPoint *) _weft_blocks_get (&model->series[series].points, index,
                                                     sizeof (WeftModelPoint));
}

uint64_t
weft_model_series_find (const WeftModel *model, WeftModelSeries series, uint64_t n, int64_t at_ns)
{
  uint64_t low = 0, high = n;

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      if (weft_model_series_get (model, series, middle).at_ns > at_ns)
        high = middle;
      else
        low = middle + 1;
    }
  return low > 0 ? low - 1 : n;
}
