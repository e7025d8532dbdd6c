/* write-wfcommons.c: writes WfCommons workflow instances (WfFormat 1.5)
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each output of a task becomes a file, which its readers name among their input files; an edge for
 * the order only is a parent without a file. (Read back, outputs of a task that have the same
 * readers are one again, see wfcommons-outputs.c.) The format wants ids of letters, digits and - _
 * . #: other bytes of keys become “_”, and the key becomes the task's name.
 *
 * What the format wants to know of an execution and nobody told, is told honestly: the makespan is
 * then the longest path, the least that any number of machines would have taken.
 */
#include "config.h"

#include "graph/weft-wfcommons-private.h"
#include "graph/weft-write-util-private.h"

#include <string.h>

#define SAID_IN_WFCOMMONS                                                                          \
  (WEFT_SAID_LABELS | WEFT_SAID_GROUPS | WEFT_SAID_RUNTIMES | WEFT_SAID_SIZES | WEFT_SAID_MACHINES \
   | WEFT_SAID_OUTPUTS | WEFT_SAID_AFTERS | WEFT_SAID_KEYS)

typedef struct
{
  const WeftGraph *graph;
  const WeftGraphArrays *a;
  WeftSink *sink;
  WeftIntern names;
  uint32_t *seen; /* by task: which was listed last where */
  bool has_execution;
  bool lost_groups;
} Writer;

static bool
is_allowed (char c)
{
  return g_ascii_isalnum (c) || (c != 0 && strchr ("-_.#", c) != NULL);
}

static void
write_string (Writer *w, const char *text)
{
  _weft_sink_json_string (w->sink, text, strlen (text));
}

static void
write_id (Writer *w, uint32_t task)
{
  size_t n;
  const char *name = _weft_intern_get (&w->names, task, &n);

  _weft_sink_json_string (w->sink, name, n);
}

/* A member with what the reader kept of the file it came from. */
static bool
write_kept (Writer *w, const char *indent, const char *name)
{
  const char *text;
  size_t n;

  if (!_weft_write_find_member (weft_graph_metadata (w->graph), name, &text, &n))
    return false;
  _weft_sink_printf (w->sink, ",\n%s\"%s\": ", indent, name);
  _weft_sink_chars (w->sink, text, n);
  return true;
}

/* ---- specification --------------------------------------------------------------------------- */

/* The id of a file: the task's, and the number of the output. */
static void
write_file_id (Writer *w, uint32_t task, uint32_t output)
{
  size_t n;
  const char *name = _weft_intern_get (&w->names, task, &n);

  _weft_sink_text (w->sink, "\"");
  _weft_sink_chars (w->sink, name, n);
  _weft_sink_printf (w->sink, "/%u\"", output);
}

static const char *
name_of (Writer *w, uint32_t task, char **key)
{
  const WeftGraphArrays *a = w->a;
  uint32_t attributes = a->attributes_of_task != NULL ? a->attributes_of_task[task] : WEFT_NONE;
  uint32_t label = attributes != WEFT_NONE ? a->attributes[attributes].label : WEFT_NONE;

  *key = weft_graph_dup_key (w->graph, task);
  return label != WEFT_NONE ? weft_graph_string (w->graph, label) : *key;
}

/* The reader finds groups by names and programs. */
static void
note_group (Writer *w, uint32_t task, const char *name)
{
  const char *group = weft_graph_group_name (w->graph, w->a->group_of_task[task]);
  size_t n_program = w->has_execution ? strlen (group) : 0;
  size_t n = _weft_wfcommons_group_length (name, strlen (name), group, n_program);

  if (strncmp (name, group, n) != 0 || group[n] != 0)
    w->lost_groups = true;
}

/* Distinct tasks of a row; @mark is new for each row. */
static void
write_ids (Writer *w, const uint32_t *tasks, uint32_t n, uint32_t mark, uint32_t *n_written)
{
  for (uint32_t i = 0; i < n; i++)
    {
      if (tasks[i] >= w->a->n_tasks || w->seen[tasks[i]] == mark)
        continue;
      w->seen[tasks[i]] = mark;
      _weft_sink_text (w->sink, (*n_written)++ == 0 ? "" : ", ");
      write_id (w, tasks[i]);
    }
}

