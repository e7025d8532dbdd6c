/* watch-metrics.c: what was measured of a run and its workers, as those who watch it are told
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The newest value of each series is told, and nothing is kept for whoever was not listening: the
 * run's file has all of them.
 */
#include "config.h"

#include "server/weft-watch-private.h"

#include <math.h>

#define NS_PER_SECOND 1e9
#define MOST_WORKERS 1000u  /* in a notice */
#define MOST_COUNTERS 1000u /* likewise */

static const char *const series_names[WEFT_N_SERIES] = {
  [WEFT_SERIES_MANAGED] = "managed",   [WEFT_SERIES_SPILLED] = "spilled",
  [WEFT_SERIES_RESIDENT] = "resident", [WEFT_SERIES_CHILDREN] = "children",
  [WEFT_SERIES_CPU] = "cpu",           [WEFT_SERIES_CHILDREN_CPU] = "children_cpu",
  [WEFT_SERIES_READ] = "read",         [WEFT_SERIES_WRITTEN] = "written",
  [WEFT_SERIES_WORKERS] = "workers",   [WEFT_SERIES_LIMIT] = "limit",
};

static void
append_value (GString *json, const char *name, double value)
{
  g_string_append (json, json->str[json->len - 1] == '{' ? "" : ", ");
  _weft_said_append_text (json, name);
  g_string_append (json, ": ");
  if (!isfinite (value)) /* JSON has no such number */
    g_string_append (json, "null");
  else if (fabs (value) < 1e6)
    _weft_said_append_number (json, "%.6g", value);
  else
    _weft_said_append_number (json, "%.0f", value);
}

static void
append_run (const WeftModel *model, GString *json)
{
  g_string_append (json, ", \"metrics\": {");
  for (int series = 0; series < WEFT_N_SERIES; series++)
    {
      uint64_t n = weft_model_series_n (model, series);

      if (n > 0)
        append_value (json, series_names[series],
                      weft_model_series_get (model, series, n - 1).value);
    }
  g_string_append_c (json, '}');
}

/* Of all counters, those of a worker beside each other: (place of the counter + 1) by lane. */
typedef struct
{
  uint32_t *first; /* by lane; 0: none */
  uint32_t *next;  /* by counter */
  uint32_t whole;  /* the first that is of no worker */
} Counters;

static void
sort_counters (const WeftModel *model, uint32_t n_lanes, Counters *counters)
{
  uint32_t n = MIN (weft_model_n_counters (model), MOST_COUNTERS);

  counters->first = g_new0 (uint32_t, n_lanes + 1);
  counters->next = g_new0 (uint32_t, n + 1);
  counters->whole = 0;
  for (uint32_t i = n; i-- > 0;)
    {
      WeftModelCounter info;
      uint32_t *first;

      weft_model_counter (model, i, &info);
      first = info.lane < n_lanes ? &counters->first[info.lane] : &counters->whole;
      counters->next[i] = *first;
      *first = i + 1;
    }
}

static void
append_counters (const WeftModel *model, const Counters *counters, uint32_t first, GString *json)
{
  if (first == 0)
    return;
  g_string_append (json, ", \"counters\": {");
  for (uint32_t i = first; i > 0; i = counters->next[i - 1])
    {
      WeftModelCounter info;
      uint64_t n = weft_model_counter_n (model, i - 1);

      weft_model_counter (model, i - 1, &info);
      if (n > 0)
        append_value (json, info.name, weft_model_counter_get (model, i - 1, n - 1).value);
    }
  g_string_append_c (json, '}');
}

/* Whether the last that is known of a process is that it was lost: one that is measured later, or
 * that runs tasks again, is back. */
static bool
is_gone (const WeftModel *model, uint32_t lane, const WeftModelLane *info)
{
  uint64_t n = weft_spans_n (info->spans);
  const WeftSpan *last = NULL;

  while (n > 0 && (last == NULL || last->kind == WEFT_RECORD_ANNOTATION))
    last = weft_spans_get (info->spans, --n);
  if (last == NULL || last->kind != WEFT_RECORD_WORKER_LOST)
    return false;
  for (int series = 0; series < WEFT_N_SERIES; series++)
    {
      uint64_t n_points = weft_model_lane_series_n (model, lane, series);

      if (n_points > 0
          && weft_model_lane_series_get (model, lane, series, n_points - 1).at_ns > last->start_ns)
        return false;
    }
  return true;
}

static void
append_worker (const WeftModel *model, uint32_t lane, const WeftModelLane *info, GString *json)
{
  g_string_append (json, json->str[json->len - 1] == '[' ? "{\"w\": " : ", {\"w\": ");
  _weft_said_append_text (json, info->name);
  if (info->pid != 0)
    g_string_append_printf (json, ", \"pid\": %u", info->pid);
  if (info->n_threads != 0)
    g_string_append_printf (json, ", \"threads\": %u", info->n_threads);
  if (is_gone (model, lane, info))
    g_string_append (json, ", \"gone\": true");
  for (int series = 0; series < WEFT_N_SERIES; series++)
    {
      uint64_t n = weft_model_lane_series_n (model, lane, series);

      if (n > 0)
        append_value (json, series_names[series],
                      weft_model_lane_series_get (model, lane, series, n - 1).value);
    }
}

void
_weft_watched_metrics (const WeftWatched *watched, GString *json)
{
  const WeftModel *model = watched->model;
  g_autofree uint32_t *first = NULL, *next = NULL;
  WeftModelSnapshot snapshot;
  Counters counters;
  uint32_t n_workers = 0;

  if (model == NULL)
    return;
  weft_model_snapshot (model, &snapshot);
  sort_counters (model, snapshot.n_lanes, &counters);
  first = counters.first;
  next = counters.next;
  g_string_append (json, ", \"at\": ");
  _weft_said_append_number (json, "%.3f", (double) weft_model_elapsed (&snapshot) / NS_PER_SECOND);
  append_run (model, json);
  append_counters (model, &counters, counters.whole, json);
  g_string_append (json, ", \"workers\": [");
  for (uint32_t lane = 0; lane < snapshot.n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      if (info.kind != WEFT_LANE_PROCESS || ++n_workers > MOST_WORKERS)
        continue;
      append_worker (model, lane, &info, json);
      append_counters (model, &counters, counters.first[lane], json);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
  if (n_workers > MOST_WORKERS)
    g_string_append_printf (json, ", \"more_workers\": %u", n_workers - MOST_WORKERS);
}
