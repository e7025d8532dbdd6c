/* task-graph-private.h: what the files of the task graph's widget share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/graph-before.h"
#include "graph/graph-dot.h"
#include "graph/graph-joined.h"
#include "graph/graph-look.h"
#include "graph/task-graph.h"

struct _WeftlineTaskGraph
{
  GtkWidget parent;
  WeftlineSession *session;
  WeftlineGraphScene *scene;
  WeftlineSceneFrame frame;
  WeftlineViewport viewport;
  GPtrArray *kept;                /* of uint32_t arrays: what the scene looks at */
  uint32_t n_placed;              /* segments */
  uint32_t n_linked;              /* edges told later than their tasks that were known then */
  WeftlineGraphJoint joint;       /* what makes one graph */
  int64_t joined_us;              /* when they were laid out last, or 0 */
  int64_t join_cost_us;           /* what that took */
  guint placing_again;            /* source, or 0: they are laid out again then */
  GTask *task;                    /* (nullable): that lays out; not owned */
  GCancellable *placing;          /* (nullable): nothing is being laid out */
  bool has_far;                   /* what is placed can be seen from far without its tasks */
  bool is_revealing;              /* the selected task is, once it has a place */
  guint resting;                  /* source, or 0: tasks are let go of then */
  bool dot;                       /* Graphviz lays out what is small */
  WeftlineDotOutcome dot_outcome; /* the first that is not DONE */
  WeftlineGraphLook look;
  GByteArray *states;
  int64_t states_us;
  GArray *groups;             /* WeftlineSceneCell: what is told of groups */
  bool is_preview;            /* what is laid out is the graph before the run */
  WeftGraph *preview_graph;   /* (nullable): whose edges the scene looks at */
  uint64_t preview_hash;      /* of its tasks' groups */
  WeftlineGraphBefore before; /* what is selected before the run */
  bool fitted;                /* the view is that of everything */
  bool is_marked;             /* some tasks stand out */
  bool has_value;             /* tasks are coloured by @value, not by state */
  WeftlineGraphValue value;
  uint32_t n_valued;            /* segments that look.values has */
  char *figures;                /* how much of the graph is shown, and as what */
  WeftlineSceneFrame described; /* without its arrays: what was told of */
  guint describing;             /* source, or 0 */
  double drag_x, drag_y;
  bool was_dragged; /* since the button went down */
};

/* The run's model, or its graph before that has it. (nullable) (transfer none) */
WeftModel *_weftline_task_graph_model (WeftlineTaskGraph *self, const WeftModelSnapshot **snapshot);
/* Before the start tasks are no run's yet: other views do not know them, and what is selected is
 * the graph's own. */
bool _weftline_task_graph_is_running (WeftlineTaskGraph *self);
/* Those selected, in the run or before it; WEFT_NONE. */
uint32_t _weftline_task_graph_selected_task (WeftlineTaskGraph *self);
uint32_t _weftline_task_graph_selected_group (WeftlineTaskGraph *self);
/* To those who do not see it. */
void _weftline_task_graph_describe (WeftlineTaskGraph *self);

/* task-graph-place.c: lays out what is next: a segment that has come, or the tasks of what is seen
 * as groups so far, where somebody is near enough or looks for one. */
void _weftline_task_graph_place_next (WeftlineTaskGraph *self);
/* Forgets what was laid out, and begins anew. */
void _weftline_task_graph_place_anew (WeftlineTaskGraph *self);
/* The run has a graph of its own now. Returns: false: it is another than was laid out before */
bool _weftline_task_graph_take_over (WeftlineTaskGraph *self);
/* Tasks are let go of in a while, or @resting is false: not. */
void _weftline_task_graph_rest (WeftlineTaskGraph *self, bool resting);

/* task-graph-input.c */
void _weftline_task_graph_add_controllers (WeftlineTaskGraph *self);
void _weftline_task_graph_add_actions (WeftlineTaskGraphClass *class);
/* Brings the selected task into sight: in the middle, and near enough, unless it can be read. */
void _weftline_task_graph_reveal (WeftlineTaskGraph *self);
gboolean _weftline_task_graph_query_tooltip (GtkWidget *widget, int x, int y, gboolean by_keyboard,
                                             GtkTooltip *tooltip);
