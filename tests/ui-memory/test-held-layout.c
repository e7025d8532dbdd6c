/* test-held-layout.c: areas add up, lie one on the other and stay inside
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/held-layout.h"
#include "test-support.h"

#define MOST_STEPS 80
#define MOST_BANDS 6

typedef struct
{
  WeftHeldSteps steps;
  int64_t at_ns[MOST_STEPS];
  uint64_t totals[MOST_STEPS];
  uint64_t bands[MOST_STEPS * MOST_BANDS];
  uint32_t groups[MOST_BANDS];
} Made;

static void
make (Made *made)
{
  uint32_t n = (uint32_t) g_test_rand_int_range (1, MOST_STEPS);
  uint32_t n_bands = (uint32_t) g_test_rand_int_range (0, MOST_BANDS + 1);

  memset (made, 0, sizeof *made);
  made->steps = (WeftHeldSteps){ .end_ns = g_test_rand_int_range (0, 1000000000),
                                 .n_steps = n,
                                 .n_bands = n_bands,
                                 .groups = made->groups,
                                 .at_ns = made->at_ns,
                                 .totals = made->totals,
                                 .bands = made->bands,
                                 .n_results = 1 };
  for (uint32_t step = 0; step < n; step++)
    {
      made->at_ns[step] = made->steps.end_ns / n * step;
      for (uint32_t band = 0; band < n_bands; band++)
        {
          made->bands[band * n + step] =
              g_test_rand_bit () ? (uint64_t) g_test_rand_double_range (0, 1e10) : 0;
          made->totals[step] += made->bands[band * n + step];
        }
      if (made->totals[step] > made->steps.peak_bytes)
        {
          made->steps.peak_bytes = made->totals[step];
          made->steps.peak_ns = made->at_ns[step];
        }
    }
}

static void
check (const WeftlineHeldLayout *layout, const Made *made)
{
  const WeftHeldSteps *steps = &made->steps;
  double bottom = layout->plot.y + layout->plot.height, height = layout->plot.height;

  for (uint32_t step = 0; step < steps->n_steps; step++)
    {
      double below = bottom;

      g_assert_cmpfloat (layout->edges[step + 1], >=, layout->edges[step]);
      for (uint32_t band = 0; band < steps->n_bands; band++)
        {
          double top = layout->tops[band * steps->n_steps + step];
          double exact = (double) steps->bands[band * steps->n_steps + step] * height
                         / (double) layout->bytes.top;

          g_assert_cmpfloat (top, <=, below + 1e-9);
          g_assert_cmpfloat (top, >=, layout->plot.y - 1e-9);
          g_assert_cmpfloat_with_epsilon (below - top, exact, 1e-6);
          below = top;
        }
      g_assert_cmpfloat_with_epsilon (
          bottom - below, (double) steps->totals[step] * height / (double) layout->bytes.top, 1e-6);
    }
  g_assert_cmpfloat (layout->edges[0], ==, layout->plot.x);
  g_assert_cmpfloat_with_epsilon (layout->edges[steps->n_steps],
                                  layout->plot.x + layout->plot.width, 1e-6);
}

/* What is under a point is the band whose area it is in. */
static void
check_hits (const WeftlineHeldLayout *layout, const Made *made)
{
  for (int i = 0; i < 30; i++)
    {
      double x = g_test_rand_double_range (-10, layout->width + 10);
      double y = g_test_rand_double_range (-10, layout->height + 10);
      const WeftlineHeldPlot *plot = &layout->plot;
      uint32_t step, band;

      if (!weftline_held_step_at (layout, x, y, &step))
        {
          g_assert_true (x < plot->x || x >= plot->x + plot->width || y < 0
                         || y >= plot->y + plot->height);
          continue;
        }
      g_assert_cmpuint (step, <, made->steps.n_steps);
      g_assert_cmpfloat (layout->edges[step], <=, x + 1e-6);
      g_assert_cmpfloat (layout->edges[step + 1], >=, x - 1e-6);
      band = weftline_held_band_at (layout, step, y);
      g_assert_true (band == made->steps.n_bands
                     || layout->tops[band * made->steps.n_steps + step] <= y);
      g_assert_true (band == 0 || layout->tops[(band - 1) * made->steps.n_steps + step] > y);
    }
}

static void
test_random (void)
{
  Made *made = g_new (Made, 1);
  WeftlineHeldLayout layout;

  weftline_held_layout_init (&layout);
  for (int i = 0; i < 500; i++)
    {
      make (made);
      weftline_held_layout (&layout, &made->steps,
                            g_test_rand_bit () ? (uint64_t) g_test_rand_double_range (0, 4e10) : 0,
                            g_test_rand_int_range (0, 1500), g_test_rand_int_range (0, 900),
                            g_test_rand_int_range (0, 80), g_test_rand_bit (), 7);
      check (&layout, made);
      check_hits (&layout, made);
      g_assert_true (layout.threshold_y < 0 || layout.threshold_y >= layout.plot.y - 1e-9);
    }
  weftline_held_layout_clear (&layout);
  g_free (made);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-memory", "held-layout", "random", test_random);
  return g_test_run ();
}
