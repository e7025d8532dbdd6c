/* weft-pass.h: passes: a graph in, a graph out, and a report
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Wanted outputs are the same with and without any of the passes. What each does and why it may do
 * so stands at the head of its file: cull.c, inline.c, fuse.c, order-pass.c. Any thread; nothing is
 * kept between calls.
 */
#pragma once

#include "graph/weft-graph-builder.h"

/* The most a fused unit may be wide. */
#define WEFT_FUSE_MAX_WIDTH 16

/**
 * WeftPassReport:
 * @pass: (not owned): "cull", "inline", "fuse", "order"
 * @n_tasks_after: for fuse: units; tasks stay, as their members
 * @n_edges_after: for fuse: edges between units
 * @elapsed_ns: CLOCK_MONOTONIC, without the making of the report
 * @why: (owned): one sentence for people
 */
typedef struct
{
  const char *pass;
  uint32_t n_tasks_before;
  uint32_t n_tasks_after;
  uint64_t n_edges_before, n_edges_after;
  int64_t elapsed_ns;
  char *why;
} WeftPassReport;

/**
 * weft_pass_report_clear:
 * @report: one that is zeroed is fine
 *
 * Frees what the report owns and zeroes it; not the report itself.
 */
WEFT_API void weft_pass_report_clear (WeftPassReport *report);

/**
 * WeftPassOps:
 * @is_cheap: whether a task of this operation costs less than scheduling it
 * @is_pure: whether the operation has no effects and the same result for the same arguments
 * @data: for both
 *
 * Asked of operations by name, so that passes know no registry.
 */
typedef struct
{
  bool (*is_cheap) (const char *op, void *data);
  bool (*is_pure) (const char *op, void *data);
  void *data;
} WeftPassOps;

/**
 * WeftPassOptions:
 * @ops: (nullable): nothing is cheap or pure
 * @fuse_width: 1 (or 0): linear chains only; up to %WEFT_FUSE_MAX_WIDTH, more counts as that
 * @wanted: (nullable) (array length=n_wanted): outputs that take the place of the graph's own
 *   wanted ones, by the ids of the graph that is passed in
 * @n_wanted: 0: the graph's own stay
 *
 * Borrowed for the call. Zeroed is fine.
 */
typedef struct
{
  const WeftPassOps *ops;
  uint32_t fuse_width;
  const WeftTaskOutput *wanted;
  uint32_t n_wanted;
} WeftPassOptions;

/**
 * WeftPassFunc:
 * @graph: stays as it is
 * @options: (nullable): none is all zero
 * @new_ids: (out caller-allocates) (nullable) (array): n_tasks of @graph: each task's id
 *   afterwards, WEFT_NONE for those that are gone
 * @report: (out caller-allocates) (nullable): to be cleared by the caller
 * @error: of WEFT_GRAPH_ERROR: ARGUMENT for @options that name no output of the graph, RANGE where
 *   memory is out; @new_ids and @report are then untouched
 *
 * Only cull looks at the wanted outputs of @options.
 *
 * Returns: (transfer full) (nullable): perhaps @graph itself, with one reference more
 */
typedef WeftGraph *(*WeftPassFunc) (WeftGraph *graph, const WeftPassOptions *options,
                                    uint32_t *new_ids, WeftPassReport *report, GError **error);

typedef struct
{
  const char *name;
  const char *doc; /* one line */
  WeftPassFunc run;
} WeftPass;

/**
 * weft_passes:
 *
 * Returns: (transfer none) (array zero-terminated): the passes in the order they run: cull, inline,
 *   fuse, order. Static; the last name is %NULL
 */
WEFT_API const WeftPass *weft_passes (void);

/**
 * weft_optimize:
 * @graph: stays as it is
 * @names: (nullable): comma-separated names of the passes to run, in any order, "none", or "all" or
 *   %NULL for all; "fuse=4" fuses up to that width, whatever @options say
 * @options: (nullable): the wanted outputs hold whether cull is run or not
 * @new_ids: (out caller-allocates) (nullable) (array): n_tasks of @graph: filled with each task's
 *   id afterwards, WEFT_NONE for those that are gone
 * @reports: (out) (optional) (transfer full) (element-type WeftPassReport): one per pass that was
 *   run; clears its elements when it is freed
 * @error: of WEFT_GRAPH_ERROR: ARGUMENT for an unknown name (the nearest is suggested) or a wanted
 *   output that does not exist, RANGE where memory is out
 *
 * Runs passes, each on the result of the one before. O(tasks + edges) each. Tasks with a priority
 * come first where dependencies allow whatever passes are run, also with "none"; without order and
 * priorities, tasks stay in the order they are in.
 *
 * Returns: (transfer full) (nullable): %NULL with @error set and nothing else touched
 */
WEFT_API WeftGraph *weft_optimize (WeftGraph *graph, const char *names,
                                   const WeftPassOptions *options, uint32_t *new_ids,
                                   GArray **reports, GError **error);

/**
 * WeftOrderFigures:
 * @peak_results: outputs that are live at once, most
 * @peak_bytes: their bytes, most
 * @peak_task: the first task that runs while @peak_bytes are live; 0 without tasks
 */
typedef struct
{
  uint64_t peak_results;
  uint64_t peak_bytes;
  uint32_t peak_task;
} WeftOrderFigures;

/**
 * weft_order_simulate:
 * @bytes: (nullable) (array): sizes by output slot; %NULL: those of the graph's hints. Where some
 *   are unknown the mean of the known ones stands in; where all are, each output counts 1
 * @figures: (out)
 *
 * Simulates running the graph's tasks one after another by id. Each output is live from its task's
 * start until its last reader's end; one that nobody reads dies with its task, a wanted one never.
 * Order-only edges hold nothing, imports are not counted. O(tasks + edges).
 */
WEFT_API void weft_order_simulate (const WeftGraph *graph, const uint64_t *bytes,
                                   WeftOrderFigures *figures);
