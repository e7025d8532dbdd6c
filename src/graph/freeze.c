/* freeze.c: from a builder's arrays to a frozen graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * In this order, each step O(tasks + edges):
 *
 *   1. the first mistake made while adding, missing tasks, no tasks at all: errors
 *   2. inputs as CSR by builder id: the builder's own array where tasks came in the order of ids
 *   3. order-only edges as CSR, each once
 *   4. every output that is read or wanted must exist
 *   5. if a dependency does not stand before its dependent: a topological order, or a cycle's error
 *   6. groups, attributes, hints; dependents; what is wanted
 *
 * The graph of 2 to 4 is a WeftGraph already, only perhaps not topological; step 5 makes another
 * one from it under new ids, as any pass would.
 */
#include "config.h"

#include "graph/weft-builder-private.h"

#include "base/weft-nearest-private.h"

#include <inttypes.h>
#include <string.h>

#define MAX_CYCLE_KEYS 32

/* ---- errors ---------------------------------------------------------------------------------- */

static char *
dup_key (const WeftGraphBuilder *builder, uint32_t task)
{
  size_t n = _weft_graph_builder_key (builder, task, NULL, 0);
  char *key = g_malloc (n + 1);

  _weft_graph_builder_key (builder, task, key, n + 1);
  return key;
}

static char *
quote_key (const WeftGraphBuilder *builder, uint32_t task)
{
  g_autofree char *key = dup_key (builder, task);

  return _weft_quote (key, strlen (key));
}

/* Where a task was defined, or first mentioned. */
static WeftLocation
place_of (const WeftGraphBuilder *builder, uint32_t task)
{
  WeftLocation where = { .file = builder->file != NULL ? builder->file : builder->where.file };

  if (builder->places != NULL)
    {
      where.line = builder->places[task].line;
      where.column = builder->places[task].column;
    }
  return where;
}

char *
_weft_graph_builder_suggest (const WeftGraphBuilder *builder, const char *key)
{
  WeftNearest nearest;
  char known[640];

  _weft_nearest_init (&nearest, key, strlen (key));
  for (uint32_t task = 0; task < builder->n_tasks && nearest.distance > 1; task++)
    {
      size_t n = _weft_graph_builder_key (builder, task, known, sizeof known);

      if (n < sizeof known && builder->calls[task] != WEFT_NONE)
        _weft_nearest_offer (&nearest, known, n, task);
    }
  return nearest.best != WEFT_NONE ? dup_key (builder, nearest.best) : NULL;
}

static bool
fail_missing (const WeftGraphBuilder *builder, uint32_t task, GError **error)
{
  WeftLocation where = place_of (builder, task);
  g_autofree char *key = dup_key (builder, task);
  g_autofree char *quoted = _weft_quote (key, strlen (key));
  g_autofree char *suggested = _weft_graph_builder_suggest (builder, key);

  if (suggested == NULL)
    return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_MISSING, &where,
                                  "found a reference to %s, expected the key of a task", quoted);
  return _weft_graph_set_error (
      error, WEFT_GRAPH_ERROR_MISSING, &where,
      "found a reference to %s, expected the key of a task; did you mean “%s”?", quoted, suggested);
}

/* a -> b -> c -> a: each needs what stands before the arrow. Of long ones the middle is left
 * out. */
static bool
fail_cycle (const WeftGraphBuilder *builder, const uint32_t *cycle, uint32_t n, GError **error)
{
  WeftLocation where = place_of (builder, cycle[0]);
  g_autoptr (GString) keys = g_string_new (NULL);
  uint32_t n_left_out = n > MAX_CYCLE_KEYS ? n - MAX_CYCLE_KEYS : 0;

  for (uint32_t i = 0; i <= n; i++)
    {
      g_autofree char *key = dup_key (builder, cycle[i % n]);

      g_string_append_printf (keys, "%s%s", i > 0 ? " -> " : "", key);
      if (n_left_out > 0 && i == MAX_CYCLE_KEYS / 2)
        {
          g_string_append_printf (keys, " -> (%u more)", n_left_out);
          i += n_left_out;
        }
    }
  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_CYCLE, &where,
                                "found a cycle, in which each task needs the one before: %s",
                                keys->str);
}

