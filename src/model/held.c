/* held.c: lives of results, and what was held at a moment
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether a result is still there the model knows; what has to be found is when those went that are
 * not. Ids are topological, so a walk from the last task to the first meets all readers of a result
 * before it: each tells its inputs when it ended, or, if its own result holds their buffers, when
 * that went; one that never ran tells when that was known. Results of a graph that stands in for a
 * task go with that task's, which is known only after this; so a second walk goes through the
 * segments in order.
 */
#include "config.h"

#include "model/weft-held-private.h"
#include "model/weft-inputs-private.h"
#include "model/weft-model-private.h"

#include <string.h>

/* ---- reading the model ----------------------------------------------------------------------- */

/* (nullable): the last attempt, unless it comes after the snapshot. */
static const WeftSpan *
span_of (const Lives *lives, uint32_t task)
{
  const WeftSpan *span;
  WeftModelLane info;
  uint32_t lane;
  uint64_t index;

  if (!weft_model_task_span (lives->model, task, &lane, &index))
    return NULL;
  weft_model_lane (lives->model, lane, &info);
  span = weft_spans_get (info.spans, index);
  return span->end_ns <= lives->end_ns ? span : NULL;
}

uint64_t
_weft_life_bytes (const WeftModel *model, uint32_t task)
{
  WeftModelLane info;
  uint32_t lane;
  uint64_t index;

  if (!weft_model_task_span (model, task, &lane, &index))
    return 0;
  weft_model_lane (model, lane, &info);
  return weft_spans_get (info.spans, index)->amount;
}

static uint32_t
moment (const Lives *lives, int64_t ns)
{
  return (uint32_t) ((uint64_t) MAX (ns, 0) >> lives->shift);
}

/* ---- what points tell ------------------------------------------------------------------------ */

static void
take_point (Lives *lives, const WeftTaskPoint *point)
{
  GHashTable *table = NULL;

  if (point->kind == WEFT_RECORD_ERRED || point->kind == WEFT_RECORD_CANCELLED)
    table = lives->stops;
  else if (point->kind == WEFT_RECORD_RELEASED)
    table = lives->releases;
  if (table != NULL && point->task < lives->n_tasks && point->at_ns <= lives->end_ns)
    g_hash_table_insert (table, GUINT_TO_POINTER (point->task),
                         GUINT_TO_POINTER (moment (lives, point->at_ns)));
}

static void
take_points (Lives *lives)
{
  uint64_t n = atomic_load_explicit (&lives->model->n_points, memory_order_acquire);

  lives->stops = g_hash_table_new (NULL, NULL);
  lives->releases = g_hash_table_new (NULL, NULL);
  for (uint64_t i = 0; i < n; i++)
    take_point (lives, _weft_blocks_get (&lives->model->points, i, sizeof (WeftTaskPoint)));
}

/* Whether a point tells it. @at: (out): untouched if not */
static bool
find_point (GHashTable *table, uint32_t task, uint32_t *at)
{
  void *found;

  if (g_hash_table_size (table) == 0
      || !g_hash_table_lookup_extended (table, GUINT_TO_POINTER (task), NULL, &found))
    return false;
  *at = GPOINTER_TO_UINT (found);
  return true;
}

/* ---- births ---------------------------------------------------------------------------------- */

static void
find_birth (Lives *lives, uint32_t task)
{
  WeftModelState state = weft_model_task_state (lives->model, task);
  const WeftSpan *span = span_of (lives, task);
  uint32_t at;

  lives->births[task] = LIFE_NONE;
  lives->deaths[task] = 0;
  if (span == NULL || span->kind != WEFT_RECORD_TASK || span->how >> 4 != WEFT_OUTCOME_OK
      || !_weft_state_went_well (state))
    return;
  lives->deaths[task] = state == WEFT_TASK_MEMORY ? LIFE_FOR_EVER : moment (lives, span->end_ns);
  if (state == WEFT_TASK_RELEASED && find_point (lives->releases, task, &at))
    lives->deaths[task] = MAX (at, lives->deaths[task]);
  if (span->amount == 0)
    return;
  lives->births[task] = moment (lives, span->end_ns);
  lives->n_results++;
}

