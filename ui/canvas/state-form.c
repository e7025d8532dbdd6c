/* state-form.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/state-form.h"

#include <math.h>

void
weftline_hatch_draw (cairo_t *cr, double x, double y, double width, double height)
{
  double first = floor ((x + y) / WEFTLINE_HATCH_STEP) * WEFTLINE_HATCH_STEP;

  cairo_save (cr);
  cairo_rectangle (cr, x, y, width, height);
  cairo_clip (cr);
  for (double sum = first; sum < x + width + y + height; sum += WEFTLINE_HATCH_STEP)
    {
      cairo_move_to (cr, sum - y, y);
      cairo_line_to (cr, sum + WEFTLINE_HATCH_LINE - y, y);
      cairo_line_to (cr, sum + WEFTLINE_HATCH_LINE - y - height, y + height);
      cairo_line_to (cr, sum - y - height, y + height);
      cairo_close_path (cr);
    }
  cairo_fill (cr);
  cairo_restore (cr);
}

static void
draw_outline (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, x + 0.5, y + 0.5, MAX (width - 1, 0.5), MAX (height - 1, 0.5));
  cairo_stroke (cr);
}

static void
draw_dotted (cairo_t *cr, double x, double y, double width, double height)
{
  const double dots[] = { 1, 2 };

  cairo_save (cr);
  cairo_set_dash (cr, dots, G_N_ELEMENTS (dots), 0);
  draw_outline (cr, x, y, width, height);
  cairo_restore (cr);
}

static void
draw_running (cairo_t *cr, const WeftlinePalette *palette, uint32_t color, double x, double y,
              double width, double height)
{
  weftline_set_color (cr, weftline_blend (palette->card, color, 100), 1);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
  weftline_set_color (cr, color, 1);
  weftline_hatch_draw (cr, x, y, width, height);
}

static void
draw_struck (cairo_t *cr, double x, double y, double width, double height)
{
  draw_outline (cr, x, y, width, height);
  cairo_set_line_width (cr, 1.5);
  cairo_move_to (cr, x + 0.5, y + height / 2);
  cairo_line_to (cr, x + width - 0.5, y + height / 2);
  cairo_stroke (cr);
}

void
weftline_state_form_draw (cairo_t *cr, const WeftlinePalette *palette, WeftModelState state,
                          uint32_t color, double x, double y, double width, double height)
{
  switch (state)
    {
    case WEFT_TASK_WAITING:
      weftline_set_color (cr, color, 1);
      draw_outline (cr, x, y, width, height);
      return;
    case WEFT_TASK_QUEUED:
      weftline_set_color (cr, color, 1);
      draw_dotted (cr, x, y, width, height);
      return;
    case WEFT_TASK_RUNNING:
      draw_running (cr, palette, color, x, y, width, height);
      return;
    case WEFT_TASK_CANCELLED:
      weftline_set_color (cr, color, 1);
      draw_struck (cr, x, y, width, height);
      return;
    case WEFT_TASK_RELEASED:
      color = weftline_blend (palette->card, color, 128);
      break;
    case WEFT_TASK_ERRED:
      color = palette->error;
      break;
    case WEFT_TASK_MEMORY:
    default:
      break;
    }
  weftline_set_color (cr, color, 1);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

void
weftline_gone_form_draw (cairo_t *cr, const WeftlinePalette *palette, double x, double y)
{
  double size = WEFTLINE_GONE_FORM;

  weftline_state_form_draw (cr, palette, WEFT_TASK_WAITING, palette->dim, x, y, size, size);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x + 0.5, y + 0.5);
  cairo_line_to (cr, x + size - 0.5, y + size - 0.5);
  cairo_move_to (cr, x + size - 0.5, y + 0.5);
  cairo_line_to (cr, x + 0.5, y + size - 0.5);
  cairo_stroke (cr);
}
