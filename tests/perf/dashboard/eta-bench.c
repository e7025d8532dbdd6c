/* eta-bench.c: how often the band of the time left holds the truth
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   eta-bench FOLDER-OF-GRAPHS [--keep FOLDER] [--each] [--rounds N]
 *
 * Test graphs run on the embedded scheduler, their tasks asleep for as long as they are to take:
 * recorded workflows in their recorded durations at speed, once with these known beforehand and
 * once not, and shapes with random durations. Each run's file is then read frame by frame, as the
 * window reads it while it grows; at up to so many moments, evenly through the run, the band is
 * asked for, and compared with what was really left then.
 *
 * The method's constants were chosen with the first half of the graphs; the others are held out.
 */
#include "config.h"

#include "graph/weft-graph-builder.h"
#include "graph/weft-graph-file.h"
#include "graph/weft-graph-rebuild.h"
#include "model/weft-eta.h"
#include "sched/weft-engine.h"
#include "shapes.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RUN_NS 1.6e9 /* about how long a run takes */
#define MOST_MOMENTS 24
#define AT_ONCE 6 /* runs; their tasks only sleep */

typedef enum
{
  CONSTANT,
  UNIFORM,
  EXPONENTIAL,
  LOGNORMAL,
  TWO_KINDS,
} Durations;

static const char *const durations_names[] = { "constant", "uniform", "exponential", "log-normal",
                                               "two kinds" };

typedef enum
{
  SHAPE,
  RECORDED, /* durations known beforehand */
  BLIND,    /* recorded ones, but not known */
} Kind;

typedef struct
{
  const char *what; /* shape, or file */
  Kind kind;
  Durations durations;
  uint32_t n_groups;
  uint32_t n_workers;
  bool held_out;
} Case;

static const Case cases[] = {
  { "stencil:12,20", SHAPE, EXPONENTIAL, 4, 4, false },
  { "tree:128,2", SHAPE, LOGNORMAL, 3, 4, false },
  { "fork-join:6,24", SHAPE, UNIFORM, 2, 8, false },
  { "independent:150", SHAPE, LOGNORMAL, 1, 6, false },
  { "chains:12,10", SHAPE, TWO_KINDS, 3, 6, false },
  { "random-layered:3,16,12,3", SHAPE, EXPONENTIAL, 6, 4, false },
  { "matmul:4,5,4", SHAPE, CONSTANT, 2, 4, false },
  { "grid:14,14", SHAPE, LOGNORMAL, 5, 6, false },
  { "fan:60", SHAPE, EXPONENTIAL, 3, 16, false },
  { "shuffle:8,8", SHAPE, UNIFORM, 3, 2, false },
  { "1000genome-chameleon-2ch-100k-001.json", RECORDED, CONSTANT, 0, 4, false },
  { "1000genome-chameleon-2ch-100k-001.json", BLIND, CONSTANT, 0, 8, false },
  { "blast-chameleon-small-001.json", RECORDED, CONSTANT, 0, 8, false },
  { "blast-chameleon-small-001.json", BLIND, CONSTANT, 0, 4, false },
  { "epigenomics-chameleon-hep-1seq-100k-001.json", BLIND, CONSTANT, 0, 4, false },
  { "epigenomics-chameleon-hep-1seq-100k-001.json", RECORDED, CONSTANT, 0, 4, false },
  { "helloworld-forkjoin-10-chameleon.json", BLIND, CONSTANT, 0, 3, false },

  { "stencil:20,12", SHAPE, LOGNORMAL, 5, 6, true },
  { "tree:100,3", SHAPE, UNIFORM, 2, 4, true },
  { "fork-join:9,16", SHAPE, EXPONENTIAL, 4, 6, true },
  { "independent:120", SHAPE, TWO_KINDS, 3, 4, true },
  { "chains:8,16", SHAPE, UNIFORM, 4, 4, true },
  { "random-layered:11,12,16,4", SHAPE, LOGNORMAL, 4, 8, true },
  { "map-overlap:5,5", SHAPE, EXPONENTIAL, 3, 4, true },
  { "rechunk:6,6,2", SHAPE, LOGNORMAL, 3, 3, true },
  { "bipartite:16,24", SHAPE, UNIFORM, 2, 5, true },
  { "random:5,150,3", SHAPE, TWO_KINDS, 5, 6, true },
  { "fan:80", SHAPE, CONSTANT, 3, 8, true },
  { "montage-chameleon-2mass-005d-001.json", RECORDED, CONSTANT, 0, 4, true },
  { "montage-chameleon-2mass-005d-001.json", BLIND, CONSTANT, 0, 8, true },
  { "seismology-chameleon-100p-001.json", RECORDED, CONSTANT, 0, 8, true },
  { "seismology-chameleon-100p-001.json", BLIND, CONSTANT, 0, 4, true },
  { "bwa-chameleon-small-001.json", BLIND, CONSTANT, 0, 4, true },
  { "helloworld-chain-5-chameleon.json", BLIND, CONSTANT, 0, 2, true },
};

