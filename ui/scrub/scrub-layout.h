/* scrub-layout.h: the time of a run as a track, and how many tasks ran along it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: numbers in, places in the view's units out. The track is as wide as the view but for a
 * margin at both ends, in which the knob finds room. Any thread.
 */
#pragma once

#include "model/weft-model.h"

#define WEFTLINE_SCRUB_HEIGHT 40
#define WEFTLINE_SCRUB_MARGIN 7 /* half a knob */
#define WEFTLINE_SCRUB_WORDS 16 /* above the curve */
#define WEFTLINE_SCRUB_SNAP 4   /* so near the end it is now */

/**
 * WeftlineScrubLayout:
 * @end_ns: of the track, which begins at 0
 * @running: (array length=width): tasks that ran while a column lasted, on average
 * @most: of these
 */
typedef struct
{
  int width;
  int64_t end_ns;
  double *running;
  double most;
} WeftlineScrubLayout;

/* Zero is an empty one. */
void weftline_scrub_layout_clear (WeftlineScrubLayout *layout);

/**
 * weftline_scrub_layout:
 * @model: (nullable)
 * @width: of the view
 *
 * O(columns × lanes): what lies within a column is taken from the pyramid.
 */
void weftline_scrub_layout (WeftlineScrubLayout *layout, const WeftModel *model,
                            const WeftModelSnapshot *snapshot, int width);

/* When a column begins; that of @width is the end. */
int64_t weftline_scrub_column_ns (const WeftlineScrubLayout *layout, int column);
/* The place of a moment in the view; INT64_MAX: of the end. */
double weftline_scrub_x (const WeftlineScrubLayout *layout, int64_t at_ns);
/* The moment of a place; INT64_MAX: the end, or so near to it that it is meant. */
int64_t weftline_scrub_at (const WeftlineScrubLayout *layout, double x);
