/* memory-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-paint.h"

#include "canvas/reading.h"
#include "canvas/state-form.h"
#include "memory/memory-words.h"
#include "memory/plot-paint.h"

#include <glib/gi18n.h>
#include <string.h>

#define PAD 8
#define SAMPLE 12 /* of how it is drawn over time, before a bar's name */

static uint32_t
level_color (const WeftlinePalette *palette, WeftlineMemoryLevel level)
{
  switch (level)
    {
    case WEFTLINE_MEMORY_PAUSING:
      return palette->transfer; /* red */
    case WEFTLINE_MEMORY_SPILLING:
      return palette->slots[1]; /* orange */
    case WEFTLINE_MEMORY_FINE:
    default:
      return palette->slots[0]; /* blue */
    }
}

static double
turn (const WeftlineMemoryPaint *paint, double x, double width)
{
  return weftline_turn (paint->rtl, paint->layout->width, x, width);
}

static void
fill (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

static int
width_of (WeftlineTextCache *cache, const char *text)
{
  int width, height;

  weftline_text_size (cache, text, WEFTLINE_TEXT_SMALL, &width, &height);
  return width;
}

static void
show (const WeftlineMemoryPaint *paint, cairo_t *cr, const char *text, double x, double y, int line)
{
  int height = weftline_text_height (paint->text, WEFTLINE_TEXT_SMALL);

  weftline_text_show (paint->text, cr, text, WEFTLINE_TEXT_SMALL,
                      turn (paint, x, width_of (paint->text, text)), y + (line - height) / 2);
}

/* Of what is drawn as a line. */
static void
set_line (cairo_t *cr, const WeftlinePalette *palette, WeftlineMemoryBarKind kind)
{
  const double dashes[] = { 3, 3 };

  weftline_set_color (cr, kind == WEFTLINE_MEMORY_DISK ? palette->spill : palette->dim, 1);
  cairo_set_line_width (cr, 1.5);
  if (kind == WEFTLINE_MEMORY_DISK)
    cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
}

/* ---- bars ------------------------------------------------------------------------------------ */

static void
paint_track (const WeftlineMemoryPaint *paint, cairo_t *cr, double y)
{
  const WeftlineMemoryLayout *layout = paint->layout;

  weftline_set_color (cr, paint->palette->track, 1);
  fill (cr, turn (paint, layout->bar_x, layout->bar_width), y, layout->bar_width,
        WEFTLINE_MEMORY_BAR);
}

static void
paint_spilled (const WeftlineMemoryPaint *paint, cairo_t *cr, double x, double y, double width)
{
  double left = turn (paint, x, width);

  weftline_set_color (cr, weftline_blend (paint->palette->track, paint->palette->spill, 90), 1);
  fill (cr, left, y, width, WEFTLINE_MEMORY_BAR);
  weftline_set_color (cr, paint->palette->spill, 1);
  weftline_hatch_draw (cr, left, y, width, WEFTLINE_MEMORY_BAR);
}

static void
paint_filling (const WeftlineMemoryPaint *paint, cairo_t *cr, const WeftlineMemoryBar *bar,
               double y)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  uint32_t color = level_color (paint->palette, layout->level);
  double x = layout->bar_x;

  if (bar->kind == WEFTLINE_MEMORY_DISK)
    {
      paint_spilled (paint, cr, x, y, bar->width);
      return;
    }
  weftline_set_color (cr, weftline_blend (paint->palette->track, color, 120), 1);
  fill (cr, turn (paint, x, bar->width), y, bar->width, WEFTLINE_MEMORY_BAR);
  weftline_set_color (cr, color, 1);
  fill (cr, turn (paint, x, bar->inner), y, bar->inner, WEFTLINE_MEMORY_BAR);
}