static bool
fail_output (const WeftGraphBuilder *builder, uint32_t at, uint32_t task, uint32_t output,
             GError **error)
{
  WeftLocation where = place_of (builder, at);
  g_autofree char *key = quote_key (builder, task);
  uint32_t n_outputs = builder->call_list[builder->calls[task]].n_outputs;

  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_RANGE, &where,
                                "found output %u of the task %s, expected 0 to %u", output, key,
                                n_outputs - 1);
}

/* ---- step 1 ---------------------------------------------------------------------------------- */

static bool
check_n_outputs (const WeftGraphBuilder *builder, GError **error)
{
  bool several = false;
  uint64_t n_more = 0;

  for (uint32_t c = 0; c < builder->n_calls; c++)
    several |= builder->call_list[c].n_outputs > 1;
  for (uint32_t task = 0; several && task < builder->n_tasks; task++)
    {
      n_more += builder->call_list[builder->calls[task]].n_outputs - 1;
      if (n_more > WEFT_GRAPH_MAX_MORE_OUTPUTS)
        {
          WeftLocation where = place_of (builder, task);
          g_autofree char *key = quote_key (builder, task);

          return _weft_graph_set_error (
              error, WEFT_GRAPH_ERROR_RANGE, &where,
              "found %" PRIu64 " outputs up to the task %s, expected at most %u beyond one a task",
              n_more + task + 1, key, WEFT_GRAPH_MAX_MORE_OUTPUTS);
        }
    }
  return true;
}

static bool
check_mistakes (WeftGraphBuilder *builder, GError **error)
{
  WeftLocation where = builder->where;

  if (where.file == NULL)
    where.file = builder->file;
  if (builder->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&builder->error));
      return false;
    }
  if (builder->n_tasks == 0)
    return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_EMPTY, &where,
                                  "found a graph without tasks, expected at least one");
  for (uint32_t task = 0; task < builder->n_tasks; task++)
    if (builder->calls[task] == WEFT_NONE)
      return fail_missing (builder, task, error);
  if (builder->n_inputs + builder->n_afters >= UINT32_MAX)
    return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_RANGE, &where,
                                  "found more than %u edges, the most a graph can have",
                                  UINT32_MAX - 1);
  return check_n_outputs (builder, error);
}

/* ---- steps 2 and 3 --------------------------------------------------------------------------- */

static void
copy_inputs (WeftGraphBuilder *builder, uint32_t *offsets, uint32_t *tasks, uint16_t *outputs)
{
  uint32_t at = 0;

  for (uint32_t t = 0; t < builder->n_tasks; t++)
    {
      uint32_t n = builder->call_list[builder->calls[t]].n_slots;

      offsets[t] = at;
      if (n > 0)
        memcpy (tasks + at, builder->input_tasks + builder->starts[t], n * sizeof *tasks);
      if (n > 0 && outputs != NULL)
        memcpy (outputs + at, builder->input_outputs + builder->starts[t], n * sizeof *outputs);
      at += n;
    }
  offsets[builder->n_tasks] = at;
}

static void
take_inputs (WeftGraphBuilder *builder, WeftGraphArrays *a)
{
  size_t n = builder->n_inputs + 1;
  uint32_t *offsets;
  uint32_t *tasks;
  uint16_t *outputs = NULL;

  if (builder->next_in_order == builder->n_tasks)
    {
      offsets = g_renew (uint32_t, g_steal_pointer (&builder->starts), (size_t) a->n_tasks + 1);
      offsets[a->n_tasks] = (uint32_t) builder->n_inputs;
      tasks = g_renew (uint32_t, g_steal_pointer (&builder->input_tasks), n);
      if (builder->input_outputs != NULL)
        outputs = g_renew (uint16_t, g_steal_pointer (&builder->input_outputs), n);
    }
  else
    {
      offsets = g_new (uint32_t, (size_t) a->n_tasks + 1);
      tasks = g_new (uint32_t, n);
      if (builder->input_outputs != NULL)
        outputs = g_new (uint16_t, n);
      copy_inputs (builder, offsets, tasks, outputs);
    }
  a->input_offsets = offsets;
  a->input_tasks = tasks;
  a->input_outputs = outputs;
}

/* Imports as tasks from n_tasks on. */
static void
number_imports (uint32_t *tasks, size_t n, uint32_t n_tasks)
{
  for (size_t e = 0; e < n; e++)
    if (tasks[e] >= n_tasks)
      tasks[e] = n_tasks + (WEFT_GRAPH_MAX_TASKS - 1 - tasks[e]);
}

