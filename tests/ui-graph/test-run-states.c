/* test-run-states.c: tests that a run's graph tells the same states live and recorded
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model-run.h"

#include "graph/graph-look.h"
#include "graph/graph-placing.h"

/* ---- tasks of several outputs ---------------------------------------------------------------- */

/* A task that makes two results. Who reads them is told by bits: 1 and 2 the first, 4 and 8 the
 * second; 16 and 32 are wanted. */
static void
add_pair (WeftGraphBuilder *builder, unsigned who)
{
  g_autofree char *key = g_strdup_printf ("pair-%u", who);
  uint32_t pair = add_task (builder, key, "t.pair", (int64_t) who, WEFT_NONE, 0, 2);

  for (unsigned reader = 0; reader < 4; reader++)
    if ((who >> reader & 1) != 0)
      {
        g_autofree char *name = g_strdup_printf ("reads-%u-%u", who, reader);

        add_task (builder, name, "t.sum", 0, pair, reader / 2, 1);
      }
  for (unsigned output = 0; output < 2; output++)
    if ((who >> (4 + output) & 1) != 0)
      weft_graph_builder_want (builder, pair, output);
}

static WeftGraph *
outputs_graph (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  for (unsigned who = 0; who < 64; who++)
    add_pair (builder, who);
  return freeze (builder);
}

typedef struct
{
  WeftModel *live;
  WeftModel *whole;
  WeftPast *past;
  GByteArray *now, *then; /* states */
  int64_t at_ns;          /* end of the last task that came */
  unsigned n_compared, n_released;
} Compared;

static void
take_groups (WeftModel *model, const WeftMoment *moment, uint32_t n_tasks, GArray *groups)
{
  WeftModelSnapshot snapshot;
  WeftlineGraphLook look;

  weft_model_snapshot (model, &snapshot);
  weftline_graph_look_init (&look);
  look.model = model;
  look.moment = moment;
  look.n_groups = snapshot.n_groups;
  weftline_graph_look_groups (&look, n_tasks, NULL, groups);
  weftline_graph_look_clear (&look);
}

/* Of a group as a whole it says what it says of its tasks. */
static void
assert_groups_add_up (WeftModel *model, const WeftMoment *moment, const GByteArray *states)
{
  g_autoptr (GArray) groups = g_array_new (FALSE, FALSE, sizeof (WeftlineSceneCell));
  g_autofree uint32_t *counts = NULL;

  take_groups (model, moment, states->len, groups);
  counts = g_new0 (uint32_t, (gsize) groups->len * WEFT_TASK_N_STATES + 1);
  for (uint32_t task = 0; task < states->len; task++)
    counts[weft_model_task_group (model, task) * WEFT_TASK_N_STATES + states->data[task]]++;
  for (guint g = 0; g < groups->len; g++)
    g_assert_cmpmem (g_array_index (groups, WeftlineSceneCell, g).n_states,
                     sizeof (uint32_t) * WEFT_TASK_N_STATES, counts + g * WEFT_TASK_N_STATES,
                     sizeof (uint32_t) * WEFT_TASK_N_STATES);
}

/* As of the last task's end: what had a result then, and which were let go of. */
static void
compare (Compared *compared)
{
  WeftModelSnapshot snapshot;
  WeftMoment *moment;
  uint32_t n;

  weft_model_snapshot (compared->live, &snapshot);
  n = snapshot.n_tasks;
  moment = weft_moment_new (compared->past, compared->at_ns);
  weftline_graph_look_states (compared->live, NULL, n, compared->now);
  weftline_graph_look_states (compared->whole, moment, n, compared->then);
  for (uint32_t task = 0; task < n; task++)
    {
      uint8_t now = compared->now->data[task], then = compared->then->data[task];
      g_autofree char *key = weft_model_task_dup_key (compared->live, task);

      if ((now == WEFT_TASK_MEMORY) != (then == WEFT_TASK_MEMORY)
          || (now == WEFT_TASK_RELEASED) != (then == WEFT_TASK_RELEASED))
        g_error ("%s at %" G_GINT64_FORMAT ": %u live, %u recorded", key, compared->at_ns, now,
                 then);
      compared->n_released += now == WEFT_TASK_RELEASED;
    }
  assert_groups_add_up (compared->live, NULL, compared->now);
  assert_groups_add_up (compared->whole, moment, compared->then);
  weft_moment_unref (moment);
  compared->n_compared++;
}

