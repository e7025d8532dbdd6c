/* check.c: `weftline check`: whether a graph could be run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-run-private.h"

static int
check_file (const char *path, WeftGraphFormat format, WeftOpRegistry *registry)
{
  const WeftReplayOptions replay = WEFT_REPLAY_AS_RECORDED;
  WeftReplayCounts counts;
  GError *error = NULL;
  WeftGraph *graph = _weft_cli_read_graph (path, format, &error);
  WeftGraph *runnable = graph != NULL ? weft_graph_replay (graph, &replay, &counts, &error) : NULL;
  bool good = runnable != NULL && _weft_cli_bind (runnable, registry, &error)
              && _weft_cli_bind_inlined (runnable, registry, &error);

  if (good)
    {
      const WeftGraphArrays *arrays = weft_graph_arrays (graph);
      g_autofree char *tasks = _weft_cli_plural (arrays->n_tasks, "task");
      g_autofree char *edges = _weft_cli_plural (arrays->n_edges, "edge");

      printf ("%s: good: %s, %s", path, tasks, edges);
      if (counts.n_replayed > 0)
        printf ("; %u without an operation are replayed", counts.n_replayed);
      if (counts.n_without_time > 0)
        printf (", %u of them without a recorded time", counts.n_without_time);
      putchar ('\n');
    }
  if (runnable != NULL)
    weft_graph_unref (runnable);
  if (graph != NULL)
    weft_graph_unref (graph);
  return good ? WEFT_EXIT_DONE : _weft_cli_report (error);
}

int
_weft_cli_check (int argc, char **argv)
{
  g_auto (GStrv) plugins = NULL;
  g_autofree char *from = NULL;
  const GOptionEntry entries[] = {
    { "plugin", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &plugins,
      "Load operations from a shared object (repeatable)", "FILE" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &from, "Format: auto, native, wfcommons, dot, dagman",
      "FORMAT" },
    { NULL },
  };
  WeftOpRegistry *registry;
  GError *error = NULL;
  int status = WEFT_EXIT_DONE, format;

  if (!_weft_cli_parse ("check", "FILE…",
                        "Says whether graphs can be run: syntax, cycles, operations, arguments.",
                        "Exit status: 0 all can, 2 one cannot.", entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("check", argc, argv, 1, G_MAXINT))
    return WEFT_EXIT_INPUT;
  format = _weft_cli_format ("--from", from, &error);
  if (format < 0)
    return _weft_cli_report (error);
  registry = _weft_cli_registry (plugins, &error);
  if (registry == NULL)
    return _weft_cli_report (error);
  for (int i = 0; i < argc; i++)
    {
      int one = check_file (argv[i], (WeftGraphFormat) format, registry);

      status = MAX (status, one);
    }
  weft_op_registry_unref (registry);
  return status;
}
