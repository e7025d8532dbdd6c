/* plan.c: from a file to the graph that runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Read; give recorded tasks something to do; check that every operation is known and takes what it
 * is given, for the whole graph, before any pass drops a part of it; put kept results in place;
 * optimise for the outputs that are asked for.
 */
#include "cli/weft-cli-run-private.h"

#include <string.h>

bool
_weft_cli_bind (WeftGraph *graph, WeftOpRegistry *registry, GError **error)
{
  const WeftEngineOptions options = { .n_workers = 1, .manual = true, .registry = registry };
  WeftEngine *engine = weft_engine_new (&options, error);
  WeftRun *run = engine != NULL ? weft_run_new (engine, graph, NULL, error) : NULL;
  bool good = run != NULL;

  weft_run_unref (run);
  if (engine != NULL)
    weft_engine_free (engine);
  return good;
}

/* Puts another graph in the place of the plan's; takes it over. */
static bool
replace_graph (WeftPlan *plan, WeftGraph *graph)
{
  if (graph == NULL)
    return false;
  weft_graph_unref (plan->graph);
  plan->graph = graph;
  return true;
}

static bool
set_outputs (WeftPlan *plan, char **names, GError **error)
{
  g_autoptr (GArray) outputs = NULL;
  WeftRebuild how = { 0 };

  if (names == NULL)
    return true;
  outputs = _weft_cli_find_outputs (plan->graph, names, error);
  if (outputs == NULL)
    return false;
  how.wanted = (const WeftTaskOutput *) outputs->data;
  how.n_wanted = outputs->len;
  return replace_graph (plan, weft_graph_rebuild (plan->graph, &how, error));
}

/* ---- passes ---------------------------------------------------------------------------------- */

/* Which new task each of the graph's tasks has become, through all steps so far; by the ids it had
 * when it was checked. */
typedef struct
{
  const WeftRunArguments *arguments;
  WeftPlan *plan;
  uint32_t n_tasks;
  uint32_t *now;
} Passes;

static bool
run_passes (Passes *passes, const char *names, GError **error)
{
  WeftPassOps ops;
  WeftPassOptions options = { .ops = &ops, .fuse_width = 1 };
  uint32_t n_tasks = weft_graph_arrays (passes->plan->graph)->n_tasks;
  g_autofree uint32_t *new_ids = g_new (uint32_t, MAX (n_tasks, 1));

  _weft_cli_pass_ops (passes->plan->registry, &ops);
  if (!replace_graph (passes->plan,
                      weft_optimize (passes->plan->graph, names, &options, new_ids, NULL, error)))
    return false;
  for (uint32_t i = 0; i < passes->n_tasks; i++)
    if (passes->now[i] != WEFT_NONE)
      passes->now[i] = new_ids[passes->now[i]];
  return true;
}

/* All results are kept, so all of them are asked for. */
static bool
want_all (Passes *passes, GError **error)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (passes->plan->graph);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));
  WeftRebuild how = { 0 };

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    for (uint32_t i = 0; i < arrays->calls[arrays->call_of_task[task]].n_outputs; i++)
      {
        WeftTaskOutput output = { task, i };

        g_array_append_val (all, output);
      }
  how.wanted = (const WeftTaskOutput *) all->data;
  how.n_wanted = all->len;
  return replace_graph (passes->plan, weft_graph_rebuild (passes->plan->graph, &how, error));
}

