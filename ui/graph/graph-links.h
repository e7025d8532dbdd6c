/* graph-links.h: what tasks of a run depend on, and what depends on them, through all its segments
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Made of one snapshot, and good until more of the graph comes. Tasks are the model's numbers.
 * Inputs, order-only dependencies, what is imported from earlier segments and what was told later
 * than its task count alike. One thread's.
 */
#pragma once

#include "graph/graph-lineage.h"
#include "model/weft-model.h"

typedef struct _WeftlineLinks WeftlineLinks;

/**
 * weftline_links_new:
 *
 * O(segments + imports × log imports); with imports by key the indices of the segments before.
 *
 * Returns: (transfer full): the model has to live as long
 */
WeftlineLinks *weftline_links_new (const WeftModel *model, const WeftModelSnapshot *snapshot);
/* @links: (nullable) */
void weftline_links_free (WeftlineLinks *links);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineLinks, weftline_links_free)

/* Whether nothing of the graph has come since. O(segments) */
bool weftline_links_is_current (const WeftlineLinks *links, const WeftModelSnapshot *snapshot);

/**
 * weftline_links_inputs:
 * @tasks: (element-type uint32_t): they are appended; one that is read twice comes twice
 *
 * Returns: whether all is known: false also where something was read that no task made
 */
bool weftline_links_inputs (const WeftlineLinks *links, uint32_t task, GArray *tasks);
/* Likewise what depends on it, as far as the graphs are known. */
bool weftline_links_dependents (const WeftlineLinks *links, uint32_t task, GArray *tasks);

/* The task itself belongs to it. O(what is found + tasks / 64). (transfer full) */
WeftlineTaskSet *weftline_links_lineage (const WeftlineLinks *links, uint32_t task,
                                         WeftlineLineage which);
