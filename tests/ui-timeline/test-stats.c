/* test-stats.c: what happened in a range, against counting every span
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "timeline-fixture.h"

#include "timeline/task-stream-words.h"
#include "timeline/timeline-stats.h"

static int
compare (const void *a, const void *b)
{
  int64_t first = *(const int64_t *) a, second = *(const int64_t *) b;

  return (first > second) - (first < second);
}

static int64_t
naive_quantile (const GArray *sorted, unsigned percent)
{
  unsigned rank = 0;

  if (sorted->len == 0)
    return 0;
  while ((uint64_t) (rank + 1) * 100 < (uint64_t) sorted->len * percent)
    rank++;
  return g_array_index (sorted, int64_t, rank);
}

static void
assert_naive (const FixtureRun *run, const unsigned *lanes, unsigned n_lanes, int64_t t0,
              int64_t t1)
{
  g_autoptr (GArray) durations = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t by_group[FIXTURE_N_GROUPS] = { 0 }, busy = 0;
  WeftlineTimelineStats stats;

  for (unsigned i = 0; i < n_lanes; i++)
    for (uint64_t k = 0; k < run->lanes[lanes[i]].n; k++)
      {
        const WeftSpan *span = weft_spans_get (run->lanes[lanes[i]].spans, k);
        int64_t ns = span->end_ns - span->start_ns;
        int64_t inside = MIN (span->end_ns, t1) - MAX (span->start_ns, t0);

        if (span->kind != WEFT_RECORD_TASK || span->start_ns >= t1
            || (ns == 0 ? span->start_ns < t0 : span->end_ns <= t0))
          continue;
        g_array_append_val (durations, ns);
        busy += inside;
        by_group[span->group] += inside;
      }
  g_array_sort (durations, compare);
  weftline_timeline_stats (&run->input, lanes, n_lanes, t0, t1, WEFTLINE_STATS_LIMIT, &stats);
  g_assert_cmpuint (stats.n_tasks, ==, durations->len);
  g_assert_cmpuint (stats.n_looked_at, ==, durations->len);
  g_assert_cmpint (stats.busy_ns, ==, busy);
  g_assert_cmpfloat_with_epsilon (stats.share,
                                  (double) busy / ((double) n_lanes * (double) (t1 - t0)), 1e-9);
  g_assert_cmpint (stats.p50_ns, ==, naive_quantile (durations, 50));
  g_assert_cmpint (stats.p90_ns, ==, naive_quantile (durations, 90));
  g_assert_cmpint (stats.p99_ns, ==, naive_quantile (durations, 99));
  for (unsigned i = 0; i < stats.n_top; i++)
    {
      unsigned n_more = 0;

      g_assert_cmpint (stats.top[i].busy_ns, ==, by_group[stats.top[i].group]);
      for (unsigned group = 0; group < FIXTURE_N_GROUPS; group++)
        n_more += by_group[group] > stats.top[i].busy_ns;
      g_assert_cmpuint (n_more, <=, i);
    }
}

static void
test_equals_naive (void)
{
  FixtureRunSpec spec = { .n_lanes = 4, .n_spans = 40000, .seed = g_test_rand_int () };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  GRand *rand = g_rand_new_with_seed (g_test_rand_int ());
  static const unsigned all[] = { 0, 1, 2, 3 };

  for (unsigned i = 0; i < 200 / test_slowdown (); i++)
    {
      WeftlineTimelineView view = { .width = 10 + (int) (i % 7) * 100, .scale = 1 };
      unsigned first = (unsigned) g_rand_int_range (rand, 0, 4);

      fixture_random_zoom (run, rand, &view);
      assert_naive (run, all + first, 4 - first, view.t0_ns, view.t1_ns);
    }
  assert_naive (run, all, 4, 0, run->end_ns);
  assert_naive (run, all, 4, -100, run->end_ns + 100);
  g_rand_free (rand);
}

/* Counts stay exact; the rest is near, and says of how many it is. */
static void
test_sample_is_said (void)
{
  FixtureRunSpec spec = { .n_lanes = 4, .n_spans = 200000, .seed = 9, .plain = true };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineStats all, some;
  g_autofree char *line = NULL;

  weftline_timeline_stats (&run->input, NULL, 0, 0, run->end_ns, WEFTLINE_STATS_LIMIT, &all);
  weftline_timeline_stats (&run->input, NULL, 0, 0, run->end_ns, 10000, &some);
  g_assert_cmpuint (some.n_tasks, ==, all.n_tasks);
  g_assert_cmpint (some.busy_ns, ==, all.busy_ns);
  g_assert_cmpuint (some.n_looked_at, <=, 10000 + 4);
  g_assert_cmpuint (some.n_looked_at, >=, 5000);
  g_assert_cmpint (ABS (some.p50_ns - all.p50_ns), <, all.p50_ns / 10);
  for (unsigned i = 0; i < all.n_top; i++)
    for (unsigned k = 0; k < some.n_top; k++)
      if (some.top[k].group == all.top[i].group)
        g_assert_cmpint (ABS (some.top[k].busy_ns - all.top[i].busy_ns), <,
                         all.top[i].busy_ns / 10);
  line = weftline_timeline_stats_line (&some);
  g_assert_nonnull (strstr (line, "sampled"));
}