static void
write_relations (Writer *w, uint32_t task)
{
  const WeftGraphArrays *a = w->a;
  uint32_t n = 0;

  _weft_sink_text (w->sink, ", \"parents\": [");
  write_ids (w, a->input_tasks + a->input_offsets[task], weft_graph_n_inputs (a, task), 2 * task,
             &n);
  if (a->after_offsets != NULL)
    write_ids (w, a->after_tasks + a->after_offsets[task],
               a->after_offsets[task + 1] - a->after_offsets[task], 2 * task, &n);
  n = 0;
  _weft_sink_text (w->sink, "], \"children\": [");
  write_ids (w, a->dependents + a->dependent_offsets[task],
             a->dependent_offsets[task + 1] - a->dependent_offsets[task], 2 * task + 1, &n);
  _weft_sink_text (w->sink, "]");
}

static void
write_files_of (Writer *w, uint32_t task)
{
  const WeftGraphArrays *a = w->a;
  uint32_t n_outputs = a->calls[a->call_of_task[task]].n_outputs;
  bool first = true;

  _weft_sink_text (w->sink, ", \"inputFiles\": [");
  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    {
      if (a->input_tasks[e] >= a->n_tasks)
        continue;
      _weft_sink_text (w->sink, first ? "" : ", ");
      write_file_id (w, a->input_tasks[e], a->input_outputs != NULL ? a->input_outputs[e] : 0);
      first = false;
    }
  _weft_sink_text (w->sink, "], \"outputFiles\": [");
  for (uint32_t k = 0; k < n_outputs; k++)
    {
      _weft_sink_text (w->sink, k == 0 ? "" : ", ");
      write_file_id (w, task, k);
    }
  _weft_sink_text (w->sink, "]");
}

static void
write_tasks (Writer *w)
{
  _weft_sink_text (w->sink, "      \"tasks\": [");
  for (uint32_t t = 0; t < w->a->n_tasks; t++)
    {
      g_autofree char *key = NULL;
      const char *name = name_of (w, t, &key);

      _weft_sink_text (w->sink, t == 0 ? "\n        {\"name\": " : ",\n        {\"name\": ");
      name = *name != 0 ? name : key;
      write_string (w, name);
      note_group (w, t, name);
      _weft_sink_text (w->sink, ", \"id\": ");
      write_id (w, t);
      write_relations (w, t);
      write_files_of (w, t);
      _weft_sink_text (w->sink, "}");
    }
  _weft_sink_text (w->sink, "\n      ]");
}

/* Those whose size is known. */
static void
write_files (Writer *w)
{
  const uint64_t *bytes = w->a->hints.output_bytes;
  bool first = true;

  for (uint32_t t = 0; t < w->a->n_tasks && bytes != NULL; t++)
    for (uint32_t k = 0; k < w->a->calls[w->a->call_of_task[t]].n_outputs; k++)
      {
        uint64_t size = bytes[weft_graph_output_slot (w->a, t, k)];

        if (size == UINT64_MAX)
          continue;
        _weft_sink_text (w->sink, first ? ",\n      \"files\": [\n        " : ",\n        ");
        first = false;
        _weft_sink_text (w->sink, "{\"id\": ");
        write_file_id (w, t, k);
        _weft_sink_text (w->sink, ", \"sizeInBytes\": ");
        _weft_sink_int64 (w->sink, (int64_t) MIN (size, INT64_MAX));
        _weft_sink_text (w->sink, "}");
      }
  _weft_sink_text (w->sink, first ? "" : "\n      ]");
}

/* ---- execution ------------------------------------------------------------------------------- */

static int64_t
runtime_of (const Writer *w, uint32_t task)
{
  return w->a->hints.runtime_ns != NULL ? w->a->hints.runtime_ns[task] : -1;
}

