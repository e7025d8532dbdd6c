/* test-words.c: tests of where the words of the group graph stand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-words.h"
#include "test-support.h"

#define MOST 60
#define LINE 16

static bool
overlap (const WeftlineWordsBox *a, const WeftlineWordsBox *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height
         && b->y < a->y + a->height;
}

/* Nodes that do not overlap, as a layout has them. Returns: how many */
static unsigned
draw_words (WeftlineWords *words, double width, double height)
{
  double node_width = g_test_rand_double_range (6, 200);
  double node_height = node_width * 0.31;
  unsigned n = 0;

  for (unsigned tries = 0; tries < 3 * MOST && n < MOST; tries++)
    {
      WeftlineWords *own = &words[n];
      bool is_free = true;

      *own = (WeftlineWords){ .node = { g_test_rand_double_range (0, MAX (width - node_width, 1)),
                                        g_test_rand_double_range (0, MAX (height - node_height, 1)),
                                        node_width, node_height },
                              .wide = g_test_rand_double_range (20, 200),
                              .height = 2 * LINE };
      own->widest = own->wide + g_test_rand_double_range (0, 100);
      own->least = MIN (own->wide, 48);
      if (node_height >= 26)
        own->inside = (WeftlineWordsBox){ own->node.x + 9, own->node.y + 2, node_width - 17, LINE };
      for (unsigned i = 0; i < n; i++)
        is_free = is_free && !overlap (&words[i].node, &own->node);
      n += is_free;
    }
  return n;
}

static void
check (const WeftlineWords *words, unsigned n, unsigned self, double width, double height)
{
  const WeftlineWords *own = &words[self];
  double middle = own->node.x + own->node.width / 2;

  if (!own->shown)
    return;
  g_assert_cmpfloat (own->box.width, >=, MIN (own->least, own->inside.width > 0 ? own->least : 1));
  for (unsigned i = 0; i < n; i++)
    if (i != self)
      {
        g_assert_false (overlap (&own->box, &words[i].node));
        g_assert_false (words[i].shown && overlap (&own->box, &words[i].box));
      }
  if (own->is_inside)
    {
      g_assert_cmpfloat (own->box.x, >=, own->node.x);
      g_assert_cmpfloat (own->box.x + own->box.width, <=, own->node.x + own->node.width);
      return;
    }
  g_assert_false (overlap (&own->box, &own->node));
  g_assert_cmpfloat (own->box.x, >=, 0);
  g_assert_cmpfloat (own->box.x + own->box.width, <=, width);
  g_assert_cmpfloat (own->box.y, >=, 0);
  g_assert_cmpfloat (own->box.y + own->box.height, <=, height);
  g_assert_cmpfloat (own->box.width, <=, own->widest);
  /* they stand at their node */
  g_assert_cmpfloat (own->box.x, <=, middle);
  g_assert_cmpfloat (own->box.x + own->box.width, >=, middle);
}

/* Words never stand over another node, other words, or the edge. */
static void
test_random (void)
{
  WeftlineWords words[MOST];

  for (int round = 0; round < 2000; round++)
    {
      double width = g_test_rand_double_range (100, 1900);
      double height = g_test_rand_double_range (60, 1000);
      unsigned n = draw_words (words, width, height);

      weftline_words_place (words, n, width, height);
      for (unsigned i = 0; i < n; i++)
        {
          check (words, n, i, width, height);
          g_assert_false (weftline_words_free (words, n, &words[i].node));
        }
    }
}

/* A chain of nodes that are too small for any words: names stand in turn below and above, whole,
 * with all that can be left out where there is room for it. */
static void
test_chain (void)
{
  WeftlineWords words[10];
  unsigned n_whole = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (words); i++)
    words[i] = (WeftlineWords){ .node = { 20 + i * 58.0, 190, 28, 9 },
                                .wide = 100,
                                .widest = 140,
                                .least = 40,
                                .height = 2 * LINE };
  weftline_words_place (words, G_N_ELEMENTS (words), 600, 400);
  for (unsigned i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_assert_true (words[i].shown);
      n_whole += words[i].box.width >= 100;
    }
  g_assert_cmpuint (n_whole, >=, 8);
  weftline_words_place (words, 1, 600, 400);
  g_assert_cmpfloat (words[0].box.width, >, 100);
}

/* Where they fit they stand inside. */
static void
test_inside (void)
{
  WeftlineWords words = { .node = { 50, 50, 200, 62 },
                          .inside = { 58, 56, 183, LINE },
                          .wide = 150,
                          .widest = 400,
                          .least = 48,
                          .height = 2 * LINE };

  weftline_words_place (&words, 1, 600, 400);
  g_assert_true (words.shown && words.is_inside);
  words.wide = 190;
  weftline_words_place (&words, 1, 600, 400);
  g_assert_true (words.shown && !words.is_inside);
  weftline_words_place (&words, 1, 250, 112); /* no room below, none above */
  g_assert_true (words.shown);
  words.inside.width = 0;
  weftline_words_place (&words, 1, 60, 60);
  g_assert_false (words.shown);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "words", "random", test_random);
  test_add ("ui-graph", "words", "chain", test_chain);
  test_add ("ui-graph", "words", "inside", test_inside);
  return g_test_run ();
}
