/* workers-fixture.h: runs of worker processes, made by hand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "../model/made-fixture.h"

#include "workers/workers-source.h"

#define MS UINT64_C (1000000)
#define SECOND UINT64_C (1000000000)
#define GB 1e9

/* ---- frames ---------------------------------------------------------------------------------- */

static inline void
give_named_lane (Maker *m, WeftLaneHead head, const char *name)
{
  head.n_name_bytes = (uint32_t) strlen (name);
  put (m, &head, sizeof head);
  put (m, name, head.n_name_bytes);
  give_well (m, WEFT_FRAME_LANE, 0);
}

static inline void
give_worker (Maker *m, uint32_t lane, uint32_t worker, const char *name, uint32_t n_threads,
             uint64_t limit)
{
  give_named_lane (m,
                   (WeftLaneHead){ .lane = lane,
                                   .kind = WEFT_LANE_PROCESS,
                                   .parent_lane = WEFT_NONE,
                                   .worker = worker,
                                   .n_threads = n_threads,
                                   .flags = WEFT_LANE_BEST_EFFORT,
                                   .memory_limit_bytes = limit },
                   name);
}

static inline void
give_thread (Maker *m, uint32_t lane, uint32_t parent, uint32_t worker)
{
  give_named_lane (m,
                   (WeftLaneHead){ .lane = lane,
                                   .kind = WEFT_LANE_THREAD,
                                   .parent_lane = parent,
                                   .worker = worker,
                                   .flags = WEFT_LANE_BEST_EFFORT },
                   "");
}

static inline void
give_counter (Maker *m, uint32_t number, uint32_t lane, double scale, const char *name,
              const char *unit)
{
  WeftSeriesHead head = { .series = number,
                          .lane = lane,
                          .scale = scale,
                          .n_name_bytes = (uint32_t) strlen (name),
                          .n_unit_bytes = (uint32_t) strlen (unit) };

  put (m, &head, sizeof head);
  put (m, name, strlen (name));
  put (m, unit, strlen (unit));
  give_well (m, WEFT_FRAME_SERIES, 0);
}

static inline void
give_count (Maker *m, uint32_t lane, uint32_t number, uint64_t at, uint64_t amount)
{
  give_one (m, lane, span (WEFT_RECORD_COUNTER, 0, number, at, 0, amount));
}

static inline void
give_memory (Maker *m, uint32_t lane, WeftMemorySample what, uint64_t at, double n_bytes)
{
  give_one (m, lane, span (WEFT_RECORD_MEMORY, 0, what, at, 0, (uint64_t) n_bytes));
}

static inline void
give_task (Maker *m, uint32_t lane, WeftOutcome outcome, uint32_t task, uint64_t start,
           uint64_t duration)
{
  WeftRecord record = span (WEFT_RECORD_TASK, (uint8_t) (WEFT_HOW_FOREIGN | outcome << 4), task,
                            start, duration, 0);

  give_one (m, lane, record);
}

static inline void
give_gone (Maker *m, uint32_t lane, uint64_t at)
{
  give_one (m, lane, span (WEFT_RECORD_WORKER_LOST, 0, 0, at, 0, 0));
}

/* ---- a cluster ------------------------------------------------------------------------------- */

static const char *const counter_names[][2] = {
  { "cpu", "cores" },      { "network-read", "B/s" }, { "network-written", "B/s" },
  { "disk-read", "B/s" },  { "disk-written", "B/s" }, { "processing", "tasks" },
  { "ready", "tasks" },    { "occupancy", "s" },      { "fds", "" },
  { "temperature", "°C" },
};

/**
 * Cluster:
 * @n_workers: each of whose process is lane 1 + 2 × its number, with a lane of a thread behind it
 * @name: (nullable): of each, with its number in it; %NULL: as Dask has them
 * @gone: the number of the one that goes in the end; WEFT_NONE: none
 * @n_seconds: for how long it is measured, ten times a second
 * @bare: nothing is measured
 * @full: memory is, and there is much on disk
 */
