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
  g_clear_pointer (&layout->worker_bars, g_free);
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
find_figures (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input)
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
  layout->has_managed = input->managed.n > 0;
  layout->has_process = input->resident.n > 0;
  layout->has_spilled = most_of (&input->spilled) > 0;
  layout->has_any = layout->has_managed || layout->has_process;
  layout->full = MAX (MAX (layout->limit, most_of (&input->managed)), most_process);
}

static void
add_bar (WeftlineMemoryLayout *layout, WeftlineMemoryBarKind kind, int y, uint64_t bytes,
         uint64_t inner, uint64_t full)
{
  layout->bars[layout->n_bars++] =
      (WeftlineMemoryBar){ .kind = kind,
                           .bytes = bytes,
                           .y = y,
                           .width = bar_length (layout, bytes, full),
                           .inner = bar_length (layout, MIN (inner, bytes), full) };
}

/* Returns: where what comes below begins */
static int
place_bars (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input, int y)
{
  layout->n_bars = 0;
  if (layout->has_managed)
    {
      add_bar (layout, WEFTLINE_MEMORY_RESULTS, y, layout->managed, layout->managed, layout->full);
      y += WEFTLINE_MEMORY_ROW;
    }
  layout->marks_y = y;
  y += layout->has_names ? WEFTLINE_MEMORY_MARKS : 0;
  layout->text_y = y;
  if (!layout->as_bars)
    return y + (layout->as_text ? WEFTLINE_MEMORY_TEXT : 0);
  if (layout->has_spilled)
    {
      add_bar (layout, WEFTLINE_MEMORY_DISK, y, layout->spilled, layout->spilled,
               most_of (&input->spilled));
      y += WEFTLINE_MEMORY_ROW;
    }
  if (layout->has_process)
    {
      add_bar (layout, WEFTLINE_MEMORY_PROCESS, y, layout->process, layout->managed, layout->full);
      y += WEFTLINE_MEMORY_ROW;
    }
  return y;
}

/* ---- workers --------------------------------------------------------------------------------- */

static uint64_t
even_share (uint64_t bytes, uint32_t n_workers)
{
  return bytes / MAX (n_workers, 1);
}

/* An even share of the pool, doubled until what each has fits. Without a limit the pool is as large
 * as it ever was, as a process takes much that no result does. */
static void
find_worker_full (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input)
{
  uint64_t most = 0;

  layout->n_sharing = 0;
  for (uint32_t i = 0; i < input->n_workers; i++)
    {
      most = MAX (most, input->workers[i].live + input->workers[i].spilled);
      layout->n_sharing += !input->workers[i].gone;
    }
  layout->worker_full = MAX (
      even_share (layout->limit > 0 ? layout->full : most_of (&input->managed), layout->n_sharing),
      1);
  while (layout->worker_full < most)
    layout->worker_full *= 2;
}

/* A worker with more than its share makes results go to disk; but they pause together, once the
 * pool is as full as that. */
static WeftlineMemoryLevel
worker_level (const WeftlineMemoryLayout *layout, uint64_t live)
{
  WeftlineMemoryLevel level =
      weftline_memory_level (live, even_share (layout->limit, layout->n_sharing));

  if (layout->level == WEFTLINE_MEMORY_PAUSING)
    return layout->level;
  return MIN (level, WEFTLINE_MEMORY_SPILLING);
}

static void
place_workers (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input, uint32_t scroll)
{
  layout->first_worker = MIN (scroll, layout->n_workers - layout->n_shown);
  layout->workers_y = layout->has_caption ? WEFTLINE_MEMORY_TEXT : 0;
  layout->worker_bars =
      g_renew (WeftlineMemoryWorkerBar, layout->worker_bars, MAX (layout->n_shown, 1));
  for (uint32_t i = 0; i < layout->n_shown; i++)
    {
      const WeftlineMemoryWorker *worker = &input->workers[layout->first_worker + i];
      double live = bar_length (layout, worker->live, layout->worker_full);
      double all = bar_length (layout, worker->live + worker->spilled, layout->worker_full);

      layout->worker_bars[i] = (WeftlineMemoryWorkerBar){
        .worker = layout->first_worker + i,
        .y = layout->workers_y + (int) i * WEFTLINE_MEMORY_WORKER,
        .live = live,
        .spilled = all - live,
        .level = worker_level (layout, worker->live),
      };
    }
}

