/* test-frames.c: however the frames of a run come, and whatever they hold
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All of them, cut, records before the graph they are of: it comes to the same. What cannot be is
 * refused, and changes nothing. Readers look on meanwhile.
 */
#include "config.h"

#include "model-run.h"

#include "model/weft-account.h"
#include "model/weft-held.h"

#include <stdatomic.h>

/* ---- however the frames come ----------------------------------------------------------------- */

static void
record (Run *f)
{
  begin (f, 2, failing_graph (),
         (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE,
                           .recorder = { .sample_process = true } });
  finish (f);
}

/* A file cut anywhere is the frames before the cut, and no more. */
static void
test_cut_anywhere (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes;
  Run f;

  record (&f);
  frames = read_frames (f.path);
  g_file_get_contents (f.path, &bytes, &n_bytes, NULL);
  for (unsigned round = 0; round < 40; round++)
    {
      gsize at = (gsize) g_test_rand_int_range (64, (gint32) n_bytes);
      g_autofree char *path = g_build_filename (f.dir, "cut.weft", NULL);
      WeftModel *model, *twin;
      guint n = 0;

      g_file_set_contents (path, bytes, (gssize) at, NULL);
      while (n < frames->len)
        {
          const WeftRunFrame *frame = frames->pdata[n];

          if (frame->offset + frame->n_bytes > at)
            break;
          n++;
        }
      if (n == 0)
        continue;
      model = model_of_file (path);
      twin = model_of_frames (frames, n,
                              ((WeftRunFrame *) frames->pdata[n - 1])->head.kind != WEFT_FRAME_END);
      assert_same (model, twin);
      assert_counts (model);
      weft_model_unref (model);
      weft_model_unref (twin);
    }
  clear (&f);
}

/* Pieces of a large graph come after all records of its tasks: these are held back till then. */
static void
test_records_first (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  GPtrArray *late = g_ptr_array_new ();
  WeftModelSnapshot snapshot;
  WeftModel *model = weft_model_new ();
  WeftSegmentHead head;
  WeftRunText content;
  Run f;

  begin (&f, 2, shape_graph ("tree:30000,2", "t.box"), (WeftRunOptions){ 0 });
  finish (&f);
  frames = read_frames (f.path);
  for (guint i = 0; i < frames->len; i++)
    if (weft_run_frame_segment (frames->pdata[i], &head, &content)
        && (head.flags & WEFT_SEGMENT_FIRST) == 0)
      g_ptr_array_add (late, frames->pdata[i]);
    else
      add_frames (model, frames, i, i + 1);
  g_assert_cmpuint (late->len, >, 0);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, >, 50000);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_WAITING], ==, snapshot.n_tasks);
  add_frames (model, late, 0, late->len);
  weft_model_finish (model, false);
  assert_same (model, f.model);
  g_ptr_array_unref (late);
  weft_model_unref (model);
  clear (&f);
}

/* Cut off before the graph was told: what can be known of the records is. */
static void
test_records_without_graph (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  WeftModelSnapshot snapshot, whole;
  WeftModel *model = weft_model_new ();
  WeftSegmentHead head;
  WeftRunText content;
  Run f;

  begin (&f, 2, shape_graph ("tree:3000,2", "t.box"), (WeftRunOptions){ 0 });
  finish (&f);
  frames = read_frames (f.path);
  for (guint i = 0; i < frames->len; i++)
    if (!weft_run_frame_segment (frames->pdata[i], &head, &content)
        || head.flags & WEFT_SEGMENT_FIRST)
      add_frames (model, frames, i, i + 1);
  weft_model_finish (model, true);
  weft_model_snapshot (model, &snapshot);
  weft_model_snapshot (f.model, &whole);
  g_assert_cmpuint (snapshot.n_spans, ==, whole.n_spans);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_MEMORY], ==, whole.n_tasks);
  weft_model_unref (model);
  clear (&f);
}

