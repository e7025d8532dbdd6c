/* graph-dot.h: places for the nodes of a small task graph, as Graphviz's dot sees them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Another program is started for it, where the build has made one and it is installed. Any thread;
 * each call waits until that has answered.
 */
#pragma once

#include "graph/graph-layout.h"

/* Beyond, dot takes many seconds. */
#define WEFTLINE_DOT_MAX_TASKS 1000
#define WEFTLINE_DOT_MAX_EDGES 4000

/* Whether there is such a program. */
bool weftline_dot_is_there (void);

/**
 * weftline_graph_layout_new_dot:
 * @widths: (nullable): as for weftline_graph_layout_new_wide()
 * @cancel: (nullable): looked at while it waits
 *
 * Returns: (transfer full) (nullable): %NULL: cancelled, too large, or dot would not
 */
WeftlineGraphLayout *weftline_graph_layout_new_dot (const WeftlineGraphEdges *edges,
                                                    const float *widths, const atomic_bool *cancel);
