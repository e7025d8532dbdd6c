/* graph.c: a frozen segment of a task graph: what can be asked of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-private.h"

#include <string.h>

WeftGraphContent *
_weft_graph_content_ref (WeftGraphContent *content)
{
  atomic_fetch_add_explicit (&content->refs, 1, memory_order_relaxed);
  return content;
}

void
_weft_graph_content_unref (WeftGraphContent *content)
{
  if (atomic_fetch_sub_explicit (&content->refs, 1, memory_order_acq_rel) != 1)
    return;
  for (uint32_t i = 0; i < content->n_constants; i++)
    if (content->constants[i].free != NULL)
      content->constants[i].free (content->constants[i].object);
  _weft_intern_clear (&content->strings);
  _weft_intern_clear (&content->patterns);
  g_free (content->calls);
  g_free (content->call_locations);
  g_free (content->args);
  g_free (content->attributes);
  g_free (content->resources);
  g_free (content->attribute_text);
  g_free (content->group_names);
  g_free (content->constants);
  g_free (content->name);
  g_free (content->metadata);
  g_free (content->file);
  if (content->notes != NULL)
    g_ptr_array_unref (content->notes);
  pthread_mutex_destroy (&content->lock);
  g_free (content);
}

WeftGraph *
_weft_graph_new (void)
{
  WeftGraph *graph = g_new0 (WeftGraph, 1);

  atomic_init (&graph->refs, 1);
  return graph;
}

void
_weft_graph_set_content (WeftGraph *graph, WeftGraphContent *content)
{
  graph->content = content;
  graph->arrays.n_calls = content->n_calls;
  graph->arrays.n_groups = content->n_groups;
  graph->arrays.calls = content->calls;
  graph->arrays.call_locations = content->call_locations;
  graph->arrays.args = content->args;
  graph->arrays.text = content->strings.text;
  graph->arrays.attributes = content->attributes;
}

WeftGraph *
weft_graph_ref (WeftGraph *graph)
{
  atomic_fetch_add_explicit (&graph->refs, 1, memory_order_relaxed);
  return graph;
}

static void
free_arrays (WeftGraphArrays *a)
{
  if (a->notify != a->dependents)
    {
      g_free ((void *) a->notify_offsets);
      g_free ((void *) a->notify);
    }
  g_free ((void *) a->input_offsets);
  g_free ((void *) a->input_tasks);
  g_free ((void *) a->input_outputs);
  g_free ((void *) a->after_offsets);
  g_free ((void *) a->after_tasks);
  g_free ((void *) a->dependent_offsets);
  g_free ((void *) a->dependents);
  g_free ((void *) a->imports);
  g_free ((void *) a->output_offsets);
  g_free ((void *) a->call_of_task);
  g_free ((void *) a->group_of_task);
  g_free ((void *) a->attributes_of_task);
  g_free ((void *) a->unit_flags);
  g_free ((void *) a->wanted);
  g_free ((void *) a->hints.runtime_ns);
  g_free ((void *) a->hints.output_bytes);
  g_free ((void *) a->hints.machine);
}

void
weft_graph_unref (WeftGraph *graph)
{
  if (graph == NULL || atomic_fetch_sub_explicit (&graph->refs, 1, memory_order_acq_rel) != 1)
    return;
  free_arrays (&graph->arrays);
  _weft_keys_clear (&graph->keys);
  _weft_key_index_clear (&graph->key_index);
  if (graph->content != NULL)
    _weft_graph_content_unref (graph->content);
  g_free (graph);
}

const WeftGraphArrays *
weft_graph_arrays (const WeftGraph *graph)
{
  return &graph->arrays;
}

uint32_t
weft_graph_n_slots (const WeftGraph *graph)
{
  return graph->n_slots;
}

/* ---- keys ------------------------------------------------------------------------------------ */

void
_weft_graph_key_parts (const WeftGraph *graph, uint32_t task, WeftKeyParts *parts)
{
  uint32_t pattern, number;

  _weft_keys_get (&graph->keys, task, &pattern, &number);
  _weft_key_parts (&graph->content->patterns, pattern, number, parts);
}

size_t
weft_graph_key (const WeftGraph *graph, uint32_t task, char *buffer, size_t size)
{
  WeftKeyParts parts;

  _weft_graph_key_parts (graph, task, &parts);
  return _weft_key_format (&parts, buffer, size);
}

char *
weft_graph_dup_key (const WeftGraph *graph, uint32_t task)
{
  size_t n = weft_graph_key (graph, task, NULL, 0);
  char *key = g_malloc (n + 1);

  weft_graph_key (graph, task, key, n + 1);
  return key;
}

/* ---- texts ----------------------------------------------------------------------------------- */

