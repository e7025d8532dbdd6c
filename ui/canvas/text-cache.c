/* text-cache.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/text-cache.h"

#include "canvas/shown-text.h"

#include <string.h>

typedef struct
{
  PangoLayout *layout;
  cairo_surface_t *mask; /* (nullable): A8, in device pixels */
  int width, height;
  unsigned turn; /* last asked for */
} Text;

struct _WeftlineTextCache
{
  PangoContext *context;
  char *font; /* as it was made with */
  PangoFontDescription *fonts[WEFTLINE_N_TEXTS];
  GHashTable *texts[WEFTLINE_N_TEXTS]; /* string → Text */
  PangoAttrList *tabular;
  int line[WEFTLINE_N_TEXTS];
  int scale;
  unsigned turn;
  uint64_t n_made;
};

static void
text_free (void *data)
{
  Text *text = data;

  g_object_unref (text->layout);
  g_clear_pointer (&text->mask, cairo_surface_destroy);
  g_free (text);
}

static void
make_fonts (WeftlineTextCache *cache, const char *font)
{
  for (unsigned i = 0; i < WEFTLINE_N_TEXTS; i++)
    {
      PangoFontDescription *description = pango_font_description_from_string (font);
      int size = pango_font_description_get_size (description);

      if (size == 0)
        pango_font_description_set_size (description, size = 11 * PANGO_SCALE);
      if (i == WEFTLINE_TEXT_SMALL && pango_font_description_get_size_is_absolute (description))
        pango_font_description_set_absolute_size (description, size * 0.88);
      else if (i == WEFTLINE_TEXT_SMALL)
        pango_font_description_set_size (description, (int) (size * 0.88));
      if (i == WEFTLINE_TEXT_BOLD)
        pango_font_description_set_weight (description, PANGO_WEIGHT_BOLD);
      cache->fonts[i] = description;
      cache->texts[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, text_free);
    }
}

WeftlineTextCache *
weftline_text_cache_new (const char *font, int scale)
{
  WeftlineTextCache *cache = g_new0 (WeftlineTextCache, 1);
  cairo_font_options_t *options = cairo_font_options_create ();

  cache->font = g_strdup (font);
  cache->scale = scale;
  cache->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options (cache->context, options);
  cairo_font_options_destroy (options);
  /* a layout goes by its first letter, and by this if there is none */
  pango_context_set_base_dir (cache->context, PANGO_DIRECTION_LTR);
  cache->tabular = pango_attr_list_new ();
  pango_attr_list_insert (cache->tabular, pango_attr_font_features_new ("tnum=1"));
  make_fonts (cache, font);
  return cache;
}

void
weftline_text_cache_free (WeftlineTextCache *cache)
{
  if (cache == NULL)
    return;
  for (unsigned i = 0; i < WEFTLINE_N_TEXTS; i++)
    {
      g_hash_table_unref (cache->texts[i]);
      pango_font_description_free (cache->fonts[i]);
    }
  pango_attr_list_unref (cache->tabular);
  g_object_unref (cache->context);
  g_free (cache->font);
  g_free (cache);
}

const char *
weftline_text_cache_font (const WeftlineTextCache *cache)
{
  return cache->font;
}

static gboolean
is_stale (void *key, void *value, void *data)
{
  const WeftlineTextCache *cache = data;

  return cache->turn - ((Text *) value)->turn > 1;
}

void
weftline_text_cache_turn (WeftlineTextCache *cache)
{
  cache->turn++;
  for (unsigned i = 0; i < WEFTLINE_N_TEXTS; i++)
    g_hash_table_foreach_remove (cache->texts[i], is_stale, cache);
}

static Text *
get_text (WeftlineTextCache *cache, const char *string, WeftlineTextStyle style)
{
  Text *text = g_hash_table_lookup (cache->texts[style], string);

  if (text == NULL)
    {
      text = g_new0 (Text, 1);
      text->layout = pango_layout_new (cache->context);
      pango_layout_set_font_description (text->layout, cache->fonts[style]);
      pango_layout_set_attributes (text->layout, cache->tabular);
      pango_layout_set_text (text->layout, string, -1);
      pango_layout_get_pixel_size (text->layout, &text->width, &text->height);
      g_hash_table_insert (cache->texts[style], g_strdup (string), text);
      cache->n_made++;
    }
  text->turn = cache->turn;
  return text;
}

void
weftline_text_size (WeftlineTextCache *cache, const char *text, WeftlineTextStyle style, int *width,
                    int *height)
{
  const Text *known = get_text (cache, text, style);

  *width = known->width;
  *height = known->height;
}

void
weftline_text_show (WeftlineTextCache *cache, cairo_t *cr, const char *text,
                    WeftlineTextStyle style, double x, double y)
{
  cairo_move_to (cr, x, y);
  weftline_show_layout (cr, get_text (cache, text, style)->layout);
}

