/* counters.c: what foreign programs measured of themselves, over time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Values of a series that no frame has told of are left out, as unknown records are. Series of the
 * same name, of the same lane, are one counter: they differ in what their records count in.
 */
#include "config.h"

#include "model/weft-model-private.h"

static WeftCounterData *
get_counter (const WeftModel *model, uint32_t counter)
{
  return *(WeftCounterData **) _weft_blocks_get (&model->counters, counter, sizeof (void *));
}

void
_weft_counter_free (WeftCounterData *counter)
{
  _weft_blocks_clear (&counter->data.points);
  g_free (counter->name);
  g_free (counter->unit);
  g_free (counter);
}

/* What a frame calls a series. */
typedef struct
{
  uint32_t counter;
  double scale;
} Series;

/* Its number; a new one if there is none of that name there. */
static uint32_t
counter_of (WeftModel *model, const WeftSeriesHead *head, const WeftRunText *name,
            const WeftRunText *unit)
{
  g_autofree char *valid = g_utf8_make_valid (name->chars, (gssize) name->n_bytes);
  char *key = g_strdup_printf ("%u %s", head->lane, valid);
  uint32_t n = _weft_get (model->n_counters);
  uint32_t known = GPOINTER_TO_UINT (g_hash_table_lookup (model->counter_names, key));
  WeftCounterData *counter, **place;

  if (known > 0)
    {
      g_free (key);
      return known - 1;
    }
  counter = g_new0 (WeftCounterData, 1);
  counter->name = g_steal_pointer (&valid);
  counter->unit = g_utf8_make_valid (unit->chars, (gssize) unit->n_bytes);
  counter->info = (WeftModelCounter){ counter->name, counter->unit, head->lane };
  place = _weft_blocks_grow (&model->counters, n, sizeof *place);
  *place = counter;
  g_hash_table_insert (model->counter_names, key, GUINT_TO_POINTER (n + 1));
  atomic_store_explicit (&model->n_counters, n + 1, memory_order_release);
  return n;
}

/* One that is told of again goes on as it was. */
bool
_weft_model_add_counter (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  WeftRunText name, unit;
  WeftSeriesHead head;
  Series *series;

  if (!weft_run_frame_series (frame, &head, &name, &unit))
    return _weft_model_fail (error, "a series is cut off");
  if (head.lane != WEFT_NONE && head.lane >= _weft_get (model->n_lanes))
    return _weft_model_fail (error, "series %u is of lane %u, which is not there", head.series,
                             head.lane);
  if (g_hash_table_contains (model->counter_series, GUINT_TO_POINTER (head.series)))
    return true;
  series = g_new (Series, 1);
  *series = (Series){ counter_of (model, &head, &name, &unit), head.scale };
  g_hash_table_insert (model->counter_series, GUINT_TO_POINTER (head.series), series);
  return true;
}

void
_weft_model_count (WeftModel *model, const WeftRecord *record, int64_t at_ns)
{
  const Series *series =
      g_hash_table_lookup (model->counter_series, GUINT_TO_POINTER (record->task));

  if (series != NULL)
    _weft_series_append (&get_counter (model, series->counter)->data, at_ns,
                         (double) weft_record_amount (record) * series->scale);
}

/* ---- reading --------------------------------------------------------------------------------- */

uint32_t
weft_model_n_counters (const WeftModel *model)
{
  return atomic_load_explicit (&model->n_counters, memory_order_acquire);
}

void
weft_model_counter (const WeftModel *model, uint32_t counter, WeftModelCounter *info)
{
  *info = get_counter (model, counter)->info;
}

uint64_t
weft_model_counter_n (const WeftModel *model, uint32_t counter)
{
  return atomic_load_explicit (&get_counter (model, counter)->data.n, memory_order_acquire);
}

WeftModelPoint
weft_model_counter_get (const WeftModel *model, uint32_t counter, uint64_t index)
{
  return _weft_series_get (&get_counter (model, counter)->data, index);
}
