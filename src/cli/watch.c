/* watch.c: counts by group and worker, from the records while they come
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The recorder's thread hands over each batch of records once; counting there costs the workers
 * nothing, and nothing needs to be kept for the summary.
 */
#include "cli/weft-cli-run-private.h"

/* What a pure operation of at most a microsecond costs hardly matters, so its hint will do. */
static double
guess_ns (WeftGraph *graph, WeftOpRegistry *registry, uint32_t task)
{
  const char *name = weft_graph_op_name (graph, task);
  const WeftOp *op = name != NULL ? weft_op_registry_find (registry, name, 0) : NULL;

  if (op == NULL || (op->flags & WEFT_OP_PURE) == 0 || op->cost_hint_ns <= 0
      || op->cost_hint_ns > 1000)
    return -1;
  return (double) op->cost_hint_ns;
}

/* A group's tasks mostly have the same call or at least operation; each call is looked at once. */
static void
guess_groups (WeftWatch *watch, WeftOpRegistry *registry)
{
  const WeftGraphArrays *arrays = watch->arrays;
  uint32_t last_call = WEFT_NONE, last_group = WEFT_NONE;

  for (uint32_t i = 0; i < watch->n_groups; i++)
    {
      weft_eta_group_init (&watch->groups[i].durations);
      watch->groups[i].durations.guess_ns = registry != NULL ? 0 : -1;
    }
  for (uint32_t task = 0; registry != NULL && task < arrays->n_tasks; task++)
    {
      WeftEtaGroup *group = &watch->groups[arrays->group_of_task[task]].durations;
      double ns;

      if (group->guess_ns < 0
          || (arrays->call_of_task[task] == last_call && arrays->group_of_task[task] == last_group))
        continue;
      last_call = arrays->call_of_task[task];
      last_group = arrays->group_of_task[task];
      ns = guess_ns (watch->graph, registry, task);
      group->guess_ns = ns < 0 ? -1 : MAX (group->guess_ns, ns);
    }
}

WeftWatch *
_weft_cli_watch_new (WeftGraph *graph, WeftOpRegistry *registry)
{
  WeftWatch *watch = g_new0 (WeftWatch, 1);

  pthread_mutex_init (&watch->lock, NULL);
  watch->graph = weft_graph_ref (graph);
  watch->arrays = weft_graph_arrays (graph);
  watch->n_groups = watch->arrays->n_groups;
  watch->groups = g_new0 (WeftWatchGroup, watch->n_groups + 1);
  watch->ended = g_malloc0 (MAX (watch->arrays->n_tasks, 1));
  watch->lanes = g_array_new (FALSE, TRUE, sizeof (WeftWatchLane));
  watch->failed = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  watch->culprits = g_array_new (FALSE, FALSE, sizeof (WeftWatchCulprit));
  watch->culprit_places = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (uint32_t i = 0; i < watch->n_groups; i++)
    watch->groups[i].name = weft_graph_group_name (graph, i);
  for (uint32_t task = 0; task < watch->arrays->n_tasks; task++)
    watch->groups[watch->arrays->group_of_task[task]].n_tasks++;
  guess_groups (watch, registry);
  return watch;
}

void
_weft_cli_watch_free (WeftWatch *watch)
{
  if (watch == NULL)
    return;
  weft_graph_unref (watch->graph);
  g_free (watch->groups);
  g_free (watch->ended);
  g_array_unref (watch->lanes);
  g_array_unref (watch->failed);
  g_array_unref (watch->culprits);
  g_hash_table_unref (watch->culprit_places);
  pthread_mutex_destroy (&watch->lock);
  g_free (watch);
}

static WeftWatchLane *
lane_of (WeftWatch *watch, uint32_t lane)
{
  WeftWatchLane fresh = { .lane = lane };

  for (guint i = 0; i < watch->lanes->len; i++)
    if (g_array_index (watch->lanes, WeftWatchLane, i).lane == lane)
      return &g_array_index (watch->lanes, WeftWatchLane, i);
  g_array_append_val (watch->lanes, fresh);
  return &g_array_index (watch->lanes, WeftWatchLane, watch->lanes->len - 1);
}

static void
end_task (WeftWatch *watch, WeftWatchGroup *group, uint32_t task, bool good)
{
  watch->ended[task] = 1;
  if (good)
    group->n_done++;
  else
    group->n_erred++;
}

static void
note_duration (WeftWatch *watch, WeftWatchGroup *group, uint32_t task, uint64_t ticks)
{
  const int64_t *hints = watch->arrays->hints.runtime_ns;

  weft_eta_group_add (&group->durations, (double) ticks, hints != NULL ? (double) hints[task] : 0);
}

