/* where-paint.h: where the time goes, drawn
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Cairo in units of the view. What is usual is plain: running is solid, idling is empty. All else
 * has a colour and a pattern of its own.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "where/where-layout.h"

/**
 * WeftlineWherePaint:
 * @total, @rows: what was laid out
 * @caption: how many workers for how long
 * @awaited: (nullable): what no ready task mostly waited for: a group's name
 * @hover: what is under the pointer; row WEFT_NONE and no use: nothing
 * @model, @at_ns: (nullable): by which workers are told that are gone; INT64_MAX: now
 * @rtl: names stand on the right
 */
typedef struct
{
  const WeftlineWhereLayout *layout;
  const WeftTimeRow *total;
  const WeftTimeRow *rows;
  const char *caption;
  const char *awaited;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  WeftlineWhereHit hover;
  const WeftModel *model;
  int64_t at_ns;
  bool rtl;
} WeftlineWherePaint;

void weftline_where_paint (const WeftlineWherePaint *paint, cairo_t *cr);

/* A rectangle in the colour and pattern of a use. */
void weftline_where_draw_use (cairo_t *cr, const WeftlinePalette *palette, WeftTimeUse use,
                              double x, double y, double width, double height);

/* Room that names and figures of workers take. */
void weftline_where_measure (WeftlineTextCache *text, const WeftTimeRow *rows, uint32_t n_rows,
                             int width, int *before, int *behind);
