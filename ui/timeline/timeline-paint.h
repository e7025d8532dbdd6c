/* timeline-paint.h: the task stream drawn
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Data (lanes, their names, the axis) goes into one surface that stays and is written pixel by
 * pixel, anew when data or view changed. What follows the pointer and the selection is laid over it
 * with cairo. For SVG and PDF the same columns are drawn as rectangles, text as text.
 *
 *   a task                  its group's colour; folded: by the share that was busy
 *   running                 hatched                  erred      black, white on dark
 *   cancelled               struck through           retried    black dashes at its upper edge
 *   an error, folded        black at the upper edge, however short
 *   spill                   orange at the lower edge, and where nothing ran a light orange
 *   transfer                red dashes there, light red; deserialise and the like: light grey
 *   paused                  thinly hatched in grey
 *   parked                  white; nothing known: the lane's grey
 *   gone                    the lane crossed out behind its last span
 *
 * One thread's.
 */
#pragma once

#include "canvas/palette.h"
#include "canvas/text-cache.h"
#include "canvas/time-scale.h"
#include "timeline/timeline-annotations.h"
#include "timeline/timeline-layout.h"

typedef struct _WeftlineTimelinePaint WeftlineTimelinePaint;

typedef enum
{
  WEFTLINE_LABELS_NONE,
  WEFTLINE_LABELS_GROUP, /* where they fit */
  WEFTLINE_LABELS_KEY,   /* what the caller says of a task, else, or if it is too long, its group */
} WeftlineTimelineLabels;

/* (nullable) (transfer none): of a task, until the next call */
typedef const char *(*WeftlineTimelineKeyFunc) (void *data, uint32_t task);

/**
 * WeftlineTimelineLook:
 * @font: of the interface
 * @has_group: whether @group stands out among the others
 * @status: (nullable): at the end of the head, “412 of 412 tasks · 0 dropped”
 * @empty_title, @empty_text: (nullable): in place of lanes, where there is none
 * @now_text: (nullable): at the line of now
 * @is_live: pictures follow each other, of a run that goes on
 * @wall_ns: time of day at 0, ns since 1970; 0: unknown
 *
 * Strings are the caller's and stay for the call.
 */
typedef struct
{
  const WeftlinePalette *palette;
  const char *font;
  bool has_group;
  uint32_t group;
  WeftlineTimelineLabels labels;
  WeftlineTimelineKeyFunc key;
  void *key_data;
  WeftlineTimeForm time_form;
  int64_t wall_ns;
  const char *status;
  const char *empty_title;
  const char *empty_text;
  const char *now_text;
  bool is_live;
} WeftlineTimelineLook;

/* A span: @index may be WEFTLINE_TIMELINE_NOW. */
typedef struct
{
  unsigned lane;
  uint64_t index;
} WeftlineTimelineMark;

/* From the end of one task to the start of another that needs it. */
typedef struct
{
  WeftlineTimelineMark from, to;
} WeftlineTimelineArrow;

/**
 * WeftlineTimelineOverlay:
 * @lineage: [@n_lineage]: what stands out
 * @is_veiled: all but @lineage steps back
 * @has_moment: views show how it was at @moment_ns: what comes after it steps back
 * @range_text: (nullable): what happened there; see weftline_timeline_stats_line()
 * @range_groups: (nullable): behind it, where there is room; see weftline_timeline_stats_groups()
 * @hover_lines: (nullable): %NULL-terminated: the first is the title
 * @pointer_x, @pointer_y: where the hover box hangs, units of the view; with a gap it hangs there
 * @annotations: (nullable): of the whole run
 * @has_gap: a time in @gap_lane stands out, in which that ran no task
 */
typedef struct
{
  bool has_selected, has_hovered, has_range, is_veiled, has_moment;
  WeftlineTimelineMark selected, hovered;
  int64_t range_t0_ns, range_t1_ns;
  int64_t moment_ns;
  const char *range_text, *range_groups;
  const char *const *hover_lines;
  double pointer_x, pointer_y;
  bool has_gap;
  unsigned gap_lane;
  int64_t gap_t0_ns, gap_t1_ns;
  const WeftlineTimelineArrow *arrows;
  unsigned n_arrows;
  const WeftlineTimelineMark *lineage;
  unsigned n_lineage;
  const WeftlineTimelineAnnotations *annotations;
} WeftlineTimelineOverlay;

/* More are not drawn: nobody could follow them. The view says so. */
#define WEFTLINE_TIMELINE_MAX_ARROWS 500

WeftlineTimelinePaint *weftline_timeline_paint_new (void);
/* @paint: (nullable) */
void weftline_timeline_paint_free (WeftlineTimelinePaint *paint);

/* Draws the data of a layout into the surface. */
void weftline_timeline_paint_data (WeftlineTimelinePaint *paint,
                                   const WeftlineTimelineLayout *layout,
                                   const WeftlineTimelineLook *look);
/* What was drawn last, at the origin. */
void weftline_timeline_paint_show (const WeftlineTimelinePaint *paint, cairo_t *cr);
/* (transfer none): the surface's pixels, for tests. */
const WeftlinePixels *weftline_timeline_paint_pixels (const WeftlineTimelinePaint *paint);

/* Over the data, at the origin. @overlay: (nullable): only the line of now */
void weftline_timeline_paint_overlay (WeftlineTimelinePaint *paint, cairo_t *cr,
                                      const WeftlineTimelineLayout *layout,
                                      const WeftlineTimelineLook *look,
                                      const WeftlineTimelineOverlay *overlay);

/* Data as shapes and text, for files that are scaled. */
void weftline_timeline_paint_vector (WeftlineTimelinePaint *paint, cairo_t *cr,
                                     const WeftlineTimelineLayout *layout,
                                     const WeftlineTimelineLook *look);

/* How wide the gutter has to be for the lanes' names, between limits. Units of the view. */
int weftline_timeline_paint_gutter (WeftlineTimelinePaint *paint,
                                    const WeftlineTimelineInput *input,
                                    const WeftlineTimelineLook *look, int scale);
/* Height of a line of small text, as it measured last. */
int weftline_timeline_paint_line (const WeftlineTimelinePaint *paint);

/* Whether texts were left out because too many were new at once: drawing again brings more. */
bool weftline_timeline_paint_is_unfinished (const WeftlineTimelinePaint *paint);