typedef struct
{
  uint32_t n_workers;
  const char *name;
  uint32_t gone;
  uint32_t n_seconds;
  bool bare;
  bool full;
} Cluster;

static inline void
measure_once (Maker *m, const Cluster *cluster, uint32_t worker, uint32_t tick)
{
  uint32_t lane = 1 + 2 * worker;
  uint64_t at = tick * 100 * MS + worker * 1000;
  double wave = 0.5 + 0.5 * ((tick * 7 + worker * 13) % 40) / 40.0;
  double values[] = { 4 * wave,
                      40e6 * wave,
                      12e6 * wave * (worker % 3),
                      5e6 * (tick % 30 < 4),
                      9e6 * (1 - wave),
                      3 + worker % 9,
                      worker % 4,
                      4 + 20 * wave,
                      60 + worker % 7,
                      41.5 };

  for (uint32_t i = 0; i < G_N_ELEMENTS (values); i++)
    give_count (m, lane, worker * 16 + i, at, (uint64_t) (values[i] * 1000));
  give_memory (m, lane, WEFT_MEMORY_MANAGED, at, (0.5 + 0.4 * (worker % 7)) * GB * wave);
  give_memory (m, lane, WEFT_MEMORY_RESIDENT, at, (0.9 + 0.45 * (worker % 7)) * GB * wave + 2e8);
  give_memory (m, lane, WEFT_MEMORY_SPILLED, at, worker % 5 == 4 || cluster->full ? 0.6 * GB : 0);
  if (cluster->full)
    give_memory (m, lane, WEFT_MEMORY_RESIDENT, at, (3.5 + 0.05 * (worker % 7)) * GB);
}

static inline void
run_tasks (Maker *m, const Cluster *cluster, uint32_t worker)
{
  uint32_t lane = 2 + 2 * worker;

  for (uint32_t i = 0; i < cluster->n_seconds * 5; i++)
    give_task (m, lane, i % 23 == 22 ? WEFT_OUTCOME_FAILED : WEFT_OUTCOME_OK, WEFT_NONE,
               i * 200 * MS + 1000, 180 * MS);
}

static inline void
give_workers (Maker *m, const Cluster *cluster)
{
  for (uint32_t i = 0; i < cluster->n_workers; i++)
    {
      g_autofree char *name = cluster->name != NULL
                                  ? g_strdup_printf ("%s-%u", cluster->name, i)
                                  : g_strdup_printf ("tcp://10.0.0.%u:4%04u", i % 250 + 1, i * 7);

      give_worker (m, 1 + 2 * i, i, name, 4, (uint64_t) (4 * GB));
      give_thread (m, 2 + 2 * i, 1 + 2 * i, i);
      for (uint32_t k = 0; k < G_N_ELEMENTS (counter_names) && !cluster->bare; k++)
        give_counter (m, i * 16 + k, 1 + 2 * i, 0.001, counter_names[k][0], counter_names[k][1]);
    }
}

static inline void
make_cluster (Maker *m, const Cluster *cluster)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  give_workers (m, cluster);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  for (uint32_t i = 0; i < cluster->n_workers; i++)
    run_tasks (m, cluster, i);
  for (uint32_t tick = 0; tick < cluster->n_seconds * 10 && !cluster->bare; tick++)
    for (uint32_t i = 0; i < cluster->n_workers; i++)
      measure_once (m, cluster, i, tick);
  if (cluster->gone < cluster->n_workers)
    give_gone (m, 1 + 2 * cluster->gone, cluster->n_seconds * SECOND - 100 * MS);
}

static inline void
take_at (WeftlineWorkersSource *source, const Maker *m, int64_t at_ns)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (m->model, &snapshot);
  weftline_workers_source_take (source, m->model, &snapshot);
  weftline_workers_source_look (source, &snapshot, at_ns);
}
