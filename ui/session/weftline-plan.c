/* weftline-plan.c: from a graph file to what a run is made of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Tasks are neither folded into others nor into constants: people who look at a graph want to meet
 * all of its tasks. So the passes are cull, fuse (whose members stay tasks) and order.
 */
#include "config.h"

#include "session/weftline-plan.h"

#include <glib/gi18n.h>
#include <string.h>

#define PASSES "cull,fuse,order"

struct _WeftlinePlan
{
  gatomicrefcount n_refs;
  WeftGraph *graph;
  WeftOpRegistry *registry;
  char *name;
  char *about;
  char *file;
  GPtrArray *commands; /* char *, and a NULL */
  uint32_t n_external;
};

/* ---- what it would do outside ---------------------------------------------------------------- */

static const WeftOp *
op_of (WeftlinePlan *plan, uint32_t task)
{
  const char *name = weft_graph_op_name (plan->graph, task);

  return name != NULL ? weft_op_registry_find (plan->registry, name, 0) : NULL;
}

static void
append_word (GString *line, const WeftGraphArrays *arrays, const WeftArg *arg)
{
  g_autofree char *word = g_strndup (arrays->text + arg->u.offset, arg->count);
  g_autofree char *valid = g_utf8_make_valid (word, -1);
  g_autofree char *quoted = NULL;

  if (strpbrk (valid, " \t\n\"'\\$&|;<>()*?") != NULL)
    quoted = g_shell_quote (valid);
  g_string_append_printf (line, " %s", quoted != NULL ? quoted : valid);
}

/* The operation and all strings among its positional arguments, as one would type them. */
static char *
command_line (WeftlinePlan *plan, uint32_t task)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (plan->graph);
  const WeftCall *call = &arrays->calls[arrays->call_of_task[task]];
  const WeftArg *arg = arrays->args + call->args;
  GString *line = g_string_new (weft_graph_op_name (plan->graph, task));

  for (uint32_t i = 0; i < call->n_args; i++, arg += arg->skip)
    for (const WeftArg *at = arg; at < arg + arg->skip; at++)
      {
        if (at->kind == WEFT_ARG_STRING)
          append_word (line, arrays, at);
        else if (at->kind == WEFT_ARG_SLOT || at->kind == WEFT_ARG_SLOTS)
          g_string_append (line, " …");
      }
  g_strdelimit (line->str, "\n", ' ');
  return g_string_free (line, FALSE);
}

static void
find_commands (WeftlinePlan *plan)
{
  uint32_t n_tasks = weft_graph_arrays (plan->graph)->n_tasks;

  for (uint32_t task = 0; task < n_tasks; task++)
    {
      const WeftOp *op = op_of (plan, task);

      if (op == NULL || (op->flags & WEFT_OP_EXTERNAL) == 0)
        continue;
      if (plan->n_external++ < WEFTLINE_PLAN_MAX_COMMANDS)
        g_ptr_array_add (plan->commands, command_line (plan, task));
    }
  g_ptr_array_add (plan->commands, NULL);
}

/* ---- what it says of itself ------------------------------------------------------------------ */

/* The string after "about": in a JSON object; escapes for quotes and backslashes only, others are
 * left as they are. */
static char *
find_about (const char *json)
{
  const char *at = json != NULL ? strstr (json, "\"about\"") : NULL;
  GString *text;

  if (at == NULL)
    return NULL;
  at = strchr (at + strlen ("\"about\""), ':');
  while (at != NULL && *at != '\0' && (*at == ':' || g_ascii_isspace (*at)))
    at++;
  if (at == NULL || *at != '"')
    return NULL;
  text = g_string_new (NULL);
  for (at++; *at != '\0' && *at != '"'; at++)
    {
      if (*at == '\\' && at[1] != '\0')
        at++;
      g_string_append_c (text, *at);
    }
  return g_string_free (text, FALSE);
}

static char *
find_name (WeftGraph *graph, const char *file)
{
  const char *name = weft_graph_name (graph);
  g_autofree char *base = NULL;
  char *dot;

  if (name != NULL && *name != '\0')
    return g_strdup (name);
  if (file == NULL)
    return g_strdup (_ ("Untitled graph"));
  base = g_path_get_basename (file);
  dot = strrchr (base, '.');
  if (dot != NULL && dot != base)
    *dot = '\0';
  return g_utf8_make_valid (base, -1);
}

/* ---- making it ------------------------------------------------------------------------------- */

static bool
has_flag (const char *name, void *registry, uint32_t flag)
{
  const WeftOp *op = weft_op_registry_find (registry, name, 0);

  return op != NULL && (op->flags & flag) != 0;
}

static bool
is_cheap (const char *op, void *registry)
{
  return has_flag (op, registry, WEFT_OP_CHEAP);
}

static bool
is_pure (const char *op, void *registry)
{
  return has_flag (op, registry, WEFT_OP_PURE);
}

