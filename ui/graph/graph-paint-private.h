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

#define WEFTLINE_GRAPH_CUT 0.39f /* as strong as the task stream has it */

/* Whether a task was cut off: its run was interrupted while it ran. */
static inline bool
_weftline_graph_is_cut (const WeftlineGraphStyle *style, WeftModelState state)
{
  return style->interrupted && state == WEFT_TASK_RUNNING;
}

/* What a task in a state is drawn with; @color: its group's. */
static inline const WeftlineGraphColor *
_weftline_graph_ink (const WeftlineGraphStyle *style, WeftModelState state,
                     const WeftlineGraphColor *color)
{
  if (style->has_state_colors)
    return &style
                ->state_colors[_weftline_graph_is_cut (style, state) ? WEFT_TASK_CANCELLED : state];
  return state == WEFT_TASK_ERRED ? &style->erred : color;
}

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

/* What writes text: its members belong to graph-labels.c, but for the style. */
typedef struct
{
  cairo_t *cr;
  PangoFontDescription *font;
  const WeftlineGraphStyle *style;
  WeftlineGraphTexts *texts, *own;
} WeftlineGraphWriter;

double _weftline_graph_text_width (WeftlineGraphWriter *writer, const char *text);
/* @align: 0 left, 0.5 middle, 1 right of the room; what does not fit is cut in its middle */
void _weftline_graph_write (WeftlineGraphWriter *writer, const char *text, double x, double middle,
                            double room, double align, const WeftlineGraphColor *color);
/* graph-group-labels.c: that of the group graph */
void _weftline_graph_group_labels (WeftlineGraphWriter *writer, const WeftlineSceneFrame *frame);
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
