/* timeline-hit.h: what is under the pointer, and where to go from there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All of this looks at nodes first: O(levels × fan-out) a question, but where it says otherwise.
 */
#pragma once

#include "timeline/timeline-layout.h"

typedef enum
{
  WEFTLINE_HIT_NOTHING, /* outside of all lanes */
  WEFTLINE_HIT_NAME,    /* a lane's name */
  WEFTLINE_HIT_AXIS,
  WEFTLINE_HIT_GAP,  /* in a lane, where it has nothing */
  WEFTLINE_HIT_SPAN, /* a task or something else: @index */
  WEFTLINE_HIT_NOW,  /* what the lane is in now */
} WeftlineTimelineHitKind;

/**
 * WeftlineTimelineHit:
 * @lane: of the input; WEFT_NONE: none
 * @index: of the span whose piece in the pixel is the longest, a task before anything else
 * @at_ns: the time that is pointed at
 */
typedef struct
{
  WeftlineTimelineHitKind kind;
  unsigned lane;
  uint64_t index;
  int64_t at_ns;
} WeftlineTimelineHit;

/* @x, @y: units of the view, from its upper left corner */
void weftline_timeline_hit (const WeftlineTimelineLayout *layout, double x, double y,
                            WeftlineTimelineHit *hit);

/* The time at a place, also left and right of the area. */
int64_t weftline_timeline_at (const WeftlineTimelineLayout *layout, double x);

/* The span (see WeftlineTimelineHit) with the longest piece in [t0, t1); NO_SPAN: there is none. */
uint64_t weftline_timeline_longest (const WeftlineTimelineLane *lane, int64_t t0_ns, int64_t t1_ns);

/**
 * weftline_timeline_step:
 * @index: a span; NO_SPAN: before the first, behind the last
 * @direction: 1 or −1
 *
 * Returns: the next task of the lane that is not inside another, or NO_SPAN. Passes over whole
 *   nodes without one.
 */
uint64_t weftline_timeline_step (const WeftlineTimelineLane *lane, uint64_t index, int direction);

/**
 * weftline_timeline_step_gap:
 * @t0_ns, @t1_ns: of the run: before its first task a lane has a gap, and after its last
 * @least_ns: shorter gaps are passed over
 * @from_ns, @to_ns: (inout): the gap, or the task, to go on from; untouched where there is no other
 *
 * The time in which an ordered lane ran no task, next in that direction. Looks at 100,000 tasks at
 * most.
 *
 * Returns: whether there is one
 */
bool weftline_timeline_step_gap (const WeftlineTimelineLane *lane, int64_t t0_ns, int64_t t1_ns,
                                 int64_t least_ns, int direction, int64_t *from_ns, int64_t *to_ns);

/* From the first start to the last end, and to now. Returns: whether there is anything */
bool weftline_timeline_extent (const WeftlineTimelineInput *input, int64_t *t0_ns, int64_t *t1_ns);

/* ---- moving a view --------------------------------------------------------------------------- */

/* Shows a time whole with a little air; a single moment gets a microsecond. */
void weftline_timeline_view_fit (WeftlineTimelineView *view, int64_t t0_ns, int64_t t1_ns);
/* @factor: below 1 nearer; the time under @x (units of the view) stays there. */
void weftline_timeline_view_zoom (WeftlineTimelineView *view, double factor, double x);
/* @by: units of the view to the right; the picture follows the pointer. */
void weftline_timeline_view_pan (WeftlineTimelineView *view, double by);
/* Keeps the length and puts now near the end. */
void weftline_timeline_view_follow (WeftlineTimelineView *view, int64_t now_ns);
