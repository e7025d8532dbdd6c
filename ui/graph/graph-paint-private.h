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

/* Shares of states side by side. */
void _weftline_graph_shares (WeftlineGraphPen *pen, double x, double y, double width, double height,
                             const WeftlineSceneCell *cell, const WeftlineGraphColor *color,
                             float strength, const WeftlineGraphStyle *style);

/* Groups at least this high are cards, with a name. */
static inline double
_weftline_graph_card_px (const WeftlineGraphStyle *style)
{
  return 26 * style->font_px / WEFTLINE_GRAPH_FONT_PX;
}

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
