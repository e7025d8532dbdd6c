/* occupancy-paint.h: what workers did over time, drawn
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Cairo in units of the view. Uses have the colours and patterns they have in “Where the time
 * goes”; a tick at the top of a strip is a task that began there and was another worker's.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"
#include "occupancy/occupancy-layout.h"

/**
 * WeftlineOccupancyPaint:
 * @source: what was laid out
 * @hover_column: −1: none
 * @range_from_ns, @range_to_ns: a time that is selected; not after @range_from_ns: none
 * @task_lane: the model's lane in which the selected task ran; WEFT_NONE: none is selected
 * @task_from_ns, @task_to_ns: when it did
 * @at_ns: the moment that is looked at; INT64_MAX: now
 * @rtl: names stand on the right
 * @as_shapes: for a surface that is not made of pixels
 */
typedef struct
{
  const WeftlineOccupancyLayout *layout;
  const WeftlineOccupancySource *source;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  WeftlineTimeForm time_form;
  int64_t wall_ns;
  int hover_column;
  int64_t range_from_ns, range_to_ns;
  uint32_t task_lane;
  int64_t task_from_ns, task_to_ns;
  int64_t at_ns;
  bool rtl;
  bool as_shapes;
} WeftlineOccupancyPaint;

void weftline_occupancy_paint (const WeftlineOccupancyPaint *paint, cairo_t *cr);

/* Room that texts take in a view of that width. */
void weftline_occupancy_measure (WeftlineTextCache *text, const WeftlineOccupancySource *source,
                                 int width, WeftlineOccupancyRoom *room);
