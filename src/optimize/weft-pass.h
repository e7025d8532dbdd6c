/* weft-pass.h: passes: a graph in, a graph out, and a report
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-builder.h"

typedef struct
{
  const char *pass;       /* "cull", "inline", "fuse", "order" */
  uint32_t n_tasks_before;
  uint32_t n_tasks_after; /* for fuse: units; tasks stay, as their members */
  uint64_t n_edges_before, n_edges_after;
  int64_t elapsed_ns;
  char *why;              /* one sentence for people, owned */
} WeftPassReport;

WEFT_API void weft_pass_report_clear (WeftPassReport *report);

/* Asked of operations by name, so that passes know no registry: may it be folded, is it pure? */
typedef struct
{
  bool (*is_cheap) (const char *op, void *data);
  bool (*is_pure) (const char *op, void *data);
  void *data;
} WeftPassOps;

typedef struct
{
  const WeftPassOps *ops;  /* (nullable): nothing is cheap or pure */
  uint32_t fuse_width;     /* 1: linear chains only; up to 16 */
  const WeftTaskOutput *wanted; /* (nullable): cull for these instead of the graph's own */
  uint32_t n_wanted;
} WeftPassOptions;

typedef WeftGraph *(*WeftPassFunc) (WeftGraph *graph, const WeftPassOptions *options,
                                    WeftPassReport *report, GError **error);

typedef struct
{
  const char *name;
  const char *doc;
  WeftPassFunc run;
} WeftPass;

/* The passes in the order they are run: cull, inline, fuse, order. (array zero-terminated) */
WEFT_API const WeftPass *weft_passes (void);

/**
 * weft_optimize:
 * @new_ids: (nullable) (array): n_tasks of @graph: filled with each task's id afterwards, WEFT_NONE for
 *   those that are gone
 * @names: (nullable): comma-separated names of the passes to run, "none", or %NULL for all
 * @reports: (out) (optional) (transfer full) (element-type WeftPassReport): one per pass
 *
 * Returns: (transfer full) (nullable): %NULL only for unknown names or when memory is out
 */
WEFT_API WeftGraph *weft_optimize (WeftGraph *graph, const char *names,
                                   const WeftPassOptions *options, uint32_t *new_ids,
                                   GArray **reports, GError **error);

typedef struct
{
  uint64_t peak_results; /* live at once, most */
  uint64_t peak_bytes;   /* by the graph's hints or by @bytes */
  uint32_t peak_task;    /* which task was running then */
} WeftOrderFigures;

/* Simulates running the graph's tasks one after another by id. @bytes (nullable) per output slot. */
WEFT_API void weft_order_simulate (const WeftGraph *graph, const uint64_t *bytes,
                                   WeftOrderFigures *figures);
