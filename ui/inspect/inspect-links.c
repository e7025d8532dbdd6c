/* inspect-links.c: what a task depends on, and what depends on it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Tasks of other segments are found through imports: by number, or by key as the newest of that key
 * in the segments before.
 */
#include "config.h"

#include "inspect/inspect-facts-private.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>
#include <string.h>

/* A list in which each task is once. */
typedef struct
{
  GArray *tasks;
  GHashTable *seen; /* (nullable): they come once each anyway */
} Collection;

static void
collect (Collection *into, uint32_t task)
{
  if (task != WEFT_NONE
      && (into->seen == NULL || g_hash_table_add (into->seen, GUINT_TO_POINTER (task))))
    g_array_append_val (into->tasks, task);
}

/* ---- dependencies ---------------------------------------------------------------------------- */

static uint32_t
imported_task (const WeftlineInspection *in, const WeftImport *import)
{
  if (import->kind == WEFT_IMPORT_TASK)
    return weft_model_task_of (in->model, import->segment, import->task);
  if (import->kind != WEFT_IMPORT_KEY)
    return WEFT_NONE;
  for (uint32_t segment = in->segment; segment-- > 0;)
    {
      WeftGraph *graph = weft_model_graph (in->model, segment);
      uint32_t number =
          graph != NULL ? weft_graph_find (graph, weft_graph_string (in->graph, import->key), -1)
                        : WEFT_NONE;

      if (number != WEFT_NONE)
        return weft_model_task_of (in->model, segment, number);
    }
  return WEFT_NONE;
}

static void
collect_input (WeftlineInspection *in, Collection *into, uint32_t input)
{
  uint32_t task = input < in->arrays->n_tasks
                      ? weft_model_task_of (in->model, in->segment, input)
                      : imported_task (in, &in->arrays->imports[input - in->arrays->n_tasks]);

  in->all_inputs_known = in->all_inputs_known && task != WEFT_NONE;
  collect (into, task);
}

void
_weftline_find_inputs (WeftlineInspection *in)
{
  const WeftGraphArrays *arrays = in->arrays;
  bool twice = arrays != NULL && (arrays->input_outputs != NULL || arrays->after_offsets != NULL);
  g_autoptr (GHashTable) seen = twice ? g_hash_table_new (NULL, NULL) : NULL;
  Collection into = { in->inputs, seen };

  in->all_inputs_known = arrays != NULL;
  if (arrays == NULL)
    return;
  for (uint32_t i = arrays->input_offsets[in->number]; i < arrays->input_offsets[in->number + 1];
       i++)
    collect_input (in, &into, arrays->input_tasks[i]);
  if (arrays->after_offsets == NULL)
    return;
  for (uint32_t i = arrays->after_offsets[in->number]; i < arrays->after_offsets[in->number + 1];
       i++)
    collect_input (in, &into, arrays->after_tasks[i]);
}

/* ---- dependents ------------------------------------------------------------------------------ */

static bool
imports_it (const WeftlineInspection *in, WeftGraph *graph, const WeftImport *import,
            const char *key)
{
  if (import->kind == WEFT_IMPORT_TASK)
    return import->segment == in->segment && import->task == in->number;
  return import->kind == WEFT_IMPORT_KEY
         && strcmp (weft_graph_string (graph, import->key), key) == 0;
}

static void
collect_readers (const WeftlineInspection *in, uint32_t segment, const WeftGraphArrays *arrays,
                 uint32_t place, Collection *into)
{
  for (uint32_t i = arrays->dependent_offsets[place]; i < arrays->dependent_offsets[place + 1]; i++)
    collect (into, weft_model_task_of (in->model, segment, arrays->dependents[i]));
}

/* Readers in later segments; by key up to the next segment that has a task of that key. */
static void
collect_later (WeftlineInspection *in, Collection *into)
{
  g_autofree char *key = weft_graph_dup_key (in->graph, in->number);
  bool by_key = true;

  for (uint32_t segment = in->segment + 1; segment < in->snapshot->n_segments; segment++)
    {
      WeftGraph *graph = weft_model_graph (in->model, segment);
      const WeftGraphArrays *arrays = graph != NULL ? weft_graph_arrays (graph) : NULL;

      for (uint32_t i = 0; arrays != NULL && i < arrays->n_imports; i++)
        if ((by_key || arrays->imports[i].kind != WEFT_IMPORT_KEY)
            && imports_it (in, graph, &arrays->imports[i], key))
          collect_readers (in, segment, arrays, arrays->n_tasks + i, into);
      if (by_key && graph != NULL && weft_graph_find (graph, key, -1) != WEFT_NONE)
        by_key = false;
    }
}

void
_weftline_find_dependents (WeftlineInspection *in)
{
  g_autoptr (GHashTable) seen = NULL;
  Collection into = { in->dependents, NULL };

  if (in->arrays == NULL)
    return;
  if (in->arrays->input_outputs != NULL || in->arrays->after_offsets != NULL
      || in->snapshot->n_segments > 1)
    into.seen = seen = g_hash_table_new (NULL, NULL);
  collect_readers (in, in->segment, in->arrays, in->number, &into);
  collect_later (in, &into);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void
add_list (WeftlineInspection *in, const char *title, const GArray *tasks)
{
  guint n_shown = MIN (tasks->len, WEFTLINE_FACTS_MAX_LINKS);
  g_autofree char *shown = weftline_format_count (n_shown);
  g_autofree char *all = weftline_format_count (tasks->len);

  if (tasks->len == 0)
    return;
  _weftline_fact_add (in, WEFTLINE_FACT_HEADING, title,
                      g_strdup_printf (_ ("%s of %s"), shown, all));
  for (guint i = 0; i < n_shown; i++)
    _weftline_fact_add_link (in, "", g_array_index (tasks, uint32_t, i));
}

void
_weftline_add_inputs (WeftlineInspection *in)
{
  add_list (in, _ ("Depends on"), in->inputs);
}

void
_weftline_add_dependents (WeftlineInspection *in)
{
  uint32_t parent = weft_model_segment_parent (in->model, in->segment);

  add_list (in, _ ("Needed by"), in->dependents);
  if (parent != WEFT_NONE)
    _weftline_fact_add_link (in, _ ("Made by"), parent);
}
