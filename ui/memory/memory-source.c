/* memory-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-source.h"

#include "canvas/lane-gone.h"
#include "canvas/short-name.h"

#include <glib/gi18n.h>

#define LOOK_EVERY_NS INT64_C (100000000)

static const WeftModelSeries series[WEFTLINE_MEMORY_N_SERIES] = {
  WEFT_SERIES_MANAGED,  WEFT_SERIES_SPILLED, WEFT_SERIES_RESIDENT,
  WEFT_SERIES_CHILDREN, WEFT_SERIES_LIMIT,
};

/* ---- series ---------------------------------------------------------------------------------- */

void
weftline_memory_source_init (WeftlineMemorySource *source)
{
  for (unsigned i = 0; i < WEFTLINE_MEMORY_N_SERIES; i++)
    source->points[i] = g_array_new (FALSE, FALSE, sizeof (WeftModelPoint));
  source->end_ns = 0;
  source->workers = g_array_new (FALSE, TRUE, sizeof (WeftlineMemoryWorker));
  source->names = g_ptr_array_new_with_free_func (g_free);
  source->worker_of_lane = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  source->looked_ns = 0;
  source->looked_serial = 0;
}

void
weftline_memory_source_clear (WeftlineMemorySource *source)
{
  for (unsigned i = 0; i < WEFTLINE_MEMORY_N_SERIES; i++)
    g_array_unref (source->points[i]);
  g_array_unref (source->workers);
  g_ptr_array_unref (source->names);
  g_array_unref (source->worker_of_lane);
}

static bool
take_points (GArray *points, const WeftModel *model, WeftModelSeries which)
{
  uint64_t n = MIN (weft_model_series_n (model, which), G_MAXUINT);
  bool any = points->len < n;

  while (points->len < n)
    {
      WeftModelPoint point = weft_model_series_get (model, which, points->len);

      g_array_append_val (points, point);
    }
  return any;
}

/* ---- workers --------------------------------------------------------------------------------- */

/* A lane and the worker that it is of: by number, then those without one. */
typedef struct
{
  uint64_t worker;
  uint32_t lane;
} LaneWorker;

static int
compare_lanes (const void *a, const void *b)
{
  const LaneWorker *x = a, *y = b;

  if (x->worker != y->worker)
    return x->worker < y->worker ? -1 : 1;
  return (x->lane > y->lane) - (x->lane < y->lane);
}

/* What could not be placed in a worker's lane is the worker's, too. */
static uint64_t
worker_of (const WeftModel *model, uint32_t lane, const WeftModelLane *info, uint32_t n_lanes)
{
  WeftModelLane parent;

  if (info->worker != WEFT_NONE)
    return info->worker;
  if (info->kind != WEFT_LANE_UNPLACED || info->parent_lane >= n_lanes)
    return (uint64_t) WEFT_NONE + 1 + lane;
  weft_model_lane (model, info->parent_lane, &parent);
  return parent.worker != WEFT_NONE ? parent.worker : (uint64_t) WEFT_NONE + 1 + info->parent_lane;
}

/* Of a run's own process there is one; those of other programs are workers. */
static bool
is_of_worker (const WeftModelLane *info)
{
  return info->kind == WEFT_LANE_THREAD || info->kind == WEFT_LANE_UNPLACED
         || (info->kind == WEFT_LANE_PROCESS && info->worker != WEFT_NONE);
}

static GArray *
find_lanes (const WeftModel *model, uint32_t n_lanes)
{
  GArray *lanes = g_array_new (FALSE, FALSE, sizeof (LaneWorker));

  for (uint32_t lane = 0; lane < n_lanes; lane++)
    {
      LaneWorker one = { .lane = lane };
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      one.worker = worker_of (model, lane, &info, n_lanes);
      if (is_of_worker (&info))
        g_array_append_val (lanes, one);
    }
  g_array_sort (lanes, compare_lanes);
  return lanes;
}