/* ---- deaths ---------------------------------------------------------------------------------- */

/* Until when it was needed; if a point tells when it was freed, that is it. */
static void
tell_input (Lives *lives, uint32_t task, uint32_t until)
{
  uint32_t at;

  if (!find_point (lives->releases, task, &at))
    lives->deaths[task] = MAX (lives->deaths[task], until);
}

/* A task tells its inputs until when it needed them. */
static void
tell_inputs (Lives *lives, WeftGraph *graph, uint32_t segment, uint32_t number, uint32_t until)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);

  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    {
      uint32_t source = _weft_input_source (lives->model, graph, segment, arrays->input_tasks[i]);

      if (source < lives->n_tasks)
        tell_input (lives, source, until);
    }
}

/* What has failed holds nothing, whatever its flags say. */
static bool
is_view (const WeftSpan *span)
{
  return span->flags & WEFT_RECORD_VIEW && span->kind == WEFT_RECORD_TASK
         && span->how >> 4 == WEFT_OUTCOME_OK;
}

static void
tell_segment (Lives *lives, uint32_t segment)
{
  WeftGraph *graph = weft_model_graph (lives->model, segment);
  uint32_t number = graph != NULL ? weft_graph_arrays (graph)->n_tasks : 0;

  while (number-- > 0)
    {
      uint32_t task = weft_model_task_of (lives->model, segment, number);
      const WeftSpan *span = task < lives->n_tasks ? span_of (lives, task) : NULL;
      uint32_t until = 0;

      if (find_point (lives->stops, task, &until))
        tell_inputs (lives, graph, segment, number, until);
      if (span == NULL)
        continue;
      until = moment (lives, span->end_ns);
      if (is_view (span))
        until = MAX (lives->deaths[task], until);
      tell_inputs (lives, graph, segment, number, until);
    }
}

/* What the segment was asked for is its parent's result. */
static void
follow_parent (Lives *lives, uint32_t segment)
{
  WeftGraph *graph = weft_model_graph (lives->model, segment);
  uint32_t parent = weft_model_segment_parent (lives->model, segment);
  const WeftGraphArrays *arrays;

  if (graph == NULL || parent >= lives->n_tasks)
    return;
  arrays = weft_graph_arrays (graph);
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    {
      uint32_t task = weft_model_task_of (lives->model, segment, arrays->wanted[i].task);

      if (task < lives->n_tasks && weft_model_task_state (lives->model, task) == WEFT_TASK_RELEASED)
        lives->deaths[task] = MAX (lives->deaths[task], lives->deaths[parent]);
    }
}

/* The task of a graph that stood in for it has no result of its own, but it has readers. */
static void
find_deaths (Lives *lives, uint32_t n_segments)
{
  for (uint32_t segment = n_segments; segment-- > 0;)
    tell_segment (lives, segment);
  for (uint32_t segment = 0; segment < n_segments; segment++)
    {
      uint32_t parent = weft_model_segment_parent (lives->model, segment);

      if (parent < lives->n_tasks
          && weft_model_task_state (lives->model, parent) == WEFT_TASK_MEMORY)
        lives->deaths[parent] = LIFE_FOR_EVER;
      follow_parent (lives, segment);
    }
}

/* ---- to disk and back ------------------------------------------------------------------------ */

static void
add_move (Lives *lives, const WeftSpan *span)
{
  LifeMove move = { .task = span->task,
                    .at = moment (lives, span->end_ns),
                    .comes_back = span->kind == WEFT_RECORD_SPILL_READ };

  if ((span->kind != WEFT_RECORD_SPILL_READ && span->kind != WEFT_RECORD_SPILL_WRITE)
      || span->task >= lives->n_tasks || span->end_ns > lives->end_ns
      || lives->births[span->task] == LIFE_NONE)
    return;
  g_array_append_val (lives->moves, move);
}

