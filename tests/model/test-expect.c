/* test-expect.c: a graph that this process has, taken instead of decoded
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A model that expects the graph must say what one says that decodes it, whatever the graph, and
 * never take one that the file does not tell of.
 */
#include "config.h"

#include "graph-support.h"
#include "model-run.h"

#include "graph/weft-graph-codec.h"
#include "graph/weft-graph-rebuild.h"
#include "optimize/weft-pass.h"

#define TAG UINT64_C (0x0123456789abcdef)

/* ---- frames ---------------------------------------------------------------------------------- */

static WeftRunFrame *
frame_new (uint64_t run_tag, const WeftSegmentHead *head, const GByteArray *piece)
{
  WeftRunFrame *frame = g_new0 (WeftRunFrame, 1);
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const uint8_t *) head, sizeof *head);
  g_byte_array_append (bytes, piece->data, piece->len);
  frame->head =
      (WeftFrameHead){ .kind = WEFT_FRAME_SEGMENT, .n_bytes = bytes->len, .run_tag = run_tag };
  frame->payload = g_byte_array_free (bytes, FALSE);
  return frame;
}

/* What a recorder writes of a graph. (transfer full): array of WeftRunFrame */
static GPtrArray *
frames_of (WeftGraph *graph, uint64_t run_tag, uint32_t segment)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func (frame_free);
  g_autoptr (GByteArray) piece = g_byte_array_new ();
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  bool more = true;

  while (more)
    {
      WeftSegmentHead head = { .segment = segment,
                               .piece = frames->len,
                               .parent_segment = WEFT_NONE,
                               .parent_task = WEFT_NONE };

      g_byte_array_set_size (piece, 0);
      more = weft_graph_encoder_next (encoder, frames->len, piece, &head.first_task, &head.n_tasks);
      head.flags =
          (frames->len == 0 ? WEFT_SEGMENT_FIRST : 0) | (more ? 0 : (uint32_t) WEFT_SEGMENT_LAST);
      g_ptr_array_add (frames, frame_new (run_tag, &head, piece));
    }
  weft_graph_encoder_free (encoder);
  return frames;
}

static WeftSegmentHead *
head_of (GPtrArray *frames, guint i)
{
  WeftRunFrame *frame = frames->pdata[i];

  return (WeftSegmentHead *) (void *) frame->payload;
}

/* With the first n frames, and not finished. */
static WeftModel *
begin_expecting (GPtrArray *frames, guint n, uint64_t run_tag, uint32_t segment, WeftGraph *graph)
{
  WeftModel *model = weft_model_new ();

  weft_model_expect_graph (model, run_tag, segment, graph);
  add_frames (model, frames, 0, n);
  return model;
}

static WeftModel *
expecting_model (GPtrArray *frames, uint64_t run_tag, uint32_t segment, WeftGraph *graph)
{
  const WeftRunFrame *last = frames->pdata[frames->len - 1];
  WeftModel *model = begin_expecting (frames, frames->len, run_tag, segment, graph);

  weft_model_finish (model, last->head.kind != WEFT_FRAME_END);
  return model;
}

static bool
add (WeftModel *model, GPtrArray *frames, guint i, GError **error)
{
  return weft_model_add_frame (model, frames->pdata[i], error);
}

/* ---- the same -------------------------------------------------------------------------------- */

/* What follows from the rest, and what assert_same_graph() leaves out. */
static void
assert_same_besides (WeftGraph *g, WeftGraph *h)
{
  const WeftGraphArrays *a = weft_graph_arrays (g), *b = weft_graph_arrays (h);
  uint32_t n = a->n_tasks, n_nodes = n + a->n_imports;

  g_assert_cmpuint (a->n_imports, ==, b->n_imports);
  assert_same_csr (a->dependent_offsets, a->dependents, b->dependent_offsets, b->dependents,
                   n_nodes);
  assert_same_csr (a->notify_offsets, a->notify, b->notify_offsets, b->notify, n_nodes);
  g_assert_cmpuint (weft_graph_n_slots (g), ==, weft_graph_n_slots (h));
  for (uint32_t task = 0; task < n; task++)
    {
      g_autofree char *key = weft_graph_dup_key (g, task);
      uint32_t x = a->call_of_task[task], y = b->call_of_task[task];

      g_assert_cmpuint (weft_graph_find (h, key, -1), ==, task);
      g_assert_cmpstr (weft_graph_op_name (g, task), ==, weft_graph_op_name (h, task));
      g_assert_cmpuint (weft_graph_output_slot (a, task, 0), ==,
                        weft_graph_output_slot (b, task, 0));
      g_assert_cmpuint (a->unit_flags != NULL ? a->unit_flags[task] : 0, ==,
                        b->unit_flags != NULL ? b->unit_flags[task] : 0);
      g_assert_cmpuint (a->call_locations != NULL ? a->call_locations[x].line : 0, ==,
                        b->call_locations != NULL ? b->call_locations[y].line : 0);
    }
  for (uint32_t i = 0; i < a->n_imports; i++)
    {
      g_assert_cmpuint (a->imports[i].kind, ==, b->imports[i].kind);
      if (a->imports[i].kind == WEFT_IMPORT_KEY)
        g_assert_cmpstr (weft_graph_string (g, a->imports[i].key), ==,
                         weft_graph_string (h, b->imports[i].key));
    }
}

