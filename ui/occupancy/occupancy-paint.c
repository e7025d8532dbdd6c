/* occupancy-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A strip is written pixel by pixel where there are pixels: it may be another one in every column.
 */
#include "config.h"

#include "occupancy/occupancy-paint.h"

#include "canvas/lane-gone.h"
#include "canvas/number-format.h"
#include "canvas/reading.h"
#include "canvas/state-form.h"
#include "occupancy/occupancy-words.h"

#include <glib/gi18n.h>
#include <string.h>

#define PAD WEFTLINE_OCCUPANCY_PAD
#define SWATCH_WIDTH 14
#define SWATCH_HEIGHT 12
#define ENTRY_GAP 12 /* of the legend */
#define MOST_LINES 2
#define TICK 4        /* height of the mark of a stolen task */
#define MOST_NAMES 64 /* that are looked at for the width of all */

typedef enum
{
  SOLID,
  HATCHED,
  STRIPED, /* lines across */
} Pattern;

static const Pattern patterns[WEFTLINE_OCCUPANCY_N_USES] = {
  [WEFTLINE_OCCUPANCY_RUNNING] = SOLID,  [WEFTLINE_OCCUPANCY_SPILL] = HATCHED,
  [WEFTLINE_OCCUPANCY_OVERHEAD] = SOLID, [WEFTLINE_OCCUPANCY_STEALING] = HATCHED,
  [WEFTLINE_OCCUPANCY_HELD] = STRIPED,   [WEFTLINE_OCCUPANCY_PARKED] = SOLID,
};

static uint32_t
color_of (const WeftlinePalette *palette, WeftlineOccupancyUse use)
{
  switch (use)
    {
    case WEFTLINE_OCCUPANCY_RUNNING:
      return palette->slots[0]; /* blue */
    case WEFTLINE_OCCUPANCY_SPILL:
      return palette->spill;
    case WEFTLINE_OCCUPANCY_OVERHEAD:
    case WEFTLINE_OCCUPANCY_STEALING:
      return palette->slots[6]; /* grey */
    case WEFTLINE_OCCUPANCY_HELD:
      return palette->pause;
    default:
      return weftline_blend (palette->card, palette->dim, 52);
    }
}

static bool
is_drawn (Pattern pattern, int x, int y)
{
  if (pattern == HATCHED)
    return weftline_is_hatched (x, y, 1);
  return pattern == SOLID || y % 4 < 2;
}

static uint32_t
pixel_of (const WeftlinePalette *palette, WeftlineOccupancyUse use, int x, int y)
{
  uint32_t color = color_of (palette, use);

  return is_drawn (patterns[use], x, y) ? color : weftline_blend (palette->card, color, 110);
}

