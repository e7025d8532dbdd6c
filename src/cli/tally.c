/* tally.c: counts by group and worker, from the records while they come
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
guess_groups (WeftTally *tally, WeftOpRegistry *registry)
{
  const WeftGraphArrays *arrays = tally->arrays;
  uint32_t last_call = WEFT_NONE, last_group = WEFT_NONE;

  for (uint32_t i = 0; i < tally->n_groups; i++)
    {
      weft_eta_group_init (&tally->groups[i].durations);
      tally->groups[i].durations.guess_ns = registry != NULL ? 0 : -1;
    }
  for (uint32_t task = 0; registry != NULL && task < arrays->n_tasks; task++)
    {
      WeftEtaGroup *group = &tally->groups[arrays->group_of_task[task]].durations;
      double ns;

      if (group->guess_ns < 0
          || (arrays->call_of_task[task] == last_call && arrays->group_of_task[task] == last_group))
        continue;
      last_call = arrays->call_of_task[task];
      last_group = arrays->group_of_task[task];
      ns = guess_ns (tally->graph, registry, task);
      group->guess_ns = ns < 0 ? -1 : MAX (group->guess_ns, ns);
    }
}

WeftTally *
_weft_cli_tally_new (WeftGraph *graph, WeftOpRegistry *registry)
{
  WeftTally *tally = g_new0 (WeftTally, 1);

  pthread_mutex_init (&tally->lock, NULL);
  tally->graph = weft_graph_ref (graph);
  tally->arrays = weft_graph_arrays (graph);
  tally->n_groups = tally->arrays->n_groups;
  tally->groups = g_new0 (WeftTallyGroup, tally->n_groups + 1);
  tally->ended = g_malloc0 (MAX (tally->arrays->n_tasks, 1));
  tally->lanes = g_array_new (FALSE, TRUE, sizeof (WeftTallyLane));
  tally->failed = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  tally->culprits = g_array_new (FALSE, FALSE, sizeof (WeftTallyCulprit));
  tally->culprit_places = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (uint32_t i = 0; i < tally->n_groups; i++)
    tally->groups[i].name = weft_graph_group_name (graph, i);
  for (uint32_t task = 0; task < tally->arrays->n_tasks; task++)
    tally->groups[tally->arrays->group_of_task[task]].n_tasks++;
  guess_groups (tally, registry);
  return tally;
}

void
_weft_cli_tally_free (WeftTally *tally)
{
  if (tally == NULL)
    return;
  weft_graph_unref (tally->graph);
  g_free (tally->groups);
  g_free (tally->ended);
  g_array_unref (tally->lanes);
  g_array_unref (tally->failed);
  g_array_unref (tally->culprits);
  g_hash_table_unref (tally->culprit_places);
  pthread_mutex_destroy (&tally->lock);
  g_free (tally);
}

static WeftTallyLane *
lane_of (WeftTally *tally, uint32_t lane)
{
  WeftTallyLane fresh = { .lane = lane };

  for (guint i = 0; i < tally->lanes->len; i++)
    if (g_array_index (tally->lanes, WeftTallyLane, i).lane == lane)
      return &g_array_index (tally->lanes, WeftTallyLane, i);
  g_array_append_val (tally->lanes, fresh);
  return &g_array_index (tally->lanes, WeftTallyLane, tally->lanes->len - 1);
}

static void
end_task (WeftTally *tally, WeftTallyGroup *group, uint32_t task, bool good)
{
  tally->ended[task] = 1;
  if (good)
    group->n_done++;
  else
    group->n_erred++;
}

static void
note_duration (WeftTally *tally, WeftTallyGroup *group, uint32_t task, uint64_t ticks)
{
  const int64_t *hints = tally->arrays->hints.runtime_ns;

  weft_eta_group_add (&group->durations, (double) ticks, hints != NULL ? (double) hints[task] : 0);
}

static void
note_failed (WeftTally *tally, uint32_t task)
{
  if (tally->failed->len < WEFT_TALLY_MAX_FAILED)
    g_array_append_val (tally->failed, task);
}

static void
observe_span (WeftTally *tally, WeftTallyGroup *group, const WeftRecord *record)
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
      end_task (tally, group, record->task, true);
      note_duration (tally, group, record->task, ticks);
      return;
    }
  end_task (tally, group, record->task, false);
  if (outcome != WEFT_OUTCOME_CANCELLED)
    note_failed (tally, record->task);
}

/* One more task could not run because of that one. */
static void
note_culprit (WeftTally *tally, uint32_t segment, uint32_t task)
{
  WeftTallyCulprit fresh = { segment, task, 0 };
  int64_t id = (int64_t) ((uint64_t) segment << 32 | task);
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (tally->culprit_places, &id));

  if (place == 0)
    {
      g_array_append_val (tally->culprits, fresh);
      place = tally->culprits->len;
      g_hash_table_insert (tally->culprit_places, g_memdup2 (&id, sizeof id),
                           GUINT_TO_POINTER (place));
    }
  g_array_index (tally->culprits, WeftTallyCulprit, place - 1).n_hurt++;
}

