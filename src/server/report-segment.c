/* report-segment.c: what was said of tasks since the last flush, as a segment of the run's graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A graph's tasks are numbered so that what is read stands before what reads it, and nobody says
 * them in that order. So a batch is built and frozen as any other graph, and its tasks learn then
 * which number they have.
 */
#include "config.h"

#include "server/weft-report-data-private.h"

#include "graph/weft-graph-builder.h"
#include "graph/weft-graph-codec.h"
#include "graph/weft-builder-private.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  WeftReport *report;
  WeftGraphBuilder *builder;
  uint32_t first; /* of the batch; builder ids are its tasks' numbers minus this */
  uint32_t n;
  GArray *inputs;             /* WeftTaskOutput: of the task that is being added */
  uint32_t call, call_inputs; /* of the task before */
  uint32_t *groups;           /* by the number of the name: the builder's string, or WEFT_NONE */
} Batch;

static int
compare_edges (const void *a, const void *b)
{
  const WeftReportEdge *one = a, *other = b;

  if (one->task != other->task)
    return one->task < other->task ? -1 : 1;
  return one->input < other->input ? -1 : one->input > other->input;
}

#define FEW 16u

static void
sort_few (WeftReportEdge *edges, guint n)
{
  if (n > FEW)
    qsort (edges, n, sizeof *edges, compare_edges);
  for (guint i = 1; i < n && n <= FEW; i++)
    for (guint k = i; k > 0 && edges[k].input < edges[k - 1].input; k--)
      {
        WeftReportEdge edge = edges[k];

        edges[k] = edges[k - 1];
        edges[k - 1] = edge;
      }
}

/* By task; of each by input, so that what was said twice stands together. Mostly tasks are said one
 * after the other, with what they read: then only that is put in order. */
static void
sort_edges (GArray *all)
{
  WeftReportEdge *edges = (WeftReportEdge *) (void *) all->data;
  guint n = all->len, begin = 0;

  for (guint i = 1; i < n; i++)
    if (edges[i].task < edges[i - 1].task)
      {
        g_array_sort (all, compare_edges);
        return;
      }
  for (guint i = 1; i <= n; i++)
    if (i == n || edges[i].task != edges[begin].task)
      {
        sort_few (edges + begin, i - begin);
        begin = i;
      }
}

/* What a task reads, as the builder knows it. */
static uint32_t
input_id (Batch *batch, uint32_t input)
{
  const WeftReportTask *told = &batch->report->tasks[input];

  if (told->segment == WEFT_NONE)
    return input - batch->first;
  return weft_graph_builder_import_task (batch->builder, told->segment, told->task, 0);
}

/* The task's edges, from *at on, each once. */
static void
gather_inputs (Batch *batch, uint32_t task, guint *at)
{
  const WeftReportEdge *edges = (const WeftReportEdge *) (void *) batch->report->edges->data;
  guint n = batch->report->edges->len;

  g_array_set_size (batch->inputs, 0);
  for (; *at < n && edges[*at].task == task; (*at)++)
    {
      WeftTaskOutput input = { .task = input_id (batch, edges[*at].input) };

      if (*at == 0 || compare_edges (&edges[*at], &edges[*at - 1]) != 0)
        g_array_append_val (batch->inputs, input);
    }
}

/* A group's name, which many tasks have, goes to the builder once. */
static uint32_t
string_of (Batch *batch, uint32_t name)
{
  size_t n_chars;

  if (batch->groups[name] == WEFT_NONE)
    batch->groups[name] = weft_graph_builder_string (
        batch->builder, _weft_intern_get (&batch->report->group_names, name, &n_chars));
  return batch->groups[name];
}

