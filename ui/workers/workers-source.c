/* workers-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "workers/workers-source.h"

#include "canvas/lane-gone.h"

#include <string.h>

/**
 * Track:
 * @counters: by column, or WEFT_NONE
 * @others: of uint32_t: counters without a column
 * @paused: counter, or WEFT_NONE: above 0 it starts nothing
 * @sort_name: numbers in it in their order
 * @n_threads: lanes of threads, where nobody says how many there are
 */
typedef struct
{
  uint32_t counters[WEFTLINE_WORKERS_N_COLUMNS];
  GArray *others;
  uint32_t paused;
  char *sort_name;
  uint32_t n_threads;
  uint32_t n_told_threads;
} Track;

static void
track_clear (void *data)
{
  Track *track = data;

  g_array_unref (track->others);
  g_free (track->sort_name);
}

static void
lane_clear (void *data)
{
  weftline_workers_lane_clear (data);
}

void
weftline_workers_source_init (WeftlineWorkersSource *source)
{
  *source = (WeftlineWorkersSource){ .at_ns = INT64_MAX };
  source->workers = g_array_new (FALSE, TRUE, sizeof (WeftlineWorker));
  source->order = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  source->whole = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  source->tracks = g_array_new (FALSE, TRUE, sizeof (Track));
  g_array_set_clear_func (source->tracks, track_clear);
  source->lanes = g_array_new (FALSE, TRUE, sizeof (WeftlineWorkersLane));
  g_array_set_clear_func (source->lanes, lane_clear);
  source->worker_of_lane = g_array_new (FALSE, FALSE, sizeof (uint32_t));
}

void
weftline_workers_source_clear (WeftlineWorkersSource *source)
{
  g_array_unref (source->workers);
  g_array_unref (source->order);
  g_array_unref (source->whole);
  g_array_unref (source->tracks);
  g_array_unref (source->lanes);
  g_array_unref (source->worker_of_lane);
  weftline_shared_clear (&source->shared);
}

static Track *
get_track (const WeftlineWorkersSource *source, uint32_t worker)
{
  return &g_array_index (source->tracks, Track, worker);
}

static WeftlineWorker *
get_worker (const WeftlineWorkersSource *source, uint32_t worker)
{
  return &g_array_index (source->workers, WeftlineWorker, worker);
}

/* ---- taking in ------------------------------------------------------------------------------- */

static uint32_t
add_worker (WeftlineWorkersSource *source, uint32_t lane, const WeftModelLane *info)
{
  WeftlineWorker worker = {
    .name = info->name, .lane = lane, .worker = info->worker, .nth = info->nth
  };
  Track track = { .others = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                  .paused = WEFT_NONE,
                  .sort_name = g_utf8_collate_key_for_filename (info->name, -1),
                  .n_told_threads = info->n_threads };
  uint32_t index = source->workers->len;

  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    track.counters[i] = WEFT_NONE;
  weftline_shared_add (&source->shared, info->name);
  g_array_append_val (source->workers, worker);
  g_array_append_val (source->tracks, track);
  g_array_append_val (source->order, index);
  return index;
}

/* Lanes stand behind those they are below of. */
static uint32_t
worker_above (const WeftlineWorkersSource *source, const WeftModelLane *info)
{
  return info->parent_lane < source->worker_of_lane->len
             ? g_array_index (source->worker_of_lane, uint32_t, info->parent_lane)
             : WEFT_NONE;
}

static void
take_lane (WeftlineWorkersSource *source, uint32_t lane)
{
  WeftlineWorkersLane counted;
  WeftModelLane info;
  uint32_t worker;

  weft_model_lane (source->model, lane, &info);
  worker = weftline_workers_is_worker (&info) ? add_worker (source, lane, &info)
                                              : worker_above (source, &info);
  g_array_append_val (source->worker_of_lane, worker);
  if (worker == WEFT_NONE)
    return;
  get_track (source, worker)->n_threads += info.kind == WEFT_LANE_THREAD;
  weftline_workers_lane_init (&counted, lane, worker, info.spans);
  g_array_append_val (source->lanes, counted);
}

/* As data/doc/protocol.md names them. */
static WeftlineWorkersColumn
column_of (const char *name)
{
  static const struct
  {
    const char *name;
    WeftlineWorkersColumn column;
  } known[] = {
    { "cpu", WEFTLINE_WORKERS_CPU },
    { "disk-read", WEFTLINE_WORKERS_DISK_READ },
    { "disk-written", WEFTLINE_WORKERS_DISK_WRITTEN },
    { "fds", WEFTLINE_WORKERS_FDS },
    { "network-read", WEFTLINE_WORKERS_NET_READ },
    { "network-written", WEFTLINE_WORKERS_NET_WRITTEN },
    { "occupancy", WEFTLINE_WORKERS_OCCUPANCY },
    { "processing", WEFTLINE_WORKERS_PROCESSING },
    { "ready", WEFTLINE_WORKERS_READY },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].name, name))
      return known[i].column;
  return WEFTLINE_WORKERS_N_COLUMNS;
}

