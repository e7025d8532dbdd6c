/* rebuild.c: a graph once more, with some of its tasks and outputs changed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Frozen graphs do not change; so a new one is written through the builder. Ids are
 * topological and added in order, so the builder keeps them. Calls are copied once each, however
 * many tasks share them.
 */
#include "graph/weft-graph-rebuild.h"

#include <string.h>

typedef struct
{
  WeftGraph *graph;
  const WeftGraphArrays *arrays;
  WeftGraphBuilder *builder;
  const WeftRebuild *how;
  uint32_t *calls; /* old call → new one, WEFT_NONE: not copied yet */
  GArray *inputs;  /* WeftTaskOutput; of one task */
} Rebuild;

/* ---- calls ----------------------------------------------------------------------------------- */

static const WeftArg *copy_arg (Rebuild *rebuild, const WeftArg *arg);

static const char *
arg_text (const Rebuild *rebuild, const WeftArg *arg)
{
  return rebuild->arrays->text + arg->u.offset;
}

static const WeftArg *
copy_pairs (Rebuild *rebuild, const WeftArg *at, uint32_t n, bool named)
{
  for (uint32_t i = 0; i < n; i++)
    {
      if (named)
        {
          weft_graph_builder_arg_name (rebuild->builder, arg_text (rebuild, at), at->count);
          at++;
        }
      else
        at = copy_arg (rebuild, at);
      at = copy_arg (rebuild, at);
    }
  return at;
}

static const WeftArg *
copy_container (Rebuild *rebuild, const WeftArg *arg)
{
  WeftGraphBuilder *builder = rebuild->builder;
  const WeftArg *at = arg + 1;

  if (arg->kind == WEFT_ARG_LIST)
    weft_graph_builder_arg_begin_list (builder);
  else if (arg->kind == WEFT_ARG_RECORD)
    weft_graph_builder_arg_begin_record (builder);
  else
    weft_graph_builder_arg_begin_map (builder);
  if (arg->kind == WEFT_ARG_LIST)
    for (; at < arg + arg->skip;)
      at = copy_arg (rebuild, at);
  else
    copy_pairs (rebuild, at, arg->count, arg->kind == WEFT_ARG_RECORD);
  weft_graph_builder_arg_end (builder);
  return arg + arg->skip;
}

static void
copy_constant (Rebuild *rebuild, const WeftArg *arg)
{
  WeftGraphBuilder *builder = rebuild->builder;

  switch ((WeftArgKind) arg->kind)
    {
    case WEFT_ARG_BOOL:
      weft_graph_builder_arg_bool (builder, arg->u.b);
      break;
    case WEFT_ARG_INT64:
      weft_graph_builder_arg_int64 (builder, arg->u.i);
      break;
    case WEFT_ARG_FLOAT64:
      weft_graph_builder_arg_float64 (builder, arg->u.f);
      break;
    case WEFT_ARG_STRING:
      weft_graph_builder_arg_string (builder, arg_text (rebuild, arg), arg->count);
      break;
    case WEFT_ARG_BYTES:
      weft_graph_builder_arg_bytes (builder, arg_text (rebuild, arg), arg->count);
      break;
    case WEFT_ARG_ENCODED:
      weft_graph_builder_arg_encoded (builder, arg_text (rebuild, arg), arg->count);
      break;
    default:
      weft_graph_builder_arg_none (builder);
      break;
    }
}

/* Returns: the node after the subtree */
static const WeftArg *
copy_arg (Rebuild *rebuild, const WeftArg *arg)
{
  switch ((WeftArgKind) arg->kind)
    {
    case WEFT_ARG_LIST:
    case WEFT_ARG_RECORD:
    case WEFT_ARG_MAP:
      return copy_container (rebuild, arg);
    case WEFT_ARG_SLOT:
      weft_graph_builder_arg_slot (rebuild->builder, arg->u.slot.first);
      break;
    case WEFT_ARG_SLOTS:
      weft_graph_builder_arg_slots (rebuild->builder, arg->u.slot.first, arg->count);
      break;
    case WEFT_ARG_TAGGED:
      {
        g_autofree char *tag = g_strndup (arg_text (rebuild, arg + 1), arg[1].count);

        weft_graph_builder_arg_tag (rebuild->builder, tag);
        return copy_arg (rebuild, arg + 2);
      }
    default:
      copy_constant (rebuild, arg);
      break;
    }
  return arg + arg->skip;
}