/* Keeps of each row's entries the first of each kind, in place. */
static void
drop_doubles (uint32_t n_tasks, uint32_t *offsets, uint32_t *tasks)
{
  g_autofree uint32_t *seen = g_new (uint32_t, n_tasks);
  uint32_t start = 0;
  uint32_t n = 0;

  memset (seen, 0xff, n_tasks * sizeof *seen);
  for (uint32_t t = 0; t < n_tasks; t++)
    {
      uint32_t end = offsets[t + 1];

      for (uint32_t e = start; e < end; e++)
        if (seen[tasks[e]] != t)
          {
            seen[tasks[e]] = t;
            tasks[n++] = tasks[e];
          }
      start = end;
      offsets[t + 1] = n;
    }
}

static void
take_afters (WeftGraphBuilder *builder, WeftGraphArrays *a)
{
  uint32_t *offsets;
  uint32_t *tasks;

  if (builder->n_afters == 0)
    return;
  offsets = g_new0 (uint32_t, (size_t) a->n_tasks + 1);
  tasks = g_new (uint32_t, builder->n_afters);
  for (size_t i = 0; i < builder->n_afters; i++)
    offsets[builder->afters[i].task]++;
  for (uint32_t t = 0, sum = 0; t <= a->n_tasks; t++)
    offsets[t] = sum += offsets[t];
  for (size_t i = builder->n_afters; i-- > 0;)
    tasks[--offsets[builder->afters[i].task]] = builder->afters[i].output;
  g_clear_pointer (&builder->afters, g_free);
  drop_doubles (a->n_tasks, offsets, tasks);
  a->after_offsets = offsets;
  a->after_tasks = g_renew (uint32_t, tasks, (size_t) offsets[a->n_tasks] + 1);
}

/* ---- step 4 ---------------------------------------------------------------------------------- */

static bool
check_row_outputs (const WeftGraphBuilder *builder, const WeftGraphArrays *a, uint32_t task,
                   GError **error)
{
  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    {
      uint32_t from = a->input_tasks[e];

      if (from < a->n_tasks
          && a->input_outputs[e] >= builder->call_list[builder->calls[from]].n_outputs)
        return fail_output (builder, task, from, a->input_outputs[e], error);
    }
  return true;
}

static bool
check_outputs (const WeftGraphBuilder *builder, const WeftGraphArrays *a, GError **error)
{
  for (uint32_t t = 0; t < a->n_tasks && a->input_outputs != NULL; t++)
    if (!check_row_outputs (builder, a, t, error))
      return false;
  for (size_t i = 0; i < builder->n_wanted; i++)
    {
      WeftTaskOutput wanted = builder->wanted[i];

      if (wanted.output >= builder->call_list[builder->calls[wanted.task]].n_outputs)
        return fail_output (builder, wanted.task, wanted.task, wanted.output, error);
    }
  return true;
}

/* ---- step 5 ---------------------------------------------------------------------------------- */

static bool
is_topological (const WeftGraphArrays *a)
{
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      for (uint32_t e = a->input_offsets[t]; e < a->input_offsets[t + 1]; e++)
        if (a->input_tasks[e] >= t && a->input_tasks[e] < a->n_tasks)
          return false;
      for (uint32_t e = a->after_offsets != NULL ? a->after_offsets[t] : 0;
           a->after_offsets != NULL && e < a->after_offsets[t + 1]; e++)
        if (a->after_tasks[e] >= t)
          return false;
    }
  return true;
}

/* The neighbours that stayed neighbours go on being units. @order: NULL for the same ids */
static uint8_t *
keep_units (const WeftGraphBuilder *builder, const uint32_t *order)
{
  uint8_t *flags;

  if (builder->unit_flags == NULL)
    return NULL;
  flags = g_malloc0 (builder->n_tasks);
  for (uint32_t k = 1; k < builder->n_tasks; k++)
    if (order == NULL || order[k - 1] == order[k] - 1)
      flags[k] = builder->unit_flags[order == NULL ? k : order[k]];
  return flags;
}

/* @order: (out) (transfer full) (nullable): NULL when the ids can stay as they are */
static bool
find_order (const WeftGraphBuilder *builder, const WeftGraphArrays *a, uint32_t **order,
            GError **error)
{
  uint32_t n_cycle;

  *order = NULL;
  if (is_topological (a))
    return true;
  *order = g_new (uint32_t, a->n_tasks);
  if (_weft_topological_order (a->n_tasks, a->n_tasks + a->n_imports, a->input_offsets,
                               a->input_tasks, a->after_offsets, a->after_tasks, *order, &n_cycle))
    return true;
  fail_cycle (builder, *order, n_cycle, error);
  g_clear_pointer (order, g_free);
  return false;
}

