/* progress-source.h: a model's snapshot as bars of groups
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread's.
 */
#pragma once

#include "canvas/palette.h"
#include "model/weft-past.h"
#include "progress/progress-layout.h"

/**
 * WeftlineProgressSource:
 * @groups: of WeftlineProgressGroup, by the model's number
 * @colors: of uint32_t, likewise
 * @order: of uint32_t: as they are to be shown
 * @rates: of double: tasks a second by group, and behind these of all: over the last seconds while
 *   the run goes on, in the mean when it is over, and up to a moment of the past
 * @elapsed_ns: of a run that is over; 0: it is not, or a moment of the past is shown
 */
typedef struct
{
  GArray *groups;
  GArray *colors;
  GArray *order;
  GArray *rates;
  int64_t elapsed_ns;
  GQueue looks;          /* of past counts */
  GArray *slot_of_group; /* unsigned */
  WeftlineGroupColors *slots;
} WeftlineProgressSource;

void weftline_progress_source_init (WeftlineProgressSource *source);
void weftline_progress_source_clear (WeftlineProgressSource *source);

/* Groups, and their rates. @model: (nullable): then there are none. @moment: (nullable): as they
 * were then */
void weftline_progress_source_take (WeftlineProgressSource *source, const WeftModel *model,
                                    const WeftModelSnapshot *snapshot, const WeftMoment *moment);
/* The rates alone, of the groups as they are. */
void weftline_progress_source_rate (WeftlineProgressSource *source,
                                    const WeftModelSnapshot *snapshot);
void weftline_progress_source_color (WeftlineProgressSource *source,
                                     const WeftlinePalette *palette);
/* Puts them in order, and lays them out. */
void weftline_progress_source_layout (WeftlineProgressSource *source, WeftlineProgressSort sort,
                                      int width, int height, int scroll,
                                      WeftlineProgressLayout *layout);
