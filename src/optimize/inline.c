/* inline.c: the pass that puts cheap constants into the calls that read them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task `const (literal)` costs a task's scheduling and a slot only to say what its readers'
 * templates could say themselves. So it goes, and they do. It must be
 *
 *   - of an operation “const” that is cheap and pure, with one literal argument of few nodes and
 *     little text: each reader's template gets a copy of the nodes, and each run of it a copy of
 *     the text;
 *   - not wanted, and read by somebody;
 *   - after nothing (an order-only edge, or an effect it might wait for), without resources and
 *     metadata, which may declare files. That others come after it is of no account: it has no
 *     effect.
 *
 * and its readers must have an operation (what was only observed has no template) and room for the
 * literal below WEFT_GRAPH_MAX_DEPTH. No operation is computed here. How templates are rewritten
 * stands in inline-calls.c. O(tasks + edges + nodes of the templates that are rewritten).
 */
#include "config.h"

#include "optimize/weft-inline-private.h"
#include "optimize/weft-pass-private.h"

#include "base/weft-clock.h"

#include <string.h>

#define MAX_LITERAL_NODES 8
#define MAX_LITERAL_BYTES 1024

#define DEPTH_UNKNOWN UINT8_MAX

typedef struct
{
  WeftGraph *graph;
  const WeftGraphArrays *a;
  uint32_t *literals; /* by call: first node of what a constant's call says, or WEFT_NONE */
  uint8_t *depths;    /* by call: how deep its template nests, or DEPTH_UNKNOWN */
  uint8_t *folded;    /* by task */
  uint32_t n_folded;
} Folding;

/* ---- calls ----------------------------------------------------------------------------------- */

static bool
is_small (const WeftGraphArrays *a, uint32_t literal)
{
  uint64_t n_bytes = 0;
  uint32_t end = literal + a->args[literal].skip;

  if (end - literal > MAX_LITERAL_NODES)
    return false;
  for (uint32_t at = literal; at < end; at++)
    if (a->args[at].kind == WEFT_ARG_STRING || a->args[at].kind == WEFT_ARG_BYTES
        || a->args[at].kind == WEFT_ARG_ENCODED)
      n_bytes += a->args[at].count;
  return n_bytes <= MAX_LITERAL_BYTES;
}

static bool
is_constant (const WeftGraphArrays *a, const WeftCall *call, const WeftPassOps *ops)
{
  const char *op = a->text + call->op;

  return call->op != 0 && strcmp (op, "const") == 0 && call->n_args == 1 && call->n_kwargs == 0
         && call->n_slots == 0 && call->n_outputs == 1 && ops->is_cheap (op, ops->data)
         && ops->is_pure (op, ops->data) && is_small (a, call->args);
}

static bool
is_container (const WeftArg *node)
{
  return node->kind == WEFT_ARG_LIST || node->kind == WEFT_ARG_RECORD || node->kind == WEFT_ARG_MAP
         || node->kind == WEFT_ARG_TAGGED;
}

/* How many lists, records, maps and tags are open at the innermost node. */
static uint32_t
depth_of_subtree (const WeftArg *args, uint32_t at)
{
  uint32_t ends[WEFT_GRAPH_MAX_DEPTH];
  uint32_t end = at + args[at].skip;
  uint32_t depth = 0;
  uint32_t deepest = 0;

  for (; at < end; at++)
    {
      while (depth > 0 && at >= ends[depth - 1])
        depth--;
      if (is_container (&args[at]) && depth < WEFT_GRAPH_MAX_DEPTH)
        ends[depth++] = at + args[at].skip;
      deepest = MAX (deepest, depth);
    }
  return deepest;
}

