/* test-sheet-paint.c: tests of lists as pictures
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-pictures.h"
#include "test-support.h"

#include "canvas/sheet-paint.h"
#include "canvas/shown-text.h"

#include <string.h>

#define WIDTH 420
#define HEIGHT 300

static const WeftlineSheetTitle titles[] = {
  { .title = "Key", .grows = true, .least = 10 },
  { .title = "State", .least = 8 },
  { .title = "Took", .is_number = true, .least = 8 },
};

static unsigned n_filled;
static uint32_t group_color = 0x2fa37c;

static void
fill_cb (void *data G_GNUC_UNUSED, uint32_t row, unsigned column, WeftlineSheetCell *cell)
{
  n_filled++;
  cell->text = column == 2 ? g_strdup_printf ("%u ms", row * row * 7)
                           : g_strdup_printf ("%s %u", titles[column].title, row);
  cell->has_form = column == 1;
  cell->state = WEFT_TASK_MEMORY;
  cell->color = group_color;
}

static bool
third_cb (void *data G_GNUC_UNUSED, uint32_t row)
{
  return row == 3;
}

static WeftlineSheetTable
table_of (uint32_t n_rows)
{
  return (WeftlineSheetTable){ .titles = titles,
                               .n_titles = G_N_ELEMENTS (titles),
                               .has_head = true,
                               .sorted = G_N_ELEMENTS (titles),
                               .n_rows = n_rows,
                               .fill = fill_cb };
}

static WeftlineSheetLook
look_of (WeftlineSheetText *text, bool dark)
{
  return (WeftlineSheetLook){ .palette = weftline_palette (WEFTLINE_PALETTE_SAFE, dark),
                              .text = text,
                              .title = "Threads",
                              .figures = "many of many",
                              .empty = "No thread yet" };
}

/* @texts: (out) (element-type WeftlineShownText): as long as the picture */
static cairo_surface_t *
paint (const WeftlineSheetLook *look, const WeftlineSheetTable *table, int width, int height,
       int scale, GArray **texts)
{
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, width * scale, height * scale);
  cairo_t *cr;

  *texts = weftline_collect_texts (surface);
  cr = cairo_create (surface);
  cairo_scale (cr, scale, scale);
  weftline_sheet_table_paint (look, table, cr, width, height);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

/* (nullable): the first of that text */
static const WeftlineShownText *
find_text (const GArray *texts, const char *text)
{
  for (guint i = 0; i < texts->len; i++)
    if (g_str_equal (g_array_index (texts, WeftlineShownText, i).text, text))
      return &g_array_index (texts, WeftlineShownText, i);
  return NULL;
}

static uint32_t
pixel (cairo_surface_t *surface, int x, int y)
{
  const uint8_t *data = cairo_image_surface_get_data (surface);
  size_t stride = (size_t) cairo_image_surface_get_stride (surface);

  return ((const uint32_t *) (const void *) (data + (size_t) y * stride))[x] & 0xffffff;
}

/* Words begin where the column does, figures end where it ends; its title as they do. */
static void
test_alignment (void)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  WeftlineSheetLook look = look_of (text, false);
  WeftlineSheetTable table = table_of (6);

  for (int rtl = 0; rtl < 2; rtl++)
    {
      GArray *texts;
      cairo_surface_t *surface;
      const WeftlineShownText *key, *took, *head;

      look.rtl = rtl;
      surface = paint (&look, &table, WIDTH, HEIGHT, 1, &texts);
      key = find_text (texts, "Key 0");
      took = find_text (texts, "0 ms");
      for (unsigned row = 0; row < 6; row++)
        {
          g_autofree char *name = g_strdup_printf ("Key %u", row);
          g_autofree char *figure = g_strdup_printf ("%u ms", row * row * 7);
          const WeftlineShownText *a = find_text (texts, name), *b = find_text (texts, figure);

          g_assert_cmpfloat_with_epsilon (rtl ? a->x + a->width : a->x,
                                          rtl ? key->x + key->width : key->x, 1);
          g_assert_cmpfloat_with_epsilon (b->x + b->width, took->x + took->width, 1);
          g_assert_cmpfloat_with_epsilon (a->y, b->y, 0.01);
          g_assert_cmpfloat_with_epsilon (a->y - key->y,
                                          row * (find_text (texts, "Key 1")->y - key->y), 0.01);
        }
      head = find_text (texts, "Took");
      g_assert_cmpfloat_with_epsilon (head->x + head->width, took->x + took->width, 1);
      g_assert_cmpint (key->x < took->x, ==, !rtl);
      head = find_text (texts, "Threads");
      g_assert_cmpint (head->x < WIDTH / 2.0, ==, !rtl);
      cairo_surface_destroy (surface);
    }
  weftline_sheet_text_free (text);
}