static void
test_unknown_frames (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (GError) error = NULL;
  WeftModel *model = weft_model_new ();
  Run f;

  record (&f);
  frames = read_frames (f.path);
  for (guint i = 0; i < frames->len; i++)
    {
      WeftRunFrame unknown = *(WeftRunFrame *) frames->pdata[i];

      unknown.head.kind = (uint16_t) g_test_rand_int_range (WEFT_FRAME_LOD, 0x7fff);
      g_assert_true (weft_model_add_frame (model, &unknown, &error));
      add_frames (model, frames, i, i + 1);
    }
  weft_model_finish (model, false);
  assert_same (model, f.model);
  weft_model_unref (model);
  clear (&f);
}

/* ---- damage ---------------------------------------------------------------------------------- */

/* A frame that says what cannot be is an error, and changes nothing. */
static void
assert_refused (WeftModel *model, const WeftRunFrame *frame)
{
  g_autoptr (GError) error = NULL;
  WeftModelSnapshot before, after;

  weft_model_snapshot (model, &before);
  g_assert_false (weft_model_add_frame (model, frame, &error));
  g_assert_true (error->domain == WEFT_MODEL_ERROR || error->domain == WEFT_GRAPH_ERROR);
  weft_model_snapshot (model, &after);
  after.serial = before.serial;
  g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
}

static const WeftRunFrame *
find_frame (GPtrArray *frames, uint16_t kind, guint n)
{
  for (guint i = 0; i < frames->len; i++)
    {
      const WeftRunFrame *frame = frames->pdata[i];
      WeftRecordsHead head;
      const WeftRecord *records;
      uint32_t n_records;

      if (frame->head.kind != kind
          || (kind == WEFT_FRAME_RECORDS
              && (!weft_run_frame_records (frame, &head, &records, &n_records)
                  || head.n_task_spans == 0)))
        continue;
      if (n-- == 0)
        return frame;
    }
  return NULL;
}

static void
refuse_records (WeftModel *model, GPtrArray *frames, void (*spoil) (WeftRecord *record))
{
  WeftRunFrame *frame = frame_copy (find_frame (frames, WEFT_FRAME_RECORDS, 0));
  const WeftRecord *records;
  uint32_t n;

  weft_run_frame_records (frame, NULL, &records, &n);
  for (uint32_t i = n; i-- > 0;)
    if (records[i].kind == WEFT_RECORD_TASK)
      {
        spoil ((WeftRecord *) &records[i]);
        break;
      }
  assert_refused (model, frame);
  frame_free (frame);
}

static void
spoil_task (WeftRecord *record)
{
  record->task = 60;
}

static void
spoil_segment (WeftRecord *record)
{
  record->segment = 1;
}

static void
spoil_segment_far (WeftRecord *record)
{
  record->segment = 0xfffffff0;
}

static void
refuse_shortened (WeftModel *model, GPtrArray *frames, uint16_t kind)
{
  WeftRunFrame frame = *find_frame (frames, kind, 0);

  frame.head.n_bytes--;
  assert_refused (model, &frame);
}

static void
test_damage (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  WeftModel *model;
  WeftRunFrame frame;
  Run f;

  record (&f);
  frames = read_frames (f.path);
  model = weft_model_new ();
  add_frames (model, frames, 0, frames->len);
  refuse_records (model, frames, spoil_task);
  refuse_records (model, frames, spoil_segment);
  refuse_records (model, frames, spoil_segment_far);
  frame = *find_frame (frames, WEFT_FRAME_RECORDS, 0);
  frame.head.lane = 77;
  assert_refused (model, &frame);
  assert_refused (model, find_frame (frames, WEFT_FRAME_LANE, 0));    /* comes twice */
  assert_refused (model, find_frame (frames, WEFT_FRAME_SEGMENT, 0)); /* likewise */
  refuse_shortened (model, frames, WEFT_FRAME_RECORDS);
  refuse_shortened (model, frames, WEFT_FRAME_NOW);
  refuse_shortened (model, frames, WEFT_FRAME_CLOCK);
  refuse_shortened (model, frames, WEFT_FRAME_ERROR);
  weft_model_finish (model, false);
  assert_same (model, f.model);
  weft_model_unref (model);
  clear (&f);
}

