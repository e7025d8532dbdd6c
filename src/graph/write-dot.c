/* write-dot.c: writes Graphviz DOT
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An edge a -> b says that b needs a. Names and attributes are those the reader understands (see
 * read-dot.c), so keys, edges, groups, labels and what is known of times and sizes read back equal.
 * All tasks come first, in the order of their ids, so that they keep it; then the edges.
 *
 * A quoted string cannot say everything: a backslash before a quote, a line break or the end would
 * change what follows. Such texts are written as HTML strings, where a backslash is a character
 * like others; if they also have angle brackets, DOT cannot say them at all: an error for keys, a
 * loss for others.
 */
#include "config.h"

#include "graph/weft-graph-read-private.h"
#include "graph/weft-write-util-private.h"

#include <string.h>

#define SAID_IN_DOT                                                                                \
  (WEFT_SAID_LABELS | WEFT_SAID_GROUPS | WEFT_SAID_RUNTIMES | WEFT_SAID_SIZES | WEFT_SAID_MACHINES \
   | WEFT_SAID_OUTPUTS | WEFT_SAID_AFTERS)

typedef struct
{
  const WeftGraph *graph;
  const WeftGraphArrays *a;
  WeftSink *sink;
  GString *id; /* reused */
  uint32_t lost;
} Writer;

/* ---- IDs ------------------------------------------------------------------------------------- */

/* Whether no run of backslashes, odd in number, stands before a quote, a line break or the end. */
static bool
is_quotable (const char *text)
{
  for (const char *at = text; *at != 0;)
    {
      size_t n = strspn (at, "\\");

      if (n % 2 == 1 && strchr ("\"\n", at[n]) != NULL)
        return false;
      at += MAX (n, 1);
    }
  return true;
}

/* Makes w->id. Returns: false if DOT cannot say it */
static bool
make_id (Writer *w, const char *text)
{
  g_string_truncate (w->id, 0);
  if (!is_quotable (text))
    {
      g_string_append_printf (w->id, "<%s>", text);
      return strpbrk (text, "<>") == NULL;
    }
  g_string_append_c (w->id, '"');
  for (const char *at = text; *at != 0; at++)
    {
      if (*at == '"')
        g_string_append_c (w->id, '\\');
      g_string_append_c (w->id, *at);
    }
  g_string_append_c (w->id, '"');
  return true;
}

static void
write_key (Writer *w, uint32_t task)
{
  g_autofree char *key = weft_graph_dup_key (w->graph, task);

  make_id (w, key);
  _weft_sink_chars (w->sink, w->id->str, w->id->len);
}

static bool
check_keys (Writer *w, GError **error)
{
  for (uint32_t t = 0; t < w->a->n_tasks; t++)
    {
      g_autofree char *key = weft_graph_dup_key (w->graph, t);
      g_autofree char *quoted = NULL;

      if (make_id (w, key))
        continue;
      quoted = _weft_quote (key, strlen (key));
      g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_UNSUPPORTED,
                   "found the key %s, which DOT cannot say: it has angle brackets, and a backslash "
                   "before a quote, a line break or its end",
                   quoted);
      return false;
    }
  return true;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static void
write_attribute (Writer *w, bool *first, const char *name)
{
  _weft_sink_printf (w->sink, "%s%s=", *first ? " [" : ", ", name);
  *first = false;
}

static void
write_text (Writer *w, bool *first, const char *name, const char *text, WeftSaid said)
{
  if (!make_id (w, text))
    {
      w->lost |= said;
      return;
    }
  write_attribute (w, first, name);
  _weft_sink_chars (w->sink, w->id->str, w->id->len);
}

/* An escString: every backslash doubled, line breaks as \n. */
static void
write_label (Writer *w, bool *first, const char *label)
{
  g_autoptr (GString) escaped = g_string_new (NULL);

  for (const char *at = label; *at != 0; at++)
    if (*at == '\\')
      g_string_append (escaped, "\\\\");
    else if (*at == '\n')
      g_string_append (escaped, "\\n");
    else
      g_string_append_c (escaped, *at);
  write_text (w, first, "label", escaped->str, WEFT_SAID_LABELS);
}

static bool
knows_bytes (const Writer *w, uint32_t slot, uint32_t n)
{
  for (uint32_t i = slot; i < slot + n && w->a->hints.output_bytes != NULL; i++)
    if (w->a->hints.output_bytes[i] != UINT64_MAX)
      return true;
  return false;
}

