/* test-progress-layout.c: bars add up, rows do not overlap, nothing is dropped
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "progress/progress-layout.h"
#include "progress/progress-paint.h"
#include "test-support.h"

#define MOST_GROUPS 60

static const char *const names[] = { "load", "clean", "sum", "mean", "b", "a" };

static void
draw_groups (WeftlineProgressGroup *groups, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      groups[i] =
          (WeftlineProgressGroup){ .name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))],
                                   .number = i,
                                   .busy_ns = g_test_rand_int_range (0, 5) };
      for (int state = 0; state < WEFT_TASK_N_STATES; state++)
        {
          groups[i].n_states[state] = g_test_rand_bit ()
                                          ? (uint32_t) g_test_rand_int_range (0, 1000000)
                                          : (uint32_t) g_test_rand_int_range (0, 3);
          groups[i].n_tasks += groups[i].n_states[state];
        }
    }
}

static void
check_bar (const WeftlineProgressRow *row, int width)
{
  int x = 0, n_there = 0;

  for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
    n_there += row->n_parts[part] > 0;
  for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
    {
      g_assert_cmpint (row->pieces[part].x, ==, x);
      g_assert_cmpint (row->pieces[part].width, >=, 0);
      g_assert_true (row->n_parts[part] > 0 || row->pieces[part].width == 0);
      if (width > 2 * n_there && row->n_parts[part] > 0)
        g_assert_cmpint (row->pieces[part].width, >=, part == WEFTLINE_PROGRESS_ERRED ? 2 : 1);
      x += row->pieces[part].width;
    }
  g_assert_cmpint (x, ==, row->n_tasks > 0 ? width : 0);
}

/* A part is at most a unit off what it should be, but for what small parts are given. */
static void
check_shares (const WeftlineProgressRow *row, int width)
{
  for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
    {
      double exact = (double) width * row->n_parts[part] / row->n_tasks;

      g_assert_cmpfloat (row->pieces[part].width, >=, exact - 1 - 2 * WEFTLINE_PROGRESS_N_PARTS);
      g_assert_cmpfloat (row->pieces[part].width, <=, exact + 2);
    }
}

static void
check_layout (const WeftlineProgressLayout *layout, const WeftlineProgressGroup *groups, uint32_t n)
{
  const WeftlineProgressRow *total = &g_array_index (layout->rows, WeftlineProgressRow, 0);
  uint64_t n_tasks = 0;

  for (uint32_t i = 0; i < n; i++)
    n_tasks += groups[i].n_tasks;
  g_assert_cmpuint (total->n_tasks, ==, n_tasks);
  for (guint i = 0; i < layout->rows->len; i++)
    {
      const WeftlineProgressRow *row = &g_array_index (layout->rows, WeftlineProgressRow, i);

      check_bar (row, layout->width);
      if (row->n_tasks > 0)
        check_shares (row, layout->width);
      g_assert_true (i < 2 || row->y == (row - 1)->y + WEFTLINE_PROGRESS_ROW);
    }
}

/* Of how many groups is said if, and only if, not all of them are in view in whole; rows end above
 * it. */
static void
check_count (const WeftlineProgressLayout *layout, uint32_t n)
{
  g_autofree char *count = weftline_progress_count_text (layout);
  int bottom = layout->height - (layout->has_foot ? WEFTLINE_PROGRESS_FOOT : 0);
  uint32_t n_whole = 0;

  for (guint i = 1; i < layout->rows->len; i++)
    {
      int y = g_array_index (layout->rows, WeftlineProgressRow, i).y;

      n_whole++;
      g_assert_cmpint (y, >=, WEFTLINE_PROGRESS_HEAD);
      g_assert_cmpint (y + WEFTLINE_PROGRESS_ROW, <=, bottom);
      g_assert_cmpint ((y - WEFTLINE_PROGRESS_HEAD) % WEFTLINE_PROGRESS_ROW, ==, 0);
    }
  g_assert_cmpuint (layout->n_shown, ==, n_whole);
  g_assert_cmpint (layout->has_foot, ==,
                   layout->content_height > MAX (layout->height, WEFTLINE_PROGRESS_HEAD));
  g_assert_cmpint (layout->has_foot, ==, count != NULL);
  if (count == NULL)
    g_assert_cmpuint (n_whole, ==, n);
  else
    g_assert_nonnull (strstr (count, " of "));
  if (bottom >= WEFTLINE_PROGRESS_HEAD)
    g_assert_cmpint (weftline_progress_hit (layout, 0, bottom), ==, -1);
}

