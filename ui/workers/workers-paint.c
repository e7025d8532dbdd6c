/* workers-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "workers/workers-paint.h"

#include "canvas/number-format.h"
#include "canvas/reading.h"
#include "canvas/state-form.h"
#include "memory/memory-layout.h"
#include "resources/resource-layout.h"
#include "workers/workers-words.h"

#include <glib/gi18n.h>
#include <math.h>

#define FORM WEFTLINE_GONE_FORM
#define PAD 6
#define ARROW 7
#define ARROW_GAP 4
#define BAR 12
#define LINE_HEIGHT 16
#define NAME_MOST 280
#define NAME_LEAST 130
#define ENDED 0.95 /* of its limit: then a worker of Dask's is ended */

static double
turn (const WeftlineWorkersPaint *paint, double x, double width)
{
  return weftline_turn (paint->rtl, paint->layout->width, x, width);
}

static void
fill (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

/* In a line of that height; numbers at the end of their room. */
static void
show (const WeftlineWorkersPaint *paint, cairo_t *cr, const char *text, WeftlineTextStyle style,
      int x, int room, bool at_end, int y, int line)
{
  int width = weftline_text_width (paint->text, text, style);

  if (at_end)
    x += room - width;
  weftline_text_show (paint->text, cr, text, style, turn (paint, x, width),
                      y + (line - weftline_text_height (paint->text, style)) / 2);
}

static bool
is_number (WeftlineWorkersColumn column)
{
  return column > WEFTLINE_WORKERS_STATE;
}

/* ---- titles ---------------------------------------------------------------------------------- */

static void
paint_arrow (const WeftlineWorkersPaint *paint, cairo_t *cr, int x, int y)
{
  double left = turn (paint, x, ARROW), tip = paint->descending ? 5 : 0, base = 5 - tip;

  cairo_move_to (cr, left, y + base);
  cairo_line_to (cr, left + ARROW, y + base);
  cairo_line_to (cr, left + ARROW / 2.0, y + tip);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static const char *
title_text (WeftlineWorkersColumn column, bool is_short)
{
  return is_short ? weftline_workers_short_title (column) : weftline_workers_title (column);
}

static int
title_width (WeftlineTextCache *text, WeftlineWorkersColumn column, bool is_short, bool sorted)
{
  return weftline_text_width (text, title_text (column, is_short), WEFTLINE_TEXT_SMALL)
         + (sorted ? ARROW + ARROW_GAP : 0);
}

void
weftline_workers_title_extent (WeftlineTextCache *text, const WeftlineWorkersLayout *layout,
                               const WeftlineWorkersPlace *place, WeftlineWorkersColumn sort,
                               int *x, int *width)
{
  *width = title_width (text, place->column, layout->short_titles, place->column == sort);
  *x = is_number (place->column) ? place->x + place->width - *width : place->x;
}

/* The arrow is before a number's title, so that this stays above its figures. */
static void
paint_title (const WeftlineWorkersPaint *paint, cairo_t *cr, const WeftlineWorkersPlace *place)
{
  bool sorted = place->column == paint->sort, before = is_number (place->column);
  const char *title = title_text (place->column, paint->layout->short_titles);
  int x, width, arrow_x;

  weftline_workers_title_extent (paint->text, paint->layout, place, paint->sort, &x, &width);
  arrow_x = before ? x : x + width - ARROW;
  if (paint->hover.in_head && paint->hover.column == place->column)
    {
      weftline_set_color (cr, paint->palette->accent, 0.1);
      fill (cr, turn (paint, place->x - PAD, place->width + 2 * PAD), 0, place->width + 2 * PAD,
            WEFTLINE_WORKERS_HEAD - 2);
    }
  weftline_set_color (cr, sorted ? paint->palette->text : paint->palette->dim, 1);
  show (paint, cr, title, WEFTLINE_TEXT_SMALL, x + (sorted && before ? ARROW + ARROW_GAP : 0), 0,
        false, 0, WEFTLINE_WORKERS_HEAD - 2);
  if (sorted)
    paint_arrow (paint, cr, arrow_x, (WEFTLINE_WORKERS_HEAD - 2 - 5) / 2);
}

static void
paint_head (const WeftlineWorkersPaint *paint, cairo_t *cr)
{
  for (unsigned i = 0; i < paint->layout->n_columns; i++)
    paint_title (paint, cr, &paint->layout->places[i]);
  weftline_set_color (cr, paint->palette->grid, 1);
  fill (cr, 0, WEFTLINE_WORKERS_HEAD - 2, paint->layout->width, 1);
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* As Dask judges: by results, or by all that the process takes. */
static uint32_t
level_color (const WeftlinePalette *palette, const WeftlineWorker *worker)
{
  double used = worker->limit > 0 ? worker->values[WEFTLINE_WORKERS_MEMORY] / worker->limit : 0;
  double managed = worker->limit > 0 ? worker->managed / worker->limit : 0;

  if (used >= WEFTLINE_MEMORY_PAUSE)
    return palette->transfer; /* red */
  return used >= WEFTLINE_MEMORY_SPILL || managed >= WEFTLINE_MEMORY_TARGET
             ? palette->slots[1]  /* orange */
             : palette->slots[0]; /* blue */
}

/* At the lower edge, so that what is filled can still be read. */
static void
paint_marks (const WeftlineWorkersPaint *paint, cairo_t *cr, double x, double y, double length)
{
  static const double marks[] = { WEFTLINE_MEMORY_TARGET, WEFTLINE_MEMORY_SPILL,
                                  WEFTLINE_MEMORY_PAUSE, ENDED };

  for (unsigned i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      double at = turn (paint, floor (x + marks[i] * length), 1);

      weftline_set_color (cr, paint->palette->card, 1);
      fill (cr, at, y, 1, BAR);
      weftline_set_color (cr, paint->palette->dim, 1);
      fill (cr, at, y + BAR - 3, 1, 4);
    }
}

static void
paint_part (const WeftlineWorkersPaint *paint, cairo_t *cr, double *x, double y, double width,
            uint32_t color)
{
  weftline_set_color (cr, color, 1);
  fill (cr, turn (paint, *x, width), y, width, BAR);
  *x += width;
}

/* @full: what its whole length stands for */
static void
paint_memory (const WeftlineWorkersPaint *paint, cairo_t *cr, const WeftlineWorkersPlace *place,
              const WeftlineWorker *worker, double full, int row_y)
{
  double used = worker->values[WEFTLINE_WORKERS_MEMORY], x = place->x,
         scale = place->picture / full;
  double y = row_y + (WEFTLINE_WORKERS_ROW - BAR) / 2, track = place->picture;
  double managed = CLAMP (worker->managed, 0, MAX (used, 0)), spilled = MAX (worker->spilled, 0);
  uint32_t color = level_color (paint->palette, worker);

  if (used < 0 && worker->limit < 0)
    return;
  if (worker->limit > 0)
    track = round (MIN (worker->limit * scale, place->picture));
  weftline_set_color (cr, paint->palette->track, 1);
  fill (cr, turn (paint, x, track), y, track, BAR);
  paint_part (paint, cr, &x, y, round (managed * scale), color);
  paint_part (paint, cr, &x, y, round ((MAX (used, 0) - managed) * scale),
              weftline_blend (paint->palette->track, color, 120));
  if (spilled > 0)
    {
      double width = MAX (round (spilled * scale), 2), left = turn (paint, x, width);

      weftline_set_color (cr, weftline_blend (paint->palette->track, paint->palette->spill, 90), 1);
      fill (cr, left, y, width, BAR);
      weftline_set_color (cr, paint->palette->spill, 1);
      weftline_hatch_draw (cr, left, y, width, BAR);
    }
  if (worker->limit > 0)
    paint_marks (paint, cr, place->x, y, worker->limit * scale);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Time goes to the right, whichever way text runs. */
static void
paint_line (const WeftlineWorkersPaint *paint, cairo_t *cr, const WeftlineWorkersPlace *place,
            const float *values, int row_y)
{
  double left = turn (paint, place->x, place->picture);
  double bottom = row_y + (WEFTLINE_WORKERS_ROW + LINE_HEIGHT) / 2;
  double top = weftline_resource_round_up (paint->layout->tops[place->column]);

  weftline_set_color (cr, paint->palette->grid, 1);
  fill (cr, left, bottom, place->picture, 1);
  weftline_set_color (cr, paint->palette->slots[0], 0.3);
  for (int x = 0; x < place->picture; x++)
    if (values[x] > 0)
      {
        double height = values[x] / top * LINE_HEIGHT;

        cairo_rectangle (cr, left + x, bottom - height, 1, height);
      }
  cairo_fill (cr);
  weftline_set_color (cr, paint->palette->slots[0], 1);
  for (int x = 0; x < place->picture; x++)
    if (values[x] >= 0)
      {
        double y = bottom - values[x] / top * LINE_HEIGHT, before = y;

        if (x > 0 && values[x - 1] >= 0)
          before = bottom - values[x - 1] / top * LINE_HEIGHT;
        cairo_rectangle (cr, left + x, MIN (y, before) - 0.5, 1, fabs (y - before) + 1);
      }
  cairo_fill (cr);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
paint_form (const WeftlineWorkersPaint *paint, cairo_t *cr, WeftlineWorkerState state, int x, int y)
{
  static const WeftModelState forms[WEFTLINE_WORKER_N_STATES] = {
    [WEFTLINE_WORKER_RUNNING] = WEFT_TASK_RUNNING, [WEFTLINE_WORKER_WAITING] = WEFT_TASK_QUEUED,
    [WEFTLINE_WORKER_IDLE] = WEFT_TASK_WAITING,    [WEFTLINE_WORKER_PAUSED] = WEFT_TASK_MEMORY,
    [WEFTLINE_WORKER_AWAITED] = WEFT_TASK_QUEUED,
  };
  uint32_t color = state == WEFTLINE_WORKER_RUNNING  ? paint->palette->slots[0]
                   : state == WEFTLINE_WORKER_PAUSED ? paint->palette->pause
                                                     : paint->palette->dim;
  double left = turn (paint, x, FORM);

  y += (WEFTLINE_WORKERS_ROW - FORM) / 2;
  if (state == WEFTLINE_WORKER_GONE)
    weftline_gone_form_draw (cr, paint->palette, left, y);
  else
    weftline_state_form_draw (cr, paint->palette, forms[state], color, left, y, FORM, FORM);
}

static void
paint_text (const WeftlineWorkersPaint *paint, cairo_t *cr, const WeftlineWorkersPlace *place,
            const WeftlineWorker *worker, int y)
{
  bool is_short = place->column == WEFTLINE_WORKERS_NAME && paint->layout->short_names;
  g_autofree char *text = is_short ? weftline_workers_short_name (paint->source, worker)
                                   : weftline_workers_text (worker, place->column, &paint->clock);
  g_autofree char *fitting = NULL;
  int before = 0;
  bool pale = worker->state >= WEFTLINE_WORKER_AWAITED || place->column == WEFTLINE_WORKERS_STATE;

  if (place->column == WEFTLINE_WORKERS_STATE)
    {
      paint_form (paint, cr, worker->state, place->x, y);
      before = FORM + PAD;
    }
  weftline_set_color (cr, pale ? paint->palette->dim : paint->palette->text, 1);
  fitting =
      weftline_text_fit_middle (paint->text, text, WEFTLINE_TEXT_SMALL, place->width - before);
  show (paint, cr, fitting, WEFTLINE_TEXT_SMALL, place->x + before, place->width - before,
        is_number (place->column), y, WEFTLINE_WORKERS_ROW);
}

static void
paint_ground (const WeftlineWorkersPaint *paint, cairo_t *cr, uint32_t worker, int y)
{
  bool lit = paint->hover.worker == worker || paint->linked == worker;

  if (!lit && paint->selected != worker)
    return;
  weftline_set_color (cr, paint->palette->accent, paint->selected == worker ? 0.16 : 0.08);
  fill (cr, 0, y, paint->layout->width, WEFTLINE_WORKERS_ROW);
  if (paint->selected != worker)
    return;
  weftline_set_color (cr, paint->palette->accent, 1);
  fill (cr, turn (paint, 0, 2), y, 2, WEFTLINE_WORKERS_ROW);
}

static void
paint_row (const WeftlineWorkersPaint *paint, cairo_t *cr, uint32_t row)
{
  const WeftlineWorkersLayout *layout = paint->layout;
  uint32_t number = g_array_index (paint->source->order, uint32_t, layout->first + row);
  const WeftlineWorker *worker = weftline_workers_source_get (paint->source, number);
  int y = layout->rows_y + (int) row * WEFTLINE_WORKERS_ROW;

  paint_ground (paint, cr, number, y);
  for (unsigned i = 0; i < layout->n_columns; i++)
    {
      const WeftlineWorkersPlace *place = &layout->places[i];

      if (place->column == WEFTLINE_WORKERS_MEMORY)
        paint_memory (paint, cr, place, worker, layout->memory_full, y);
      else if (place->picture > 0)
        paint_line (paint, cr, place, weftline_workers_layout_line (layout, row, i), y);
      paint_text (paint, cr, place, worker, y);
    }
}

/* Its bar is of all memory there is. */
static void
paint_total (const WeftlineWorkersPaint *paint, cairo_t *cr)
{
  const WeftlineWorkersLayout *layout = paint->layout;
  const WeftlineWorker *total = &paint->source->total;
  double used = MAX (total->values[WEFTLINE_WORKERS_MEMORY], 0) + MAX (total->spilled, 0);
  int y = WEFTLINE_WORKERS_HEAD;

  for (unsigned i = 0; i < layout->n_columns; i++)
    {
      const WeftlineWorkersPlace *place = &layout->places[i];

      if (place->column == WEFTLINE_WORKERS_NAME)
        {
          g_autofree char *count = weftline_workers_count (paint->source);
          g_autofree char *fitting =
              weftline_text_fit (paint->text, count, WEFTLINE_TEXT_BOLD, place->width);

          weftline_set_color (cr, paint->palette->text, 1);
          show (paint, cr, fitting, WEFTLINE_TEXT_BOLD, place->x, place->width, false, y,
                WEFTLINE_WORKERS_ROW);
        }
      else if (place->column != WEFTLINE_WORKERS_STATE)
        {
          if (place->column == WEFTLINE_WORKERS_MEMORY)
            paint_memory (paint, cr, place, total, MAX (MAX (total->limit, used), 1), y);
          paint_text (paint, cr, place, total, y);
        }
    }
  weftline_set_color (cr, paint->palette->grid, 1);
  fill (cr, 0, layout->rows_y - 1, layout->width, 1);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* How many rows there are beyond those that are seen. */
static void
paint_scroll (const WeftlineWorkersPaint *paint, cairo_t *cr)
{
  const WeftlineWorkersLayout *layout = paint->layout;
  double length = layout->n_shown * WEFTLINE_WORKERS_ROW, thumb, y;

  if (layout->n_shown == 0 || layout->n_shown >= layout->n_rows)
    return;
  thumb = MAX (length * layout->n_shown / layout->n_rows, 16);
  y = layout->rows_y + (length - thumb) * layout->first / (layout->n_rows - layout->n_shown);
  weftline_set_color (cr, paint->palette->dim, 0.5);
  fill (cr, turn (paint, layout->width - 4, 4), round (y), 4, round (thumb));
}

static void
paint_empty (const WeftlineWorkersPaint *paint, cairo_t *cr)
{
  const char *words[] = { _ ("No worker processes"),
                          _ ("Runs of other programs have them, such as clusters of Dask") };
  int width = paint->layout->width, y = MAX (paint->layout->height / 2 - WEFTLINE_WORKERS_ROW, 0);

  for (unsigned i = 0; i < G_N_ELEMENTS (words); i++)
    {
      WeftlineTextStyle style = i == 0 ? WEFTLINE_TEXT_BOLD : WEFTLINE_TEXT_SMALL;
      g_autofree char *fitting = weftline_text_fit (paint->text, words[i], style, width);
      int x = (width - weftline_text_width (paint->text, fitting, style)) / 2;

      weftline_set_color (cr, i == 0 ? paint->palette->text : paint->palette->dim, 1);
      show (paint, cr, fitting, style, x, 0, false, y + (int) i * WEFTLINE_WORKERS_ROW,
            WEFTLINE_WORKERS_ROW);
    }
}

void
weftline_workers_paint (const WeftlineWorkersPaint *paint, cairo_t *cr)
{
  const WeftlineWorkersLayout *layout = paint->layout;

  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, 0, 0, layout->width, layout->height);
  if (layout->n_rows == 0)
    {
      paint_empty (paint, cr);
      return;
    }
  paint_head (paint, cr);
  if (layout->has_total)
    paint_total (paint, cr);
  for (uint32_t i = 0; i < layout->n_shown; i++)
    paint_row (paint, cr, i);
  paint_scroll (paint, cr);
}

/* ---- measuring ------------------------------------------------------------------------------- */

/* What figures need at most, so that columns stay where they are while figures change. */
static int
sample_width (WeftlineTextCache *text, const WeftlineWorkersSource *source,
              WeftlineWorkersColumn column, const WeftlineClock *clock)
{
  WeftlineWorker sample = { .name = "", .worker = WEFT_NONE, .limit = 8.88e9 };
  g_autofree char *words = NULL;
  g_autofree char *total = weftline_workers_text (&source->total, column, clock);

  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    sample.values[i] = 8888;
  sample.values[WEFTLINE_WORKERS_THREADS] = sample.values[WEFTLINE_WORKERS_RUNNING] = 88;
  sample.values[WEFTLINE_WORKERS_READY] = sample.values[WEFTLINE_WORKERS_PROCESSING] = 888;
  sample.values[WEFTLINE_WORKERS_FAILED] = 88;
  sample.values[WEFTLINE_WORKERS_CPU] = MAX (source->total.values[WEFTLINE_WORKERS_THREADS], 8.88);
  sample.values[WEFTLINE_WORKERS_MEMORY] = 8.88e9;
  for (unsigned i = WEFTLINE_WORKERS_NET_READ; i <= WEFTLINE_WORKERS_DISK_WRITTEN; i++)
    sample.values[i] = 8.88e6;
  sample.values[WEFTLINE_WORKERS_OCCUPANCY] = 3500;
  words = weftline_workers_text (&sample, column, clock);
  return MAX (weftline_text_width (text, words, WEFTLINE_TEXT_SMALL),
              weftline_text_width (text, total, WEFTLINE_TEXT_SMALL));
}

/* The longest is taken for the widest. */
static int
name_width (WeftlineTextCache *text, const WeftlineWorkersSource *source, bool is_short)
{
  g_autofree char *count = weftline_workers_count (source);
  int width = weftline_text_width (text, count, WEFTLINE_TEXT_BOLD);
  size_t most = 0;
  g_autofree char *longest = NULL;

  for (guint i = 0; i < source->workers->len; i++)
    {
      const WeftlineWorker *worker = weftline_workers_source_get (source, i);
      char *name =
          is_short ? weftline_workers_short_name (source, worker) : weftline_workers_name (worker);

      if (strlen (name) > most)
        {
          most = strlen (name);
          g_free (longest);
          longest = g_steal_pointer (&name);
        }
      g_free (name);
    }
  if (longest != NULL)
    width = MAX (width, weftline_text_width (text, longest, WEFTLINE_TEXT_SMALL));
  return MIN (width, is_short ? NAME_LEAST : NAME_MOST);
}

static int
state_width (WeftlineTextCache *text, const WeftlineWorkersSource *source,
             const WeftlineClock *clock)
{
  int width = 0;

  for (unsigned i = 0; i < WEFTLINE_WORKER_AWAITED; i++)
    width = MAX (width,
                 weftline_text_width (text, weftline_workers_state_name ((WeftlineWorkerState) i),
                                      WEFTLINE_TEXT_SMALL));
  for (guint i = 0; i < source->workers->len; i++)
    {
      const WeftlineWorker *worker = weftline_workers_source_get (source, i);
      g_autofree char *words = NULL;

      if (worker->state < WEFTLINE_WORKER_AWAITED)
        continue;
      words = weftline_workers_text (worker, WEFTLINE_WORKERS_STATE, clock);
      width = MAX (width, weftline_text_width (text, words, WEFTLINE_TEXT_SMALL));
    }
  return FORM + PAD + width;
}

void
weftline_workers_measure (WeftlineTextCache *text, const WeftlineWorkersSource *source,
                          const WeftlineClock *clock, WeftlineWorkersColumn sort,
                          WeftlineWorkersRoom *room)
{
  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    {
      WeftlineWorkersColumn column = (WeftlineWorkersColumn) i;
      int title = title_width (text, column, false, column == sort);
      int short_title = MIN (title_width (text, column, true, column == sort), title);

      if (i == WEFTLINE_WORKERS_NAME)
        room->natural[i] = name_width (text, source, false);
      else if (i == WEFTLINE_WORKERS_STATE)
        room->natural[i] = state_width (text, source, clock);
      else
        room->natural[i] = sample_width (text, source, column, clock);
      room->least[i] =
          MAX (i == WEFTLINE_WORKERS_NAME ? name_width (text, source, true) : room->natural[i],
               short_title);
      room->natural[i] = MAX (room->natural[i], title);
    }
}