/* ---- step 6 ---------------------------------------------------------------------------------- */

/* The group of a task whose key alone says it, by name. */
static uint32_t
group_of_key (const WeftGraphBuilder *builder, uint32_t task, WeftIntern *names)
{
  g_autofree char *long_key = NULL;
  g_autofree char *long_name = NULL;
  char key[256];
  char name[256 + WEFT_KEY_SPLIT_ROOM];
  size_t n = _weft_graph_builder_key (builder, task, key, sizeof key);

  if (n < sizeof key)
    return _weft_intern_add (names, name, weft_key_split (key, n, name, sizeof name));
  long_key = dup_key (builder, task);
  long_name = g_malloc (n + WEFT_KEY_SPLIT_ROOM);
  return _weft_intern_add (names, long_name,
                           weft_key_split (long_key, n, long_name, n + WEFT_KEY_SPLIT_ROOM));
}

/* What is known of groups while their numbers are made. */
typedef struct
{
  WeftIntern names;
  uint32_t *by_pattern;       /* WEFT_NONE: not asked yet, or the pattern alone does not say it */
  uint32_t string, of_string; /* the last that was set by name, and its number */
} Groups;

/* A group that was set; mostly that of the task before. */
static uint32_t
group_of_string (const WeftGraphBuilder *builder, uint32_t string, Groups *groups)
{
  const char *name;
  size_t n;

  if (groups->string == string)
    return groups->of_string;
  name = _weft_intern_get (&builder->strings, string, &n);
  groups->string = string;
  return groups->of_string = _weft_intern_add (&groups->names, name, n);
}

/* Mostly the pattern alone says it, so it is asked once a pattern. */
static uint32_t
group_of_task (const WeftGraphBuilder *builder, uint32_t task, Groups *groups)
{
  uint32_t pattern = builder->keys.patterns[task];
  WeftKeyParts parts;

  if (builder->groups != NULL && builder->groups[task] != WEFT_NONE)
    return group_of_string (builder, builder->groups[task], groups);
  if (groups->by_pattern[pattern] != WEFT_NONE)
    return groups->by_pattern[pattern];
  _weft_key_parts (&builder->patterns, pattern, 0, &parts);
  if (!_weft_key_group_is_fixed (&parts))
    return group_of_key (builder, task, &groups->names);
  return groups->by_pattern[pattern] = group_of_key (builder, task, &groups->names);
}

/* Group numbers, in the order in which groups appear, and the names into the strings. (transfer
 * full) */
static uint32_t *
make_groups (WeftGraphBuilder *builder, uint32_t **group_names, uint32_t *n_groups)
{
  uint32_t *numbers = g_new (uint32_t, builder->n_tasks);
  Groups groups = { .by_pattern = g_new (uint32_t, (size_t) builder->patterns.n + 1),
                    .string = WEFT_NONE };

  memset (groups.by_pattern, 0xff, builder->patterns.n * sizeof *groups.by_pattern);
  _weft_intern_init (&groups.names);
  for (uint32_t t = 0; t < builder->n_tasks; t++)
    numbers[t] = group_of_task (builder, t, &groups);
  *group_names = g_new (uint32_t, groups.names.n);
  *n_groups = groups.names.n;
  for (uint32_t g = 0; g < groups.names.n; g++)
    {
      size_t n;
      const char *name = _weft_intern_get (&groups.names, g, &n);

      (*group_names)[g] = _weft_intern_add (&builder->strings, name, n);
    }
  _weft_intern_clear (&groups.names);
  g_free (groups.by_pattern);
  return numbers;
}

static void
take_output_bytes (const WeftGraphBuilder *builder, WeftGraph *graph)
{
  const WeftGraphArrays *a = &graph->arrays;
  uint64_t *bytes;

  if (builder->bytes_starts == NULL)
    return;
  bytes = g_new (uint64_t, (size_t) graph->n_slots + 1);
  memset (bytes, 0xff, graph->n_slots * sizeof *bytes);
  for (uint32_t t = 0; t < a->n_tasks; t++)
    {
      const uint64_t *given = builder->output_bytes + builder->bytes_starts[t];

      if (builder->bytes_starts[t] != WEFT_NONE)
        memcpy (bytes + weft_graph_output_slot (a, t, 0), given + 1,
                MIN (given[0], a->calls[a->call_of_task[t]].n_outputs) * sizeof *bytes);
    }
  graph->arrays.hints.output_bytes = bytes;
}

