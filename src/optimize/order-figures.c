/* order-figures.c: what running a graph's tasks by id holds at most
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The engine's own rules for one worker: an output is counted and freed by itself, order-only edges
 * hold nothing. (order-simulate.c is the checker of the static order, where a task has one result.)
 */
#include "config.h"

#include "optimize/weft-pass-private.h"

typedef struct
{
  const WeftGraphArrays *a;
  const uint64_t *bytes; /* (nullable) */
  uint32_t *readers_left;
  uint64_t live_results, live_bytes;
} Memory;

static inline uint32_t
input_slot (const WeftGraphArrays *a, uint32_t entry)
{
  uint32_t output = a->input_outputs != NULL ? a->input_outputs[entry] : 0;

  return weft_graph_output_slot (a, a->input_tasks[entry], output);
}

/* Readers of each slot; one for being wanted, which never ends. (transfer full) */
static uint32_t *
count_readers (const WeftGraph *graph)
{
  const WeftGraphArrays *a = &graph->arrays;
  uint32_t *readers = g_new0 (uint32_t, (size_t) graph->n_slots + 1);

  for (uint32_t e = 0; e < a->input_offsets[a->n_tasks]; e++)
    if (a->input_tasks[e] < a->n_tasks)
      readers[input_slot (a, e)]++;
  for (uint32_t i = 0; i < a->n_wanted; i++)
    readers[weft_graph_output_slot (a, a->wanted[i].task, a->wanted[i].output)]++;
  return readers;
}

static void
hold (Memory *memory, uint32_t slot)
{
  memory->live_results++;
  memory->live_bytes += memory->bytes != NULL ? memory->bytes[slot] : 1;
}

static void
drop (Memory *memory, uint32_t slot)
{
  memory->live_results--;
  memory->live_bytes -= memory->bytes != NULL ? memory->bytes[slot] : 1;
}

static void
end_task (Memory *memory, uint32_t task)
{
  const WeftGraphArrays *a = memory->a;

  for (uint32_t e = a->input_offsets[task]; e < a->input_offsets[task + 1]; e++)
    if (a->input_tasks[e] < a->n_tasks && --memory->readers_left[input_slot (a, e)] == 0)
      drop (memory, input_slot (a, e));
  for (uint32_t s = weft_graph_output_slot (a, task, 0);
       s < weft_graph_output_slot (a, task + 1, 0); s++)
    if (memory->readers_left[s] == 0)
      drop (memory, s);
}

static void
start_task (Memory *memory, uint32_t task, WeftOrderFigures *figures)
{
  const WeftGraphArrays *a = memory->a;

  for (uint32_t s = weft_graph_output_slot (a, task, 0);
       s < weft_graph_output_slot (a, task + 1, 0); s++)
    hold (memory, s);
  figures->peak_results = MAX (figures->peak_results, memory->live_results);
  if (memory->live_bytes > figures->peak_bytes)
    {
      figures->peak_bytes = memory->live_bytes;
      figures->peak_task = task;
    }
}

void
_weft_order_figures (const WeftGraph *graph, const uint64_t *bytes, const uint32_t *order,
                     WeftOrderFigures *figures)
{
  g_autofree uint64_t *hinted = bytes == NULL ? _weft_pass_slot_bytes (graph) : NULL;
  g_autofree uint32_t *readers = count_readers (graph);
  Memory memory = { .a = &graph->arrays,
                    .bytes = bytes != NULL ? bytes : hinted,
                    .readers_left = readers };

  *figures = (WeftOrderFigures){ 0 };
  for (uint32_t k = 0; k < graph->arrays.n_tasks; k++)
    {
      uint32_t task = order != NULL ? order[k] : k;

      start_task (&memory, task, figures);
      end_task (&memory, task);
    }
}

void
weft_order_simulate (const WeftGraph *graph, const uint64_t *bytes, WeftOrderFigures *figures)
{
  _weft_order_figures (graph, bytes, NULL, figures);
}