static void
test_nothing_is_said_of_nothing (void)
{
  FixtureRunSpec spec = { .n_lanes = 2 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineStats stats;
  g_autofree char *line = NULL;

  fixture_add_task (&run->lanes[0], 1, 1000, 1000 + 3000000, WEFT_OUTCOME_OK);
  weftline_timeline_stats (&run->input, NULL, 0, 0, 1000, WEFTLINE_STATS_LIMIT, &stats);
  g_assert_cmpuint (stats.n_tasks, ==, 0);
  g_assert_cmpuint (stats.n_top, ==, 0);
  weftline_timeline_stats (&run->input, NULL, 0, 0, 6001000, WEFTLINE_STATS_LIMIT, &stats);
  line = weftline_timeline_stats_line (&stats);
  g_assert_nonnull (strstr (line, "1 task "));
  g_assert_nonnull (strstr (line, "25\u00a0% busy"));
}

/* The groups that took most, the largest first, with their shares of the busy time. */
static void
test_groups (void)
{
  FixtureRunSpec spec = { .n_lanes = 2 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  g_autofree char *none = NULL;
  g_autofree char *some = NULL;
  g_autofree char *wanted = NULL;
  WeftlineTimelineStats stats;

  weftline_timeline_stats (&run->input, NULL, 0, 0, 1000, WEFTLINE_STATS_LIMIT, &stats);
  none = weftline_timeline_stats_groups (&stats, &run->input);
  g_assert_null (none);
  for (uint16_t group = 1; group <= 4; group++)
    fixture_add_task (&run->lanes[group % 2], group, group * 1000, group * 1000 + group * 100,
                      WEFT_OUTCOME_OK);
  weftline_timeline_stats (&run->input, NULL, 0, 0, 10000, WEFTLINE_STATS_LIMIT, &stats);
  some = weftline_timeline_stats_groups (&stats, &run->input);
  wanted = g_strdup_printf ("most: %s 40\u00a0%%, %s 30\u00a0%%, %s 20\u00a0%%",
                            run->groups[4].name, run->groups[3].name, run->groups[2].name);
  g_assert_cmpstr (some, ==, wanted);
}

/* Before the start it is not known how many tasks there are. */
static void
test_status (void)
{
  WeftModelSnapshot snapshot = { .n_tasks = 0 };
  g_autofree char *none = weftline_task_stream_status (&snapshot, TRUE);
  g_autofree char *some = NULL;
  g_autofree char *all = NULL;

  snapshot.n_tasks = 5;
  snapshot.n_states[WEFT_TASK_MEMORY] = 2;
  some = weftline_task_stream_status (&snapshot, TRUE);
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (some, ==, "following · 2 of 5 tasks · 0 dropped");
  snapshot.n_states[WEFT_TASK_ERRED] = 1;
  snapshot.n_states[WEFT_TASK_CANCELLED] = 2;
  all = weftline_task_stream_status (&snapshot, FALSE);
  g_assert_cmpstr (all, ==, "3 of 5 tasks · 1 erred · 2 cancelled · 0 dropped");
}

/* Those that are cut are not in sight. */
static void
test_lanes_in_sight (void)
{
  FixtureRunSpec spec = { .n_lanes = 64, .n_spans = 64 };
  g_autoptr (FixtureRun) run = fixture_run_new (&spec);
  WeftlineTimelineLayout *layout = weftline_timeline_layout_new ();
  WeftlineTimelineView view = { .t1_ns = 1000, .width = 300, .height = 248 };
  const int whole = 200 / WEFTLINE_TIMELINE_MIN_PITCH;
  const struct
  {
    unsigned n_lanes;
    int scroll, n_in_sight;
  } cases[] = {
    { 0, 0, 0 },
    { (unsigned) whole, 0, whole },
    { (unsigned) whole + 1, 0, whole },
    { 64, 0, whole },
    { 64, WEFTLINE_TIMELINE_MIN_PITCH, whole },
    { 64, 1, (200 + 1) / WEFTLINE_TIMELINE_MIN_PITCH - 1 },
    { 64, 1000000, whole },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    for (view.scale = 1; view.scale <= 2; view.scale++)
      {
        g_autofree char *expected =
            g_strdup_printf (" · %d of %u lanes", cases[i].n_in_sight, cases[i].n_lanes);
        g_autofree char *words = NULL;

        run->input.n_lanes = cases[i].n_lanes;
        view.scroll = cases[i].scroll;
        weftline_timeline_layout_run (layout, &run->input, &view);
        words = weftline_task_stream_lanes_words (layout);
        g_assert_cmpstr (words, ==, cases[i].n_in_sight < (int) cases[i].n_lanes ? expected : "");
      }
  weftline_timeline_layout_free (layout);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-timeline", "stats", "equals-naive", test_equals_naive);
  test_add ("ui-timeline", "stats", "sample-is-said", test_sample_is_said);
  test_add ("ui-timeline", "stats", "nothing-is-said-of-nothing", test_nothing_is_said_of_nothing);
  test_add ("ui-timeline", "stats", "groups", test_groups);
  test_add ("ui-timeline", "stats", "status", test_status);
  test_add ("ui-timeline", "stats", "lanes-in-sight", test_lanes_in_sight);
  return g_test_run ();
}
