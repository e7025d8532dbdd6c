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
/* What a task takes whose time was not recorded. */
#define STAND_IN_NS 10000000

struct _WeftlinePlan
{
  gatomicrefcount n_refs;
  WeftGraph *source; /* as it was read */
  WeftGraph *graph;  /* as it will run */
  WeftOpRegistry *registry;
  char *name;
  char *about;
  char *file;
  GPtrArray *commands; /* char *, and a NULL */
  char **plugins;      /* (nullable): where they are */
  WeftModelNotes notes;
  bool own_process;
  uint32_t n_external;
};

/* ---- what it would do outside ---------------------------------------------------------------- */

static const WeftOp *
op_of (WeftlinePlan *plan, uint32_t task)
{
  const char *name = weft_graph_op_name (plan->graph, task);

  return name != NULL ? weft_op_registry_find (plan->registry, name, 0) : NULL;
}

/* What the shell would take for something else. */
#define QUOTED " \t\n\"'\\$&|;<>()*?"

static void
append_word (GString *line, const WeftGraphArrays *arrays, const WeftArg *arg)
{
  g_autofree char *word = g_strndup (arrays->text + arg->u.offset, arg->count);
  g_autofree char *valid = g_utf8_make_valid (word, -1);
  g_autofree char *quoted = NULL;

  if (strpbrk (valid, QUOTED) != NULL)
    quoted = g_shell_quote (valid);
  g_string_append_printf (line, " %s", quoted != NULL ? quoted : valid);
}

/* The strings of an argument, and that there is one that another task makes. */
static void
append_argument (GString *line, const WeftGraphArrays *arrays, const WeftArg *arg)
{
  for (const WeftArg *at = arg; at < arg + arg->skip; at++)
    {
      if (at->kind == WEFT_ARG_STRING)
        append_word (line, arrays, at);
      else if (at->kind == WEFT_ARG_SLOT || at->kind == WEFT_ARG_SLOTS)
        g_string_append (line, " …");
    }
}

/* A relative folder is one in that of this process, which is told, too. (transfer full) (nullable):
 * it is something else */
static char *
dup_folder (const WeftGraphArrays *arrays, const WeftArg *name)
{
  const WeftArg *value = name + name->skip;
  g_autofree char *word = g_strndup (arrays->text + name->u.offset, name->count);
  g_autofree char *path = NULL;
  g_autofree char *whole = NULL;
  g_autofree char *valid = NULL;

  if (!g_str_equal (word, "cwd") || value->kind != WEFT_ARG_STRING)
    return NULL;
  path = g_strndup (arrays->text + value->u.offset, value->count);
  if (*path == '\0' || g_path_is_absolute (path))
    return NULL;
  whole = g_canonicalize_filename (path, NULL);
  valid = g_utf8_make_valid (whole, -1);
  return strpbrk (valid, QUOTED) != NULL ? g_shell_quote (valid) : g_steal_pointer (&valid);
}

/* “ cwd=/tmp”: where a program runs and what it is given belongs to what it does. */
static void
append_named (GString *line, const WeftGraphArrays *arrays, const WeftArg *name)
{
  g_autoptr (GString) value = g_string_new (NULL);
  g_autofree char *folder = NULL;

  append_argument (value, arrays, name + name->skip);
  if (value->len == 0)
    return;
  append_word (line, arrays, name);
  folder = dup_folder (arrays, name);
  g_string_append_printf (line, "=%s", folder != NULL ? folder : value->str + 1);
}

