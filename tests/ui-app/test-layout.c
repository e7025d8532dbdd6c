/* test-layout.c: tests of where panes go
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"

#include "app/weftline-layout.h"

#include <stdlib.h>

#define MAX_PANES 40

typedef struct
{
  GHashTable *hidden;
  WeftlineRect panes[MAX_PANES];
  unsigned n_panes, n_gaps;
  int64_t area;
} Places;

static gboolean
is_shown (const char *pane, void *data)
{
  return !g_hash_table_contains (((Places *) data)->hidden, pane);
}

static void
add_pane (const char *pane G_GNUC_UNUSED, const WeftlineRect *rect, void *data)
{
  Places *places = data;

  places->panes[places->n_panes++] = *rect;
  places->area += (int64_t) rect->width * rect->height;
}

static void
add_gap (WeftlineLayout *split G_GNUC_UNUSED, const WeftlineRect *rect,
         const WeftlineRect *whole G_GNUC_UNUSED, void *data)
{
  Places *places = data;

  places->n_gaps++;
  places->area += (int64_t) rect->width * rect->height;
}

/* Panes p0 … in any tree. Returns: the next number */
static unsigned
random_tree (GString *text, unsigned first, int depth)
{
  if (depth == 0 || first > MAX_PANES / 2 || g_test_rand_int_range (0, 4) == 0)
    {
      g_string_append_printf (text, "p%u", first);
      return first + 1;
    }
  g_string_append_printf (text, "%c(%d ", g_test_rand_bit () ? 'h' : 'v',
                          g_test_rand_int_range (8, 93));
  first = random_tree (text, first, depth - 1);
  g_string_append_c (text, ' ');
  first = random_tree (text, first, depth - 1);
  g_string_append_c (text, ')');
  return first;
}

static gboolean
overlap (const WeftlineRect *a, const WeftlineRect *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

/* Panes and gaps cover all there is, nothing twice; whatever is hidden, in both directions. */
static void
test_tiles (void)
{
  for (int round = 0; round < 500; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GHashTable) hidden = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      Places places = { .hidden = hidden };
      WeftlineRect rect = { 5, 7, 12000, 9000 };
      unsigned n = random_tree (text, 0, 4), n_hidden = 0;
      g_autoptr (WeftlineLayout) layout = weftline_layout_parse (text->str);

      g_assert_nonnull (layout);
      for (unsigned i = 0; i < n; i++)
        if (g_test_rand_int_range (0, 4) == 0)
          n_hidden += g_hash_table_add (hidden, g_strdup_printf ("p%u", i));
      weftline_layout_place (layout, &rect, g_test_rand_bit (), is_shown, NULL, add_pane, add_gap,
                             &places);
      g_assert_cmpuint (places.n_panes, ==, n - n_hidden);
      g_assert_cmpuint (places.n_gaps, ==, places.n_panes > 0 ? places.n_panes - 1 : 0);
      g_assert_cmpint (places.area, ==, places.n_panes > 0 ? 12000 * 9000 : 0);
      for (unsigned i = 0; i < places.n_panes; i++)
        for (unsigned j = 0; j < i; j++)
          g_assert_false (overlap (&places.panes[i], &places.panes[j]));
    }
}

/* p0 is 100 × 80 at least, p1 110 × 90, and so on. */
static int
least_size (const char *pane, gboolean beside, int width G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  return (beside ? 100 : 80) + 10 * atoi (pane + 1);
}

/* In as little room as is asked for, each pane gets the height it needs, whatever the shares. */
static void
test_least (void)
{
  for (int round = 0; round < 500; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GHashTable) hidden = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (WeftlineLayout) layout = NULL;
      Places places = { .hidden = hidden };
      WeftlineRect rect = { 0, 0, 12000, 0 };

      random_tree (text, 0, 4);
      layout = weftline_layout_parse (text->str);
      rect.height =
          weftline_layout_least (layout, FALSE, rect.width, is_shown, least_size, &places);
      weftline_layout_place (layout, &rect, FALSE, is_shown, least_size, add_pane, add_gap,
                             &places);
      g_assert_cmpint (places.area, ==, (int64_t) rect.width * rect.height);
      for (unsigned i = 0; i < places.n_panes; i++)
        g_assert_cmpint (places.panes[i].height, >=, 80 + 10 * (int) i);
    }
}