static void
add_task (Batch *batch, uint32_t task, guint *at)
{
  size_t n_chars;
  const char *key = _weft_intern_get (&batch->report->keys, task, &n_chars);
  void *group = g_hash_table_lookup (batch->report->groups, GUINT_TO_POINTER (task));

  gather_inputs (batch, task, at);
  if (batch->call == WEFT_NONE || batch->call_inputs != batch->inputs->len)
    {
      weft_graph_builder_begin_call (batch->builder, NULL, 0, 1);
      if (batch->inputs->len > 0)
        weft_graph_builder_arg_slots (batch->builder, 0, batch->inputs->len);
      batch->call = weft_graph_builder_end_call (batch->builder);
      batch->call_inputs = batch->inputs->len;
    }
  weft_graph_builder_add_task (batch->builder, key, (gssize) n_chars, batch->call,
                               (const WeftTaskOutput *) (void *) batch->inputs->data,
                               batch->inputs->len);
  if (group != NULL)
    _weft_graph_builder_set_group (batch->builder, task - batch->first,
                                   string_of (batch, GPOINTER_TO_UINT (group) - 1));
  if (batch->report->keeps || batch->report->tasks[task].is_wanted)
    weft_graph_builder_want (batch->builder, task - batch->first, 0);
}

/* Returns: (nullable): the graph; new_ids: of each task of the batch */
static WeftGraph *
freeze_batch (WeftReport *report, uint32_t *new_ids, GError **error)
{
  Batch batch = { .report = report,
                  .builder = weft_graph_builder_new (),
                  .first = report->n_written,
                  .n = report->keys.n - report->n_written,
                  .inputs = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput)),
                  .call = WEFT_NONE,
                  .groups = g_new (uint32_t, report->group_names.n) };
  WeftGraph *graph;
  guint at = 0;

  weft_graph_builder_reserve (batch.builder, batch.n, report->edges->len);
  sort_edges (report->edges);
  if (report->group_names.n > 0)
    memset (batch.groups, 0xff, report->group_names.n * sizeof *batch.groups);
  for (uint32_t i = 0; i < batch.n; i++) /* in this order they get these ids */
    {
      size_t n_chars;
      const char *key = _weft_intern_get (&report->keys, batch.first + i, &n_chars);

      weft_graph_builder_mention (batch.builder, key, (gssize) n_chars);
    }
  for (uint32_t i = 0; i < batch.n; i++)
    add_task (&batch, batch.first + i, &at);
  graph = weft_graph_builder_freeze (batch.builder, new_ids, error);
  weft_graph_builder_free (batch.builder);
  g_array_unref (batch.inputs);
  g_free (batch.groups);
  return graph;
}

static void
write_pieces (WeftReport *report, WeftGraph *graph)
{
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  WeftSegmentHead head = { .segment = report->n_segments,
                           .parent_segment = WEFT_NONE,
                           .parent_task = WEFT_NONE };
  bool more = true;

  for (; more; head.piece++)
    {
      GByteArray *payload = g_byte_array_new ();

      g_byte_array_set_size (payload, sizeof head);
      more =
          weft_graph_encoder_next (encoder, head.piece, payload, &head.first_task, &head.n_tasks);
      head.flags = (head.piece == 0 ? WEFT_SEGMENT_FIRST : 0) | (more ? 0 : WEFT_SEGMENT_LAST);
      memcpy (payload->data, &head, sizeof head);
      _weft_report_frame (report, WEFT_FRAME_SEGMENT, report->n_segments, 0, payload);
    }
  weft_graph_encoder_free (encoder);
}

bool
_weft_report_write_segment (WeftReport *report, GError **error)
{
  uint32_t n = report->keys.n - report->n_written;
  g_autofree uint32_t *new_ids = NULL;
  GError *why = NULL;
  WeftGraph *graph;

  if (n == 0)
    return true;
  new_ids = g_new (uint32_t, n);
  graph = freeze_batch (report, new_ids, &why);
  if (graph == NULL)
    {
      _weft_report_drop_cycles (report);
      graph = freeze_batch (report, new_ids, NULL);
      g_propagate_error (error, why);
    }
  g_array_set_size (report->edges, 0);
  g_hash_table_remove_all (report->groups);
  _weft_intern_clear (&report->group_names);
  if (graph == NULL)
    return false;
  write_pieces (report, graph);
  weft_graph_unref (graph);
  for (uint32_t i = 0; i < n; i++)
    {
      report->tasks[report->n_written + i].segment = report->n_segments;
      report->tasks[report->n_written + i].task = new_ids[i];
    }
  report->n_written += n;
  report->n_segments++;
  return why == NULL;
}
