/* wfcommons-build.c: from a WfCommons workflow to tasks with inputs, sizes and groups
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Edges are the union of all lists of parents and children: real instances fill one of them only,
 * now and then. Files do not make edges, they say what an edge carries: a child reads those outputs
 * of a parent whose files it names; a parent of whose files it names none only has to be done
 * before.
 */
#include "config.h"

#include "graph/weft-wfcommons-private.h"

#include <string.h>

/* ---- groups ---------------------------------------------------------------------------------- */

static bool
is_separator (char c)
{
  return strchr ("_-.#", c) != NULL && c != 0;
}

/* Length without a counter at the end: “mAdd_ID0000012” → “mAdd”, “chain_00001” → “chain”. */
static size_t
without_counter (const char *name, size_t n)
{
  size_t end = n;

  while (end > 0 && g_ascii_isdigit (name[end - 1]))
    end--;
  if (end == n)
    return n;
  if (end >= 3 && memcmp (name + end - 2, "ID", 2) == 0 && is_separator (name[end - 3]))
    end -= 2;
  while (end > 0 && is_separator (name[end - 1]))
    end--;
  return end > 0 ? end : n;
}

size_t
_weft_wfcommons_group_length (const char *name, size_t n_name, const char *program,
                              size_t n_program)
{
  if (n_program > 0 && n_program <= n_name && memcmp (name, program, n_program) == 0
      && (n_program == n_name || !g_ascii_isalnum (name[n_program])))
    return n_program;
  return without_counter (name, n_name);
}

static void
set_group (const WeftWfWorkflow *workflow, WeftGraphBuilder *builder, uint32_t task)
{
  const WeftWfTask *t = &workflow->tasks[task];
  size_t n, n_program = 0;
  const char *name = t->name != WEFT_NONE ? _weft_intern_get (&workflow->names, t->name, &n)
                                          : _weft_intern_get (&workflow->keys, t->key, &n);
  const char *program = "";
  g_autofree char *group = NULL;

  if (t->program != WEFT_NONE)
    program = _weft_intern_get (&workflow->names, t->program, &n_program);
  group = g_strndup (name, _weft_wfcommons_group_length (name, n, program, n_program));
  if (*group != 0)
    weft_graph_builder_set_group (builder, task, group);
}

static void
set_label (const WeftWfWorkflow *workflow, WeftGraphBuilder *builder, uint32_t task)
{
  const WeftWfTask *t = &workflow->tasks[task];
  WeftTaskAttributes attributes = { .label = WEFT_NONE };
  size_t n_name, n_key;
  const char *name, *key;

  if (t->name == WEFT_NONE)
    return;
  name = _weft_intern_get (&workflow->names, t->name, &n_name);
  key = _weft_intern_get (&workflow->keys, t->key, &n_key);
  if (n_name == n_key && memcmp (name, key, n_key) == 0)
    return;
  attributes.label = _weft_graph_builder_string_n (builder, name, n_name);
  weft_graph_builder_set_attributes (builder, task, &attributes);
}

/* ---- sizes ----------------------------------------------------------------------------------- */

/* Of a known size and another: the sum, as far as it is known. */
static uint64_t
add_bytes (uint64_t sum, uint64_t bytes)
{
  if (bytes == UINT64_MAX)
    return sum;
  if (sum == UINT64_MAX)
    return bytes;
  return sum > UINT64_MAX - 1 - bytes ? UINT64_MAX - 1 : sum + bytes;
}

/* A task without a list of output files may have some; with an empty list it has none. */
static void
set_hints (const WeftWfWorkflow *workflow, WeftGraphBuilder *builder, uint32_t task)
{
  const WeftWfTask *t = &workflow->tasks[task];
  uint64_t bytes[WEFT_WFCOMMONS_MAX_OUTPUTS];

  memset (bytes, 0xff, t->n_numbers * sizeof *bytes);
  if (t->has_outputs && t->n_outputs == 0)
    bytes[0] = 0;
  for (uint32_t i = t->outputs; i < t->outputs + t->n_outputs; i++)
    {
      uint32_t k = workflow->output_numbers[i];

      bytes[k] = add_bytes (bytes[k], workflow->file_bytes[workflow->output_files[i]]);
    }
  weft_graph_builder_set_hints (builder, task, t->runtime_ns, bytes, t->n_numbers, t->machine);
}

/* ---- edges ----------------------------------------------------------------------------------- */

typedef struct
{
  const WeftWfWorkflow *workflow;
  WeftEdgeList *edges;
} EdgeMaker;

