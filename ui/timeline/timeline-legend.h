/* timeline-legend.h: what the forms and marks of the task stream mean
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each kind of thing that a lane can hold, as it is drawn there, and its name. A line below the
 * stream has those that occur. One thread's.
 */
#pragma once

#include "timeline/timeline-paint.h"

typedef enum
{
  WEFTLINE_LEGEND_TASK,
  WEFTLINE_LEGEND_RUNNING,
  WEFTLINE_LEGEND_ERRED,
  WEFTLINE_LEGEND_RETRIED,
  WEFTLINE_LEGEND_CANCELLED,
  WEFTLINE_LEGEND_SPILL,
  WEFTLINE_LEGEND_TRANSFER,
  WEFTLINE_LEGEND_PHASE,
  WEFTLINE_LEGEND_PAUSED,
  WEFTLINE_LEGEND_IDLE,
  WEFTLINE_LEGEND_N_KINDS,
} WeftlineLegendKind;

#define WEFTLINE_LEGEND_HEIGHT 22 /* of the line, units of the view */
#define WEFTLINE_LEGEND_SAMPLE_WIDTH 16
#define WEFTLINE_LEGEND_SAMPLE_HEIGHT 12

/* Bits: what is to be seen in a layout. O(its columns) */
unsigned weftline_timeline_legend_kinds (const WeftlineTimelineLayout *layout);
/* Translated: its name, and in a sentence what it means. (transfer none) */
const char *weftline_timeline_legend_name (WeftlineLegendKind kind);
const char *weftline_timeline_legend_meaning (WeftlineLegendKind kind);

/* As it looks in a lane, SAMPLE_WIDTH × SAMPLE_HEIGHT. @color: of a group */
void weftline_timeline_legend_sample (cairo_t *cr, const WeftlinePalette *palette,
                                      WeftlineLegendKind kind, uint32_t color, double x, double y);

/* How high the line is in a view of that size; 0: there is no room for one. */
int weftline_timeline_legend_height (int width, int height);

/**
 * weftline_timeline_paint_legend:
 * @paint: for its texts: data was painted before
 * @kinds: bits; none: nothing is drawn but the ground
 * @y: where the line begins; it is as wide as @width
 * @rtl: begins on the right
 *
 * Returns: how many of the kinds are in it: what does not fit is left out from the end
 */
unsigned weftline_timeline_paint_legend (WeftlineTimelinePaint *paint, cairo_t *cr,
                                         const WeftlinePalette *palette, unsigned kinds, int width,
                                         int y, bool rtl);