static uint32_t
depth_of_call (Folding *folding, uint32_t number)
{
  const WeftCall *call = &folding->a->calls[number];
  const WeftArg *args = folding->a->args;
  uint32_t at = call->args;
  uint32_t depth = 0;

  if (folding->depths[number] != DEPTH_UNKNOWN)
    return folding->depths[number];
  for (uint32_t i = 0; i < call->n_args; i++, at += args[at].skip)
    depth = MAX (depth, depth_of_subtree (args, at));
  at = call->kwargs;
  for (uint32_t i = 0; i < 2 * call->n_kwargs; i++, at += args[at].skip)
    depth = MAX (depth, depth_of_subtree (args, at));
  folding->depths[number] = (uint8_t) depth;
  return depth;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool
may_fold (const Folding *folding, uint32_t task)
{
  const WeftGraphArrays *a = folding->a;
  const WeftTaskAttributes *attributes = _weft_pass_attributes (a, task);

  return folding->literals[a->call_of_task[task]] != WEFT_NONE
         && a->dependent_offsets[task] < a->dependent_offsets[task + 1]
         && (a->after_offsets == NULL || a->after_offsets[task] == a->after_offsets[task + 1])
         && (attributes == NULL || (attributes->n_resources == 0 && attributes->metadata == NULL));
}

/* Keeps the constants that this task cannot take in. */
static void
check_reader (Folding *folding, uint32_t task)
{
  const WeftGraphArrays *a = folding->a;
  uint32_t number = a->call_of_task[task];

  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    {
      uint32_t dep = a->input_tasks[e];

      if (dep < a->n_tasks && folding->folded[dep]
          && (a->calls[number].op == 0
              || depth_of_call (folding, number)
                         + depth_of_subtree (a->args, folding->literals[a->call_of_task[dep]])
                     > WEFT_GRAPH_MAX_DEPTH))
        folding->folded[dep] = 0;
    }
}

static void
find_constants (Folding *folding, const WeftPassOps *ops)
{
  const WeftGraphArrays *a = folding->a;

  for (uint32_t i = 0; i < a->n_calls; i++)
    folding->literals[i] = is_constant (a, &a->calls[i], ops) ? a->calls[i].args : WEFT_NONE;
  memset (folding->depths, DEPTH_UNKNOWN, a->n_calls);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    folding->folded[t] = may_fold (folding, t);
  for (uint32_t i = 0; i < a->n_wanted; i++)
    folding->folded[a->wanted[i].task] = 0;
  for (uint32_t t = 0; t < a->n_tasks; t++)
    check_reader (folding, t);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    folding->n_folded += folding->folded[t];
}

/* ---- the graph without them ------------------------------------------------------------------ */

/* Arrays of the graph in which nobody depends on the constants any more. Rows stay as many. */
typedef struct
{
  uint32_t *input_offsets, *input_tasks;
  uint16_t *input_outputs;               /* (nullable) */
  uint32_t *after_offsets, *after_tasks; /* (nullable) */
  uint32_t *call_of_task;
} Rest;

static void
rest_init (Rest *rest, const WeftGraphArrays *a)
{
  size_t n = (size_t) a->n_tasks + 1;
  size_t n_inputs = (size_t) a->input_offsets[a->n_tasks] + 1;

  *rest = (Rest){
    .input_offsets = g_new (uint32_t, n),
    .input_tasks = g_new (uint32_t, n_inputs),
    .input_outputs = a->input_outputs != NULL ? g_new (uint16_t, n_inputs) : NULL,
    .call_of_task = g_memdup2 (a->call_of_task, a->n_tasks * sizeof *a->call_of_task),
  };
  if (a->after_offsets == NULL)
    return;
  rest->after_offsets = g_new (uint32_t, n);
  rest->after_tasks = g_new (uint32_t, (size_t) a->after_offsets[a->n_tasks] + 1);
}

static void
rest_clear (Rest *rest)
{
  g_free (rest->input_offsets);
  g_free (rest->input_tasks);
  g_free (rest->input_outputs);
  g_free (rest->after_offsets);
  g_free (rest->after_tasks);
  g_free (rest->call_of_task);
}

static bool
is_folded (const Folding *folding, uint32_t dep)
{
  return dep < folding->a->n_tasks && folding->folded[dep];
}

static void
keep_afters (const Folding *folding, Rest *rest)
{
  const WeftGraphArrays *a = folding->a;
  uint32_t at = 0;

  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      rest->after_offsets[t] = at;
      for (uint32_t e = a->after_offsets[t]; e < a->after_offsets[t + 1]; e++)
        if (!is_folded (folding, a->after_tasks[e]))
          rest->after_tasks[at++] = a->after_tasks[e];
    }
  rest->after_offsets[a->n_tasks] = at;
}

