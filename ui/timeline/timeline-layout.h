/* timeline-layout.h: the task stream: what is in which pixel
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane is a row of columns, one a device pixel. A column holds the group of the longest piece of
 * a task in it, the share of its time that was busy, and what else occurs in it, however short.
 * Longest, sum and “occurs” do not depend on how a pixel's spans are cut into nodes of the pyramid
 * (WeftSpans), so a column is the same as if all spans had been looked at, and costs a few nodes:
 * a node that lies in one pixel is taken as it is, one across an edge between two is opened. For
 * each edge that is one node a level, of which there are as many as it takes to have fewer nodes
 * than pixels.
 *
 * A task as long as a pixel or longer that has more than one is a rectangle: the pixels in which
 * its piece is the longest. So rectangles of a lane are in the order of time and do not overlap.
 *
 * Positions are device pixels from the left of the area: time goes to the right, whichever way text
 * is read (canvas/reading.h). Nothing here is drawn. A layout is one thread's; where the view has
 * very many spans it has another one lay out some of the lanes, and waits for it.
 */
#pragma once

#include "model/weft-spans.h"

/* In place of a span's number: what the lane is in now. */
#define WEFTLINE_TIMELINE_NOW UINT64_MAX
#define WEFTLINE_TIMELINE_NO_SPAN (UINT64_MAX - 1)

/* Units of the view; of text of the usual size. */
#define WEFTLINE_TIMELINE_HEAD 24
#define WEFTLINE_TIMELINE_AXIS 24
#define WEFTLINE_TIMELINE_MIN_PITCH 16
#define WEFTLINE_TIMELINE_MAX_PITCH 180

/**
 * WeftlineTimelineLane:
 * @name: as it is shown
 * @spans: (nullable): a lane that has only its name
 * @n: how many of them: the snapshot's
 * @now_kind: WeftRecordKind the lane is in, 0: nothing is known
 * @now_start_ns: since when
 * @gone: its worker is no more; since @gone_ns, if that is later than its last span
 */
typedef struct
{
  const char *name;
  const WeftSpans *spans;
  uint64_t n;
  int64_t now_start_ns;
  int64_t gone_ns;
  uint32_t now_task;
  uint16_t now_group;
  uint8_t now_kind;
  bool gone;
} WeftlineTimelineLane;

/* @slot: weftline_group_colors_add() */
typedef struct
{
  const char *name;
  unsigned slot;
} WeftlineTimelineGroup;

/**
 * WeftlineTimelineInput:
 * @now_ns: up to where what is running has come; INT64_MIN: the run is over
 * @interrupted: the run ended there, and what was running with it
 *
 * One snapshot of a run. Arrays and strings are the caller's and stay until the layout has its next
 * input.
 */
typedef struct
{
  const WeftlineTimelineLane *lanes;
  const WeftlineTimelineGroup *groups;
  unsigned n_lanes;
  unsigned n_groups;
  int64_t now_ns;
  bool interrupted;
} WeftlineTimelineInput;

/**
 * WeftlineTimelineView:
 * @t0_ns: its first moment
 * @t1_ns: the first behind it: a task that takes no time and comes then is not in it
 * @width, @height: of all, in units of the view
 * @scale: device pixels a unit
 * @gutter: width of the lanes' names
 * @scroll: how far lanes are moved up, where they do not all fit
 * @rtl: names stand on the right
 * @line: height of a line of small text; 0: the usual one
 */
typedef struct
{
  int64_t t0_ns;
  int64_t t1_ns;
  int width;
  int height;
  int scale;
  int gutter;
  int scroll;
  bool rtl;
  int line;
} WeftlineTimelineView;

/* What stands above the lanes, and below them. */
static inline int
weftline_timeline_head (const WeftlineTimelineView *view)
{
  return MAX (WEFTLINE_TIMELINE_HEAD, view->line + 8);
}

static inline int
weftline_timeline_axis (const WeftlineTimelineView *view)
{
  return MAX (WEFTLINE_TIMELINE_AXIS, view->line + 8);
}

/* From lane to lane at least: their names have room. */
static inline int
weftline_timeline_least_pitch (const WeftlineTimelineView *view)
{
  return MAX (WEFTLINE_TIMELINE_MIN_PITCH, view->line + 1);
}

/* What a column or a rectangle is drawn as. */
typedef enum
{
  WEFTLINE_FORM_FOLDED, /* several, each less than a pixel; or nothing */
  WEFTLINE_FORM_DONE,
  WEFTLINE_FORM_ERRED, /* failed or timed out */
  WEFTLINE_FORM_CANCELLED,
  WEFTLINE_FORM_RETRIED,
  WEFTLINE_FORM_RUNNING,
} WeftlineTimelineForm;