/* Whether all operations are known and take what they are given, before any are culled. */
static bool
check (WeftGraph *graph, WeftOpRegistry *registry, GError **error)
{
  const WeftEngineOptions options = { .n_workers = 1, .manual = true, .registry = registry };
  WeftEngine *engine = weft_engine_new (&options, error);
  WeftRun *run = engine != NULL ? weft_run_new (engine, graph, NULL, error) : NULL;
  bool good = run != NULL;

  weft_run_unref (run);
  weft_engine_free (engine);
  return good;
}

static WeftlinePlan *
plan_new (WeftGraph *graph, const char *file, GError **error)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  const WeftPassOps ops = { .is_cheap = is_cheap, .is_pure = is_pure, .data = registry };
  const WeftPassOptions options = { .ops = &ops, .fuse_width = 1 };
  WeftGraph *replayed = weft_graph_replay (graph, NULL, NULL, error);
  WeftGraph *ordered = NULL;
  WeftlinePlan *plan;

  if (replayed != NULL && check (replayed, registry, error))
    ordered = weft_optimize (replayed, PASSES, &options, NULL, NULL, error);
  weft_graph_unref (replayed);
  if (ordered == NULL)
    {
      weft_op_registry_unref (registry);
      return NULL;
    }
  plan = g_new0 (WeftlinePlan, 1);
  g_atomic_ref_count_init (&plan->n_refs);
  plan->graph = ordered;
  plan->registry = registry;
  plan->file = g_strdup (file);
  plan->name = find_name (ordered, file);
  plan->about = find_about (weft_graph_metadata (ordered));
  plan->commands = g_ptr_array_new_with_free_func (g_free);
  find_commands (plan);
  return plan;
}

WeftlinePlan *
weftline_plan_new_for_file (const char *path, GError **error)
{
  WeftGraph *graph = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, error);
  WeftlinePlan *plan;

  if (graph == NULL)
    return NULL;
  plan = plan_new (graph, path, error);
  weft_graph_unref (graph);
  return plan;
}

WeftlinePlan *
weftline_plan_new_for_graph (WeftGraph *graph, GError **error)
{
  return plan_new (graph, NULL, error);
}

WeftlinePlan *
weftline_plan_new_for_task (WeftlinePlan *whole, const char *key, GError **error)
{
  uint32_t task = weft_graph_find (whole->graph, key, -1);
  const WeftGraphArrays *arrays = weft_graph_arrays (whole->graph);
  g_autofree WeftTaskOutput *wanted = NULL;
  WeftPassOptions options = { 0 };
  WeftlinePlan *plan = NULL;
  WeftGraph *graph;

  if (task == WEFT_NONE)
    {
      g_set_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_MISSING,
                   _ ("The graph has no task “%s”"), key);
      return NULL;
    }
  options.n_wanted = arrays->calls[arrays->call_of_task[task]].n_outputs;
  wanted = g_new (WeftTaskOutput, options.n_wanted);
  for (uint32_t i = 0; i < options.n_wanted; i++)
    wanted[i] = (WeftTaskOutput){ task, i };
  options.wanted = wanted;
  graph = weft_optimize (whole->graph, "cull", &options, NULL, NULL, error);
  if (graph == NULL)
    return NULL;
  plan = plan_new (graph, NULL, error);
  weft_graph_unref (graph);
  if (plan == NULL)
    return NULL;
  g_free (plan->name);
  plan->name = g_utf8_make_valid (key, -1);
  plan->file = g_strdup (whole->file);
  return plan;
}

WeftlinePlan *
weftline_plan_ref (WeftlinePlan *plan)
{
  g_atomic_ref_count_inc (&plan->n_refs);
  return plan;
}

void
weftline_plan_unref (WeftlinePlan *plan)
{
  if (plan == NULL || !g_atomic_ref_count_dec (&plan->n_refs))
    return;
  weft_graph_unref (plan->graph);
  weft_op_registry_unref (plan->registry);
  g_ptr_array_unref (plan->commands);
  g_free (plan->name);
  g_free (plan->about);
  g_free (plan->file);
  g_free (plan);
}

/* ---- asking it ------------------------------------------------------------------------------- */

WeftGraph *
weftline_plan_graph (WeftlinePlan *plan)
{
  return plan->graph;
}

WeftOpRegistry *
weftline_plan_registry (WeftlinePlan *plan)
{
  return plan->registry;
}

const char *
weftline_plan_name (WeftlinePlan *plan)
{
  return plan->name;
}

const char *
weftline_plan_about (WeftlinePlan *plan)
{
  return plan->about;
}

const char *
weftline_plan_file (WeftlinePlan *plan)
{
  return plan->file;
}

uint32_t
weftline_plan_n_external (WeftlinePlan *plan)
{
  return plan->n_external;
}

const char *const *
weftline_plan_commands (WeftlinePlan *plan)
{
  return (const char *const *) plan->commands->pdata;
}
