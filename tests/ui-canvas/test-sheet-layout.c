/* test-sheet-layout.c: tests of where the columns, rows and lines of a sheet stand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Letters are all as wide here, and break anywhere, so that what has room can be counted.
 */
#include "config.h"

#include "test-support.h"

#include "canvas/sheet-layout.h"

#include <string.h>

#define LETTER 7
#define ROUNDS 300

static int
width_cb (void *data G_GNUC_UNUSED, const char *text, WeftlineSheetFont font G_GNUC_UNUSED)
{
  return (int) strlen (text) * LETTER;
}

static char **
wrap_cb (void *data G_GNUC_UNUSED, const char *text, WeftlineSheetFont font G_GNUC_UNUSED,
         int width)
{
  size_t letters = (size_t) MAX (width / LETTER, 1);
  GPtrArray *lines = g_ptr_array_new ();

  do
    {
      size_t n = MIN (strlen (text), letters);

      g_ptr_array_add (lines, g_strndup (text, n));
      text += n;
    }
  while (*text != '\0');
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

static const WeftlineSheetMeasure measure = { .heights = { 16, 14, 16, 13 },
                                              .width = width_cb,
                                              .wrap = wrap_cb };

/* ---- columns --------------------------------------------------------------------------------- */

static unsigned
make_columns (WeftlineSheetColumn *columns)
{
  unsigned n = (unsigned) g_test_rand_int_range (1, WEFTLINE_SHEET_MAX_COLUMNS + 1);

  for (unsigned i = 0; i < n; i++)
    {
      columns[i].natural = g_test_rand_int_range (0, 300);
      columns[i].least = g_test_rand_int_range (0, columns[i].natural + 1);
      columns[i].grows = g_test_rand_int_range (0, 3) == 0;
    }
  return n;
}

/* One after the other, inside, none narrower than it has to be, and none left out that has room. */
static void
test_columns (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      WeftlineSheetColumn columns[WEFTLINE_SHEET_MAX_COLUMNS];
      WeftlineSheetPlace places[WEFTLINE_SHEET_MAX_COLUMNS];
      unsigned n = make_columns (columns), n_shown;
      int width = g_test_rand_int_range (1, 3000), gap = g_test_rand_int_range (0, 30);
      int least = 0, natural = 0, end;

      n_shown = weftline_sheet_columns (columns, n, width, gap, 2 * gap, places);
      g_assert_cmpuint (n_shown, >=, 1);
      g_assert_cmpuint (n_shown, <=, n);
      for (unsigned i = 0; i < n_shown; i++)
        {
          least += columns[i].least + (i > 0 ? gap : 0);
          natural += columns[i].natural + (i > 0 ? gap : 0);
          g_assert_cmpint (places[i].x, >=,
                           i > 0 ? places[i - 1].x + places[i - 1].width + gap : 0);
          g_assert_cmpint (places[i].x + places[i].width, <=, width);
          if (n_shown > 1)
            g_assert_cmpint (places[i].width, >=, columns[i].least);
          if (!columns[i].grows)
            g_assert_cmpint (places[i].width, <=, columns[i].natural);
        }
      if (n_shown < n)
        g_assert_cmpint (least + gap + columns[n_shown].least, >, width);
      end = places[n_shown - 1].x + places[n_shown - 1].width;
      for (unsigned i = 0; i < n_shown; i++)
        if (natural <= width)
          g_assert_cmpint (places[i].width, >=, columns[i].natural);
        else if (columns[i].grows && n_shown > 1)
          g_assert_cmpint (end, >, width - (int) n_shown); /* no room is wasted */
    }
}

/* What is widest gives way first, and what room there is too much goes where it may. */
static void
test_gives_way (void)
{
  const WeftlineSheetColumn columns[] = { { 400, 50, true },
                                          { 100, 50, false },
                                          { 40, 10, false } };
  WeftlineSheetPlace places[3];

  g_assert_cmpuint (weftline_sheet_columns (columns, 3, 300, 10, 10, places), ==, 3);
  g_assert_cmpint (places[0].width, ==, 140);
  g_assert_cmpint (places[1].width, ==, 100);
  g_assert_cmpint (places[2].width, ==, 40);
  g_assert_cmpuint (weftline_sheet_columns (columns, 3, 1000, 10, 10, places), ==, 3);
  g_assert_cmpint (places[0].width, ==, 840);
  g_assert_cmpint (places[2].x, ==, 960);
  g_assert_cmpuint (weftline_sheet_columns (columns, 3, 1000, 10, G_MAXINT, places), ==, 3);
  g_assert_cmpint (places[0].width - 400, <=, 148); /* as the gaps, of which there are two */
  g_assert_cmpint (places[1].x - places[0].x - places[0].width, ==, 10 + 146);
  g_assert_cmpint (places[2].x + places[2].width, ==, 1000);
  g_assert_cmpuint (weftline_sheet_columns (columns, 3, 115, 10, 10, places), ==, 2);
  g_assert_cmpuint (weftline_sheet_columns (columns, 3, 20, 10, 10, places), ==, 1);
  g_assert_cmpint (places[0].width, <=, 20);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
test_rows (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      uint32_t n_rows = (uint32_t) g_test_rand_int_range (0, 2000), first, wanted, n;
      int height = g_test_rand_int_range (-20, 2000);

      first = wanted = (uint32_t) g_test_rand_int_range (0, 3000);
      n = weftline_sheet_rows (n_rows, height, 24, &first);
      g_assert_cmpuint (n, ==, MIN (n_rows, (uint32_t) (MAX (height, 0) / 24)));
      g_assert_cmpuint (first + n, <=, n_rows);
      g_assert_cmpuint (first, <=, wanted);
      if (first < wanted)
        g_assert_cmpuint (first + n, ==, n_rows);
    }
}

