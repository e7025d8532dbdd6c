/* table-bench.c: how long the rows of a large run's table take, and the strips of its workers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   table-bench [TASKS [FOLDER]]
 *
 * Runs that many tasks, in rows of a thousand that each read two of the row before, and reads what
 * was recorded. CPU time of this thread for each order and for a filter, median of five; for taking
 * the workers' spans in, and for laying their strips out in 200 windows of any size.
 */
#include "config.h"

#include "model/weft-model.h"
#include "occupancy/occupancy-layout.h"
#include "picture-times.h"
#include "recorded-run.h"
#include "table/task-rows.h"
#include "table/task-words.h"

#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#define N_ROUNDS 5
#define WIDTH 1000
#define N_GROUPS 7

/* ---- the run --------------------------------------------------------------------------------- */

static uint32_t
make_call (WeftGraphBuilder *builder, const char *op, uint32_t n_inputs)
{
  weft_graph_builder_begin_call (builder, op, 0, 1);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  else
    weft_graph_builder_arg_float64 (builder, 1);
  return weft_graph_builder_end_call (builder);
}

static WeftGraph *
make_graph (uint32_t n_tasks)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t patterns[N_GROUPS], first = make_call (builder, "const", 0);
  uint32_t other = make_call (builder, "add", 2);
  WeftGraph *graph;

  for (uint32_t group = 0; group < N_GROUPS; group++)
    {
      g_autofree char *prefix = g_strdup_printf ("group%c-", 'a' + (char) group);

      patterns[group] = weft_graph_builder_key_pattern (builder, prefix, "");
    }
  for (uint32_t task = 0; task < n_tasks; task++)
    {
      uint32_t before = task - WIDTH;
      const WeftTaskOutput inputs[] = { { before, 0 },
                                        { before / WIDTH * WIDTH + (before + 1) % WIDTH, 0 } };
      bool is_first = task < WIDTH;

      weft_graph_builder_add_numbered (builder, patterns[task / WIDTH % N_GROUPS], task,
                                       is_first ? first : other, is_first ? NULL : inputs,
                                       is_first ? 0 : 2);
    }
  weft_graph_builder_want (builder, n_tasks - 1, 0);
  graph = weft_graph_builder_freeze (builder, NULL, NULL);
  weft_graph_builder_free (builder);
  return graph;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
measure (const WeftlineTaskSource *source, const char *name, const WeftlineTaskQuery *query)
{
  double took[N_ROUNDS];
  WeftlineTaskRows rows;
  uint32_t n = 0;

  for (unsigned i = 0; i < N_ROUNDS; i++)
    {
      double before = thread_ms ();

      weftline_task_rows_make (source, query, NULL, &rows);
      took[i] = thread_ms () - before;
      n = rows.n;
      weftline_task_rows_clear (&rows);
    }
  qsort (took, N_ROUNDS, sizeof *took, compare_times);
  g_print ("%s: median %.1f ms, %u rows\n", name, took[N_ROUNDS / 2], n);
}

/* @moment: (nullable): as of then */
static void
measure_all (WeftModel *model, const WeftMoment *moment)
{
  WeftlineTaskQuery query = { .column = WEFTLINE_TASK_N_COLUMNS,
                              .states = WEFTLINE_TASK_ALL_STATES,
                              .text = "-77" };
  g_autoptr (WeftlineLinks) links = NULL;
  WeftModelSnapshot snapshot;
  WeftlineTaskSource source;

  weft_model_snapshot (model, &snapshot);
  links = weftline_links_new (model, &snapshot);
  weftline_task_source_init (&source);
  weftline_task_source_take (&source, model, &snapshot, moment, links);
  measure (&source, "filter", &query);
  query.text = NULL;
  for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
    {
      query.column = (WeftlineTaskColumn) i;
      measure (&source, weftline_task_column_name (query.column), &query);
    }
  weftline_task_source_clear (&source);
}

/* The same in the middle of the run. */
static void
measure_then (WeftModel *model)
{
  WeftModelSnapshot snapshot;
  WeftMoment *moment;
  WeftPast *past;

  weft_model_snapshot (model, &snapshot);
  past = weft_past_new (model, &snapshot);
  moment = weft_moment_new (past, snapshot.last_ns / 2);
  g_print ("as of the middle of the run:\n");
  measure_all (model, moment);
  weft_moment_unref (moment);
  weft_past_free (past);
}

#define N_ZOOMS 200
#define WIDTH_PX 1200
#define HEIGHT_PX 400

static void
measure_strips (WeftModel *model)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  WeftlineOccupancySource source;
  WeftlineOccupancyLayout layout;
  WeftModelSnapshot snapshot;
  double took[N_ZOOMS], start;

  weft_model_snapshot (model, &snapshot);
  weftline_occupancy_source_init (&source);
  weftline_occupancy_layout_init (&layout);
  start = thread_ms ();
  weftline_occupancy_source_take (&source, model, &snapshot, UINT64_MAX);
  start = thread_ms () - start;
  for (unsigned i = 0; i < N_ZOOMS; i++)
    {
      double length = (double) source.end_ns * pow (10, -g_rand_double_range (rand, 0, 4));
      int64_t from_ns = (int64_t) (g_rand_double (rand) * ((double) source.end_ns - length));

      took[i] = thread_ms ();
      weftline_occupancy_layout (&layout, &source, from_ns, from_ns + (int64_t) length + 1,
                                 WIDTH_PX, HEIGHT_PX, &(WeftlineOccupancyRoom){ 70, 50, 24 }, 0);
      took[i] = thread_ms () - took[i];
    }
  qsort (took, N_ZOOMS, sizeof *took, compare_times);
  g_print ("strips: taken in %.1f ms, laid out median %.2f ms, most %.2f ms, %u workers\n", start,
           took[N_ZOOMS / 2], took[N_ZOOMS - 1], source.workers->len);
  weftline_occupancy_layout_clear (&layout);
  weftline_occupancy_source_clear (&source);
}

int
main (int argc, char **argv)
{
  uint32_t n_tasks = argc > 1 ? (uint32_t) atoi (argv[1]) : 1000000;
  const char *folder = argc > 2 ? argv[2] : g_get_tmp_dir ();
  g_autofree char *path = g_strdup_printf ("%s/table-bench-%d.weft", folder, (int) getpid ());
  WeftModelFeed *feed = NULL;
  WeftModel *model;

  if (n_tasks < 1)
    return 2;
  model = weft_model_new ();
  if (write_run (path, make_graph (n_tasks), 4))
    feed = weft_model_feed_new (model, path, 0, NULL, NULL, NULL);
  while (feed != NULL && weft_model_feed_state (feed) < WEFT_FEED_ENDED)
    g_usleep (10000);
  if (feed != NULL)
    {
      measure_all (model, NULL);
      measure_then (model);
      measure_strips (model);
    }
  weft_model_feed_free (feed);
  weft_model_unref (model);
  unlink (path);
  return feed != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}
