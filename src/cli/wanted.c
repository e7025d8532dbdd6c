/* wanted.c: outputs named on the command line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-graph-private.h"

#include <string.h>

char *
_weft_cli_output_name (WeftGraph *graph, WeftTaskOutput output)
{
  g_autofree char *key = weft_graph_dup_key (graph, output.task);

  return output.output == 0 ? g_steal_pointer (&key)
                            : g_strdup_printf ("%s[%u]", key, output.output);
}

/* A key may itself end in brackets, so the whole name is looked for first. */
static bool
find_output (WeftGraph *graph, const char *name, WeftTaskOutput *output)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  const char *bracket = strrchr (name, '[');
  char *end = NULL;
  uint64_t number;

  *output = (WeftTaskOutput){ weft_graph_find (graph, name, -1), 0 };
  if (output->task != WEFT_NONE)
    return true;
  if (bracket == NULL || !g_ascii_isdigit (bracket[1]))
    return false;
  number = g_ascii_strtoull (bracket + 1, &end, 10);
  output->task = weft_graph_find (graph, name, bracket - name);
  if (strcmp (end, "]") != 0 || output->task == WEFT_NONE)
    return false;
  output->output = (uint32_t) MIN (number, UINT32_MAX);
  return number < arrays->calls[arrays->call_of_task[output->task]].n_outputs;
}

static void
set_missing (WeftGraph *graph, const char *name, GError **error)
{
  g_autofree char *nearest = weft_graph_suggest (graph, name);
  g_autofree char *hint =
      nearest != NULL ? g_strdup_printf ("; did you mean “%s”?", nearest) : g_strdup ("");

  g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_MISSING, "--output: no task “%s” in %s%s",
               name, weft_graph_file (graph), hint);
}

GArray *
_weft_cli_find_outputs (WeftGraph *graph, char **names, GError **error)
{
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));
  WeftTaskOutput output;

  for (; *names != NULL; names++)
    {
      bool known = false;

      if (!find_output (graph, *names, &output))
        {
          set_missing (graph, *names, error);
          return NULL;
        }
      for (guint i = 0; i < outputs->len; i++)
        {
          WeftTaskOutput *other = &g_array_index (outputs, WeftTaskOutput, i);

          known = known || (other->task == output.task && other->output == output.output);
        }
      if (!known)
        g_array_append_val (outputs, output);
    }
  return g_steal_pointer (&outputs);
}
