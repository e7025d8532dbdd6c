/* eta-reader.c: what is left of a run that is known by its model
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Durations are read from the lanes' spans, from where the last look ended; of more than so many at
 * a time every second, third … is looked at. What is left are all tasks that have not ended, with
 * the edges between them: those within a segment, those through imports, and from a graph that
 * stands in for a task to that task, which itself takes no time then.
 *
 * Of a moment of the past the same is told, by a reader that looks no further.
 */
#include "model/weft-eta-private.h"
#include "model/weft-inputs-private.h"

#include <string.h>

#define MOST_SPANS 4000 /* to be looked at, a lane and call */

struct _WeftEtaReader
{
  WeftModel *model;
  const WeftMoment *moment; /* (nullable): as of then */
  GArray *groups;           /* of WeftEtaGroup, by the model's number */
  GArray *cursors;          /* of uint64_t, by lane */
};

/* ---- what has ended -------------------------------------------------------------------------- */

static double
hint_of (const WeftModel *model, uint32_t task)
{
  uint32_t number, segment = weft_model_task_segment (model, task, &number);
  WeftGraph *graph = weft_model_graph (model, segment);
  const int64_t *hints = graph != NULL ? weft_graph_arrays (graph)->hints.runtime_ns : NULL;

  return hints != NULL && number < weft_graph_arrays (graph)->n_tasks ? (double) hints[number] : 0;
}

static void
take_span (WeftEtaReader *reader, const WeftSpan *span, uint32_t n_tasks)
{
  if (span->kind != WEFT_RECORD_TASK || span->how >> 4 != WEFT_OUTCOME_OK
      || (span->flags & WEFT_RECORD_CONTINUED) || span->group >= reader->groups->len
      || span->task >= n_tasks || (reader->moment != NULL && span->end_ns > reader->moment->at_ns))
    return;
  weft_eta_group_add (&g_array_index (reader->groups, WeftEtaGroup, span->group),
                      (double) MAX (span->end_ns - span->start_ns, 0),
                      hint_of (reader->model, span->task));
}

/* How many spans of a lane there are to be looked at. */
static uint64_t
n_spans (const WeftEtaReader *reader, const WeftSpans *spans)
{
  uint64_t n = weft_spans_n (spans);

  return reader->moment != NULL && weft_spans_is_ordered (spans)
             ? weft_spans_find (spans, n, reader->moment->at_ns)
             : n;
}

static void
read_lane (WeftEtaReader *reader, uint32_t lane, uint32_t n_tasks)
{
  uint64_t *cursor = &g_array_index (reader->cursors, uint64_t, lane), n, step;
  WeftModelLane info;

  weft_model_lane (reader->model, lane, &info);
  n = n_spans (reader, info.spans);
  step = MAX ((n - *cursor) / MOST_SPANS, 1);
  for (; *cursor < n; *cursor += step)
    take_span (reader, weft_spans_get (info.spans, *cursor), n_tasks);
  *cursor = n;
}

static void
read_lanes (WeftEtaReader *reader, const WeftModelSnapshot *snapshot)
{
  while (reader->groups->len < snapshot->n_groups)
    {
      WeftEtaGroup group;

      weft_eta_group_init (&group);
      g_array_append_val (reader->groups, group);
    }
  if (reader->cursors->len < snapshot->n_lanes)
    g_array_set_size (reader->cursors, snapshot->n_lanes);
  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    read_lane (reader, lane, snapshot->n_tasks);
}

/* ---- what is left ---------------------------------------------------------------------------- */

typedef struct
{
  const WeftModel *model;
  const WeftMoment *moment; /* (nullable) */
  uint32_t n_tasks;
  uint32_t *numbers; /* by task: in the rest, or WEFT_NONE */
  EtaRest *rest;
  GArray *edges; /* of EtaEdge */
} Looking;

static bool
is_left (const Looking *looking, uint32_t task)
{
  WeftModelState state = looking->moment == NULL ? weft_model_task_state (looking->model, task)
                                                 : looking->moment->states[task];

  return state == WEFT_TASK_WAITING || state == WEFT_TASK_QUEUED || state == WEFT_TASK_RUNNING;
}

static void
take_tasks (Looking *looking)
{
  EtaRest *rest = looking->rest;

  for (uint32_t task = 0; task < looking->n_tasks; task++)
    if (looking->numbers[task] != WEFT_NONE)
      {
        uint32_t number = looking->numbers[task];

        rest->groups[number] = weft_model_task_group (looking->model, task);
        rest->hints[number] = (float) MAX (hint_of (looking->model, task), 0);
      }
}

static void
set_age (Looking *looking, uint32_t task, int64_t ns)
{
  looking->rest->ages[looking->numbers[task]] = (float) MAX (ns, 0);
  looking->rest->n_running++;
}

static void
take_running (Looking *looking, const WeftModelSnapshot *snapshot)
{
  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelNow now;

      if (!weft_model_now (looking->model, lane, &now) || now.kind != WEFT_RECORD_TASK
          || now.task >= looking->n_tasks || looking->numbers[now.task] == WEFT_NONE)
        continue;
      set_age (looking, now.task, snapshot->last_ns - now.start_ns);
    }
}