static void
fill (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

static double
turn (const WeftlineOccupancyPaint *paint, double x, double width)
{
  return weftline_turn (paint->rtl, paint->layout->width, x, width);
}

/* Where time begins: it is not turned itself. */
static double
left_of_time (const WeftlineOccupancyPaint *paint)
{
  return turn (paint, paint->layout->x, paint->layout->columns);
}

/* ---- strips ---------------------------------------------------------------------------------- */

static void
divide (const WeftlineOccupancyPaint *paint, const WeftlineOccupancyStrip *strip, int column,
        int *edges)
{
  weftline_occupancy_divide (&strip->shares[column],
                             weftline_occupancy_length (paint->layout, strip, column),
                             strip->height, edges);
}

/* Of all workers together there would be one everywhere. */
static bool
has_tick (const WeftlineOccupancyStrip *strip, int column)
{
  return strip->row != WEFT_NONE && strip->shares[column].n_stolen > 0;
}

static void
write_column (const WeftlineOccupancyPaint *paint, const WeftlineOccupancyStrip *strip, int column,
              uint32_t *pixels, int stride)
{
  int edges[WEFTLINE_OCCUPANCY_N_USES + 1];

  divide (paint, strip, column, edges);
  for (unsigned use = 0; use < WEFTLINE_OCCUPANCY_N_USES; use++)
    for (int up = edges[use]; up < edges[use + 1]; up++)
      {
        int y = strip->height - 1 - up;

        pixels[(ptrdiff_t) y * stride] =
            pixel_of (paint->palette, (WeftlineOccupancyUse) use, column, y);
      }
  for (int y = 0; has_tick (strip, column) && y < TICK; y++)
    pixels[(ptrdiff_t) y * stride] = paint->palette->text;
}

static void
paint_pixels (const WeftlineOccupancyPaint *paint, cairo_t *cr, const WeftlineOccupancyStrip *strip)
{
  int columns = paint->layout->columns;
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, columns, strip->height);
  uint32_t *pixels = (uint32_t *) (void *) cairo_image_surface_get_data (surface);
  int stride = cairo_image_surface_get_stride (surface) / (int) sizeof *pixels;
  double x = left_of_time (paint);

  for (int i = 0; pixels != NULL && i < stride * strip->height; i++)
    pixels[i] = paint->palette->card;
  for (int column = 0; pixels != NULL && column < columns; column++)
    write_column (paint, strip, column, pixels + column, stride);
  cairo_surface_mark_dirty (surface);
  cairo_set_source_surface (cr, surface, x, strip->y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  fill (cr, x, strip->y, columns, strip->height);
  cairo_surface_destroy (surface);
}

static void
paint_use (const WeftlineOccupancyPaint *paint, cairo_t *cr, WeftlineOccupancyUse use, double x,
           double y, double width, double height)
{
  uint32_t color = color_of (paint->palette, use);

  weftline_set_color (
      cr, patterns[use] == SOLID ? color : weftline_blend (paint->palette->card, color, 110), 1);
  fill (cr, x, y, width, height);
  weftline_set_color (cr, color, 1);
  if (patterns[use] == HATCHED)
    weftline_hatch_draw (cr, x, y, width, height);
  for (double at = 0; patterns[use] == STRIPED && at < height; at += 4)
    fill (cr, x, y + at, width, MIN (2, height - at));
}

/* Columns side by side that are alike are one shape. */
static void
paint_shapes (const WeftlineOccupancyPaint *paint, cairo_t *cr, const WeftlineOccupancyStrip *strip)
{
  const WeftlineOccupancyLayout *layout = paint->layout;
  int first, end, edges[WEFTLINE_OCCUPANCY_N_USES + 1], others[WEFTLINE_OCCUPANCY_N_USES + 1];

  for (first = 0; first < layout->columns; first = end)
    {
      divide (paint, strip, first, edges);
      for (end = first + 1; end < layout->columns; end++)
        {
          divide (paint, strip, end, others);
          if (memcmp (edges, others, sizeof edges) != 0)
            break;
        }
      for (unsigned use = 0; use < WEFTLINE_OCCUPANCY_N_USES; use++)
        if (edges[use + 1] > edges[use])
          paint_use (paint, cr, (WeftlineOccupancyUse) use, left_of_time (paint) + first,
                     strip->y + strip->height - edges[use + 1], end - first,
                     edges[use + 1] - edges[use]);
    }
  weftline_set_color (cr, paint->palette->text, 1);
  for (int column = 0; column < layout->columns; column++)
    if (has_tick (strip, column))
      fill (cr, left_of_time (paint) + column, strip->y, 1, TICK);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Cut off where there is no room. */
static void
show (const WeftlineOccupancyPaint *paint, cairo_t *cr, const char *text, WeftlineTextStyle style,
      int x, int y, int line, int room)
{
  g_autofree char *fitting = weftline_text_fit_middle (paint->text, text, style, MAX (room, 0));
  int width, height;

  weftline_text_size (paint->text, fitting, style, &width, &height);
  weftline_text_show (paint->text, cr, fitting, style, turn (paint, x, width),
                      y + (line - height) / 2);
}

/* Of a worker that is gone its mark comes first. */
static void
paint_name (const WeftlineOccupancyPaint *paint, cairo_t *cr, const WeftlineOccupancyStrip *strip)
{
  const WeftlineOccupancyWorker *worker =
      &g_array_index (paint->source->workers, WeftlineOccupancyWorker, strip->row);
  int x = 0, room = paint->layout->x - PAD;

  if (paint->source->model != NULL
      && weftline_lane_gone (paint->source->model, worker->lane, paint->at_ns) != WEFTLINE_NOT_GONE)
    {
      weftline_gone_form_draw (cr, paint->palette, turn (paint, 0, WEFTLINE_GONE_FORM),
                               strip->y + (strip->height - WEFTLINE_GONE_FORM) / 2);
      x = WEFTLINE_GONE_ROOM;
      room -= x;
    }
  show (paint, cr,
        weftline_text_width (paint->text, worker->name, WEFTLINE_TEXT_SMALL) <= room
            ? worker->name
            : worker->short_name,
        WEFTLINE_TEXT_SMALL, x, strip->y, strip->height, room);
}

static void
paint_strip (const WeftlineOccupancyPaint *paint, cairo_t *cr, const WeftlineOccupancyStrip *strip)
{
  const WeftlineOccupancyLayout *layout = paint->layout;
  bool is_total = strip->row == WEFT_NONE;
  WeftlineTextStyle style = is_total ? WEFTLINE_TEXT_NORMAL : WEFTLINE_TEXT_SMALL;
  g_autofree char *share =
      weftline_format_share (weftline_occupancy_part (&strip->sum, WEFTLINE_OCCUPANCY_RUNNING));

  if (paint->as_shapes)
    paint_shapes (paint, cr, strip);
  else
    paint_pixels (paint, cr, strip);
  weftline_set_color (cr, is_total ? paint->palette->text : paint->palette->dim, 1);
  if (is_total)
    show (paint, cr, _ ("all workers"), style, 0, strip->y, strip->height, layout->x - PAD);
  else
    paint_name (paint, cr, strip);
  show (paint, cr, share, style, layout->width - weftline_text_width (paint->text, share, style),
        strip->y, strip->height, layout->width - layout->x - layout->columns);
}

/* An entry of the legend: a use, or the mark of a stolen task. */
typedef struct
{
  const char *name;
  int swatch, x, line;
} Entry;

#define N_ENTRIES (WEFTLINE_OCCUPANCY_N_USES + 1)

/* Beside each other, in as many lines as it takes. Returns: how many are shown: strips say the
 * rest, when they are pointed at */
static int
place_entries (WeftlineTextCache *text, int width, Entry *entries)
{
  int x = 0, line = 0;

  for (unsigned i = 0; i < N_ENTRIES; i++)
    {
      Entry *entry = &entries[i];
      int room;

      entry->name = i < WEFTLINE_OCCUPANCY_N_USES
                        ? weftline_occupancy_use_name ((WeftlineOccupancyUse) i)
                        : _ ("stolen task");
      entry->swatch = i < WEFTLINE_OCCUPANCY_N_USES ? SWATCH_WIDTH : 1;
      room = entry->swatch + PAD / 2 + weftline_text_width (text, entry->name, WEFTLINE_TEXT_SMALL);
      if (x > 0 && x + room > width)
        {
          x = 0;
          line++;
        }
      entry->x = x;
      entry->line = line;
      x += room + ENTRY_GAP;
    }
  return MIN (line + 1, MOST_LINES);
}

static void
paint_legend (const WeftlineOccupancyPaint *paint, cairo_t *cr)
{
  Entry entries[N_ENTRIES];

  place_entries (paint->text, paint->layout->width, entries);
  for (unsigned i = 0; i < N_ENTRIES && entries[i].line < paint->layout->n_legend; i++)
    {
      const Entry *entry = &entries[i];
      int y = entry->line * WEFTLINE_OCCUPANCY_LEGEND
              + (WEFTLINE_OCCUPANCY_LEGEND - PAD / 2 - SWATCH_HEIGHT) / 2;
      int x = entry->x + entry->swatch + PAD / 2;

      if (i < WEFTLINE_OCCUPANCY_N_USES)
        paint_use (paint, cr, (WeftlineOccupancyUse) i, turn (paint, entry->x, entry->swatch), y,
                   entry->swatch, SWATCH_HEIGHT);
      else
        {
          weftline_set_color (cr, paint->palette->text, 1);
          fill (cr, turn (paint, entry->x, entry->swatch), y, entry->swatch, SWATCH_HEIGHT / 2);
        }
      weftline_set_color (cr, paint->palette->dim, 1);
      show (paint, cr, entry->name, WEFTLINE_TEXT_SMALL, x, y, SWATCH_HEIGHT,
            paint->layout->width - x);
    }
}

static void
paint_axis (const WeftlineOccupancyPaint *paint, cairo_t *cr)
{
  const WeftlineOccupancyLayout *layout = paint->layout;
  int y = layout->rows_y + layout->rows_height, width, height, figure;
  double left = left_of_time (paint);
  WeftlineTimeScale scale;

  if (!layout->has_axis || layout->t1_ns <= layout->t0_ns || layout->columns <= 0)
    return;
  figure = weftline_text_width (paint->text, "0", WEFTLINE_TEXT_SMALL);
  weftline_time_scale (&scale, layout->t0_ns, layout->t1_ns, layout->columns, figure,
                       paint->time_form, paint->wall_ns);
  weftline_set_color (cr, paint->palette->grid, 1);
  fill (cr, left, y, layout->columns, 1);
  for (unsigned i = 0; i < scale.n_ticks; i++)
    {
      const WeftlineTick *tick = &scale.ticks[i];
      double x = left + (int) tick->x;

      weftline_text_size (paint->text, tick->label, WEFTLINE_TEXT_SMALL, &width, &height);
      weftline_set_color (cr, paint->palette->grid, 1);
      fill (cr, x, y, 1, 4);
      if (x - width / 2 < left || x + width / 2 > left + layout->columns)
        continue;
      weftline_set_color (cr, paint->palette->dim, 1);
      weftline_text_show (paint->text, cr, tick->label, WEFTLINE_TEXT_SMALL, x - width / 2,
                          y + 4 + (WEFTLINE_OCCUPANCY_AXIS - 4 - height) / 2);
    }
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, scale.base, WEFTLINE_TEXT_SMALL, 0, y + 4, WEFTLINE_OCCUPANCY_AXIS - 4,
        layout->x - PAD);
}

/* ---- above the strips ------------------------------------------------------------------------ */

static double
x_of (const WeftlineOccupancyPaint *paint, int64_t at_ns)
{
  const WeftlineOccupancyLayout *layout = paint->layout;
  double share = (double) (CLAMP (at_ns, layout->t0_ns, layout->t1_ns) - layout->t0_ns)
                 / (double) (layout->t1_ns - layout->t0_ns);

  return left_of_time (paint) + share * layout->columns;
}

static void
paint_line (const WeftlineOccupancyPaint *paint, cairo_t *cr, double x)
{
  const WeftlineOccupancyLayout *layout = paint->layout;

  fill (cr, (int) x, layout->top, 1, layout->rows_y + layout->rows_height - layout->top);
}

/* Where the selected task ran: a frame around that part of its worker's strip. */
static void
paint_task (const WeftlineOccupancyPaint *paint, cairo_t *cr, const WeftlineOccupancyStrip *strip)
{
  const WeftlineOccupancyLayout *layout = paint->layout;
  double from, width;

  if (g_array_index (paint->source->workers, WeftlineOccupancyWorker, strip->row).lane
          != paint->task_lane
      || paint->task_to_ns < layout->t0_ns || paint->task_from_ns >= layout->t1_ns)
    return;
  from = (int) x_of (paint, paint->task_from_ns);
  width = MAX ((int) x_of (paint, paint->task_to_ns) - from, 3);
  weftline_set_color (cr, paint->palette->text, 1);
  cairo_set_line_width (cr, 2);
  cairo_rectangle (cr, from, strip->y, width, strip->height);
  cairo_stroke (cr);
}

static void
paint_marks (const WeftlineOccupancyPaint *paint, cairo_t *cr)
{
  const WeftlineOccupancyLayout *layout = paint->layout;

  if (layout->t1_ns <= layout->t0_ns || layout->columns <= 0)
    return;
  if (paint->range_to_ns > paint->range_from_ns && paint->range_to_ns > layout->t0_ns
      && paint->range_from_ns < layout->t1_ns)
    {
      double from = x_of (paint, paint->range_from_ns), to = x_of (paint, paint->range_to_ns);

      weftline_set_color (cr, paint->palette->accent, 0.2);
      fill (cr, from, layout->top, MAX (to - from, 1),
            layout->rows_y + layout->rows_height - layout->top);
    }
  weftline_set_color (cr, paint->palette->accent, 1);
  if (paint->at_ns >= layout->t0_ns && paint->at_ns < layout->t1_ns)
    paint_line (paint, cr, x_of (paint, paint->at_ns));
  weftline_set_color (cr, paint->palette->text, 0.5);
  if (paint->hover_column >= 0 && paint->hover_column < layout->columns)
    paint_line (paint, cr, left_of_time (paint) + paint->hover_column);
}

static void
paint_empty (const WeftlineOccupancyPaint *paint, cairo_t *cr)
{
  const WeftlineOccupancyLayout *layout = paint->layout;
  const char *title = _ ("Nothing has run yet");
  const char *about = _ ("Each worker gets a strip: how much of each moment it was busy");
  int line = weftline_text_height (paint->text, WEFTLINE_TEXT_NORMAL) + 4;
  int y = (layout->height - 2 * line) / 2;
  g_autofree char *fitting =
      weftline_text_fit (paint->text, about, WEFTLINE_TEXT_SMALL, layout->width);

  weftline_set_color (cr, paint->palette->text, 1);
  show (paint, cr, title, WEFTLINE_TEXT_BOLD,
        (layout->width - weftline_text_width (paint->text, title, WEFTLINE_TEXT_BOLD)) / 2, y, line,
        layout->width);
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, fitting, WEFTLINE_TEXT_SMALL,
        (layout->width - weftline_text_width (paint->text, fitting, WEFTLINE_TEXT_SMALL)) / 2,
        y + line, line, layout->width);
}

