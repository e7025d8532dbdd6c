/* transfer-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-paint.h"

#include "canvas/number-format.h"
#include "canvas/reading.h"
#include "canvas/short-name.h"
#include "transfers/transfer-words.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define SCALE_WIDTH 96
#define SCALE_HEIGHT 10
#define SWATCH 10
#define PAD 4
#define N_STOPS 3

static double
turn (const WeftlineTransferPaint *paint, double x, double width)
{
  return weftline_turn (paint->rtl, paint->layout->width, x, width);
}

static void
fill (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

/* Cut off where there is no room; @at: 0: from the start of the room, 1: up to its end. */
static void
show (const WeftlineTransferPaint *paint, cairo_t *cr, const char *text, WeftlineTextStyle style,
      int x, int y, int line, int room, double at)
{
  g_autofree char *fitting = weftline_text_fit (paint->text, text, style, MAX (room, 0));
  int width, height;

  weftline_text_size (paint->text, fitting, style, &width, &height);
  weftline_text_show (paint->text, cr, fitting, style,
                      turn (paint, x + (int) (at * (room - width)), width),
                      y + (line - height) / 2);
}

/* ---- colours --------------------------------------------------------------------------------- */

static uint32_t
between (const uint32_t *stops, unsigned n, double share)
{
  double at = CLAMP (share, 0, 1) * (n - 1);
  unsigned first = MIN ((unsigned) at, n - 2);

  return weftline_blend (stops[first], stops[first + 1], (uint32_t) lround ((at - first) * 256));
}

