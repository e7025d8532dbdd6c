/* plot-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/plot-paint.h"

#define GAP 6
#define BETWEEN 4

static int
width_of (WeftlineTextCache *text, const char *words)
{
  int width, height;

  weftline_text_size (text, words, WEFTLINE_TEXT_SMALL, &width, &height);
  return width;
}

int
weftline_plot_gutter (WeftlineTextCache *text, uint64_t most G_GNUC_UNUSED)
{
  return width_of (text, "999" WEFTLINE_NO_BREAK_SPACE "MB") + GAP;
}

void
weftline_plot_grid (WeftlineTextCache *text, cairo_t *cr, const WeftlinePalette *palette,
                    const WeftlineBytesScale *bytes, const WeftlineTimeScale *time, bool rtl, int x,
                    int y, int width, int height)
{
  int line = weftline_text_height (text, WEFTLINE_TEXT_SMALL);

  for (unsigned i = 0; i < bytes->n_ticks; i++)
    {
      const WeftlineBytesTick *tick = &bytes->ticks[i];
      int at = y + height - (int) tick->y;

      weftline_set_color (cr, palette->grid, 1);
      cairo_rectangle (cr, x, at, width, 1);
      cairo_fill (cr);
      weftline_set_color (cr, palette->dim, 1);
      if (i > 0 || bytes->n_ticks == 1)
        weftline_text_show (text, cr, tick->label, WEFTLINE_TEXT_SMALL,
                            rtl ? x + width + GAP : x - GAP - width_of (text, tick->label),
                            at - line / 2);
    }
  for (unsigned i = 0; i < time->n_ticks; i++)
    {
      int label = width_of (text, time->ticks[i].label);
      int at = x + (int) time->ticks[i].x - label / 2;

      weftline_set_color (cr, palette->dim, 1);
      if (at + label <= x + width)
        weftline_text_show (text, cr, time->ticks[i].label, WEFTLINE_TEXT_SMALL, MAX (at, 0),
                            y + height + 3);
    }
}

void
weftline_plot_dashes (cairo_t *cr, double x0, double y0, double x1, double y1)
{
  const double dashes[] = { 4, 3 };

  cairo_save (cr);
  cairo_set_dash (cr, dashes, G_N_ELEMENTS (dashes), 0);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, (int) x0 + 0.5, (int) y0 + 0.5);
  cairo_line_to (cr, (int) x1 + 0.5, (int) y1 + 0.5);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
weftline_plot_label (WeftlineTextCache *text, cairo_t *cr, const char *word, bool rtl, double x,
                     double y, double length, uint32_t color, uint32_t under)
{
  int width = width_of (text, word), line = weftline_text_height (text, WEFTLINE_TEXT_SMALL);

  x = rtl ? x : x + length - width - 4;
  weftline_set_color (cr, under, 0.8);
  cairo_rectangle (cr, x, y - line - 1, width + 4, line);
  cairo_fill (cr);
  weftline_set_color (cr, color, 1);
  weftline_text_show (text, cr, word, WEFTLINE_TEXT_SMALL, x + 2, y - line - 1);
}

/* Where lines that stand below each other go; without @cr only how far. Returns: where the next
 * would be */
static int
show_centred (WeftlineTextCache *text, cairo_t *cr, char *const *lines, WeftlineTextStyle style,
              int width, int y)
{
  for (; *lines != NULL; lines++)
    {
      int used, height;

      weftline_text_size (text, *lines, style, &used, &height);
      if (cr != NULL)
        weftline_text_show (text, cr, *lines, style, (width - used) / 2, y);
      y += height;
    }
  return y;
}

/* The words first have what lines they need, then what is said of them has what is left. */
void
weftline_plot_empty (WeftlineTextCache *text, cairo_t *cr, const WeftlinePalette *palette,
                     int width, int height, const char *title, const char *about)
{
  int room = MAX (width - 2 * GAP, 0), head, y;
  int most = height / MAX (weftline_text_height (text, WEFTLINE_TEXT_BOLD), 1);
  g_auto (GStrv) titles =
      weftline_text_lines (text, title, WEFTLINE_TEXT_BOLD, room, (unsigned) CLAMP (most, 1, 3));
  g_auto (GStrv) abouts = NULL;

  head = show_centred (text, NULL, titles, WEFTLINE_TEXT_BOLD, width, 0);
  most = (height - head - BETWEEN) / MAX (weftline_text_height (text, WEFTLINE_TEXT_SMALL), 1);
  if (most > 0)
    abouts = weftline_text_lines (text, about, WEFTLINE_TEXT_SMALL, room, (unsigned) MIN (most, 4));
  if (abouts != NULL)
    head = show_centred (text, NULL, abouts, WEFTLINE_TEXT_SMALL, width, head + BETWEEN);
  y = MAX ((height - head) / 2, 0);
  weftline_set_color (cr, palette->text, 1);
  y = show_centred (text, cr, titles, WEFTLINE_TEXT_BOLD, width, y);
  weftline_set_color (cr, palette->dim, 1);
  if (abouts != NULL)
    show_centred (text, cr, abouts, WEFTLINE_TEXT_SMALL, width, y + BETWEEN);
}
