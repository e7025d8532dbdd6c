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

/* It is ended then. */
#define WEFTLINE_DOT_LIMIT_MS 10000

typedef enum
{
  WEFTLINE_DOT_DONE,
  WEFTLINE_DOT_CANCELLED,
  WEFTLINE_DOT_NOT_THERE,
  WEFTLINE_DOT_TOO_LARGE,
  WEFTLINE_DOT_TOO_LONG,
  WEFTLINE_DOT_FAILED,
} WeftlineDotOutcome;

/* Whether there is such a program. */
bool weftline_dot_is_there (void);

/**
 * weftline_graph_layout_new_dot:
 * @widths: (nullable): as for weftline_graph_layout_new_wide()
 * @limit_ms: it may take so long: WEFTLINE_DOT_LIMIT_MS
 * @cancel: (nullable): looked at while it waits
 * @outcome: (out) (nullable)
 *
 * Returns: (transfer full) (nullable): %NULL: see @outcome
 */
WeftlineGraphLayout *weftline_graph_layout_new_dot (const WeftlineGraphEdges *edges,
                                                    const float *widths, unsigned limit_ms,
                                                    const atomic_bool *cancel,
                                                    WeftlineDotOutcome *outcome);