uint32_t
weftline_transfer_color (const WeftlinePalette *palette, double share)
{
  static const uint32_t on_light[N_STOPS] = { 0xd9e8f8, 0x4c9be8, 0x0b2f66 };
  static const uint32_t on_dark[N_STOPS] = { 0x2c4a6b, 0x4c9be8, 0xe3f1ff };

  if (palette->kind == WEFTLINE_PALETTE_CLASSIC)
    return between (palette->classic, WEFTLINE_N_CLASSIC, share);
  return between (palette->dark ? on_dark : on_light, N_STOPS, share);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Without what all names begin and end with: a column has no room for it. (transfer full) */
static char *
short_name (const WeftlineTransferMatrix *matrix, const WeftlineTransferPlace *place)
{
  char *name = weftline_transfer_place_text (place);
  WeftlineShared shared = { 0 };
  size_t head, tail, length = strlen (name);

  if (place->kind >= WEFTLINE_TRANSFER_OTHERS)
    return name;
  for (uint32_t i = 0; i < matrix->n_places; i++)
    if (matrix->places[i].kind < WEFTLINE_TRANSFER_OTHERS)
      weftline_shared_add (&shared, matrix->places[i].name);
  head = weftline_transfer_common_prefix (matrix);
  tail = weftline_shared_tail (&shared, head);
  weftline_shared_clear (&shared);
  memmove (name, name + head, length - head - tail);
  name[length - head - tail] = '\0';
  return name;
}

void
weftline_transfer_measure (WeftlineTextCache *text, const WeftlineTransferMatrix *matrix,
                           WeftlineTransferRoom *room)
{
  *room = (WeftlineTransferRoom){ .figure = weftline_text_width (text, "888.8 MB/s",
                                                                 WEFTLINE_TEXT_SMALL) };
  for (uint32_t i = 0; matrix != NULL && i < matrix->n_places; i++)
    {
      g_autofree char *name = weftline_transfer_place_text (&matrix->places[i]);
      g_autofree char *brief = short_name (matrix, &matrix->places[i]);

      room->name = MAX (room->name, weftline_text_width (text, name, WEFTLINE_TEXT_SMALL));
      room->short_name =
          MAX (room->short_name, weftline_text_width (text, brief, WEFTLINE_TEXT_SMALL));
    }
  for (uint32_t i = 0; matrix != NULL && i < MIN (matrix->n_types, 64); i++)
    {
      g_autofree char *name = weftline_transfer_type_name (&matrix->types[i]);

      room->type =
          MAX (room->type, weftline_text_width (text, name, WEFTLINE_TEXT_SMALL) + SWATCH + PAD);
    }
}

/* What does not fit before the cells loses what it has in common with all. (transfer full) */
static char *
row_name (const WeftlineTransferPaint *paint, uint32_t row, bool is_short, int room)
{
  const WeftlineTransferLayout *layout = paint->layout;
  g_autofree char *name = weftline_transfer_row_text (paint->matrix, layout, row);
  uint32_t place = layout->place_of[row];

  if (place == WEFT_NONE
      || (!is_short && weftline_text_width (paint->text, name, WEFTLINE_TEXT_SMALL) <= room))
    return g_steal_pointer (&name);
  return short_name (paint->matrix, &paint->matrix->places[place]);
}

static void
paint_column_name (const WeftlineTransferPaint *paint, cairo_t *cr, uint32_t column)
{
  const WeftlineTransferLayout *layout = paint->layout;
  int x = layout->x + (int) column * layout->cell_width, width, height;
  int room = layout->is_upright ? layout->head - PAD : layout->cell_width - 4;
  g_autofree char *name = row_name (paint, column, true, 0);
  g_autofree char *fitting =
      weftline_text_fit_middle (paint->text, name, WEFTLINE_TEXT_SMALL, room);

  weftline_text_size (paint->text, fitting, WEFTLINE_TEXT_SMALL, &width, &height);
  if (!layout->is_upright)
    {
      weftline_text_show (paint->text, cr, fitting, WEFTLINE_TEXT_SMALL,
                          turn (paint, x + (layout->cell_width - width) / 2.0, width),
                          layout->y - PAD - height);
      return;
    }
  cairo_save (cr);
  cairo_translate (cr, turn (paint, x, layout->cell_width) + (layout->cell_width - height) / 2.0,
                   layout->y - PAD);
  cairo_rotate (cr, -G_PI / 2);
  weftline_text_show (paint->text, cr, fitting, WEFTLINE_TEXT_SMALL, 0, 0);
  cairo_restore (cr);
}

static void
paint_names (const WeftlineTransferPaint *paint, cairo_t *cr)
{
  const WeftlineTransferLayout *layout = paint->layout;
  const WeftlinePalette *palette = paint->palette;
  int room = layout->x - WEFTLINE_TRANSFER_GAP;

  for (uint32_t row = 0; row < layout->n_rows; row++)
    {
      g_autofree char *name = row_name (paint, row, false, room);

      weftline_set_color (cr, paint->hover.row == row ? palette->text : palette->dim, 1);
      show (paint, cr, name, WEFTLINE_TEXT_SMALL, 0, layout->y + (int) row * layout->cell_height,
            layout->cell_height, room, 1);
      weftline_set_color (cr, paint->hover.column == row ? palette->text : palette->dim, 1);
      paint_column_name (paint, cr, row);
    }
  weftline_set_color (cr, palette->dim, 1);
  /* Translators: in a corner: senders stand below, receivers beside */
  show (paint, cr, paint->rtl ? _ ("from ↓ to ←") : _ ("from ↓ to →"), WEFTLINE_TEXT_SMALL, 0,
        layout->y - 18, 16, room, 1);
}

/* ---- cells ----------------------------------------------------------------------------------- */

static void
paint_figure (const WeftlineTransferPaint *paint, cairo_t *cr, const WeftlineTransferValue *value,
              int x, int y, int width, int height, double at)
{
  g_autofree char *text = weftline_transfer_value_text (value, paint->measure);

  if (value->n > 0 && weftline_text_width (paint->text, text, WEFTLINE_TEXT_SMALL) <= width
      && weftline_text_height (paint->text, WEFTLINE_TEXT_SMALL) <= height)
    show (paint, cr, text, WEFTLINE_TEXT_SMALL, x, y, height, width, at);
}

static void
paint_cell (const WeftlineTransferPaint *paint, cairo_t *cr, uint32_t row, uint32_t column,
            double least, double most)
{
  const WeftlineTransferLayout *layout = paint->layout;
  const WeftlineTransferValue *value = weftline_transfer_value (layout, row, column);
  double measured = weftline_transfer_measured (value, paint->measure);
  uint32_t color = measured >= 0 ? weftline_transfer_color (
                       paint->palette, weftline_transfer_share (measured, least, most))
                                 : paint->palette->track;
  int x = layout->x + (int) column * layout->cell_width;
  int y = layout->y + (int) row * layout->cell_height;
  int width = layout->cell_width - 1, height = layout->cell_height - 1;

  weftline_set_color (cr, color, 1);
  fill (cr, turn (paint, x, width), y, width, height);
  weftline_set_color (cr, measured >= 0 ? weftline_text_on (color) : paint->palette->dim, 1);
  if (value->n > 0)
    paint_figure (paint, cr, value, x + 2, y, width - 4, height, 0.5);
}

/* What is under the pointer has an edge, its row and column their names stronger. */
static void
paint_hover (const WeftlineTransferPaint *paint, cairo_t *cr)
{
  const WeftlineTransferLayout *layout = paint->layout;
  bool whole_row = paint->hover.column >= layout->n_rows;
  bool whole_column = paint->hover.row >= layout->n_rows;
  int n = (int) layout->n_rows;
  int x = layout->x + (whole_row ? 0 : (int) paint->hover.column * layout->cell_width);
  int y = layout->y + (whole_column ? 0 : (int) paint->hover.row * layout->cell_height);
  int width = (whole_row ? n : 1) * layout->cell_width - 1;
  int height = (whole_column ? n : 1) * layout->cell_height - 1;

  if (paint->hover.kind != WEFTLINE_TRANSFER_CELL)
    return;
  cairo_set_line_width (cr, 2);
  weftline_set_color (cr, paint->palette->accent, 1);
  cairo_rectangle (cr, turn (paint, x, width), y, width, height);
  cairo_stroke (cr);
}

/* A bar on which its figure stands. */
static void
paint_sum (const WeftlineTransferPaint *paint, cairo_t *cr, const WeftlineTransferValue *value,
           double most, int x, int y, int width, int height)
{
  double measured = weftline_transfer_measured (value, paint->measure);
  double share = most > 0 && measured > 0 ? MIN (measured / most, 1) : 0;

  weftline_set_color (cr, weftline_blend (paint->palette->card, paint->palette->phase, 90), 1);
  fill (cr, turn (paint, x, share * width), y, share * width, height);
  weftline_set_color (cr, paint->palette->text, 1);
  paint_figure (paint, cr, value, x + 2, y, width - 2, height, 0);
}

static void
paint_sums (const WeftlineTransferPaint *paint, cairo_t *cr)
{
  const WeftlineTransferLayout *layout = paint->layout;
  uint32_t n = layout->n_rows;
  int end = layout->y + (int) n * layout->cell_height + 2;
  double most_sent = 0, most_got = 0;

  for (uint32_t i = 0; i < (layout->n_alike > 0 ? layout->n_alike : n); i++)
    {
      most_sent =
          MAX (most_sent,
               weftline_transfer_measured (weftline_transfer_value (layout, i, n), paint->measure));
      most_got = MAX (most_got, weftline_transfer_measured (weftline_transfer_value (layout, n, i),
                                                            paint->measure));
    }
  for (uint32_t i = 0; i < n; i++)
    {
      if (layout->sum_width > 0)
        paint_sum (paint, cr, weftline_transfer_value (layout, i, n), most_sent, layout->sum_x,
                   layout->y + (int) i * layout->cell_height,
                   layout->sum_width - WEFTLINE_TRANSFER_GAP, layout->cell_height - 1);
      paint_sum (paint, cr, weftline_transfer_value (layout, n, i), most_got,
                 layout->x + (int) i * layout->cell_width, end, layout->cell_width - 1,
                 WEFTLINE_TRANSFER_FOOT - 4);
    }
  weftline_set_color (cr, paint->palette->text, 1);
  if (layout->sum_width > 0)
    paint_figure (paint, cr, weftline_transfer_value (layout, n, n), layout->sum_x + 2, end,
                  layout->sum_width - 2, WEFTLINE_TRANSFER_FOOT - 4, 0);
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr,
        paint->measure == WEFTLINE_TRANSFER_BY_RATE ? C_ ("transfers", "mean")
                                                    : C_ ("transfers", "sum"),
        WEFTLINE_TEXT_SMALL, 0, end, WEFTLINE_TRANSFER_FOOT - 4, layout->x - WEFTLINE_TRANSFER_GAP,
        1);
}