/* ---- all ------------------------------------------------------------------------------------- */

void
weftline_occupancy_measure (WeftlineTextCache *text, const WeftlineOccupancySource *source,
                            int width, WeftlineOccupancyRoom *room)
{
  Entry entries[N_ENTRIES];

  room->n_legend = place_entries (text, width, entries);
  room->before = weftline_text_width (text, _ ("all workers"), WEFTLINE_TEXT_NORMAL) + PAD;
  for (guint i = 0; i < MIN (source->workers->len, MOST_NAMES); i++)
    {
      const char *name =
          g_array_index (source->workers, WeftlineOccupancyWorker, source->workers->len - 1 - i)
              .name;

      room->before =
          MAX (room->before, weftline_text_width (text, name, WEFTLINE_TEXT_SMALL) + PAD);
    }
  room->before = MIN (room->before, width / 3);
  room->behind =
      weftline_text_width (text, "99.9" WEFTLINE_NO_BREAK_SPACE "%", WEFTLINE_TEXT_NORMAL) + PAD;
}

void
weftline_occupancy_paint (const WeftlineOccupancyPaint *paint, cairo_t *cr)
{
  const WeftlineOccupancyLayout *layout = paint->layout;

  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, 0, 0, layout->width, layout->height);
  if (layout->n_workers == 0 || layout->t1_ns <= layout->t0_ns)
    {
      paint_empty (paint, cr);
      return;
    }
  if (layout->columns <= 0)
    return;
  paint_legend (paint, cr);
  paint_strip (paint, cr, &g_array_index (layout->strips, WeftlineOccupancyStrip, 0));
  for (guint i = 1; i < layout->strips->len; i++)
    {
      const WeftlineOccupancyStrip *strip =
          &g_array_index (layout->strips, WeftlineOccupancyStrip, i);

      paint_strip (paint, cr, strip);
      paint_task (paint, cr, strip);
    }
  paint_axis (paint, cr);
  paint_marks (paint, cr);
}
