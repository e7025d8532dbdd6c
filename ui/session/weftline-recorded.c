/* weftline-recorded.c: what the records of a run say of it, for runs that nobody else can be asked
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-recorded.h"
#include "session/weftline-writer.h"

#include <glib/gi18n.h>
#include <stdio.h>

/* Most tasks that are named. */
#define MAX_NAMED 3

/* ---- status ---------------------------------------------------------------------------------- */

static WeftModelPoint
last_point (WeftModel *model, WeftModelSeries series)
{
  uint64_t n = weft_model_series_n (model, series);

  return n > 0 ? weft_model_series_get (model, series, n - 1) : (WeftModelPoint){ 0, 0 };
}

static uint64_t
highest (WeftModel *model, WeftModelSeries series)
{
  uint64_t n = weft_model_series_n (model, series);
  double most = 0;

  for (uint64_t i = 0; i < n; i++)
    most = MAX (most, weft_model_series_get (model, series, i).value);
  return (uint64_t) most;
}

/* As last asked for; where nobody said, as many as there are lanes. */
static uint32_t
n_workers (WeftModel *model, uint32_t n_lanes)
{
  WeftModelLane lane;
  uint32_t n = 0;

  if (weft_model_series_n (model, WEFT_SERIES_WORKERS) > 0)
    return (uint32_t) last_point (model, WEFT_SERIES_WORKERS).value;
  for (uint32_t i = 0; i < n_lanes; i++)
    {
      weft_model_lane (model, i, &lane);
      n += lane.kind == WEFT_LANE_THREAD;
    }
  return n;
}

static int64_t
delay_ns (WeftModel *model)
{
  WeftModelSetting setting;

  for (uint32_t i = weft_model_n_settings (model); i-- > 0;)
    {
      weft_model_setting (model, i, &setting);
      if (setting.setting == WEFT_SETTING_SLOW_MOTION)
        return (int64_t) setting.value;
    }
  return 0;
}

/* The record of a run's end may be read before others of the same moment. */
static WeftRunPhase
phase_of (WeftModelFeedState state, WeftRunPhase phase)
{
  if (state == WEFT_FEED_BROKEN || state == WEFT_FEED_CUT)
    return WEFT_RUN_INTERRUPTED;
  return state != WEFT_FEED_ENDED && phase >= WEFT_RUN_DONE ? WEFT_RUN_RUNNING : phase;
}

void
weftline_recorded_status (WeftlineFeed *feed, WeftlineRunStatus *status)
{
  WeftModel *model = weftline_feed_model (feed);
  WeftModelFeedState state = weftline_feed_state (feed);
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot); /* after the state: at the end it is whole */
  *status = (WeftlineRunStatus){
    .phase = phase_of (state, snapshot.phase),
    .known = snapshot.n_tasks > 0,
    .n_tasks = snapshot.n_tasks,
    .n_ended = snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED]
               + snapshot.n_states[WEFT_TASK_ERRED],
    .n_running = snapshot.phase == WEFT_RUN_INTERRUPTED ? 0 : snapshot.n_states[WEFT_TASK_RUNNING],
    .n_erred = snapshot.n_states[WEFT_TASK_ERRED],
    .knows_memory = weft_model_series_n (model, WEFT_SERIES_MANAGED) > 0,
    .managed_bytes = (uint64_t) last_point (model, WEFT_SERIES_MANAGED).value,
    .peak_bytes = highest (model, WEFT_SERIES_MANAGED),
    .spilled_bytes = (uint64_t) last_point (model, WEFT_SERIES_SPILLED).value,
    .elapsed_ns = weft_model_elapsed (&snapshot),
    .delay_ns = delay_ns (model),
    .n_workers = n_workers (model, snapshot.n_lanes),
    .memory_limit_bytes = weft_model_memory_limit (model),
  };
}

uint32_t
weftline_recorded_pid (WeftlineFeed *feed)
{
  return weftline_writer_pid (weftline_feed_model (feed));
}

/* ---- interruption ---------------------------------------------------------------------------- */

/* What the process noted when it died. Returns: the signal; 0: nothing. @task: (out): or WEFT_NONE
 */
static int
noted_signal (WeftModel *model, const WeftModelSnapshot *snapshot, uint32_t *task)
{
  WeftModelErrorText text;
  int number = 0;

  *task = WEFT_NONE;
  if (snapshot->n_errors == 0)
    return 0;
  weft_model_error (model, snapshot->n_errors - 1, &text);
  if (!g_str_equal (text.kind, WEFT_ERROR_KIND_SIGNAL)
      || sscanf (text.message, "signal %d", &number) != 1)
    return 0;
  *task = text.task;
  return number;
}

static void
append_key (GString *list, WeftModel *model, uint32_t task)
{
  g_autofree char *key = weft_model_task_dup_key (model, task);

  if (list->len > 0)
    g_string_append (list, ", ");
  g_string_append (list, key);
}

/* Tasks that were last seen running. Returns: how many; the first of them are named in @list */
static unsigned
list_running (WeftModel *model, const WeftModelSnapshot *snapshot, GString *list)
{
  unsigned n = 0;
  WeftModelNow now;

  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    if (weft_model_now (model, lane, &now) && now.kind == WEFT_RECORD_TASK && now.task != WEFT_NONE
        && n++ < MAX_NAMED)
      append_key (list, model, now.task);
  return n;
}

static char *
interruption (unsigned n, const char *tasks, int signal, const char *reason)
{
  if (n == 1 && signal > 0)
    /* Translators: how a run was interrupted: a signal's number, a task's key */
    return g_strdup_printf (_ ("interrupted: signal %d in task %s"), signal, tasks);
  if (n == 0)
    /* Translators: how a run was interrupted: the reason */
    return g_strdup_printf (_ ("interrupted: %s"), reason);
  if (n == 1)
    /* Translators: how a run was interrupted: a task's key, the reason */
    return g_strdup_printf (_ ("interrupted in task %s: %s"), tasks, reason);
  if (n <= MAX_NAMED)
    /* Translators: how a run was interrupted: keys of tasks, the reason */
    return g_strdup_printf (_ ("interrupted while these ran: %s: %s"), tasks, reason);
  /* Translators: how a run was interrupted: how many tasks ran, keys of some, the reason */
  return g_strdup_printf (_ ("interrupted while %u tasks ran, such as %s: %s"), n, tasks, reason);
}

char *
weftline_recorded_dup_interruption (WeftlineFeed *feed, int signal, const char *reason)
{
  WeftModel *model = weftline_feed_model (feed);
  g_autoptr (GString) tasks = g_string_new (NULL);
  g_autofree char *words = NULL;
  WeftModelSnapshot snapshot;
  unsigned n = 1;
  uint32_t task;
  int noted;

  weft_model_snapshot (model, &snapshot);
  noted = noted_signal (model, &snapshot, &task);
  if (noted > 0)
    signal = noted;
  if (task != WEFT_NONE)
    append_key (tasks, model, task);
  else
    n = noted > 0 ? 0 : list_running (model, &snapshot, tasks);
  if (signal > 0)
    words = g_strdup_printf (_ ("signal %d"), signal);
  else
    words = g_strdup (reason != NULL ? reason : _ ("the records end early"));
  return interruption (n, tasks->str, signal, words);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

bool
weftline_recorded_has_begun (WeftlineFeed *feed, const char *key)
{
  WeftModel *model = feed != NULL ? weftline_feed_model (feed) : NULL;
  uint32_t task = model != NULL ? weft_model_find_key (model, key) : WEFT_NONE;

  return task != WEFT_NONE && weft_model_task_state (model, task) >= WEFT_TASK_RUNNING;
}
