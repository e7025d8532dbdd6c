/* peaks.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "peaks.h"

#include "graph/weft-graph-file.h"
#include "optimize/weft-pass.h"

#include <stdlib.h>

/* ---- graphs ---------------------------------------------------------------------------------- */

/* A call without an operation is run by `replay`, which does what the hints say. */
static uint32_t
replay_call (WeftGraphBuilder *builder, uint32_t n_inputs, uint32_t n_outputs)
{
  weft_graph_builder_begin_call (builder, NULL, 0, n_outputs);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  return weft_graph_builder_end_call (builder);
}

static WeftGraph *
freeze_in_order (WeftGraphBuilder *builder)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *plain = weft_graph_builder_freeze (builder, NULL, &error);
  WeftGraph *graph;

  g_assert_no_error (error);
  graph = weft_optimize (plain, "order", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  weft_graph_unref (plain);
  weft_graph_builder_free (builder);
  return graph;
}

static int64_t
draw_ns (GRand *rand, const PeaksScale *scale)
{
  double ns = g_rand_double (rand) * (double) scale->most_ns / 10;

  return (int64_t) (g_rand_int_range (rand, 0, 10) == 0 ? 10 * ns : ns);
}

WeftGraph *
peaks_graph_of_shape (const WeftShape *shape, const PeaksScale *scale)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autofree WeftTaskOutput *inputs = g_new0 (WeftTaskOutput, shape->n_edges + 1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (scale->seed);

  for (uint32_t task = 0; task < shape->n_tasks; task++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", task);

      weft_graph_builder_mention (builder, key, -1);
    }
  for (uint32_t task = 0; task < shape->n_tasks; task++)
    {
      g_autofree char *key = g_strdup_printf ("t-%u", task);
      uint64_t n_bytes = (uint64_t) ((double) shape->bytes[task] * scale->bytes);
      uint32_t n = fixture_unique_inputs (shape, task, inputs);

      weft_graph_builder_add_task (builder, key, -1, replay_call (builder, n, 1), inputs, n);
      weft_graph_builder_set_hints (builder, task, draw_ns (rand, scale), &n_bytes, 1, WEFT_NONE);
    }
  return freeze_in_order (builder);
}

static void
copy_hints (WeftGraphBuilder *builder, const WeftGraphArrays *arrays, uint32_t task,
            uint32_t n_outputs, const PeaksScale *scale)
{
  g_autofree uint64_t *n_bytes = g_new0 (uint64_t, n_outputs);
  uint32_t slot = weft_graph_output_slot (arrays, task, 0);
  int64_t runtime_ns = arrays->hints.runtime_ns != NULL ? arrays->hints.runtime_ns[task] : 0;

  for (uint32_t k = 0; k < n_outputs && arrays->hints.output_bytes != NULL; k++)
    if (arrays->hints.output_bytes[slot + k] != UINT64_MAX)
      n_bytes[k] = (uint64_t) ((double) arrays->hints.output_bytes[slot + k] * scale->bytes);
  weft_graph_builder_set_hints (builder, task,
                                (int64_t) ((double) MAX (runtime_ns, 0) * scale->seconds), n_bytes,
                                n_outputs, WEFT_NONE);
}

static void
copy_task (WeftGraphBuilder *builder, WeftGraph *from, uint32_t task, const PeaksScale *scale)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (from);
  g_autofree char *key = weft_graph_dup_key (from, task);
  uint32_t n_outputs = arrays->calls[arrays->call_of_task[task]].n_outputs;
  uint32_t first = arrays->input_offsets[task], n = weft_graph_n_inputs (arrays, task);
  g_autofree WeftTaskOutput *inputs = g_new0 (WeftTaskOutput, n + 1);

  for (uint32_t i = 0; i < n; i++)
    inputs[i] =
        (WeftTaskOutput){ arrays->input_tasks[first + i],
                          arrays->input_outputs != NULL ? arrays->input_outputs[first + i] : 0 };
  weft_graph_builder_add_task (builder, key, -1, replay_call (builder, n, n_outputs), inputs, n);
  for (uint32_t i = arrays->after_offsets != NULL ? arrays->after_offsets[task] : 0;
       arrays->after_offsets != NULL && i < arrays->after_offsets[task + 1]; i++)
    weft_graph_builder_add_after (builder, task, arrays->after_tasks[i]);
  copy_hints (builder, arrays, task, n_outputs, scale);
}

WeftGraph *
peaks_graph_of_file (const char *path, const PeaksScale *scale)
{
  g_autoptr (GError) error = NULL;
  WeftGraph *from = weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, &error);
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  g_assert_no_error (error);
  for (uint32_t task = 0; task < weft_graph_arrays (from)->n_tasks; task++)
    copy_task (builder, from, task, scale);
  weft_graph_unref (from);
  return freeze_in_order (builder);
}

/* ---- records --------------------------------------------------------------------------------- */

typedef struct
{
  uint64_t stamp;
  int64_t bytes; /* what goes comes first where stamps are equal: one stamp serves both */
} Event;