/**
 * WeftlineTimelineColumn:
 * @group: of the longest piece; WEFT_NO_GROUP: no task with a group
 * @content: WeftSpansContent of all that touches it; of a task that has pixels of its own only
 *   there how it ended
 * @share: of its time that tasks took, in eighths: 255 is all, 31 less than a seventh, 0 nothing
 * @form: WeftlineTimelineForm
 * @separator: the last pixels of a rectangle that another task follows
 */
typedef struct
{
  uint16_t group;
  uint16_t content;
  uint8_t share;
  uint8_t form;
  uint8_t separator;
  uint8_t unused;
} WeftlineTimelineColumn;

/**
 * WeftlineTimelineRect:
 * @index: the span's, or WEFTLINE_TIMELINE_NOW
 * @x0: first pixel
 * @x1: behind the last
 */
typedef struct
{
  uint64_t index;
  int32_t x0;
  int32_t x1;
  uint32_t task;
  uint16_t group;
  uint8_t form;
  uint8_t unused;
} WeftlineTimelineRect;

/**
 * WeftlineTimelineLayout:
 * @area_x, @area_y, @area_width, @area_height: where lanes are, in device pixels of the view
 * @pitch, @lane_height: device pixels
 * @first_lane, @n_lanes: those that are at least partly in the area
 * @edges: [@area_width + 1]: time at which a pixel begins
 * @columns: [@n_lanes][@area_width]
 * @n_tasks: task spans that touch the view, in those lanes
 * @n_visits: nodes and spans looked at
 * @helped_from: spans in the view from which on a second thread helps
 * @is_helped: it did
 */
typedef struct
{
  WeftlineTimelineInput input;
  WeftlineTimelineView view;
  int area_x, area_y, area_width, area_height;
  int pitch, lane_height;
  unsigned first_lane, n_lanes;
  int64_t *edges;
  WeftlineTimelineColumn *columns;
  GArray *rects;      /* of WeftlineTimelineRect, lane by lane */
  GArray *rect_lanes; /* of uint32_t: [n_lanes + 1], first rectangle of each */
  uint64_t n_tasks;
  uint64_t n_visits;
  uint64_t helped_from;
  bool is_helped;
  void *work;
  size_t work_bytes;
  void *helper; /* (nullable): once there was need of one */
} WeftlineTimelineLayout;

WeftlineTimelineLayout *weftline_timeline_layout_new (void);
/* @layout: (nullable) */
void weftline_timeline_layout_free (WeftlineTimelineLayout *layout);

/**
 * weftline_timeline_layout_run:
 * @input: kept
 * @view: less than a nanosecond a pixel is made a nanosecond a pixel
 *
 * O(lanes in the area × device pixels × levels of the pyramid). Memory is kept for the next time.
 */
void weftline_timeline_layout_run (WeftlineTimelineLayout *layout,
                                   const WeftlineTimelineInput *input,
                                   const WeftlineTimelineView *view);

/* @lane: of the input, one in the area. (transfer none) */
static inline const WeftlineTimelineColumn *
weftline_timeline_columns (const WeftlineTimelineLayout *layout, unsigned lane)
{
  return layout->columns + (size_t) (lane - layout->first_lane) * (size_t) layout->area_width;
}

/* (transfer none) */
static inline const WeftlineTimelineRect *
weftline_timeline_rects (const WeftlineTimelineLayout *layout, unsigned lane, unsigned *n)
{
  const uint32_t *first = &g_array_index (layout->rect_lanes, uint32_t, lane - layout->first_lane);

  *n = first[1] - first[0];
  return &g_array_index (layout->rects, WeftlineTimelineRect, first[0]);
}

/* Device pixel of the view at which a lane begins. */
static inline int
weftline_timeline_lane_y (const WeftlineTimelineLayout *layout, unsigned lane)
{
  return layout->area_y + (int) lane * layout->pitch - layout->view.scroll * layout->view.scale
         + (layout->pitch - layout->lane_height) / 2;
}

/* The pixel a time is in; may be outside: −1 or the area's width. O(1) */
int weftline_timeline_x (const WeftlineTimelineLayout *layout, int64_t at_ns);
/* How far lanes can be scrolled; 0: all fit. Units of the view. */
int weftline_timeline_max_scroll (const WeftlineTimelineView *view, unsigned n_lanes);
WeftlineTimelineForm weftline_timeline_form_of (const WeftSpan *span);
