/* test-series.c: what is measured of several processes, and what programs measure of themselves
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Properties: the run's series are the sums of those of its processes at every moment; a process's
 * own are what was told of it; one that is gone has nothing.
 */
#include "config.h"

#include "made-fixture.h"

#include <math.h>

#define N_PROCESSES 5
#define N_ROUNDS 400

static void
give_process (Maker *m, uint32_t lane, uint64_t limit)
{
  WeftLaneHead head = { .lane = lane,
                        .kind = lane == 0 ? WEFT_LANE_CONTROL : WEFT_LANE_PROCESS,
                        .parent_lane = WEFT_NONE,
                        .worker = lane == 0 ? WEFT_NONE : lane - 1,
                        .memory_limit_bytes = limit };

  put (m, &head, sizeof head);
  give_well (m, WEFT_FRAME_LANE, lane);
}

static void
give_memory (Maker *m, uint32_t lane, uint32_t what, uint64_t at, uint64_t n_bytes)
{
  give_one (m, lane, span (WEFT_RECORD_MEMORY, 0, what, at, 0, n_bytes));
}

static double
series_end (const WeftModel *model, WeftModelSeries series)
{
  uint64_t n = weft_model_series_n (model, series);

  return n > 0 ? weft_model_series_get (model, series, n - 1).value : -1;
}

static double
lane_end (const WeftModel *model, uint32_t lane, WeftModelSeries series)
{
  double value = -1;

  weft_model_lane_series_at (model, lane, series, INT64_MAX, &value);
  return value;
}

static void
begin_processes (Maker *m, uint64_t limit)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  for (uint32_t lane = 0; lane <= N_PROCESSES; lane++)
    give_process (m, lane, lane == 0 ? 0 : limit);
}

static void
test_sums (void)
{
  double told[N_PROCESSES + 1] = { 0 };
  uint64_t n_told[N_PROCESSES + 1] = { 0 };
  Maker m;

  begin_processes (&m, 0);
  for (uint64_t round = 1; round <= N_ROUNDS; round++)
    {
      uint32_t lane = 1 + (uint32_t) g_test_rand_int_range (0, N_PROCESSES);
      uint64_t n_bytes = (uint64_t) g_test_rand_int_range (0, G_MAXINT);
      double sum = 0;

      give_memory (&m, lane, WEFT_MEMORY_RESIDENT, round * 1000, n_bytes);
      told[lane] = (double) n_bytes;
      n_told[lane]++;
      for (uint32_t i = 1; i <= N_PROCESSES; i++)
        sum += told[i];
      g_assert_cmpfloat (series_end (m.model, WEFT_SERIES_RESIDENT), ==, sum);
      g_assert_cmpfloat (lane_end (m.model, lane, WEFT_SERIES_RESIDENT), ==, told[lane]);
    }
  g_assert_cmpuint (weft_model_series_n (m.model, WEFT_SERIES_RESIDENT), ==, N_ROUNDS);
  for (uint32_t i = 1; i <= N_PROCESSES; i++)
    g_assert_cmpuint (weft_model_lane_series_n (m.model, i, WEFT_SERIES_RESIDENT), ==, n_told[i]);
  g_assert_cmpuint (weft_model_lane_series_n (m.model, 0, WEFT_SERIES_RESIDENT), ==, 0);
  g_assert_cmpuint (weft_model_lane_series_n (m.model, 1, WEFT_SERIES_SPILLED), ==, 0);
  clear (&m);
}

/* What holds of one process holds of the run as it was told. */
static void
test_one (void)
{
  Maker m;

  begin_processes (&m, 0);
  for (uint64_t i = 0; i < 50; i++)
    {
      WeftModelPoint run, own;

      give_one (&m, 2, span (WEFT_RECORD_CPU, 0, 0, i * 1000003, 1000003, i * 33331));
      run = weft_model_series_get (m.model, WEFT_SERIES_CPU, i);
      own = weft_model_lane_series_get (m.model, 2, WEFT_SERIES_CPU, i);
      g_assert_cmpint (run.at_ns, ==, own.at_ns);
      g_assert_cmpfloat (run.value, ==, own.value);
      g_assert_cmpfloat (own.value, ==, (double) (i * 33331) / 1000003.0);
    }
  clear (&m);
}

static void
test_gone (void)
{
  WeftModelLane info;
  Maker m;

  begin_processes (&m, 1000);
  g_assert_cmpuint (weft_model_memory_limit (m.model), ==, N_PROCESSES * 1000);
  for (uint32_t lane = 1; lane <= N_PROCESSES; lane++)
    give_memory (&m, lane, WEFT_MEMORY_MANAGED, 10, lane * 100);
  give_one (&m, 3, span (WEFT_RECORD_WORKER_LOST, 0, 0, 20, 0, 0));
  g_assert_cmpfloat (series_end (m.model, WEFT_SERIES_MANAGED), ==, 100 + 200 + 400 + 500);
  g_assert_cmpfloat (lane_end (m.model, 3, WEFT_SERIES_MANAGED), ==, 0);
  g_assert_cmpuint (weft_model_memory_limit (m.model), ==, (N_PROCESSES - 1) * 1000);
  weft_model_lane (m.model, 3, &info);
  g_assert_cmpuint (weft_spans_n (info.spans), ==, 1);
  g_assert_cmpint (weft_spans_get (info.spans, 0)->kind, ==, WEFT_RECORD_WORKER_LOST);
  g_assert_cmpint (weft_spans_get (info.spans, 0)->start_ns, ==, 10);
  clear (&m);
}