static double
longest_path_s (const Writer *w)
{
  const WeftGraphArrays *a = w->a;
  g_autofree double *end = g_new0 (double, (size_t) a->n_tasks + 1);
  double longest = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      double start = 0;

      for (uint32_t e = a->input_offsets[t]; e < a->input_offsets[t + 1]; e++)
        if (a->input_tasks[e] < a->n_tasks)
          start = MAX (start, end[a->input_tasks[e]]);
      for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[t] : 0;
           a->after_offsets != NULL && e < a->after_offsets[t + 1]; e++)
        start = MAX (start, end[a->after_tasks[e]]);
      end[t] = start + (double) MAX (runtime_of (w, t), 0) / 1e9;
      longest = MAX (longest, end[t]);
    }
  return longest;
}

static void
write_executed_task (Writer *w, uint32_t task, bool first)
{
  const WeftGraphHints *hints = &w->a->hints;

  _weft_sink_text (w->sink, first ? "\n        {\"id\": " : ",\n        {\"id\": ");
  write_id (w, task);
  _weft_sink_text (w->sink, ", \"runtimeInSeconds\": ");
  _weft_sink_float64 (w->sink, (double) runtime_of (w, task) / 1e9);
  _weft_sink_text (w->sink, ", \"command\": {\"program\": ");
  write_string (w, weft_graph_group_name (w->graph, w->a->group_of_task[task]));
  _weft_sink_text (w->sink, "}");
  if (hints->machine != NULL && hints->machine[task] != WEFT_NONE)
    {
      _weft_sink_text (w->sink, ", \"machines\": [");
      write_string (w, weft_graph_string (w->graph, hints->machine[task]));
      _weft_sink_text (w->sink, "]");
    }
  _weft_sink_text (w->sink, "}");
}

static void
write_execution (Writer *w)
{
  bool first = true;

  _weft_sink_text (w->sink, ",\n    \"execution\": {\n      \"tasks\": [");
  for (uint32_t t = 0; t < w->a->n_tasks; t++)
    if (runtime_of (w, t) >= 0)
      {
        write_executed_task (w, t, first);
        first = false;
      }
  _weft_sink_text (w->sink, "\n      ]");
  if (!write_kept (w, "      ", "makespanInSeconds"))
    {
      _weft_sink_text (w->sink, ",\n      \"makespanInSeconds\": ");
      _weft_sink_float64 (w->sink, longest_path_s (w));
    }
  if (!write_kept (w, "      ", "executedAt"))
    _weft_sink_text (w->sink, ",\n      \"executedAt\": \"unknown\"");
  write_kept (w, "      ", "machines");
  _weft_sink_text (w->sink, "\n    }");
}

/* ---- the document ---------------------------------------------------------------------------- */

bool
_weft_graph_write_wfcommons (const WeftGraph *graph, WeftSink *sink, char **lost, GError **error)
{
  static const char *const reserved[] = { NULL };
  const char *name = weft_graph_name (graph);
  uint32_t said = _weft_write_said (graph);
  Writer w = { .graph = graph,
               .a = weft_graph_arrays (graph),
               .sink = sink,
               .has_execution = (said & WEFT_SAID_RUNTIMES) != 0,
               .seen = g_new (uint32_t, (size_t) weft_graph_arrays (graph)->n_tasks + 1) };

  memset (w.seen, 0xff, w.a->n_tasks * sizeof *w.seen);
  _weft_write_names (graph, &w.names, is_allowed, reserved);
  _weft_sink_text (sink, "{\n  \"name\": ");
  write_string (&w, *name != 0 ? name : "graph");
  _weft_sink_text (sink, ",\n  \"schemaVersion\": \"1.5\"");
  write_kept (&w, "  ", "description");
  write_kept (&w, "  ", "createdAt");
  write_kept (&w, "  ", "author");
  write_kept (&w, "  ", "runtimeSystem");
  _weft_sink_text (sink, ",\n  \"workflow\": {\n    \"specification\": {\n");
  write_tasks (&w);
  write_files (&w);
  _weft_sink_text (sink, "\n    }");
  if (w.has_execution)
    write_execution (&w);
  _weft_sink_text (sink, "\n  }\n}\n");
  said &= ~(uint32_t) SAID_IN_WFCOMMONS;
  *lost = _weft_write_lost (w.lost_groups ? said | WEFT_SAID_GROUPS : said);
  g_free (w.seen);
  _weft_intern_clear (&w.names);
  return true;
}
