/* memory-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-layout.h"

#define TICK_DISTANCE 26
#define NAME_GAP 6
#define ASIDE 1.25 /* of its width, a name may begin before its mark */

void
weftline_memory_layout_init (WeftlineMemoryLayout *layout)
{
  *layout = (WeftlineMemoryLayout){ 0 };
}

static void
clear_lines (WeftlineMemoryLayout *layout)
{
  g_clear_pointer (&layout->managed_line.y, g_free);
  g_clear_pointer (&layout->spilled_line.y, g_free);
  g_clear_pointer (&layout->process_line.y, g_free);
}

void
weftline_memory_layout_clear (WeftlineMemoryLayout *layout)
{
  clear_lines (layout);
}

/* ---- series ---------------------------------------------------------------------------------- */

/* How many points are at the moment or before it. */
static uint64_t
count_until (const WeftlineMemorySeries *series, int64_t at_ns)
{
  uint64_t low = 0, high = series->n;

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      if (series->points[middle].at_ns <= at_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

uint64_t
weftline_memory_at (const WeftlineMemorySeries *series, int64_t at_ns)
{
  uint64_t n = count_until (series, at_ns);

  return n > 0 ? (uint64_t) MAX (series->points[n - 1].value, 0) : 0;
}

static uint64_t
most_of (const WeftlineMemorySeries *series)
{
  double most = 0;

  for (uint64_t i = 0; i < series->n; i++)
    most = MAX (most, series->points[i].value);
  return (uint64_t) most;
}

/* ---- bars ------------------------------------------------------------------------------------ */

WeftlineMemoryLevel
weftline_memory_level (uint64_t managed, uint64_t limit)
{
  double share = limit > 0 ? (double) managed / (double) limit : 0;

  if (share >= WEFTLINE_MEMORY_PAUSE)
    return WEFTLINE_MEMORY_PAUSING;
  return share >= WEFTLINE_MEMORY_TARGET ? WEFTLINE_MEMORY_SPILLING : WEFTLINE_MEMORY_FINE;
}

static double
bar_length (const WeftlineMemoryLayout *layout, uint64_t bytes, uint64_t full)
{
  return full > 0 ? layout->bar_width * (double) MIN (bytes, full) / (double) full : 0;
}

static void
add_bar (WeftlineMemoryLayout *layout, WeftlineMemoryBarKind kind, uint64_t bytes, uint64_t inner,
         uint64_t full)
{
  int below_marks = layout->limit > 0 && layout->n_bars > 0 ? WEFTLINE_MEMORY_MARKS : 0;
  int y = (int) layout->n_bars * WEFTLINE_MEMORY_ROW + below_marks;

  layout->bars[layout->n_bars++] =
      (WeftlineMemoryBar){ .kind = kind,
                           .bytes = bytes,
                           .y = y,
                           .width = bar_length (layout, bytes, full),
                           .inner = bar_length (layout, MIN (inner, bytes), full) };
}

static void
place_bars (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input)
{
  int64_t at_ns = input->has_moment ? input->moment_ns : INT64_MAX;
  uint64_t most_children =
      input->has_moment ? most_of (&input->children) : weftline_memory_at (&input->children, at_ns);
  uint64_t most_process = most_of (&input->resident) + most_children;

  layout->managed = weftline_memory_at (&input->managed, at_ns);
  layout->spilled = weftline_memory_at (&input->spilled, at_ns);
  layout->process =
      weftline_memory_at (&input->resident, at_ns) + weftline_memory_at (&input->children, at_ns);
  layout->limit = weftline_memory_at (&input->limit, at_ns);
  layout->unmanaged = layout->process - MIN (layout->process, layout->managed);
  layout->level = weftline_memory_level (layout->managed, layout->limit);
  layout->has_process = input->resident.n > 0;
  layout->has_any = input->managed.n > 0 || layout->has_process;
  layout->full = MAX (MAX (layout->limit, most_of (&input->managed)), most_process);
  layout->n_bars = 0;
  add_bar (layout, WEFTLINE_MEMORY_RESULTS, layout->managed, layout->managed, layout->full);
  if (most_of (&input->spilled) > 0)
    add_bar (layout, WEFTLINE_MEMORY_DISK, layout->spilled, layout->spilled,
             most_of (&input->spilled));
  if (layout->has_process)
    add_bar (layout, WEFTLINE_MEMORY_PROCESS, layout->process, layout->managed, layout->full);
}

/* Names stand below their marks, the limit's first; one that would run into another is left out,
 * its mark stays. */
static void
place_names (WeftlineMemoryLayout *layout, const int *widths)
{
  int free_until = layout->width;

  for (int i = WEFTLINE_N_MARKS - 1; i >= 0; i--)
    {
      WeftlineMemoryMark *mark = &layout->marks[i];

      mark->name_x = CLAMP ((int) mark->x - widths[i] / 2, 0, MAX (layout->width - widths[i], 0));
      mark->shown = mark->name_x + widths[i] <= free_until;
      if (!mark->shown)
        {
          mark->name_x = free_until - widths[i];
          mark->shown = mark->name_x >= 0 && mark->x - mark->name_x <= widths[i] * ASIDE;
        }
      if (mark->shown)
        free_until = mark->name_x - NAME_GAP;
    }
}

static void
place_marks (WeftlineMemoryLayout *layout, const int *widths)
{
  static const double shares[WEFTLINE_N_MARKS] = {
    [WEFTLINE_MARK_TARGET] = WEFTLINE_MEMORY_TARGET,
    [WEFTLINE_MARK_SPILL] = WEFTLINE_MEMORY_SPILL,
    [WEFTLINE_MARK_PAUSE] = WEFTLINE_MEMORY_PAUSE,
    [WEFTLINE_MARK_LIMIT] = 1,
  };

  layout->marks_y = WEFTLINE_MEMORY_ROW;
  for (unsigned i = 0; i < WEFTLINE_N_MARKS; i++)
    {
      layout->marks[i].bytes = (uint64_t) (shares[i] * (double) layout->limit);
      layout->marks[i].x =
          layout->bar_x + bar_length (layout, layout->marks[i].bytes, layout->full);
    }
  place_names (layout, widths);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* The highest value of a and b together while each column lasts. */
static WeftlineMemoryLine
make_line (const WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input,
           const WeftlineMemorySeries *a, const WeftlineMemorySeries *b)
{
  int n = layout->plot_width;
  WeftlineMemoryLine line = { g_new (double, MAX (n, 1)) };
  uint64_t i = 0;

  for (int x = 0; x < n; x++)
    {
      int64_t from = (int64_t) ((double) input->end_ns * x / n);
      int64_t to = (int64_t) ((double) input->end_ns * (x + 1) / n);
      double most = i > 0 ? a->points[i - 1].value : -1;

      for (; i < a->n && a->points[i].at_ns <= to; i++)
        most = MAX (most, a->points[i].value);
      line.y[x] = -1;
      if (most >= 0)
        line.y[x] =
            layout->plot_y + layout->plot_height
            - weftline_bytes_y (&layout->bytes,
                                (uint64_t) most + (b != NULL ? weftline_memory_at (b, from) : 0),
                                layout->plot_height);
    }
  return line;
}

static void
place_lines (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input, int gutter,
             double figure)
{
  static const WeftlineMemorySeries none = { NULL, 0 };
  uint64_t most = MAX (MAX (most_of (&input->managed), most_of (&input->spilled)),
                       most_of (&input->resident) + most_of (&input->children));
  int top = (int) layout->n_bars * WEFTLINE_MEMORY_ROW
            + (layout->limit > 0 ? WEFTLINE_MEMORY_MARKS : 0) + WEFTLINE_MEMORY_GAP;

  clear_lines (layout);
  layout->plot_x = MIN (gutter, layout->width);
  layout->plot_y = top;
  layout->plot_width = MAX (layout->width - gutter, 0);
  layout->plot_height = layout->height - top - WEFTLINE_MEMORY_AXIS;
  layout->has_lines = layout->has_any && layout->plot_height >= WEFTLINE_MEMORY_LEAST
                      && layout->plot_width > 0 && input->end_ns > 0;
  if (!layout->has_lines)
    return;
  if (layout->limit <= 2 * most)
    most = MAX (most, layout->limit);
  weftline_bytes_scale (&layout->bytes, most, layout->plot_height, TICK_DISTANCE,
                        WEFTLINE_BYTES_DECIMAL);
  weftline_time_scale (&layout->time, 0, input->end_ns, layout->plot_width, figure,
                       WEFTLINE_TIME_SINCE_START, 0);
  layout->managed_line = make_line (layout, input, &input->managed, NULL);
  layout->spilled_line =
      make_line (layout, input, most_of (&input->spilled) > 0 ? &input->spilled : &none, NULL);
  layout->process_line = make_line (layout, input, &input->resident, &input->children);
}

/* ---- all ------------------------------------------------------------------------------------- */

void
weftline_memory_layout (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input, int width,
                        int height, int before, int behind, const int *mark_widths, int gutter,
                        double figure)
{
  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  layout->bar_x = MIN (before, layout->width);
  layout->bar_width = MAX (layout->width - before - behind, 0);
  place_bars (layout, input);
  place_marks (layout, mark_widths);
  place_lines (layout, input, gutter, figure);
}

int64_t
weftline_memory_time_at (const WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input,
                         double x, double y)
{
  double share = (x - layout->plot_x) / MAX (layout->plot_width, 1);

  if (!layout->has_lines || share < 0 || share >= 1 || y < layout->plot_y
      || y >= layout->plot_y + layout->plot_height)
    return -1;
  return (int64_t) (share * (double) input->end_ns);
}