/* ---- durations ------------------------------------------------------------------------------- */

static double
draw_normal (GRand *rand)
{
  double u = 1 - g_rand_double (rand), v = g_rand_double (rand);

  return sqrt (-2 * log (u)) * cos (2 * G_PI * v);
}

/* Of mean 1, about. */
static double
draw_duration (GRand *rand, Durations durations)
{
  switch (durations)
    {
    case UNIFORM:
      return g_rand_double_range (rand, 0.3, 1.7);
    case EXPONENTIAL:
      return -log (1 - g_rand_double (rand));
    case LOGNORMAL:
      return exp (0.7 * draw_normal (rand) - 0.25);
    case TWO_KINDS:
      return g_rand_double (rand) < 0.8 ? 0.4 : 3.4;
    case CONSTANT:
    default:
      return 1;
    }
}

/* ---- graphs ---------------------------------------------------------------------------------- */

/* How long the graph takes at the least: work on so many workers, or the longest chain. */
static double
lower_bound (const WeftGraphArrays *arrays, const double *seconds, uint32_t n_workers)
{
  g_autofree double *below = g_new0 (double, arrays->n_tasks + 1);
  double work = 0, chain = 0;

  for (uint32_t task = arrays->n_tasks; task-- > 0;)
    {
      for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1];
           i++)
        below[task] = MAX (below[task], below[arrays->dependents[i]]);
      below[task] += seconds[task];
      work += seconds[task];
      chain = MAX (chain, below[task]);
    }
  return MAX (work / n_workers, chain);
}

static void
add_input (GArray *inputs, uint32_t task)
{
  WeftTaskOutput input = { task, 0 };

  for (guint i = 0; i < inputs->len; i++)
    if (g_array_index (inputs, WeftTaskOutput, i).task == task)
      return;
  g_array_append_val (inputs, input);
}

/* Ends the call begun, which reads the inputs. */
static void
add_task (WeftGraphBuilder *builder, uint32_t task, GArray *inputs)
{
  g_autofree char *key = g_strdup_printf ("task-%u", task);
  uint32_t call;

  if (inputs->len > 0)
    weft_graph_builder_arg_slots (builder, 0, inputs->len);
  call = weft_graph_builder_end_call (builder);
  task = weft_graph_builder_add_task (builder, key, -1, call,
                                      (const WeftTaskOutput *) (void *) inputs->data, inputs->len);
  weft_graph_builder_want (builder, task, 0);
}

static WeftGraph *
freeze (WeftGraphBuilder *builder, const char *what)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *graph = weft_graph_builder_freeze (builder, NULL, &error);

  if (graph == NULL)
    g_error ("%s: %s", what, error->message);
  weft_graph_builder_free (builder);
  return graph;
}

/* The graph again, its tasks asleep for @seconds, by id; nothing is known beforehand. */
static WeftGraph *
make_sleeping (WeftGraph *from, const double *seconds, const uint32_t *groups)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (from);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    {
      g_autofree char *group = g_strdup_printf ("group-%u", groups[task]);

      g_array_set_size (inputs, 0);
      for (uint32_t i = arrays->input_offsets[task]; i < arrays->input_offsets[task + 1]; i++)
        add_input (inputs, arrays->input_tasks[i]);
      weft_graph_builder_begin_call (builder, "replay", 0, 1);
      weft_graph_builder_arg_float64 (builder, seconds[task]);
      weft_graph_builder_arg_int64 (builder, 0);
      weft_graph_builder_arg_string (builder, "sleep", -1);
      add_task (builder, task, inputs);
      weft_graph_builder_set_group (builder, task, group);
    }
  return freeze (builder, "asleep");
}

