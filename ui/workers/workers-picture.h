/* workers-picture.h: workers as a picture without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"
#include "model/weft-model.h"

/* How large it has to be to show every worker and column. @model: (nullable) */
void weftline_workers_picture_size (WeftModel *model, const WeftModelSnapshot *snapshot,
                                    WeftlineTextCache *text, const WeftlineClock *clock, int *width,
                                    int *height);

/* Draws it at the context's origin, by name. @model: (nullable); @at_ns: the moment that is shown;
 * INT64_MAX: now */
void weftline_workers_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                               const WeftlinePalette *palette, WeftlineTextCache *text, bool rtl,
                               const WeftlineClock *clock, cairo_t *cr, int width, int height);