typedef struct
{
  const WeftGraphArrays *arrays;
  Peaks *peaks;
  uint64_t *start, *end; /* by task */
  uint64_t *bytes;       /* by slot */
  uint64_t *last_read;   /* by slot: end of its last reader; 0: none */
  GArray *moves;         /* Event: to disk and back */
  uint32_t n_slots;
} Reading;

static void
see_task (Reading *reading, const WeftRecord *record)
{
  const WeftGraphArrays *arrays = reading->arrays;
  uint32_t task = record->task;

  if (weft_record_outcome (record) != WEFT_OUTCOME_OK)
    return;
  reading->peaks->n_tasks++;
  reading->start[task] = record->start;
  reading->end[task] = weft_record_end (record);
  reading->bytes[weft_graph_output_slot (arrays, task, 0)] = weft_record_amount (record);
}

static void
see_move (Reading *reading, const WeftRecord *record)
{
  bool out = record->kind == WEFT_RECORD_SPILL_WRITE;
  int64_t n_bytes = (int64_t) weft_record_amount (record);
  Event event = { out ? weft_record_end (record) : record->start, out ? -n_bytes : n_bytes };

  reading->peaks->n_written += out;
  reading->peaks->written_bytes += out ? (uint64_t) n_bytes : 0;
  reading->peaks->n_read += !out;
  g_array_append_val (reading->moves, event);
}

static void
see (uint32_t lane G_GNUC_UNUSED, const WeftRecord *record, void *data)
{
  Reading *reading = data;

  switch (record->kind)
    {
    case WEFT_RECORD_TASK:
      see_task (reading, record);
      break;
    case WEFT_RECORD_OUTPUT:
      reading->bytes[record->task] = weft_record_amount (record);
      break;
    case WEFT_RECORD_SPILL_WRITE:
    case WEFT_RECORD_SPILL_READ:
      see_move (reading, record);
      break;
    case WEFT_RECORD_SPILL_FAILED:
      reading->peaks->n_failed_writes++;
      break;
    case WEFT_RECORD_ADMITTED:
      reading->peaks->n_admitted++;
      break;
    case WEFT_RECORD_RELEASED:
      reading->peaks->n_released++;
      break;
    default:
      break;
    }
}

static uint32_t
input_slot (const WeftGraphArrays *arrays, uint32_t edge)
{
  return weft_graph_output_slot (arrays, arrays->input_tasks[edge],
                                 arrays->input_outputs != NULL ? arrays->input_outputs[edge] : 0);
}

static void
find_last_reads (Reading *reading)
{
  const WeftGraphArrays *arrays = reading->arrays;

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    for (uint32_t e = arrays->input_offsets[task]; e < arrays->input_offsets[task + 1]; e++)
      {
        uint32_t slot = input_slot (arrays, e);

        reading->last_read[slot] = MAX (reading->last_read[slot], reading->end[task]);
      }
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    reading->last_read[weft_graph_output_slot (arrays, arrays->wanted[i].task,
                                               arrays->wanted[i].output)] = UINT64_MAX;
}

static int
compare_events (const void *a, const void *b)
{
  const Event *x = a, *y = b;

  if (x->stamp != y->stamp)
    return x->stamp < y->stamp ? -1 : 1;
  return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static uint64_t
most_live (GArray *events)
{
  int64_t live = 0, most = 0;

  qsort (events->data, events->len, sizeof (Event), compare_events);
  for (guint i = 0; i < events->len; i++)
    {
      live += g_array_index (events, Event, i).bytes;
      most = MAX (most, live);
    }
  return (uint64_t) most;
}

static uint64_t
recorded_peak (Reading *reading)
{
  const WeftGraphArrays *arrays = reading->arrays;

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    for (uint32_t slot = weft_graph_output_slot (arrays, task, 0);
         slot < weft_graph_output_slot (arrays, task + 1, 0); slot++)
      {
        Event birth = { reading->start[task], (int64_t) reading->bytes[slot] };
        Event death = { MAX (reading->last_read[slot], reading->end[task]), -birth.bytes };

        g_array_append_val (reading->moves, birth);
        g_array_append_val (reading->moves, death);
      }
  return most_live (reading->moves);
}

void
peaks_of_run (WeftRun *run, WeftGraph *graph, Peaks *peaks)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  uint32_t n_slots = weft_graph_n_slots (graph);
  g_autofree uint64_t *start = g_new0 (uint64_t, arrays->n_tasks + 1);
  g_autofree uint64_t *end = g_new0 (uint64_t, arrays->n_tasks + 1);
  g_autofree uint64_t *bytes = g_new0 (uint64_t, n_slots + 1);
  g_autofree uint64_t *last_read = g_new0 (uint64_t, n_slots + 1);
  g_autoptr (GArray) moves = g_array_new (FALSE, FALSE, sizeof (Event));
  Reading reading = { arrays, peaks, start, end, bytes, last_read, moves, n_slots };
  WeftOrderFigures figures;

  *peaks = (Peaks){ 0 };
  weft_recorder_foreach (weft_run_recorder (run), see, &reading);
  find_last_reads (&reading);
  peaks->recorded_bytes = recorded_peak (&reading);
  weft_order_simulate (graph, bytes, &figures);
  peaks->static_bytes = figures.peak_bytes;
}