/* Those of which it is known when they started. */
static void
take_running_then (Looking *looking, const WeftModelSnapshot *snapshot)
{
  int64_t at_ns = looking->moment->at_ns;
  WeftModelLane info;
  WeftModelNow now;
  uint64_t index;
  uint32_t lane;

  for (lane = 0; lane < snapshot->n_lanes; lane++)
    if (weft_model_now (looking->model, lane, &now) && now.kind == WEFT_RECORD_TASK
        && now.task < looking->n_tasks && looking->numbers[now.task] != WEFT_NONE
        && looking->moment->states[now.task] == WEFT_TASK_RUNNING && now.start_ns <= at_ns)
      set_age (looking, now.task, at_ns - now.start_ns);
  for (uint32_t task = 0; task < looking->n_tasks; task++)
    {
      if (looking->numbers[task] == WEFT_NONE || looking->moment->states[task] != WEFT_TASK_RUNNING
          || looking->rest->ages[looking->numbers[task]] >= 0
          || !weft_moment_attempt (looking->moment, looking->model, task, &lane, &index))
        continue;
      weft_model_lane (looking->model, lane, &info);
      set_age (looking, task, at_ns - weft_spans_get (info.spans, index)->start_ns);
    }
}

static void
add_edge (Looking *looking, uint32_t from, uint32_t to)
{
  EtaEdge edge = { from < looking->n_tasks ? looking->numbers[from] : WEFT_NONE,
                   to < looking->n_tasks ? looking->numbers[to] : WEFT_NONE };

  if (edge.from != WEFT_NONE && edge.to != WEFT_NONE)
    g_array_append_val (looking->edges, edge);
}

/* From a task, or what an import stands for, to those in the segment that read it. */
static void
take_dependents (Looking *looking, uint32_t from, uint32_t segment, const WeftGraphArrays *arrays,
                 uint32_t index)
{
  if (from >= looking->n_tasks || looking->numbers[from] == WEFT_NONE)
    return;
  for (uint32_t i = arrays->dependent_offsets[index]; i < arrays->dependent_offsets[index + 1]; i++)
    add_edge (looking, from, weft_model_task_of (looking->model, segment, arrays->dependents[i]));
}

/* A task for which a graph stands in ends with it. */
static void
take_parent (Looking *looking, uint32_t segment, const WeftGraphArrays *arrays)
{
  uint32_t parent = weft_model_segment_parent (looking->model, segment);

  if (parent >= looking->n_tasks || looking->numbers[parent] == WEFT_NONE)
    return;
  looking->rest->groups[looking->numbers[parent]] = ETA_NO_GROUP;
  for (uint32_t i = 0; i < arrays->n_tasks; i++)
    if (arrays->dependent_offsets[i] == arrays->dependent_offsets[i + 1])
      add_edge (looking, weft_model_task_of (looking->model, segment, i), parent);
}

static void
take_segment (Looking *looking, uint32_t segment)
{
  WeftGraph *graph = weft_model_graph (looking->model, segment);
  const WeftGraphArrays *arrays = graph != NULL ? weft_graph_arrays (graph) : NULL;

  for (uint32_t i = 0; arrays != NULL && i < arrays->n_tasks; i++)
    take_dependents (looking, weft_model_task_of (looking->model, segment, i), segment, arrays, i);
  for (uint32_t i = 0; arrays != NULL && i < arrays->n_imports; i++)
    take_dependents (looking,
                     _weft_input_source (looking->model, graph, segment, arrays->n_tasks + i),
                     segment, arrays, arrays->n_tasks + i);
  if (arrays != NULL)
    take_parent (looking, segment, arrays);
}

/* Whether any of its tasks could start. */
static bool
has_begun (const Looking *looking, uint32_t segment)
{
  WeftGraph *graph = weft_model_graph (looking->model, segment);
  uint32_t n = graph != NULL ? weft_graph_arrays (graph)->n_tasks : 0;

  for (uint32_t number = 0; number < n; number++)
    {
      uint32_t task = weft_model_task_of (looking->model, segment, number);

      if (task < looking->n_tasks && looking->moment->states[task] != WEFT_TASK_WAITING)
        return true;
    }
  return false;
}

/* What was not known yet is not left either. */
static void
leave_out_later (Looking *looking, uint32_t n_segments)
{
  for (uint32_t segment = 1; segment < n_segments; segment++)
    {
      WeftGraph *graph = weft_model_graph (looking->model, segment);
      uint32_t n =
          graph != NULL && !has_begun (looking, segment) ? weft_graph_arrays (graph)->n_tasks : 0;

      for (uint32_t number = 0; number < n; number++)
        {
          uint32_t task = weft_model_task_of (looking->model, segment, number);

          if (task < looking->n_tasks)
            looking->numbers[task] = WEFT_NONE;
        }
    }
}

