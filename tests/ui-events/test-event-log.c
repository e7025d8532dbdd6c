/* test-event-log.c: tests of what programs say in words among the events, by level and worker
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "../ui-workers/workers-fixture.h"

#include "events/event-index.h"

#define ALL ((1u << WEFTLINE_EVENT_N_KINDS) - 1)

static void
give_log (Maker *m, uint32_t lane, WeftStream stream, uint8_t level, uint64_t at, const char *words)
{
  WeftLogHead head = {
    .stamp = at, .segment = WEFT_NONE, .task = WEFT_NONE, .stream = (uint8_t) stream, .level = level
  };

  put (m, &head, sizeof head);
  put (m, words, strlen (words));
  give_well (m, WEFT_FRAME_LOG, lane);
}

/* Lanes 1 and 3 are workers. */
static void
begin_talk (Maker *m)
{
  begin (m);
  give_clock (m, 0, 1000000000, 0, 0);
  give_lane (m, 0, WEFT_LANE_CONTROL, 0);
  for (uint32_t i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("node-%u", i);

      give_worker (m, 1 + 2 * i, i, name, 1, 0);
      give_thread (m, 2 + 2 * i, 1 + 2 * i, i);
    }
  give_log (m, 1, WEFT_STREAM_LOG, 6, 10 * MS, "connected\n");
  give_log (m, 3, WEFT_STREAM_LOG, 4, 20 * MS, "unmanaged memory is high\nand more");
  give_log (m, 0, WEFT_STREAM_LOG, 3, 30 * MS, "scheduler: a worker failed");
  give_log (m, 1, WEFT_STREAM_LOG, 7, 40 * MS, "detail");
  give_log (m, 1, WEFT_STREAM_OUT, 0, 50 * MS, "printed\n");
  give_gone (m, 3, 60 * MS);
}

/* (transfer full): a line each */
static char *
shown (WeftlineEventIndex *index, const WeftModel *model, WeftlineEventFilter filter)
{
  GString *text = g_string_new (NULL);

  weftline_event_index_set_filter (index, &filter);
  for (uint32_t i = 0; i < weftline_event_index_n_shown (index); i++)
    {
      g_autofree char *line = weftline_event_dup_text (model, weftline_event_index_get (index, i));

      g_string_append_printf (text, "%s\n", line);
    }
  return g_string_free (text, FALSE);
}

static void
assert_shown (WeftlineEventIndex *index, const WeftModel *model, WeftlineEventFilter filter,
              const char *expected)
{
  g_autofree char *text = shown (index, model, filter);

  g_assert_cmpstr (text, ==, expected);
}

/* Levels hold for words only; what is printed stands elsewhere; who said it stands before it. */
static void
test_filter (void)
{
  WeftlineEventIndex *index;
  Maker m;

  begin_talk (&m);
  index = weftline_event_index_new (m.model);
  g_assert_false (weftline_event_index_update (index, 5, UINT64_MAX));
  g_assert_cmpuint (weftline_event_index_n_of (index, WEFTLINE_EVENT_LOG), ==, 4);
  assert_shown (index, m.model, (WeftlineEventFilter){ .kinds = ALL },
                "node-0: connected\nnode-1, warning: unmanaged memory is high\n"
                "error: scheduler: a worker failed\nnode-0: detail\nnode-1 is gone\n");
  assert_shown (index, m.model, (WeftlineEventFilter){ .kinds = ALL, .n_levels = 5 },
                "node-1, warning: unmanaged memory is high\n"
                "error: scheduler: a worker failed\nnode-1 is gone\n");
  assert_shown (index, m.model, (WeftlineEventFilter){ .kinds = ALL, .n_levels = 4 },
                "error: scheduler: a worker failed\nnode-1 is gone\n");
  assert_shown (index, m.model, (WeftlineEventFilter){ .kinds = ALL, .n_levels = 7, .worker = 1 },
                "node-0: connected\n");
  assert_shown (index, m.model, (WeftlineEventFilter){ .kinds = ALL, .worker = 3 },
                "node-1, warning: unmanaged memory is high\nnode-1 is gone\n");
  assert_shown (
      index, m.model,
      (WeftlineEventFilter){ .kinds = 1u << WEFTLINE_EVENT_LOG, .n_levels = 5, .worker = 1 }, "");
  weftline_event_index_free (index);
  clear (&m);
}

/* What comes later is filtered likewise; the whole of it can be had. */
static void
test_goes_on (void)
{
  WeftlineEventIndex *index;
  g_autofree char *whole = NULL;
  Maker m;

  begin_talk (&m);
  index = weftline_event_index_new (m.model);
  weftline_event_index_set_filter (
      index, &(WeftlineEventFilter){ .kinds = ALL, .n_levels = 5, .worker = 3 });
  while (weftline_event_index_update (index, 5, 1))
    ;
  give_log (&m, 3, WEFT_STREAM_LOG, 6, 70 * MS, "of no interest");
  give_log (&m, 3, WEFT_STREAM_LOG, 2, 80 * MS, "on fire");
  while (weftline_event_index_update (index, 5, 1))
    ;
  g_assert_cmpuint (weftline_event_index_n_shown (index), ==, 3);
  g_assert_cmpuint (weftline_event_level (m.model, weftline_event_index_get (index, 2)), ==, 2);
  g_assert_cmpuint (weftline_event_worker (m.model, weftline_event_index_get (index, 2)), ==, 3);
  whole = weftline_event_dup_whole (m.model, weftline_event_index_get (index, 0));
  g_assert_cmpstr (whole, ==, "node-1, warning: unmanaged memory is high\nand more");
  weftline_event_index_free (index);
  clear (&m);
}

/* Of the run, and of a worker; the first line stands there. */
static void
test_annotations (void)
{
  static const char words[] = "second phase\nwith more";
  const uint32_t head[] = { 0, 1, sizeof words - 1 }; /* number, how many; length of the first */
  WeftlineEventIndex *index;
  g_autofree char *whole = NULL;
  Maker m;

  begin_talk (&m);
  put (&m, head, sizeof head);
  put (&m, words, sizeof words - 1);
  give_well (&m, WEFT_FRAME_STRINGS, 0);
  give_one (&m, 0, span (WEFT_RECORD_ANNOTATION, 0, WEFT_NONE, 90 * MS, 0, 0));
  give_one (&m, 2, span (WEFT_RECORD_ANNOTATION, 0, WEFT_NONE, 91 * MS, 5 * MS, 0));
  index = weftline_event_index_new (m.model);
  while (weftline_event_index_update (index, 5, 1))
    ;
  g_assert_cmpuint (weftline_event_index_n_of (index, WEFTLINE_EVENT_ANNOTATION), ==, 2);
  assert_shown (index, m.model, (WeftlineEventFilter){ .kinds = 1u << WEFTLINE_EVENT_ANNOTATION },
                "second phase\nnode-0: second phase\n");
  assert_shown (index, m.model,
                (WeftlineEventFilter){ .kinds = 1u << WEFTLINE_EVENT_ANNOTATION, .worker = 1 },
                "node-0: second phase\n");
  whole = weftline_event_dup_whole (m.model, weftline_event_index_get (index, 0));
  g_assert_cmpstr (whole, ==, "node-0: second phase\nwith more");
  weftline_event_index_free (index);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-events", "event-log", "filter", test_filter);
  test_add ("ui-events", "event-log", "goes-on", test_goes_on);
  test_add ("ui-events", "event-log", "annotations", test_annotations);
  return g_test_run ();
}
