/* progress-paint.h: draws what progress-layout.h laid out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread's. Positions are units of the view; bars stand on whole ones, so edges are crisp.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "progress/progress-layout.h"

/**
 * WeftlineProgressPaint:
 * @colors: (array): by index of the groups laid out
 * @hover, @selected: groups' indices, WEFT_NONE: none; the row of all tasks is never one
 * @n_marked: (nullable): by index of the groups: how many tasks stand out; a row without steps back
 * @rate: tasks a second, by index of the groups, behind these that of all; 0: nothing is said of
 *   it. (nullable)
 * @left: how long the rest takes, @left_short the same in fewer words, for where there is not room
 *   enough. (nullable)
 * @rtl: names stand on the right
 */
typedef struct
{
  const WeftlineProgressLayout *layout;
  const WeftlineProgressGroup *groups;
  const uint32_t *colors;
  const double *rate;
  const char *left, *left_short;
  const uint32_t *n_marked;
  const WeftlinePalette *palette;
  WeftlineTextCache *text;
  uint32_t hover, selected;
  bool rtl;
} WeftlineProgressPaint;

void weftline_progress_paint (const WeftlineProgressPaint *paint, cairo_t *cr);

/* What a row says: “412 of 619 done, 3 erred, 2 running”. (transfer full) */
char *weftline_progress_row_text (const WeftlineProgressRow *row, const char *name);
/* At a row's end: “3 erred   12.5/s   412 / 619”; @rate 0: none; "": there are no tasks.
 * (transfer full) */
char *weftline_progress_figures_text (const WeftlineProgressRow *row, double rate);
/* The same, or, where there is not so much room, without the rate, then without errors, which the
 * bar shows, then “83 %”, then nothing. (transfer full) */
char *weftline_progress_fitting_figures (WeftlineTextCache *text, const WeftlineProgressRow *row,
                                         double rate, int room);
/* How much of a row so wide its name gets, if its figures are long. */
int weftline_progress_name_room (WeftlineTextCache *text, const char *name, WeftlineTextStyle style,
                                 int width);
/* “3 of 12 groups”. (transfer full) (nullable): all are seen */
char *weftline_progress_count_text (const WeftlineProgressLayout *layout);
/* “12.5/s”, “1 234/s”. (transfer full) */
char *weftline_progress_rate_text (double rate);
/* “in 2.41 s”: how long a run took that is over. (transfer full) (nullable): @elapsed_ns is 0 */
char *weftline_progress_elapsed_text (int64_t elapsed_ns);
