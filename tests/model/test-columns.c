/* test-columns.c: what is kept of each task against plain twins
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A page keeps of most tasks less than a column each would take: a byte of readers, of state and
 * attempts, and one group for all. The twins keep everything, in whole numbers.
 */
#include "config.h"

#include "made-fixture.h"
#include "model/weft-model-private.h"

/* ---- columns of a page ----------------------------------------------------------------------- */

#define N_TASKS (3 * WEFT_TASK_PAGE + 100)

typedef struct
{
  uint16_t groups[N_TASKS];
  uint16_t attempts[N_TASKS];
  WeftModelState states[N_TASKS];
  uint8_t flags[N_TASKS];
} Twin;

static void
assert_columns (const WeftModel *model, const Twin *twin)
{
  for (uint32_t task = 0; task < N_TASKS; task++)
    {
      g_assert_cmpuint (weft_model_task_group (model, task), ==, twin->groups[task]);
      g_assert_cmpuint (weft_model_task_attempts (model, task), ==, twin->attempts[task]);
      g_assert_cmpuint (weft_model_task_state (model, task), ==, twin->states[task]);
      if (_weft_model_page (model, task) != NULL)
        g_assert_cmpuint (_weft_task_flags (model, task)
                              & (WEFT_TASK_ENDED | WEFT_TASK_CONSUMED | WEFT_TASK_REPLACED),
                          ==, twin->flags[task]);
    }
}

/* Stretches of one group each, told of in any order, long and short. */
static void
tell_of_tasks (WeftModel *model, Twin *twin, uint32_t n_groups, uint32_t longest)
{
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  bool in_order = g_test_rand_bit ();
  uint32_t end = N_TASKS;

  for (uint32_t task = 0; task < N_TASKS;
       task += (uint32_t) g_test_rand_int_range (1, (int32_t) longest + 1))
    g_array_append_val (starts, task);
  g_array_append_val (starts, end);
  for (guint i = 0; i + 1 < starts->len; i++)
    {
      uint32_t first = g_array_index (starts, uint32_t, i);
      uint32_t n = g_array_index (starts, uint32_t, i + 1) - first;
      uint16_t group = (uint16_t) g_test_rand_int_range (0, (int32_t) n_groups);

      if (!in_order && g_test_rand_int_range (0, 4) == 0)
        continue; /* is not told of, or later */
      _weft_model_grow_tasks (model, first, n, group);
      for (uint32_t task = first; task < first + n; task++)
        twin->groups[task] = group;
    }
}

static void
change_some_task (WeftModel *model, Twin *twin)
{
  static const uint8_t flags[] = { WEFT_TASK_ENDED, WEFT_TASK_CONSUMED, WEFT_TASK_REPLACED };
  uint32_t task = (uint32_t) g_test_rand_int_range (0, N_TASKS);
  uint32_t attempts = (uint32_t) g_test_rand_int_range (0, 4);
  uint8_t flag = flags[g_test_rand_int_range (0, 3)];

  if (_weft_model_page (model, task) == NULL)
    return;
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      if (g_test_rand_int_range (0, 10) == 0)
        attempts = (uint32_t) g_test_rand_int_range (0, 100000);
      _weft_task_set_attempts (model, task, attempts);
      twin->attempts[task] = (uint16_t) MAX (twin->attempts[task], MIN (attempts, UINT16_MAX));
      break;
    case 1:
      twin->states[task] = (WeftModelState) g_test_rand_int_range (0, WEFT_TASK_N_STATES);
      _weft_task_set_state (model, task, twin->states[task]);
      break;
    case 2:
      twin->flags[task] |= flag;
      _weft_task_set_flags (model, task, flag);
      break;
    default:
      twin->flags[task] &= (uint8_t) ~flag;
      _weft_task_clear_flags (model, task, flag);
    }
}

static void
test_columns (void)
{
  for (unsigned round = 0; round < 12; round++)
    {
      static const uint32_t lengths[] = { 1, 3, 100, 10000 };
      WeftModel *model = weft_model_new ();
      g_autofree Twin *twin = g_new0 (Twin, 1);

      for (uint32_t task = 0; task < N_TASKS; task++)
        twin->groups[task] = WEFT_NO_GROUP;
      for (unsigned i = 0; i < 3; i++)
        g_assert_cmpuint (
            _weft_model_add_group (model, ((const char *const[]){ "a", "b", "c" })[i]), ==, i);
      _weft_set (model->n_tasks, N_TASKS);
      tell_of_tasks (model, twin, 1 + round % 3, lengths[g_test_rand_int_range (0, 4)]);
      assert_columns (model, twin);
      for (unsigned i = 0; i < 20000; i++)
        change_some_task (model, twin);
      if (round % 4 == 0)
        tell_of_tasks (model, twin, 3, 50);
      assert_columns (model, twin);
      weft_model_unref (model);
    }
}

/* ---- readers --------------------------------------------------------------------------------- */

