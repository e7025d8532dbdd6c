/* replay.c: recorded workflows: tasks without an operation burn their recorded time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task without an operation becomes a call of `replay`, which burns (or sleeps) its recorded run
 * time and holds a buffer of its recorded output size. Edges stay, as the inputs are what makes it
 * wait.
 */
#include "graph/weft-graph-rebuild.h"

typedef struct
{
  const WeftGraphArrays *arrays;
  const WeftReplayOptions *options;
  WeftReplayCounts *counts;
} Replay;

static bool
has_op (const WeftGraphArrays *arrays, uint32_t task)
{
  return arrays->calls[arrays->call_of_task[task]].op != 0;
}

static int64_t
scaled_bytes (const Replay *replay, uint32_t slot)
{
  const uint64_t *bytes = replay->arrays->hints.output_bytes;

  if (bytes == NULL || bytes[slot] == UINT64_MAX)
    return 0;
  return (int64_t) MIN ((double) bytes[slot] * replay->options->bytes + 0.5, 9e18);
}

static void
add_bytes (WeftGraphBuilder *builder, const Replay *replay, uint32_t task, uint32_t n_outputs)
{
  uint32_t slot = weft_graph_output_slot (replay->arrays, task, 0);

  if (n_outputs == 1)
    {
      weft_graph_builder_arg_int64 (builder, scaled_bytes (replay, slot));
      return;
    }
  weft_graph_builder_arg_begin_list (builder);
  for (uint32_t i = 0; i < n_outputs; i++)
    weft_graph_builder_arg_int64 (builder, scaled_bytes (replay, slot + i));
  weft_graph_builder_arg_end (builder);
}

static double
seconds_of (const Replay *replay, uint32_t task)
{
  const int64_t *runtimes = replay->arrays->hints.runtime_ns;

  if (runtimes == NULL || runtimes[task] < 0)
    {
      replay->counts->n_without_time++;
      return (double) replay->options->default_ns / 1e9;
    }
  return (double) runtimes[task] / 1e9 / replay->options->speed;
}

static uint32_t
replace (WeftGraphBuilder *builder, uint32_t task, bool *drop_inputs G_GNUC_UNUSED, void *data)
{
  const Replay *replay = data;
  const WeftCall *call = &replay->arrays->calls[replay->arrays->call_of_task[task]];
  uint32_t n_inputs = weft_graph_n_inputs (replay->arrays, task);

  if (call->op != 0)
    return WEFT_NONE;
  replay->counts->n_replayed++;
  weft_graph_builder_begin_call (builder, "replay", 0, call->n_outputs);
  weft_graph_builder_arg_float64 (builder, seconds_of (replay, task));
  add_bytes (builder, replay, task, call->n_outputs);
  weft_graph_builder_arg_string (builder, replay->options->sleep ? "sleep" : "burn", -1);
  if (n_inputs > 0)
    weft_graph_builder_arg_slots (builder, 0, n_inputs);
  return weft_graph_builder_end_call (builder);
}

WeftGraph *
weft_graph_replay (WeftGraph *graph, const WeftReplayOptions *options, WeftReplayCounts *counts,
                   GError **error)
{
  static const WeftReplayOptions as_recorded = WEFT_REPLAY_AS_RECORDED;
  WeftReplayCounts here = { 0 };
  Replay replay = { weft_graph_arrays (graph), options != NULL ? options : &as_recorded, &here };
  const WeftRebuild how = { .replace = replace, .data = &replay };
  WeftGraph *made = NULL;

  for (uint32_t task = 0; task < replay.arrays->n_tasks && made == NULL; task++)
    if (!has_op (replay.arrays, task))
      {
        made = weft_graph_rebuild (graph, &how, error);
        if (made == NULL)
          return NULL;
      }
  if (counts != NULL)
    *counts = here;
  return made != NULL ? made : weft_graph_ref (graph);
}
