/* write-native.c: writes Weftline's own graph files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One line a task, in the order of their ids, so that what is read back has the same ids. The
 * format is described in read-native.c and data/weftline-graph.schema.json. What can be left out
 * is: groups that follow from keys, outputs that are all sinks.
 */
#include "config.h"

#include "graph/weft-graph-private.h"
#include "graph/weft-graph-write-private.h"
#include "graph/weft-write-util-private.h"

#include <math.h>
#include <string.h>

typedef struct
{
  const WeftGraph *graph;
  const WeftGraphArrays *a;
  WeftSink *sink;
  uint32_t task;
} Writer;

static const WeftArg *write_arg (const Writer *w, const WeftArg *arg);

/* ---- keys and references --------------------------------------------------------------------- */

static void
write_key (const Writer *w, uint32_t task)
{
  g_autofree char *large = NULL;
  char small[256];
  size_t n = weft_graph_key (w->graph, task, small, sizeof small);

  if (n >= sizeof small)
    large = weft_graph_dup_key (w->graph, task);
  _weft_sink_json_string (w->sink, large != NULL ? large : small, n);
}

static void
write_import (const Writer *w, uint32_t number)
{
  const WeftImport *import = &w->a->imports[number];
  const char *key = weft_graph_string (w->graph, import->key);

  _weft_sink_text (w->sink, import->output != 0 ? "{\"$import\": [" : "{\"$import\": ");
  _weft_sink_json_string (w->sink, key, strlen (key));
  if (import->output != 0)
    _weft_sink_printf (w->sink, ", %u]", import->output);
  _weft_sink_text (w->sink, "}");
}

static void
write_reference (const Writer *w, uint32_t task, uint32_t output)
{
  if (task >= w->a->n_tasks)
    {
      write_import (w, task - w->a->n_tasks);
      return;
    }
  _weft_sink_text (w->sink, "{\"ref\": ");
  write_key (w, task);
  if (output != 0)
    _weft_sink_printf (w->sink, ", \"output\": %u", output);
  _weft_sink_text (w->sink, "}");
}

/* Inputs of the task from slot @first on, as items. */
static void
write_slots (const Writer *w, uint32_t first, uint32_t n)
{
  uint32_t edge = w->a->input_offsets[w->task] + first;

  for (uint32_t i = 0; i < n; i++)
    {
      if (i > 0)
        _weft_sink_text (w->sink, ", ");
      write_reference (w, w->a->input_tasks[edge + i],
                       w->a->input_outputs != NULL ? w->a->input_outputs[edge + i] : 0);
    }
}

/* ---- arguments ------------------------------------------------------------------------------- */

static void
write_float (const Writer *w, double f)
{
  if (isfinite (f))
    _weft_sink_float64 (w->sink, f);
  else
    _weft_sink_printf (w->sink, "{\"$float\": \"%s\"}", isnan (f) ? "nan" : f > 0 ? "inf" : "-inf");
}

static void
write_base64 (const Writer *w, const char *name, const WeftArg *arg)
{
  g_autofree char *text = g_base64_encode ((const guchar *) w->a->text + arg->u.offset, arg->count);

  _weft_sink_printf (w->sink, "{\"%s\": \"", name);
  _weft_sink_text (w->sink, text);
  _weft_sink_text (w->sink, "\"}");
}

static void
write_string (const Writer *w, const WeftArg *arg)
{
  _weft_sink_json_string (w->sink, w->a->text + arg->u.offset, arg->count);
}

static void
write_list (const Writer *w, const WeftArg *arg)
{
  const WeftArg *item = arg + 1;

  _weft_sink_text (w->sink, "[");
  for (uint32_t i = 0; i < arg->count; i++)
    {
      if (i > 0)
        _weft_sink_text (w->sink, ", ");
      item = write_arg (w, item);
    }
  _weft_sink_text (w->sink, "]");
}

/* @n pairs of name and value from @name on. */
static void
write_pairs (const Writer *w, const WeftArg *name, uint32_t n)
{
  _weft_sink_text (w->sink, "{");
  for (uint32_t i = 0; i < n; i++)
    {
      if (i > 0)
        _weft_sink_text (w->sink, ", ");
      write_string (w, name);
      _weft_sink_text (w->sink, ": ");
      name = write_arg (w, name + 1);
    }
  _weft_sink_text (w->sink, "}");
}

