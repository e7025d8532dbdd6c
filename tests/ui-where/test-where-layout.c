/* test-where-layout.c: bars and shares add up, lines do not overlap, nobody is left out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "where/where-layout.h"

#define MOST_ROWS 60

static int64_t
draw_ns (void)
{
  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      return 0;
    case 1:
      return g_test_rand_int_range (1, 1000);
    default:
      return (int64_t) g_test_rand_double_range (1, 1e15);
    }
}

static void
draw_rows (WeftTimeRow *rows, uint32_t n, WeftTimeRow *total)
{
  memset (total, 0, sizeof *total);
  for (uint32_t i = 0; i < n; i++)
    {
      rows[i] = (WeftTimeRow){ .name = "", .worker = i, .lane = i };
      for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
        {
          rows[i].ns[use] = draw_ns ();
          rows[i].total_ns += rows[i].ns[use];
          total->ns[use] += rows[i].ns[use];
        }
      total->total_ns += rows[i].total_ns;
    }
}

/* Pieces stand side by side, each use once, none that is there is missing. */
static void
check_bar (const WeftlineWhereBar *bar, const WeftTimeRow *row, int width)
{
  int x = 0, n_there = 0;

  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    n_there += row->ns[use] > 0;
  for (unsigned i = 0; i < bar->n_pieces; i++)
    {
      const WeftlineWherePiece *piece = &bar->pieces[i];
      double exact = (double) width * (double) row->ns[piece->use] / (double) row->total_ns;

      g_assert_cmpint (piece->x, ==, x);
      g_assert_cmpint (piece->width, >, 0);
      g_assert_cmpint (row->ns[piece->use], >, 0);
      g_assert_true (i == 0 || piece->use > bar->pieces[i - 1].use);
      g_assert_cmpfloat (piece->width, >, exact - 1 - WEFT_TIME_N_USES);
      g_assert_cmpfloat (piece->width, <, exact + 2);
      x += piece->width;
    }
  g_assert_cmpint (x, ==, row->total_ns > 0 ? width : 0);
  if (width >= 2 * WEFT_TIME_N_USES)
    g_assert_cmpint (bar->n_pieces, ==, n_there);
}

/* Lines are shown in whole, between the bar and the line above the workers, or not at all. Only
 * lines at the ends are left out. */
static void
check_shown (const WeftlineWhereLayout *layout)
{
  int end = layout->has_caption ? layout->caption_y : layout->height;
  unsigned n = 0;

  for (unsigned i = 0; i < layout->n_entries; i++)
    {
      const WeftlineWhereEntry *entry = &layout->entries[i];
      bool fits = entry->y >= WEFTLINE_WHERE_TOP && entry->y + WEFTLINE_WHERE_ENTRY <= end;
      WeftlineWhereHit hit;

      g_assert_cmpint (entry->shown, ==, fits);
      n += fits;
      if (fits && entry->width > 0 && entry->x < layout->width)
        g_assert_true (weftline_where_hit (layout, entry->x, entry->y, &hit) && hit.has_use
                       && hit.use == entry->use);
      /* with each step some line is the first */
      g_assert_cmpint ((entry->y - WEFTLINE_WHERE_TOP) % WEFTLINE_WHERE_ENTRY, ==, 0);
    }
  g_assert_cmpuint (layout->n_entries_shown, ==, n);
  g_assert_cmpint (layout->has_caption, ==,
                   layout->height >= WEFTLINE_WHERE_TOP + WEFTLINE_WHERE_CAPTION);
}

static void
check_legend (const WeftlineWhereLayout *layout, const WeftTimeRow *total)
{
  int sum = 0, n_there = 0;

  for (unsigned i = 0; i < layout->n_entries; i++)
    {
      const WeftlineWhereEntry *entry = &layout->entries[i];

      sum += entry->permille;
      n_there += total->ns[entry->use] > 0;
      g_assert_cmpint (entry->x, >=, 0);
      g_assert_cmpint (entry->x + entry->width, <=, MAX (layout->width, entry->width));
      for (unsigned k = 0; k < i; k++)
        g_assert_true (layout->entries[k].y + WEFTLINE_WHERE_ENTRY <= entry->y
                       || entry->y + WEFTLINE_WHERE_ENTRY <= layout->entries[k].y
                       || layout->entries[k].x + layout->entries[k].width <= entry->x);
      g_assert_true (entry->y + WEFTLINE_WHERE_ENTRY <= layout->caption_y
                     || layout->caption_y
                            == MAX (layout->height - WEFTLINE_WHERE_CAPTION, WEFTLINE_WHERE_TOP));
    }
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    n_there -= total->ns[use] > 0;
  g_assert_cmpint (n_there, ==, 0);
  g_assert_cmpint (sum, ==, total->total_ns > 0 ? 1000 : 0);
}