static uint32_t
number_tasks (Looking *looking, uint32_t n_segments)
{
  uint32_t n = 0;

  for (uint32_t task = 0; task < looking->n_tasks; task++)
    looking->numbers[task] = is_left (looking, task) ? 0 : WEFT_NONE;
  if (looking->moment != NULL)
    leave_out_later (looking, n_segments);
  for (uint32_t task = 0; task < looking->n_tasks; task++)
    if (looking->numbers[task] != WEFT_NONE)
      looking->numbers[task] = n++;
  return n;
}

/* What was told after its task. */
static void
take_links (Looking *looking)
{
  uint32_t n;
  g_autofree WeftModelLink *links = weft_model_dup_links (
      looking->model, weft_model_n_links (looking->model), looking->n_tasks, &n);

  for (uint32_t i = 0; i < n; i++)
    add_edge (looking, links[i].needs, links[i].task);
}

static void
look (Looking *looking, const WeftModelSnapshot *snapshot)
{
  uint32_t n = number_tasks (looking, snapshot->n_segments);

  _weft_eta_rest_init (looking->rest, n);
  take_tasks (looking);
  if (looking->moment != NULL)
    take_running_then (looking, snapshot);
  else
    take_running (looking, snapshot);
  for (uint32_t segment = 0; n > 0 && segment < snapshot->n_segments; segment++)
    take_segment (looking, segment);
  take_links (looking);
  _weft_eta_rest_connect (looking->rest, (const EtaEdge *) (void *) looking->edges->data,
                          looking->edges->len);
}

/* ---- settings -------------------------------------------------------------------------------- */

static uint32_t
n_workers (const WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns)
{
  uint64_t n = weft_model_series_n (model, WEFT_SERIES_WORKERS);
  uint64_t last = weft_model_series_find (model, WEFT_SERIES_WORKERS, n, at_ns);
  uint32_t n_threads = 0;

  if (last < n)
    return (uint32_t) MAX (weft_model_series_get (model, WEFT_SERIES_WORKERS, last).value, 1);
  for (uint32_t i = 0; i < snapshot->n_lanes; i++)
    {
      WeftModelLane info;

      weft_model_lane (model, i, &info);
      n_threads += info.kind == WEFT_LANE_THREAD;
    }
  return MAX (n_threads, 1);
}

static int64_t
delay_ns (const WeftModel *model, int64_t at_ns)
{
  for (uint32_t i = weft_model_n_settings (model); i-- > 0;)
    {
      WeftModelSetting setting;

      weft_model_setting (model, i, &setting);
      if (setting.setting == WEFT_SETTING_SLOW_MOTION && setting.at_ns <= at_ns)
        return (int64_t) setting.value;
    }
  return 0;
}

/* ---- the reader ------------------------------------------------------------------------------ */

WeftEtaReader *
weft_eta_reader_new (WeftModel *model)
{
  WeftEtaReader *reader = g_new0 (WeftEtaReader, 1);

  reader->model = weft_model_ref (model);
  reader->groups = g_array_new (FALSE, TRUE, sizeof (WeftEtaGroup));
  reader->cursors = g_array_new (FALSE, TRUE, sizeof (uint64_t));
  return reader;
}

void
weft_eta_reader_free (WeftEtaReader *reader)
{
  if (reader == NULL)
    return;
  weft_model_unref (reader->model);
  g_array_unref (reader->groups);
  g_array_unref (reader->cursors);
  g_free (reader);
}

void
weft_eta_reader_estimate (WeftEtaReader *reader, const WeftModelSnapshot *snapshot, WeftEta *eta)
{
  g_autofree uint32_t *numbers = g_new (uint32_t, (size_t) snapshot->n_tasks + 1);
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (EtaEdge));
  int64_t at_ns = reader->moment != NULL ? reader->moment->at_ns : INT64_MAX;
  uint32_t n_tasks =
      reader->moment != NULL ? MIN (reader->moment->n_tasks, snapshot->n_tasks) : snapshot->n_tasks;
  EtaRest rest;
  Looking looking = { reader->model, reader->moment, n_tasks, numbers, &rest, edges };
  WeftEtaFacts facts;

  read_lanes (reader, snapshot);
  look (&looking, snapshot);
  facts = (WeftEtaFacts){ .groups = (const WeftEtaGroup *) (void *) reader->groups->data,
                          .n_groups = reader->groups->len,
                          .n_workers = n_workers (reader->model, snapshot, at_ns),
                          .ns_per_unit = 1,
                          .delay_ns = delay_ns (reader->model, at_ns) };
  _weft_eta_of_rest (&facts, &rest, eta);
  _weft_eta_rest_clear (&rest);
}

void
weft_eta_estimate_then (WeftModel *model, const WeftModelSnapshot *snapshot,
                        const WeftMoment *moment, WeftEta *eta)
{
  WeftEtaReader *reader = weft_eta_reader_new (model);

  reader->moment = moment;
  weft_eta_reader_estimate (reader, snapshot, eta);
  weft_eta_reader_free (reader);
}
