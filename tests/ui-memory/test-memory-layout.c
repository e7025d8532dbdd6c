/* test-memory-layout.c: bars, thresholds and lines are where the numbers say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-layout.h"
#include "memory/memory-words.h"
#include "test-support.h"

#include <string.h>

#define MOST_POINTS 200
#define MOST_WORKERS 80
#define SMALL_HEIGHT 142 /* of the view in a window of 1366 × 768 */

typedef struct
{
  WeftModelPoint points[5][MOST_POINTS];
  WeftlineMemoryWorker workers[MOST_WORKERS];
  WeftlineMemoryInput input;
} Made;

static const WeftlineMemoryRoom room = { .before = 70,
                                         .behind = 60,
                                         .mark_widths = { 34, 26, 33, 25 },
                                         .caption = 220,
                                         .gutter = 52,
                                         .figure = 7 };

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
  made->input.workers = made->workers;
  made->input.n_workers = (uint32_t) g_test_rand_int_range (0, g_test_rand_bit () ? 5 : 80);
  for (uint32_t i = 0; i < made->input.n_workers; i++)
    made->workers[i] =
        (WeftlineMemoryWorker){ "worker", (uint64_t) g_test_rand_double_range (0, 1e9),
                                g_test_rand_bit () ? (uint64_t) g_test_rand_double_range (0, 2e9)
                                                   : 0 };
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

/* A column shows what was most while it lasts, and is bounded by that of its neighbours' ends.
 * Before it was measured, nothing took memory. */
