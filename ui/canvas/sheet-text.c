/* sheet-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A sheet has thousands of texts, of which hardly one comes twice, so none is kept.
 */
#include "config.h"

#include "canvas/sheet-text.h"

#include "canvas/shown-text.h"

#include <string.h>

#define SMALL 0.88 /* as in text-cache.c */
#define USUAL_POINTS 11

struct _WeftlineSheetText
{
  PangoContext *context;
  PangoLayout *layouts[WEFTLINE_SHEET_N_FONTS];
  WeftlineSheetMeasure measure;
};

/* ---- fonts ----------------------------------------------------------------------------------- */

static PangoFontDescription *
make_font (const char *name, WeftlineSheetFont font)
{
  PangoFontDescription *description = pango_font_description_from_string (name);
  int size = pango_font_description_get_size (description);

  if (size == 0)
    pango_font_description_set_size (description, size = USUAL_POINTS * PANGO_SCALE);
  if (font == WEFTLINE_SHEET_SMALL || font == WEFTLINE_SHEET_MONO)
    {
      if (pango_font_description_get_size_is_absolute (description))
        pango_font_description_set_absolute_size (description, size * SMALL);
      else
        pango_font_description_set_size (description, (int) (size * SMALL));
    }
  if (font == WEFTLINE_SHEET_BOLD)
    pango_font_description_set_weight (description, PANGO_WEIGHT_BOLD);
  if (font == WEFTLINE_SHEET_MONO)
    pango_font_description_set_family_static (description, "Monospace");
  return description;
}

static PangoContext *
make_context (void)
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_t *options = cairo_font_options_create ();

  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  /* a layout goes by its first letter, and by this if there is none */
  pango_context_set_base_dir (context, PANGO_DIRECTION_LTR);
  return context;
}

static void
make_layouts (WeftlineSheetText *text, const char *font)
{
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  /* a hyphen could be taken for a part of a key or a path */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  for (WeftlineSheetFont i = 0; i < WEFTLINE_SHEET_N_FONTS; i++)
    {
      PangoFontDescription *description = make_font (font, i);

      text->layouts[i] = pango_layout_new (text->context);
      pango_layout_set_font_description (text->layouts[i], description);
      pango_layout_set_attributes (text->layouts[i], attributes);
      pango_layout_set_wrap (text->layouts[i], PANGO_WRAP_WORD_CHAR);
      pango_font_description_free (description);
    }
  pango_attr_list_unref (attributes);
}

/* ---- measuring ------------------------------------------------------------------------------- */

/* @width: −1: as wide as it is */
static PangoLayout *
lay_out (WeftlineSheetText *text, const char *string, WeftlineSheetFont font, int width,
         PangoEllipsizeMode ellipsize, bool single)
{
  PangoLayout *layout = text->layouts[font];

  pango_layout_set_width (layout, width < 0 ? -1 : width * PANGO_SCALE);
  pango_layout_set_ellipsize (layout, ellipsize);
  pango_layout_set_single_paragraph_mode (layout, single);
  pango_layout_set_text (layout, string, -1);
  return layout;
}

int
weftline_sheet_text_width (WeftlineSheetText *text, const char *string, WeftlineSheetFont font)
{
  int width;

  pango_layout_get_pixel_size (lay_out (text, string, font, -1, PANGO_ELLIPSIZE_NONE, true), &width,
                               NULL);
  return width;
}

static int
width_cb (void *data, const char *string, WeftlineSheetFont font)
{
  return weftline_sheet_text_width (data, string, font);
}

/* What is between words at a line's end is not shown. */
static char **
wrap_cb (void *data, const char *string, WeftlineSheetFont font, int width)
{
  WeftlineSheetText *text = data;
  PangoLayout *layout = lay_out (text, string, font, width, PANGO_ELLIPSIZE_NONE, false);
  GPtrArray *lines = g_ptr_array_new ();

  for (GSList *at = pango_layout_get_lines_readonly (layout); at != NULL; at = at->next)
    {
      const PangoLayoutLine *line = at->data;
      char *part = g_strndup (string + line->start_index, (gsize) line->length);

      g_ptr_array_add (lines, at->next != NULL ? g_strchomp (part) : part);
    }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

int
weftline_sheet_text_height (const WeftlineSheetText *text, WeftlineSheetFont font)
{
  return text->measure.heights[font];
}

const WeftlineSheetMeasure *
weftline_sheet_text_measure (WeftlineSheetText *text)
{
  return &text->measure;
}

/* ---- showing --------------------------------------------------------------------------------- */

void
weftline_sheet_text_show (WeftlineSheetText *text, cairo_t *cr, const char *string,
                          WeftlineSheetFont font, WeftlineSheetCut cut, double x, double y,
                          int width, bool on_right)
{
  static const PangoEllipsizeMode modes[] = { PANGO_ELLIPSIZE_NONE, PANGO_ELLIPSIZE_END,
                                              PANGO_ELLIPSIZE_MIDDLE };
  PangoLayout *layout = lay_out (text, string, font, -1, PANGO_ELLIPSIZE_NONE, true);
  int needed, height;

  if (width <= 0 || *string == '\0')
    return;
  pango_layout_get_pixel_size (layout, &needed, &height);
  if (needed > width && cut != WEFTLINE_SHEET_WHOLE)
    {
      layout = lay_out (text, string, font, width, modes[cut], true);
      pango_layout_get_pixel_size (layout, &needed, &height);
      pango_layout_set_width (layout, needed * PANGO_SCALE); /* nothing stands before it */
    }
  /* fonts of other scripts are higher: what they stand on is the same */
  y += (double) (text->measure.heights[font] - height) / 2;
  cairo_move_to (cr, on_right ? x + width - needed : x, y);
  weftline_show_layout (cr, layout);
}

/* ---- all of it ------------------------------------------------------------------------------- */

WeftlineSheetText *
weftline_sheet_text_new (const char *font)
{
  WeftlineSheetText *text = g_new0 (WeftlineSheetText, 1);

  text->context = make_context ();
  make_layouts (text, font);
  text->measure.width = width_cb;
  text->measure.wrap = wrap_cb;
  text->measure.data = text;
  for (WeftlineSheetFont i = 0; i < WEFTLINE_SHEET_N_FONTS; i++)
    pango_layout_get_pixel_size (lay_out (text, "Äg0", i, -1, PANGO_ELLIPSIZE_NONE, true), NULL,
                                 &text->measure.heights[i]);
  return text;
}

void
weftline_sheet_text_free (WeftlineSheetText *text)
{
  if (text == NULL)
    return;
  for (WeftlineSheetFont i = 0; i < WEFTLINE_SHEET_N_FONTS; i++)
    g_object_unref (text->layouts[i]);
  g_object_unref (text->context);
  g_free (text);
}
