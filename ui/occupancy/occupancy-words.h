/* occupancy-words.h: what workers did over time, in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/time-scale.h"
#include "occupancy/occupancy-layout.h"

/* A word or two. (transfer none) */
const char *weftline_occupancy_use_name (WeftlineOccupancyUse use);
/* What part it has of the time for which workers were there. */
double weftline_occupancy_part (const WeftlineOccupancyShare *share, WeftlineOccupancyUse use);
/* “4 workers, 12 tasks stolen”, “8 of 64 workers”: of the time that is shown. (transfer full) */
char *weftline_occupancy_figures (const WeftlineOccupancyLayout *layout);
/* All in one sentence, for those who do not see it. (transfer full) */
char *weftline_occupancy_summary (const WeftlineOccupancyLayout *layout);
/* Lines on a strip, in a column or (−1) in all of them; the first is a title. (transfer full) */
char *weftline_occupancy_explain (const WeftlineOccupancyLayout *layout,
                                  const WeftlineOccupancySource *source,
                                  const WeftlineOccupancyStrip *strip, int column,
                                  WeftlineTimeForm form);