static void
assert_same_graphs (WeftModel *a, WeftModel *b)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (a, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_segments; i++)
    {
      WeftGraph *g = weft_model_graph (a, i), *h = weft_model_graph (b, i);

      g_assert_nonnull (g);
      g_assert_nonnull (h);
      g_assert_cmpuint (weft_model_segment_parent (a, i), ==, weft_model_segment_parent (b, i));
      assert_same_graph (g, h);
      assert_same_besides (g, h);
    }
}

static void
assert_same_models (WeftModel *a, WeftModel *b)
{
  g_autofree char *a_name = weft_model_dup_name (a), *b_name = weft_model_dup_name (b);

  g_assert_cmpstr (a_name, ==, b_name);
  assert_same (a, b);
  assert_same_graphs (a, b);
}

/* Taken, decoded, and without any frames. */
static void
check_graph (WeftGraph *graph)
{
  g_autoptr (GPtrArray) frames = frames_of (graph, TAG, 0);
  WeftModel *taken = expecting_model (frames, TAG, 0, graph);
  WeftModel *decoded = model_of_frames (frames, frames->len, true);
  WeftModel *made = weft_model_new_for_graph (graph);

  g_assert_true (weft_model_graph (taken, 0) == graph);
  g_assert_false (weft_model_graph (decoded, 0) == graph);
  g_assert_true (weft_model_graph (made, 0) == graph);
  assert_same_models (taken, decoded);
  weft_model_finish (made, true);
  assert_same_models (made, decoded);
  weft_model_unref (made);
  weft_model_unref (decoded);
  weft_model_unref (taken);
}

/* ---- many graphs ----------------------------------------------------------------------------- */

static void
test_random (void)
{
  for (unsigned i = 0; i < 40 / test_slowdown (); i++)
    {
      WeftGraph *graph = random_graph ((uint32_t) g_test_rand_int_range (1, 300), i % 2 == 0);

      check_graph (graph);
      weft_graph_unref (graph);
    }
}

/* Of more than one piece, and decoded beside. */
static void
test_shapes (void)
{
  static const char *const specs[] = { "tree:40000,2", "random-layered:3,20,3000,4", "fan:300",
                                       "independent:70000", "shuffle:8,9" };

  for (unsigned i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      WeftGraph *graph = shape_graph (specs[i], "t.box");

      check_graph (graph);
      weft_graph_unref (graph);
    }
}

/* As it was read, as it is replayed, and as the passes leave it. */
static void
check_file (const char *path)
{
  static const WeftReplayOptions as_recorded = { .speed = 1, .bytes = 1, .default_ns = 1000 };
  static const WeftPassOptions options = { .fuse_width = 1 };
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, &error);
  WeftGraph *replayed, *ordered;

  g_assert_no_error (error);
  replayed = weft_graph_replay (graph, &as_recorded, NULL, &error);
  g_assert_no_error (error);
  ordered = weft_optimize (replayed, "cull,fuse,order", &options, NULL, NULL, &error);
  g_assert_no_error (error);
  check_graph (graph);
  check_graph (replayed);
  check_graph (ordered);
  weft_graph_unref (ordered);
  weft_graph_unref (replayed);
  weft_graph_unref (graph);
}

/* Returns: how many graphs there are */
static unsigned
check_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  unsigned n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_str_has_suffix (name, ".json") || g_str_has_suffix (name, "schema.json"))
        continue;
      check_file (path);
      n++;
    }
  return n;
}

static void
test_examples (void)
{
  g_autofree char *examples = test_example_path ("");
  g_autofree char *plugin = test_example_path ("plugin");
  g_autofree char *workflows = test_example_path ("workflows");

  g_assert_cmpuint (check_folder (examples), >=, 8);
  g_assert_cmpuint (check_folder (plugin), >=, 1);
  g_assert_cmpuint (check_folder (workflows), >=, 1);
}

static void
test_workflows (void)
{
  g_autofree char *tests = test_source_path ("");
  g_autofree char *folder =
      g_build_filename (tests, "..", "..", "shared", "data", "graphs", "wfcommons", NULL);

  if (check_folder (folder) == 0)
    g_test_skip ("no recorded workflows in ../shared/data/graphs beside the project");
}

