/* graph-next.h: from what is drawn of a graph to what stands beside it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For keys: a frame's tasks, or groups, by the places they have. Pure.
 */
#pragma once

#include "graph/graph-scene.h"

/* @number: the task's, or the group's; @x, @y: its centre, in rows */
typedef struct
{
  uint32_t number;
  float x, y;
} WeftlineSceneNext;

/**
 * weftline_graph_scene_next:
 * @from: task or group, as the frame shows them
 * @right: 1, -1 or 0
 * @down: likewise; one of them is 0
 *
 * What is nearest on that side, where what lies straight ahead is nearer than what lies aside; what
 * is nearest to the middle if @from is not in the frame. Cells have none. O(things in the frame)
 *
 * Returns: whether there is one
 */
bool weftline_graph_scene_next (const WeftlineSceneFrame *frame, uint32_t from, int right, int down,
                                WeftlineSceneNext *next);

/* Moves a viewport as little as needed for a place to be well inside. Returns: whether it moved */
bool weftline_viewport_reveal (WeftlineViewport *viewport, double x, double y);
