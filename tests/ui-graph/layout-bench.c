/* layout-bench.c: times the layout of graphs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One line a graph, given as shapes ("stencil:1000,1000") or files: nodes, edges, layers, crossings
 * (where counted), and seconds: median, least and most of --repeat runs.
 */
#include "config.h"

#include "graphs.h"

#include <stdio.h>
#include <stdlib.h>

static int
compare_times (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return (x > y) - (x < y);
}

static void
measure (const char *spec, int n_runs)
{
  g_autoptr (TestGraph) graph = g_file_test (spec, G_FILE_TEST_EXISTS)
                                    ? test_graph_new_file (spec)
                                    : test_graph_new_shape (spec);
  g_autofree int64_t *times = g_new (int64_t, n_runs);
  g_autoptr (WeftlineGraphLayout) layout = NULL;

  for (int k = 0; k < n_runs; k++)
    {
      g_clear_pointer (&layout, weftline_graph_layout_free);
      times[k] = g_get_monotonic_time ();
      layout = weftline_graph_layout_new (&graph->edges, NULL);
      times[k] = g_get_monotonic_time () - times[k];
    }
  qsort (times, (size_t) n_runs, sizeof *times, compare_times);
  printf ("%-30s %8u nodes %9u edges %6u layers %8.0f x %-8.0f", graph->name, layout->n_nodes,
          graph->edges.offsets[graph->edges.n_nodes], layout->n_layers, (double) layout->width,
          (double) layout->height);
  if (layout->n_crossings != UINT64_MAX)
    printf (" %10" G_GUINT64_FORMAT " crossings", layout->n_crossings);
  printf (" %.4f s (%.4f – %.4f)\n", (double) times[n_runs / 2] / 1e6, (double) times[0] / 1e6,
          (double) times[n_runs - 1] / 1e6);
}

int
main (int argc, char **argv)
{
  static int n_runs = 5;
  static const GOptionEntry entries[] = {
    { "repeat", 0, 0, G_OPTION_ARG_INT, &n_runs, "Runs of each graph", "N" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("GRAPH…");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL) || n_runs < 1)
    return 2;
  for (int k = 1; k < argc; k++)
    measure (argv[k], n_runs);
  return 0;
}