static void
test_rows (void)
{
  WeftlineProgressGroup groups[MOST_GROUPS];
  uint32_t order[MOST_GROUPS];
  WeftlineProgressLayout layout;

  weftline_progress_layout_init (&layout);
  for (int i = 0; i < 300; i++)
    {
      uint32_t n = (uint32_t) g_test_rand_int_range (0, MOST_GROUPS);

      draw_groups (groups, n);
      weftline_progress_sort (groups, n, WEFTLINE_PROGRESS_AS_IN_GRAPH, order);
      weftline_progress_layout (&layout, groups, n, order, g_test_rand_int_range (0, 400),
                                g_test_rand_int_range (0, 900), g_test_rand_int_range (-50, 3000));
      check_layout (&layout, groups, n);
      check_count (&layout, n);
    }
  weftline_progress_layout_clear (&layout);
}

/* From little height on: what is left free is less than a row, unless one can scroll no further. */
static void
test_heights (void)
{
  WeftlineProgressGroup groups[MOST_GROUPS];
  uint32_t order[MOST_GROUPS];
  WeftlineProgressLayout layout;

  weftline_progress_layout_init (&layout);
  draw_groups (groups, MOST_GROUPS);
  weftline_progress_sort (groups, MOST_GROUPS, WEFTLINE_PROGRESS_AS_IN_GRAPH, order);
  for (int height = 40; height <= 400; height++)
    {
      int room = height - WEFTLINE_PROGRESS_HEAD - WEFTLINE_PROGRESS_FOOT;

      weftline_progress_layout (&layout, groups, MOST_GROUPS, order, 220, height,
                                g_test_rand_int_range (0, 500));
      check_count (&layout, MOST_GROUPS);
      g_assert_cmpuint (layout.n_shown, ==, MAX (room, 0) / WEFTLINE_PROGRESS_ROW);
    }
  weftline_progress_layout_clear (&layout);
}

/* Scrolling from top to bottom shows each group. */
static void
test_none_is_dropped (void)
{
  WeftlineProgressGroup groups[MOST_GROUPS];
  bool seen[MOST_GROUPS] = { false };
  uint32_t order[MOST_GROUPS];
  WeftlineProgressLayout layout;

  weftline_progress_layout_init (&layout);
  draw_groups (groups, MOST_GROUPS);
  weftline_progress_sort (groups, MOST_GROUPS, WEFTLINE_PROGRESS_BY_NAME, order);
  for (int scroll = 0; scroll == 0 || scroll < layout.content_height; scroll += 100)
    {
      weftline_progress_layout (&layout, groups, MOST_GROUPS, order, 200, 300, scroll);
      for (guint i = 1; i < layout.rows->len; i++)
        {
          const WeftlineProgressRow *row = &g_array_index (layout.rows, WeftlineProgressRow, i);

          seen[row->group] = true;
          if (row->y >= WEFTLINE_PROGRESS_HEAD && row->y < 300)
            g_assert_cmpint (weftline_progress_hit (&layout, 10, row->y), ==, (int) i);
        }
    }
  for (int i = 0; i < MOST_GROUPS; i++)
    g_assert_true (seen[i]);
  weftline_progress_layout_clear (&layout);
}