uint32_t
weftline_memory_worker_at (const WeftlineMemoryLayout *layout, double x, double y)
{
  double row = (y - layout->workers_y) / WEFTLINE_MEMORY_WORKER;

  if (x < 0 || x >= layout->width || row < 0 || row >= layout->n_shown)
    return WEFT_NONE;
  return layout->first_worker + (uint32_t) row;
}

/* ---- who gets the height --------------------------------------------------------------------- */

/* From what is told most fully to what takes least. */
typedef enum
{
  IN_BARS,
  IN_TEXT,
  WITHOUT_NAMES,
  BARE, /* the pool's bar alone: lines over time would be without their legend */
  N_MODES,
} Mode;

#define LINES_LEAST (WEFTLINE_MEMORY_GAP + WEFTLINE_MEMORY_LEAST + WEFTLINE_MEMORY_AXIS)
#define MOST_FEW 3
#define LEAST_FEW 2
#define ROOMY (14 * WEFTLINE_MEMORY_ROW) /* from here on bars are not given up for workers */

static int
split_of (const WeftlineMemoryLayout *layout)
{
  return layout->n_workers > 0 ? WEFTLINE_MEMORY_SPLIT : 0;
}

/* Thresholds are of the results' bar. */
static bool
has_marks (const WeftlineMemoryLayout *layout)
{
  return layout->limit > 0 && layout->has_managed;
}

/* What stands below the workers and above the lines. */
static int
height_of_bars (const WeftlineMemoryLayout *layout, Mode mode)
{
  int n_more = layout->has_process + layout->has_spilled;
  int names = has_marks (layout) && mode < WITHOUT_NAMES ? WEFTLINE_MEMORY_MARKS : 0;
  int more = n_more * WEFTLINE_MEMORY_ROW, pool = layout->has_managed ? WEFTLINE_MEMORY_ROW : 0;

  if (mode > IN_BARS)
    more = mode < BARE && n_more > 0 ? WEFTLINE_MEMORY_TEXT : 0;
  return split_of (layout) + pool + names + more;
}

/* What of the workers is shown at least. @few: if they are many: one of the rows may be the line
 * that says so */
static int
least_workers (const WeftlineMemoryLayout *layout, Mode mode, uint32_t few)
{
  uint32_t n = mode == IN_BARS && layout->height < ROOMY ? layout->n_workers : few;

  return (int) MIN (MIN (layout->n_workers, n), G_MAXINT16) * WEFTLINE_MEMORY_WORKER;
}

static bool
find_mode (const WeftlineMemoryLayout *layout, int lines, Mode *mode, int *least)
{
  for (uint32_t few = MOST_FEW; few >= LEAST_FEW; few--)
    for (*mode = IN_BARS; *mode < (lines > 0 ? BARE : N_MODES); (*mode)++)
      {
        *least = least_workers (layout, *mode, few);
        if (height_of_bars (layout, *mode) + *least + lines <= layout->height)
          return true;
      }
  *mode = BARE;
  return false;
}

/* If not all have room, a line says so; else it says what they are, if it fits and takes nothing
 * from anybody. @room: for workers, @most: with what others can do without */
static void
divide_workers (WeftlineMemoryLayout *layout, int room, int most, int caption)
{
  int all = (int) MIN (layout->n_workers, G_MAXINT16) * WEFTLINE_MEMORY_WORKER;
  bool too_many = all > room;

  layout->has_caption = too_many ? room >= WEFTLINE_MEMORY_TEXT
                                 : layout->n_workers > 0 && caption <= layout->width
                                       && all + 3 * WEFTLINE_MEMORY_TEXT <= most;
  if (too_many && layout->has_caption)
    room -= WEFTLINE_MEMORY_TEXT;
  layout->n_shown = MIN (layout->n_workers, (uint32_t) (MAX (room, 0) / WEFTLINE_MEMORY_WORKER));
}

