/* graph-paint.h: a frame of a graph's scene as a picture
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task has the colour of its group and the form of its state, so that neither stands alone. On
 * image surfaces all but text is written into the pixels; anything else gets vectors.
 */
#pragma once

#include "graph/graph-pen.h"
#include "graph/graph-scene.h"

#include <pango/pangocairo.h>

/**
 * WeftlineGroupFacts:
 * @busy_ns: that its tasks took, in all; 0: nothing is said of it
 * @live_bytes: that its results take; 0: likewise
 */
typedef struct
{
  int64_t busy_ns;
  uint64_t live_bytes;
} WeftlineGroupFacts;

/* Laid-out text, kept from frame to frame: a frame then costs no more than showing it. Belongs to
 * one view and one font. */
typedef struct _WeftlineGraphTexts WeftlineGraphTexts;
WeftlineGraphTexts *weftline_graph_texts_new (void);
/* @texts: (nullable) */
void weftline_graph_texts_free (WeftlineGraphTexts *texts);

/**
 * WeftlineGraphStyle:
 * @group_color: opaque
 * @value_color: of 0 … 1, for overlays
 * @value_title: (nullable): what an overlay shows, for the legend
 * @dup_label: (nullable): a task's key, or part of it; (transfer full)
 * @group_name: (nullable): (transfer none)
 * @group_facts: (nullable): what is said of a group from far, where there is room
 * @erred: black, or white on dark
 * @has_state_colors: a task has the colour of its state, not that of its group
 * @interrupted: the run was: what ran then does so no more
 * @max_labels: of tasks; where there are more tasks, none has its label
 * @state_names: WEFT_TASK_N_STATES, for the legend, which translates them
 * @font: of labels; in pixels of the context, as large as the legend is to be
 * @rtl: text is read from right to left (canvas/reading.h)
 * @texts: (nullable): of just this font and size
 *
 * All that the painting needs to know of the palette and of the run.
 */
typedef struct
{
  WeftlineGraphColor background, text, dim_text, edge, strong_edge, accent, erred;
  WeftlineGraphColor (*group_color) (uint32_t group, const void *data);
  WeftlineGraphColor (*value_color) (float share, const void *data);
  bool has_state_colors;
  bool interrupted;
  WeftlineGraphColor state_colors[WEFT_TASK_N_STATES];
  const char *value_title;
  char *(*dup_label) (uint32_t task, const void *data);
  const char *(*group_name) (uint32_t group, const void *data);
  void (*group_facts) (uint32_t group, const void *data, WeftlineGroupFacts *facts);
  unsigned max_labels;
  const char *const *state_names;
  const char *font;
  double font_px;
  bool rtl;
  WeftlineGraphTexts *texts;
  const void *data;
} WeftlineGraphStyle;

#define WEFTLINE_GRAPH_FONT_PX 11.0 /* where text has its usual size */

/* How many labels are usual: each takes time. */
#define WEFTLINE_GRAPH_LABELS 160

/* The palette of the design's sketches, English names, no labels. */
void weftline_graph_style_init (WeftlineGraphStyle *style, bool dark);

/* A state's name, translated. */
const char *weftline_graph_state_name (const WeftlineGraphStyle *style, WeftModelState state);

/**
 * WeftlineGraphPainting:
 * @selected: task with a ring, or WEFT_NONE
 * @has_lineage: what is not marked steps back
 * @value_most: above 0: values are shown, and this is the end of their scale
 * @has_group: from far the same holds for groups other than @group, which has a ring
 */
typedef struct
{
  uint32_t selected;
  uint32_t hovered;
  bool has_lineage;
  float value_most;
  bool has_group;
  uint32_t group;
} WeftlineGraphPainting;

/**
 * weftline_graph_paint:
 *
 * Fills the frame's viewport at the context's origin, background and all.
 */
void weftline_graph_paint (cairo_t *cr, const WeftlineSceneFrame *frame,
                           const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting);

/**
 * weftline_graph_paint_legend:
 * @room: how wide it may be; what does not fit goes on in another row
 * @max_rows: further ones are not drawn
 * @states: bits: which are shown; all when 0
 *
 * The forms of states in a colour that is no group's, with their names, or the scale of values from
 * 0 to @value_most.
 *
 * Returns: how wide it is
 */
double weftline_graph_paint_legend (cairo_t *cr, double x, double y, double room, int max_rows,
                                    const WeftlineGraphStyle *style, unsigned states,
                                    float value_most);
/* How many rows it takes, all of it. */
int weftline_graph_legend_rows (double room, const WeftlineGraphStyle *style, unsigned states,
                                float value_most);