static void
test_order (void)
{
  WeftlineProgressGroup groups[MOST_GROUPS];
  uint32_t order[MOST_GROUPS];

  draw_groups (groups, MOST_GROUPS);
  for (int sort = 0; sort <= WEFTLINE_PROGRESS_BY_ERRORS; sort++)
    {
      g_autofree bool *seen = g_new0 (bool, MOST_GROUPS);

      weftline_progress_sort (groups, MOST_GROUPS, (WeftlineProgressSort) sort, order);
      for (int i = 0; i < MOST_GROUPS; i++)
        {
          const WeftlineProgressGroup *one = &groups[order[i]],
                                      *before = &groups[order[MAX (i, 1) - 1]];

          g_assert_false (seen[order[i]]);
          seen[order[i]] = true;
          if (i == 0 || (one->n_tasks == 0) != (before->n_tasks == 0))
            continue;
          if (sort == WEFTLINE_PROGRESS_BY_NAME)
            g_assert_cmpint (g_strcmp0 (before->name, one->name), <=, 0);
          if (sort == WEFTLINE_PROGRESS_BY_TIME)
            g_assert_cmpint (before->busy_ns, >=, one->busy_ns);
          if (sort == WEFTLINE_PROGRESS_BY_ERRORS)
            g_assert_cmpuint (before->n_states[WEFT_TASK_ERRED], >=,
                              one->n_states[WEFT_TASK_ERRED]);
          if (sort == WEFTLINE_PROGRESS_AS_IN_GRAPH)
            g_assert_cmpuint (before->number, <, one->number);
        }
    }
}

/* A run that has not begun has no groups, and no arrays of them. */
static void
test_no_groups (void)
{
  WeftlineProgressLayout layout;

  weftline_progress_layout_init (&layout);
  weftline_progress_sort (NULL, 0, WEFTLINE_PROGRESS_BY_TIME, NULL);
  weftline_progress_layout (&layout, NULL, 0, NULL, 300, 200, 0);
  g_assert_cmpuint (layout.rows->len, ==, 1); /* of all tasks */
  g_assert_cmpuint (g_array_index (layout.rows, WeftlineProgressRow, 0).n_tasks, ==, 0);
  weftline_progress_layout_clear (&layout);
}

/* One error among a million stays visible. */
static void
test_one_error_is_seen (void)
{
  uint32_t n_parts[WEFTLINE_PROGRESS_N_PARTS] = {
    [WEFTLINE_PROGRESS_RELEASED] = 999999, [WEFTLINE_PROGRESS_ERRED] = 1
  };
  WeftlineProgressPiece pieces[WEFTLINE_PROGRESS_N_PARTS];

  weftline_progress_divide (n_parts, 100, pieces);
  g_assert_cmpint (pieces[WEFTLINE_PROGRESS_ERRED].width, ==, 2);
  g_assert_cmpint (pieces[WEFTLINE_PROGRESS_ERRED].x, ==, 98);
}

/* A row that is out of view comes into it in whole, one that is in view stays where it is. */
static void
test_reveal (void)
{
  WeftlineProgressGroup groups[MOST_GROUPS];
  uint32_t order[MOST_GROUPS];
  WeftlineProgressLayout layout;

  weftline_progress_layout_init (&layout);
  draw_groups (groups, MOST_GROUPS);
  weftline_progress_sort (groups, MOST_GROUPS, WEFTLINE_PROGRESS_BY_NAME, order);
  for (int round = 0; round < 300; round++)
    {
      int height = g_test_rand_int_range (110, 900), scroll = g_test_rand_int_range (0, 2200), to;
      uint32_t index = (uint32_t) g_test_rand_int_range (0, MOST_GROUPS);
      int top = WEFTLINE_PROGRESS_HEAD + (int) index * WEFTLINE_PROGRESS_ROW, bottom;

      weftline_progress_layout (&layout, groups, MOST_GROUPS, order, 300, height, scroll);
      scroll = (MIN (scroll, layout.most_scroll) + WEFTLINE_PROGRESS_ROW - 1)
               / WEFTLINE_PROGRESS_ROW * WEFTLINE_PROGRESS_ROW;
      bottom = height - (layout.has_foot ? WEFTLINE_PROGRESS_FOOT : 0);
      to = weftline_progress_reveal (&layout, index, scroll);
      g_assert_cmpint (top - to, >=, WEFTLINE_PROGRESS_HEAD);
      g_assert_cmpint (top - to + WEFTLINE_PROGRESS_ROW, <=, bottom);
      if (top - scroll >= WEFTLINE_PROGRESS_HEAD && top - scroll + WEFTLINE_PROGRESS_ROW <= bottom)
        g_assert_cmpint (to, ==, scroll);
    }
  weftline_progress_layout_clear (&layout);
}