/* ---- text ------------------------------------------------------------------------------------ */

static char *
random_text (int most)
{
  int n = g_test_rand_int_range (0, most);
  char *text = g_malloc ((gsize) n + 1);

  for (int i = 0; i < n; i++)
    text[i] = (char) ('a' + g_test_rand_int_range (0, 26));
  text[n] = '\0';
  return text;
}

static GArray *
random_items (void)
{
  GArray *items = weftline_sheet_items_new ();
  int n = g_test_rand_int_range (0, 40);

  for (int i = 0; i < n; i++)
    {
      g_autofree char *title = random_text (20);
      g_autofree char *text = random_text (120);
      WeftlineSheetItem *item = weftline_sheet_items_add (
          items, (WeftlineSheetKind) g_test_rand_int_range (0, 4), title, text);

      item->cut = g_test_rand_bit ();
      item->at_end = g_test_rand_bit ();
      item->boxed = item->kind != WEFTLINE_SHEET_BAR && g_test_rand_bit ();
      item->goes_on = i > 0 && g_test_rand_bit ();
      item->text.has_form = g_test_rand_bit ();
      item->text.font = (WeftlineSheetFont) g_test_rand_int_range (0, WEFTLINE_SHEET_N_FONTS);
      item->weight = (uint64_t) i * i;
    }
  return items;
}

