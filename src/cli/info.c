/* info.c: `weftline info`: what a graph is like
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <inttypes.h>
#include <string.h>

#define MAX_GROUPS 20

/* What recorded workflows say beforehand; 0 where nothing is known. */
typedef struct
{
  uint32_t n_timed;
  int64_t work_ns, chain_ns; /* of all tasks; of the longest chain */
  uint64_t bytes;
} Hints;

static void
sum_hints (const WeftGraphArrays *arrays, uint32_t n_slots, Hints *hints)
{
  const int64_t *runtimes = arrays->hints.runtime_ns;
  const uint64_t *bytes = arrays->hints.output_bytes;
  g_autofree int64_t *below = g_new0 (int64_t, MAX (arrays->n_tasks, 1));

  *hints = (Hints){ 0 };
  for (uint32_t i = 0; bytes != NULL && i < n_slots; i++)
    hints->bytes += bytes[i] != UINT64_MAX ? bytes[i] : 0;
  for (uint32_t task = arrays->n_tasks; runtimes != NULL && task-- > 0;)
    {
      const uint32_t *offsets = arrays->dependent_offsets + task;

      for (uint32_t i = offsets[0]; i < offsets[1]; i++)
        below[task] = MAX (below[task], below[arrays->dependents[i]]);
      hints->n_timed += runtimes[task] >= 0;
      hints->work_ns += MAX (runtimes[task], 0);
      below[task] += MAX (runtimes[task], 0);
      hints->chain_ns = MAX (hints->chain_ns, below[task]);
    }
}

static uint64_t *
count_groups (const WeftGraphArrays *arrays)
{
  uint64_t *counts = g_new0 (uint64_t, MAX (arrays->n_groups, 1));

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    counts[arrays->group_of_task[task]]++;
  return counts;
}

static void
print_line (const char *name, uint64_t n)
{
  g_autofree char *text = _weft_cli_count_text (n);

  printf ("%-10s%s\n", name, text);
}

static void
print_hints (const Hints *hints)
{
  g_autofree char *work = _weft_cli_time_text (hints->work_ns);
  g_autofree char *chain = _weft_cli_time_text (hints->chain_ns);
  g_autofree char *bytes = _weft_cli_bytes_text (hints->bytes);

  if (hints->n_timed > 0)
    printf ("recorded  %s of work, longest chain %s (%u tasks have a time)\n", work, chain,
            hints->n_timed);
  if (hints->bytes > 0)
    printf ("results   %s\n", bytes);
}

/* ---- passes ---------------------------------------------------------------------------------- */

static void
print_reports (const GArray *reports)
{
  printf ("\npass      tasks before and after, edges, time, why\n");
  for (guint i = 0; i < reports->len; i++)
    {
      const WeftPassReport *report = &g_array_index (reports, WeftPassReport, i);
      g_autofree char *took = _weft_cli_time_text (report->elapsed_ns);

      printf ("%-8s  %u → %u, %" PRIu64 " → %" PRIu64 ", %s: %s\n", report->pass,
              report->n_tasks_before, report->n_tasks_after, report->n_edges_before,
              report->n_edges_after, took, report->why);
    }
}