static void
check_lines (const WeftlineWhereLayout *layout, const WeftTimeRow *rows)
{
  int top = layout->caption_y + WEFTLINE_WHERE_CAPTION;
  uint32_t n_whole = 0;

  g_assert_cmpint (layout->caption_y, >=, WEFTLINE_WHERE_TOP);
  if (layout->height >= WEFTLINE_WHERE_TOP + WEFTLINE_WHERE_CAPTION)
    g_assert_cmpint (top, <=, layout->height);
  for (guint i = 0; i < layout->lines->len; i++)
    {
      const WeftlineWhereLine *line = &g_array_index (layout->lines, WeftlineWhereLine, i);
      WeftlineWhereHit hit;

      check_bar (&line->bar, &rows[line->row], layout->bar_width);
      g_assert_true (i == 0 || line->y == (line - 1)->y + WEFTLINE_WHERE_ROW);
      g_assert_true (i == 0 || line->row == (line - 1)->row + 1);
      g_assert_cmpint (line->y, >=, top);
      g_assert_cmpint (line->y + WEFTLINE_WHERE_ROW, <=, layout->height);
      n_whole++;
      if (layout->width == 0)
        continue;
      g_assert_true (weftline_where_hit (layout, layout->bar_x - 1, line->y, &hit)
                     || layout->bar_x == 0);
      if (layout->bar_x > 0)
        g_assert_cmpuint (hit.row, ==, line->row);
    }
  g_assert_cmpuint (layout->n_shown, ==, n_whole);
}

static void
test_random (void)
{
  WeftTimeRow rows[MOST_ROWS], total;
  WeftlineWhereLayout layout;

  weftline_where_layout_init (&layout);
  for (int i = 0; i < 500; i++)
    {
      uint32_t n = (uint32_t) g_test_rand_int_range (0, MOST_ROWS);

      draw_rows (rows, n, &total);
      weftline_where_layout (&layout, &total, rows, n, g_test_rand_int_range (0, 1200),
                             g_test_rand_int_range (0, 900), g_test_rand_int_range (0, 90),
                             g_test_rand_int_range (0, 60), g_test_rand_int_range (-50, 3000));
      check_bar (&layout.total, &total, layout.width);
      check_legend (&layout, &total);
      check_shown (&layout);
      check_lines (&layout, rows);
    }
  weftline_where_layout_clear (&layout);
}

/* From little height on: what is left free is less than a line. */
static void
test_heights (void)
{
  WeftTimeRow rows[MOST_ROWS], total;
  WeftlineWhereLayout layout;

  weftline_where_layout_init (&layout);
  draw_rows (rows, MOST_ROWS, &total);
  for (int height = 40; height <= 400; height++)
    {
      unsigned n_lines;
      int scroll = g_test_rand_int_range (0, 600), used;

      weftline_where_layout (&layout, &total, rows, MOST_ROWS, 220, height, 60, 50, scroll);
      check_shown (&layout);
      check_lines (&layout, rows);
      n_lines = layout.n_entries_shown + layout.n_shown;
      used = WEFTLINE_WHERE_TOP + (layout.has_caption ? WEFTLINE_WHERE_CAPTION : 0)
             + (int) n_lines * WEFTLINE_WHERE_ROW;
      g_assert_cmpint (used, <=, height);
      g_assert_cmpint (height - used, <, WEFTLINE_WHERE_ROW + WEFTLINE_WHERE_CAPTION);
    }
  weftline_where_layout_clear (&layout);
}

/* Scrolling from top to bottom shows each worker, and each line of the legend. */
static void
test_none_is_left_out (void)
{
  WeftTimeRow rows[MOST_ROWS], total;
  bool seen[MOST_ROWS] = { false }, told[WEFT_TIME_N_USES] = { false };
  WeftlineWhereLayout layout;

  weftline_where_layout_init (&layout);
  draw_rows (rows, MOST_ROWS, &total);
  for (int scroll = 0; scroll == 0 || scroll < layout.content_height; scroll += 50)
    {
      weftline_where_layout (&layout, &total, rows, MOST_ROWS, 300, 200, 60, 50, scroll);
      for (guint i = 0; i < layout.lines->len; i++)
        {
          const WeftlineWhereLine *line = &g_array_index (layout.lines, WeftlineWhereLine, i);

          seen[line->row] |= line->y >= layout.caption_y + WEFTLINE_WHERE_CAPTION
                             && line->y + WEFTLINE_WHERE_ROW <= layout.height;
        }
      for (unsigned i = 0; i < layout.n_entries; i++)
        told[layout.entries[i].use] |=
            layout.entries[i].y >= WEFTLINE_WHERE_TOP
            && layout.entries[i].y + WEFTLINE_WHERE_ENTRY <= layout.caption_y;
    }
  for (int i = 0; i < MOST_ROWS; i++)
    g_assert_true (seen[i]);
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    g_assert_true (told[use] || total.ns[use] == 0);
  weftline_where_layout_clear (&layout);
}

/* A moment among hours is a unit wide, and says so. */
static void
test_a_moment_is_seen (void)
{
  int64_t ns[WEFT_TIME_N_USES] = {
    [WEFT_TIME_RUNNING] = INT64_C (36000000000000), [WEFT_TIME_SPILL] = 10
  };
  int permille[WEFT_TIME_N_USES];
  WeftlineWhereBar bar;

  weftline_where_divide (ns, 200, &bar);
  g_assert_cmpuint (bar.n_pieces, ==, 2);
  g_assert_cmpint (bar.pieces[0].width, ==, 199);
  g_assert_cmpint (bar.pieces[1].width, ==, 1);
  weftline_where_permille (ns, permille);
  g_assert_cmpint (permille[WEFT_TIME_RUNNING], ==, 1000);
  g_assert_cmpint (permille[WEFT_TIME_SPILL], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-where", "where-layout", "random", test_random);
  test_add ("ui-where", "where-layout", "heights", test_heights);
  test_add ("ui-where", "where-layout", "none-is-left-out", test_none_is_left_out);
  test_add ("ui-where", "where-layout", "a-moment-is-seen", test_a_moment_is_seen);
  return g_test_run ();
}
