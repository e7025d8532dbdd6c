/* occupancy-picture.h: what workers did over time, as a picture without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "occupancy/occupancy-paint.h"

/* How high it has to be to show every worker. @model: (nullable) */
int weftline_occupancy_picture_height (WeftModel *model, const WeftModelSnapshot *snapshot);

/**
 * weftline_occupancy_picture:
 * @model: (nullable)
 * @paint: palette, text, time form, at_ns, rtl and as_shapes; all else is filled in
 * @from_ns, @to_ns: what is shown; @to_ns not after @from_ns: all of the run
 *
 * Draws it at the context's origin.
 */
void weftline_occupancy_picture (WeftModel *model, const WeftModelSnapshot *snapshot,
                                 const WeftlineOccupancyPaint *paint, int64_t from_ns,
                                 int64_t to_ns, cairo_t *cr, int width, int height);