/* Spans of a lane, but for those of nodes in which nothing was spilled. */
static void
find_moves (Lives *lives, const WeftSpans *spans)
{
  uint64_t n = weft_spans_n (spans);

  for (uint64_t i = 0; i < n;)
    {
      uint64_t index = i, step = 1, skip = 0;

      for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS && index % WEFT_SPANS_FAN == 0;
           level++)
        {
          index /= WEFT_SPANS_FAN;
          step *= WEFT_SPANS_FAN;
          if (index >= weft_spans_n_nodes (n, level)
              || weft_spans_node (spans, level, index).content & WEFT_SPANS_HAS_SPILL)
            break;
          skip = step;
        }
      if (skip == 0)
        add_move (lives, weft_spans_get (spans, i));
      i += MAX (skip, 1);
    }
}

static int
compare_moves (const void *a, const void *b)
{
  const LifeMove *x = a, *y = b;

  if (x->task != y->task)
    return x->task < y->task ? -1 : 1;
  if (x->at != y->at)
    return x->at < y->at ? -1 : 1;
  return x->comes_back - y->comes_back;
}

/* Sorted; what does not go there and back in turn, or was not there any more, is left out. */
static void
order_moves (Lives *lives)
{
  guint n = 0;

  g_array_sort (lives->moves, compare_moves);
  for (guint i = 0; i < lives->moves->len; i++)
    {
      LifeMove move = g_array_index (lives->moves, LifeMove, i);
      const LifeMove *last = n > 0 ? &g_array_index (lives->moves, LifeMove, n - 1) : NULL;
      bool is_away = last != NULL && last->task == move.task && !last->comes_back;

      if (move.comes_back == is_away && move.at >= lives->births[move.task]
          && move.at <= lives->deaths[move.task])
        g_array_index (lives->moves, LifeMove, n++) = move;
    }
  g_array_set_size (lives->moves, n);
}

guint
_weft_lives_moves (const Lives *lives, uint32_t task)
{
  guint low = 0, high = lives->moves->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (lives->moves, LifeMove, middle).task < task)
        low = middle + 1;
      else
        high = middle;
    }
  return low < lives->moves->len && g_array_index (lives->moves, LifeMove, low).task == task
             ? low
             : lives->moves->len;
}

uint64_t
_weft_lives_told_away (const Lives *lives, int64_t at_ns)
{
  uint64_t n = weft_model_series_n (lives->model, WEFT_SERIES_SPILLED);
  uint64_t i = weft_model_series_find (lives->model, WEFT_SERIES_SPILLED, n, at_ns);

  if (lives->moves->len > 0 || i == n)
    return 0;
  return (uint64_t) MAX (weft_model_series_get (lives->model, WEFT_SERIES_SPILLED, i).value, 0);
}

/* ---- all ------------------------------------------------------------------------------------- */

void
_weft_lives_init (Lives *lives, const WeftModel *model, const WeftModelSnapshot *snapshot)
{
  *lives = (Lives){ .model = model,
                    .n_tasks = snapshot->n_tasks,
                    .end_ns = MAX (snapshot->complete_ns, 0) };
  while (lives->end_ns >> lives->shift >= LIFE_FOR_EVER)
    lives->shift++;
  lives->births = g_new (uint32_t, MAX (lives->n_tasks, 1));
  lives->deaths = g_new (uint32_t, MAX (lives->n_tasks, 1));
  lives->moves = g_array_new (FALSE, FALSE, sizeof (LifeMove));
  take_points (lives);
  for (uint32_t task = 0; task < lives->n_tasks; task++)
    find_birth (lives, task);
  find_deaths (lives, snapshot->n_segments);
  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      find_moves (lives, info.spans);
    }
  order_moves (lives);
}

void
_weft_lives_clear (Lives *lives)
{
  g_free (lives->births);
  g_free (lives->deaths);
  g_array_unref (lives->moves);
  g_hash_table_unref (lives->stops);
  g_hash_table_unref (lives->releases);
}

/* ---- at a moment ----------------------------------------------------------------------------- */

