/* text-cache.h: text that is drawn again and again
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Laying a text out costs more than drawing it, and drawing it more than copying its pixels. A text
 * is laid out once, and rendered once into a mask for pictures that are written directly. What was
 * not asked for during the last turns is let go, so the cache is as large as what is on screen.
 * One thread's. Widths and heights are in units of the view, not in device pixels.
 */
#pragma once

#include "canvas/pixels.h"

#include <pango/pangocairo.h>

typedef struct _WeftlineTextCache WeftlineTextCache;

typedef enum
{
  WEFTLINE_TEXT_NORMAL,
  WEFTLINE_TEXT_SMALL, /* tenths smaller: axes, labels in spans */
  WEFTLINE_TEXT_BOLD,
  WEFTLINE_N_TEXTS,
} WeftlineTextStyle;

/* @font: as pango_font_description_from_string(); its figures are made tabular.
 *
 * A text runs as its first letter does, one without letters from left to right, whichever way the
 * window reads: “29 / 53” and “12 %” are read the same everywhere. */
WeftlineTextCache *weftline_text_cache_new (const char *font, int scale);
/* @cache: (nullable) */
void weftline_text_cache_free (WeftlineTextCache *cache);
/* What it was made with. */
const char *weftline_text_cache_font (const WeftlineTextCache *cache);
/* Ends a turn: texts that were not asked for during the last two are let go. */
void weftline_text_cache_turn (WeftlineTextCache *cache);

void weftline_text_size (WeftlineTextCache *cache, const char *text, WeftlineTextStyle style,
                         int *width, int *height);
/* With the current source, its upper left corner there. */
void weftline_text_show (WeftlineTextCache *cache, cairo_t *cr, const char *text,
                         WeftlineTextStyle style, double x, double y);
/* Into pixels; x and y are device pixels. */
void weftline_text_blit (WeftlineTextCache *cache, WeftlinePixels *pixels, const char *text,
                         WeftlineTextStyle style, int x, int y, uint32_t color);
int weftline_text_width (WeftlineTextCache *cache, const char *text, WeftlineTextStyle style);
/* Height of a line. */
int weftline_text_height (WeftlineTextCache *cache, WeftlineTextStyle style);
/* As much of the text as fits, with an ellipsis. (transfer full) */
char *weftline_text_fit (WeftlineTextCache *cache, const char *text, WeftlineTextStyle style,
                         int width);
/* The same, cut in its middle: names often differ at their ends. (transfer full) */
char *weftline_text_fit_middle (WeftlineTextCache *cache, const char *text, WeftlineTextStyle style,
                                int width);
/* Cut between words into at most so many lines; what is too long gets an ellipsis.
 * (transfer full): ends with NULL */
char **weftline_text_lines (WeftlineTextCache *cache, const char *text, WeftlineTextStyle style,
                            int width, unsigned most);
/* For tests: how many texts are kept, and how many were laid out so far. */
unsigned weftline_text_cache_n (const WeftlineTextCache *cache);
uint64_t weftline_text_cache_n_made (const WeftlineTextCache *cache);
