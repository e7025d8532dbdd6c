/* test-memory-layout.c: bars, thresholds and lines are where the numbers say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-layout.h"
#include "test-support.h"

#define MOST_POINTS 200

typedef struct
{
  WeftModelPoint points[5][MOST_POINTS];
  WeftlineMemoryInput input;
} Made;

static WeftlineMemorySeries
make_series (Made *made, unsigned own, double most)
{
  int n =
      g_test_rand_bit () ? g_test_rand_int_range (0, MOST_POINTS) : g_test_rand_int_range (0, 3);
  int64_t at_ns = 0;

  for (int i = 0; i < n; i++)
    {
      at_ns += g_test_rand_int_range (0, 2000000);
      made->points[own][i] = (WeftModelPoint){ at_ns, g_test_rand_double_range (0, most) };
    }
  made->input.end_ns = MAX (made->input.end_ns, at_ns);
  return (WeftlineMemorySeries){ made->points[own], (uint64_t) n };
}

static void
make (Made *made)
{
  made->input.end_ns = 0;
  made->input.managed = make_series (made, 0, 1e9);
  made->input.spilled = make_series (made, 1, 3e9);
  made->input.resident = make_series (made, 2, 2e9);
  made->input.children = make_series (made, 3, 1e8);
  made->input.limit = make_series (made, 4, 2e9);
}

static double
highest (const WeftlineMemorySeries *series, int64_t from, int64_t to)
{
  double most = -1;

  for (uint64_t i = 0; i < series->n; i++)
    if (series->points[i].at_ns <= to && (i + 1 == series->n || series->points[i + 1].at_ns > from))
      most = MAX (most, series->points[i].value);
  return most;
}

/* A column shows what was most while it lasts, and is bounded by that of its neighbours' ends. */
static void
check_line (const WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input)
{
  double bottom = layout->plot_y + layout->plot_height;

  for (int x = 0; x < layout->plot_width; x++)
    {
      int64_t from = (int64_t) ((double) input->end_ns * x / layout->plot_width);
      int64_t to = (int64_t) ((double) input->end_ns * (x + 1) / layout->plot_width);
      double most = highest (&input->managed, from, to), y = layout->managed_line.y[x];

      g_assert_cmpint (y < 0, ==, most < 0);
      if (most < 0)
        continue;
      g_assert_cmpfloat (y, >=, layout->plot_y - 1e-9);
      g_assert_cmpfloat_with_epsilon (
          bottom - y, (double) (uint64_t) most * layout->plot_height / (double) layout->bytes.top,
          0.01);
    }
}

static void
check_bars (const WeftlineMemoryLayout *layout)
{
  for (unsigned i = 0; i < layout->n_bars; i++)
    {
      const WeftlineMemoryBar *bar = &layout->bars[i];

      g_assert_cmpfloat (bar->width, >=, 0);
      g_assert_cmpfloat (bar->width, <=, layout->bar_width + 1e-9);
      g_assert_cmpfloat (bar->inner, <=, bar->width + 1e-9);
      g_assert_true (i == 0 || bar->y >= layout->bars[i - 1].y + WEFTLINE_MEMORY_ROW);
    }
  g_assert_cmpuint (layout->unmanaged + MIN (layout->managed, layout->process), ==,
                    layout->process);
}

/* Names of thresholds stand beside each other. */
static void
check_marks (const WeftlineMemoryLayout *layout, const int *widths)
{
  int from = 0;

  for (unsigned i = 0; i < WEFTLINE_N_MARKS; i++)
    {
      const WeftlineMemoryMark *mark = &layout->marks[i];

      g_assert_cmpfloat (mark->x, <=, layout->bar_x + layout->bar_width + 1e-9);
      g_assert_true (i == 0 || mark->x >= layout->marks[i - 1].x);
      if (!mark->shown)
        continue;
      g_assert_cmpint (mark->name_x, >=, from);
      from = mark->name_x + widths[i];
      g_assert_cmpint (from, <=, MAX (layout->width, widths[i]));
    }
}

static void
test_random (void)
{
  static const int widths[WEFTLINE_N_MARKS] = { 34, 26, 33, 25 };
  Made *made = g_new0 (Made, 1);
  WeftlineMemoryLayout layout;

  weftline_memory_layout_init (&layout);
  for (int i = 0; i < 300; i++)
    {
      make (made);
      weftline_memory_layout (&layout, &made->input, g_test_rand_int_range (0, 700),
                              g_test_rand_int_range (0, 500), g_test_rand_int_range (0, 90),
                              g_test_rand_int_range (0, 70), widths, 52, 7);
      check_bars (&layout);
      check_marks (&layout, widths);
      if (layout.has_lines)
        check_line (&layout, &made->input);
    }
  weftline_memory_layout_clear (&layout);
  g_free (made);
}

/* Of a moment the bars tell what the series say there, on the same scale at any moment. */
static void
test_moments (void)
{
  static const int widths[WEFTLINE_N_MARKS] = { 34, 26, 33, 25 };
  Made *made = g_new0 (Made, 1);
  WeftlineMemoryLayout layout;

  weftline_memory_layout_init (&layout);
  for (int i = 0; i < 300; i++)
    {
      WeftlineMemoryInput *input;

      make (made);
      input = &made->input;
      input->has_moment = true;
      input->moment_ns = (int64_t) g_test_rand_double_range (0, (double) input->end_ns + 1);
      weftline_memory_layout (&layout, input, 400, 300, 90, 70, widths, 52, 7);
      check_bars (&layout);
      g_assert_cmpuint (layout.managed, ==, weftline_memory_at (&input->managed, input->moment_ns));
      g_assert_cmpuint (layout.spilled, ==, weftline_memory_at (&input->spilled, input->moment_ns));
      g_assert_cmpuint (layout.process, ==,
                        weftline_memory_at (&input->resident, input->moment_ns)
                            + weftline_memory_at (&input->children, input->moment_ns));
    }
  weftline_memory_layout_clear (&layout);
  g_free (made);
}

static void
test_levels (void)
{
  g_assert_cmpint (weftline_memory_level (100, 0), ==, WEFTLINE_MEMORY_FINE);
  g_assert_cmpint (weftline_memory_level (59, 100), ==, WEFTLINE_MEMORY_FINE);
  g_assert_cmpint (weftline_memory_level (60, 100), ==, WEFTLINE_MEMORY_SPILLING);
  g_assert_cmpint (weftline_memory_level (79, 100), ==, WEFTLINE_MEMORY_SPILLING);
  g_assert_cmpint (weftline_memory_level (80, 100), ==, WEFTLINE_MEMORY_PAUSING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-memory", "memory-layout", "random", test_random);
  test_add ("ui-memory", "memory-layout", "moments", test_moments);
  test_add ("ui-memory", "memory-layout", "levels", test_levels);
  return g_test_run ();
}