/* Brings what belongs to tasks from the ids they had to those they have. */
static void
follow (Passes *passes)
{
  WeftPlan *plan = passes->plan;
  uint32_t n_tasks = weft_graph_arrays (plan->graph)->n_tasks;
  WeftFingerprint *prints = plan->prints != NULL ? g_new0 (WeftFingerprint, n_tasks) : NULL;
  WeftFingerprint *recipes = plan->recipes != NULL ? g_new0 (WeftFingerprint, n_tasks) : NULL;
  uint8_t *reused = plan->reused != NULL ? g_malloc0 (n_tasks) : NULL;

  for (uint32_t i = 0; i < plan->n_outputs; i++)
    plan->outputs[i].task = passes->now[plan->outputs[i].task];
  for (uint32_t i = 0; i < passes->n_tasks; i++)
    {
      if (prints != NULL && passes->now[i] != WEFT_NONE)
        prints[passes->now[i]] = plan->prints[i];
      if (recipes != NULL && passes->now[i] != WEFT_NONE)
        recipes[passes->now[i]] = plan->recipes[i];
      if (reused != NULL && passes->now[i] != WEFT_NONE)
        reused[passes->now[i]] = plan->reused[i];
    }
  g_free (plan->prints);
  g_free (plan->recipes);
  g_free (plan->reused);
  plan->prints = prints;
  plan->recipes = recipes;
  plan->reused = reused;
}

/* Culling comes first where all that is left is asked for, and where tasks are reused. */
static bool
optimize (const WeftRunArguments *arguments, WeftPlan *plan, GError **error)
{
  Passes passes = { arguments, plan, weft_graph_arrays (plan->graph)->n_tasks, NULL };
  const WeftGraphArrays *arrays = weft_graph_arrays (plan->graph);
  bool good = true;

  plan->n_outputs = arrays->n_wanted;
  plan->outputs = g_memdup2 (arrays->wanted, arrays->n_wanted * sizeof *plan->outputs);
  passes.now = g_new (uint32_t, MAX (passes.n_tasks, 1));
  for (uint32_t i = 0; i < passes.n_tasks; i++)
    passes.now[i] = i;
  if (arguments->resume != NULL || (plan->keep != NULL && arguments->passes == NULL))
    good = run_passes (&passes, "cull", error);
  if (good && plan->keep != NULL)
    good = want_all (&passes, error);
  good = good && run_passes (&passes, arguments->passes, error);
  if (good)
    follow (&passes);
  g_free (passes.now);
  return good;
}

/* ---- kept results ---------------------------------------------------------------------------- */

/* Who made the files of reused tasks is to be known in the new folder and run file, too. */
static bool
note_reused (WeftPlan *plan, GError **error)
{
  bool good = true;

  plan->made = g_array_new (FALSE, FALSE, sizeof (WeftFingerprint));
  for (uint32_t task = 0; task < weft_graph_arrays (plan->graph)->n_tasks && good; task++)
    if (plan->reused[task] != WEFT_REUSED_NOT
        && !_weft_cli_fingerprint_is_empty (plan->recipes[task]))
      {
        WeftTaskFiles *files = _weft_cli_task_files (plan->graph, plan->registry, task);

        g_array_append_val (plan->made, plan->recipes[task]);
        if (plan->keep != NULL)
          good = _weft_cli_keep_note_made (plan->keep, plan->recipes[task], files, error);
        _weft_cli_task_files_free (files);
      }
  return good;
}

/* Nobody vouches for files any more that are going to be made again, until they are. */
static void
withdraw_notes (const WeftPlan *plan)
{
  uint32_t n_tasks = plan->recipes != NULL ? weft_graph_arrays (plan->graph)->n_tasks : 0;

  for (uint32_t task = 0; task < n_tasks; task++)
    if (!_weft_cli_fingerprint_is_empty (plan->recipes[task])
        && (plan->reused == NULL || plan->reused[task] == WEFT_REUSED_NOT))
      {
        WeftTaskFiles *files = _weft_cli_task_files (plan->graph, plan->registry, task);

        if (plan->keep != NULL)
          _weft_cli_keep_withdraw (plan->keep, files);
        if (plan->resumed != NULL)
          _weft_cli_keep_withdraw (plan->resumed, files);
        _weft_cli_task_files_free (files);
      }
}