/* Returns: FALSE: its lane was not taken in yet */
static bool
take_counter (WeftlineWorkersSource *source, uint32_t counter)
{
  WeftModelCounter info;
  WeftlineWorkersColumn column;
  uint32_t worker;
  Track *track;

  weft_model_counter (source->model, counter, &info);
  if (info.lane == WEFT_NONE)
    {
      g_array_append_val (source->whole, counter);
      return true;
    }
  if (info.lane >= source->worker_of_lane->len)
    return false;
  worker = g_array_index (source->worker_of_lane, uint32_t, info.lane);
  if (worker == WEFT_NONE)
    return true;
  track = get_track (source, worker);
  column = column_of (info.name);
  if (g_str_equal (info.name, "paused"))
    track->paused = counter;
  else if (column < WEFTLINE_WORKERS_N_COLUMNS && track->counters[column] == WEFT_NONE)
    track->counters[column] = counter;
  else
    g_array_append_val (track->others, counter);
  return true;
}

static void
forget_all (WeftlineWorkersSource *source)
{
  g_array_set_size (source->workers, 0);
  g_array_set_size (source->order, 0);
  g_array_set_size (source->whole, 0);
  g_array_set_size (source->tracks, 0);
  g_array_set_size (source->lanes, 0);
  g_array_set_size (source->worker_of_lane, 0);
  weftline_shared_clear (&source->shared);
  source->n_counters = 0;
}

void
weftline_workers_source_take (WeftlineWorkersSource *source, const WeftModel *model,
                              const WeftModelSnapshot *snapshot)
{
  uint32_t n_counters = weft_model_n_counters (model);

  if (source->model != model)
    forget_all (source);
  source->model = model;
  while (source->worker_of_lane->len < snapshot->n_lanes)
    take_lane (source, source->worker_of_lane->len);
  while (source->n_counters < n_counters && take_counter (source, source->n_counters))
    source->n_counters++;
  for (guint i = 0; i < source->lanes->len; i++)
    weftline_workers_lane_take (&g_array_index (source->lanes, WeftlineWorkersLane, i));
}

WeftlineWorkersPoints
weftline_workers_source_points (const WeftlineWorkersSource *source, uint32_t worker,
                                WeftlineWorkersColumn column)
{
  WeftlineWorkersPoints points = { .counter = get_track (source, worker)->counters[column],
                                   .lane = get_worker (source, worker)->lane };

  if (column == WEFTLINE_WORKERS_CPU)
    points.series = WEFT_SERIES_CPU;
  else if (column == WEFTLINE_WORKERS_MEMORY)
    points.series = WEFT_SERIES_RESIDENT;
  else if (column == WEFTLINE_WORKERS_DISK_READ)
    points.series = WEFT_SERIES_READ;
  else if (column == WEFTLINE_WORKERS_DISK_WRITTEN)
    points.series = WEFT_SERIES_WRITTEN;
  else
    points.lane = WEFT_NONE;
  return points;
}

const GArray *
weftline_workers_source_others (const WeftlineWorkersSource *source, uint32_t worker)
{
  return get_track (source, worker)->others;
}

/* ---- a moment -------------------------------------------------------------------------------- */

/* What the lane is in that no span tells of yet. */
static bool
is_in_task (const WeftlineWorkersSource *source, const WeftlineWorkersLane *lane, int64_t at_ns,
            WeftModelNow *now)
{
  return weft_model_now (source->model, lane->lane, now) && now->kind == WEFT_RECORD_TASK
         && now->start_ns <= at_ns
         && (lane->n == 0 || weft_spans_get (lane->spans, lane->n - 1)->start_ns < now->start_ns);
}

static double
lane_at (const WeftlineWorkersSource *source, uint32_t lane, WeftModelSeries series)
{
  double value = -1;

  weft_model_lane_series_at (source->model, lane, series, source->at_ns, &value);
  return value;
}

