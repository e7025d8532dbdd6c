/* memory-picture.h: memory, and what was held, as pictures without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Drawn at the context's origin. @model: (nullable). @at_ns: the moment that is shown; INT64_MAX:
 * now
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"
#include "model/weft-model.h"

void weftline_memory_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                              const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                              const WeftlineClock *clock, cairo_t *cr, int width, int height);

void weftline_held_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                            const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                            const WeftlineClock *clock, cairo_t *cr, int width, int height);
