/* test-observed.c: what is said of tasks of a run that is observed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "../model/made-fixture.h"

#include "graph/weft-graph-codec.h"
#include "graph/weft-graph-file.h"
#include "inspect/inspect-facts.h"

#define MS INT64_C (1000000)
/* “total” reads what failed last. */
static const char graph_json[] =
    "{\"weftline\": 1, \"tasks\": {\"load\": {\"op\": \"neg\", \"args\": [1]}, "
    "\"lost\": {\"op\": \"neg\", \"args\": [{\"ref\": \"load\"}]}, "
    "\"failed\": {\"op\": \"neg\", \"args\": [1]}, "
    "\"total\": {\"op\": \"sum\", \"args\": [[{\"ref\": \"lost\"}, {\"ref\": \"failed\"}]]}}, "
    "\"outputs\": [\"total\"]}";

static void
give_graph (Maker *m)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (graph_json, strlen (graph_json), "-", WEFT_GRAPH_FORMAT_AUTO, &error);
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  WeftSegmentHead head = { .parent_segment = WEFT_NONE, .parent_task = WEFT_NONE };
  bool more = true;

  g_assert_no_error (error);
  for (; more; head.piece++)
    {
      g_byte_array_set_size (m->bytes, sizeof head);
      more =
          weft_graph_encoder_next (encoder, head.piece, m->bytes, &head.first_task, &head.n_tasks);
      head.flags = (head.piece == 0 ? WEFT_SEGMENT_FIRST : 0) | (more ? 0 : WEFT_SEGMENT_LAST);
      memcpy (m->bytes->data, &head, sizeof head);
      give_well (m, WEFT_FRAME_SEGMENT, 0);
    }
  weft_graph_encoder_free (encoder);
  weft_graph_unref (graph);
}

static uint32_t
task (Maker *m, const char *key)
{
  return weft_model_find_key (m->model, key);
}

/* “load” was cut off as the run ended, so “lost” never ran. */
static void
give_failed_run (Maker *m)
{
  begin_foreign (m);
  give_foreign_lane (m, 2, WEFT_LANE_THREAD, 1);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, MS, 0, 0));
  give_graph (m);
  give_one (m, 2,
            span (WEFT_RECORD_TASK, WEFT_OUTCOME_FAILED << 4, task (m, "failed"), 3 * MS, MS, 0));
  give_one (m, 2,
            span (WEFT_RECORD_TASK, WEFT_OUTCOME_CANCELLED << 4, task (m, "load"), 4 * MS, MS, 0));
  give_one (m, 0, span (WEFT_RECORD_CANCELLED, 0, task (m, "lost"), 6 * MS, 0, 0));
  give_one (m, 0, span (WEFT_RECORD_CANCELLED, 0, task (m, "total"), 6 * MS, 0, 0));
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_FAILED, WEFT_NONE, 6 * MS, 0, 0));
  weft_model_finish (m->model, false);
}

/* (transfer full) (nullable): what is said under that title */
static char *
said (Maker *m, uint32_t of, const char *title)
{
  WeftModelSnapshot snapshot;
  g_autoptr (GPtrArray) facts = NULL;

  weft_model_snapshot (m->model, &snapshot);
  facts = weftline_inspect_facts (m->model, &snapshot, NULL, WEFTLINE_TIME_SINCE_START, of);
  for (guint i = 0; i < facts->len; i++)
    {
      const WeftlineFact *fact = facts->pdata[i];

      if (g_str_equal (fact->title, title))
        return g_strdup (fact->text);
    }
  return NULL;
}

static void
assert_said (Maker *m, uint32_t of, const char *title, const char *expected)
{
  g_autofree char *text = said (m, of, title);

  g_assert_cmpstr (text, ==, expected);
}

/* What failed is to blame, whatever else was cancelled when the run ended. */
static void
test_blames_what_failed (void)
{
  Maker m;

  give_failed_run (&m);
  assert_said (&m, task (&m, "total"), "Because this failed", "failed");
  assert_said (&m, task (&m, "total"), "Because this was cancelled", NULL);
  assert_said (&m, task (&m, "lost"), "Because this was cancelled", "load");
  clear (&m);
}

/* What never could start was never ready. */
static void
test_never_ready (void)
{
  Maker m;

  give_failed_run (&m);
  assert_said (&m, task (&m, "lost"), "Ready", NULL);
  assert_said (&m, task (&m, "total"), "Ready", NULL);
  clear (&m);
}

static void
give_now (Maker *m, int64_t at)
{
  WeftRunFrame frame = { .head = { .kind = WEFT_FRAME_NOW, .watermark = (uint64_t) at },
                         .payload = (const uint8_t *) "" };

  g_assert_true (weft_model_add_frame (m->model, &frame, NULL));
}

/* Told of 19 s after the run began: it has not waited since then. */
static void
test_ready_when_told_of (void)
{
  static const uint32_t distances[] = { 0, 0 };
  Maker m;

  begin_foreign (&m);
  give_foreign_lane (&m, 2, WEFT_LANE_THREAD, 1);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, MS, 0, 0));
  give_now (&m, 19001 * MS);
  give_segment (&m, 0, 0, distances, 2);
  give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, 0, 19051 * MS, 200 * MS, 0));
  give_now (&m, 19101 * MS);
  give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, 1, 19301 * MS, 200 * MS, 0));
  assert_said (&m, 0, "Waited", "0\302\240ns");
  assert_said (&m, 1, "Waited", "200\302\240ms");
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-inspect", "observed", "blames-what-failed", test_blames_what_failed);
  test_add ("ui-inspect", "observed", "never-ready", test_never_ready);
  test_add ("ui-inspect", "observed", "ready-when-told-of", test_ready_when_told_of);
  return g_test_run ();
}
