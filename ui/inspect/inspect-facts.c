/* inspect-facts.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "inspect/inspect-facts-private.h"

#include "canvas/lane-text.h"
#include "canvas/number-format.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_CALL_BYTES 400

static const char *const state_words[WEFT_TASK_N_STATES] = {
  [WEFT_TASK_WAITING] = N_ ("waiting"),     [WEFT_TASK_QUEUED] = N_ ("queued"),
  [WEFT_TASK_RUNNING] = N_ ("running"),     [WEFT_TASK_MEMORY] = N_ ("in memory"),
  [WEFT_TASK_RELEASED] = N_ ("released"),   [WEFT_TASK_ERRED] = N_ ("erred"),
  [WEFT_TASK_CANCELLED] = N_ ("cancelled"),
};

const char *
weftline_state_word (WeftModelState state)
{
  return _ (state_words[state]);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
fact_free (void *data)
{
  WeftlineFact *fact = data;

  g_free (fact->text);
  g_free (fact);
}

/* As it is to be shown. */
WeftModelState
_weftline_state_of (const WeftlineInspection *in, uint32_t task)
{
  if (in->moment == NULL)
    return weft_model_task_state (in->model, task);
  return task < in->moment->n_tasks ? in->moment->states[task] : WEFT_TASK_WAITING;
}

static void
add (WeftlineInspection *in, WeftlineFactKind kind, const char *title, char *text, uint32_t task)
{
  WeftlineFact *fact = g_new (WeftlineFact, 1);

  *fact = (WeftlineFact){ .kind = kind, .title = title, .text = text, .task = task };
  if (task != WEFT_NONE)
    fact->state = _weftline_state_of (in, task);
  g_ptr_array_add (in->facts, fact);
}

void
_weftline_fact_add (WeftlineInspection *in, WeftlineFactKind kind, const char *title, char *text)
{
  if (text != NULL)
    add (in, kind, title, text, WEFT_NONE);
}

void
_weftline_fact_add_link (WeftlineInspection *in, const char *title, uint32_t task)
{
  add (in, WEFTLINE_FACT_LINK, title, weft_model_task_dup_key (in->model, task), task);
}

bool
weftline_facts_have_same_form (const GPtrArray *facts, const GPtrArray *others)
{
  if (facts->len != others->len)
    return false;
  for (guint i = 0; i < facts->len; i++)
    {
      const WeftlineFact *fact = facts->pdata[i], *other = others->pdata[i];

      if (fact->kind != other->kind || fact->task != other->task
          || strcmp (fact->title, other->title) != 0)
        return false;
    }
  return true;
}

char *
_weftline_lane_text (const WeftModel *model, uint32_t lane)
{
  return weftline_lane_text_of (model, lane);
}

/* ---- what it is ------------------------------------------------------------------------------ */

static void
add_place (WeftlineInspection *in)
{
  g_autofree char *place = weftline_format_count ((uint64_t) in->number + 1);
  g_autofree char *all = weftline_format_count (in->arrays->n_tasks);

  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Order"),
                      g_strdup_printf (_ ("%s of %s"), place, all));
  if (in->snapshot->n_segments > 1)
    {
      g_autofree char *segment = weftline_format_count ((uint64_t) in->segment + 1);
      g_autofree char *segments = weftline_format_count (in->snapshot->n_segments);

      _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Part of the graph"),
                          g_strdup_printf (_ ("%s of %s"), segment, segments));
    }
}

static void
add_resources (WeftlineInspection *in, const WeftTaskAttributes *attributes)
{
  GString *text;

  if (attributes->n_resources == 0)
    return;
  text = g_string_new (NULL);
  for (uint32_t i = 0; i < attributes->n_resources; i++)
    g_string_append_printf (text, "%s%s %g", i > 0 ? ", " : "",
                            weft_graph_string (in->graph, attributes->resources[i].name),
                            attributes->resources[i].amount);
  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Resources"), g_string_free (text, FALSE));
}

/* What was asked for it beyond what is usual. */
static void
add_attributes (WeftlineInspection *in)
{
  uint32_t which = in->arrays->attributes_of_task != NULL
                       ? in->arrays->attributes_of_task[in->number]
                       : WEFT_NONE;
  const WeftTaskAttributes *attributes;

  if (which == WEFT_NONE)
    return;
  attributes = &in->arrays->attributes[which];
  if (attributes->label != WEFT_NONE)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Label"),
                        g_strdup (weft_graph_string (in->graph, attributes->label)));
  if (attributes->priority != 0)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Priority"),
                        g_strdup_printf (WEFTLINE_LEFT_TO_RIGHT "%d", attributes->priority));
  add_resources (in, attributes);
  if (attributes->retries > 0)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Retries allowed"),
                        weftline_format_count (attributes->retries));
  if (attributes->timeout_ns > 0)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Time limit"),
                        weftline_format_duration (attributes->timeout_ns));
}

static void
add_identity (WeftlineInspection *in)
{
  uint32_t group = weft_model_task_group (in->model, in->task);
  WeftModelState now = weft_model_task_state (in->model, in->task);

  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Key"),
                      weft_model_task_dup_key (in->model, in->task));
  add (in, WEFTLINE_FACT_STATE, in->moment != NULL ? _ ("State then") : _ ("State"),
       g_strdup (weftline_state_word (_weftline_state_of (in, in->task))), in->task);
  if (in->moment != NULL)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("State now"),
                        g_strdup (weftline_state_word (now)));
  if (group != WEFT_NO_GROUP)
    {
      WeftModelGroup info;

      weft_model_group (in->model, group, &info);
      _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Group"), g_strdup (info.name));
    }
  if (in->graph == NULL)
    return;
  if (weft_graph_op_name (in->graph, in->number) != NULL)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Operation"),
                        weftline_inspect_call_text (in->graph, in->number, MAX_CALL_BYTES));
  add_place (in);
  add_attributes (in);
}

void
_weftline_inspection_begin (WeftlineInspection *in, uint32_t task)
{
  in->task = task;
  in->segment = weft_model_task_segment (in->model, task, &in->number);
  in->graph = weft_model_graph (in->model, in->segment);
  if (in->graph != NULL && in->number >= weft_graph_arrays (in->graph)->n_tasks)
    in->graph = NULL; /* the segment has grown, and is decoded anew */
  in->arrays = in->graph != NULL ? weft_graph_arrays (in->graph) : NULL;
}

/* ---- all of it ------------------------------------------------------------------------------- */

GPtrArray *
weftline_inspect_facts (const WeftModel *model, const WeftModelSnapshot *snapshot,
                        const WeftMoment *moment, WeftlineTimeForm time_form, uint32_t task)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) dependents = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) attempts = g_array_new (FALSE, FALSE, sizeof (WeftlineAttempt));
  WeftlineInspection in = { .model = model,
                            .snapshot = snapshot,
                            .moment = moment,
                            .time_form = time_form,
                            .facts = g_ptr_array_new_with_free_func (fact_free),
                            .inputs = inputs,
                            .dependents = dependents,
                            .attempts = attempts,
                            .last_input = WEFT_NONE };

  _weftline_inspection_begin (&in, task);
  _weftline_find_inputs (&in);
  _weftline_find_dependents (&in);
  _weftline_find_times (&in);
  add_identity (&in);
  _weftline_add_times (&in);
  _weftline_add_errors (&in);
  _weftline_add_wait (&in);
  _weftline_add_inputs (&in);
  _weftline_add_dependents (&in);
  return in.facts;
}
