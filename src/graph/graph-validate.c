/* graph-validate.c: every invariant that weft-graph.h states
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In the order in which later checks may rely on earlier ones: sizes and offsets, templates,
 * edges, the arrays that follow from edges (made again and compared), keys and what is said of
 * tasks.
 */
#include "config.h"

#include "graph/weft-graph-private.h"
#include "graph/weft-graph-read-private.h"

#include <string.h>

#define FAIL(...) _weft_graph_set_error (error, WEFT_GRAPH_ERROR_FORMAT, NULL, __VA_ARGS__)

static bool
check_offsets (const char *name, const uint32_t *offsets, uint32_t n_rows, GError **error)
{
  if (offsets == NULL || offsets[0] != 0)
    return FAIL ("%s do not begin with 0", name);
  for (uint32_t i = 0; i < n_rows; i++)
    if (offsets[i + 1] < offsets[i])
      return FAIL ("%s: row %u ends before it begins", name, i);
  return true;
}

/* ---- templates ------------------------------------------------------------------------------- */

/* One template under examination. */
typedef struct
{
  const WeftGraph *graph;
  uint32_t end; /* of the graph's nodes */
  uint32_t n_slots;
  uint8_t *slots; /* which were seen */
  uint32_t depth; /* lists and the like around the children examined, and one for the call */
} Template;

static bool check_arg (Template *t, uint32_t *at, GError **error);

static bool
check_text (const Template *t, const WeftArg *arg, GError **error)
{
  uint64_t n_text = t->graph->content->strings.n_text;

  if (arg->u.offset >= n_text || arg->count >= n_text - arg->u.offset)
    return FAIL ("a text of a template lies outside of the graph's texts");
  return true;
}

static bool
check_slots (Template *t, uint32_t first, uint32_t n, GError **error)
{
  if (first >= t->n_slots || n > t->n_slots - first)
    return FAIL ("a template reads input %u, but has %u inputs", first + n - 1, t->n_slots);
  memset (t->slots + first, 1, n);
  return true;
}

static bool
check_name (Template *t, uint32_t *at, GError **error)
{
  const WeftArg *name = &t->graph->content->args[*at];

  if (*at >= t->end || name->kind != WEFT_ARG_STRING || name->skip != 1)
    return FAIL ("a template has no text where a name must be");
  ++*at;
  return check_text (t, name, error);
}

/* @n children from *at on, each behind a name or not. */
static bool
check_children (Template *t, uint32_t *at, uint64_t n, bool named, GError **error)
{
  bool valid = true;

  if (++t->depth > WEFT_GRAPH_MAX_DEPTH + 1)
    return FAIL ("a template is nested deeper than %d", WEFT_GRAPH_MAX_DEPTH);
  for (uint64_t i = 0; valid && i < n; i++)
    valid = (!named || check_name (t, at, error)) && check_arg (t, at, error);
  t->depth--;
  return valid;
}

static bool
check_leaf (Template *t, const WeftArg *arg, GError **error)
{
  switch (arg->kind)
    {
    case WEFT_ARG_STRING:
    case WEFT_ARG_BYTES:
    case WEFT_ARG_ENCODED:
      return check_text (t, arg, error);
    case WEFT_ARG_SLOT:
      return check_slots (t, arg->u.slot.first, 1, error);
    case WEFT_ARG_SLOTS:
      return arg->count >= 2 ? check_slots (t, arg->u.slot.first, arg->count, error)
                             : FAIL ("a run of inputs is shorter than 2");
    case WEFT_ARG_CONSTANT:
      return arg->count < t->graph->content->n_constants
             || FAIL ("a template names a constant that is not there");
    default:
      return arg->kind <= WEFT_ARG_FLOAT64 || FAIL ("a template has a node of kind %u", arg->kind);
    }
}

static bool
check_arg (Template *t, uint32_t *at, GError **error)
{
  const WeftArg *arg = &t->graph->content->args[*at];
  uint32_t first = *at;
  bool valid;

  if (*at >= t->end)
    return FAIL ("a template ends too early");
  ++*at;
  switch (arg->kind)
    {
    case WEFT_ARG_LIST:
      valid = check_children (t, at, arg->count, false, error);
      break;
    case WEFT_ARG_RECORD:
      valid = check_children (t, at, arg->count, true, error);
      break;
    case WEFT_ARG_MAP:
      valid = check_children (t, at, 2 * (uint64_t) arg->count, false, error);
      break;
    case WEFT_ARG_TAGGED:
      valid = check_children (t, at, 1, true, error);
      break;
    default:
      valid = check_leaf (t, arg, error);
    }
  if (valid && arg->skip != *at - first)
    return FAIL ("a template's node says %u for the %u nodes of its subtree", arg->skip,
                 *at - first);
  return valid;
}