static void
look_at_memory (const WeftlineWorkersSource *source, WeftlineWorker *worker)
{
  worker->managed = lane_at (source, worker->lane, WEFT_SERIES_MANAGED);
  worker->resident = lane_at (source, worker->lane, WEFT_SERIES_RESIDENT);
  worker->spilled = lane_at (source, worker->lane, WEFT_SERIES_SPILLED);
  worker->limit = lane_at (source, worker->lane, WEFT_SERIES_LIMIT);
  if (worker->limit <= 0)
    worker->limit = -1;
  worker->values[WEFTLINE_WORKERS_MEMORY] =
      worker->resident >= 0 ? worker->resident : worker->managed;
}

static void
look_at_points (WeftlineWorkersSource *source, uint32_t index)
{
  WeftlineWorker *worker = get_worker (source, index);

  for (unsigned i = WEFTLINE_WORKERS_PROCESSING; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    {
      WeftlineWorkersPoints points =
          weftline_workers_source_points (source, index, (WeftlineWorkersColumn) i);

      if (i == WEFTLINE_WORKERS_DONE || i == WEFTLINE_WORKERS_FAILED
          || weftline_workers_points_n (&points, source->model) == 0)
        continue;
      source->has[i] = true;
      worker->values[i] = weftline_workers_points_at (&points, source->model, source->at_ns);
    }
}

/* The last time that it went at the moment or before it; INT64_MIN: it had not. */
static int64_t
lost_before (const WeftlineWorkersLane *lane, int64_t at_ns)
{
  int64_t lost_ns = INT64_MIN;

  for (guint i = 0; i < lane->lost->len; i++)
    if (g_array_index (lane->lost, int64_t, i) <= at_ns)
      lost_ns = MAX (lost_ns, g_array_index (lane->lost, int64_t, i));
  return lost_ns;
}

static void
earlier (const WeftlineWorkersPoints *points, const WeftModel *model, int64_t *first_ns)
{
  if (weftline_workers_points_n (points, model) > 0)
    *first_ns = MIN (*first_ns, weftline_workers_points_get (points, model, 0).at_ns);
}

/* The first thing that is known of it, but for what its lanes ran; INT64_MAX: nothing. */
static int64_t
first_measured (const WeftlineWorkersSource *source, uint32_t index)
{
  const Track *track = get_track (source, index);
  int64_t first_ns = INT64_MAX;

  for (unsigned i = 0; i < WEFT_N_SERIES; i++)
    earlier (&(WeftlineWorkersPoints){ WEFT_NONE, get_worker (source, index)->lane,
                                       (WeftModelSeries) i },
             source->model, &first_ns);
  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    if (track->counters[i] != WEFT_NONE)
      earlier (&(WeftlineWorkersPoints){ .counter = track->counters[i] }, source->model, &first_ns);
  return first_ns;
}

/**
 * Seen:
 * @lost_ns: when it went, at or before the moment
 * @first_ns: the first thing it did
 * @is_back: it did something after it went
 *
 * What all lanes of a worker tell.
 */
typedef struct
{
  WeftlineWorkersTasks tasks;
  int64_t lost_ns, first_ns;
  bool is_back;
} Seen;

static void
look_at_lane (const WeftlineWorkersSource *source, const WeftlineWorkersLane *lane, bool has_nows,
              Seen *seen)
{
  WeftModelNow now;

  weftline_workers_lane_count (lane, source->at_ns, &seen->tasks);
  seen->first_ns = MIN (seen->first_ns, weftline_workers_lane_first (lane));
  if (has_nows && is_in_task (source, lane, source->at_ns, &now))
    {
      seen->tasks.n_running++;
      seen->first_ns = MIN (seen->first_ns, now.start_ns);
      seen->is_back |= now.start_ns > seen->lost_ns;
    }
  if (seen->lost_ns != INT64_MIN)
    seen->is_back |= weftline_workers_lane_began (lane, seen->lost_ns, source->at_ns);
}

/* (transfer full) (array): of each worker. Its own lane comes before those below it. */
static Seen *
look_at_lanes (const WeftlineWorkersSource *source, bool has_nows)
{
  Seen *all = g_new0 (Seen, MAX (source->workers->len, 1));

  for (guint i = 0; i < source->lanes->len; i++)
    {
      const WeftlineWorkersLane *lane = &g_array_index (source->lanes, WeftlineWorkersLane, i);
      Seen *seen = &all[lane->worker];

      if (lane->lane == get_worker (source, lane->worker)->lane)
        *seen = (Seen){ .lost_ns = lost_before (lane, source->at_ns), .first_ns = INT64_MAX };
      look_at_lane (source, lane, has_nows, seen);
    }
  return all;
}

static bool
is_paused (const WeftlineWorkersSource *source, uint32_t index)
{
  WeftlineWorkersPoints points = { .counter = get_track (source, index)->paused,
                                   .lane = WEFT_NONE };

  return points.counter != WEFT_NONE
         && weftline_workers_points_at (&points, source->model, source->at_ns) > 0;
}

static WeftlineWorkerState
state_of (const WeftlineWorkersSource *source, uint32_t index, const Seen *seen)
{
  const WeftlineWorker *worker = get_worker (source, index);
  int64_t first_ns;

  if (seen->lost_ns != INT64_MIN && !seen->is_back
      && !weftline_lane_was_measured (source->model, worker->lane, seen->lost_ns, source->at_ns))
    return WEFTLINE_WORKER_GONE;
  if (source->at_ns != INT64_MAX)
    {
      first_ns = MIN (seen->first_ns, first_measured (source, index));
      if (first_ns != INT64_MAX && first_ns > source->at_ns)
        return WEFTLINE_WORKER_AWAITED;
    }
  if (seen->tasks.n_running > 0)
    return WEFTLINE_WORKER_RUNNING;
  if (is_paused (source, index))
    return WEFTLINE_WORKER_PAUSED;
  return worker->values[WEFTLINE_WORKERS_PROCESSING] > 0 ? WEFTLINE_WORKER_WAITING
                                                         : WEFTLINE_WORKER_IDLE;
}

static void
forget_values (WeftlineWorker *worker)
{
  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    worker->values[i] = -1;
  worker->managed = worker->resident = worker->spilled = worker->limit = -1;
}

static void
look_at_worker (WeftlineWorkersSource *source, uint32_t index, const Seen *seen)
{
  WeftlineWorker *worker = get_worker (source, index);
  const Track *track = get_track (source, index);
  uint32_t n_threads = track->n_told_threads > 0 ? track->n_told_threads : track->n_threads;

  forget_values (worker);
  look_at_points (source, index);
  look_at_memory (source, worker);
  for (unsigned i = 0; i <= WEFT_SERIES_RESIDENT; i++)
    source->has[WEFTLINE_WORKERS_MEMORY] |=
        weft_model_lane_series_n (source->model, worker->lane, (WeftModelSeries) i) > 0;
  source->has[WEFTLINE_WORKERS_THREADS] |= n_threads > 0;
  worker->state = state_of (source, index, seen);
  worker->gone_ns = seen->lost_ns;
  worker->n_retried = seen->tasks.n_retried;
  if (worker->state >= WEFTLINE_WORKER_AWAITED)
    forget_values (worker);
  else
    {
      worker->values[WEFTLINE_WORKERS_THREADS] = n_threads > 0 ? (double) n_threads : -1;
      worker->values[WEFTLINE_WORKERS_RUNNING] = (double) seen->tasks.n_running;
    }
  if (worker->state == WEFTLINE_WORKER_AWAITED)
    return;
  worker->values[WEFTLINE_WORKERS_DONE] = (double) seen->tasks.n_done;
  worker->values[WEFTLINE_WORKERS_FAILED] = (double) seen->tasks.n_failed;
}

/* ---- sums ------------------------------------------------------------------------------------ */

static void
add (double *sum, double value)
{
  if (value >= 0)
    *sum = MAX (*sum, 0) + value;
}

/* A limit of all there is only if each has one of whom memory is known. */
static void
sum_up (WeftlineWorkersSource *source)
{
  WeftlineWorker *total = &source->total;
  bool limited = true;

  *total = (WeftlineWorker){ .lane = WEFT_NONE, .worker = WEFT_NONE };
  forget_values (total);
  for (uint32_t i = 0; i < source->workers->len; i++)
    {
      const WeftlineWorker *worker = get_worker (source, i);

      for (unsigned k = 0; k < WEFTLINE_WORKERS_N_COLUMNS; k++)
        add (&total->values[k], worker->values[k]);
      add (&total->managed, worker->managed);
      add (&total->resident, worker->resident);
      add (&total->spilled, worker->spilled);
      add (&total->limit, worker->limit);
      limited = limited && (worker->limit >= 0 || worker->values[WEFTLINE_WORKERS_MEMORY] < 0);
      total->n_retried += worker->n_retried;
      source->n_states[worker->state]++;
    }
  if (!limited)
    total->limit = -1;
}

void
weftline_workers_source_look (WeftlineWorkersSource *source, const WeftModelSnapshot *snapshot,
                              int64_t at_ns)
{
  g_autofree Seen *seen = NULL;

  source->at_ns = at_ns;
  memset (source->has, 0, sizeof source->has);
  memset (source->n_states, 0, sizeof source->n_states);
  source->has[WEFTLINE_WORKERS_NAME] = source->has[WEFTLINE_WORKERS_STATE] = true;
  source->has[WEFTLINE_WORKERS_RUNNING] = true;
  source->has[WEFTLINE_WORKERS_DONE] = true;
  for (guint i = 0; i < source->lanes->len; i++)
    source->has[WEFTLINE_WORKERS_FAILED] |=
        g_array_index (source->lanes, WeftlineWorkersLane, i).all.n_failed > 0;
  seen = look_at_lanes (source, weft_model_has_nows (snapshot));
  for (uint32_t i = 0; i < source->workers->len; i++)
    look_at_worker (source, i, &seen[i]);
  sum_up (source);
}

/* ---- order ----------------------------------------------------------------------------------- */

typedef struct
{
  const WeftlineWorkersSource *source;
  WeftlineWorkersColumn column;
  bool descending;
} Sorting;

static int
compare_names (const Sorting *sorting, uint32_t a, uint32_t b)
{
  const WeftlineWorker *x = get_worker (sorting->source, a), *y = get_worker (sorting->source, b);
  int order =
      strcmp (get_track (sorting->source, a)->sort_name, get_track (sorting->source, b)->sort_name);

  return order != 0 ? order : (x->worker > y->worker) - (x->worker < y->worker);
}

static int
compare_values (const Sorting *sorting, uint32_t a, uint32_t b)
{
  double x = get_worker (sorting->source, a)->values[sorting->column];
  double y = get_worker (sorting->source, b)->values[sorting->column];
  int order = (x > y) - (x < y);

  if ((x < 0) != (y < 0))
    return x < 0 ? 1 : -1;
  return sorting->descending ? -order : order;
}

static int
compare (const void *a, const void *b, void *data)
{
  const Sorting *sorting = data;
  uint32_t i = *(const uint32_t *) a, k = *(const uint32_t *) b;
  int order;

  if (sorting->column == WEFTLINE_WORKERS_NAME)
    order = compare_names (sorting, i, k) * (sorting->descending ? -1 : 1);
  else if (sorting->column == WEFTLINE_WORKERS_STATE)
    order = ((int) get_worker (sorting->source, i)->state
             - (int) get_worker (sorting->source, k)->state)
            * (sorting->descending ? -1 : 1);
  else
    order = compare_values (sorting, i, k);
  return order != 0 ? order : (i > k) - (i < k);
}

void
weftline_workers_source_sort (WeftlineWorkersSource *source, WeftlineWorkersColumn column,
                              bool descending)
{
  Sorting sorting = { source, column, descending };

  g_array_sort_with_data (source->order, compare, &sorting);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

uint32_t
weftline_workers_source_worker_of (const WeftlineWorkersSource *source, uint32_t task)
{
  uint32_t lane;
  uint64_t index;
  WeftModelNow now;

  if (source->model == NULL || task == WEFT_NONE)
    return WEFT_NONE;
  for (guint i = 0; i < source->lanes->len; i++)
    {
      const WeftlineWorkersLane *one = &g_array_index (source->lanes, WeftlineWorkersLane, i);

      if (weft_model_now (source->model, one->lane, &now) && now.task == task)
        return one->worker;
    }
  if (weft_model_task_span (source->model, task, &lane, &index)
      && lane < source->worker_of_lane->len)
    return g_array_index (source->worker_of_lane, uint32_t, lane);
  return WEFT_NONE;
}

uint32_t
weftline_workers_source_task_of (const WeftlineWorkersSource *source,
                                 const WeftModelSnapshot *snapshot, uint32_t worker)
{
  uint32_t running = WEFT_NONE, ended = WEFT_NONE;
  int64_t running_ns = INT64_MAX, ended_ns = INT64_MIN;

  for (guint i = 0; i < source->lanes->len; i++)
    {
      const WeftlineWorkersLane *lane = &g_array_index (source->lanes, WeftlineWorkersLane, i);
      const WeftSpan *span;
      WeftModelNow now;

      if (lane->worker != worker)
        continue;
      span = weftline_workers_lane_latest (lane, source->at_ns);
      if (span != NULL && span->end_ns > source->at_ns && span->start_ns < running_ns)
        {
          running = span->task;
          running_ns = span->start_ns;
        }
      else if (span != NULL && span->end_ns <= source->at_ns && span->end_ns > ended_ns)
        {
          ended = span->task;
          ended_ns = span->end_ns;
        }
      if (weft_model_has_nows (snapshot) && is_in_task (source, lane, source->at_ns, &now)
          && now.start_ns < running_ns)
        {
          running = now.task;
          running_ns = now.start_ns;
        }
    }
  return running != WEFT_NONE ? running : ended;
}
