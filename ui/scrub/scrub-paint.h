/* scrub-paint.h: draws what scrub-layout.h laid out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Up to the moment the curve is solid, behind it an outline; a line with a knob stands at it. The
 * knob is hollow while now is shown.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "scrub/scrub-layout.h"

/**
 * WeftlineScrubPaint:
 * @width, @height: of the view
 * @time_ns: INT64_MAX: now
 * @hover_x: negative: nowhere
 * @words: of the moment, at the start
 * @end_words: of the whole run, at the end, if there is room
 */
typedef struct
{
  const WeftlineScrubLayout *layout;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  int width, height;
  int64_t time_ns;
  double hover_x;
  const char *words;
  const char *end_words;
} WeftlineScrubPaint;

/* One thread's. Paints no background. */
void weftline_scrub_paint (const WeftlineScrubPaint *paint, cairo_t *cr);
