/* graph-paint-private.h: what the painting's files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/graph-paint.h"

/* A box of a colour, in the form of a state. @strength: below 1: steps back */
void _weftline_graph_box (WeftlineGraphPen *pen, double x, double y, double width, double height,
                          WeftModelState state, const WeftlineGraphColor *color, float strength,
                          const WeftlineGraphStyle *style);

/* What a task in a state is drawn with; @color: its group's. */
static inline const WeftlineGraphColor *
_weftline_graph_ink (const WeftlineGraphStyle *style, WeftModelState state,
                     const WeftlineGraphColor *color)
{
  if (style->has_state_colors)
    return &style->state_colors[state];
  return state == WEFT_TASK_ERRED ? &style->erred : color;
}

/* Shares of states side by side. */
void _weftline_graph_shares (WeftlineGraphPen *pen, double x, double y, double width, double height,
                             const WeftlineSceneCell *cell, const WeftlineGraphColor *color,
                             float strength, const WeftlineGraphStyle *style);

/* Groups at least this high are cards, with a name. */
#define GRAPH_CARD_PX 26.0

/* Black or white, whichever is read better on @color. */
WeftlineGraphColor _weftline_graph_text_on (const WeftlineGraphColor *color);

/* graph-labels.c: all text of a frame, after the pen */
void _weftline_graph_labels (cairo_t *cr, const WeftlineSceneFrame *frame,
                             const WeftlineGraphStyle *style,
                             const WeftlineGraphPainting *painting);

static inline double
frame_x (const WeftlineSceneFrame *frame, float x)
{
  return ((double) x - frame->viewport.x) * frame->viewport.scale;
}

static inline double
frame_y (const WeftlineSceneFrame *frame, float y)
{
  return ((double) y - frame->viewport.y) * frame->viewport.scale;
}
