/* graph-scene-private.h: what the scene's files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/graph-scene.h"

typedef struct
{
  WeftlineGraphIndex *index;
  const uint32_t *group_of_task;
  uint32_t base; /* number of its first task */
  float x, y;    /* where its layout starts */
  /* By level, once cells of it have been looked at: the group of most tasks, WEFT_NONE unknown. */
  uint32_t *groups[WEFTLINE_INDEX_MAX_LEVELS];
} SceneSegment;

struct _WeftlineGraphScene
{
  GArray *segments; /* SceneSegment */
  WeftlineGraphGroups *groups;
  WeftlineGraphLayout *group_layout;
  uint32_t n_tasks;
  uint32_t n_groups; /* highest number + 1 */
  float width, height;
  float widest;    /* node */
  uint32_t *tally; /* n_groups: zero between uses */
};

static inline const SceneSegment *
scene_segment (const WeftlineGraphScene *scene, guint k)
{
  return &g_array_index (scene->segments, SceneSegment, k);
}

/* All of whose centre is in that has something in a rectangle. */
static inline WeftlineRect
scene_with_margin (const WeftlineGraphScene *scene, const WeftlineRect *view)
{
  return (WeftlineRect){ view->x0 - scene->widest / 2, view->y0 - 0.5f,
                         view->x1 + scene->widest / 2, view->y1 + 0.5f };
}

const SceneSegment *_weftline_scene_segment_of (const WeftlineGraphScene *scene, uint32_t task);

static inline bool
scene_is_marked (const WeftlineSceneFacts *facts, uint32_t task)
{
  return facts->marked != NULL && (facts->marked[task / 64] >> task % 64 & 1) != 0;
}

/* graph-scene-edges.c: after the frame's tasks or cells */
void _weftline_scene_add_task_edges (const WeftlineGraphScene *scene, const WeftlineRect *view,
                                     const WeftlineSceneFacts *facts, WeftlineSceneFrame *frame);
void _weftline_scene_add_cell_edges (const WeftlineGraphScene *scene, const WeftlineRect *view,
                                     uint32_t level, const WeftlineSceneFacts *facts,
                                     WeftlineSceneFrame *frame);
void _weftline_scene_add_group_edges (const WeftlineGraphScene *scene, WeftlineSceneFrame *frame);
/* Drops edges until the rest can be drawn in time. */
void _weftline_scene_limit_edges (WeftlineSceneFrame *frame);
