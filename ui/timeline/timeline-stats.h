/* timeline-stats.h: what happened in a range of time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Counts and busy time come from the pyramid and are exact. Durations and groups need every task:
 * up to a limit all are looked at, above it every k-th, and then n_looked_at says how many that
 * were.
 */
#pragma once

#include "timeline/timeline-layout.h"

#define WEFTLINE_STATS_GROUPS 5
#define WEFTLINE_STATS_LIMIT 4000000

typedef struct
{
  uint16_t group; /* or WEFT_NO_GROUP */
  int64_t busy_ns;
  uint64_t n; /* as n_tasks, of those looked at */
} WeftlineStatsGroup;

/**
 * WeftlineTimelineStats:
 * @n_tasks: task spans that have a part in the range
 * @busy_ns: of these, inside the range, over all lanes
 * @share: @busy_ns by all lanes' time
 * @n_looked_at: what the rest is of; less than @n_tasks: a sample
 * @p50_ns, @p90_ns, @p99_ns: of whole durations, also of tasks that reach out; nearest rank
 * @top: groups by busy time in the range; in a sample, an estimate of all
 */
typedef struct
{
  int64_t t0_ns, t1_ns;
  uint64_t n_tasks;
  int64_t busy_ns;
  double share;
  uint64_t n_looked_at;
  int64_t p50_ns, p90_ns, p99_ns;
  unsigned n_top;
  WeftlineStatsGroup top[WEFTLINE_STATS_GROUPS];
} WeftlineTimelineStats;

/**
 * weftline_timeline_stats:
 * @lanes: (nullable): numbers of the lanes to look at; %NULL: all of the input
 * @limit: how many tasks to look at: WEFTLINE_STATS_LIMIT, or less while a range is dragged
 *
 * Any thread, as long as the input stays. O(levels × lanes + tasks looked at).
 */
void weftline_timeline_stats (const WeftlineTimelineInput *input, const unsigned *lanes,
                              unsigned n_lanes, int64_t t0_ns, int64_t t1_ns, uint64_t limit,
                              WeftlineTimelineStats *stats);

/* “20.0 s · 27 tasks · 91 % busy · p50 2.9 s”. (transfer full) */
char *weftline_timeline_stats_line (const WeftlineTimelineStats *stats);
/* The groups that took most of it: “most: inc 62 %, add 30 %”, of @stats->busy_ns. @input: of which
 * they are. (transfer full) (nullable): no task has a group */
char *weftline_timeline_stats_groups (const WeftlineTimelineStats *stats,
                                      const WeftlineTimelineInput *input);