static bool
check_call (const WeftGraph *graph, const WeftCall *call, GError **error)
{
  const WeftGraphContent *content = graph->content;
  g_autofree uint8_t *slots = g_malloc0 ((size_t) call->n_slots + 1);
  Template t = { graph, content->n_args, call->n_slots, slots, 0 };
  uint32_t at = call->args;

  if (call->op >= content->strings.n_text || call->n_outputs < 1 || call->n_outputs > 65535)
    return FAIL ("a call has no operation's name or %u outputs", call->n_outputs);
  if (!check_children (&t, &at, call->n_args, false, error))
    return false;
  at = call->kwargs;
  if (!check_children (&t, &at, call->n_kwargs, true, error))
    return false;
  if (memchr (slots, 0, call->n_slots) != NULL)
    return FAIL ("a call does not read all of its %u inputs", call->n_slots);
  return true;
}

static bool
check_calls (const WeftGraph *graph, GError **error)
{
  const WeftGraphArrays *a = &graph->arrays;

  for (uint32_t c = 0; c < a->n_calls; c++)
    if (!check_call (graph, &a->calls[c], error))
      return false;
  for (uint32_t t = 0; t < a->n_tasks; t++)
    if (a->call_of_task[t] >= a->n_calls)
      return FAIL ("task %u has call %u of %u", t, a->call_of_task[t], a->n_calls);
  return true;
}

/* ---- edges ----------------------------------------------------------------------------------- */

static uint32_t
n_outputs_of (const WeftGraphArrays *a, uint32_t task)
{
  return task < a->n_tasks ? a->calls[a->call_of_task[task]].n_outputs : 1;
}

static bool
check_input (const WeftGraphArrays *a, uint32_t task, uint32_t edge, GError **error)
{
  uint32_t from = a->input_tasks[edge];
  uint32_t output = a->input_outputs != NULL ? a->input_outputs[edge] : 0;

  if (from >= task && (from < a->n_tasks || from - a->n_tasks >= a->n_imports))
    return FAIL ("task %u reads task %u, which does not stand before it", task, from);
  if (output >= n_outputs_of (a, from))
    return FAIL ("task %u reads output %u of task %u, which has %u", task, output, from,
                 n_outputs_of (a, from));
  return true;
}

static bool
check_task_edges (const WeftGraphArrays *a, uint32_t task, GError **error)
{
  WeftInputSet set = { 0 };
  bool valid = weft_graph_n_inputs (a, task) == a->calls[a->call_of_task[task]].n_slots
               || FAIL ("task %u has %u inputs, its call %u", task, weft_graph_n_inputs (a, task),
                        a->calls[a->call_of_task[task]].n_slots);

  for (uint32_t e = a->input_offsets[task]; valid && e < a->input_offsets[task + 1]; e++)
    {
      uint32_t output = a->input_outputs != NULL ? a->input_outputs[e] : 0;

      valid = check_input (a, task, e, error);
      if (_weft_input_set_add (&set, a->input_tasks[e], output) != e - a->input_offsets[task])
        valid = FAIL ("task %u has the same input twice", task);
    }
  _weft_input_set_clear (&set);
  for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[task] : 0;
       valid && a->after_offsets != NULL && e < a->after_offsets[task + 1]; e++)
    valid = a->after_tasks[e] < task
            || FAIL ("task %u comes after task %u, which does not stand before it", task,
                     a->after_tasks[e]);
  return valid;
}

static bool
check_edges (const WeftGraphArrays *a, GError **error)
{
  if (!check_offsets ("input offsets", a->input_offsets, a->n_tasks, error))
    return false;
  if (a->after_offsets != NULL
      && !check_offsets ("after offsets", a->after_offsets, a->n_tasks, error))
    return false;
  for (uint32_t t = 0; t < a->n_tasks; t++)
    if (!check_task_edges (a, t, error))
      return false;
  return true;
}

static bool
same_csr (const uint32_t *offsets, const uint32_t *entries, const uint32_t *other_offsets,
          const uint32_t *other_entries, size_t n_rows)
{
  return memcmp (offsets, other_offsets, (n_rows + 1) * sizeof *offsets) == 0
         && memcmp (entries, other_entries, offsets[n_rows] * sizeof *entries) == 0;
}