/* What is wanted, each once, under the frozen ids. */
static void
take_wanted (WeftGraphBuilder *builder, WeftGraph *graph)
{
  WeftInputSet wanted = { 0 };

  for (size_t i = 0; i < builder->n_wanted; i++)
    _weft_input_set_add (&wanted, builder->wanted[i].task, builder->wanted[i].output);
  graph->arrays.n_wanted = wanted.n;
  graph->arrays.wanted = g_memdup2 (wanted.pairs, wanted.n * sizeof *wanted.pairs);
  _weft_input_set_clear (&wanted);
}

/* All outputs of all tasks that nobody depends on. */
static void
want_sinks (WeftGraph *graph)
{
  WeftGraphArrays *a = &graph->arrays;
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));

  for (uint32_t t = 0; t < a->n_tasks; t++)
    if (a->dependent_offsets[t] == a->dependent_offsets[t + 1])
      for (uint32_t k = 0; k < a->calls[a->call_of_task[t]].n_outputs; k++)
        {
          WeftTaskOutput output = { t, k };

          g_array_append_val (wanted, output);
        }
  g_free ((void *) a->wanted);
  a->n_wanted = wanted->len;
  a->wanted = g_memdup2 (wanted->data, wanted->len * sizeof (WeftTaskOutput));
}

/* The same output of the same task must be one slot, whose number the template repeats. */
static bool
has_double_input (const WeftGraphArrays *a, uint32_t task)
{
  WeftInputSet set = { 0 };
  bool is_double = false;

  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    {
      uint32_t slot = e - a->input_offsets[task];
      uint32_t output = a->input_outputs != NULL ? a->input_outputs[e] : 0;

      is_double |= _weft_input_set_add (&set, a->input_tasks[e], output) != slot;
    }
  _weft_input_set_clear (&set);
  return is_double;
}

/* Equal inputs of a task are neighbours among the dependents, so almost every task is left
 * alone. */
static bool
check_double_inputs (const WeftGraph *graph, GError **error)
{
  const WeftGraphArrays *a = &graph->arrays;
  g_autofree uint8_t *checked = NULL;

  for (uint64_t e = 1; e < a->n_edges; e++)
    {
      uint32_t task = a->dependents[e];

      if (WEFT_LIKELY (a->dependents[e - 1] != task))
        continue;
      if (checked == NULL)
        checked = g_malloc0 (a->n_tasks);
      if (checked[task] != 0)
        continue;
      checked[task] = 1;
      if (has_double_input (a, task))
        {
          g_autofree char *key = weft_graph_dup_key (graph, task);

          return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_FORMAT, NULL,
                                        "the task “%s” reads the same output through two inputs",
                                        key);
        }
    }
  return true;
}

static WeftGraphContent *
take_content (WeftGraphBuilder *builder)
{
  WeftGraphContent *content = g_new0 (WeftGraphContent, 1);

  atomic_init (&content->refs, 1);
  pthread_mutex_init (&content->lock, NULL);
  content->name = g_steal_pointer (&builder->name);
  content->metadata = g_steal_pointer (&builder->metadata);
  content->notes = g_steal_pointer (&builder->notes);
  content->file = g_strdup (builder->file != NULL ? builder->file : builder->where.file);
  content->n_calls = (uint32_t) builder->n_calls;
  content->calls = g_renew (WeftCall, g_steal_pointer (&builder->call_list), builder->n_calls);
  if (builder->call_places != NULL)
    content->call_locations =
        g_renew (WeftCallLocation, g_steal_pointer (&builder->call_places), builder->n_calls);
  content->n_args = (uint32_t) builder->n_args;
  /* Never NULL, so that readers may add the offset of an empty template to it. */
  content->args = g_renew (WeftArg, g_steal_pointer (&builder->args), MAX (builder->n_args, 1));
  content->n_constants = (uint32_t) builder->n_constants;
  content->constants = g_steal_pointer (&builder->constants);
  builder->n_constants = 0;
  _weft_graph_builder_take_attributes (builder, content);
  return content;
}