static void
add_worker (WeftlineMemorySource *source, const WeftModel *model, const LaneWorker *lane)
{
  WeftlineMemoryWorker worker = { 0 };
  WeftModelLane info;
  char *name;

  weft_model_lane (model, lane->lane, &info);
  name = info.name[0] != '\0' || info.worker == WEFT_NONE
             ? g_strdup (info.name)
             : g_strdup_printf (_ ("worker %u"), info.worker);
  g_ptr_array_add (source->names, name);
  worker.name = name;
  g_array_append_val (source->workers, worker);
}

static void
shorten_names (WeftlineMemorySource *source)
{
  WeftlineShared shared = { 0 };
  guint n = source->names->len;

  for (guint i = 0; i < n; i++)
    weftline_shared_add (&shared, source->names->pdata[i]);
  for (guint i = 0; i < n; i++)
    {
      char *name = weftline_shared_short (&shared, source->names->pdata[i]);

      g_ptr_array_add (source->names, name);
      g_array_index (source->workers, WeftlineMemoryWorker, i).short_name = name;
    }
  weftline_shared_clear (&shared);
}

/* Lanes are all there at once, mostly. */
static void
find_workers (WeftlineMemorySource *source, const WeftModel *model, uint32_t n_lanes)
{
  g_autoptr (GArray) lanes = NULL;

  if (source->worker_of_lane->len == n_lanes)
    return;
  lanes = find_lanes (model, n_lanes);
  g_array_set_size (source->workers, 0);
  g_ptr_array_set_size (source->names, 0);
  g_array_set_size (source->worker_of_lane, n_lanes);
  for (uint32_t lane = 0; lane < n_lanes; lane++)
    g_array_index (source->worker_of_lane, uint32_t, lane) = WEFT_NONE;
  for (guint i = 0; i < lanes->len; i++)
    {
      const LaneWorker *lane = &g_array_index (lanes, LaneWorker, i);

      if (i == 0 || lane->worker != lane[-1].worker)
        add_worker (source, model, lane);
      g_array_index (source->worker_of_lane, uint32_t, lane->lane) = source->workers->len - 1;
    }
  shorten_names (source);
}

static void
add_bytes (WeftlineMemorySource *source, uint32_t lane, const WeftModelBytes *bytes)
{
  uint32_t i = g_array_index (source->worker_of_lane, uint32_t, lane);
  WeftlineMemoryWorker *worker;

  if (i == WEFT_NONE)
    return;
  worker = &g_array_index (source->workers, WeftlineMemoryWorker, i);
  worker->live += bytes->live;
  worker->spilled += bytes->spilled;
}

/* What a worker said itself of its memory stands for what its results add up to. */
static void
take_measured (WeftlineMemorySource *source, const WeftModel *model, uint32_t lane, int64_t at_ns)
{
  uint32_t i = g_array_index (source->worker_of_lane, uint32_t, lane);
  WeftlineMemoryWorker *worker;
  double value;

  if (i == WEFT_NONE)
    return;
  worker = &g_array_index (source->workers, WeftlineMemoryWorker, i);
  if (weft_model_lane_series_at (model, lane, WEFT_SERIES_MANAGED, at_ns, &value))
    {
      worker->live = (uint64_t) value;
      worker->is_process = true;
    }
  if (weft_model_lane_series_at (model, lane, WEFT_SERIES_RESIDENT, at_ns, &value))
    worker->process = (uint64_t) value;
  if (weft_model_lane_series_at (model, lane, WEFT_SERIES_LIMIT, at_ns, &value))
    worker->limit = (uint64_t) value;
  if (weftline_lane_gone (model, lane, at_ns) != WEFTLINE_NOT_GONE)
    worker->gone = true;
  if (weft_model_lane_series_at (model, lane, WEFT_SERIES_SPILLED, at_ns, &value))
    worker->spilled = (uint64_t) value;
}

