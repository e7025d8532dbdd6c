/* held-paint.h: what was held over time, drawn
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Cairo in units of the view. Areas are laid one on the other from the sum down, so no seam shows
 * what is behind.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "memory/held-layout.h"

/**
 * WeftlineHeldPaint:
 * @names, @colors: (array): of the bands
 * @hover_step: WEFT_NONE: none
 * @hover_band, @selected_band: WEFT_NONE: none
 * @time_ns: the moment all views show; INT64_MAX: none
 * @waiting: the history is being worked out
 * @small: there are results, but none that takes memory
 */
typedef struct
{
  const WeftlineHeldLayout *layout;
  const char *const *names;
  const uint32_t *colors;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  uint32_t hover_step, hover_band, selected_band;
  int64_t time_ns;
  bool rtl, waiting, small;
} WeftlineHeldPaint;

void weftline_held_paint (const WeftlineHeldPaint *paint, cairo_t *cr);

/* Room that labels of so many bytes take. */
int weftline_held_gutter (WeftlineTextCache *text, uint64_t most);
