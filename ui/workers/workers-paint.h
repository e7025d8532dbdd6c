/* workers-paint.h: draws what workers-layout.h laid out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * States have the forms of tasks: running is hatched, waiting dotted, idle an outline; who is gone
 * is crossed and pale. A process's memory is in the colour of how full it is, as in the memory
 * view: results solid, the rest of half strength, what is on disk hatched behind it.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"
#include "workers/workers-layout.h"

/**
 * WeftlineWorkersPaint:
 * @sort, @descending: which title has the arrow
 * @hover: what is under the pointer
 * @selected: the worker whose row is, or WEFT_NONE
 * @linked: the worker that runs what is pointed at elsewhere, or WEFT_NONE
 * @rtl: text begins on the right
 */
typedef struct
{
  const WeftlineWorkersLayout *layout;
  const WeftlineWorkersSource *source;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  WeftlineClock clock;
  WeftlineWorkersColumn sort;
  bool descending;
  WeftlineWorkersHit hover;
  uint32_t selected, linked;
  bool rtl;
} WeftlineWorkersPaint;

void weftline_workers_paint (const WeftlineWorkersPaint *paint, cairo_t *cr);

/* What the layout asks for. @sort: which title has the arrow */
void weftline_workers_measure (WeftlineTextCache *text, const WeftlineWorkersSource *source,
                               const WeftlineClock *clock, WeftlineWorkersColumn sort,
                               WeftlineWorkersRoom *room);
/* Where a title stands in its place, with the arrow if it has it: from there, so wide. Nothing is
 * cut, so this is within the place. */
void weftline_workers_title_extent (WeftlineTextCache *text, const WeftlineWorkersLayout *layout,
                                    const WeftlineWorkersPlace *place, WeftlineWorkersColumn sort,
                                    int *x, int *width);
