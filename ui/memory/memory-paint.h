/* memory-paint.h: what memory a run takes, drawn
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Cairo in units of the view. Results are solid, in the colour of how full it is, a worker's in
 * that of how full an even share would be; what else the process takes is of half strength; what is
 * on disk is hatched, in the colour of spilling.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "memory/memory-layout.h"

/* @hover_ns, @time_ns: moments under the pointer, and of all views; negative, INT64_MAX: none */
typedef struct
{
  const WeftlineMemoryLayout *layout;
  const WeftlineMemoryInput *input;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  int64_t hover_ns, time_ns;
  bool rtl;
} WeftlineMemoryPaint;

void weftline_memory_paint (const WeftlineMemoryPaint *paint, cairo_t *cr);

/* What the layout asks for. */
void weftline_memory_measure (WeftlineTextCache *text, const WeftlineMemoryInput *input, int width,
                              bool rtl, WeftlineMemoryRoom *room);