/* How what a bar or a text tells is drawn over time. */
static void
paint_sample (const WeftlineMemoryPaint *paint, cairo_t *cr, WeftlineMemoryBarKind kind, double x,
              double y)
{
  x = turn (paint, x, SAMPLE);
  if (kind == WEFTLINE_MEMORY_RESULTS)
    {
      weftline_set_color (cr, paint->palette->slots[0], 1);
      fill (cr, x, y - SAMPLE / 2, SAMPLE, SAMPLE);
      return;
    }
  cairo_save (cr);
  set_line (cr, paint->palette, kind);
  cairo_move_to (cr, x, y + 0.5);
  cairo_line_to (cr, x + SAMPLE, y + 0.5);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
paint_bar (const WeftlineMemoryPaint *paint, cairo_t *cr, const WeftlineMemoryBar *bar)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  g_autofree char *bytes = weftline_format_bytes (bar->bytes, WEFTLINE_BYTES_DECIMAL);
  int before = layout->has_lines ? SAMPLE + PAD : 0; /* what is drawn over time, if it is */
  g_autofree char *name = weftline_text_fit (paint->text, weftline_memory_bar_name (bar->kind),
                                             WEFTLINE_TEXT_SMALL, layout->bar_x - before - PAD);
  double y = bar->y + (WEFTLINE_MEMORY_ROW - WEFTLINE_MEMORY_BAR) / 2;

  paint_track (paint, cr, y);
  paint_filling (paint, cr, bar, y);
  if (layout->has_lines)
    paint_sample (paint, cr, bar->kind, 0, bar->y + WEFTLINE_MEMORY_ROW / 2);
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, name, before, bar->y, WEFTLINE_MEMORY_ROW);
  weftline_set_color (cr, paint->palette->text, 1);
  show (paint, cr, bytes, layout->width - width_of (paint->text, bytes), bar->y,
        WEFTLINE_MEMORY_ROW);
}

/* ---- workers --------------------------------------------------------------------------------- */

static void
paint_worker (const WeftlineMemoryPaint *paint, cairo_t *cr, const WeftlineMemoryWorkerBar *bar)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  const WeftlineMemoryWorker *worker = &paint->input->workers[bar->worker];
  g_autofree char *bytes = weftline_format_bytes (worker->live, WEFTLINE_BYTES_DECIMAL);
  int before = worker->gone ? WEFTLINE_GONE_ROOM : 0;
  int room = layout->bar_x - PAD - before;
  bool fits = weftline_text_width (paint->text, worker->name, WEFTLINE_TEXT_SMALL) <= room;
  g_autofree char *name = weftline_text_fit_middle (
      paint->text, fits || worker->short_name == NULL ? worker->name : worker->short_name,
      WEFTLINE_TEXT_SMALL, room);
  double y = bar->y + (WEFTLINE_MEMORY_WORKER - WEFTLINE_MEMORY_BAR) / 2;

  paint_track (paint, cr, y);
  weftline_set_color (cr, level_color (paint->palette, bar->level), 1);
  fill (cr, turn (paint, layout->bar_x, bar->live), y, bar->live, WEFTLINE_MEMORY_BAR);
  if (bar->spilled > 0)
    paint_spilled (paint, cr, layout->bar_x + bar->live, y, bar->spilled);
  if (worker->gone)
    weftline_gone_form_draw (cr, paint->palette, turn (paint, 0, WEFTLINE_GONE_FORM),
                             bar->y + (WEFTLINE_MEMORY_WORKER - WEFTLINE_GONE_FORM) / 2);
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, name, before, bar->y, WEFTLINE_MEMORY_WORKER);
  weftline_set_color (cr, paint->palette->text, 1);
  show (paint, cr, bytes, layout->width - width_of (paint->text, bytes), bar->y,
        WEFTLINE_MEMORY_WORKER);
}

/* What the bars are, and how many of them are seen if not all. */
static void
paint_caption (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  g_autofree char *count = weftline_memory_count (layout);
  int count_width = count != NULL ? width_of (paint->text, count) : 0;
  int room = layout->width - count_width - (count != NULL ? 2 * PAD : 0);
  const char *words = weftline_memory_caption (paint->input);

  weftline_set_color (cr, paint->palette->dim, 1);
  if (count != NULL)
    show (paint, cr, count, layout->width - count_width, 0, WEFTLINE_MEMORY_TEXT);
  if (width_of (paint->text, words) <= room)
    show (paint, cr, words, 0, 0, WEFTLINE_MEMORY_TEXT);
}

static void
paint_workers (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;

  if (layout->has_caption)
    paint_caption (paint, cr);
  for (uint32_t i = 0; i < layout->n_shown; i++)
    paint_worker (paint, cr, &layout->worker_bars[i]);
}

/* ---- what else there is ---------------------------------------------------------------------- */