/* Whether two lines cover a place both: titles and what is beside them do not. */
static bool
overlap (const WeftlineSheetLine *a, const WeftlineSheetLine *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

static void
check_flow (const WeftlineSheetFlow *flow, const GArray *items, int width, int height)
{
  guint last = 0;
  uint64_t weight = 0;

  g_assert_cmpuint (flow->first + flow->n_items, <=, items->len);
  g_assert_cmpint (flow->height, <=, MAX (height, 0));
  for (guint i = flow->first; i < flow->first + flow->n_items; i++)
    weight += g_array_index (items, WeftlineSheetItem, i).weight;
  g_assert_cmpuint (flow->weight, ==, weight);
  for (guint i = 0; i < flow->lines->len; i++)
    {
      const WeftlineSheetLine *line = &g_array_index (flow->lines, WeftlineSheetLine, i);

      g_assert_cmpuint (line->item, >=, last);
      last = line->item;
      g_assert_cmpint (line->x, >=, 0);
      g_assert_cmpint (line->y, >=, 0);
      g_assert_cmpint (line->y + line->height, <=, flow->height);
      if (width > 200) /* so much has room for a letter each */
        g_assert_cmpint (line->x + line->width, <=, width);
      for (guint k = 0; k < i && width > 200; k++)
        g_assert_false (overlap (line, &g_array_index (flow->lines, WeftlineSheetLine, k)));
    }
  for (guint i = 0; i < flow->boxes->len; i++)
    {
      const WeftlineSheetBox *box = &g_array_index (flow->boxes, WeftlineSheetBox, i);

      g_assert_cmpint (box->y + box->height, <=, flow->height);
      g_assert_cmpint (box->x + box->width, <=, MAX (width, 1));
    }
}

/* Items in their order, inside, and not over each other; from either end. */
static void
test_flow (void)
{
  WeftlineSheetFlow flow;

  weftline_sheet_flow_init (&flow);
  for (int round = 0; round < ROUNDS; round++)
    {
      GArray *items = random_items ();
      int width = g_test_rand_int_range (1, 900), height = g_test_rand_int_range (0, 900);

      weftline_sheet_flow_run (&flow, &measure, items, width, height, false);
      check_flow (&flow, items, width, height);
      g_assert_cmpuint (flow.first, ==, 0);
      weftline_sheet_flow_run (&flow, &measure, items, width, height, true);
      check_flow (&flow, items, width, height);
      g_assert_cmpuint (flow.first + flow.n_items, ==, items->len);
      weftline_sheet_flow_run (&flow, &measure, items, width, G_MAXINT / 2, round % 2);
      g_assert_cmpuint (flow.n_items, ==, items->len);
      height = flow.height; /* what it needs is enough, and one less is not */
      weftline_sheet_flow_run (&flow, &measure, items, width, height, round % 2);
      g_assert_cmpuint (flow.n_items, ==, items->len);
      g_assert_cmpint (flow.height, ==, height);
      weftline_sheet_flow_run (&flow, &measure, items, width, height - 1, round % 2);
      g_assert_cmpuint (flow.n_items, <, MAX (items->len, 1));
      g_array_unref (items);
    }
  weftline_sheet_flow_clear (&flow);
}

/* No letter is lost between a text's lines. */
static void
test_lines (void)
{
  WeftlineSheetFlow flow;

  weftline_sheet_flow_init (&flow);
  for (int round = 0; round < ROUNDS; round++)
    {
      GArray *items = weftline_sheet_items_new ();
      const WeftlineSheetItem like = { .kind = WEFTLINE_SHEET_PAIR, .weight = 1 };
      g_autofree char *long_one = random_text (12000);
      g_autofree char *short_one = random_text (30);
      g_autofree char *text = g_strdup_printf ("%s\n\n%s", short_one, long_one);
      g_autoptr (GString) joined = g_string_new (NULL);

      weftline_sheet_items_add_lines (items, &like, "Title", text);
      weftline_sheet_flow_run (&flow, &measure, items, 500, G_MAXINT / 2, false);
      g_assert_cmpuint (flow.weight, ==, items->len);
      for (guint i = 0; i < flow.lines->len; i++)
        {
          const WeftlineSheetLine *line = &g_array_index (flow.lines, WeftlineSheetLine, i);

          if (i == 0)
            g_assert_cmpstr (line->cell.text, ==, "Title");
          else
            g_string_append (joined, line->cell.text);
        }
      g_string_prepend (joined, "");
      g_assert_true (g_str_has_prefix (joined->str, short_one));
      g_assert_cmpstr (joined->str + strlen (short_one), ==, long_one);
      g_array_unref (items);
    }
  weftline_sheet_flow_clear (&flow);
}

/* Of what is cut off at its beginning it is still said whose it is. */
static void
test_heading_stays (void)
{
  const WeftlineSheetItem like = { .kind = WEFTLINE_SHEET_ACROSS, .goes_on = true, .weight = 1 };
  GArray *items = weftline_sheet_items_new ();
  WeftlineSheetFlow flow;

  weftline_sheet_flow_init (&flow);
  weftline_sheet_items_add (items, WEFTLINE_SHEET_HEADING, "one", NULL)->weight = 0;
  weftline_sheet_items_add_lines (items, &like, NULL, "1\n2\n3");
  weftline_sheet_items_add (items, WEFTLINE_SHEET_HEADING, "two", NULL)->weight = 0;
  weftline_sheet_items_add_lines (items, &like, NULL, "1\n2\n3");
  for (int height = 0; height < 200; height++)
    {
      weftline_sheet_flow_run (&flow, &measure, items, 300, height, true);
      g_assert_cmpint (flow.n_items > 0, ==, height >= 16);
      if (height >= 2 * 16) /* for a heading and a line */
        g_assert_cmpstr (g_array_index (flow.lines, WeftlineSheetLine, 0).cell.text, ==,
                         flow.n_items > 4 ? "one" : "two");
    }
  g_assert_cmpuint (flow.n_items, ==, items->len);
  g_assert_cmpuint (flow.lines->len, ==, items->len);
  weftline_sheet_flow_clear (&flow);
  g_array_unref (items);
}

/* Titles stand beside what is said where there is room, else above it. */
static void
test_narrow (void)
{
  GArray *items = weftline_sheet_items_new ();
  WeftlineSheetFlow flow;

  weftline_sheet_items_add (items, WEFTLINE_SHEET_PAIR, "Key", "spin-1");
  weftline_sheet_items_add (items, WEFTLINE_SHEET_PAIR, "State", "erred");
  weftline_sheet_flow_init (&flow);
  for (int width = 100; width < 400; width += 100)
    {
      const WeftlineSheetLine *lines;

      weftline_sheet_flow_run (&flow, &measure, items, width, 500, false);
      lines = (const void *) flow.lines->data;
      g_assert_cmpuint (flow.lines->len, ==, 4);
      g_assert_cmpint (lines[0].x, ==, 0);
      g_assert_cmpint (lines[1].x, ==, lines[3].x);
      if (width <= 200)
        g_assert_cmpint (lines[1].y, ==, lines[0].y + lines[0].height);
      else
        g_assert_cmpint (lines[1].x, >=, 5 * LETTER);
      g_assert_cmpint (lines[1].y, >=, lines[0].y);
      g_assert_cmpint (lines[2].y, >, lines[1].y);
    }
  weftline_sheet_flow_clear (&flow);
  g_array_unref (items);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-canvas", "sheet-layout", "columns", test_columns);
  test_add ("ui-canvas", "sheet-layout", "the-widest-gives-way", test_gives_way);
  test_add ("ui-canvas", "sheet-layout", "rows", test_rows);
  test_add ("ui-canvas", "sheet-layout", "flow", test_flow);
  test_add ("ui-canvas", "sheet-layout", "lines", test_lines);
  test_add ("ui-canvas", "sheet-layout", "heading-stays", test_heading_stays);
  test_add ("ui-canvas", "sheet-layout", "narrow", test_narrow);
  return g_test_run ();
}