/* Any bytes may come as any payload: an error or not, nothing worse. */
static void
test_noise (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  Run f;

  record (&f);
  frames = read_frames (f.path);
  for (unsigned round = 0; round < 60; round++)
    {
      WeftModel *model = weft_model_new ();

      for (guint i = 0; i < frames->len; i++)
        {
          WeftRunFrame *frame = frame_copy (frames->pdata[i]);

          if (g_test_rand_int_range (0, 4) == 0 && frame->head.n_bytes > 0)
            for (int n = g_test_rand_int_range (1, 8); n > 0; n--)
              ((uint8_t *)
                   frame->payload)[g_test_rand_int_range (0, (gint32) frame->head.n_bytes)] =
                  (uint8_t) g_test_rand_int ();
          weft_model_add_frame (model, frame, NULL);
          frame_free (frame);
        }
      weft_model_finish (model, g_test_rand_bit ());
      weft_model_unref (model);
    }
  clear (&f);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* More groups than have numbers: what is beyond counts as one. */
static void
test_many_groups (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftModelSnapshot snapshot;
  WeftModelGroup group;
  Run f;

  for (uint32_t i = 0; i < 66000; i++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", i);
      g_autofree char *name = g_strdup_printf ("group %u", i);

      weft_graph_builder_set_group (builder, add_task (builder, key, "t.sum", 1, WEFT_NONE, 0, 1),
                                    name);
    }
  begin (&f, 2, freeze (builder), (WeftRunOptions){ 0 });
  finish (&f);
  weft_model_snapshot (f.model, &snapshot);
  g_assert_cmpuint (snapshot.n_groups, ==, 65535);
  weft_model_group (f.model, 65534, &group);
  g_assert_cmpstr (group.name, ==, "other");
  g_assert_cmpuint (group.n_tasks, ==, 66000 - 65534);
  g_assert_cmpuint (group.n_states[WEFT_TASK_RELEASED], ==, 66000 - 65534);
  g_assert_cmpuint (group.n_ended, ==, 66000 - 65534);
  clear (&f);
}

/* ---- series ---------------------------------------------------------------------------------- */

static void
test_series (void)
{
  uint64_t n;
  Run f;

  record (&f);
  n = weft_model_series_n (f.model, WEFT_SERIES_RESIDENT);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpfloat (weft_model_series_get (f.model, WEFT_SERIES_RESIDENT, 0).value, >, 1e5);
  for (unsigned series = 0; series < WEFT_N_SERIES; series++)
    {
      n = weft_model_series_n (f.model, series);
      for (uint64_t i = 0; i < n; i++)
        {
          int64_t at_ns = weft_model_series_get (f.model, series, i).at_ns;
          uint64_t found = weft_model_series_find (f.model, series, n, at_ns);

          g_assert_cmpuint (found, >=, i);
          g_assert_cmpint (weft_model_series_get (f.model, series, found).at_ns, ==, at_ns);
          found = weft_model_series_find (f.model, series, n, at_ns - 1);
          if (found < n)
            g_assert_cmpint (weft_model_series_get (f.model, series, found).at_ns, <, at_ns);
        }
    }
  clear (&f);
}

/* ---- readers beside the feeding thread ------------------------------------------------------- */

static _Atomic bool is_fed;

static void
look_at (WeftModel *model)
{
  WeftModelSnapshot snapshot;
  WeftModelNow now;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      WeftModelLane lane;
      uint64_t n;

      weft_model_lane (model, i, &lane);
      n = weft_spans_n (lane.spans);
      if (n > 0)
        g_assert_cmpuint (weft_spans_get (lane.spans, n - 1)->kind, !=, 0);
      weft_model_now (model, i, &now);
    }
  for (uint32_t task = 0; task < snapshot.n_tasks; task += 97)
    {
      g_autofree char *key = weft_model_task_dup_key (model, task);
      uint32_t lane;
      uint64_t index;

      g_assert_cmpuint (weft_model_task_state (model, task), <, WEFT_TASK_N_STATES);
      if (weft_model_task_span (model, task, &lane, &index))
        {
          WeftModelLane info;

          weft_model_lane (model, lane, &info);
          g_assert_cmpuint (weft_spans_get (info.spans, index)->task, ==, task);
        }
    }
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (model, i, &group);
      g_assert_nonnull (group.name);
    }
}

