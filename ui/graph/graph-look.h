/* graph-look.h: a run's colours and words for the painting of its graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread's.
 */
#pragma once

#include "canvas/palette.h"
#include "graph/graph-lineage.h"
#include "graph/graph-paint.h"
#include "model/weft-past.h"

#define WEFTLINE_GRAPH_FOOT \
  30 /* where the legend stands, below the graph; in one row of usual size */

/**
 * WeftlineGraphLook:
 * @model: set by the caller before it paints, as are @n_groups and @palette
 * @zoom: how much larger than usual text is; 1 from weftline_graph_look_init() on
 * @rtl: text is read from right to left
 * @moment: (nullable): what is said of groups is as it was then
 * @values: (nullable) (array length=n_values): by task: shown in place of states; set by
 *   weftline_graph_look_set_values()
 * @foot: weftline_graph_look_foot()'s own, as is what follows
 */
typedef struct
{
  const WeftModel *model;
  uint32_t n_groups;
  const WeftlinePalette *palette;
  double zoom;
  bool rtl;
  const WeftMoment *moment;
  WeftlineGroupColors *slots;
  GArray *slot_of_group; /* unsigned */
  const char *value_title;
  float *values;
  uint32_t n_values;
  float value_most;
  GArray *sums; /* double: of values by group, of the first n_summed tasks */
  uint32_t n_summed;
  GArray *marked;         /* uint32_t: tasks by group, of the first n_marked_of in a set */
  uint64_t marked_serial; /* the set's; 0: none was counted yet */
  uint32_t n_marked_of;
  int foot, foot_rows, foot_width; /* as it was asked for last */
  double foot_zoom;
  bool foot_of_values; /* a scale, not states */
  bool foot_interrupted;
  WeftlineGraphTexts *texts; /* (nullable): of the zoom that was painted last */
  double texts_zoom;
} WeftlineGraphLook;

void weftline_graph_look_init (WeftlineGraphLook *look);
void weftline_graph_look_clear (WeftlineGraphLook *look);

/* Values of the first tasks, in segments that are all known; of the order through all of them. */
void weftline_graph_look_set_values (WeftlineGraphLook *look, const WeftModel *model,
                                     uint32_t n_segments, WeftlineGraphValue value);
/* States again. */
void weftline_graph_look_clear_values (WeftlineGraphLook *look);

/* How high the legend is below a graph of that size, both together: as many rows as it takes, up to
 * a third of the height. Ask before painting. */
int weftline_graph_look_foot (WeftlineGraphLook *look, int width, int height);
/* The frame, and the legend below it: the height is the viewport's and the foot's. @max_labels: as
 * WeftlineGraphStyle has it */
void weftline_graph_look_paint (WeftlineGraphLook *look, cairo_t *cr,
                                const WeftlineSceneFrame *frame,
                                const WeftlineGraphPainting *painting, unsigned max_labels);
/**
 * weftline_graph_look_groups:
 * @n_tasks: of the scene
 * @marked: (nullable): of @n_tasks at least
 * @groups: WeftlineSceneCell: filled with what a scene is told by group
 *
 * O(groups); once for each set O(marked tasks), and for values O(tasks).
 */
void weftline_graph_look_groups (WeftlineGraphLook *look, uint32_t n_tasks,
                                 const WeftlineTaskSet *marked, GArray *groups);
/* How many tasks ran when the run was interrupted; 0: it was not, or what is shown is the past. */
uint32_t weftline_graph_look_n_interrupted (const WeftlineGraphLook *look);
/* What is said of a task that is pointed at: key, group, state, and its value if values are shown.
 * (transfer full) */
char *weftline_graph_look_dup_words (WeftlineGraphLook *look, uint32_t task, WeftModelState state);
/* The states of the first tasks of the model, a byte each, as a scene wants them. @moment:
 * (nullable): as they were then, else as they are */
void weftline_graph_look_states (const WeftModel *model, const WeftMoment *moment, uint32_t n_tasks,
                                 GByteArray *states);