static bool
resume (const WeftRunArguments *arguments, WeftPlan *plan, GError **error)
{
  WeftGraph *resumed;
  bool good = true;

  if (arguments->resume != NULL || plan->keep != NULL || arguments->trace != NULL)
    plan->recipes = _weft_cli_recipes (plan->graph, plan->registry, arguments->seed);
  if (arguments->resume == NULL && plan->keep == NULL)
    return true;
  plan->prints = _weft_cli_fingerprints (plan->graph, plan->registry, arguments->seed);
  if (arguments->resume == NULL)
    return true;
  plan->resumed = _weft_cli_keep_open_run (arguments->resume, error);
  if (plan->resumed == NULL)
    return false;
  plan->reused = g_malloc0 (MAX (weft_graph_arrays (plan->graph)->n_tasks, 1));
  resumed = _weft_cli_resume (plan->graph, plan->registry, plan->prints, plan->recipes,
                              plan->resumed, plan->reused, &plan->resume, error);
  if (resumed != NULL && plan->recipes != NULL)
    good = note_reused (plan, error);
  return replace_graph (plan, resumed) && good;
}

/* What a constant of the wrong type does to its reader is seen only once it stands in its place. */
bool
_weft_cli_bind_inlined (WeftGraph *graph, WeftOpRegistry *registry, GError **error)
{
  WeftPassOps ops;
  const WeftPassOptions options = { .ops = &ops };
  WeftGraph *inlined;
  bool good;

  _weft_cli_pass_ops (registry, &ops);
  inlined = weft_optimize (graph, "inline", &options, NULL, NULL, error);
  good = inlined != NULL && _weft_cli_bind (inlined, registry, error);
  if (inlined != NULL)
    weft_graph_unref (inlined);
  return good;
}

/* They go with the graph that was read, which is replaced by others. */
static char **
notes_of (const WeftGraph *graph)
{
  uint32_t n = weft_graph_n_notes (graph);
  char **notes = g_new0 (char *, n + 1);

  for (uint32_t i = 0; i < n; i++)
    notes[i] = g_strdup (weft_graph_note (graph, i));
  return notes;
}

static bool
prepare (const WeftRunArguments *arguments, WeftPlan *plan, GError **error)
{
  plan->registry = _weft_cli_registry (arguments->plugins, error);
  if (plan->registry == NULL)
    return false;
  plan->notes = notes_of (plan->graph);
  if (!replace_graph (plan,
                      weft_graph_replay (plan->graph, &arguments->replay, &plan->replay, error))
      || !_weft_cli_bind (plan->graph, plan->registry, error)
      || !set_outputs (plan, arguments->outputs, error))
    return false;
  if (arguments->keep != NULL)
    {
      plan->keep = _weft_cli_keep_open (arguments->keep, true, error);
      if (plan->keep == NULL)
        return false;
    }
  return resume (arguments, plan, error);
}

bool
_weft_cli_plan (const WeftRunArguments *arguments, WeftPlan *plan, GError **error)
{
  WeftGraph *graph = _weft_cli_read_graph (arguments->file, arguments->format, error);

  *plan = (WeftPlan){ 0 };
  return graph != NULL && _weft_cli_plan_graph (arguments, graph, plan, error);
}

bool
_weft_cli_plan_graph (const WeftRunArguments *arguments, WeftGraph *graph, WeftPlan *plan,
                      GError **error)
{
  *plan = (WeftPlan){ .graph = graph };
  if (!prepare (arguments, plan, error) || !optimize (arguments, plan, error))
    return false;
  withdraw_notes (plan);
  return true;
}

void
_weft_cli_plan_clear (WeftPlan *plan)
{
  if (plan->graph != NULL)
    weft_graph_unref (plan->graph);
  _weft_cli_keep_free (plan->keep);
  _weft_cli_keep_free (plan->resumed);
  if (plan->registry != NULL)
    weft_op_registry_unref (plan->registry);
  g_strfreev (plan->notes);
  g_free (plan->outputs);
  g_free (plan->prints);
  g_free (plan->recipes);
  g_free (plan->reused);
  if (plan->made != NULL)
    g_array_unref (plan->made);
}