/* ---- the scale ------------------------------------------------------------------------------- */

/* From the least to the most that a cell has. */
static void
paint_scale (const WeftlineTransferPaint *paint, cairo_t *cr, double least, double most)
{
  const WeftlineTransferLayout *layout = paint->layout;
  WeftlineTransferValue low = { MAX (weftline_whole (least), 1), weftline_whole (least), least };
  WeftlineTransferValue high = { MAX (weftline_whole (most), 1), weftline_whole (most), most };
  g_autofree char *from = weftline_transfer_value_text (&low, paint->measure);
  g_autofree char *to = weftline_transfer_value_text (&high, paint->measure);
  g_autofree char *who = weftline_transfer_caption (paint->matrix, layout);
  int from_width =
      least < most ? weftline_text_width (paint->text, from, WEFTLINE_TEXT_SMALL) + PAD : 0;
  int to_width = weftline_text_width (paint->text, to, WEFTLINE_TEXT_SMALL) + PAD;
  int scale = least < most ? SCALE_WIDTH : SCALE_HEIGHT;
  int x = layout->width - to_width - scale, y = (WEFTLINE_TRANSFER_LINE - SCALE_HEIGHT) / 2;

  for (int i = 0; i < scale && x >= 0; i++)
    {
      weftline_set_color (cr,
                          weftline_transfer_color (paint->palette, scale > 1 && least < most
                                                                       ? i / (double) (scale - 1)
                                                                       : 1),
                          1);
      fill (cr, turn (paint, x + i, 1), y, 1, SCALE_HEIGHT);
    }
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, to, WEFTLINE_TEXT_SMALL, x + scale + PAD, 0, WEFTLINE_TRANSFER_LINE, to_width,
        0);
  if (least < most)
    show (paint, cr, from, WEFTLINE_TEXT_SMALL, x - from_width, 0, WEFTLINE_TRANSFER_LINE,
          from_width, 0);
  show (paint, cr, who, WEFTLINE_TEXT_SMALL, 0, 0, WEFTLINE_TRANSFER_LINE,
        x - from_width - WEFTLINE_TRANSFER_GAP, 0);
}

