/* plot-paint.h: what drawings of bytes over time have in common
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/bytes-scale.h"
#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"

/* Room that labels of so many bytes take. */
int weftline_plot_gutter (WeftlineTextCache *text, uint64_t most);
/* Lines of the grid behind what is drawn into the rectangle, bytes beside it where lines begin,
 * times below it. */
void weftline_plot_grid (WeftlineTextCache *text, cairo_t *cr, const WeftlinePalette *palette,
                         const WeftlineBytesScale *bytes, const WeftlineTimeScale *time, bool rtl,
                         int x, int y, int width, int height);
/* A dashed line in the current source. */
void weftline_plot_dashes (cairo_t *cr, double x0, double y0, double x1, double y1);
/* A word above a level line, at the end that is away from the bytes. */
void weftline_plot_label (WeftlineTextCache *text, cairo_t *cr, const char *word, bool rtl,
                          double x, double y, double length, uint32_t color, uint32_t under);
/* What stands where there is nothing to draw. */
void weftline_plot_empty (WeftlineTextCache *text, cairo_t *cr, const WeftlinePalette *palette,
                          int width, int height, const char *title, const char *about);
