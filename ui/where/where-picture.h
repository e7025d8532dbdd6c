/* where-picture.h: where the time goes, as a picture without a window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "model/weft-model.h"

/**
 * WeftlineWherePart:
 * @is_part: what went into the time from @from_ns to @to_ns, else into all there is
 */
typedef struct
{
  bool is_part;
  int64_t from_ns, to_ns;
} WeftlineWherePart;

/* How high it has to be to show every worker. @model: (nullable) */
int weftline_where_picture_height (WeftModel *model, const WeftModelSnapshot *snapshot,
                                   WeftlineWherePart part, int width);

/* Draws it at the context's origin. @model: (nullable) */
void weftline_where_picture (WeftModel *model, const WeftModelSnapshot *snapshot,
                             WeftlineWherePart part, const WeftlinePalette *palette,
                             WeftlineTextCache *text, bool rtl, cairo_t *cr, int width, int height);
