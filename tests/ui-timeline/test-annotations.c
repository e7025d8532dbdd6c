/* test-annotations.c: what a program said of its run's times, in their order
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/made-fixture.h"

#include "timeline/timeline-annotations.h"

#define N_MANY 500u

/* One, with its text in a frame before it. */
static void
annotate (Maker *m, uint32_t id, uint32_t lane, uint64_t ticks, const char *text)
{
  WeftStringsHead head = { .first_id = id, .n_strings = 1 };
  WeftRecord record;

  put (m, &head, sizeof head);
  put (m, &(uint32_t){ (uint32_t) strlen (text) }, sizeof (uint32_t));
  put (m, text, strlen (text));
  give_well (m, WEFT_FRAME_STRINGS, 0);
  record = span (WEFT_RECORD_ANNOTATION, 0, WEFT_NONE, ticks, 0, id);
  record.segment = WEFT_NONE;
  give_one (m, lane, record);
}

static const WeftlineTimelineAnnotation *
at (const WeftlineTimelineAnnotations *all, unsigned i)
{
  return &g_array_index (all->places, WeftlineTimelineAnnotation, i);
}

/* However they come, and whenever somebody looks, they are in the order of time, each once; the
 * first and the nearest are those that looking at each finds. */
static void
test_in_order (void)
{
  WeftlineTimelineAnnotations all;
  int64_t now_ns, next_ns, nearest_ns;
  unsigned place;
  Maker m;

  begin_run (&m);
  weftline_timeline_annotations_init (&all);
  weftline_timeline_annotations_take (&all, NULL);
  g_assert_cmpuint (all.places->len, ==, 0);
  g_assert_false (weftline_timeline_annotations_nearest (&all, 0, INT64_MAX, &place));
  for (uint32_t i = 0; i < N_MANY; i++)
    {
      annotate (&m, i, i % 2, (uint64_t) g_test_rand_int_range (1000, 3000), "x");
      if (g_test_rand_int_range (0, 4) == 0)
        weftline_timeline_annotations_take (&all, m.model);
    }
  weftline_timeline_annotations_take (&all, m.model);
  g_assert_cmpuint (all.places->len, ==, N_MANY);
  for (unsigned i = 1; i < N_MANY; i++)
    g_assert_true (at (&all, i - 1)->at_ns < at (&all, i)->at_ns
                   || (at (&all, i - 1)->at_ns == at (&all, i)->at_ns
                       && at (&all, i - 1)->index < at (&all, i)->index));
  for (int round = 0; round < 300; round++)
    {
      now_ns = g_test_rand_int_range (-100, 2200);
      next_ns = nearest_ns = INT64_MAX;
      for (unsigned i = 0; i < N_MANY; i++)
        {
          if (at (&all, i)->at_ns >= now_ns)
            next_ns = MIN (next_ns, at (&all, i)->at_ns);
          nearest_ns = MIN (nearest_ns, ABS (at (&all, i)->at_ns - now_ns));
        }
      place = weftline_timeline_annotations_find (&all, now_ns);
      g_assert_cmpint (place < N_MANY ? at (&all, place)->at_ns : INT64_MAX, ==, next_ns);
      g_assert_true (weftline_timeline_annotations_nearest (&all, now_ns, nearest_ns, &place));
      g_assert_cmpint (ABS (at (&all, place)->at_ns - now_ns), ==, nearest_ns);
      g_assert_false (weftline_timeline_annotations_nearest (&all, now_ns, nearest_ns - 1, &place));
    }
  weftline_timeline_annotations_clear (&all);
  clear (&m);
}

static void
assert_words (const Maker *m, const WeftlineTimelineAnnotation *annotation, const char *text)
{
  g_autofree char *moment =
      weftline_format_moment (annotation->at_ns, WEFTLINE_TIME_SINCE_START, 0);
  g_autofree char *expected = g_strdup_printf ("%s|%s", text, moment);
  g_auto (GStrv) words =
      weftline_timeline_annotation_words (m->model, annotation, WEFTLINE_TIME_SINCE_START);
  g_autofree char *all = g_strjoinv ("|", words);

  g_assert_cmpstr (all, ==, expected);
}

static void
test_words (void)
{
  g_autofree char *very_long = g_strnfill (300, 'w');
  g_autofree char *cut = g_strnfill (79, 'w');
  g_autofree char *expected = NULL;
  WeftlineTimelineAnnotations all;
  Maker m;

  begin_run (&m);
  annotate (&m, 0, 0, 1000, "one\ntwo");
  annotate (&m, 1, 0, 2001000, "");
  annotate (&m, 2, 0, 3001000, very_long);
  annotate (&m, 3, 0, 4001000, "1\n2\n3\n4\n5\n6");
  weftline_timeline_annotations_init (&all);
  weftline_timeline_annotations_take (&all, m.model);
  expected = g_strdup_printf ("%s…", cut);
  assert_words (&m, at (&all, 0), "one|two");
  assert_words (&m, at (&all, 1), "");
  assert_words (&m, at (&all, 2), expected);
  assert_words (&m, at (&all, 3), "1|2|3|4");
  weftline_timeline_annotations_clear (&all);
  clear (&m);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weft/ui-timeline/annotations/in-order", test_in_order);
  g_test_add_func ("/weft/ui-timeline/annotations/words", test_words);
  return g_test_run ();
}