/* The texts, once nothing is added to them any more. */
static void
take_texts (WeftGraphBuilder *builder, WeftGraph *graph)
{
  WeftGraphContent *content = graph->content;

  content->strings = builder->strings;
  content->patterns = builder->patterns;
  builder->strings = (WeftIntern){ 0 };
  builder->patterns = (WeftIntern){ 0 };
  _weft_intern_trim (&content->strings);
  _weft_intern_trim (&content->patterns);
  graph->arrays.text = content->strings.text;
}

/* Columns whose order is that of the builder's ids. */
static void
take_columns (WeftGraphBuilder *builder, WeftGraph *graph)
{
  WeftGraphArrays *a = &graph->arrays;
  uint32_t n = a->n_tasks;

  graph->keys.patterns = g_renew (uint32_t, g_steal_pointer (&builder->keys.patterns), n);
  graph->keys.numbers = g_renew (uint32_t, g_steal_pointer (&builder->keys.numbers), n);
  if (builder->attributes != NULL)
    a->attributes_of_task = g_renew (uint32_t, g_steal_pointer (&builder->attributes), n);
  if (builder->runtime_ns != NULL)
    a->hints.runtime_ns = g_renew (int64_t, g_steal_pointer (&builder->runtime_ns), n);
  if (builder->machines != NULL)
    a->hints.machine = g_renew (uint32_t, g_steal_pointer (&builder->machines), n);
  a->call_of_task = g_renew (uint32_t, g_steal_pointer (&builder->calls), n);
  a->imports = g_memdup2 (builder->imports, a->n_imports * sizeof *builder->imports);
}

/* Everything but dependents. Nothing can fail any more. */
static void
take_rest (WeftGraphBuilder *builder, WeftGraph *graph)
{
  uint32_t *group_names;
  uint32_t n_groups;
  WeftGraphContent *content;

  graph->arrays.group_of_task = make_groups (builder, &group_names, &n_groups);
  content = take_content (builder);
  content->group_names = group_names;
  content->n_groups = n_groups;
  _weft_graph_set_content (graph, content);
  take_texts (builder, graph);
  take_columns (builder, graph);
  take_wanted (builder, graph);
  _weft_graph_make_outputs (graph);
  take_output_bytes (builder, graph);
}

/* @graph: (transfer full). Returns: (transfer full) */
static WeftGraph *
put_in_order (WeftGraphBuilder *builder, WeftGraph *graph, const uint32_t *order, uint32_t *new_ids)
{
  g_autofree uint8_t *flags = keep_units (builder, order);
  uint32_t n_tasks = graph->arrays.n_tasks;
  WeftGraph *ordered;

  for (uint32_t k = 0; new_ids != NULL && k < n_tasks; k++)
    new_ids[order != NULL ? order[k] : k] = k;
  if (order != NULL)
    {
      ordered = _weft_graph_select (graph, order, n_tasks, flags);
      weft_graph_unref (graph);
      return ordered;
    }
  graph->arrays.unit_flags = g_steal_pointer (&flags);
  _weft_graph_make_dependents (graph);
  return graph;
}

/* @graph: filled with the edges of steps 2 and 3 */
static bool
take_edges (WeftGraphBuilder *builder, WeftGraphArrays *a, uint32_t **order, GError **error)
{
  a->n_tasks = builder->n_tasks;
  a->n_imports = (uint32_t) builder->n_imports;
  take_inputs (builder, a);
  number_imports ((uint32_t *) a->input_tasks, a->input_offsets[a->n_tasks], a->n_tasks);
  take_afters (builder, a);
  return check_outputs (builder, a, error) && find_order (builder, a, order, error);
}

WeftGraph *
weft_graph_builder_freeze (WeftGraphBuilder *builder, uint32_t *new_ids, GError **error)
{
  WeftGraph *graph = _weft_graph_new ();
  g_autofree uint32_t *order = NULL;
  bool wants_sinks = builder->want_sinks && builder->n_wanted == 0;

  if (check_mistakes (builder, error) && take_edges (builder, &graph->arrays, &order, error))
    {
      _weft_key_index_clear (&builder->key_index);
      take_rest (builder, graph);
      graph = put_in_order (builder, graph, order, new_ids);
      if (!check_double_inputs (graph, error))
        g_clear_pointer (&graph, weft_graph_unref);
      else if (wants_sinks)
        want_sinks (graph);
    }
  else
    g_clear_pointer (&graph, weft_graph_unref);
  _weft_graph_builder_reset (builder);
  return graph;
}
