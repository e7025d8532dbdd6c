/* weftline-marks.h: tasks of a run that go together
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/graph-lineage.h"
#include "model/weft-model.h"

G_BEGIN_DECLS

/* Spans of a range that are looked at; tasks behind them are not found. */
#define WEFTLINE_MARKS_MAX_SPANS 2000000

/* Those of a group. O(tasks). (transfer full) */
WeftlineTaskSet *weftline_marks_of_group (const WeftModel *model, const WeftModelSnapshot *snapshot,
                                          uint32_t group);
/* Those that ran, or run, at any moment of [@from_ns, @to_ns). O(spans in it + lanes).
 * (transfer full) */
WeftlineTaskSet *weftline_marks_of_range (const WeftModel *model, const WeftModelSnapshot *snapshot,
                                          int64_t from_ns, int64_t to_ns);

G_END_DECLS