static uint32_t
copy_call (Rebuild *rebuild, uint32_t number)
{
  const WeftCall *call = &rebuild->arrays->calls[number];
  const WeftArg *at = rebuild->arrays->args + call->args;
  const WeftArg *end = at;

  if (rebuild->calls[number] != WEFT_NONE)
    return rebuild->calls[number];
  weft_graph_builder_begin_call (rebuild->builder,
                                 call->op != 0 ? rebuild->arrays->text + call->op : NULL,
                                 call->op_version, call->n_outputs);
  for (uint32_t i = 0; i < call->n_args; i++)
    end = copy_arg (rebuild, end);
  if (call->n_kwargs > 0)
    {
      weft_graph_builder_begin_kwargs (rebuild->builder);
      copy_pairs (rebuild, rebuild->arrays->args + call->kwargs, call->n_kwargs, true);
    }
  return rebuild->calls[number] = weft_graph_builder_end_call (rebuild->builder);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static void
copy_attributes (Rebuild *rebuild, uint32_t task)
{
  const WeftGraphArrays *arrays = rebuild->arrays;
  WeftTaskAttributes attributes;
  g_autofree WeftResourceNeed *needs = NULL;

  if (arrays->attributes_of_task == NULL || arrays->attributes_of_task[task] == WEFT_NONE)
    return;
  attributes = arrays->attributes[arrays->attributes_of_task[task]];
  if (attributes.label != WEFT_NONE)
    attributes.label = weft_graph_builder_string (
        rebuild->builder, weft_graph_string (rebuild->graph, attributes.label));
  needs = g_memdup2 (attributes.resources, attributes.n_resources * sizeof *needs);
  for (uint32_t i = 0; i < attributes.n_resources; i++)
    needs[i].name = weft_graph_builder_string (rebuild->builder,
                                               weft_graph_string (rebuild->graph, needs[i].name));
  attributes.resources = needs;
  weft_graph_builder_set_attributes (rebuild->builder, task, &attributes);
}

static void
copy_hints (Rebuild *rebuild, uint32_t task)
{
  const WeftGraphHints *hints = &rebuild->arrays->hints;
  uint32_t first = weft_graph_output_slot (rebuild->arrays, task, 0);
  uint32_t n = rebuild->arrays->calls[rebuild->arrays->call_of_task[task]].n_outputs;
  uint32_t machine = hints->machine != NULL ? hints->machine[task] : WEFT_NONE;

  if (hints->runtime_ns == NULL && hints->output_bytes == NULL && hints->machine == NULL)
    return;
  if (machine != WEFT_NONE)
    machine =
        weft_graph_builder_string (rebuild->builder, weft_graph_string (rebuild->graph, machine));
  weft_graph_builder_set_hints (rebuild->builder, task,
                                hints->runtime_ns != NULL ? hints->runtime_ns[task] : -1,
                                hints->output_bytes != NULL ? hints->output_bytes + first : NULL,
                                hints->output_bytes != NULL ? n : 0, machine);
}

static void
gather_inputs (Rebuild *rebuild, uint32_t task)
{
  const WeftGraphArrays *arrays = rebuild->arrays;

  g_array_set_size (rebuild->inputs, 0);
  for (uint32_t i = arrays->input_offsets[task]; i < arrays->input_offsets[task + 1]; i++)
    {
      WeftTaskOutput input = { arrays->input_tasks[i],
                               arrays->input_outputs != NULL ? arrays->input_outputs[i] : 0 };

      g_array_append_val (rebuild->inputs, input);
    }
}

static void
copy_afters (Rebuild *rebuild, uint32_t task)
{
  const uint32_t *offsets = rebuild->arrays->after_offsets;

  if (offsets == NULL)
    return;
  for (uint32_t i = offsets[task]; i < offsets[task + 1]; i++)
    weft_graph_builder_add_after (rebuild->builder, task, rebuild->arrays->after_tasks[i]);
}

static void
set_place (Rebuild *rebuild, uint32_t call)
{
  const WeftCallLocation *places = rebuild->arrays->call_locations;
  WeftLocation location = { .file = weft_graph_file (rebuild->graph) };

  if (places != NULL)
    {
      location.line = places[call].line;
      location.column = places[call].column;
    }
  weft_graph_builder_set_location (rebuild->builder, &location);
}

static void
copy_task (Rebuild *rebuild, uint32_t task)
{
  const WeftGraphArrays *arrays = rebuild->arrays;
  const WeftRebuild *how = rebuild->how;
  uint32_t old_call = arrays->call_of_task[task], call = WEFT_NONE, id;
  g_autofree char *key = weft_graph_dup_key (rebuild->graph, task);
  bool drop_inputs = false;

  set_place (rebuild, old_call);
  if (how->replace != NULL)
    call = how->replace (rebuild->builder, task, &drop_inputs, how->data);
  if (call == WEFT_NONE)
    call = copy_call (rebuild, old_call);
  g_array_set_size (rebuild->inputs, 0);
  if (!drop_inputs)
    gather_inputs (rebuild, task);
  id = weft_graph_builder_add_task (rebuild->builder, key, -1, call,
                                    (const WeftTaskOutput *) rebuild->inputs->data,
                                    rebuild->inputs->len);
  if (!drop_inputs)
    copy_afters (rebuild, task);
  weft_graph_builder_set_group (
      rebuild->builder, id, weft_graph_group_name (rebuild->graph, arrays->group_of_task[task]));
  copy_attributes (rebuild, id);
  copy_hints (rebuild, id);
}

WeftGraph *
weft_graph_rebuild (WeftGraph *graph, const WeftRebuild *how, GError **error)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  Rebuild rebuild = { .graph = graph, .arrays = arrays, .how = how };
  const WeftTaskOutput *wanted = how->wanted != NULL ? how->wanted : arrays->wanted;
  uint32_t n_wanted = how->wanted != NULL ? how->n_wanted : arrays->n_wanted;
  WeftGraph *made;

  rebuild.builder = weft_graph_builder_new ();
  rebuild.inputs = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));
  rebuild.calls = g_new (uint32_t, arrays->n_calls);
  memset (rebuild.calls, 0xff, arrays->n_calls * sizeof *rebuild.calls);
  weft_graph_builder_reserve (rebuild.builder, arrays->n_tasks, arrays->n_edges);
  weft_graph_builder_set_name (rebuild.builder, weft_graph_name (graph));
  if (weft_graph_metadata (graph) != NULL)
    weft_graph_builder_set_metadata (rebuild.builder, weft_graph_metadata (graph));
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    copy_task (&rebuild, task);
  for (uint32_t i = 0; i < n_wanted; i++)
    weft_graph_builder_want (rebuild.builder, wanted[i].task, wanted[i].output);
  made = weft_graph_builder_freeze (rebuild.builder, NULL, error);
  weft_graph_builder_free (rebuild.builder);
  g_array_unref (rebuild.inputs);
  g_free (rebuild.calls);
  return made;
}