static void
note_failed (WeftWatch *watch, uint32_t task)
{
  if (watch->failed->len < WEFT_WATCH_MAX_FAILED)
    g_array_append_val (watch->failed, task);
}

static void
observe_span (WeftWatch *watch, WeftWatchGroup *group, const WeftRecord *record)
{
  WeftOutcome outcome = weft_record_outcome (record);
  uint64_t ticks = weft_record_duration (record);

  group->busy_ticks += ticks;
  group->longest_ticks = MAX (group->longest_ticks, ticks);
  if (record->flags & WEFT_RECORD_CONTINUED)
    return;
  group->n_spans++;
  if (outcome == WEFT_OUTCOME_RETRIED)
    return;
  if (outcome == WEFT_OUTCOME_OK || outcome == WEFT_OUTCOME_REPLACED)
    {
      end_task (watch, group, record->task, true);
      note_duration (watch, group, record->task, ticks);
      return;
    }
  end_task (watch, group, record->task, false);
  if (outcome != WEFT_OUTCOME_CANCELLED)
    note_failed (watch, record->task);
}

/* One more task could not run because of that one. */
static void
note_culprit (WeftWatch *watch, uint32_t segment, uint32_t task)
{
  WeftWatchCulprit fresh = { segment, task, 0 };
  int64_t id = (int64_t) ((uint64_t) segment << 32 | task);
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (watch->culprit_places, &id));

  if (place == 0)
    {
      g_array_append_val (watch->culprits, fresh);
      place = watch->culprits->len;
      g_hash_table_insert (watch->culprit_places, g_memdup2 (&id, sizeof id),
                           GUINT_TO_POINTER (place));
    }
  g_array_index (watch->culprits, WeftWatchCulprit, place - 1).n_hurt++;
}

/* An attempt up to its deadline. How it ends is in the task's own record, of the worker that ended
 * it in hardly any time; the record behind this one says whose time it was. */
static void
observe_timed_out (WeftWatch *watch, const WeftRecord *record)
{
  uint64_t ticks = weft_record_duration (record);
  WeftWatchGroup *group;

  watch->timed_out_ticks = ticks;
  if (record->segment != 0 || record->task >= watch->arrays->n_tasks)
    return;
  group = &watch->groups[watch->arrays->group_of_task[record->task]];
  group->busy_ticks += ticks;
  group->longest_ticks = MAX (group->longest_ticks, ticks);
}

static void
observe_peer (WeftWatch *watch, const WeftRecord *record)
{
  WeftWatchLane *lane;

  if (watch->timed_out_ticks == 0)
    return;
  lane = lane_of (watch, (uint32_t) weft_record_amount (record));
  lane->busy_ticks += watch->timed_out_ticks;
  lane->n_spans++;
  lane->last_tick = MAX (lane->last_tick, record->start);
  watch->timed_out_ticks = 0;
}

static void
observe_one (WeftWatch *watch, WeftWatchLane *lane, const WeftRecord *record)
{
  WeftWatchGroup *group;

  if (record->kind == WEFT_RECORD_TASK)
    {
      lane->busy_ticks += weft_record_duration (record);
      lane->n_spans++;
      lane->last_tick = MAX (lane->last_tick, weft_record_end (record));
    }
  if (record->segment != 0 || record->task >= watch->arrays->n_tasks)
    {
      watch->n_nested += record->kind == WEFT_RECORD_TASK;
      return;
    }
  group = &watch->groups[watch->arrays->group_of_task[record->task]];
  if (record->kind == WEFT_RECORD_TASK)
    observe_span (watch, group, record);
  else
    end_task (watch, group, record->task, false);
}

void
_weft_cli_watch_observe (uint32_t lane_id, const WeftRecord *records, uint32_t n, void *data)
{
  WeftWatch *watch = data;
  WeftWatchLane *lane = NULL;

  pthread_mutex_lock (&watch->lock);
  for (uint32_t i = 0; i < n; i++)
    {
      if (records[i].kind == WEFT_RECORD_TIMED_OUT)
        observe_timed_out (watch, &records[i]);
      else if (records[i].kind == WEFT_RECORD_CULPRIT)
        note_culprit (watch, records[i].segment, records[i].task);
      else if (records[i].kind == WEFT_RECORD_PEER && lane_id == 0)
        observe_peer (watch, &records[i]);
      if (records[i].kind != WEFT_RECORD_TASK && records[i].kind != WEFT_RECORD_ERRED
          && records[i].kind != WEFT_RECORD_CANCELLED)
        continue;
      if (lane == NULL)
        lane = lane_of (watch, lane_id);
      observe_one (watch, lane, &records[i]);
    }
  pthread_mutex_unlock (&watch->lock);
}
