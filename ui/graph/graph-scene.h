/* graph-scene.h: what of a graph is to be drawn in a viewport: groups, cells or tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A scene holds the segments of a run, each beside the one before it; what is placed stays. Asked
 * for a viewport it fills a frame of at most some thousand things, whatever the zoom: from far the
 * group graph, nearer square cells that count their tasks by state, near enough the tasks
 * themselves. Where edges are too many a part of them is taken, always the same ones; all that is
 * left out is counted.
 *
 * A scene of one segment may have its groups only: then these are what it shows, whatever the
 * zoom, and it says so where nearer by it would have shown the tasks.
 *
 * Tasks are numbered through all segments, as the model does. Belongs to one thread.
 */
#pragma once

#include "graph/graph-groups.h"
#include "graph/graph-index.h"
#include "model/weft-model.h"

#define WEFTLINE_SCENE_MAX_TASKS 6000
#define WEFTLINE_SCENE_MAX_EDGES 4000
#define WEFTLINE_SCENE_EDGE_PX 250000.0 /* pixels of all edges together */
#define WEFTLINE_SCENE_CELL_PX 12.0
#define WEFTLINE_SCENE_MAX_GROUPS 2000 /* with more of them there are cells from far, too */

/* With more tasks there is a group graph from far even of one group. */
#define WEFTLINE_SCENE_ONE_GROUP 1000000

typedef struct _WeftlineGraphScene WeftlineGraphScene;

/* Whether groups are what is shown of so many tasks from far. */
static inline bool
weftline_graph_scene_shows_groups (uint32_t n_tasks, uint32_t n_groups)
{
  return n_tasks > WEFTLINE_SCENE_MAX_TASKS && n_groups <= WEFTLINE_SCENE_MAX_GROUPS
         && n_groups >= (n_tasks > WEFTLINE_SCENE_ONE_GROUP ? 1 : 2);
}

WeftlineGraphScene *weftline_graph_scene_new (void);
/* @scene: (nullable) */
void weftline_graph_scene_free (WeftlineGraphScene *scene);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineGraphScene, weftline_graph_scene_free)

/**
 * weftline_graph_scene_append:
 * @index: (transfer full): of the segment
 * @group_of_task: by task of the segment: the run's number of its group; lives as long as the scene
 * @anchor: (nullable) (array length=n_anchor): tasks of earlier segments that it reads; it is
 *   placed at their height. Without any it starts at the top
 *
 * Places a segment to the right of all that is there.
 */
void weftline_graph_scene_append (WeftlineGraphScene *scene, WeftlineGraphIndex *index,
                                  const uint32_t *group_of_task, const uint32_t *anchor,
                                  uint32_t n_anchor);

/**
 * weftline_graph_scene_set_groups:
 * @groups: (transfer full) (nullable): of all segments
 * @layout: (transfer full) (nullable): of groups->edges
 *
 * What is shown from far; without it that is cells. Where there is no segment yet, the scene has
 * the tasks of these groups.
 */
void weftline_graph_scene_set_groups (WeftlineGraphScene *scene, WeftlineGraphGroups *groups,
                                      WeftlineGraphLayout *layout);

/* Whether it has groups only: its tasks have no places. */
bool weftline_graph_scene_is_far (const WeftlineGraphScene *scene);
/* Lets go of the segments; groups stay, and the size. */
void weftline_graph_scene_forget_tasks (WeftlineGraphScene *scene);

/**
 * weftline_graph_scene_move_to:
 * @edges: of the same graph, elsewhere in memory
 *
 * The first segment's index looks at these from now on. O(tasks + edges)
 *
 * Returns: false: they are others, and nothing changed
 */
bool weftline_graph_scene_move_to (WeftlineGraphScene *scene, const WeftlineGraphEdges *edges);

uint32_t weftline_graph_scene_n_tasks (const WeftlineGraphScene *scene);
/* In rows; while it is far, of the group graph, or as it was before that. */
void weftline_graph_scene_size (const WeftlineGraphScene *scene, float *width, float *height);
/* Where a task's centre is. Not while the scene is far. */
void weftline_graph_scene_place (const WeftlineGraphScene *scene, uint32_t task, float *x,
                                 float *y);

/**
 * WeftlineViewport:
 * @x: what stands at the left edge, in rows
 * @scale: pixels a row
 */