/* However many rows there are, those are asked for that are shown, and how many is said. */
static void
test_many_rows (void)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  WeftlineSheetLook look = look_of (text, false);
  WeftlineSheetTable table = table_of (5000000);
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  cairo_surface_t *surface;
  GArray *texts;
  int width, height;

  n_filled = 0;
  surface = paint (&look, &table, WIDTH, HEIGHT, 1, &texts);
  g_assert_cmpuint (n_filled, <=, 3 * HEIGHT / 20);
  g_assert_nonnull (find_text (texts, "Key 0"));
  first = g_strdup_printf ("rows 1–%u of 5\u202f000\u202f000", n_filled / 3);
  g_assert_nonnull (find_text (texts, first));
  cairo_surface_destroy (surface);
  table.first = 5000000 - 2; /* which leaves room for more */
  surface = paint (&look, &table, WIDTH, HEIGHT, 1, &texts);
  g_assert_nonnull (find_text (texts, "Key 4999999"));
  last = g_strdup_printf ("rows 4\u202f999\u202f%u–5\u202f000\u202f000 of 5\u202f000\u202f000",
                          1001 - n_filled / 2 / 3);
  g_assert_nonnull (find_text (texts, last));
  cairo_surface_destroy (surface);
  weftline_sheet_table_size (&look, &table, 8000, &width, &height);
  g_assert_cmpint (height, ==, 8000);
  weftline_sheet_text_free (text);
}

/* As large as it says it needs, nothing is left out; a row less high, one is. */
static void
test_size (void)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 13");
  WeftlineSheetLook look = look_of (text, false);

  for (uint32_t n = 1; n < 20; n += 3)
    {
      WeftlineSheetTable table = table_of (n);
      g_autofree char *last = g_strdup_printf ("Key %u", n - 1);
      cairo_surface_t *surface;
      int width, height;
      GArray *texts;

      weftline_sheet_table_size (&look, &table, 8000, &width, &height);
      surface = paint (&look, &table, width, height, 1, &texts);
      g_assert_nonnull (find_text (texts, last));
      for (guint i = 0; i < texts->len; i++)
        g_assert_null (strstr (g_array_index (texts, WeftlineShownText, i).text, "rows "));
      cairo_surface_destroy (surface);
      surface = paint (&look, &table, width, height - 1, 1, &texts);
      g_assert_null (find_text (texts, last));
      cairo_surface_destroy (surface);
      surface = paint (&look, &table, 90, height, 1, &texts);
      g_assert_true (g_str_has_suffix (
          g_array_index (texts, WeftlineShownText, texts->len - 1).text, "1 of 3 columns"));
      cairo_surface_destroy (surface);
    }
  weftline_sheet_text_free (text);
}

/* On its ground's colour, with its text's; hairlines are as wide as a pixel of the view. */
static void
test_styles (void)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  WeftlineSheetTable table = table_of (6);

  table.selected = third_cb;
  for (int i = 0; i < 4; i++)
    {
      WeftlineSheetLook look = look_of (text, i & 1);
      int scale = 1 + (i >> 1), n_rules = 0, n_selected = 0;
      cairo_surface_t *surface;
      GArray *texts;

      surface = paint (&look, &table, WIDTH, HEIGHT, scale, &texts);
      g_assert_cmphex (pixel (surface, 1, 1), ==, look.palette->card);
      for (int y = 0; y < HEIGHT * scale; y++)
        {
          n_rules += pixel (surface, WIDTH / 4 * scale, y) == look.palette->grid;
          n_selected += pixel (surface, 7 * scale, y) != look.palette->card;
        }
      g_assert_cmpint (n_rules, ==, scale);
      g_assert_cmpint (n_selected, ==, 24 * scale);
      cairo_surface_destroy (surface);
    }
  weftline_sheet_text_free (text);
}

static void
test_empty (void)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  WeftlineSheetLook look = look_of (text, false);
  WeftlineSheetTable table = table_of (0);
  GArray *texts;
  cairo_surface_t *surface = paint (&look, &table, WIDTH, HEIGHT, 1, &texts);

  g_assert_nonnull (find_text (texts, "No thread yet"));
  cairo_surface_destroy (surface);
  weftline_sheet_text_free (text);
}

/* ---- text with titles ------------------------------------------------------------------------ */

static const char *
figures_cb (void *data, uint64_t weight)
{
  char *words = data;

  g_snprintf (words, 40, "%u of all", (unsigned) weight);
  return words;
}