static void
add_well (WeftModel *model, const WeftRunFrame *frame)
{
  g_autoptr (GError) error = NULL;

  weft_model_add_frame (model, frame, &error);
  g_assert_no_error (error);
}

static int64_t
last_end_ns (WeftModel *model, uint32_t lane)
{
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  return weft_spans_get (info.spans, weft_spans_n (info.spans) - 1)->end_ns;
}

/* One record after the other, as if each had come for itself. */
static void
add_one_by_one (Compared *compared, const WeftRunFrame *frame)
{
  const WeftRecord *records;
  WeftRecordsHead head;
  uint32_t n;

  g_assert_true (weft_run_frame_records (frame, &head, &records, &n));
  for (uint32_t i = 0; i < n; i++)
    {
      WeftRecordsHead one = { .n_records = 1, .min_start = head.min_start };
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      WeftRunFrame part = *frame;
      bool is_task = records[i].kind == WEFT_RECORD_TASK;

      if (is_task && compared->at_ns > 0)
        compare (compared);
      g_byte_array_append (bytes, (const guint8 *) &one, sizeof one);
      g_byte_array_append (bytes, (const guint8 *) &records[i], sizeof records[i]);
      part.head.n_bytes = bytes->len;
      part.n_bytes = bytes->len;
      part.payload = bytes->data;
      add_well (compared->live, &part);
      if (is_task)
        compared->at_ns = last_end_ns (compared->live, frame->head.lane);
    }
}

/* After each task what the graph shows of its results, and of those that it was the last to read,
 * is what it will show of the recorded run at that moment. */
static void
test_outputs (void)
{
  Compared compared = { .now = g_byte_array_new (), .then = g_byte_array_new () };
  g_autoptr (GPtrArray) frames = NULL;
  Run f;

  begin (&f, 1, outputs_graph (), (WeftRunOptions){ 0 });
  finish_and_compare (&f);
  frames = read_frames (f.path);
  compared.whole = f.model;
  {
    WeftModelSnapshot snapshot;

    weft_model_snapshot (f.model, &snapshot);
    compared.past = weft_past_new (f.model, &snapshot);
  }
  compared.live = weft_model_new ();
  for (guint i = 0; i < frames->len; i++)
    {
      const WeftRunFrame *frame = frames->pdata[i];

      if (frame->head.kind == WEFT_FRAME_RECORDS)
        add_one_by_one (&compared, frame);
      else
        add_well (compared.live, frame);
    }
  compare (&compared);
  g_assert_cmpuint (compared.n_compared, >, 64 * 2);
  g_assert_cmpuint (compared.n_released, >, 1000);
  weft_past_free (compared.past);
  weft_model_unref (compared.live);
  g_byte_array_unref (compared.now);
  g_byte_array_unref (compared.then);
  clear (&f);
}

/* ---- what groups are told of their tasks ----------------------------------------------------- */

static void
assert_told (WeftlineGraphLook *look, uint32_t n_tasks, const WeftlineTaskSet *marked)
{
  g_autoptr (GArray) groups = g_array_new (FALSE, FALSE, sizeof (WeftlineSceneCell));
  g_autofree uint32_t *n_marked = g_new0 (uint32_t, look->n_groups + 1);
  g_autofree double *sums = g_new0 (double, look->n_groups + 1);

  weftline_graph_look_groups (look, n_tasks, marked, groups);
  g_assert_cmpuint (groups->len, ==, look->n_groups);
  for (uint32_t task = 0; task < n_tasks; task++)
    {
      uint32_t group = weft_model_task_group (look->model, task);

      n_marked[group] += marked != NULL && weftline_task_set_has (marked, task);
      sums[group] += task < look->n_values ? (double) look->values[task] : 0;
    }
  for (guint g = 0; g < groups->len; g++)
    {
      const WeftlineSceneCell *cell = &g_array_index (groups, WeftlineSceneCell, g);

      g_assert_cmpuint (cell->n_marked, ==, n_marked[g]);
      g_assert_cmpfloat_with_epsilon (cell->value, sums[g] / cell->n_tasks, 1e-3);
    }
}