static void
paint_matrix (const WeftlineTransferPaint *paint, cairo_t *cr)
{
  const WeftlineTransferLayout *layout = paint->layout;
  double least, most;
  bool is_any = weftline_transfer_range (layout, paint->measure, &least, &most);

  if (is_any)
    paint_scale (paint, cr, least, most);
  if (layout->n_rows == 0)
    return;
  paint_names (paint, cr);
  for (uint32_t row = 0; row < layout->n_rows; row++)
    for (uint32_t column = 0; column < layout->n_rows; column++)
      paint_cell (paint, cr, row, column, least, most);
  paint_sums (paint, cr);
  paint_hover (paint, cr);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Nine in ten are on the line, half are in the box, the median is where it is cut. */
static void
paint_rates (const WeftlineTransferPaint *paint, cairo_t *cr, const WeftlineTransferType *type,
             int y)
{
  const WeftlineTransferLayout *layout = paint->layout;
  uint32_t color = weftline_palette_group (paint->palette, type->name, type->slot);
  static const double shares[] = { 0.05, 0.25, 0.5, 0.75, 0.95 };
  double x[G_N_ELEMENTS (shares)];
  int top = y + (WEFTLINE_TRANSFER_LINE - WEFTLINE_TRANSFER_BAR) / 2;

  weftline_set_color (cr, paint->palette->track, 1);
  fill (cr, turn (paint, layout->bar_x, layout->bar_width), top, layout->bar_width,
        WEFTLINE_TRANSFER_BAR);
  if (type->rates.n_items == 0 || !(layout->most_rate > 0))
    return;
  for (unsigned i = 0; i < G_N_ELEMENTS (shares); i++)
    x[i] =
        layout->bar_x
        + round (CLAMP (weftline_tally_quantile (&type->rates, shares[i]) / layout->most_rate, 0, 1)
                 * layout->bar_width);
  weftline_set_color (cr, color, 1);
  fill (cr, turn (paint, x[0], MAX (x[4] - x[0], 1)), y + WEFTLINE_TRANSFER_LINE / 2 - 1,
        MAX (x[4] - x[0], 1), 2);
  fill (cr, turn (paint, x[1], MAX (x[3] - x[1], 2)), top, MAX (x[3] - x[1], 2),
        WEFTLINE_TRANSFER_BAR);
  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, turn (paint, x[2] - 2, 4), top - 2, 4, WEFTLINE_TRANSFER_BAR + 4);
  weftline_set_color (cr, paint->palette->text, 1);
  fill (cr, turn (paint, x[2] - 1, 2), top - 2, 2, WEFTLINE_TRANSFER_BAR + 4);
}