/* Returns: where the next may begin; x: nothing is known of it, or there was no room */
static double
paint_total (const WeftlineMemoryPaint *paint, cairo_t *cr, WeftlineMemoryBarKind kind, bool brief,
             double x)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  g_autofree char *text = weftline_memory_total (layout, kind, brief);
  int width = text != NULL ? width_of (paint->text, text) : 0;
  double from = x + SAMPLE + PAD / 2;

  if (text == NULL || from + width > layout->width)
    return x;
  paint_sample (paint, cr, kind, x, layout->text_y + WEFTLINE_MEMORY_TEXT / 2);
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, text, from, layout->text_y, WEFTLINE_MEMORY_TEXT);
  return from + width + PAD;
}

/* What the process takes of its own goes first where there is no room, then what is on disk. */
static void
paint_totals (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  g_autofree char *unmanaged = weftline_memory_unmanaged (layout);
  double x = paint_total (paint, cr, WEFTLINE_MEMORY_PROCESS, false, 0), next;

  next = paint_total (paint, cr, WEFTLINE_MEMORY_DISK, false, x);
  if (next <= x)
    next = paint_total (paint, cr, WEFTLINE_MEMORY_DISK, true, x);
  if (unmanaged == NULL || next + width_of (paint->text, unmanaged) > layout->width)
    return;
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, unmanaged, next, layout->text_y, WEFTLINE_MEMORY_TEXT);
}

/* ---- thresholds ------------------------------------------------------------------------------ */

static double
turn_mark (const WeftlineMemoryPaint *paint, double x)
{
  const WeftlineMemoryLayout *layout = paint->layout;

  return turn (paint, MIN (x, layout->bar_x + layout->bar_width - 1), 1);
}

