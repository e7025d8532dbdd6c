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
 */
typedef struct
{
  GArray *groups;
  GArray *colors;
  GArray *order;
  GArray *slot_of_group; /* unsigned */
  WeftlineGroupColors *slots;
} WeftlineProgressSource;

void weftline_progress_source_init (WeftlineProgressSource *source);
void weftline_progress_source_clear (WeftlineProgressSource *source);

/* @model: (nullable): then there are none. @moment: (nullable): states as they were then */
void weftline_progress_source_take (WeftlineProgressSource *source, const WeftModel *model,
                                    const WeftModelSnapshot *snapshot, const WeftMoment *moment);
void weftline_progress_source_color (WeftlineProgressSource *source,
                                     const WeftlinePalette *palette);
/* Puts them in order, and lays them out. */
void weftline_progress_source_layout (WeftlineProgressSource *source, WeftlineProgressSort sort,
                                      int width, int height, int scroll,
                                      WeftlineProgressLayout *layout);
