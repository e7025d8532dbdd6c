/* eta-reader.c: what is left of a run that is known by its model
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Durations are read from the lanes' spans, from where the last look ended; of more than so many at
 * a time every second, third … is looked at. What is left are all tasks that have not ended, with
 * the edges between them: those within a segment, those through imports, and from a graph that
 * stands in for a task to that task, which itself takes no time then.
 */
#include "model/weft-eta-private.h"

#include <string.h>

#define MOST_SPANS 4000 /* to be looked at, a lane and call */

struct _WeftEtaReader
{
  WeftModel *model;
  GArray *groups;  /* of WeftEtaGroup, by the model's number */
  GArray *cursors; /* of uint64_t, by lane */
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
      || span->task >= n_tasks)
    return;
  weft_eta_group_add (&g_array_index (reader->groups, WeftEtaGroup, span->group),
                      (double) MAX (span->end_ns - span->start_ns, 0),
                      hint_of (reader->model, span->task));
}

static void
read_lane (WeftEtaReader *reader, uint32_t lane, uint32_t n_tasks)
{
  uint64_t *cursor = &g_array_index (reader->cursors, uint64_t, lane), n, step;
  WeftModelLane info;

  weft_model_lane (reader->model, lane, &info);
  n = weft_spans_n (info.spans);
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
  uint32_t n_tasks;
  uint32_t *numbers; /* by task: in the rest, or WEFT_NONE */
  EtaRest *rest;
  GArray *edges; /* of EtaEdge */
} Looking;

static bool
is_left (const WeftModel *model, uint32_t task)
{
  WeftModelState state = weft_model_task_state (model, task);

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
take_running (Looking *looking, const WeftModelSnapshot *snapshot)
{
  for (uint32_t lane = 0; lane < snapshot->n_lanes; lane++)
    {
      WeftModelNow now;

      if (!weft_model_now (looking->model, lane, &now) || now.kind != WEFT_RECORD_TASK
          || now.task >= looking->n_tasks || looking->numbers[now.task] == WEFT_NONE)
        continue;
      looking->rest->ages[looking->numbers[now.task]] =
          (float) MAX (snapshot->last_ns - now.start_ns, 0);
      looking->rest->n_running++;
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

/* The task that an import stands for; WEFT_NONE: unknown, or a value. */
static uint32_t
import_source (const Looking *looking, uint32_t segment, WeftGraph *graph, uint32_t index)
{
  const WeftImport *import = &weft_graph_arrays (graph)->imports[index];

  if (import->kind == WEFT_IMPORT_TASK)
    return weft_model_task_of (looking->model, import->segment, import->task);
  while (import->kind == WEFT_IMPORT_KEY && segment-- > 0)
    {
      WeftGraph *earlier = weft_model_graph (looking->model, segment);
      uint32_t number = WEFT_NONE;

      if (earlier != NULL)
        number = weft_graph_find (earlier, weft_graph_string (graph, import->key), -1);
      if (number != WEFT_NONE)
        return weft_model_task_of (looking->model, segment, number);
    }
  return WEFT_NONE;
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
    take_dependents (looking, import_source (looking, segment, graph, i), segment, arrays,
                     arrays->n_tasks + i);
  if (arrays != NULL)
    take_parent (looking, segment, arrays);
}

static void
look (Looking *looking, const WeftModelSnapshot *snapshot)
{
  uint32_t n = 0;

  for (uint32_t task = 0; task < looking->n_tasks; task++)
    looking->numbers[task] = is_left (looking->model, task) ? n++ : WEFT_NONE;
  _weft_eta_rest_init (looking->rest, n);
  take_tasks (looking);
  take_running (looking, snapshot);
  for (uint32_t segment = 0; n > 0 && segment < snapshot->n_segments; segment++)
    take_segment (looking, segment);
  _weft_eta_rest_connect (looking->rest, (const EtaEdge *) (void *) looking->edges->data,
                          looking->edges->len);
}

/* ---- settings -------------------------------------------------------------------------------- */

static uint32_t
n_workers (const WeftModel *model, const WeftModelSnapshot *snapshot)
{
  uint64_t n = weft_model_series_n (model, WEFT_SERIES_WORKERS);
  uint32_t n_threads = 0;

  if (n > 0)
    return (uint32_t) MAX (weft_model_series_get (model, WEFT_SERIES_WORKERS, n - 1).value, 1);
  for (uint32_t i = 0; i < snapshot->n_lanes; i++)
    {
      WeftModelLane info;

      weft_model_lane (model, i, &info);
      n_threads += info.kind == WEFT_LANE_THREAD;
    }
  return MAX (n_threads, 1);
}

static int64_t
delay_ns (const WeftModel *model)
{
  for (uint32_t i = weft_model_n_settings (model); i-- > 0;)
    {
      WeftModelSetting setting;

      weft_model_setting (model, i, &setting);
      if (setting.setting == WEFT_SETTING_SLOW_MOTION)
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
  EtaRest rest;
  Looking looking = { reader->model, snapshot->n_tasks, numbers, &rest, edges };
  WeftEtaFacts facts;

  read_lanes (reader, snapshot);
  look (&looking, snapshot);
  facts = (WeftEtaFacts){ .groups = (const WeftEtaGroup *) (void *) reader->groups->data,
                          .n_groups = reader->groups->len,
                          .n_workers = n_workers (reader->model, snapshot),
                          .ns_per_unit = 1,
                          .delay_ns = delay_ns (reader->model) };
  _weft_eta_of_rest (&facts, &rest, eta);
  _weft_eta_rest_clear (&rest);
}