/* Also says how many outputs there are. */
static void
write_bytes (Writer *w, bool *first, uint32_t task)
{
  uint32_t n = w->a->calls[w->a->call_of_task[task]].n_outputs;
  uint32_t slot = weft_graph_output_slot (w->a, task, 0);

  if (n == 1 && !knows_bytes (w, slot, n))
    return;
  write_attribute (w, first, "weft_bytes");
  for (uint32_t i = 0; i < n; i++)
    {
      _weft_sink_text (w->sink, i == 0 ? "\"" : ",");
      if (knows_bytes (w, slot + i, 1))
        _weft_sink_int64 (w->sink, (int64_t) MIN (w->a->hints.output_bytes[slot + i], INT64_MAX));
      else
        _weft_sink_text (w->sink, "?");
    }
  _weft_sink_text (w->sink, "\"");
}

static void
write_hints (Writer *w, bool *first, uint32_t task)
{
  const WeftGraphHints *hints = &w->a->hints;

  if (hints->runtime_ns != NULL && hints->runtime_ns[task] >= 0)
    {
      write_attribute (w, first, "weft_runtime");
      _weft_sink_text (w->sink, "\"");
      _weft_sink_float64 (w->sink, (double) hints->runtime_ns[task] / 1e9);
      _weft_sink_text (w->sink, "\"");
    }
  write_bytes (w, first, task);
  if (hints->machine != NULL && hints->machine[task] != WEFT_NONE)
    write_text (w, first, "weft_machine", weft_graph_string (w->graph, hints->machine[task]),
                WEFT_SAID_MACHINES);
}

static const char *
label_of (const Writer *w, uint32_t task)
{
  uint32_t attributes =
      w->a->attributes_of_task != NULL ? w->a->attributes_of_task[task] : WEFT_NONE;

  if (attributes == WEFT_NONE || w->a->attributes[attributes].label == WEFT_NONE)
    return NULL;
  return weft_graph_string (w->graph, w->a->attributes[attributes].label);
}

/* Groups only where they would not be found by themselves: dot lines up nodes of a group. */
static void
write_task (Writer *w, uint32_t task)
{
  const char *label = label_of (w, task);
  bool first = true;

  _weft_sink_text (w->sink, "  ");
  write_key (w, task);
  if (label != NULL)
    write_label (w, &first, label);
  if (label != NULL || _weft_write_has_own_group (w->graph, task))
    write_text (w, &first, "group", weft_graph_group_name (w->graph, w->a->group_of_task[task]),
                WEFT_SAID_GROUPS);
  write_hints (w, &first, task);
  _weft_sink_text (w->sink, first ? ";\n" : "];\n");
}

/* ---- edges ----------------------------------------------------------------------------------- */

static void
write_edge (Writer *w, uint32_t from, uint32_t task)
{
  _weft_sink_text (w->sink, "  ");
  write_key (w, from);
  _weft_sink_text (w->sink, " -> ");
  write_key (w, task);
}

static void
write_edges (Writer *w, uint32_t task)
{
  const WeftGraphArrays *a = w->a;

  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    {
      if (a->input_tasks[e] >= a->n_tasks)
        continue;
      write_edge (w, a->input_tasks[e], task);
      if (a->input_outputs != NULL && a->input_outputs[e] != 0)
        _weft_sink_printf (w->sink, " [weft_output=%u]", a->input_outputs[e]);
      _weft_sink_text (w->sink, ";\n");
    }
  for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[task] : 0;
       a->after_offsets != NULL && e < a->after_offsets[task + 1]; e++)
    {
      write_edge (w, a->after_tasks[e], task);
      _weft_sink_text (w->sink, " [style=dashed, weft_after=true];\n");
    }
}

bool
_weft_graph_write_dot (const WeftGraph *graph, WeftSink *sink, char **lost, GError **error)
{
  g_autoptr (GString) id = g_string_new (NULL);
  Writer w = { .graph = graph, .a = weft_graph_arrays (graph), .sink = sink, .id = id };

  if (!check_keys (&w, error))
    return false;
  _weft_sink_text (sink, "digraph ");
  if (*weft_graph_name (graph) != 0 && make_id (&w, weft_graph_name (graph)))
    _weft_sink_printf (sink, "%s ", id->str);
  _weft_sink_text (sink, "{\n");
  for (uint32_t t = 0; t < w.a->n_tasks; t++)
    write_task (&w, t);
  for (uint32_t t = 0; t < w.a->n_tasks; t++)
    write_edges (&w, t);
  _weft_sink_text (sink, "}\n");
  *lost = _weft_write_lost ((_weft_write_said (graph) & ~(uint32_t) SAID_IN_DOT) | w.lost);
  return true;
}