/* The shape as a graph without operations of its own. */
static WeftGraph *
graph_of_shape (const char *spec)
{
  g_autoptr (WeftShape) shape = weft_shape_new_from_spec (spec);
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));

  if (shape == NULL)
    g_error ("no such shape: %s", spec);
  for (uint32_t task = 0; task < shape->n_tasks; task++)
    {
      g_autofree char *key = g_strdup_printf ("task-%u", task);

      weft_graph_builder_mention (builder, key, -1);
    }
  for (uint32_t task = 0; task < shape->n_tasks; task++)
    {
      g_array_set_size (inputs, 0);
      for (uint32_t i = shape->dep_offsets[task]; i < shape->dep_offsets[task + 1]; i++)
        add_input (inputs, shape->deps[i]);
      weft_graph_builder_begin_call (builder, NULL, 0, 1);
      add_task (builder, task, inputs);
    }
  return freeze (builder, spec);
}

/* By how far a task is from the sources, or where nothing depends on anything by turns. */
static uint32_t *
choose_groups (const WeftGraphArrays *arrays, uint32_t n_groups)
{
  uint32_t *groups = g_new0 (uint32_t, arrays->n_tasks + 1);

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1]; i++)
      groups[arrays->dependents[i]] = MAX (groups[arrays->dependents[i]], groups[task] + 1);
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    groups[task] = (arrays->n_edges > 0 ? groups[task] : task) % n_groups;
  return groups;
}

/* Each group has a mean of its own. */
static WeftGraph *
random_graph (const Case *one, uint32_t seed)
{
  WeftGraph *from = graph_of_shape (one->what), *graph;
  const WeftGraphArrays *arrays = weft_graph_arrays (from);
  g_autofree double *seconds = g_new (double, arrays->n_tasks + 1);
  g_autofree uint32_t *groups = choose_groups (arrays, one->n_groups);
  g_autofree double *means = g_new (double, one->n_groups);
  GRand *rand = g_rand_new_with_seed (seed);
  double bound;

  for (uint32_t i = 0; i < one->n_groups; i++)
    means[i] = exp (0.8 * draw_normal (rand));
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    seconds[task] = MAX (means[groups[task]] * draw_duration (rand, one->durations), 1e-4);
  bound = lower_bound (arrays, seconds, one->n_workers);
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    seconds[task] *= RUN_NS / 1e9 / bound;
  graph = make_sleeping (from, seconds, groups);
  g_rand_free (rand);
  weft_graph_unref (from);
  return graph;
}

static WeftGraph *
recorded_graph (const Case *one, const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "wfcommons", one->what, NULL);
  g_autoptr (GError) error = NULL;
  WeftGraph *from = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_WFCOMMONS, &error), *graph;
  WeftReplayOptions options = { .bytes = 0, .default_ns = 1000000, .sleep = true };
  const WeftGraphArrays *arrays;
  g_autofree double *seconds = NULL;

  if (from == NULL)
    g_error ("%s", error->message);
  arrays = weft_graph_arrays (from);
  seconds = g_new (double, arrays->n_tasks + 1);
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    seconds[task] = arrays->hints.runtime_ns != NULL
                        ? MAX ((double) arrays->hints.runtime_ns[task], 0) / 1e9
                        : 0;
  options.speed = lower_bound (arrays, seconds, one->n_workers) / (RUN_NS / 1e9);
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    seconds[task] /= options.speed;
  if (one->kind == BLIND)
    graph = make_sleeping (from, seconds, arrays->group_of_task);
  else
    graph = weft_graph_replay (from, &options, NULL, &error);
  if (graph == NULL)
    g_error ("%s", error->message);
  weft_graph_unref (from);
  return graph;
}

/* ---- running --------------------------------------------------------------------------------- */

static void
run_case (const Case *one, const char *path, const char *folder, uint32_t round)
{
  WeftEngine *engine = weft_engine_new (&(WeftEngineOptions){ .n_workers = one->n_workers }, NULL);
  uint32_t seed = (uint32_t) (one - cases) * 7919 + 17 + round * 104729;
  WeftGraph *graph = one->kind == SHAPE ? random_graph (one, seed) : recorded_graph (one, folder);
  WeftRunOptions options = { .records = true, .recorder = { .path = path } };
  g_autoptr (GError) error = NULL;
  WeftRun *run = weft_run_new (engine, graph, &options, &error);

  if (run == NULL)
    g_error ("%s: %s", one->what, error->message);
  weft_graph_unref (graph);
  weft_run_start (run);
  weft_run_wait (run, -1);
  if (weft_run_phase (run) != WEFT_RUN_DONE)
    g_error ("%s: failed", one->what);
  weft_run_unref (run);
  weft_engine_free (engine);
}