/* Sums and counts are kept; they are always of what is asked for. */
static void
test_groups_are_told (void)
{
  g_autoptr (WeftlineTaskSet) some = NULL;
  g_autoptr (WeftlineTaskSet) others = NULL;
  WeftModelSnapshot snapshot;
  WeftlineGraphLook look;
  uint32_t n;
  Run f;

  begin (&f, 1, outputs_graph (), (WeftRunOptions){ 0 });
  finish_and_compare (&f);
  weft_model_snapshot (f.model, &snapshot);
  n = snapshot.n_tasks;
  some = weftline_task_set_new (n);
  others = weftline_task_set_new (n);
  for (uint32_t task = 0; task < n; task++)
    weftline_task_set_add (task % 3 == 0 ? some : others, task);
  weftline_graph_look_init (&look);
  look.model = f.model;
  look.n_groups = snapshot.n_groups;
  g_assert_cmpuint (look.n_groups, >, 1);
  for (unsigned value = 0; value <= WEFTLINE_VALUE_DECREASE; value++)
    {
      assert_told (&look, n, some);
      weftline_graph_look_set_values (&look, f.model, 1, (WeftlineGraphValue) value);
      assert_told (&look, n / 2, some);
      assert_told (&look, n, some);
      assert_told (&look, n, others);
      assert_told (&look, n, NULL);
      weftline_graph_look_clear_values (&look);
      assert_told (&look, n, others);
    }
  weftline_graph_look_clear (&look);
  clear (&f);
}

/* ---- far and near ---------------------------------------------------------------------------- */

/* Whether all is laid out, or groups only: a large segment is waited for, a small one not. */
static void
assert_placed (WeftModel *model, bool far, bool is_far)
{
  WeftlineGraphPlacing *placing;
  g_autoptr (WeftlineGraphScene) scene = weftline_graph_scene_new ();
  WeftModelSnapshot snapshot;
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  bool has_tasks;

  weft_model_snapshot (model, &snapshot);
  placing = weftline_graph_placing_new (model, 0, snapshot.n_groups, true);
  if (far)
    weftline_graph_placing_set_far (placing);
  g_assert_true (weftline_graph_placing_run (placing));
  has_tasks = weftline_graph_placing_append (placing, scene, kept);
  g_assert_cmpint (has_tasks, !=, is_far);
  g_assert_cmpint (weftline_graph_scene_is_far (scene), ==, is_far);
  g_assert_cmpuint (weftline_graph_scene_n_tasks (scene), ==, snapshot.n_tasks);
  weftline_graph_placing_free (placing);
  g_clear_pointer (&scene, weftline_graph_scene_free);
}

static WeftModel *
model_of (uint32_t n_tasks, uint32_t n_groups)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftModel *model;
  uint32_t call;
  Run f;

  weft_graph_builder_begin_call (builder, "t.box", 0, 1);
  weft_graph_builder_arg_int64 (builder, 1);
  call = weft_graph_builder_end_call (builder);
  for (uint32_t g = 0, task = 0; g < n_groups; g++)
    {
      g_autofree char *prefix = g_strdup_printf ("group%c-", 'a' + (char) g);
      uint32_t pattern = weft_graph_builder_key_pattern (builder, prefix, "");

      for (uint32_t i = 0; i < n_tasks / n_groups; i++, task++)
        weft_graph_builder_add_numbered (builder, pattern, task, call, NULL, 0);
    }
  begin (&f, 1, freeze (builder), (WeftRunOptions){ 0 });
  finish (&f);
  model = weft_model_ref (f.model);
  clear (&f);
  return model;
}

static void
test_far (void)
{
  uint32_t n = WEFTLINE_PLACING_FEW_TASKS + 100;
  WeftModel *large = model_of (n, 2), *plain = model_of (n, 1), *small = model_of (1000, 2);

  assert_placed (large, true, true);
  assert_placed (large, false, false);
  assert_placed (plain, true, false);
  assert_placed (small, true, false);
  g_assert_cmpuint (weftline_graph_groups_hash (large, 0, n), !=,
                    weftline_graph_groups_hash (plain, 0, n));
  weft_model_unref (large);
  weft_model_unref (plain);
  weft_model_unref (small);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "run-states", "several-outputs-live-as-recorded", test_outputs);
  test_add ("ui-graph", "run-states", "groups-are-told", test_groups_are_told);
  test_add ("ui-graph", "run-states", "large-from-far", test_far);
  return g_test_run ();
}
