/* weft-pass-private.h: what the passes share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-private.h"
#include "optimize/weft-pass.h"

/* All of them are of the type WeftPassFunc. */
WeftGraph *_weft_pass_cull (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                            WeftPassReport *report, GError **error);
WeftGraph *_weft_pass_inline (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                              WeftPassReport *report, GError **error);
WeftGraph *_weft_pass_fuse (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                            WeftPassReport *report, GError **error);
WeftGraph *_weft_pass_order (WeftGraph *graph, const WeftPassOptions *options, uint32_t *new_ids,
                             WeftPassReport *report, GError **error);

/* The tasks of a higher priority first where dependencies allow, all others as they are; the graph
 * itself if there is none. new_ids: nullable */
WeftGraph *_weft_pass_by_priority (WeftGraph *graph, uint32_t *new_ids);

/* ---- reports --------------------------------------------------------------------------------- */

/* What a report says of the graph before and after, and the time between the stamp and now. The
 * sentence is printed after that. Nothing is done for a NULL report. */
void _weft_pass_report (WeftPassReport *report, const char *pass, int64_t begin_ns,
                        const WeftGraph *before, const WeftGraph *after);
void _weft_pass_report_why (WeftPassReport *report, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* ---- new graphs ------------------------------------------------------------------------------ */

/**
 * _weft_pass_select:
 * @arrays: the graph's own, or a copy in which inputs, afters, calls or wanted outputs are others
 * @content: (transfer none): the graph's own, or another that its calls are of
 * @order: (array): n_tasks ids of @graph, topological; nothing that is read may be left out
 * @new_ids: (nullable) (array): as passes fill them
 *
 * A graph of those tasks under new ids. Of units, what is left keeps together: @order must have
 * their members next to each other.
 *
 * Returns: (transfer full)
 */
WeftGraph *_weft_pass_select (const WeftGraph *graph, const WeftGraphArrays *arrays,
                              WeftGraphContent *content, const uint32_t *order, uint32_t n_tasks,
                              uint32_t *new_ids);
/* Fills new_ids, if there are any, for an order of some of n_old tasks. */
void _weft_pass_invert (const uint32_t *order, uint32_t n_tasks, uint32_t n_old, uint32_t *new_ids);
/* 0 … n - 1. (transfer full) */
uint32_t *_weft_pass_identity (uint32_t n);
/* Another reference to the graph itself. new_ids: nullable */
WeftGraph *_weft_pass_unchanged (WeftGraph *graph, uint32_t *new_ids);
/* Whether all wanted outputs of the options exist. options: nullable */
bool _weft_pass_check_wanted (const WeftGraph *graph, const WeftPassOptions *options,
                              GError **error);
/* Outputs that are wanted of the graph, by the options or itself. */
const WeftTaskOutput *_weft_pass_wanted (const WeftGraph *graph, const WeftPassOptions *options,
                                         uint32_t *n_wanted);

/* ---- what is known of tasks ------------------------------------------------------------------ */

/* Of each task the first one of its unit. (transfer full) (nullable): NULL without units */
uint32_t *_weft_pass_leaders (const WeftGraphArrays *arrays);

static inline const WeftTaskAttributes *
_weft_pass_attributes (const WeftGraphArrays *arrays, uint32_t task)
{
  if (arrays->attributes_of_task == NULL || arrays->attributes_of_task[task] == WEFT_NONE)
    return NULL;
  return &arrays->attributes[arrays->attributes_of_task[task]];
}

static inline int32_t
_weft_pass_priority (const WeftGraphArrays *arrays, uint32_t task)
{
  const WeftTaskAttributes *attributes = _weft_pass_attributes (arrays, task);

  return attributes != NULL ? attributes->priority : 0;
}

/* Sizes by output slot, the mean of the known ones where they are not. (transfer full) (nullable):
 * NULL if none is known */
uint64_t *_weft_pass_slot_bytes (const WeftGraph *graph);

/* weft_order_simulate() for another order of the tasks; NULL: by id. */
void _weft_order_figures (const WeftGraph *graph, const uint64_t *bytes, const uint32_t *order,
                          WeftOrderFigures *figures);