/* A bar, a heading, two pairs, and three lines in a box. */
static GArray *
make_items (void)
{
  const WeftlineSheetItem boxed = {
    .kind = WEFTLINE_SHEET_PAIR, .text = { .font = WEFTLINE_SHEET_MONO }, .boxed = true, .weight = 1
  };
  GArray *items = weftline_sheet_items_new ();
  WeftlineSheetItem *bar = weftline_sheet_items_add (items, WEFTLINE_SHEET_BAR, NULL, NULL);

  bar->share = 0.25;
  bar->color = group_color;
  weftline_sheet_items_add (items, WEFTLINE_SHEET_HEADING, "Times", "since the start");
  weftline_sheet_items_add (items, WEFTLINE_SHEET_PAIR, "Started", "1.2 ms");
  weftline_sheet_items_add (items, WEFTLINE_SHEET_PAIR, "Took", "40 ms")->at_end = true;
  weftline_sheet_items_add_lines (items, &boxed, "Output", "warp\nweft\nshed");
  return items;
}

static cairo_surface_t *
paint_page (const WeftlineSheetLook *look, const WeftlineSheetPage *page, int height,
            GArray **texts)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, height);
  cairo_t *cr;

  *texts = weftline_collect_texts (surface);
  cr = cairo_create (surface);
  weftline_sheet_page_paint (look, page, cr, WIDTH, height);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  return surface;
}

static int
count_color (cairo_surface_t *surface, uint32_t color, int from_x, int to_x)
{
  int n = 0;

  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    for (int x = from_x; x < to_x; x++)
      n += pixel (surface, x, y) == color;
  return n;
}

/* All is there in the height it asks for; the bar is filled as far as it says, from where lines
 * begin; below that height it is said how much is left out. */
static void
test_page (void)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  GArray *items = make_items ();
  const WeftlineSheetPage page = { .items = items };

  for (int i = 0; i < 4; i++)
    {
      WeftlineSheetLook look = look_of (text, i & 1);
      const WeftlineShownText *title, *value;
      int height = weftline_sheet_page_height (&look, &page, WIDTH, 8000), filled;
      cairo_surface_t *surface;
      GArray *texts;

      look.rtl = i >> 1;
      surface = paint_page (&look, &page, height, &texts);
      title = find_text (texts, "Took");
      value = find_text (texts, "40 ms");
      g_assert_nonnull (find_text (texts, "many of many"));
      g_assert_nonnull (find_text (texts, "since the start"));
      g_assert_nonnull (find_text (texts, "shed"));
      g_assert_cmpint (title->x < value->x, ==, !look.rtl);
      if (look.rtl)
        g_assert_cmpfloat_with_epsilon (value->x, 12, 1);
      else
        g_assert_cmpfloat_with_epsilon (value->x + value->width, WIDTH - 12, 1);
      filled = count_color (surface, 0x2fa37c, 0, WIDTH);
      g_assert_cmpint (filled, >, (WIDTH - 24) / 4 * 3);
      g_assert_cmpint (filled, <=, (WIDTH - 24) / 4 * 4);
      g_assert_cmpint (
          count_color (surface, 0x2fa37c, look.rtl ? WIDTH / 2 : 0, look.rtl ? WIDTH : WIDTH / 2),
          ==, filled);
      cairo_surface_destroy (surface);
      surface = paint_page (&look, &page, height - 1, &texts);
      g_assert_null (find_text (texts, "shed"));
      g_assert_true (g_str_has_suffix (
          g_array_index (texts, WeftlineShownText, texts->len - 1).text, " of 7 lines"));
      cairo_surface_destroy (surface);
    }
  g_array_unref (items);
  weftline_sheet_text_free (text);
}

/* Whoever counts otherwise says so. */
static void
test_page_figures (void)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  WeftlineSheetLook look = look_of (text, false);
  GArray *items = make_items ();
  char words[40];
  WeftlineSheetPage page = { .items = items, .figures = figures_cb, .data = words };
  cairo_surface_t *surface;
  GArray *texts;

  surface = paint_page (&look, &page, HEIGHT, &texts);
  g_assert_nonnull (find_text (texts, "7 of all"));
  cairo_surface_destroy (surface);
  page.from_end = true;
  surface = paint_page (&look, &page, 100, &texts);
  g_assert_nonnull (find_text (texts, "shed"));
  g_assert_nonnull (find_text (texts, "Times"));
  g_assert_null (find_text (texts, "Started"));
  g_assert_null (find_text (texts, "7 of all"));
  cairo_surface_destroy (surface);
  g_array_unref (items);
  weftline_sheet_text_free (text);
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* Lines are no wider than they may be, and nothing but room between words is lost. */
static void
test_wraps (void)
{
  static const char words[] = "exec([\"sh\", \"-c\", \"echo warp\"]) of_a_rather_long_key-"
                              "without-any-room/in/it/at/all/which/has/to/be/cut שלום عامل";
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  const WeftlineSheetMeasure *measure = weftline_sheet_text_measure (text);

  for (int width = 40; width < 600; width += 13)
    {
      g_auto (GStrv) lines = measure->wrap (measure->data, words, WEFTLINE_SHEET_NORMAL, width);
      const char *rest = words;

      for (guint i = 0; lines[i] != NULL; i++)
        {
          g_assert_cmpint (weftline_sheet_text_width (text, lines[i], WEFTLINE_SHEET_NORMAL), <=,
                           width);
          rest += strspn (rest, " ");
          g_assert_true (g_str_has_prefix (rest, lines[i]));
          rest += strlen (lines[i]);
        }
      g_assert_cmpstr (rest, ==, "");
    }
  weftline_sheet_text_free (text);
}