/* The operation and all strings among its arguments, as one would type them. */
static char *
command_line (WeftlinePlan *plan, uint32_t task)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (plan->graph);
  const WeftCall *call = &arrays->calls[arrays->call_of_task[task]];
  const WeftArg *arg = arrays->args + call->args;
  GString *line = g_string_new (weft_graph_op_name (plan->graph, task));

  for (uint32_t i = 0; i < call->n_args; i++, arg += arg->skip)
    append_argument (line, arrays, arg);
  arg = arrays->args + call->kwargs;
  for (uint32_t i = 0; i < call->n_kwargs; i++)
    {
      append_named (line, arrays, arg);
      arg += arg->skip;
      arg += arg->skip;
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

/* What stands behind a member of a JSON object, which is known to be one. (nullable) */
static const char *
find_member (const char *json, const char *name)
{
  size_t n_chars = strlen (name);
  unsigned depth = 0;

  for (const char *at = json != NULL ? json : ""; *at != '\0'; at++)
    {
      const char *text = at + 1;

      depth += *at == '{' || *at == '[';
      depth -= *at == '}' || *at == ']';
      if (*at != '"')
        continue;
      for (at = text; *at != '"' && *at != '\0'; at++)
        at += *at == '\\' && at[1] != '\0';
      if (*at == '\0')
        return NULL;
      if (depth != 1 || (size_t) (at - text) != n_chars || strncmp (text, name, n_chars) != 0)
        continue;
      for (text = at + 1; g_ascii_isspace (*text); text++)
        ;
      if (*text == ':')
        return text + 1 + strspn (text + 1, " \t\r\n");
    }
  return NULL;
}

/* Strings of JSON are strings of GVariant's text format, too. (transfer full) (nullable): NULL when
 * the member is not there, or of another type */
static GVariant *
get_member (const char *json, const char *name, const GVariantType *type)
{
  const char *text = find_member (json, name), *end;

  return text != NULL ? g_variant_parse (type, text, NULL, &end, NULL) : NULL;
}

static char *
find_about (const char *json)
{
  g_autoptr (GVariant) about = get_member (json, "about", G_VARIANT_TYPE_STRING);

  return about != NULL ? g_variant_dup_string (about, NULL) : NULL;
}

/* As seen from the graph's file. (transfer full) (nullable) */
static char **
find_plugins (const char *json, const char *file)
{
  g_autoptr (GVariant) names = get_member (json, "plugins", G_VARIANT_TYPE_STRING_ARRAY);
  g_autofree char *folder = file != NULL ? g_path_get_dirname (file) : NULL;
  char **plugins;

  if (names == NULL || g_variant_n_children (names) == 0)
    return NULL;
  plugins = g_variant_dup_strv (names, NULL);
  for (char **plugin = plugins; *plugin != NULL; plugin++)
    {
      char *path = g_canonicalize_filename (*plugin, folder);

      g_free (*plugin);
      *plugin = path;
    }
  return plugins;
}

static bool
wants_own_process (const char *json)
{
  g_autoptr (GVariant) own = get_member (json, "own_process", G_VARIANT_TYPE_BOOLEAN);

  return own != NULL && g_variant_get_boolean (own);
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

/* They go with the graph that was read, and are of none that is made of it. */
static char **
find_notes (WeftGraph *graph)
{
  uint32_t n = weft_graph_n_notes (graph);
  char **lines = g_new0 (char *, n + 1);

  for (uint32_t i = 0; i < n; i++)
    lines[i] = g_utf8_make_valid (weft_graph_note (graph, i), -1);
  return lines;
}

/* The graph as it will run here. What plug-ins bring is not known here: such a graph is checked by
 * the process that loads them. (transfer full) (nullable) */
static WeftGraph *
prepare (WeftGraph *graph, WeftOpRegistry *registry, bool bound, WeftReplayCounts *counts,
         GError **error)
{
  static const WeftReplayOptions as_recorded = { .speed = 1,
                                                 .bytes = 1,
                                                 .default_ns = STAND_IN_NS };
  const WeftPassOps ops = { .is_cheap = is_cheap, .is_pure = is_pure, .data = registry };
  const WeftPassOptions options = { .ops = &ops, .fuse_width = 1 };
  WeftGraph *replayed = weft_graph_replay (graph, &as_recorded, counts, error);
  WeftGraph *ordered = NULL;

  if (replayed != NULL && (!bound || check (replayed, registry, error)))
    ordered = weft_optimize (replayed, bound ? PASSES : "cull", &options, NULL, NULL, error);
  weft_graph_unref (replayed);
  return ordered;
}

/* @plugins: (nullable): in the place of those it names */
static WeftlinePlan *
plan_new (WeftGraph *graph, const char *file, char **plugins, GError **error)
{
  const char *metadata = weft_graph_metadata (graph);
  WeftOpRegistry *registry = weft_op_registry_new ();
  char **named = plugins != NULL ? g_strdupv (plugins) : find_plugins (metadata, file);
  WeftReplayCounts replay = { 0 };
  WeftGraph *ordered = prepare (graph, registry, named == NULL, &replay, error);
  WeftlinePlan *plan;

  if (ordered == NULL)
    {
      weft_op_registry_unref (registry);
      g_strfreev (named);
      return NULL;
    }
  plan = g_new0 (WeftlinePlan, 1);
  g_atomic_ref_count_init (&plan->n_refs);
  plan->source = weft_graph_ref (graph);
  plan->graph = ordered;
  plan->registry = registry;
  plan->plugins = named;
  plan->notes = (WeftModelNotes){ .lines = find_notes (graph),
                                  .n_replayed = replay.n_replayed,
                                  .n_without_time = replay.n_without_time,
                                  .stand_in_ns = STAND_IN_NS };
  plan->own_process = wants_own_process (metadata);
  plan->file = g_strdup (file);
  plan->name = find_name (ordered, file);
  plan->about = find_about (metadata);
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
  plan = plan_new (graph, path, NULL, error);
  weft_graph_unref (graph);
  return plan;
}

WeftlinePlan *
weftline_plan_new_for_graph (WeftGraph *graph, GError **error)
{
  return plan_new (graph, NULL, NULL, error);
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
  plan = plan_new (graph, NULL, whole->plugins, error);
  weft_graph_unref (graph);
  if (plan == NULL)
    return NULL;
  weftline_plan_set_name (plan, key);
  plan->file = g_strdup (whole->file);
  plan->own_process = whole->own_process;
  g_strfreev (plan->notes.lines);
  plan->notes = whole->notes;
  plan->notes.lines = g_strdupv (whole->notes.lines);
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
  weft_graph_unref (plan->source);
  weft_graph_unref (plan->graph);
  g_strfreev (plan->plugins);
  g_strfreev (plan->notes.lines);
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

WeftGraph *
weftline_plan_source (WeftlinePlan *plan)
{
  return plan->source;
}

const char *const *
weftline_plan_plugins (WeftlinePlan *plan)
{
  static const char *const none[] = { NULL };

  return plan->plugins != NULL ? (const char *const *) plan->plugins : none;
}

bool
weftline_plan_wants_own_process (WeftlinePlan *plan)
{
  return plan->own_process || plan->plugins != NULL;
}

bool
weftline_plan_needs_review (WeftlinePlan *plan)
{
  return plan->n_external > 0 || plan->plugins != NULL;
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

void
weftline_plan_set_name (WeftlinePlan *plan, const char *name)
{
  g_free (plan->name);
  plan->name = g_utf8_make_valid (name, -1);
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

const WeftModelNotes *
weftline_plan_notes (WeftlinePlan *plan)
{
  return &plan->notes;
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
