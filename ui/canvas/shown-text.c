/* shown-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/shown-text.h"

#define DEFAULT_SIZE 12
#define DEFAULT_RESOLUTION 96 /* of pango's own font map */

static const cairo_user_data_key_t texts_key;

static double
font_size (PangoLayout *layout)
{
  const PangoFontDescription *font = pango_layout_get_font_description (layout);
  double size, resolution = pango_cairo_context_get_resolution (pango_layout_get_context (layout));

  if (font == NULL || pango_font_description_get_size (font) <= 0)
    return DEFAULT_SIZE;
  size = (double) pango_font_description_get_size (font) / PANGO_SCALE;
  if (pango_font_description_get_size_is_absolute (font))
    return size;
  return size * (resolution > 0 ? resolution : DEFAULT_RESOLUTION) / 72;
}

static void
tell (GArray *texts, cairo_t *cr, PangoLayout *layout, double x, double y)
{
  WeftlineShownText shown = { .size = font_size (layout) };
  int width;

  pango_layout_get_size (layout, &width, NULL);
  y += (double) pango_layout_get_baseline (layout) / PANGO_SCALE;
  cairo_user_to_device (cr, &x, &y);
  shown.x = x;
  shown.y = y;
  shown.width = (double) width / PANGO_SCALE;
  shown.text = g_strdup (pango_layout_get_text (layout));
  g_array_append_val (texts, shown);
}

void
weftline_show_layout (cairo_t *cr, PangoLayout *layout)
{
  GArray *texts = cairo_surface_get_user_data (cairo_get_target (cr), &texts_key);
  double x, y;

  cairo_get_current_point (cr, &x, &y);
  pango_cairo_show_layout (cr, layout);
  if (texts != NULL)
    tell (texts, cr, layout, x, y);
}

static void
shown_clear (void *data)
{
  g_free (((WeftlineShownText *) data)->text);
}

static void
texts_free (void *data)
{
  g_array_unref (data);
}

GArray *
weftline_collect_texts (cairo_surface_t *surface)
{
  GArray *texts = g_array_new (FALSE, FALSE, sizeof (WeftlineShownText));

  g_array_set_clear_func (texts, shown_clear);
  cairo_surface_set_user_data (surface, &texts_key, texts, texts_free);
  return texts;
}
