/* held-layout.h: what was held over time, by group: areas one on the other
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: a history in, places in the view's units out. Time runs from left to right, bytes upwards.
 * The legend stands below the axis of time, as many names as there is room for. Any thread.
 */
#pragma once

#include "canvas/bytes-scale.h"
#include "canvas/time-scale.h"
#include "model/weft-held.h"

#define WEFTLINE_HELD_AXIS 18   /* height of the times below */
#define WEFTLINE_HELD_LEGEND 20 /* height of the names below these */
#define WEFTLINE_HELD_HEAD 8    /* room above */

typedef struct
{
  int x, y, width, height;
} WeftlineHeldPlot;

/**
 * WeftlineHeldLayout:
 * @tops: (array length=n_bands*n_steps): y of the upper edge of a band in a step, band by band; the
 *   lower edge is the upper one of the band below, or the plot's lower edge
 * @edges: (array length=n_steps+1): x of the steps' edges
 * @threshold_y: y of the line; negative: outside
 * @peak_x, @peak_y: where most was held; only if anything was
 */
typedef struct
{
  WeftlineHeldPlot plot;
  WeftlineTimeScale time;
  WeftlineBytesScale bytes;
  WeftHeldSteps steps;
  double *tops;
  double *edges;
  double threshold_y;
  double peak_x, peak_y;
  int width, height;
  WeftlineClock clock; /* of the axis; the caller's, before it lays out */
} WeftlineHeldLayout;

void weftline_held_layout_init (WeftlineHeldLayout *layout);
void weftline_held_layout_clear (WeftlineHeldLayout *layout);

/**
 * weftline_held_layout:
 * @steps: what it points to is not looked at later than @layout
 * @threshold_bytes: above this results are spilled; 0: never
 * @gutter: room that the bytes' labels take beside the plot
 * @rtl: on its right, else on its left
 * @figure: width of a figure of the axis's font
 */
void weftline_held_layout (WeftlineHeldLayout *layout, const WeftHeldSteps *steps,
                           uint64_t threshold_bytes, int width, int height, int gutter, bool rtl,
                           double figure);

/* The step at a place. Returns: FALSE: it is outside the plot */
bool weftline_held_step_at (const WeftlineHeldLayout *layout, double x, double y, uint32_t *step);
/* The band at a place in a step; n_bands: above all of them. */
uint32_t weftline_held_band_at (const WeftlineHeldLayout *layout, uint32_t step, double y);
/* Up to where what was in memory then reaches: the rest is on disk. */
double weftline_held_in_memory_y (const WeftlineHeldLayout *layout, uint32_t step);
/* Where a moment is. */
double weftline_held_x (const WeftlineHeldLayout *layout, int64_t at_ns);