/* Whether a reader would take the record for something else. */
static bool
needs_literal (const Writer *w, const WeftArg *record)
{
  const WeftArg *name = record + 1;

  for (uint32_t i = 0; i < record->count; i++, name += 1 + name[1].skip)
    {
      const char *chars = w->a->text + name->u.offset;

      if ((name->count > 0 && chars[0] == '$') || strcmp (chars, "ref") == 0)
        return true;
    }
  return false;
}

static void
write_record (const Writer *w, const WeftArg *arg)
{
  bool literal = needs_literal (w, arg);

  if (literal)
    _weft_sink_text (w->sink, "{\"$literal\": ");
  write_pairs (w, arg + 1, arg->count);
  if (literal)
    _weft_sink_text (w->sink, "}");
}

static void
write_map (const Writer *w, const WeftArg *arg)
{
  const WeftArg *key = arg + 1;

  _weft_sink_text (w->sink, "{\"$map\": [");
  for (uint32_t i = 0; i < arg->count; i++)
    {
      _weft_sink_text (w->sink, i > 0 ? ", [" : "[");
      key = write_arg (w, key);
      _weft_sink_text (w->sink, ", ");
      key = write_arg (w, key);
      _weft_sink_text (w->sink, "]");
    }
  _weft_sink_text (w->sink, "]}");
}

static void
write_tagged (const Writer *w, const WeftArg *arg)
{
  _weft_sink_text (w->sink, "{\"$tagged\": [");
  write_string (w, arg + 1);
  _weft_sink_text (w->sink, ", ");
  write_arg (w, arg + 2);
  _weft_sink_text (w->sink, "]}");
}

/* A node without children. */
static void
write_leaf (const Writer *w, const WeftArg *arg)
{
  switch ((WeftArgKind) arg->kind)
    {
    case WEFT_ARG_BOOL:
      _weft_sink_text (w->sink, arg->u.b ? "true" : "false");
      break;
    case WEFT_ARG_INT64:
      _weft_sink_int64 (w->sink, arg->u.i);
      break;
    case WEFT_ARG_FLOAT64:
      write_float (w, arg->u.f);
      break;
    case WEFT_ARG_STRING:
      write_string (w, arg);
      break;
    case WEFT_ARG_BYTES:
      write_base64 (w, "$bytes", arg);
      break;
    case WEFT_ARG_ENCODED:
      write_base64 (w, "$encoded", arg);
      break;
    case WEFT_ARG_SLOT:
      write_slots (w, arg->u.slot.first, 1);
      break;
    case WEFT_ARG_SLOTS:
      write_slots (w, arg->u.slot.first, arg->count);
      break;
    default:
      _weft_sink_text (w->sink, "null");
    }
}

/* Returns: the node after it */
static const WeftArg *
write_arg (const Writer *w, const WeftArg *arg)
{
  switch ((WeftArgKind) arg->kind)
    {
    case WEFT_ARG_LIST:
      write_list (w, arg);
      break;
    case WEFT_ARG_RECORD:
      write_record (w, arg);
      break;
    case WEFT_ARG_MAP:
      write_map (w, arg);
      break;
    case WEFT_ARG_TAGGED:
      write_tagged (w, arg);
      break;
    default:
      write_leaf (w, arg);
    }
  return arg + arg->skip;
}

static void
write_call (const Writer *w, const WeftCall *call)
{
  const WeftArg *arg = w->a->args + call->args;

  if (call->op != 0)
    {
      _weft_sink_text (w->sink, "\"op\": ");
      _weft_sink_json_string (w->sink, w->a->text + call->op, strlen (w->a->text + call->op));
    }
  if (call->op_version != 0)
    _weft_sink_printf (w->sink, "%s\"version\": %u", call->op != 0 ? ", " : "", call->op_version);
  if (call->n_args > 0 || (call->op == 0 && call->op_version == 0))
    {
      _weft_sink_printf (w->sink, "%s\"args\": [",
                         call->op != 0 || call->op_version != 0 ? ", " : "");
      for (uint32_t i = 0; i < call->n_args; i++)
        {
          if (i > 0)
            _weft_sink_text (w->sink, ", ");
          arg = write_arg (w, arg);
        }
      _weft_sink_text (w->sink, "]");
    }
  if (call->n_kwargs > 0)
    {
      _weft_sink_text (w->sink, ", \"kwargs\": ");
      write_pairs (w, w->a->args + call->kwargs, call->n_kwargs);
    }
  if (call->n_outputs != 1)
    _weft_sink_printf (w->sink, ", \"outputs\": %u", call->n_outputs);
}

