/* occupancy-picture.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "occupancy/occupancy-picture.h"

int
weftline_occupancy_picture_height (WeftModel *model, const WeftModelSnapshot *snapshot)
{
  int n_workers = 0;

  for (uint32_t lane = 0; model != NULL && lane < snapshot->n_lanes; lane++)
    {
      WeftModelLane info;

      weft_model_lane (model, lane, &info);
      n_workers += info.kind == WEFT_LANE_THREAD;
    }
  return WEFTLINE_OCCUPANCY_LEGEND + WEFTLINE_OCCUPANCY_PAD / 2 + WEFTLINE_OCCUPANCY_TOTAL
         + WEFTLINE_OCCUPANCY_AXIS + n_workers * WEFTLINE_OCCUPANCY_ROW;
}

void
weftline_occupancy_picture (WeftModel *model, const WeftModelSnapshot *snapshot,
                            const WeftlineOccupancyPaint *paint, int64_t from_ns, int64_t to_ns,
                            cairo_t *cr, int width, int height)
{
  WeftlineOccupancyPaint now = *paint;
  WeftlineOccupancySource source;
  WeftlineOccupancyLayout layout;
  WeftlineOccupancyRoom room;

  weftline_occupancy_source_init (&source);
  weftline_occupancy_layout_init (&layout);
  weftline_occupancy_source_take (&source, model, snapshot, UINT64_MAX);
  if (to_ns <= from_ns)
    {
      from_ns = 0;
      to_ns = source.end_ns;
    }
  weftline_occupancy_measure (paint->text, &source, width, &room);
  weftline_occupancy_layout (&layout, &source, from_ns, to_ns, width, height, &room, 0);
  now.layout = &layout;
  now.source = &source;
  now.wall_ns = model != NULL ? weft_model_wall_ns (model) : 0;
  now.hover_column = -1;
  now.range_from_ns = now.range_to_ns = 0;
  now.task_lane = WEFT_NONE;
  weftline_occupancy_paint (&now, cr);
  weftline_occupancy_layout_clear (&layout);
  weftline_occupancy_source_clear (&source);
}