const char *
weft_graph_string (const WeftGraph *graph, uint32_t string_id)
{
  return graph->content->strings.text + graph->content->strings.offsets[string_id];
}

const char *
weft_graph_group_name (const WeftGraph *graph, uint32_t group)
{
  return weft_graph_string (graph, graph->content->group_names[group]);
}

const char *
weft_graph_name (const WeftGraph *graph)
{
  return graph->content->name != NULL ? graph->content->name : "";
}

const char *
weft_graph_metadata (const WeftGraph *graph)
{
  return graph->content->metadata;
}

const char *
weft_graph_file (const WeftGraph *graph)
{
  return graph->content->file != NULL ? graph->content->file : "";
}

uint32_t
weft_graph_n_notes (const WeftGraph *graph)
{
  return graph->content->notes != NULL ? graph->content->notes->len : 0;
}

const char *
weft_graph_note (const WeftGraph *graph, uint32_t note)
{
  return graph->content->notes->pdata[note];
}

const char *
weft_graph_op_name (const WeftGraph *graph, uint32_t task)
{
  const WeftCall *call = &graph->arrays.calls[graph->arrays.call_of_task[task]];

  return call->op != 0 ? graph->arrays.text + call->op : NULL;
}

void *
weft_graph_constant (const WeftGraph *graph, uint32_t constant)
{
  return graph->content->constants[constant].object;
}

/* ---- size ------------------------------------------------------------------------------------ */

static uint64_t
if_there (const void *array, uint64_t n, size_t item_bytes)
{
  return array != NULL ? n * item_bytes : 0;
}

static uint64_t
content_bytes (const WeftGraphContent *c)
{
  return sizeof *c + _weft_intern_memory_bytes (&c->strings)
         + _weft_intern_memory_bytes (&c->patterns) + c->n_calls * sizeof *c->calls
         + if_there (c->call_locations, c->n_calls, sizeof *c->call_locations)
         + c->n_args * sizeof *c->args + c->n_attributes * sizeof *c->attributes
         + c->n_resources * sizeof *c->resources + c->n_attribute_text
         + c->n_groups * sizeof *c->group_names + c->n_constants * sizeof *c->constants
         + (c->name != NULL ? strlen (c->name) + 1 : 0)
         + (c->metadata != NULL ? strlen (c->metadata) + 1 : 0)
         + (c->file != NULL ? strlen (c->file) + 1 : 0);
}

/* Columns by task that only some graphs have. */
static uint64_t
rare_bytes (const WeftGraph *graph)
{
  const WeftGraphArrays *a = &graph->arrays;
  uint64_t n = a->n_tasks;

  return if_there (a->output_offsets, n + 1, sizeof *a->output_offsets)
         + if_there (a->attributes_of_task, n, sizeof *a->attributes_of_task)
         + if_there (a->unit_flags, n, sizeof *a->unit_flags)
         + if_there (a->hints.runtime_ns, n, sizeof *a->hints.runtime_ns)
         + if_there (a->hints.machine, n, sizeof *a->hints.machine)
         + if_there (a->hints.output_bytes, graph->n_slots, sizeof *a->hints.output_bytes)
         + a->n_imports * sizeof *a->imports + a->n_wanted * sizeof *a->wanted;
}

static uint64_t
edge_bytes (const WeftGraphArrays *a)
{
  uint64_t n_rows = (uint64_t) a->n_tasks + 1;
  uint64_t n_columns = n_rows + a->n_imports;
  uint64_t n_inputs = a->input_offsets[a->n_tasks];
  uint64_t bytes = (n_rows + n_inputs + n_columns + a->n_edges) * sizeof (uint32_t);

  bytes += if_there (a->input_outputs, n_inputs, sizeof *a->input_outputs);
  bytes += if_there (a->after_offsets, n_rows + a->n_edges - n_inputs, sizeof (uint32_t));
  if (a->notify != a->dependents)
    bytes += (n_columns + a->notify_offsets[n_columns - 1]) * sizeof (uint32_t);
  return bytes;
}

uint64_t
weft_graph_memory_bytes (const WeftGraph *graph)
{
  uint64_t by_task = 2 * sizeof (uint32_t); /* call, group */
  uint64_t index = 0;

  if (atomic_load_explicit (&graph->key_index_ready, memory_order_acquire))
    index = (uint64_t) graph->key_index.n_blocks * 8 * sizeof (WeftKeyEntry);
  return sizeof *graph + graph->arrays.n_tasks * by_task
         + _weft_keys_memory_bytes (&graph->keys, graph->arrays.n_tasks) + rare_bytes (graph)
         + edge_bytes (&graph->arrays) + content_bytes (graph->content) + index;
}