static void
paint_type (const WeftlineTransferPaint *paint, cairo_t *cr, const WeftlineTransferLine *line)
{
  const WeftlineTransferLayout *layout = paint->layout;
  const WeftlineTransferType *type = &paint->matrix->types[line->type];
  g_autofree char *name = weftline_transfer_type_name (type);
  g_autofree char *median =
      weftline_transfer_rate_text (weftline_tally_quantile (&type->rates, 0.5));
  int end = layout->bar_x + layout->bar_width;

  if (paint->hover.kind == WEFTLINE_TRANSFER_TYPE && paint->hover.type == line->type)
    {
      weftline_set_color (cr, paint->palette->accent, 0.08);
      fill (cr, 0, line->y, layout->width, WEFTLINE_TRANSFER_LINE);
    }
  weftline_set_color (cr, weftline_palette_group (paint->palette, type->name, type->slot), 1);
  fill (cr, turn (paint, 0, SWATCH), line->y + (WEFTLINE_TRANSFER_LINE - SWATCH) / 2, SWATCH,
        SWATCH);
  weftline_set_color (cr, paint->palette->text, 1);
  show (paint, cr, name, WEFTLINE_TEXT_SMALL, SWATCH + PAD, line->y, WEFTLINE_TRANSFER_LINE,
        layout->bar_x - SWATCH - PAD - WEFTLINE_TRANSFER_GAP, 0);
  show (paint, cr, median, WEFTLINE_TEXT_SMALL, end + WEFTLINE_TRANSFER_GAP, line->y,
        WEFTLINE_TRANSFER_LINE, layout->width - end - WEFTLINE_TRANSFER_GAP, 1);
  paint_rates (paint, cr, type, line->y);
}

static void
paint_types (const WeftlineTransferPaint *paint, cairo_t *cr)
{
  const WeftlineTransferLayout *layout = paint->layout;
  g_autofree char *caption = weftline_transfer_types_caption (paint->matrix, layout);
  g_autofree char *most = weftline_transfer_rate_text (layout->most_rate);
  g_autofree char *none = weftline_transfer_rate_text (0);
  int y = layout->types_y + (int) (layout->lines->len + 1) * WEFTLINE_TRANSFER_LINE;
  int end = layout->bar_x + layout->bar_width;

  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, caption, WEFTLINE_TEXT_SMALL, 0, layout->types_y, WEFTLINE_TRANSFER_LINE, end,
        0);
  /* Translators: over a column of medians */
  show (paint, cr, C_ ("transfers", "median"), WEFTLINE_TEXT_SMALL, end, layout->types_y,
        WEFTLINE_TRANSFER_LINE, layout->width - end, 1);
  for (guint i = 0; i < layout->lines->len; i++)
    paint_type (paint, cr, &g_array_index (layout->lines, WeftlineTransferLine, i));
  weftline_set_color (cr, paint->palette->dim, 1);
  if (!(layout->most_rate > 0))
    return;
  show (paint, cr, none, WEFTLINE_TEXT_SMALL, layout->bar_x, y, WEFTLINE_TRANSFER_AXIS,
        layout->bar_width / 2, 0);
  show (paint, cr, most, WEFTLINE_TEXT_SMALL, layout->bar_x + layout->bar_width / 2, y,
        WEFTLINE_TRANSFER_AXIS, layout->bar_width / 2, 1);
}

/* ---- all ------------------------------------------------------------------------------------- */

static int
show_centred (const WeftlineTransferPaint *paint, cairo_t *cr, const char *text,
              WeftlineTextStyle style, int y, int line, unsigned most)
{
  g_auto (GStrv) lines = weftline_text_lines (paint->text, text, style, paint->layout->width, most);
  int n = 0;

  for (; lines[n] != NULL; n++)
    show (paint, cr, lines[n], style, 0, y + n * line, line, paint->layout->width, 0.5);
  return n;
}

/* It says what would be seen. */
static void
paint_empty (const WeftlineTransferPaint *paint, cairo_t *cr)
{
  int line = weftline_text_height (paint->text, WEFTLINE_TEXT_NORMAL) + 4;
  int y = MAX (paint->layout->height / 2 - 2 * line, 0);
  const char *title = paint->is_over ? _ ("No transfers") : _ ("No transfers yet");

  weftline_set_color (cr, paint->palette->text, 1);
  y += line * show_centred (paint, cr, title, WEFTLINE_TEXT_BOLD, y, line, 2);
  weftline_set_color (cr, paint->palette->dim, 1);
  show_centred (paint, cr,
                _ ("Which worker sends how much to which, and how fast. Workers of one process "
                   "share their memory and send nothing."),
                WEFTLINE_TEXT_SMALL, y, line, 4);
}

void
weftline_transfer_paint (const WeftlineTransferPaint *paint, cairo_t *cr)
{
  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, 0, 0, paint->layout->width, paint->layout->height);
  if (paint->layout->width <= 0)
    return;
  if (paint->matrix == NULL || paint->matrix->total.n == 0)
    {
      paint_empty (paint, cr);
      return;
    }
  paint_matrix (paint, cr);
  if (paint->layout->has_types)
    paint_types (paint, cr);
}