/* The other direction, made again from the inputs. */
static bool
check_dependents (const WeftGraph *graph, GError **error)
{
  const WeftGraphArrays *a = &graph->arrays;
  size_t n_rows = (size_t) a->n_tasks + a->n_imports;
  WeftGraph *again = _weft_graph_new ();
  bool valid = true;

  if (a->unit_flags != NULL && (a->unit_flags[0] & WEFT_UNIT_CONTINUES) != 0)
    valid = FAIL ("the first task goes on with a unit before it");
  again->arrays = *a;
  if (valid)
    {
      _weft_graph_make_dependents (again);
      if (!same_csr (a->dependent_offsets, a->dependents, again->arrays.dependent_offsets,
                     again->arrays.dependents, n_rows)
          || a->n_edges != again->arrays.n_edges)
        valid = FAIL ("the dependents are not the inverse of inputs and afters");
      else if (!same_csr (a->notify_offsets, a->notify, again->arrays.notify_offsets,
                          again->arrays.notify, n_rows))
        valid = FAIL ("the entries to notify do not follow from dependents and units");
      if (again->arrays.notify != again->arrays.dependents)
        {
          g_free ((void *) again->arrays.notify_offsets);
          g_free ((void *) again->arrays.notify);
        }
      g_free ((void *) again->arrays.dependent_offsets);
      g_free ((void *) again->arrays.dependents);
    }
  g_free (again);
  return valid;
}

/* ---- keys and the rest ----------------------------------------------------------------------- */

static bool
check_keys (const WeftGraph *graph, GError **error)
{
  WeftKeyIndex index = { 0 };
  bool valid = true;

  for (uint32_t t = 0; valid && t < graph->arrays.n_tasks; t++)
    {
      uint32_t pattern, number;

      _weft_keys_get (&graph->keys, t, &pattern, &number);
      if (pattern >= graph->content->patterns.n)
        valid = FAIL ("task %u has a key pattern that is not there", t);
      else if (_weft_key_index_add (&index, &graph->keys, t, pattern, number) != t)
        valid = FAIL ("task %u has the key of another task", t);
    }
  _weft_key_index_clear (&index);
  return valid;
}

static bool
check_output_slots (const WeftGraph *graph, GError **error)
{
  const WeftGraphArrays *a = &graph->arrays;
  uint64_t sum = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      if (weft_graph_output_slot (a, t, 0) != sum)
        return FAIL ("task %u has output slot %u, expected %" G_GUINT64_FORMAT, t,
                     weft_graph_output_slot (a, t, 0), sum);
      sum += n_outputs_of (a, t);
    }
  return sum == graph->n_slots || FAIL ("there are %u output slots", graph->n_slots);
}

static bool
check_rest (const WeftGraph *graph, GError **error)
{
  const WeftGraphArrays *a = &graph->arrays;
  const WeftGraphContent *content = graph->content;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      if (a->group_of_task[t] >= a->n_groups)
        return FAIL ("task %u is in group %u of %u", t, a->group_of_task[t], a->n_groups);
      if (a->attributes_of_task != NULL && a->attributes_of_task[t] != WEFT_NONE
          && a->attributes_of_task[t] >= content->n_attributes)
        return FAIL ("task %u has attributes that are not there", t);
      if (a->hints.machine != NULL && a->hints.machine[t] != WEFT_NONE
          && a->hints.machine[t] >= content->strings.n)
        return FAIL ("task %u has a machine without name", t);
    }
  for (uint32_t i = 0; i < a->n_wanted; i++)
    if (a->wanted[i].task >= a->n_tasks
        || a->wanted[i].output >= n_outputs_of (a, a->wanted[i].task))
      return FAIL ("wanted output %u is not there", i);
  for (uint32_t i = 0; i < a->n_imports; i++)
    if (a->imports[i].kind > WEFT_IMPORT_VALUE
        || (a->imports[i].kind == WEFT_IMPORT_KEY && a->imports[i].key >= content->strings.n))
      return FAIL ("import %u is of no known kind or without key", i);
  return true;
}

bool
weft_graph_validate (const WeftGraph *graph, GError **error)
{
  return check_calls (graph, error) && check_edges (&graph->arrays, error)
         && check_dependents (graph, error) && check_output_slots (graph, error)
         && check_keys (graph, error) && check_rest (graph, error);
}
