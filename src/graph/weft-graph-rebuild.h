/* weft-graph-rebuild.h: a graph once more, with some of it changed
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Any thread.
 */
#pragma once

#include "graph/weft-graph-builder.h"

/**
 * WeftRebuildFunc:
 * @drop_inputs: (out): set when the new call reads none of the task's inputs; the task then has no
 *   dependencies at all
 *
 * Begins, fills and ends a call that takes the place of the task's own. Returns: its number, or
 * WEFT_NONE to keep the task as it is
 */
typedef uint32_t (*WeftRebuildFunc) (WeftGraphBuilder *builder, uint32_t task, bool *drop_inputs,
                                     void *data);

typedef struct
{
  WeftRebuildFunc replace; /* (nullable): all tasks stay */
  void *data;
  const WeftTaskOutput *wanted; /* (nullable): the graph's own */
  uint32_t n_wanted;
} WeftRebuild;

/**
 * weft_graph_rebuild:
 * @graph: its constants are no in-process objects (graphs from files have none), and it has no
 *   imports
 * @how: (scope call): what changes
 *
 * Writes the graph once more, through a builder; ids stay. O(tasks + edges).
 *
 * Returns: (transfer full) (nullable): %NULL with an error as weft_graph_builder_freeze()
 */
WEFT_API WeftGraph *weft_graph_rebuild (WeftGraph *graph, const WeftRebuild *how, GError **error);

typedef struct
{
  double speed;       /* recorded times are divided by it */
  double bytes;       /* recorded sizes are multiplied by it */
  int64_t default_ns; /* stands in for a time that was not recorded; not scaled */
  bool sleep;         /* sleep instead of burning CPU */
} WeftReplayOptions;

/* An initialiser: times and sizes as they were recorded; 10 ms where none were. */
#define WEFT_REPLAY_AS_RECORDED                    \
  {                                                \
    .speed = 1, .bytes = 1, .default_ns = 10000000 \
  }

typedef struct
{
  uint32_t n_replayed; /* tasks without an operation */
  uint32_t n_without_time;
} WeftReplayCounts;

/**
 * weft_graph_replay:
 * @options: (nullable): as recorded; 10 ms where no time was
 * @counts: (out caller-allocates) (optional): untouched on failure
 *
 * Gives each task without an operation, as recorded workflows have them, a call of `replay`, which
 * takes its recorded time and holds a buffer of its recorded size.
 *
 * Returns: (transfer full) (nullable): perhaps @graph itself, with one reference more; %NULL with
 *   an error as weft_graph_rebuild()
 */
WEFT_API WeftGraph *weft_graph_replay (WeftGraph *graph, const WeftReplayOptions *options,
                                       WeftReplayCounts *counts, GError **error);