/* What is cut stays in its room, and is told whole. */
static void
test_cuts (void)
{
  static const WeftlineSheetCut cuts[] = { WEFTLINE_SHEET_CUT_END, WEFTLINE_SHEET_CUT_MIDDLE };
  const char *words = "a key that is a little longer than the column that it stands in";
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");

  for (unsigned i = 0; i < G_N_ELEMENTS (cuts); i++)
    for (int width = 30; width < 300; width += 17)
      {
        cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 400, 40);
        GArray *texts = weftline_collect_texts (surface);
        cairo_t *cr = cairo_create (surface);
        const WeftlineShownText *shown;
        int first = 400, last = 0;

        cairo_set_source_rgb (cr, 1, 1, 1);
        weftline_sheet_text_show (text, cr, words, WEFTLINE_SHEET_NORMAL, cuts[i], 50, 10, width,
                                  i == 1);
        cairo_destroy (cr);
        cairo_surface_flush (surface);
        shown = &g_array_index (texts, WeftlineShownText, 0);
        g_assert_cmpstr (shown->text, ==, words);
        g_assert_cmpfloat (shown->width, <=, width + 1);
        for (int y = 0; y < 40; y++)
          for (int x = 0; x < 400; x++)
            if (pixel (surface, x, y) != 0)
              {
                first = MIN (first, x);
                last = MAX (last, x);
              }
        g_assert_cmpint (first, >=, 48);
        g_assert_cmpint (last, <=, 52 + width);
        if (i == 1)
          g_assert_cmpint (last, >=, 50 + width - 4);
        else
          g_assert_cmpint (first, <=, 54);
        cairo_surface_destroy (surface);
      }
  weftline_sheet_text_free (text);
}

/* ---- pictures -------------------------------------------------------------------------------- */

static bool writes;

#define LOW 190

/* A table above a page. (transfer full) */
static cairo_surface_t *
draw_both (const WeftlinePalette *palette, const void *data G_GNUC_UNUSED)
{
  WeftlineSheetText *text = weftline_sheet_text_new ("Sans 10");
  WeftlineSheetLook look = look_of (text, false);
  WeftlineSheetTable table = table_of (6);
  uint32_t usual = group_color;
  GArray *items;
  WeftlineSheetPage page = { 0 };
  cairo_surface_t *surface = picture_new (WIDTH, 2 * LOW, 1);
  cairo_t *cr = cairo_create (surface);

  group_color = weftline_palette_group (palette, "weave", 2);
  page.items = items = make_items ();
  look.palette = palette;
  table.selected = third_cb;
  weftline_sheet_table_paint (&look, &table, cr, WIDTH, LOW);
  cairo_translate (cr, 0, LOW);
  weftline_sheet_page_paint (&look, &page, cr, WIDTH, LOW);
  group_color = usual;
  cairo_destroy (cr);
  g_array_unref (items);
  weftline_sheet_text_free (text);
  return surface;
}

static void
test_pictures (void)
{
  assert_in_all_palettes_within ("ui-canvas", "sheet", draw_both, NULL, 0.006, writes);
}

int
main (int argc, char **argv)
{
  writes = picture_writes (argc, argv);
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "sheet-paint", "alignment", test_alignment);
  test_add ("ui-canvas", "sheet-paint", "many-rows", test_many_rows);
  test_add ("ui-canvas", "sheet-paint", "size", test_size);
  test_add ("ui-canvas", "sheet-paint", "styles", test_styles);
  test_add ("ui-canvas", "sheet-paint", "empty", test_empty);
  test_add ("ui-canvas", "sheet-paint", "page", test_page);
  test_add ("ui-canvas", "sheet-paint", "page-figures", test_page_figures);
  test_add ("ui-canvas", "sheet-paint", "wraps", test_wraps);
  test_add ("ui-canvas", "sheet-paint", "cuts", test_cuts);
  test_add ("ui-canvas", "sheet-paint", "pictures", test_pictures);
  return g_test_run ();
}
