/* read-edges.c: what the readers of other tools' graphs share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-read-edges-private.h"

#include "base/weft-grow-private.h"

#include <string.h>

void
_weft_edge_list_add (WeftEdgeList *list, const WeftReadEdge *edge)
{
  _weft_grow_array (list->edges, list->room, list->n + 1);
  list->edges[list->n++] = *edge;
}

/* A counting sort: starts of the rows, then each edge to the next place of its row. */
void
_weft_edge_list_sort (WeftEdgeList *list, uint32_t n_tasks)
{
  WeftReadEdge *sorted = g_new (WeftReadEdge, MAX (list->n, 1));
  size_t *next = g_new0 (size_t, (size_t) n_tasks + 2);

  for (size_t i = 0; i < list->n; i++)
    next[list->edges[i].task + 2]++;
  for (uint32_t task = 0; task < n_tasks; task++)
    next[task + 2] += next[task + 1];
  for (size_t i = 0; i < list->n; i++)
    sorted[next[list->edges[i].task + 1]++] = list->edges[i];
  g_free (list->edges);
  g_free (list->offsets);
  list->edges = sorted;
  list->room = MAX (list->n, 1);
  list->offsets = next;
}

void
_weft_edge_list_clear (WeftEdgeList *list)
{
  g_free (list->edges);
  g_free (list->offsets);
  _weft_input_set_clear (&list->inputs);
  _weft_input_set_clear (&list->afters);
  *list = (WeftEdgeList){ 0 };
}

uint32_t
_weft_read_replay_call (WeftGraphBuilder *builder, uint32_t n_inputs, uint32_t n_outputs)
{
  weft_graph_builder_begin_call (builder, NULL, 0, n_outputs);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  return weft_graph_builder_end_call (builder);
}

static void
gather_edges (WeftEdgeList *list, uint32_t task)
{
  const WeftReadEdge *end = list->edges + list->offsets[task + 1];

  _weft_input_set_reset (&list->inputs);
  _weft_input_set_reset (&list->afters);
  for (const WeftReadEdge *edge = list->edges + list->offsets[task]; edge < end; edge++)
    if (edge->output == WEFT_NONE)
      _weft_input_set_add (&list->afters, edge->from, 0);
    else
      _weft_input_set_add (&list->inputs, edge->from, edge->output);
}

static void
check_self (WeftGraphBuilder *builder, const WeftEdgeList *list, uint32_t task,
            const WeftLocation *where)
{
  const WeftReadEdge *end = list->edges + list->offsets[task + 1];

  for (const WeftReadEdge *edge = list->edges + list->offsets[task]; edge < end; edge++)
    if (edge->from == task)
      {
        WeftLocation place = { .file = where->file,
                               .line = edge->place.line,
                               .column = edge->place.column };

        weft_graph_builder_set_location (builder, &place);
        weft_graph_builder_add_after (builder, task, task);
      }
}

/* Those whose task is not read from already. */
static void
add_afters (WeftGraphBuilder *builder, WeftEdgeList *list, uint32_t task)
{
  WeftInputSet read = { 0 };

  if (list->afters.n == 0)
    return;
  for (uint32_t i = 0; i < list->inputs.n; i++)
    _weft_input_set_add (&read, list->inputs.pairs[i].task, 0);
  for (uint32_t i = 0; i < list->afters.n; i++)
    {
      uint32_t before = list->afters.pairs[i].task;
      uint32_t n_read = read.n;

      if (_weft_input_set_add (&read, before, 0) == n_read)
        weft_graph_builder_add_after (builder, task, before);
    }
  _weft_input_set_clear (&read);
}

void
_weft_read_add_task (WeftGraphBuilder *builder, WeftEdgeList *list, uint32_t task, const char *key,
                     size_t n_chars, uint32_t n_outputs, const WeftLocation *where)
{
  uint32_t call;

  check_self (builder, list, task, where);
  gather_edges (list, task);
  weft_graph_builder_set_location (builder, where);
  call = _weft_read_replay_call (builder, list->inputs.n, n_outputs);
  weft_graph_builder_add_task (builder, key, (gssize) n_chars, call, list->inputs.pairs,
                               list->inputs.n);
  add_afters (builder, list, task);
}

/* ---- texts ----------------------------------------------------------------------------------- */

bool
_weft_read_check_text (const char *bytes, size_t n_bytes, const char *file, GError **error)
{
  const char *zero = memchr (bytes, 0, n_bytes);
  const char *bad;
  WeftLocation where;

  if (g_utf8_validate (bytes, (gssize) n_bytes, &bad))
    return true;
  _weft_locate (bytes, n_bytes, (size_t) (bad - bytes), file, &where);
  if (bad == zero)
    return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_SYNTAX, &where,
                                  "found a zero byte, expected text");
  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_UTF8, &where,
                                "found byte 0x%02x, expected UTF-8 text", (uint8_t) *bad);
}

void
_weft_read_append_json (GString *json, const char *chars, size_t n_chars)
{
  g_string_append_c (json, '"');
  for (size_t i = 0; i < n_chars; i++)
    {
      uint8_t c = (uint8_t) chars[i];

      if (c < 0x20)
        g_string_append_printf (json, "\\u%04x", c);
      else if (c == '"' || c == '\\')
        g_string_append_printf (json, "\\%c", c);
      else
        g_string_append_c (json, (char) c);
    }
  g_string_append_c (json, '"');
}