/* ---- looking --------------------------------------------------------------------------------- */

typedef struct
{
  unsigned n, n_held, n_early; /* early: ended before the band */
  unsigned n_silent;           /* moments at which nothing was said */
  GArray *widths, *errors;     /* double; of what was left */
} Tally;

typedef struct
{
  int64_t at_ns;
  WeftEta eta;
} Moment;

static void
tally_init (Tally *tally)
{
  *tally = (Tally){ .widths = g_array_new (FALSE, FALSE, sizeof (double)),
                    .errors = g_array_new (FALSE, FALSE, sizeof (double)) };
}

static void
tally_clear (Tally *tally)
{
  g_array_unref (tally->widths);
  g_array_unref (tally->errors);
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (GArray *numbers)
{
  if (numbers->len == 0)
    return 0;
  g_array_sort (numbers, compare_doubles);
  return g_array_index (numbers, double, numbers->len / 2);
}

static void
count_moment (Tally *tally, const Moment *moment, int64_t end_ns)
{
  int64_t left_ns = end_ns - moment->at_ns;
  double width = (double) (moment->eta.high_ns - moment->eta.low_ns) / (double) left_ns;
  double error = fabs ((double) (moment->eta.middle_ns - left_ns)) / (double) left_ns;

  if (!moment->eta.known)
    {
      tally->n_silent++;
      return;
    }
  tally->n++;
  tally->n_held += moment->eta.low_ns <= left_ns && left_ns <= moment->eta.high_ns;
  tally->n_early += left_ns < moment->eta.low_ns;
  g_array_append_val (tally->widths, width);
  g_array_append_val (tally->errors, error);
}

static void
count_moments (Tally *tally, GArray *moments, int64_t end_ns)
{
  guint n = 0;

  while (n < moments->len && g_array_index (moments, Moment, n).at_ns < end_ns - 1000000)
    n++;
  for (guint i = 0; i < MIN (n, MOST_MOMENTS); i++)
    count_moment (tally,
                  &g_array_index (moments, Moment, n <= MOST_MOMENTS ? i : i * n / MOST_MOMENTS),
                  end_ns);
}

/* When the last task ended. */
static int64_t
end_of (WeftModel *model)
{
  WeftModelSnapshot snapshot;
  int64_t end_ns = 0;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t task = 0; task < snapshot.n_tasks; task++)
    {
      WeftModelLane lane;
      uint32_t number;
      uint64_t index;

      if (!weft_model_task_span (model, task, &number, &index))
        continue;
      weft_model_lane (model, number, &lane);
      end_ns = MAX (end_ns, weft_spans_get (lane.spans, index)->end_ns);
    }
  return end_ns;
}

