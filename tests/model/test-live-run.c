/* test-live-run.c: real runs that stand still, looked at while they do
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model-run.h"

#include "model/weft-account.h"

/* Three tasks that need one of what there is one of; the first stays inside. */
static void
begin_at_the_gate (Run *f)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  WeftResourceNeed need = { .name = weft_graph_builder_string (builder, "gpu"), .amount = 1 };
  WeftTaskAttributes attributes = { .label = WEFT_NONE, .n_resources = 1, .resources = &need };
  WeftRunOptions options = { .records = true };
  WeftGraph *graph;
  g_autoptr (GError) error = NULL;

  weft_graph_builder_set_attributes (
      builder, add_task (builder, "first", "t.gate", 1, WEFT_NONE, 0, 1), &attributes);
  weft_graph_builder_set_attributes (
      builder, add_task (builder, "second", "t.gate", 1, WEFT_NONE, 0, 1), &attributes);
  weft_graph_builder_set_attributes (
      builder, add_task (builder, "third", "t.gate", 1, WEFT_NONE, 0, 1), &attributes);
  graph = freeze (builder);
  fixture_close_gate ();
  f->dir = test_dir_new ();
  f->path = g_build_filename (f->dir, "run.weft", NULL);
  f->engine = fixture_engine (2);
  f->model = NULL;
  weft_engine_set_resource (f->engine, "gpu", 1);
  options.recorder.path = f->path;
  f->run = weft_run_new (f->engine, graph, &options, &error);
  g_assert_no_error (error);
  weft_graph_unref (graph);
  weft_run_start (f->run);
  fixture_wait_at_gate (1);
}

static void
look (Run *f, WeftModelSnapshot *snapshot, WeftTimeRow *total, int64_t *elapsed_ns)
{
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (GError) error = NULL;
  WeftTimeAccount *account;

  weft_recorder_flush (weft_run_recorder (f->run), &error);
  g_assert_no_error (error);
  frames = read_frames (f->path);
  weft_model_unref (f->model);
  f->model = weft_model_new ();
  add_frames (f->model, frames, 0, frames->len);
  account = weft_time_account_new (f->model);
  weft_model_snapshot (f->model, snapshot);
  g_assert_true (weft_time_account_update (account, snapshot, 1000));
  weft_time_account_total (account, total);
  *elapsed_ns = weft_time_account_elapsed (account);
  weft_time_account_free (account);
}

/* One worker is in its first task, the other idle as there is nothing left of what all need: that
 * is told while it lasts, up to now, and it adds up. */
static void
test_waits_for_a_resource (void)
{
  WeftModelSnapshot snapshot;
  int64_t elapsed_ns = 0;
  WeftTimeRow total;
  Run f;

  begin_at_the_gate (&f);
  do
    look (&f, &snapshot, &total, &elapsed_ns);
  while (elapsed_ns < 300000000);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_RUNNING], ==, 1);
  g_assert_cmpuint (snapshot.n_states[WEFT_TASK_QUEUED], ==, 2);
  assert_near (total.total_ns, 2 * elapsed_ns, elapsed_ns / 10);
  g_assert_cmpint (total.ns[WEFT_TIME_RUNNING], >, elapsed_ns / 2);
  g_assert_cmpint (total.ns[WEFT_TIME_RESOURCE], >, elapsed_ns / 2);
  g_assert_cmpint (total.ns[WEFT_TIME_NO_TASK], <, elapsed_ns / 10);
  fixture_open_gate ();
  weft_run_wait (f.run, -1);
  clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "live-run", "waits-for-a-resource", test_waits_for_a_resource);
  return g_test_run ();
}
