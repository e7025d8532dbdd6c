/* test-progress-rates.c: tests of how fast groups go, and what is said of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "progress/progress-paint.h"
#include "progress/progress-source.h"

#include <math.h>
#include <string.h>

#define SECOND INT64_C (1000000000)

static void
set_ended (WeftlineProgressSource *source, uint32_t group, uint32_t n)
{
  if (source->groups->len <= group)
    g_array_set_size (source->groups, group + 1);
  g_array_index (source->groups, WeftlineProgressGroup, group).n_states[WEFT_TASK_RELEASED] = n;
}

static double
rate_of (const WeftlineProgressSource *source, uint32_t group)
{
  return g_array_index (source->rates, double, group);
}

static void
look_at (WeftlineProgressSource *source, double seconds, WeftRunPhase phase)
{
  const WeftModelSnapshot snapshot = { .last_ns = (int64_t) (seconds * (double) SECOND),
                                       .end_ns = INT64_MAX,
                                       .phase = phase,
                                       .n_groups = source->groups->len };
  double sum = 0;

  weftline_progress_source_rate (source, &snapshot);
  g_assert_cmpuint (source->rates->len, ==, source->groups->len + 1);
  for (guint i = 0; i < source->groups->len; i++)
    sum += rate_of (source, i);
  g_assert_cmpfloat_with_epsilon (sum, rate_of (source, source->groups->len), 1e-6 * sum + 1e-9);
}

/* What went on long ago counts no more; what is over is judged as a whole. */
static void
test_lately_and_in_all (void)
{
  double slow = g_test_rand_double_range (5, 50), fast = g_test_rand_double_range (100, 900);
  WeftlineProgressSource source;
  double at = 0;

  weftline_progress_source_init (&source);
  for (; at < 20; at += 0.1)
    {
      set_ended (&source, 0, (uint32_t) (slow * at));
      look_at (&source, at, WEFT_RUN_RUNNING);
    }
  g_assert_cmpfloat_with_epsilon (rate_of (&source, 0), slow, 1);
  for (double from = at; at < 30; at += 0.1)
    {
      set_ended (&source, 1, (uint32_t) (fast * (at - from)));
      look_at (&source, at, WEFT_RUN_RUNNING);
    }
  g_assert_cmpfloat (rate_of (&source, 0), ==, 0);
  g_assert_cmpfloat_with_epsilon (rate_of (&source, 1), fast, fast * 0.02 + 1);
  look_at (&source, 30, WEFT_RUN_DONE);
  g_assert_cmpfloat_with_epsilon (rate_of (&source, 0), slow * 20 / 30, 1);
  g_assert_cmpint (source.elapsed_ns, ==, 30 * SECOND);
  g_assert_cmpuint (source.looks.length, <, 20);
  weftline_progress_source_clear (&source);
}

/* Another run in the same view begins anew. */
static void
test_going_back (void)
{
  WeftlineProgressSource source;

  weftline_progress_source_init (&source);
  set_ended (&source, 0, 1000);
  look_at (&source, 10, WEFT_RUN_RUNNING);
  look_at (&source, 12, WEFT_RUN_RUNNING);
  set_ended (&source, 0, 10);
  look_at (&source, 1, WEFT_RUN_RUNNING);
  g_assert_cmpfloat_with_epsilon (rate_of (&source, 0), 10, 1e-6);
  set_ended (&source, 0, 30);
  look_at (&source, 2, WEFT_RUN_RUNNING);
  g_assert_cmpfloat_with_epsilon (rate_of (&source, 0), 20, 1e-6);
  weftline_progress_source_clear (&source);
}

static void
test_words (void)
{
  g_autofree char *low = weftline_progress_rate_text (0.7283);
  g_autofree char *high = weftline_progress_rate_text (1234567.4);
  g_autofree char *none = weftline_progress_elapsed_text (0);
  g_autofree char *some = weftline_progress_elapsed_text (2410000000);

  g_assert_cmpstr (low, ==, "0.728/s");
  g_assert_cmpstr (high, ==, "1\u202f234\u202f567/s");
  g_assert_null (none);
  g_assert_cmpstr (some, ==, "in 2.41\u00a0s");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-progress", "progress-rates", "lately-and-in-all", test_lately_and_in_all);
  test_add ("ui-progress", "progress-rates", "going-back", test_going_back);
  test_add ("ui-progress", "progress-rates", "words", test_words);
  return g_test_run ();
}