/* ---- runs ------------------------------------------------------------------------------------ */

/* The run has ended. The model outlives it, and all else that had the graph. */
static void
compare (Run *f)
{
  g_autoptr (GPtrArray) frames = NULL;
  WeftGraph *graph = weft_run_segment (f->run, 0);
  WeftModel *model;

  frames = read_frames (f->path);
  model = expecting_model (frames, weft_recorder_run_tag (weft_run_recorder (f->run)), 0, graph);
  g_assert_true (weft_model_graph (model, 0) == graph);
  weft_graph_unref (graph);
  weft_run_unref (f->run);
  f->run = NULL;
  assert_same_models (model, f->model);
  assert_counts (model);
  weft_model_unref (model);
  clear (f);
}

static void
test_runs (void)
{
  static const char *const specs[] = { "tree:200,3", "stencil:12,20", "chains:4,50",
                                       "tree:40000,2" };
  Run f;

  for (unsigned i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      begin (&f, 2, shape_graph (specs[i], "t.box"), (WeftRunOptions){ 0 });
      finish (&f);
      compare (&f);
    }
  begin (&f, 2, failing_graph (), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE });
  finish (&f);
  compare (&f);
  begin (&f, 1, failing_graph (), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_STOP });
  finish (&f);
  compare (&f);
  begin (&f, 2, pairs_graph (), (WeftRunOptions){ 0 });
  finish (&f);
  compare (&f);
}

/* Segments that come later are decoded: graphs that tasks return, and extensions with imports. */
static void
test_later_segments (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  Run f;

  for (int i = 0; i < 5; i++)
    {
      g_autofree char *key = g_strdup_printf ("nest-%d", i);

      weft_graph_builder_want (builder, add_task (builder, key, "t.nest", i, WEFT_NONE, 0, 1), 0);
    }
  begin (&f, 2, freeze (builder), (WeftRunOptions){ 0 });
  finish (&f);
  g_assert_cmpuint (weft_run_n_segments (f.run), >, 5);
  compare (&f);
  run_with_imports (&f);
  compare (&f);
}

/* ---- another graph --------------------------------------------------------------------------- */

/* Nothing was taken: it is as if nothing had been expected. */
static void
assert_decoded (GPtrArray *frames, uint64_t run_tag, uint32_t segment, WeftGraph *expected)
{
  WeftModel *model = expecting_model (frames, run_tag, segment, expected);
  WeftModel *decoded = model_of_frames (frames, frames->len, true);

  g_assert_false (weft_model_graph (model, 0) == expected);
  assert_same_models (model, decoded);
  weft_model_unref (decoded);
  weft_model_unref (model);
}

static WeftGraph *
chain (const char *name, const char *group, unsigned n)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t before = WEFT_NONE;

  weft_graph_builder_set_name (builder, name);
  for (unsigned i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s-%u", group, i);

      before = add_task (builder, key, "t.box", 1, before, 0, 1);
    }
  return freeze (builder);
}

static void
test_another (void)
{
  WeftGraph *graph = chain ("name", "group", 50), *same = chain ("name", "group", 50);
  WeftGraph *others[] = { chain ("name", "group", 49), chain ("name", "croup", 50),
                          chain ("mane", "group", 50), shape_graph ("independent:50", "t.box") };
  g_autoptr (GPtrArray) frames = frames_of (graph, TAG, 0);
  WeftModel *model = expecting_model (frames, TAG, 0, same);

  /* what the file tells is what this one is */
  g_assert_true (weft_model_graph (model, 0) == same);
  weft_model_unref (model);
  assert_decoded (frames, TAG + 1, 0, graph); /* of another run */
  assert_decoded (frames, TAG, 1, graph);     /* as another segment */
  for (unsigned i = 0; i < G_N_ELEMENTS (others); i++)
    {
      assert_decoded (frames, TAG, 0, others[i]);
      weft_graph_unref (others[i]);
    }
  weft_graph_unref (same);
  weft_graph_unref (graph);
}

/* One that is in its place but may grow, and one with an object of the process. */
static void
test_not_taken (void)
{
  WeftGraph *graph = chain ("name", "group", 50);
  g_autoptr (GPtrArray) frames = frames_of (graph, TAG, 0);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftGraph *constant;

  head_of (frames, 0)->flags |= WEFT_SEGMENT_OPEN;
  assert_decoded (frames, TAG, 0, graph);
  weft_graph_unref (graph);
  weft_graph_builder_begin_call (builder, "t.box", 0, 1);
  weft_graph_builder_arg_constant (builder, builder, NULL);
  weft_graph_builder_add_task (builder, "k", -1, weft_graph_builder_end_call (builder), NULL, 0);
  g_clear_pointer (&frames, g_ptr_array_unref);
  constant = weft_graph_builder_freeze (builder, NULL, NULL);
  frames = frames_of (constant, TAG, 0);
  assert_decoded (frames, TAG, 0, constant);
  weft_graph_unref (constant);
  weft_graph_builder_free (builder);
}