/* Of no tasks nothing is said, not that none of none is done. */
static void
test_figures (void)
{
  WeftlineProgressRow row = { .n_tasks = 0 };
  g_autofree char *none = weftline_progress_figures_text (&row, 0);
  g_autofree char *some = NULL;

  row.n_tasks = 5;
  row.n_finished = 2;
  some = weftline_progress_figures_text (&row, 3);
  g_assert_cmpstr (none, ==, "");
  g_assert_nonnull (strstr (some, "3/s"));
  g_assert_true (g_str_has_suffix (some, " 2 / 5"));
}

static int
text_width (WeftlineTextCache *text, const char *words)
{
  int width, height;

  weftline_text_size (text, words, WEFTLINE_TEXT_NORMAL, &width, &height);
  return width;
}

/* With more room as much is said, or more; and what is said fits. A name gets what it needs, or two
 * fifths. */
static void
test_figures_give_way (void)
{
  WeftlineTextCache *text = weftline_text_cache_new ("Sans 11", 1);

  for (int round = 0; round < 100; round++)
    {
      WeftlineProgressRow row = { .n_tasks = (uint32_t) g_test_rand_int_range (1, 2000000) };
      double rate = g_test_rand_double_range (0, 1e5);
      int before = 0,
          name = weftline_progress_name_room (text, "mProject", WEFTLINE_TEXT_NORMAL, 200);

      row.n_finished = (uint32_t) g_test_rand_int_range (0, (gint32) row.n_tasks + 1);
      row.n_parts[WEFTLINE_PROGRESS_ERRED] = (uint32_t) g_test_rand_int_range (0, 3);
      g_assert_cmpint (name, ==, MIN (text_width (text, "mProject"), 80));
      for (int room = 0; room < 400; room++)
        {
          g_autofree char *figures = weftline_progress_fitting_figures (text, &row, rate, room);
          int width = text_width (text, figures);

          g_assert_cmpint (width, <=, MAX (room, 0));
          g_assert_cmpint (width, >=, before);
          before = width;
          if (room == 399)
            g_assert_nonnull (strstr (figures, " / "));
          if (room == 60)
            g_assert_cmpint (width, >, 0); /* at least the share */
        }
    }
  weftline_text_cache_free (text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-progress", "progress-layout", "rows", test_rows);
  test_add ("ui-progress", "progress-layout", "heights", test_heights);
  test_add ("ui-progress", "progress-layout", "none-is-dropped", test_none_is_dropped);
  test_add ("ui-progress", "progress-layout", "order", test_order);
  test_add ("ui-progress", "progress-layout", "no-groups", test_no_groups);
  test_add ("ui-progress", "progress-layout", "one-error-is-seen", test_one_error_is_seen);
  test_add ("ui-progress", "progress-layout", "reveal", test_reveal);
  test_add ("ui-progress", "progress-layout", "figures", test_figures);
  test_add ("ui-progress", "progress-layout", "figures-give-way", test_figures_give_way);
  return g_test_run ();
}