typedef struct
{
  double x, y;
  double scale;
  double width_px, height_px;
} WeftlineViewport;

/* The viewport that shows everything, with a margin. */
void weftline_graph_scene_fit (const WeftlineGraphScene *scene, double width_px, double height_px,
                               WeftlineViewport *viewport);

typedef enum
{
  WEFTLINE_SCENE_GROUPS,
  WEFTLINE_SCENE_CELLS,
  WEFTLINE_SCENE_TASKS,
} WeftlineSceneMode;

/* Places are in rows: the scene's, or in GROUPS those of the group graph. */
typedef struct
{
  uint32_t task;
  uint32_t group;
  float x, y; /* centre */
  float width;
  uint8_t state;
  bool is_marked;
  float value;
} WeftlineSceneTask;

/* A cell, or a group: then x, y is its centre and side 0. */
typedef struct
{
  float x, y, side;
  uint32_t group; /* that most of its tasks are of; the lowest of equals */
  uint32_t n_tasks;
  uint32_t n_marked;
  uint32_t n_states[WEFT_TASK_N_STATES];
  float value; /* mean */
} WeftlineSceneCell;

/**
 * WeftlineSceneFacts:
 * @states: (nullable): by task: WeftModelState; %NULL: all wait
 * @marked: (nullable): by task, bits: what a selection's lineage holds
 * @values: (nullable): by task: what an overlay shows
 * @groups: (nullable) (array length=n_groups): by group: n_states, n_marked and value, which are
 *   then not counted from the above; for GROUPS only. Of a far scene all wait without it
 */
typedef struct
{
  const uint8_t *states;
  const uint64_t *marked;
  const float *values;
  const WeftlineSceneCell *groups;
  uint32_t n_groups;
} WeftlineSceneFacts;

/* n_points points of the frame, from left to right mostly. */
typedef struct
{
  uint32_t from, to;
  uint32_t first_point;
  uint32_t n_points;
  uint64_t count; /* of edges it stands for */
  bool is_marked;
} WeftlineSceneEdge;

typedef struct
{
  float x, y;
} WeftlinePoint;

/**
 * WeftlineSceneFrame:
 * @viewport: of the places below: in GROUPS the one that fits the group graph
 * @n_tasks: of the whole scene
 * @n_visible: tasks with their centre in the viewport
 * @n_as_tasks: of these, drawn one by one
 * @n_edges: that could be drawn between what is shown
 * @is_waiting: groups stand for tasks that would be shown if they had places
 */
typedef struct
{
  WeftlineSceneMode mode;
  bool is_waiting;
  WeftlineViewport viewport;
  uint32_t n_tasks, n_visible, n_as_tasks;
  uint64_t n_edges;
  GArray *tasks;  /* WeftlineSceneTask */
  GArray *cells;  /* WeftlineSceneCell */
  GArray *edges;  /* WeftlineSceneEdge */
  GArray *points; /* WeftlinePoint */
} WeftlineSceneFrame;

void weftline_scene_frame_init (WeftlineSceneFrame *frame);
void weftline_scene_frame_clear (WeftlineSceneFrame *frame);

/* What a viewport shows at this zoom. */
WeftlineSceneMode weftline_graph_scene_mode (const WeftlineGraphScene *scene,
                                             const WeftlineViewport *viewport);

/**
 * weftline_graph_scene_frame:
 * @frame: initialised; what it held is replaced
 *
 * At most WEFTLINE_SCENE_MAX_TASKS tasks or some ten thousand cells, and MAX_EDGES edges. States
 * are counted anew: O(visible tasks) plain reads in CELLS, and in GROUPS without facts by group.
 */
void weftline_graph_scene_frame (WeftlineGraphScene *scene, const WeftlineViewport *viewport,
                                 const WeftlineSceneFacts *facts, WeftlineSceneFrame *frame);

/**
 * weftline_graph_scene_hit:
 * @frame: what is drawn
 * @x_px: in the viewport
 * @index: (out): of the frame's tasks, or cells
 *
 * Returns: whether there is something
 */
bool weftline_graph_scene_hit (const WeftlineSceneFrame *frame, double x_px, double y_px,
                               uint32_t *index);

/* The frame in one sentence: “412 of 619 tasks shown …”. (transfer full) */
char *weftline_scene_frame_dup_summary (const WeftlineSceneFrame *frame);