static bool
is_on_disk (const Lives *lives, uint32_t task, uint32_t at)
{
  bool away = false;

  for (guint i = _weft_lives_moves (lives, task); i < lives->moves->len; i++)
    {
      const LifeMove *move = &g_array_index (lives->moves, LifeMove, i);

      if (move->task != task || move->at > at || (move->at == at && !move->comes_back))
        break;
      away = !move->comes_back;
    }
  return away;
}

static int
compare_held (const void *a, const void *b)
{
  const WeftHeld *x = a, *y = b;

  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  return (x->task > y->task) - (x->task < y->task);
}

/* Among the n largest so far, if it belongs there. */
static void
keep_largest (WeftHeld *held, uint32_t *n_held, uint32_t n, const WeftHeld *one)
{
  uint32_t i;

  if (n == 0 || (*n_held == n && compare_held (one, &held[n - 1]) > 0))
    return;
  i = *n_held < n ? (*n_held)++ : n - 1;
  for (; i > 0 && compare_held (one, &held[i - 1]) < 0; i--)
    held[i] = held[i - 1];
  held[i] = *one;
}

/* Of the task's readers the one that ended last; before that, one that has not ended. */
static uint32_t
find_keeper (const Lives *lives, uint32_t task)
{
  uint32_t number, segment = weft_model_task_segment (lives->model, task, &number);
  WeftGraph *graph = weft_model_graph (lives->model, segment);
  const WeftGraphArrays *arrays = graph != NULL ? weft_graph_arrays (graph) : NULL;
  uint32_t keeper = WEFT_NONE;
  int64_t last_ns = INT64_MIN;

  if (graph == NULL || number >= arrays->n_tasks)
    return WEFT_NONE;
  for (uint32_t i = arrays->dependent_offsets[number]; i < arrays->dependent_offsets[number + 1];
       i++)
    {
      uint32_t reader = weft_model_task_of (lives->model, segment, arrays->dependents[i]);
      const WeftSpan *span = reader != WEFT_NONE ? span_of (lives, reader) : NULL;

      if (reader != WEFT_NONE && weft_model_task_state (lives->model, reader) < WEFT_TASK_MEMORY)
        return reader;
      if (span == NULL || span->end_ns < last_ns)
        continue;
      last_ns = span->end_ns;
      keeper = reader;
    }
  return keeper;
}

static void
finish_held (const Lives *lives, WeftHeld *one, int64_t at_ns)
{
  const WeftSpan *span = span_of (lives, one->task);
  uint32_t death = lives->deaths[one->task];

  one->since_ns = span != NULL ? span->end_ns : at_ns;
  one->until_ns =
      death == LIFE_FOR_EVER ? INT64_MAX : MAX ((int64_t) death << lives->shift, one->since_ns);
  one->keeper = find_keeper (lives, one->task);
  /* All that read it have ended, and it is there: it was asked for. */
  if (death == LIFE_FOR_EVER && one->keeper != WEFT_NONE
      && weft_model_task_state (lives->model, one->keeper) >= WEFT_TASK_MEMORY)
    one->keeper = WEFT_NONE;
}

uint32_t
weft_held_at (const WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
              WeftHeld *held, uint32_t n, WeftHeldSum *sum)
{
  uint32_t n_held = 0, at;
  Lives lives;

  _weft_lives_init (&lives, model, snapshot);
  at = moment (&lives, at_ns);
  *sum = (WeftHeldSum){ 0, 0, 0 };
  for (uint32_t task = 0; task < lives.n_tasks; task++)
    {
      WeftHeld one = { .task = task };

      if (lives.births[task] == LIFE_NONE || lives.births[task] > at || lives.deaths[task] < at)
        continue;
      one.bytes = _weft_life_bytes (model, task);
      one.on_disk = is_on_disk (&lives, task, at);
      sum->n++;
      sum->bytes += one.on_disk ? 0 : one.bytes;
      keep_largest (held, &n_held, n, &one);
    }
  sum->on_disk = MIN (_weft_lives_told_away (&lives, at_ns), sum->bytes);
  for (uint32_t i = 0; i < n_held; i++)
    finish_held (&lives, &held[i], at_ns);
  _weft_lives_clear (&lives);
  return n_held;
}
