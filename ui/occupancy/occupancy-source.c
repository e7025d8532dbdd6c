/* occupancy-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "occupancy/occupancy-source.h"

#include "canvas/lane-text.h"
#include "canvas/short-name.h"

static void
worker_clear (void *data)
{
  WeftlineOccupancyWorker *worker = data;

  g_free (worker->name);
  g_free (worker->short_name);
  weftline_occupancy_lane_free (worker->sums);
}

void
weftline_occupancy_source_init (WeftlineOccupancySource *source)
{
  *source = (WeftlineOccupancySource){ 0 };
  source->workers = g_array_new (FALSE, FALSE, sizeof (WeftlineOccupancyWorker));
  g_array_set_clear_func (source->workers, worker_clear);
}

void
weftline_occupancy_source_clear (WeftlineOccupancySource *source)
{
  g_array_unref (source->workers);
  weft_model_unref (source->model);
}

/* Later lanes of the same worker behind it. */
static int
compare_workers (const void *a, const void *b)
{
  const WeftlineOccupancyWorker *one = a, *other = b;

  if (one->worker != other->worker)
    return one->worker < other->worker ? -1 : 1;
  return (one->lane > other->lane) - (one->lane < other->lane);
}

static void
shorten_names (WeftlineOccupancySource *source)
{
  WeftlineShared shared = { 0 };

  for (guint i = 0; i < source->workers->len; i++)
    weftline_shared_add (&shared, g_array_index (source->workers, WeftlineOccupancyWorker, i).name);
  for (guint i = 0; i < source->workers->len; i++)
    {
      WeftlineOccupancyWorker *worker =
          &g_array_index (source->workers, WeftlineOccupancyWorker, i);

      g_free (worker->short_name);
      worker->short_name = weftline_shared_short (&shared, worker->name);
    }
  weftline_shared_clear (&shared);
}

static void
find_workers (WeftlineOccupancySource *source, const WeftModelSnapshot *snapshot)
{
  guint before = source->workers->len;

  for (; source->n_lanes_seen < snapshot->n_lanes; source->n_lanes_seen++)
    {
      WeftlineOccupancyWorker worker = { .lane = source->n_lanes_seen };
      WeftModelLane info;

      weft_model_lane (source->model, source->n_lanes_seen, &info);
      if (info.kind != WEFT_LANE_THREAD)
        continue;
      worker.worker = info.worker;
      worker.name = weftline_lane_text (info.name, info.worker, info.nth);
      worker.sums = weftline_occupancy_lane_new (source->model, worker.lane);
      g_array_append_val (source->workers, worker);
    }
  if (source->workers->len == before)
    return;
  g_array_sort (source->workers, compare_workers);
  shorten_names (source);
}

bool
weftline_occupancy_source_take (WeftlineOccupancySource *source, WeftModel *model,
                                const WeftModelSnapshot *snapshot, uint64_t limit)
{
  bool all = true;

  if (model != source->model)
    {
      g_array_set_size (source->workers, 0);
      weft_model_unref (source->model);
      source->model = model != NULL ? weft_model_ref (model) : NULL;
      source->n_lanes_seen = 0;
      source->end_ns = 0;
    }
  if (model == NULL)
    return true;
  find_workers (source, snapshot);
  source->end_ns = MAX (snapshot->last_ns, 0);
  for (guint i = 0; i < source->workers->len; i++)
    all &= weftline_occupancy_lane_update (
        g_array_index (source->workers, WeftlineOccupancyWorker, i).sums, snapshot, &limit);
  return all;
}