static void
add_input_edge (uint32_t task, WeftTaskOutput maker, void *data)
{
  EdgeMaker *to = data;
  WeftReadEdge edge = { task, maker.task, to->workflow->output_numbers[maker.output],
                        to->workflow->tasks[task].place };

  _weft_edge_list_add (to->edges, &edge);
}

static void
make_edges (WeftWfWorkflow *workflow, WeftEdgeList *relations, WeftEdgeList *edges)
{
  size_t n_marks = workflow->n_tasks * sizeof (uint32_t);
  g_autofree uint32_t *parent_of = g_malloc (n_marks + 1);
  EdgeMaker to = { workflow, edges };

  _weft_edge_list_sort (relations, workflow->n_tasks);
  memset (parent_of, 0xff, n_marks);
  _weft_wfcommons_number_outputs (workflow, relations, parent_of);
  memset (parent_of, 0xff, n_marks);
  for (uint32_t t = 0; t < workflow->n_tasks; t++)
    _weft_wfcommons_foreach_input (workflow, relations, t, parent_of, add_input_edge, &to);
  for (size_t i = 0; i < relations->n; i++)
    _weft_edge_list_add (edges, &relations->edges[i]);
  _weft_edge_list_sort (edges, workflow->n_tasks);
}

/* A key nobody defines is mentioned at its place, for the builder to complain about. */
static void
mention_at (const WeftWfWorkflow *workflow, WeftGraphBuilder *builder, uint32_t key_id,
            WeftCallLocation place)
{
  WeftLocation where = { .file = workflow->file, .line = place.line, .column = place.column };
  size_t n;
  const char *key = _weft_intern_get (&workflow->keys, key_id, &n);

  weft_graph_builder_set_location (builder, &where);
  weft_graph_builder_mention (builder, key, (gssize) n);
}

static void
resolve_relations (const WeftWfWorkflow *workflow, WeftGraphBuilder *builder,
                   WeftEdgeList *relations)
{
  for (size_t i = 0; i < workflow->n_relations; i++)
    {
      const WeftWfRelation *r = &workflow->relations[i];
      uint32_t other = workflow->task_of_key[r->key];
      WeftReadEdge edge = { r->task, other, WEFT_NONE, r->place };

      if (other == WEFT_NONE)
        {
          mention_at (workflow, builder, r->key, r->place);
          continue;
        }
      if (r->is_child)
        {
          edge.task = other;
          edge.from = r->task;
        }
      _weft_edge_list_add (relations, &edge);
    }
}

static void
merge_executions (WeftWfWorkflow *workflow, WeftGraphBuilder *builder)
{
  for (size_t i = 0; i < workflow->n_executions; i++)
    {
      const WeftWfTask *measured = &workflow->executions[i];
      uint32_t t = workflow->task_of_key[measured->key];

      if (t == WEFT_NONE)
        {
          mention_at (workflow, builder, measured->key, measured->place);
          continue;
        }
      workflow->tasks[t].runtime_ns = measured->runtime_ns;
      workflow->tasks[t].machine = measured->machine;
      workflow->tasks[t].program = measured->program;
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Builder ids are task numbers: keys are distinct, and mentioned in their order before all else. */
static void
mention_tasks (const WeftWfWorkflow *workflow, WeftGraphBuilder *builder)
{
  for (uint32_t t = 0; t < workflow->n_tasks; t++)
    mention_at (workflow, builder, workflow->tasks[t].key, workflow->tasks[t].place);
}

void
_weft_wfcommons_build (WeftWfWorkflow *workflow, WeftGraphBuilder *builder)
{
  WeftEdgeList relations = { 0 };
  WeftEdgeList edges = { 0 };

  mention_tasks (workflow, builder);
  merge_executions (workflow, builder);
  resolve_relations (workflow, builder, &relations);
  make_edges (workflow, &relations, &edges);
  for (uint32_t t = 0; t < workflow->n_tasks; t++)
    {
      const WeftWfTask *task = &workflow->tasks[t];
      WeftLocation where = { .file = workflow->file,
                             .line = task->place.line,
                             .column = task->place.column };
      size_t n;
      const char *key = _weft_intern_get (&workflow->keys, task->key, &n);

      _weft_read_add_task (builder, &edges, t, key, n, task->n_numbers, &where);
      set_group (workflow, builder, t);
      set_label (workflow, builder, t);
      set_hints (workflow, builder, t);
    }
  _weft_edge_list_clear (&relations);
  _weft_edge_list_clear (&edges);
}
