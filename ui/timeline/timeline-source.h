/* timeline-source.h: a model's snapshot as the task stream's input
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What it has found out stays for the next snapshot: only lanes and groups that are new cost
 * anything but their last look. One thread's.
 */
#pragma once

#include "canvas/palette.h"
#include "model/weft-model.h"
#include "timeline/timeline-layout.h"

/**
 * WeftlineTimelineSource:
 * @lanes: of WeftlineTimelineLane: workers, by their numbers
 * @lane_ids: of uint32_t: the model's, by index in @lanes
 * @groups: of WeftlineTimelineGroup
 */
typedef struct
{
  GArray *lanes;
  GArray *lane_ids;
  GArray *groups;
  uint32_t n_lanes_seen;
  GPtrArray *names;       /* of lanes, by the model's number */
  GPtrArray *short_names; /* by index in @lane_ids */
  WeftlineGroupColors *colors;
} WeftlineTimelineSource;

void weftline_timeline_source_init (WeftlineTimelineSource *source);
void weftline_timeline_source_clear (WeftlineTimelineSource *source);

/* @model: (nullable): then there are no lanes. What is filled in stays until the next call. */
void weftline_timeline_source_take (WeftlineTimelineSource *source, WeftModel *model,
                                    const WeftModelSnapshot *snapshot,
                                    WeftlineTimelineInput *input);
/* The index of a lane of the model. Returns: whether it is shown */
bool weftline_timeline_source_find (const WeftlineTimelineSource *source, uint32_t id,
                                    unsigned *lane);