/* What becomes of the inputs of one task. Returns: end of those that are left */
static uint32_t
keep_inputs (const Folding *folding, Rest *rest, WeftInlineCalls *calls, uint32_t task, uint32_t at)
{
  const WeftGraphArrays *a = folding->a;
  uint32_t first = a->input_offsets[task];
  uint32_t n = weft_graph_n_inputs (a, task);
  uint32_t n_left = 0;

  _weft_inline_calls_reserve (calls, n);
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t dep = a->input_tasks[first + i];

      calls->new_slots[i] = is_folded (folding, dep) ? WEFT_NONE : n_left;
      if (is_folded (folding, dep))
        {
          calls->literals[i] = folding->literals[a->call_of_task[dep]];
          continue;
        }
      rest->input_tasks[at + n_left] = dep;
      if (rest->input_outputs != NULL)
        rest->input_outputs[at + n_left] = a->input_outputs[first + i];
      n_left++;
    }
  if (n_left < n)
    rest->call_of_task[task] = _weft_inline_calls_rewrite (calls, a->call_of_task[task], n_left);
  return at + n_left;
}

static WeftGraph *
select_rest (const Folding *folding, const Rest *rest, WeftGraphContent *content, uint32_t *new_ids)
{
  WeftGraphArrays arrays = *folding->a;
  g_autofree uint32_t *order = g_new (uint32_t, (size_t) arrays.n_tasks + 1);
  uint32_t n = 0;

  for (uint32_t t = 0; t < arrays.n_tasks; t++)
    if (!folding->folded[t])
      order[n++] = t;
  arrays.input_offsets = rest->input_offsets;
  arrays.input_tasks = rest->input_tasks;
  arrays.input_outputs = rest->input_outputs;
  arrays.after_offsets = rest->after_offsets;
  arrays.after_tasks = rest->after_tasks;
  arrays.call_of_task = rest->call_of_task;
  return _weft_pass_select (folding->graph, &arrays, content, order, n, new_ids);
}

static WeftGraph *
fold (const Folding *folding, uint32_t *new_ids)
{
  const WeftGraphArrays *a = folding->a;
  WeftInlineCalls calls;
  WeftGraphContent *content;
  WeftGraph *graph;
  Rest rest;
  uint32_t at = 0;

  rest_init (&rest, a);
  _weft_inline_calls_init (&calls, folding->graph);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      rest.input_offsets[t] = at;
      at = keep_inputs (folding, &rest, &calls, t, at);
    }
  rest.input_offsets[a->n_tasks] = at;
  if (a->after_offsets != NULL)
    keep_afters (folding, &rest);
  content = _weft_inline_calls_content (&calls, folding->graph);
  graph = select_rest (folding, &rest, content, new_ids);
  _weft_graph_content_unref (content);
  _weft_inline_calls_clear (&calls);
  rest_clear (&rest);
  return graph;
}

WeftGraph *
_weft_pass_inline (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                   WeftPassReport *report, GError **error)
{
  int64_t begin_ns = weft_clock_mono_ns ();
  const WeftGraphArrays *a = &graph->arrays;
  g_autofree uint32_t *literals = g_new (uint32_t, (size_t) a->n_calls + 1);
  g_autofree uint8_t *depths = g_new (uint8_t, (size_t) a->n_calls + 1);
  g_autofree uint8_t *folded = g_new0 (uint8_t, (size_t) a->n_tasks + 1);
  Folding folding = {
    .graph = graph, .a = a, .literals = literals, .depths = depths, .folded = folded
  };
  WeftGraph *result;

  if (options != NULL && options->ops != NULL)
    find_constants (&folding, options->ops);
  result = folding.n_folded > 0 ? fold (&folding, new_ids) : _weft_pass_unchanged (graph, new_ids);
  _weft_pass_report (report, "inline", begin_ns, graph, result);
  if (folding.n_folded > 0)
    _weft_pass_report_why (report, "constants that now stand in the calls that read them: %u",
                           folding.n_folded);
  else
    _weft_pass_report_why (report, "there are no constants that calls could take in");
  return result;
}