static void
check_line (const WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input)
{
  double bottom = layout->plot_y + layout->plot_height;

  for (int x = 0; x < layout->plot_width; x++)
    {
      int64_t from = (int64_t) ((double) input->end_ns * x / layout->plot_width);
      int64_t to = (int64_t) ((double) input->end_ns * (x + 1) / layout->plot_width);
      double most = highest (&input->managed, from, to), y = layout->managed_line.y[x];

      g_assert_cmpint (y < 0, ==, input->managed.n == 0);
      if (input->managed.n == 0)
        continue;
      most = MAX (most, 0);
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

/* Rows of workers stand one below the other and above the rest; what they tell is in proportion,
 * and all of it fits. */
static void
check_workers (const WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input)
{
  int y = layout->has_caption ? WEFTLINE_MEMORY_TEXT : 0;

  g_assert_cmpuint (layout->n_workers, ==, input->n_workers);
  g_assert_cmpuint (layout->first_worker + layout->n_shown, <=, input->n_workers);
  for (uint32_t i = 0; i < layout->n_shown; i++)
    {
      const WeftlineMemoryWorkerBar *bar = &layout->worker_bars[i];
      const WeftlineMemoryWorker *worker = &input->workers[layout->first_worker + i];
      double unit = layout->bar_width / (double) layout->worker_full;

      g_assert_cmpuint (bar->worker, ==, layout->first_worker + i);
      g_assert_cmpint (bar->y, ==, y);
      y += WEFTLINE_MEMORY_WORKER;
      g_assert_cmpfloat_with_epsilon (bar->live, (double) worker->live * unit, 1e-6);
      g_assert_cmpfloat_with_epsilon (bar->spilled, (double) worker->spilled * unit, 1e-6);
      g_assert_cmpfloat (bar->live + bar->spilled, <=, layout->bar_width + 1e-6);
      g_assert_cmpuint (weftline_memory_worker_at (layout, 0, bar->y), ==,
                        layout->width > 0 ? bar->worker : WEFT_NONE);
    }
  y += input->n_workers > 0 ? WEFTLINE_MEMORY_SPLIT : 0;
  if (layout->n_bars > 0)
    g_assert_cmpint (layout->bars[0].y, ==, y);
  g_assert_cmpuint (weftline_memory_worker_at (layout, 0, y), ==, WEFT_NONE);
  g_assert_cmpint (layout->has_managed, ==, input->managed.n > 0);
  g_assert_cmpint (layout->n_bars > 0 && layout->bars[0].kind == WEFTLINE_MEMORY_RESULTS, ==,
                   layout->has_managed);
}

/* What is shown ends where the next begins, and all of it within the height, from a little one on.
 * Where not all workers are shown there is a line that says of how many. */
static void
check_height (const WeftlineMemoryLayout *layout)
{
  int end = layout->workers_y + (int) layout->n_shown * WEFTLINE_MEMORY_WORKER
            + (layout->n_workers > 0 ? WEFTLINE_MEMORY_SPLIT : 0);

  if (layout->n_bars > 0)
    end = layout->bars[layout->n_bars - 1].y + WEFTLINE_MEMORY_ROW;
  if (layout->n_bars == 1 && layout->has_names)
    end += WEFTLINE_MEMORY_MARKS;
  if (layout->as_text)
    {
      g_assert_cmpint (layout->text_y, ==, end);
      end += WEFTLINE_MEMORY_TEXT;
    }
  if (layout->height >= 3 * WEFTLINE_MEMORY_ROW)
    g_assert_cmpint (end, <=, layout->height);
  if (layout->height >= 3 * WEFTLINE_MEMORY_ROW && layout->n_shown < layout->n_workers)
    g_assert_true (layout->has_caption && layout->n_shown > 0);
  if (!layout->has_lines)
    return;
  g_assert_cmpint (layout->plot_y, ==, end + WEFTLINE_MEMORY_GAP);
  g_assert_cmpint (layout->plot_height, >=, WEFTLINE_MEMORY_LEAST);
  g_assert_cmpint (layout->plot_y + layout->plot_height + WEFTLINE_MEMORY_AXIS, ==, layout->height);
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

/* Time goes to the right in any case; only the side of the bytes' labels changes. */
static void
check_time (const WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input,
            const WeftlineMemoryRoom *some)
{
  int64_t before = -1;

  g_assert_cmpint (layout->plot_x, ==, some->rtl ? 0 : some->gutter);
  g_assert_cmpint (layout->plot_x + layout->plot_width + (some->rtl ? some->gutter : 0), ==,
                   layout->width);
  for (int x = 0; x < layout->plot_width; x++)
    {
      int64_t at_ns =
          weftline_memory_time_at (layout, input, layout->plot_x + x, layout->plot_y + 1);

      g_assert_cmpint (at_ns, >=, before);
      before = at_ns;
    }
}

static void
test_random (void)
{
  Made *made = g_new0 (Made, 1);
  WeftlineMemoryRoom some = room;
  WeftlineMemoryLayout layout;

  weftline_memory_layout_init (&layout);
  for (int i = 0; i < 1000; i++)
    {
      make (made);
      some.before = g_test_rand_int_range (0, 90);
      some.behind = g_test_rand_int_range (0, 70);
      some.rtl = g_test_rand_bit ();
      weftline_memory_layout (&layout, &made->input, &some, g_test_rand_int_range (0, 700),
                              g_test_rand_int_range (0, 500),
                              (uint32_t) g_test_rand_int_range (0, 100));
      check_bars (&layout);
      check_workers (&layout, &made->input);
      check_height (&layout);
      check_marks (&layout, some.mark_widths);
      if (!layout.has_lines)
        continue;
      check_line (&layout, &made->input);
      check_time (&layout, &made->input, &some);
    }
  weftline_memory_layout_clear (&layout);
  g_free (made);
}

/* Of a moment the bars tell what the series say there, on the same scale at any moment. */
static void
test_moments (void)
{
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
      weftline_memory_layout (&layout, input, &room, 400, 300, 0);
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

/* A card of a window of 1280 × 800 or 1366 × 768 has the lines over time, with two workers and a
 * limit, and what is on disk; with many workers too, some of which are then out of view. */
static void
test_small_windows (void)
{
  Made *made = g_new0 (Made, 1);
  WeftlineMemoryLayout layout;

  weftline_memory_layout_init (&layout);
  for (uint32_t n = 1; n < MOST_WORKERS; n++)
    {
      do
        make (made);
      while (made->input.managed.n == 0 || made->input.end_ns == 0);
      made->input.n_workers = n;
      weftline_memory_layout (&layout, &made->input, &room, 218, SMALL_HEIGHT, 0);
      g_assert_true (layout.has_lines);
      g_assert_cmpuint (layout.n_shown, >=, MIN (n, 1));
      g_assert_true (n > 2 || layout.n_shown == n);
      check_height (&layout);
    }
  weftline_memory_layout_clear (&layout);
  g_free (made);
}

/* Workers can be scrolled until the last is seen. */
static void
test_scrolling (void)
{
  Made *made = g_new0 (Made, 1);
  WeftlineMemoryLayout layout;

  weftline_memory_layout_init (&layout);
  for (uint32_t scroll = 0; scroll < 100; scroll++)
    {
      make (made);
      made->input.n_workers = 64;
      weftline_memory_layout (&layout, &made->input, &room, 300, 240, scroll);
      g_assert_cmpuint (layout.n_shown, <, 64);
      g_assert_cmpuint (layout.first_worker, ==, MIN (scroll, 64 - layout.n_shown));
      check_workers (&layout, &made->input);
    }
  weftline_memory_layout_clear (&layout);
  g_free (made);
}

/* Red is a worker only while it is paused, which all are together; above its share it is orange. */
static void
test_worker_levels (void)
{
  WeftModelPoint managed = { 0, 0 }, limit = { 0, 1000 };
  WeftlineMemoryWorker workers[] = { { "worker 0", 450, 0 }, { "worker 1", 10, 0 } };
  WeftlineMemoryInput input = { .managed = { &managed, 1 },
                                .limit = { &limit, 1 },
                                .end_ns = 1000,
                                .workers = workers,
                                .n_workers = 2 };
  WeftlineMemoryLayout layout;

  weftline_memory_layout_init (&layout);
  for (unsigned bytes = 0; bytes <= 1000; bytes += 10)
    {
      bool is_paused = bytes >= 800;

      managed.value = bytes;
      weftline_memory_layout (&layout, &input, &room, 400, 500, 0);
      g_assert_cmpuint (layout.n_shown, ==, 2);
      g_assert_cmpint (layout.worker_bars[0].level, ==,
                       is_paused ? WEFTLINE_MEMORY_PAUSING : WEFTLINE_MEMORY_SPILLING);
      g_assert_cmpint (layout.worker_bars[1].level, ==,
                       is_paused ? WEFTLINE_MEMORY_PAUSING : WEFTLINE_MEMORY_FINE);
    }
  weftline_memory_layout_clear (&layout);
}

/* What results take was not measured: that is said, and no amount. */
static void
test_not_known (void)
{
  WeftModelPoint resident = { 0, 5e6 }, limit = { 0, 1e9 };
  WeftlineMemoryWorker worker = { .name = "worker 0", .live = 1000 };
  WeftlineMemoryInput input = { .resident = { &resident, 1 },
                                .limit = { &limit, 1 },
                                .end_ns = 1000,
                                .workers = &worker,
                                .n_workers = 1 };
  WeftlineMemoryLayout layout;
  g_autofree char *figures = NULL;
  g_autofree char *summary = NULL;
  g_autofree char *at = NULL;

  weftline_memory_layout_init (&layout);
  weftline_memory_layout (&layout, &input, &room, 400, 500, 0);
  g_assert_cmpuint (layout.n_bars, ==, 1);
  g_assert_cmpint (layout.bars[0].kind, ==, WEFTLINE_MEMORY_PROCESS);
  g_assert_false (layout.has_names);
  figures = weftline_memory_figures (&layout);
  g_assert_cmpstr (figures, ==, "process\302\2405.00\302\240MB");
  summary = weftline_memory_summary (&layout);
  g_assert_cmpstr (summary, ==, "process 5.00\302\240MB, managed: not known");
  g_assert_null (weftline_memory_unmanaged (&layout));
  at = weftline_memory_text_at (&input, 500);
  g_assert_null (strstr (at, "managed"));
  weftline_memory_layout_clear (&layout);
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
  test_add ("ui-memory", "memory-layout", "small-windows", test_small_windows);
  test_add ("ui-memory", "memory-layout", "scrolling", test_scrolling);
  test_add ("ui-memory", "memory-layout", "not-known", test_not_known);
  test_add ("ui-memory", "memory-layout", "levels", test_levels);
  test_add ("ui-memory", "memory-layout", "worker-levels", test_worker_levels);
  return g_test_run ();
}