static void
divide_height (WeftlineMemoryLayout *layout, bool wants_lines, int caption)
{
  int lines = wants_lines ? LINES_LEAST : 0, least, rest, room;
  Mode mode;

  layout->has_lines = wants_lines && find_mode (layout, lines, &mode, &least);
  if (!layout->has_lines)
    {
      lines = 0;
      find_mode (layout, lines, &mode, &least);
    }
  layout->as_bars = mode == IN_BARS;
  layout->as_text = mode > IN_BARS && mode < BARE && (layout->has_process || layout->has_spilled);
  layout->has_names = has_marks (layout) && mode < WITHOUT_NAMES;
  rest = MAX (layout->height - height_of_bars (layout, mode) - lines, 0);
  room = rest;
  if (layout->has_lines) /* which grow, too */
    room -= MAX (rest - least, 0) / 3;
  divide_workers (layout, room, rest, caption);
}

/* ---- thresholds ------------------------------------------------------------------------------ */

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

  for (unsigned i = 0; i < WEFTLINE_N_MARKS; i++)
    {
      uint64_t bytes = (uint64_t) (shares[i] * (double) layout->limit);

      layout->worker_marks[i] =
          layout->bar_x
          + bar_length (layout, even_share (bytes, layout->n_sharing), layout->worker_full);
      layout->marks[i].bytes = bytes;
      layout->marks[i].x =
          layout->bar_x + bar_length (layout, layout->marks[i].bytes, layout->full);
    }
  place_names (layout, widths);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* The highest value of a and b together while each column lasts. @before: what a was before it was
 * first measured; negative: not known */
static WeftlineMemoryLine
make_line (const WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input,
           const WeftlineMemorySeries *a, const WeftlineMemorySeries *b, double before)
{
  int n = layout->plot_width;
  WeftlineMemoryLine line = { g_new (double, MAX (n, 1)) };
  uint64_t i = 0;

  for (int x = 0; x < n; x++)
    {
      int64_t from = (int64_t) ((double) input->end_ns * x / n);
      int64_t to = (int64_t) ((double) input->end_ns * (x + 1) / n);
      double most = i > 0 ? a->points[i - 1].value : a->n > 0 ? before : -1;

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
place_lines (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input, int top,
             const WeftlineMemoryRoom *room)
{
  static const WeftlineMemorySeries none = { NULL, 0 };
  uint64_t most = MAX (MAX (most_of (&input->managed), most_of (&input->spilled)),
                       most_of (&input->resident) + most_of (&input->children));

  clear_lines (layout);
  layout->plot_x = room->rtl ? 0 : MIN (room->gutter, layout->width);
  layout->plot_y = top + WEFTLINE_MEMORY_GAP;
  layout->plot_width = MAX (layout->width - room->gutter, 0);
  layout->plot_height = layout->height - layout->plot_y - WEFTLINE_MEMORY_AXIS;
  if (!layout->has_lines)
    return;
  if (layout->limit <= 2 * most)
    most = MAX (most, layout->limit);
  weftline_bytes_scale (&layout->bytes, most, layout->plot_height, TICK_DISTANCE,
                        WEFTLINE_BYTES_DECIMAL);
  weftline_time_scale (&layout->time, 0, input->end_ns, layout->plot_width, room->figure,
                       input->clock.form, input->clock.wall_ns);
  layout->managed_line = make_line (layout, input, &input->managed, NULL, 0);
  layout->spilled_line =
      make_line (layout, input, most_of (&input->spilled) > 0 ? &input->spilled : &none, NULL, 0);
  layout->process_line = make_line (layout, input, &input->resident, &input->children, -1);
}

/* ---- all ------------------------------------------------------------------------------------- */

void
weftline_memory_layout (WeftlineMemoryLayout *layout, const WeftlineMemoryInput *input,
                        const WeftlineMemoryRoom *room, int width, int height, uint32_t scroll)
{
  int top;

  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  layout->bar_x = MIN (room->before, layout->width);
  layout->bar_width = MAX (layout->width - room->before - room->behind, 0);
  layout->n_workers = input->n_workers;
  find_figures (layout, input);
  find_worker_full (layout, input);
  divide_height (layout, layout->has_any && layout->width > room->gutter && input->end_ns > 0,
                 room->caption);
  place_workers (layout, input, scroll);
  top = layout->workers_y + (int) layout->n_shown * WEFTLINE_MEMORY_WORKER + split_of (layout);
  top = place_bars (layout, input, top);
  place_marks (layout, room->mark_widths);
  place_lines (layout, input, top, room);
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