/* An attempt up to its deadline. How it ends is in the task's own record, of the worker that ended
 * it in hardly any time; the record behind this one says whose time it was. */
static void
observe_timed_out (WeftTally *tally, const WeftRecord *record)
{
  uint64_t ticks = weft_record_duration (record);
  WeftTallyGroup *group;

  tally->timed_out_ticks = ticks;
  if (record->segment != 0 || record->task >= tally->arrays->n_tasks)
    return;
  group = &tally->groups[tally->arrays->group_of_task[record->task]];
  group->busy_ticks += ticks;
  group->longest_ticks = MAX (group->longest_ticks, ticks);
}

static void
observe_peer (WeftTally *tally, const WeftRecord *record)
{
  WeftTallyLane *lane;

  if (tally->timed_out_ticks == 0)
    return;
  lane = lane_of (tally, (uint32_t) weft_record_amount (record));
  lane->busy_ticks += tally->timed_out_ticks;
  lane->n_spans++;
  lane->last_tick = MAX (lane->last_tick, record->start);
  tally->timed_out_ticks = 0;
}

static void
observe_one (WeftTally *tally, WeftTallyLane *lane, const WeftRecord *record)
{
  WeftTallyGroup *group;

  if (record->kind == WEFT_RECORD_TASK)
    {
      lane->busy_ticks += weft_record_duration (record);
      lane->n_spans++;
      lane->last_tick = MAX (lane->last_tick, weft_record_end (record));
    }
  if (record->segment != 0 || record->task >= tally->arrays->n_tasks)
    {
      tally->n_nested += record->kind == WEFT_RECORD_TASK;
      return;
    }
  group = &tally->groups[tally->arrays->group_of_task[record->task]];
  if (record->kind == WEFT_RECORD_TASK)
    observe_span (tally, group, record);
  else
    end_task (tally, group, record->task, false);
}

void
_weft_cli_tally_observe (uint32_t lane_id, const WeftRecord *records, uint32_t n, void *data)
{
  WeftTally *tally = data;
  WeftTallyLane *lane = NULL;

  pthread_mutex_lock (&tally->lock);
  for (uint32_t i = 0; i < n; i++)
    {
      if (records[i].kind == WEFT_RECORD_TIMED_OUT)
        observe_timed_out (tally, &records[i]);
      else if (records[i].kind == WEFT_RECORD_CULPRIT)
        note_culprit (tally, records[i].segment, records[i].task);
      else if (records[i].kind == WEFT_RECORD_PEER && lane_id == 0)
        observe_peer (tally, &records[i]);
      if (records[i].kind != WEFT_RECORD_TASK && records[i].kind != WEFT_RECORD_ERRED
          && records[i].kind != WEFT_RECORD_CANCELLED)
        continue;
      if (lane == NULL)
        lane = lane_of (tally, lane_id);
      observe_one (tally, lane, &records[i]);
    }
  pthread_mutex_unlock (&tally->lock);
}