static void
test_round_trip (void)
{
  for (int round = 0; round < 500; round++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (WeftlineLayout) layout = NULL;
      g_autofree char *printed = NULL;

      random_tree (text, 0, 5);
      layout = weftline_layout_parse (text->str);
      printed = weftline_layout_print (layout);
      g_assert_cmpstr (printed, ==, text->str);
    }
}

static void
test_errors (void)
{
  static const char *const wrong[] = { "",          "h(",          "h(50 a",     "h(50 a)",
                                       "h(50 a a)", "h(0 a b)",    "h(100 a b)", "h(nan a b)",
                                       "a b",       "h(50 a b) c", "x(50 a b)",  "h(50 a !)",
                                       "h(5 0 a b)" };
  g_autoptr (GString) deep = g_string_new (NULL);

  for (unsigned i = 0; i < G_N_ELEMENTS (wrong); i++)
    if (weftline_layout_parse (wrong[i]) != NULL)
      g_error ("“%s” was understood", wrong[i]);
  for (unsigned i = 0; i < 10000; i++)
    g_string_append_printf (deep, "h(50 p%u ", i);
  g_assert_null (weftline_layout_parse (deep->str));
}

static void
test_mirrored (void)
{
  g_autoptr (GHashTable) hidden = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (WeftlineLayout) layout = weftline_layout_parse ("h(25 left right)");
  Places places = { .hidden = hidden };
  WeftlineRect rect = { 0, 0, 412, 100 };

  weftline_layout_place (layout, &rect, TRUE, is_shown, NULL, add_pane, add_gap, &places);
  g_assert_cmpint (places.panes[0].x, ==, 312);
  g_assert_cmpint (places.panes[0].width, ==, 100);
  g_assert_cmpint (places.panes[1].x, ==, 0);
}

/* What stands higher comes before what stands lower, and the wide before the narrow; all that is
 * shown is there, once. */
static void
test_stack (void)
{
  static const struct
  {
    const char *layout, *hidden, *order;
  } cases[] = {
    { "h(22 v(33 memory progress) v(56 stream graph))", NULL, "stream memory progress graph" },
    { "h(22 v(33 memory progress) v(56 stream graph))", "stream", "graph memory progress" },
    { "h(76 graph v(55 inspector progress))", NULL, "graph inspector progress" },
    { "h(50 left right)", NULL, "left right" },
    { "v(50 h(30 a b) c)", NULL, "b a c" },
    { "only", NULL, "only" },
    { "only", "only", "" },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GHashTable) hidden = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (WeftlineLayout) layout = weftline_layout_parse (cases[i].layout);
      Places places = { .hidden = hidden };
      g_auto (GStrv) panes = NULL;
      g_autofree char *order = NULL;

      if (cases[i].hidden != NULL)
        g_hash_table_add (hidden, (void *) cases[i].hidden);
      panes = weftline_layout_stack (layout, is_shown, &places);
      order = g_strjoinv (" ", panes);
      g_assert_cmpstr (order, ==, cases[i].order);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-app", "layout", "tiles", test_tiles);
  test_add ("ui-app", "layout", "room-for-all", test_least);
  test_add ("ui-app", "layout", "round-trip", test_round_trip);
  test_add ("ui-app", "layout", "errors", test_errors);
  test_add ("ui-app", "layout", "mirrored", test_mirrored);
  test_add ("ui-app", "layout", "stack", test_stack);
  return g_test_run ();
}
