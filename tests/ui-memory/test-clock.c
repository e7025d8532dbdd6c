/* test-clock.c: tests that times of the day reach memory's axes and words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "memory/held-layout.h"
#include "memory/held-words.h"
#include "memory/memory-layout.h"
#include "memory/memory-words.h"

#include <string.h>

#define SECOND INT64_C (1000000000)

static const WeftlineClock since = { WEFTLINE_TIME_SINCE_START, 1700000000 * SECOND };
static const WeftlineClock of_day = { WEFTLINE_TIME_OF_DAY, 1700000000 * SECOND };

static void
assert_labels (const WeftlineTimeScale *scale, bool is_of_day)
{
  g_assert_cmpuint (scale->n_ticks, >, 2);
  for (unsigned i = 0; i < scale->n_ticks; i++)
    g_assert_true ((strchr (scale->ticks[i].label, ':') != NULL) == is_of_day);
}

static void
test_axes (void)
{
  const WeftModelPoint points[] = { { 0, 1e6 }, { 100 * SECOND, 2e6 } };
  const WeftlineMemoryRoom room = { .before = 70, .behind = 60, .gutter = 50, .figure = 7 };
  uint64_t totals[] = { 1000000, 2000000 };
  int64_t at_ns[] = { 0, 50 * SECOND };
  uint64_t bands[] = { 1000000, 2000000 };
  uint32_t groups[] = { 0 };

  for (int day = 0; day < 2; day++)
    {
      WeftlineMemoryInput input = { .managed = { points, 2 },
                                    .resident = { points, 2 },
                                    .end_ns = 100 * SECOND,
                                    .clock = day ? of_day : since };
      WeftHeldSteps steps = { .n_steps = 2,
                              .n_bands = 1,
                              .n_results = 2,
                              .end_ns = 100 * SECOND,
                              .totals = totals,
                              .at_ns = at_ns,
                              .bands = bands,
                              .groups = groups,
                              .peak_bytes = 2000000,
                              .peak_ns = 50 * SECOND };
      WeftlineMemoryLayout memory;
      WeftlineHeldLayout held;

      weftline_memory_layout_init (&memory);
      weftline_held_layout_init (&held);
      weftline_memory_layout (&memory, &input, &room, 600, 500, 0);
      assert_labels (&memory.time, day);
      held.clock = day ? of_day : since;
      weftline_held_layout (&held, &steps, 0, 600, 300, 50, false, 7);
      assert_labels (&held.time, day);
      weftline_memory_layout_clear (&memory);
      weftline_held_layout_clear (&held);
    }
}

static void
test_words (void)
{
  const WeftModelPoint points[] = { { 0, 1e6 } };
  WeftHeldSteps steps = { .n_results = 2, .peak_bytes = 2000000, .peak_ns = 50 * SECOND };
  WeftHeldSum sum = { .bytes = 2000000, .n = 2 };

  for (int day = 0; day < 2; day++)
    {
      const WeftlineClock *clock = day ? &of_day : &since;
      WeftlineMemoryInput input = { .managed = { points, 1 }, .end_ns = SECOND, .clock = *clock };
      g_autofree char *at = weftline_clock_moment (clock, 50 * SECOND);
      char *const texts[] = { weftline_held_figures (&steps, clock),
                              weftline_held_moment_text (2000000, 50 * SECOND, clock),
                              weftline_held_title (&sum, 50 * SECOND, clock),
                              weftline_memory_text_at (&input, 50 * SECOND) };

      g_assert_true ((strchr (at, ':') != NULL) == day);
      for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++)
        {
          g_assert_nonnull (strstr (texts[i], at));
          g_free (texts[i]);
        }
    }
}

/* What is on disk of what was held is said where it is known. */
static void
test_on_disk (void)
{
  const WeftlineClock clock = { .form = WEFTLINE_TIME_SINCE_START };
  uint64_t totals[] = { 1000000, 2000000 }, on_disk[] = { 0, 500000 };
  int64_t at_ns[] = { SECOND, 2 * SECOND };
  WeftHeldSteps steps = { .n_steps = 2,
                          .at_ns = at_ns,
                          .totals = totals,
                          .on_disk = on_disk,
                          .n_results = 2,
                          .peak_bytes = 2000000,
                          .peak_ns = 2 * SECOND };
  g_autofree char *figures = weftline_held_figures (&steps, &clock);
  g_autofree char *before = weftline_held_step_text (&steps, 0, NULL, &clock);

  g_assert_true (g_str_has_suffix (figures, ", 500\302\240kB of it on disk"));
  g_assert_null (strstr (before, "disk"));
  steps.on_disk = NULL;
  g_free (figures);
  figures = weftline_held_figures (&steps, &clock);
  g_assert_null (strstr (figures, "disk"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-memory", "clock", "axes", test_axes);
  test_add ("ui-memory", "clock", "words", test_words);
  test_add ("ui-memory", "clock", "on-disk", test_on_disk);
  return g_test_run ();
}