/* What is held by groups adds up at every moment, however far the records have come. */
static void
look_at_held (WeftModel *model, const WeftModelSnapshot *snapshot)
{
  WeftHeldHistory *history = weft_held_history_new (model, snapshot, 50, 4);
  WeftHeldSteps steps;

  weft_held_history_steps (history, &steps);
  for (uint32_t step = 0; step < steps.n_steps; step++)
    {
      uint64_t sum = 0;

      for (uint32_t band = 0; band < steps.n_bands; band++)
        sum += steps.bands[(size_t) band * steps.n_steps + step];
      g_assert_cmpuint (sum, ==, steps.totals[step]);
    }
  weft_held_history_free (history);
}

/* Returns: (transfer full): kept while the records came */
static void *
read_beside (void *data)
{
  WeftTimeAccount *account = weft_time_account_new (data);
  WeftModelSnapshot snapshot;
  bool last;

  do
    {
      last = atomic_load (&is_fed);
      look_at (data);
      weft_model_snapshot (data, &snapshot);
      while (!weft_time_account_update (account, &snapshot, 1000))
        ;
      look_at_held (data, &snapshot);
    }
  while (!last);
  return account;
}

/* It says what one says that is made afterwards. */
static void
assert_same_account (WeftTimeAccount *kept, WeftModel *model)
{
  WeftTimeAccount *account = weft_time_account_new (model);
  WeftModelSnapshot snapshot;
  WeftTimeRow x, y;

  weft_model_snapshot (model, &snapshot);
  g_assert_true (weft_time_account_update (account, &snapshot, UINT64_MAX));
  weft_time_account_total (account, &x);
  weft_time_account_total (kept, &y);
  g_assert_cmpmem (x.ns, sizeof x.ns, y.ns, sizeof y.ns);
  weft_time_account_free (account);
  weft_time_account_free (kept);
}

static void
test_readers (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  WeftModel *model = weft_model_new ();
  GThread *reader;
  Run f;

  begin (&f, 2, shape_graph ("tree:30000,2", "t.box"), (WeftRunOptions){ 0 });
  finish (&f);
  frames = read_frames (f.path);
  atomic_store (&is_fed, false);
  reader = g_thread_new ("reader", read_beside, model);
  add_frames (model, frames, 0, frames->len);
  weft_model_finish (model, false);
  atomic_store (&is_fed, true);
  assert_same_account (g_thread_join (reader), model);
  assert_same (model, f.model);
  weft_model_unref (model);
  clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "frames", "cut-anywhere", test_cut_anywhere);
  test_add ("model", "frames", "records-before-their-graph", test_records_first);
  test_add ("model", "frames", "records-without-their-graph", test_records_without_graph);
  test_add ("model", "frames", "unknown-frames", test_unknown_frames);
  test_add ("model", "frames", "damage-is-refused", test_damage);
  test_add ("model", "frames", "noise", test_noise);
  test_add ("model", "frames", "more-groups-than-numbers", test_many_groups);
  test_add ("model", "frames", "series", test_series);
  test_add ("model", "frames", "readers-beside-the-feed", test_readers);
  return g_test_run ();
}
