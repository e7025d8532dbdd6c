/* graph-before.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-before.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

#define MOST_KEYS 4 /* that are told of what a task waits for, or needs it */

void
weftline_graph_before_init (WeftlineGraphBefore *before)
{
  *before = (WeftlineGraphBefore){
    .task = WEFT_NONE,
    .group = WEFT_NONE,
    .hover_task = WEFT_NONE,
    .hover_group = WEFT_NONE,
  };
}

void
weftline_graph_before_clear (WeftlineGraphBefore *before)
{
  g_clear_pointer (&before->marked, weftline_task_set_free);
  g_clear_pointer (&before->links, weftline_links_free);
  g_clear_pointer (&before->told, g_free);
  weft_model_unref (before->model);
  weftline_graph_before_init (before);
}

static void
take_links (WeftlineGraphBefore *before, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  if (before->links != NULL && before->model == model
      && weftline_links_is_current (before->links, snapshot))
    return;
  weft_model_ref (model);
  g_clear_pointer (&before->told, g_free);
  g_clear_pointer (&before->links, weftline_links_free);
  weft_model_unref (before->model);
  before->model = model;
  before->links = weftline_links_new (model, snapshot);
}

/* A task, what it depends on, and what needs it. */
static WeftlineTaskSet *
neighbours (const WeftlineLinks *links, uint32_t task, uint32_t n_tasks)
{
  g_autoptr (GArray) tasks = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  WeftlineTaskSet *set = weftline_task_set_new (n_tasks);

  weftline_task_set_add (set, task);
  weftline_links_inputs (links, task, tasks);
  weftline_links_dependents (links, task, tasks);
  for (guint i = 0; i < tasks->len; i++)
    if (g_array_index (tasks, uint32_t, i) < n_tasks)
      weftline_task_set_add (set, g_array_index (tasks, uint32_t, i));
  return set;
}

static void
mark (WeftlineGraphBefore *before)
{
  WeftModelSnapshot snapshot;

  g_clear_pointer (&before->marked, weftline_task_set_free);
  if (before->task == WEFT_NONE)
    return;
  weft_model_snapshot (before->model, &snapshot);
  before->marked = before->lineage == WEFTLINE_LINEAGE_NONE
                       ? neighbours (before->links, before->task, snapshot.n_tasks)
                       : weftline_links_lineage (before->links, before->task, before->lineage);
}

void
weftline_graph_before_select (WeftlineGraphBefore *before, WeftModel *model,
                              const WeftModelSnapshot *snapshot, uint32_t task, uint32_t group)
{
  take_links (before, model, snapshot);
  before->task = task;
  before->group = task == WEFT_NONE ? group : WEFT_NONE;
  mark (before);
}

void
weftline_graph_before_toggle (WeftlineGraphBefore *before, WeftlineLineage which)
{
  if (before->task == WEFT_NONE)
    return;
  before->lineage ^= which;
  mark (before);
}

bool
weftline_graph_before_hover (WeftlineGraphBefore *before, uint32_t task, uint32_t group)
{
  bool differs = before->hover_task != task || before->hover_group != group;

  before->hover_task = task;
  before->hover_group = group;
  return differs;
}

/* ---- words ----------------------------------------------------------------------------------- */

static int
compare_tasks (const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

  return (x > y) - (x < y);
}

/* Of a task that is read twice, one. */
static void
drop_doubles (GArray *tasks)
{
  guint n = 0;

  g_array_sort (tasks, compare_tasks);
  for (guint i = 0; i < tasks->len; i++)
    if (n == 0 || g_array_index (tasks, uint32_t, n - 1) != g_array_index (tasks, uint32_t, i))
      g_array_index (tasks, uint32_t, n++) = g_array_index (tasks, uint32_t, i);
  g_array_set_size (tasks, n);
}

/* “Waits for: a, b, … (17)”; a dash for nothing. */
static void
add_keys (GString *text, const char *title, const WeftModel *model, GArray *tasks)
{
  drop_doubles (tasks);
  g_string_append_printf (text, "\n%s: ", title);
  if (tasks->len == 0)
    g_string_append (text, "–");
  for (guint i = 0; i < MIN (tasks->len, MOST_KEYS); i++)
    {
      g_autofree char *key = weft_model_task_dup_key (model, g_array_index (tasks, uint32_t, i));

      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", key);
    }
  if (tasks->len > MOST_KEYS)
    {
      g_autofree char *count = weftline_format_count (tasks->len);

      g_string_append_printf (text, ", … (%s)", count);
    }
}

static char *
make_words (WeftlineGraphBefore *before, WeftModel *model, uint32_t task)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) dependents = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  GString *text = g_string_new (NULL);
  uint32_t number, segment = weft_model_task_segment (model, task, &number);
  WeftGraph *graph = weft_model_graph (model, segment);
  const char *op = graph != NULL && number < weft_graph_arrays (graph)->n_tasks
                       ? weft_graph_op_name (graph, number)
                       : NULL;

  if (op != NULL)
    g_string_append_printf (text, "\n%s: %s", _ ("Operation"), op);
  weftline_links_inputs (before->links, task, inputs);
  weftline_links_dependents (before->links, task, dependents);
  add_keys (text, _ ("Waits for"), model, inputs);
  add_keys (text, _ ("Needed by"), model, dependents);
  return g_string_free (text, FALSE);
}

char *
weftline_graph_before_dup_words (WeftlineGraphBefore *before, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, uint32_t task)
{
  take_links (before, model, snapshot);
  if (before->told == NULL || before->told_task != task)
    {
      g_free (before->told);
      before->told = make_words (before, model, task);
      before->told_task = task;
    }
  return g_strdup (before->told);
}

char *
weftline_graph_before_dup_text (WeftlineGraphBefore *before)
{
  WeftModelSnapshot snapshot;
  WeftModelGroup info;

  if (before->task != WEFT_NONE)
    {
      g_autofree char *key = weft_model_task_dup_key (before->model, before->task);
      g_autofree char *selected = g_strdup_printf (_ ("%s is selected"), key);
      g_autofree char *words = NULL;
      g_auto (GStrv) lines = NULL;

      weft_model_snapshot (before->model, &snapshot);
      words = weftline_graph_before_dup_words (before, before->model, &snapshot, before->task);
      lines = g_strsplit (words, "\n", -1);
      g_free (lines[0]);
      lines[0] = g_steal_pointer (&selected);
      return g_strjoinv (" · ", lines);
    }
  if (before->group == WEFT_NONE)
    return g_strdup ("");
  weft_model_group (before->model, before->group, &info);
  return g_strdup_printf (_ ("group %s is selected"), info.name);
}