/* They are of the results: their bars. */
static void
paint_marks (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  double pool_y = layout->bars[0].y;

  if (layout->limit == 0 || !layout->has_managed)
    return;
  for (unsigned i = 0; i < WEFTLINE_N_MARKS; i++)
    {
      const WeftlineMemoryMark *mark = &layout->marks[i];
      double x = turn_mark (paint, mark->x), worker_x = turn_mark (paint, layout->worker_marks[i]);

      weftline_set_color (cr, paint->palette->dim, 1);
      weftline_plot_dashes (cr, x, pool_y + 1, x, layout->marks_y + 1);
      if (layout->n_shown > 0)
        weftline_plot_dashes (cr, worker_x, layout->workers_y + 1, worker_x,
                              layout->workers_y + (int) layout->n_shown * WEFTLINE_MEMORY_WORKER);
      if (layout->has_names && mark->shown)
        show (paint, cr, weftline_memory_mark_name (i), mark->name_x, layout->marks_y,
              WEFTLINE_MEMORY_MARKS);
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void
trace_line (const WeftlineMemoryLayout *layout, cairo_t *cr, const double *y)
{
  bool drawing = false;

  for (int x = 0; x < layout->plot_width; x++)
    {
      if (y[x] >= 0 && drawing)
        cairo_line_to (cr, layout->plot_x + x, y[x]);
      else if (y[x] >= 0)
        cairo_move_to (cr, layout->plot_x + x, y[x]);
      if (y[x] >= 0)
        cairo_line_to (cr, layout->plot_x + x + 1, y[x]);
      drawing = y[x] >= 0;
    }
}

static void
paint_area (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  const double *y = layout->managed_line.y;
  double bottom = layout->plot_y + layout->plot_height;
  uint32_t color = level_color (paint->palette, WEFTLINE_MEMORY_FINE);

  weftline_set_color (cr, weftline_blend (paint->palette->card, color, 130), 1);
  for (int x = 0; x < layout->plot_width; x++)
    if (y[x] >= 0)
      cairo_rectangle (cr, layout->plot_x + x, y[x], 1, bottom - y[x]);
  cairo_fill (cr);
  weftline_set_color (cr, color, 1);
  cairo_set_line_width (cr, 1.5);
  trace_line (layout, cr, y);
  cairo_stroke (cr);
}

static void
paint_line (const WeftlineMemoryPaint *paint, cairo_t *cr, const double *y,
            WeftlineMemoryBarKind kind)
{
  cairo_save (cr);
  set_line (cr, paint->palette, kind);
  trace_line (paint->layout, cr, y);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
paint_moment (const WeftlineMemoryPaint *paint, cairo_t *cr, int64_t at_ns, uint32_t color)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  double share = (double) at_ns / (double) paint->input->end_ns;

  if (at_ns < 0 || share > 1)
    return;
  weftline_set_color (cr, color, 0.8);
  fill (cr, layout->plot_x + (int) (share * layout->plot_width), layout->plot_y, 1,
        layout->plot_height);
}

/* Where results begin to be spilled. */
static void
paint_limit (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;
  uint64_t bytes = layout->marks[WEFTLINE_MARK_SPILL].bytes;
  double y = layout->plot_y + layout->plot_height
             - weftline_bytes_y (&layout->bytes, bytes, layout->plot_height);

  if (layout->limit == 0 || bytes > layout->bytes.top)
    return;
  weftline_set_color (cr, paint->palette->dim, 1);
  weftline_plot_dashes (cr, layout->plot_x, y, layout->plot_x + layout->plot_width, y);
  weftline_plot_label (paint->text, cr, weftline_memory_mark_name (WEFTLINE_MARK_SPILL), paint->rtl,
                       layout->plot_x, y, layout->plot_width, paint->palette->dim,
                       paint->palette->card);
}

static void
paint_lines (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;

  if (!layout->has_lines)
    return;
  weftline_plot_grid (paint->text, cr, paint->palette, &layout->bytes, &layout->time, paint->rtl,
                      layout->plot_x, layout->plot_y, layout->plot_width, layout->plot_height);
  paint_area (paint, cr);
  paint_limit (paint, cr);
  paint_line (paint, cr, layout->process_line.y, WEFTLINE_MEMORY_PROCESS);
  paint_line (paint, cr, layout->spilled_line.y, WEFTLINE_MEMORY_DISK);
  paint_moment (paint, cr, paint->hover_ns, paint->palette->text);
  if (paint->time_ns != INT64_MAX)
    paint_moment (paint, cr, paint->time_ns, paint->palette->accent);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* (nullable): what is longest is taken for widest */
static const char *
longest_name (const WeftlineMemoryInput *input)
{
  const char *longest = NULL;
  size_t most = 0;

  for (uint32_t i = 0; i < input->n_workers; i++)
    if (strlen (input->workers[i].name) > most)
      {
        longest = input->workers[i].name;
        most = strlen (longest);
      }
  return longest;
}

void
weftline_memory_measure (WeftlineTextCache *text, const WeftlineMemoryInput *input, int width,
                         bool rtl, WeftlineMemoryRoom *room)
{
  const char *worker = longest_name (input);

  room->before = worker != NULL ? width_of (text, worker) + PAD : 0;
  for (unsigned i = 0; i < WEFTLINE_MEMORY_N_BARS; i++)
    room->before =
        MAX (room->before, SAMPLE + PAD + width_of (text, weftline_memory_bar_name (i)) + PAD);
  room->before = MIN (room->before, width * 9 / 20);
  room->behind = width_of (text, "99.9" WEFTLINE_NO_BREAK_SPACE "MB") + PAD;
  for (unsigned i = 0; i < WEFTLINE_N_MARKS; i++)
    room->mark_widths[i] = width_of (text, weftline_memory_mark_name (i));
  room->caption = width_of (text, weftline_memory_caption (input));
  room->gutter = weftline_plot_gutter (text, 0);
  room->figure = width_of (text, "0");
  room->rtl = rtl;
}

void
weftline_memory_paint (const WeftlineMemoryPaint *paint, cairo_t *cr)
{
  const WeftlineMemoryLayout *layout = paint->layout;

  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, 0, 0, layout->width, layout->height);
  if (!layout->has_any)
    {
      weftline_plot_empty (paint->text, cr, paint->palette, layout->width, layout->height,
                           _ ("Nothing was measured yet"),
                           _ ("Results in memory and on disk, and the process"));
      return;
    }
  paint_workers (paint, cr);
  for (unsigned i = 0; i < layout->n_bars; i++)
    paint_bar (paint, cr, &layout->bars[i]);
  if (layout->as_text)
    paint_totals (paint, cr);
  paint_marks (paint, cr);
  paint_lines (paint, cr);
}
