/* past-bench.c: how long it takes to say how a long run was at some moment
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   past-bench [TASKS [WORKERS [MOMENTS [FOLDER]]]]
 *
 * A child process runs that many tasks in layers, each task reading two of the layer before, and
 * writes the file. Its model is made, then the past from it, then moments all over the run, as they
 * come when the scrubber is dragged or jumps. CPU times of the thread that does it.
 */
#include "config.h"

#include "model/weft-past.h"
#include "picture-times.h"
#include "recorded-run.h"
#include "scrub/scrub-layout.h"

#include <inttypes.h>

#define LAYER 1000
#define N_GROUPS 7

/* ---- the run --------------------------------------------------------------------------------- */

static uint32_t
make_call (WeftGraphBuilder *builder, uint32_t n_inputs)
{
  weft_graph_builder_begin_call (builder, n_inputs > 0 ? "max" : "const", 0, 1);
  for (uint32_t slot = 0; slot < n_inputs; slot++)
    weft_graph_builder_arg_slot (builder, slot);
  if (n_inputs == 0)
    weft_graph_builder_arg_int64 (builder, 1);
  return weft_graph_builder_end_call (builder);
}

static WeftGraph *
make_graph (uint32_t n_tasks)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t patterns[N_GROUPS], source, reader;
  WeftGraph *graph;

  for (uint32_t group = 0; group < N_GROUPS; group++)
    {
      g_autofree char *prefix = g_strdup_printf ("group%c-", 'a' + (char) group);

      patterns[group] = weft_graph_builder_key_pattern (builder, prefix, "");
    }
  source = make_call (builder, 0);
  reader = make_call (builder, 2);
  for (uint32_t task = 0; task < n_tasks; task++)
    {
      uint32_t layer = task / LAYER;
      WeftTaskOutput inputs[2] = { { task - LAYER, 0 },
                                   { layer * LAYER - LAYER + (task + 1) % LAYER, 0 } };

      weft_graph_builder_add_numbered (builder, patterns[layer % N_GROUPS], task,
                                       layer > 0 ? reader : source, inputs, layer > 0 ? 2 : 0);
    }
  weft_graph_builder_want (builder, n_tasks - 1, 0);
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  return graph;
}

/* (transfer full) (nullable) */
static WeftModel *
read_model (const char *path)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, NULL);
  WeftModel *model = weft_model_new ();
  WeftRunFrame frame;
  bool good = reader != NULL;

  while (good && weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    good = weft_model_add_frame (model, &frame, NULL);
  weft_run_reader_free (reader);
  weft_model_finish (model, false);
  if (!good)
    g_clear_pointer (&model, weft_model_unref);
  return model;
}

/* ---- the curve behind the scrubber ----------------------------------------------------------- */

static void
measure_curve (const WeftModel *model, unsigned n_times)
{
  g_autofree double *times = g_new (double, n_times);
  WeftlineScrubLayout layout = { 0 };
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  for (unsigned i = 0; i < n_times; i++)
    {
      double start = thread_ms ();

      weftline_scrub_layout (&layout, model, &snapshot, PICTURE_WIDTH);
      times[i] = thread_ms () - start;
    }
  weftline_scrub_layout_clear (&layout);
  printf ("curve: median %.2f ms, p99 %.2f ms\n", quantile_of (times, n_times, 0.5),
          quantile_of (times, n_times, 0.99));
}

/* ---- moments --------------------------------------------------------------------------------- */

static bool
is_end (const WeftMoment *moment, const WeftModelSnapshot *snapshot)
{
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    if (moment->n_states[state] != snapshot->n_states[state])
      return false;
  return true;
}

static bool
measure (WeftModel *model, unsigned n_moments)
{
  g_autofree double *times = g_new (double, n_moments);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  double start = thread_ms (), made;
  WeftModelSnapshot snapshot;
  WeftMoment *moment;
  WeftPast *past;
  bool good;

  weft_model_snapshot (model, &snapshot);
  past = weft_past_new (model, &snapshot);
  made = thread_ms () - start;
  for (unsigned i = 0; i < n_moments; i++)
    {
      int64_t at_ns = (int64_t) (g_rand_double (rand) * (double) snapshot.last_ns);

      start = thread_ms ();
      moment = weft_moment_new (past, at_ns);
      times[i] = thread_ms () - start;
      weft_moment_unref (moment);
    }
  printf ("past of %u tasks: %.0f ms\n", snapshot.n_tasks, made);
  printf ("moments: median %.2f ms, p99 %.2f ms\n", quantile_of (times, n_moments, 0.5),
          quantile_of (times, n_moments, 0.99));
  moment = weft_moment_new (past, snapshot.last_ns);
  good = is_end (moment, &snapshot);
  if (!good)
    fprintf (stderr, "past-bench: the last moment is not the end\n");
  weft_moment_unref (moment);
  weft_past_free (past);
  return good;
}

int
main (int argc, char **argv)
{
  uint32_t n_tasks = argc > 1 ? (uint32_t) atoi (argv[1]) : 1000000;
  uint32_t n_workers = argc > 2 ? (uint32_t) atoi (argv[2]) : 4;
  unsigned n_moments = argc > 3 ? (unsigned) atoi (argv[3]) : 200;
  const char *folder = argc > 4 ? argv[4] : g_get_tmp_dir ();
  g_autofree char *path = g_strdup_printf ("%s/past-bench-%d.weft", folder, (int) getpid ());
  WeftModel *model = NULL;
  bool good;

  if (n_tasks < LAYER || n_workers < 1 || n_moments < 1)
    return 2;
  if (write_apart (path, make_graph, n_tasks, n_workers))
    model = read_model (path);
  unlink (path);
  good = model != NULL && measure (model, n_moments);
  if (good)
    measure_curve (model, n_moments);
  weft_model_unref (model);
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