/* However much processes say that they have, it is a number that can be shown. */
static void
test_beyond_all_bounds (void)
{
  Maker m;

  begin_processes (&m, UINT64_MAX);
  g_assert_cmpuint (weft_model_memory_limit (m.model), ==, (uint64_t) WEFT_SERIES_MOST);
  for (uint32_t lane = 1; lane <= N_PROCESSES; lane++)
    give_memory (&m, lane, WEFT_MEMORY_MANAGED, 10, UINT64_MAX);
  give_one (&m, 1, span (WEFT_RECORD_IO, 0, WEFT_IO_READ, 20, 1, UINT64_MAX));
  g_assert_cmpfloat (series_end (m.model, WEFT_SERIES_LIMIT), ==, WEFT_SERIES_MOST);
  g_assert_cmpfloat (series_end (m.model, WEFT_SERIES_MANAGED), ==, N_PROCESSES * (0x1p48 - 1));
  g_assert_cmpfloat (series_end (m.model, WEFT_SERIES_READ), ==, WEFT_SERIES_MOST);
  for (uint32_t lane = 1; lane <= N_PROCESSES; lane++)
    give_memory (&m, lane, WEFT_MEMORY_MANAGED, 30, lane);
  g_assert_cmpfloat (lane_end (m.model, 2, WEFT_SERIES_MANAGED), ==, 2);
  g_assert_cmpfloat (series_end (m.model, WEFT_SERIES_MANAGED), ==, 1 + 2 + 3 + 4 + 5);
  clear (&m);
}

/* ---- counters -------------------------------------------------------------------------------- */

static bool
give_series (Maker *m, uint32_t number, uint32_t lane, double scale, const char *name,
             const char *unit, GError **error)
{
  WeftSeriesHead head = { .series = number,
                          .lane = lane,
                          .scale = scale,
                          .n_name_bytes = (uint32_t) strlen (name),
                          .n_unit_bytes = (uint32_t) strlen (unit) };

  put (m, &head, sizeof head);
  put (m, name, strlen (name));
  put (m, unit, strlen (unit));
  return give (m, WEFT_FRAME_SERIES, 0, error);
}

static void
count (Maker *m, uint32_t lane, uint32_t series, uint64_t at, uint64_t amount)
{
  give_one (m, lane, span (WEFT_RECORD_COUNTER, 0, series, at, 0, amount));
}

static void
test_counters (void)
{
  WeftModelCounter info;
  WeftModelPoint point;
  Maker m;

  begin_processes (&m, 0);
  g_assert_true (give_series (&m, 40, 2, 0.001, "temperature", "°C", NULL));
  g_assert_true (give_series (&m, 7, WEFT_NONE, 1, "queue", "", NULL));
  g_assert_true (give_series (&m, 40, 2, 5, "told again", "", NULL));
  g_assert_cmpuint (weft_model_n_counters (m.model), ==, 2);
  for (uint64_t i = 0; i < 100; i++)
    {
      count (&m, 2, 40, 1000 + i * 10, i * 500);
      count (&m, 0, 7, 1000 + i * 10, i);
      count (&m, 0, 8, 1000 + i * 10, i); /* nobody has told of it */
    }
  weft_model_counter (m.model, 0, &info);
  g_assert_cmpstr (info.name, ==, "temperature");
  g_assert_cmpstr (info.unit, ==, "°C");
  g_assert_cmpuint (info.lane, ==, 2);
  g_assert_cmpuint (weft_model_counter_n (m.model, 0), ==, 100);
  g_assert_cmpuint (weft_model_counter_n (m.model, 1), ==, 100);
  point = weft_model_counter_get (m.model, 0, 99);
  g_assert_cmpfloat_with_epsilon (point.value, 49.5, 1e-9);
  g_assert_cmpfloat (weft_model_counter_get (m.model, 1, 99).value, ==, 99);
  clear (&m);
}

static void
test_counters_beyond_all_bounds (void)
{
  static const struct
  {
    double scale;
    double expected;
  } cases[] = {
    { 1e300, WEFT_SERIES_MOST },
    { -1e9, -WEFT_SERIES_MOST },
    { INFINITY, WEFT_SERIES_MOST },
    { -INFINITY, -WEFT_SERIES_MOST },
    { NAN, 0 },
  };
  Maker m;

  begin_processes (&m, 0);
  for (uint32_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strdup_printf ("counter %u", i);

      g_assert_true (give_series (&m, i, 1, cases[i].scale, name, "", NULL));
      count (&m, 1, i, 10, UINT64_MAX);
      g_assert_cmpfloat (weft_model_counter_get (m.model, i, 0).value, ==, cases[i].expected);
    }
  clear (&m);
}

static void
test_counters_that_cannot_be (void)
{
  g_autoptr (GError) error = NULL;
  WeftSeriesHead head = { .series = 1, .lane = WEFT_NONE, .scale = 1, .n_name_bytes = 50 };
  Maker m;

  begin_processes (&m, 0);
  g_assert_false (give_series (&m, 3, N_PROCESSES + 1, 1, "x", "", &error));
  g_assert_nonnull (strstr (error->message, "lane"));
  g_clear_error (&error);
  put (&m, &head, sizeof head);
  g_assert_false (give (&m, WEFT_FRAME_SERIES, 0, &error));
  g_assert_nonnull (strstr (error->message, "cut off"));
  g_assert_cmpuint (weft_model_n_counters (m.model), ==, 0);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/series/sums", test_sums);
  g_test_add_func ("/series/one", test_one);
  g_test_add_func ("/series/gone", test_gone);
  g_test_add_func ("/series/beyond-all-bounds", test_beyond_all_bounds);
  g_test_add_func ("/series/counters", test_counters);
  g_test_add_func ("/series/counters-beyond-all-bounds", test_counters_beyond_all_bounds);
  g_test_add_func ("/series/counters-that-cannot-be", test_counters_that_cannot_be);
  return g_test_run ();
}