/* ---- the rest of a task ---------------------------------------------------------------------- */

/* Nanoseconds as seconds, all nine decimals that are needed. */
static void
write_seconds (const Writer *w, const char *name, int64_t ns)
{
  char digits[16];
  size_t n = (size_t) g_snprintf (digits, sizeof digits, "%09" G_GINT64_FORMAT, ns % 1000000000);

  while (n > 1 && digits[n - 1] == '0')
    n--;
  _weft_sink_printf (w->sink, ", \"%s\": %" G_GINT64_FORMAT ".%.*s", name, ns / 1000000000, (int) n,
                     digits);
}

static void
write_text_member (const Writer *w, const char *name, const char *text)
{
  _weft_sink_printf (w->sink, ", \"%s\": ", name);
  _weft_sink_json_string (w->sink, text, strlen (text));
}

static void
write_after (const Writer *w)
{
  const uint32_t *offsets = w->a->after_offsets;

  if (offsets == NULL || offsets[w->task] == offsets[w->task + 1])
    return;
  _weft_sink_text (w->sink, ", \"after\": [");
  for (uint32_t e = offsets[w->task]; e < offsets[w->task + 1]; e++)
    {
      if (e > offsets[w->task])
        _weft_sink_text (w->sink, ", ");
      write_key (w, w->a->after_tasks[e]);
    }
  _weft_sink_text (w->sink, "]");
}

static void
write_group (const Writer *w)
{
  if (_weft_write_has_own_group (w->graph, w->task))
    write_text_member (w, "group", weft_graph_group_name (w->graph, w->a->group_of_task[w->task]));
}

static void
write_resources (const Writer *w, const WeftTaskAttributes *attributes)
{
  _weft_sink_text (w->sink, ", \"resources\": {");
  for (uint32_t i = 0; i < attributes->n_resources; i++)
    {
      const char *name = weft_graph_string (w->graph, attributes->resources[i].name);

      if (i > 0)
        _weft_sink_text (w->sink, ", ");
      _weft_sink_json_string (w->sink, name, strlen (name));
      _weft_sink_text (w->sink, ": ");
      _weft_sink_float64 (w->sink, attributes->resources[i].amount);
    }
  _weft_sink_text (w->sink, "}");
}

static void
write_attributes (const Writer *w, const WeftTaskAttributes *attributes)
{
  if (attributes->label != WEFT_NONE)
    write_text_member (w, "label", weft_graph_string (w->graph, attributes->label));
  if (attributes->priority != 0)
    _weft_sink_printf (w->sink, ", \"priority\": %d", attributes->priority);
  if (attributes->retries != 0)
    _weft_sink_printf (w->sink, ", \"retries\": %u", attributes->retries);
  if (attributes->retry_delay_ns != 0)
    write_seconds (w, "retry_delay", attributes->retry_delay_ns);
  if (attributes->timeout_ns != 0)
    write_seconds (w, "timeout", attributes->timeout_ns);
  if (attributes->n_resources > 0)
    write_resources (w, attributes);
  if (attributes->metadata != NULL)
    {
      _weft_sink_text (w->sink, ", \"metadata\": ");
      _weft_sink_text (w->sink, attributes->metadata);
    }
}

static void
write_size (const Writer *w, uint64_t bytes)
{
  if (bytes > INT64_MAX)
    _weft_sink_text (w->sink, "null");
  else
    _weft_sink_int64 (w->sink, (int64_t) bytes);
}

static void
write_sizes (const Writer *w)
{
  uint32_t n = w->a->calls[w->a->call_of_task[w->task]].n_outputs;
  const uint64_t *bytes = w->a->hints.output_bytes + weft_graph_output_slot (w->a, w->task, 0);
  uint32_t n_known = 0;

  for (uint32_t i = 0; i < n; i++)
    n_known += bytes[i] <= INT64_MAX;
  if (n_known == 0)
    return;
  _weft_sink_text (w->sink, n > 1 ? ", \"bytes\": [" : ", \"bytes\": ");
  for (uint32_t i = 0; i < n; i++)
    {
      if (i > 0)
        _weft_sink_text (w->sink, ", ");
      write_size (w, bytes[i]);
    }
  if (n > 1)
    _weft_sink_text (w->sink, "]");
}