void
weftline_memory_source_look (WeftlineMemorySource *source, const WeftModel *model,
                             const WeftModelSnapshot *snapshot, const WeftMoment *moment)
{
  find_workers (source, model, snapshot->n_lanes);
  for (guint i = 0; i < source->workers->len; i++)
    {
      WeftlineMemoryWorker *worker = &g_array_index (source->workers, WeftlineMemoryWorker, i);

      *worker = (WeftlineMemoryWorker){ .name = worker->name, .short_name = worker->short_name };
    }
  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelBytes bytes = { 0, 0 };

      if (moment == NULL)
        weft_model_lane_bytes (model, lane, &bytes);
      else if (lane < moment->n_lanes)
        bytes = moment->lanes[lane];
      add_bytes (source, lane, &bytes);
    }
  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    take_measured (source, model, lane, moment != NULL ? moment->at_ns : INT64_MAX);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* While a run goes on its lines grow with the next points, or by and by where none come: what is
 * written down are changes. */
bool
weftline_memory_source_take (WeftlineMemorySource *source, const WeftModel *model,
                             const WeftModelSnapshot *snapshot)
{
  int64_t end_ns = MAX (snapshot->last_ns, 0);
  bool any = false;

  for (unsigned i = 0; i < WEFTLINE_MEMORY_N_SERIES; i++)
    any |= take_points (source->points[i], model, series[i]);
  any |= snapshot->phase >= WEFT_RUN_DONE ? end_ns != source->end_ns
                                          : end_ns - source->end_ns >= LOOK_EVERY_NS;
  if (any)
    source->end_ns = end_ns;
  any |= source->worker_of_lane->len != snapshot->n_lanes
         || (snapshot->serial != source->looked_serial
             && (snapshot->phase >= WEFT_RUN_DONE || end_ns - source->looked_ns >= LOOK_EVERY_NS));
  if (any)
    {
      source->looked_ns = end_ns;
      source->looked_serial = snapshot->serial;
    }
  return any;
}

static WeftlineMemorySeries
series_of (const WeftlineMemorySource *source, unsigned i)
{
  return (WeftlineMemorySeries){ (const WeftModelPoint *) (void *) source->points[i]->data,
                                 source->points[i]->len };
}

WeftlineMemoryInput
weftline_memory_source_input (const WeftlineMemorySource *source)
{
  return (WeftlineMemoryInput){ .managed = series_of (source, 0),
                                .spilled = series_of (source, 1),
                                .resident = series_of (source, 2),
                                .children = series_of (source, 3),
                                .limit = series_of (source, 4),
                                .workers = (const void *) source->workers->data,
                                .n_workers = source->workers->len,
                                .end_ns = source->end_ns };
}

/* ---- bands ----------------------------------------------------------------------------------- */

void
weftline_held_bands_init (WeftlineHeldBands *bands)
{
  *bands = (WeftlineHeldBands){ .slots = weftline_group_colors_new () };
}

void
weftline_held_bands_clear (WeftlineHeldBands *bands)
{
  weftline_group_colors_free (bands->slots);
}

void
weftline_held_bands_take (WeftlineHeldBands *bands, const WeftModel *model,
                          const WeftModelSnapshot *snapshot, const WeftHeldSteps *steps)
{
  WeftModelGroup group;

  for (; bands->n_groups < snapshot->n_groups; bands->n_groups++)
    {
      weft_model_group (model, bands->n_groups, &group);
      weftline_group_colors_add (bands->slots, group.name);
    }
  for (uint32_t band = 0; band < steps->n_bands; band++)
    {
      bands->names[band] = _ ("others");
      bands->slot_of_band[band] = WEFTLINE_SLOT_OTHER;
      if (steps->groups[band] == WEFT_NONE)
        continue;
      weft_model_group (model, steps->groups[band], &group);
      bands->names[band] = group.name;
      bands->slot_of_band[band] = weftline_group_colors_add (bands->slots, group.name);
    }
}

void
weftline_held_bands_color (const WeftlineHeldBands *bands, const WeftHeldSteps *steps,
                           const WeftlinePalette *palette, uint32_t *colors)
{
  for (uint32_t band = 0; band < steps->n_bands; band++)
    colors[band] = weftline_palette_group (palette, bands->names[band], bands->slot_of_band[band]);
}

uint64_t
weftline_held_threshold (const WeftModel *model)
{
  return (uint64_t) ((double) weft_model_memory_limit (model) * WEFTLINE_MEMORY_SPILL);
}
