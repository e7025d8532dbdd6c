/* transfer-paint.h: transfers between workers, drawn
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Cairo in units of the view. A cell's colour has its figure on it where there is room for that, so
 * colour is not alone; hovering tells it everywhere. Colours go from faint to strong in one hue, in
 * Dask's palette through viridis; both are in order of lightness too.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "transfers/transfer-layout.h"

/**
 * WeftlineTransferPaint:
 * @matrix: (nullable): what was laid out
 * @measure: what colours and figures tell
 * @is_over: nothing will come any more
 * @rtl: names stand on the right
 */
typedef struct
{
  const WeftlineTransferLayout *layout;
  const WeftlineTransferMatrix *matrix;
  WeftlineTransferMeasure measure;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  WeftlineTransferHit hover;
  bool is_over;
  bool rtl;
} WeftlineTransferPaint;

void weftline_transfer_paint (const WeftlineTransferPaint *paint, cairo_t *cr);

/* Of the scale, 0 … 1. */
uint32_t weftline_transfer_color (const WeftlinePalette *palette, double share);

/* @matrix: (nullable). How much room its texts want. */
void weftline_transfer_measure (WeftlineTextCache *text, const WeftlineTransferMatrix *matrix,
                                WeftlineTransferRoom *room);