/* After each look of the recorder. */
static void
look (const char *path, Tally *tally)
{
  g_autoptr (GError) error = NULL;
  WeftRunReader *reader = weft_run_reader_open (path, 0, &error);
  WeftModel *model = weft_model_new ();
  WeftEtaReader *eta = weft_eta_reader_new (model);
  g_autoptr (GArray) moments = g_array_new (FALSE, FALSE, sizeof (Moment));
  WeftRunFrame frame;

  if (reader == NULL)
    g_error ("%s", error->message);
  while (weft_run_reader_next (reader, &frame, &error) == WEFT_RUN_READ_FRAME)
    {
      WeftModelSnapshot snapshot;
      Moment moment;

      if (!weft_model_add_frame (model, &frame, &error))
        g_error ("%s: %s", path, error->message);
      if (frame.head.kind != WEFT_FRAME_NOW)
        continue;
      weft_model_snapshot (model, &snapshot);
      if (snapshot.n_tasks == 0 || snapshot.phase >= WEFT_RUN_DONE || snapshot.last_ns <= 0)
        continue;
      moment.at_ns = snapshot.last_ns;
      weft_eta_reader_estimate (eta, &snapshot, &moment.eta);
      if (moment.eta.n_left > 0)
        g_array_append_val (moments, moment);
    }
  weft_model_finish (model, false);
  count_moments (tally, moments, end_of (model));
  weft_eta_reader_free (eta);
  weft_model_unref (model);
  weft_run_reader_free (reader);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void
add (Tally *sum, const Tally *tally)
{
  sum->n += tally->n;
  sum->n_held += tally->n_held;
  sum->n_early += tally->n_early;
  sum->n_silent += tally->n_silent;
  g_array_append_vals (sum->widths, tally->widths->data, tally->widths->len);
  g_array_append_vals (sum->errors, tally->errors->data, tally->errors->len);
}

static double
percent (unsigned part, unsigned whole)
{
  return 100.0 * part / MAX (whole, 1);
}

static void
print (const char *name, const Tally *tally)
{
  printf ("%s: %.1f %% of %u moments in the band, %.1f %% ended before it, %.1f %% after; band "
          "median %.2f of what was left, middle off by %.2f; nothing said at %u\n",
          name, percent (tally->n_held, tally->n), tally->n, percent (tally->n_early, tally->n),
          percent (tally->n - tally->n_held - tally->n_early, tally->n), median (tally->widths),
          median (tally->errors), tally->n_silent);
}

typedef struct
{
  const char *graphs, *folder;
  uint32_t n_rounds;
} Options;

static char *
run_path (const Options *options, unsigned index, uint32_t round)
{
  g_autofree char *name = g_strdup_printf ("%02u-%u.weft", index, round);

  return g_build_filename (options->folder, name, NULL);
}

static void
run_cb (void *data, void *user_data)
{
  const Options *options = user_data;
  unsigned number = GPOINTER_TO_UINT (data) - 1;
  unsigned index = number % G_N_ELEMENTS (cases), round = number / G_N_ELEMENTS (cases);
  g_autofree char *path = run_path (options, index, round);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    run_case (&cases[index], path, options->graphs, round);
}

static void
run_all (const Options *options)
{
  GThreadPool *pool = g_thread_pool_new (run_cb, (void *) options, AT_ONCE, TRUE, NULL);

  for (unsigned i = 0; i < G_N_ELEMENTS (cases) * options->n_rounds; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
}

static void
print_case (const Case *one, const Tally *tally)
{
  g_autofree char *name = g_strdup_printf ("  %.24s %s, %u workers", one->what,
                                           one->kind == SHAPE   ? durations_names[one->durations]
                                           : one->kind == BLIND ? "not known"
                                                                : "known",
                                           one->n_workers);

  print (name, tally);
}

static void
look_at_case (const Options *options, unsigned index, bool keep, Tally *tally)
{
  for (uint32_t round = 0; round < options->n_rounds; round++)
    {
      g_autofree char *path = run_path (options, index, round);

      look (path, tally);
      if (!keep)
        unlink (path);
    }
}

static void
look_at_all (const Options *options, bool each, bool keep)
{
  Tally sums[3];
  static const char *const names[] = { "chosen with", "held out", "all" };

  for (int i = 0; i < 3; i++)
    tally_init (&sums[i]);
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Tally tally;

      tally_init (&tally);
      look_at_case (options, i, keep, &tally);
      add (&sums[cases[i].held_out], &tally);
      add (&sums[2], &tally);
      if (each)
        print_case (&cases[i], &tally);
      tally_clear (&tally);
    }
  for (int i = 0; i < 3; i++)
    {
      print (names[i], &sums[i]);
      tally_clear (&sums[i]);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *kept = NULL;
  g_autofree char *made = NULL;
  gboolean each = FALSE;
  int n_rounds = 1;
  const GOptionEntry entries[] = {
    { "keep", 0, 0, G_OPTION_ARG_FILENAME, &kept, "where run files stay, and are taken from",
      "FOLDER" },
    { "each", 0, 0, G_OPTION_ARG_NONE, &each, "a line for each graph", NULL },
    { "rounds", 0, 0, G_OPTION_ARG_INT, &n_rounds, "runs of each graph", "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FOLDER-OF-GRAPHS");
  g_autoptr (GError) error = NULL;
  Options options;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2)
    {
      fprintf (stderr, "eta-bench: %s\n", error != NULL ? error->message : "see --help");
      return 2;
    }
  if (kept == NULL)
    made = g_dir_make_tmp ("eta-XXXXXX", NULL);
  options = (Options){ argv[1], kept != NULL ? kept : made, (uint32_t) MAX (n_rounds, 1) };
  run_all (&options);
  look_at_all (&options, each, kept != NULL);
  if (made != NULL)
    rmdir (made);
  return 0;
}