static cairo_surface_t *
make_mask (const WeftlineTextCache *cache, const Text *text)
{
  cairo_surface_t *mask =
      cairo_image_surface_create (CAIRO_FORMAT_A8, MAX (1, (text->width + 1) * cache->scale),
                                  MAX (1, text->height * cache->scale));
  cairo_t *cr;

  cairo_surface_set_device_scale (mask, cache->scale, cache->scale);
  cr = cairo_create (mask);
  cairo_set_source_rgb (cr, 0, 0, 0);
  pango_cairo_show_layout (cr, text->layout);
  cairo_destroy (cr);
  cairo_surface_flush (mask);
  return mask;
}

void
weftline_text_blit (WeftlineTextCache *cache, WeftlinePixels *pixels, const char *string,
                    WeftlineTextStyle style, int x, int y, uint32_t color)
{
  Text *text = get_text (cache, string, style);

  if (text->mask == NULL)
    text->mask = make_mask (cache, text);
  weftline_pixels_mask (pixels, text->mask, x, y, color);
}

int
weftline_text_width (WeftlineTextCache *cache, const char *text, WeftlineTextStyle style)
{
  int width, height;

  weftline_text_size (cache, text, style, &width, &height);
  return width;
}

int
weftline_text_height (WeftlineTextCache *cache, WeftlineTextStyle style)
{
  int width;

  if (cache->line[style] == 0)
    weftline_text_size (cache, "Äg0", style, &width, &cache->line[style]);
  return cache->line[style];
}

char *
weftline_text_fit (WeftlineTextCache *cache, const char *string, WeftlineTextStyle style, int width)
{
  long low = 0, high = g_utf8_strlen (string, -1);
  int needed, height;

  weftline_text_size (cache, string, style, &needed, &height);
  if (needed <= width)
    return g_strdup (string);
  while (low < high)
    {
      long middle = (low + high + 1) / 2;
      g_autofree char *start = g_utf8_substring (string, 0, middle);
      g_autofree char *cut = g_strconcat (start, "…", NULL);

      weftline_text_size (cache, cut, style, &needed, &height);
      if (needed <= width)
        low = middle;
      else
        high = middle - 1;
    }
  {
    g_autofree char *start = g_utf8_substring (string, 0, low);

    return g_strconcat (start, "…", NULL);
  }
}

/* So many letters of it, the later half of them from its end. (transfer full) */
static char *
without_middle (const char *string, long n_letters, long n_kept)
{
  long n_last = n_kept / 2;
  g_autofree char *first = g_utf8_substring (string, 0, n_kept - n_last);

  return g_strconcat (first, "…", g_utf8_offset_to_pointer (string, n_letters - n_last), NULL);
}

char *
weftline_text_fit_middle (WeftlineTextCache *cache, const char *string, WeftlineTextStyle style,
                          int width)
{
  long n = g_utf8_strlen (string, -1), low = 0, high = n;
  int needed, height;

  weftline_text_size (cache, string, style, &needed, &height);
  if (needed <= width)
    return g_strdup (string);
  while (low < high)
    {
      long middle = (low + high + 1) / 2;
      g_autofree char *cut = without_middle (string, n, middle);

      weftline_text_size (cache, cut, style, &needed, &height);
      if (needed <= width)
        low = middle;
      else
        high = middle - 1;
    }
  return without_middle (string, n, low);
}

/* How many bytes of it make a line: whole words, but all of it if there is only one. */
static size_t
line_length (WeftlineTextCache *cache, const char *string, WeftlineTextStyle style, int width)
{
  size_t length = 0;

  for (const char *space = string; space != NULL && *space != 0;)
    {
      g_autofree char *start = NULL;
      int needed, height;

      space = strchr (space + 1, ' ');
      start = space != NULL ? g_strndup (string, (size_t) (space - string)) : g_strdup (string);
      weftline_text_size (cache, start, style, &needed, &height);
      if (needed > width)
        break;
      length = strlen (start);
    }
  return length > 0 ? length : strcspn (string, " ");
}

char **
weftline_text_lines (WeftlineTextCache *cache, const char *string, WeftlineTextStyle style,
                     int width, unsigned most)
{
  GPtrArray *lines = g_ptr_array_new ();

  while (*string != 0 && lines->len < most)
    {
      size_t length = line_length (cache, string, style, width);
      g_autofree char *line =
          lines->len + 1 < most ? g_strndup (string, length) : g_strdup (string);

      g_ptr_array_add (lines, weftline_text_fit (cache, line, style, width));
      string += strlen (line);
      while (*string == ' ')
        string++;
    }
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

unsigned
weftline_text_cache_n (const WeftlineTextCache *cache)
{
  unsigned n = 0;

  for (unsigned i = 0; i < WEFTLINE_N_TEXTS; i++)
    n += g_hash_table_size (cache->texts[i]);
  return n;
}

uint64_t
weftline_text_cache_n_made (const WeftlineTextCache *cache)
{
  return cache->n_made;
}