static void
write_hints (const Writer *w)
{
  const WeftGraphHints *hints = &w->a->hints;

  if (hints->runtime_ns != NULL && hints->runtime_ns[w->task] >= 0)
    write_seconds (w, "runtime", hints->runtime_ns[w->task]);
  if (hints->output_bytes != NULL)
    write_sizes (w);
  if (hints->machine != NULL && hints->machine[w->task] != WEFT_NONE)
    write_text_member (w, "machine", weft_graph_string (w->graph, hints->machine[w->task]));
}

static void
write_task (const Writer *w)
{
  const WeftGraphArrays *a = w->a;

  write_key (w, w->task);
  _weft_sink_text (w->sink, ": {");
  write_call (w, &a->calls[a->call_of_task[w->task]]);
  write_after (w);
  write_group (w);
  if (a->attributes_of_task != NULL && a->attributes_of_task[w->task] != WEFT_NONE)
    write_attributes (w, &a->attributes[a->attributes_of_task[w->task]]);
  write_hints (w);
  _weft_sink_text (w->sink, "}");
}

/* ---- the document ---------------------------------------------------------------------------- */

/* Whether what is wanted is what is wanted of a file that does not say: all sinks, in order. */
static bool
wants_sinks (const WeftGraphArrays *a)
{
  uint32_t n = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      uint32_t n_outputs = a->calls[a->call_of_task[t]].n_outputs;

      if (a->dependent_offsets[t] != a->dependent_offsets[t + 1])
        continue;
      for (uint32_t k = 0; k < n_outputs; k++, n++)
        if (n >= a->n_wanted || a->wanted[n].task != t || a->wanted[n].output != k)
          return false;
    }
  return n == a->n_wanted;
}

static void
write_wanted (const Writer *w)
{
  if (wants_sinks (w->a))
    return;
  _weft_sink_text (w->sink, ",\n  \"outputs\": [");
  for (uint32_t i = 0; i < w->a->n_wanted; i++)
    {
      if (i > 0)
        _weft_sink_text (w->sink, ", ");
      if (w->a->wanted[i].output == 0)
        write_key (w, w->a->wanted[i].task);
      else
        write_reference (w, w->a->wanted[i].task, w->a->wanted[i].output);
    }
  _weft_sink_text (w->sink, "]");
}

static void
write_head (const Writer *w)
{
  const char *name = weft_graph_name (w->graph);
  const char *metadata = weft_graph_metadata (w->graph);

  _weft_sink_text (w->sink, "{\n  \"weftline\": 1");
  if (*name != 0)
    {
      _weft_sink_text (w->sink, ",\n  \"name\": ");
      _weft_sink_json_string (w->sink, name, strlen (name));
    }
  if (metadata != NULL)
    {
      _weft_sink_text (w->sink, ",\n  \"metadata\": ");
      _weft_sink_text (w->sink, metadata);
    }
  _weft_sink_text (w->sink, ",\n  \"tasks\": {");
}

static bool
check_writable (const WeftGraph *graph, GError **error)
{
  for (uint32_t i = 0; i < graph->arrays.n_imports; i++)
    if (graph->arrays.imports[i].kind != WEFT_IMPORT_KEY)
      return _weft_graph_set_unwritable (error, "reads results that have a number, and no key");
  if (graph->content->n_constants > 0)
    return _weft_graph_set_unwritable (error, "holds values that exist only in this process");
  return true;
}

bool
_weft_graph_write_native (const WeftGraph *graph, WeftSink *sink, char **lost, GError **error)
{
  Writer w = { .graph = graph, .a = weft_graph_arrays (graph), .sink = sink };

  if (!check_writable (graph, error))
    return false;
  write_head (&w);
  for (w.task = 0; w.task < w.a->n_tasks; w.task++)
    {
      _weft_sink_text (sink, w.task > 0 ? ",\n    " : "\n    ");
      write_task (&w);
    }
  _weft_sink_text (sink, "\n  }");
  write_wanted (&w);
  _weft_sink_text (sink, "\n}\n");
  if (w.a->unit_flags != NULL)
    *lost = g_strdup ("which tasks are fused");
  return true;
}