static void
append_reports (GString *json, const GArray *reports)
{
  g_string_append (json, ", \"passes\": [");
  for (guint i = 0; i < reports->len; i++)
    {
      const WeftPassReport *report = &g_array_index (reports, WeftPassReport, i);

      g_string_append_printf (json,
                              "%s{\"pass\": \"%s\", \"tasks_before\": %u, \"tasks_after\": %u"
                              ", \"edges_before\": %" PRIu64 ", \"edges_after\": %" PRIu64
                              ", \"elapsed_ns\": %" PRId64 ", \"why\": ",
                              i > 0 ? ", " : "", report->pass, report->n_tasks_before,
                              report->n_tasks_after, report->n_edges_before, report->n_edges_after,
                              report->elapsed_ns);
      _weft_cli_json_string (json, report->why);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
print_text (WeftGraph *graph, const WeftGraphShape *shape, const Hints *hints,
            const GArray *reports)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  g_autofree uint64_t *counts = count_groups (arrays);
  g_autofree char *memory = _weft_cli_bytes_text (weft_graph_memory_bytes (graph));

  if (weft_graph_name (graph)[0] != 0)
    printf ("name      %s\n", weft_graph_name (graph));
  print_line ("tasks", shape->n_tasks);
  print_line ("edges", shape->n_edges);
  print_line ("groups", shape->n_groups);
  print_line ("depth", shape->depth);
  print_line ("width", shape->width);
  print_line ("sources", shape->n_sources);
  print_line ("sinks", shape->n_sinks);
  print_line ("outputs", arrays->n_wanted);
  printf ("memory    %s\n", memory);
  print_hints (hints);
  for (uint32_t i = 0; i < MIN (arrays->n_groups, MAX_GROUPS); i++)
    {
      g_autofree char *name = _weft_cli_fit (weft_graph_group_name (graph, i), 40, false);

      printf ("%s%-8" PRIu64 "  %s\n", i == 0 ? "\n" : "", counts[i], name);
    }
  if (arrays->n_groups > MAX_GROUPS)
    printf ("(%u of %u groups shown)\n", MAX_GROUPS, arrays->n_groups);
  if (reports != NULL)
    print_reports (reports);
}

static void
print_json (WeftGraph *graph, const WeftGraphShape *shape, const Hints *hints,
            const GArray *reports)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  g_autofree uint64_t *counts = count_groups (arrays);
  GString *json = g_string_new ("{\"name\": ");

  _weft_cli_json_string (json, weft_graph_name (graph));
  g_string_append_printf (json,
                          ", \"tasks\": %u, \"edges\": %" PRIu64 ", \"depth\": %u, \"width\": %u"
                          ", \"sources\": %u, \"sinks\": %u, \"outputs\": %u"
                          ", \"memory_bytes\": %" PRIu64 ", \"recorded_tasks\": %u"
                          ", \"recorded_ns\": %" PRId64 ", \"recorded_chain_ns\": %" PRId64
                          ", \"recorded_bytes\": %" PRIu64 ", \"groups\": {",
                          shape->n_tasks, shape->n_edges, shape->depth, shape->width,
                          shape->n_sources, shape->n_sinks, arrays->n_wanted,
                          weft_graph_memory_bytes (graph), hints->n_timed, hints->work_ns,
                          hints->chain_ns, hints->bytes);
  for (uint32_t i = 0; i < arrays->n_groups; i++)
    {
      if (i > 0)
        g_string_append (json, ", ");
      _weft_cli_json_string (json, weft_graph_group_name (graph, i));
      g_string_append_printf (json, ": %" PRIu64, counts[i]);
    }
  g_string_append_c (json, '}');
  if (reports != NULL)
    append_reports (json, reports);
  printf ("%s}\n", json->str);
  g_string_free (json, TRUE);
}

/* What the passes do to the graph. @names: (nullable): none are run; @reports is then NULL */
static bool
try_passes (WeftGraph *graph, const char *names, GArray **reports, GError **error)
{
  WeftOpRegistry *registry;
  WeftPassOps ops;
  WeftPassOptions options = { .ops = &ops };
  WeftGraph *optimized;

  if (names == NULL)
    return true;
  registry = _weft_cli_registry (NULL, error);
  if (registry == NULL)
    return false;
  _weft_cli_pass_ops (registry, &ops);
  optimized = weft_optimize (graph, names, &options, NULL, reports, error);
  weft_graph_unref (optimized);
  weft_op_registry_unref (registry);
  return optimized != NULL;
}

int
_weft_cli_info (int argc, char **argv)
{
  gboolean json = FALSE;
  g_autofree char *from = NULL, *passes = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print one JSON object", NULL },
    { "from", 0, 0, G_OPTION_ARG_STRING, &from, "Format: auto, native, wfcommons, dot, dagman",
      "FORMAT" },
    { "passes", 0, 0, G_OPTION_ARG_STRING, &passes,
      "Tell what these passes do to it: cull,inline,fuse,order or all", "LIST" },
    { NULL },
  };
  g_autoptr (GArray) reports = NULL;
  WeftGraphShape shape;
  Hints hints;
  WeftGraph *graph;
  GError *error = NULL;
  int status, format;

  if (!_weft_cli_parse ("info", "FILE",
                        "Describes a graph. Depth is the tasks on the longest path, width the most "
                        "tasks at one depth.",
                        NULL, entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("info", argc, argv, 1, 1))
    return WEFT_EXIT_INPUT;
  format = _weft_cli_format ("--from", from, &error);
  if (format < 0)
    return _weft_cli_report (error);
  graph = _weft_cli_read_graph (argv[0], (WeftGraphFormat) format, &error);
  if (graph == NULL || !try_passes (graph, passes, &reports, &error))
    {
      weft_graph_unref (graph);
      return _weft_cli_report (error);
    }
  weft_graph_shape (graph, &shape);
  sum_hints (weft_graph_arrays (graph), weft_graph_n_slots (graph), &hints);
  if (json)
    print_json (graph, &shape, &hints, reports);
  else
    print_text (graph, &shape, &hints, reports);
  weft_graph_unref (graph);
  return WEFT_EXIT_DONE;
}