/* ---- its pieces ------------------------------------------------------------------------------ */

/* It is there with the first one: records of all its tasks can follow. */
static void
test_at_once (void)
{
  WeftGraph *graph = shape_graph ("independent:70000", "t.box");
  g_autoptr (GPtrArray) frames = frames_of (graph, TAG, 0);
  WeftModel *model = weft_model_new ();
  WeftModelSnapshot snapshot;

  g_assert_cmpuint (frames->len, >, 2);
  weft_model_expect_graph (model, TAG, 0, graph);
  g_assert_null (weft_model_graph (model, 0));
  add_frames (model, frames, 0, 1);
  g_assert_true (weft_model_graph (model, 0) == graph);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_tasks, ==, 70000);
  for (uint32_t task = 0; task < snapshot.n_tasks; task++)
    g_assert_cmpuint (weft_model_task_group (model, task), ==, 0);
  assert_counts (model);
  weft_model_unref (model);
  weft_graph_unref (graph);
}

/* Whatever is passed over must still be what comes next. */
static void
test_bad_pieces (void)
{
  WeftGraph *graph = shape_graph ("independent:70000", "t.box");
  g_autoptr (GPtrArray) good = frames_of (graph, TAG, 0);
  guint last = good->len - 1;

  g_assert_cmpuint (head_of (good, 1)->n_tasks, >, 0);
  for (int i = 0; i < 6; i++)
    {
      g_autoptr (GPtrArray) frames = frames_of (graph, TAG, 0);
      WeftModel *model = begin_expecting (frames, 1, TAG, 0, graph);
      WeftModelSnapshot snapshot;
      GError *error = NULL;
      guint at = 1;

      if (i == 0) /* one is missing */
        at = 2;
      else if (i == 1)
        head_of (frames, 1)->first_task++;
      else if (i == 2)
        head_of (frames, 1)->n_tasks = 70001;
      else if (i == 3) /* fewer than were announced */
        head_of (frames, 1)->flags |= WEFT_SEGMENT_LAST;
      else if (i == 4) /* it is not open */
        head_of (frames, 1)->flags |= WEFT_SEGMENT_FIRST;
      else /* there are no more */
        {
          add_frames (model, frames, 1, frames->len);
          at = last;
        }
      g_assert_false (add (model, frames, at, &error));
      test_assert_error (&error, WEFT_MODEL_ERROR, WEFT_MODEL_ERROR_CONTENT, "segment 0", NULL);
      weft_model_snapshot (model, &snapshot);
      g_assert_cmpuint (snapshot.n_tasks, ==, 70000);
      g_assert_true (weft_model_graph (model, 0) == graph);
      assert_counts (model);
      weft_model_unref (model);
    }
  weft_graph_unref (graph);
}

/* What of it the file has when it ends makes no difference. */
static void
test_cut (void)
{
  WeftGraph *graph = shape_graph ("tree:40000,2", "t.box");
  g_autoptr (GPtrArray) frames = frames_of (graph, TAG, 0);
  WeftModel *whole = expecting_model (frames, TAG, 0, graph);

  for (guint n = 1; n < frames->len; n++)
    {
      WeftModel *model = begin_expecting (frames, n, TAG, 0, graph);

      weft_model_finish (model, true);
      assert_same (model, whole);
      weft_model_unref (model);
    }
  weft_model_unref (whole);
  weft_graph_unref (graph);
}

/* Expected in vain, or told of twice: nothing is left behind. */
static void
test_unmet (void)
{
  WeftGraph *graph = chain ("name", "group", 3), *other = chain ("name", "group", 4);
  WeftModel *model = weft_model_new ();

  weft_model_expect_graph (model, TAG, 0, graph);
  weft_model_expect_graph (model, TAG, 0, other);
  weft_graph_unref (other);
  weft_graph_unref (graph);
  weft_model_unref (model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "expect", "random-graphs", test_random);
  test_add ("model", "expect", "shapes", test_shapes);
  test_add ("model", "expect", "examples", test_examples);
  test_add ("model", "expect", "workflows", test_workflows);
  test_add ("model", "expect", "runs", test_runs);
  test_add ("model", "expect", "later-segments", test_later_segments);
  test_add ("model", "expect", "another-graph", test_another);
  test_add ("model", "expect", "not-taken", test_not_taken);
  test_add ("model", "expect", "at-once", test_at_once);
  test_add ("model", "expect", "bad-pieces", test_bad_pieces);
  test_add ("model", "expect", "cut", test_cut);
  test_add ("model", "expect", "unmet", test_unmet);
  return g_test_run ();
}