static void
run_task (Maker *m, uint32_t task, uint64_t start)
{
  give_one (m, 1, span (WEFT_RECORD_TASK, WEFT_OUTCOME_OK << 4, task, start, 10, 100));
}

static WeftModelState
state_of (const Maker *m, uint32_t number)
{
  return weft_model_task_state (m->model, weft_model_task_of (m->model, 0, number));
}

/* Tells of n more tasks that read task 0. */
static void
give_readers (Maker *m, uint32_t n_before, uint32_t n)
{
  g_autofree uint32_t *distances = g_new0 (uint32_t, n);

  for (uint32_t i = 0; i < n; i++)
    distances[i] = n_before + i;
  give_segment (m, 0, n_before, distances, n);
}

static void
shuffle (uint32_t *items, uint32_t n)
{
  for (uint32_t i = n; i > 1; i--)
    {
      uint32_t other = (uint32_t) g_test_rand_int_range (0, (int32_t) i);
      uint32_t item = items[i - 1];

      items[i - 1] = items[other];
      items[other] = item;
    }
}

/* Runs tasks first … first + n - 1, in any order. */
static void
run_readers (Maker *m, uint32_t first, uint32_t n, uint64_t *now, bool last)
{
  g_autofree uint32_t *order = g_new (uint32_t, n);

  for (uint32_t i = 0; i < n; i++)
    order[i] = first + i;
  shuffle (order, n);
  for (uint32_t i = 0; i < n; i++, *now += 10)
    {
      g_assert_cmpuint (state_of (m, 0), ==, WEFT_TASK_MEMORY);
      run_task (m, order[i], *now);
    }
  g_assert_cmpuint (state_of (m, 0), ==, last ? WEFT_TASK_RELEASED : WEFT_TASK_MEMORY);
}

/* A result is there up to the end of the last that reads it, however many these are; also if some
 * are told of when others have ended. */
static void
test_readers (void)
{
  static const uint32_t most[] = { 3, 300, 600, 3000 };

  for (unsigned round = 0; round < 12; round++)
    {
      int32_t n_most = (int32_t) most[round % G_N_ELEMENTS (most)];
      uint32_t n = (uint32_t) g_test_rand_int_range (1, n_most + 1);
      uint32_t n_early = (uint32_t) g_test_rand_int_range (0, (int32_t) n);
      uint32_t n_more = (uint32_t) g_test_rand_int_range (1, n_most + 1);
      uint64_t now = 2000;
      Maker m;

      begin_run (&m);
      give_readers (&m, 0, n + 1);
      run_task (&m, 0, now);
      now += 10;
      run_readers (&m, 1, n_early, &now, false);
      give_readers (&m, n + 1, n_more);
      run_readers (&m, 1 + n_early, n - n_early + n_more, &now, true);
      assert_counts (m.model);
      clear (&m);
    }
}

/* ---- places ---------------------------------------------------------------------------------- */

#define N_LANES 5

typedef struct
{
  uint32_t lane; /* 0: none yet */
  uint64_t index;
} Place;

/* Of any lane, with spans of no task between; tasks run again. */
static void
test_places (void)
{
  const uint32_t n_tasks = 500;
  g_autofree uint32_t *distances = g_new0 (uint32_t, n_tasks);
  g_autofree Place *places = g_new0 (Place, n_tasks);
  uint64_t n_spans[N_LANES + 1] = { 0 };
  Maker m;

  begin_run (&m);
  for (uint32_t lane = 2; lane <= N_LANES; lane++)
    give_lane (&m, lane, WEFT_LANE_THREAD, 0);
  give_segment (&m, 0, 0, distances, n_tasks);
  for (uint64_t now = 2000; now < 2000 + 10 * 5000; now += 10)
    {
      uint32_t lane = (uint32_t) g_test_rand_int_range (1, N_LANES + 1);
      uint32_t task = (uint32_t) g_test_rand_int_range (0, (int32_t) n_tasks);

      if (g_test_rand_int_range (0, 3) == 0)
        give_one (&m, lane, span (WEFT_RECORD_PARKED, 0, WEFT_NONE, now, 10, 0));
      else
        {
          give_one (&m, lane, span (WEFT_RECORD_TASK, WEFT_OUTCOME_RETRIED << 4, task, now, 10, 0));
          places[task] = (Place){ lane, n_spans[lane] };
        }
      n_spans[lane]++;
    }
  for (uint32_t task = 0; task < n_tasks; task++)
    {
      Place found = { 0 };

      g_assert_cmpint (weft_model_task_span (m.model, task, &found.lane, &found.index), ==,
                       places[task].lane != 0);
      g_assert_cmpuint (found.lane, ==, places[task].lane);
      g_assert_cmpuint (found.index, ==, places[task].index);
    }
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "columns", "against-a-twin", test_columns);
  test_add ("model", "columns", "any-number-of-readers", test_readers);
  test_add ("model", "columns", "places", test_places);
  return g_test_run ();
}
