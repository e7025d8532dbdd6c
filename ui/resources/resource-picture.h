/* resource-picture.h: CPU, memory, reading and writing as a picture without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"
#include "model/weft-model.h"

/* Draws it at the context's origin. @model: (nullable). @at_ns: where a line stands; INT64_MAX:
 * there is none */
void weftline_resource_picture (WeftModel *model, const WeftModelSnapshot *snapshot, int64_t at_ns,
                                const WeftlinePalette *palette, WeftlineTextCache *text,
                                WeftlineTimeForm time_form, bool rtl, cairo_t *cr, int width,
                                int height);
