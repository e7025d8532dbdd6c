/* timeline-hit.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/timeline-forest.h"
#include "timeline/timeline-hit.h"

#include <math.h>

/* Views are from one nanosecond a pixel to some centuries. */
#define MAX_VIEW_NS (INT64_MAX / 4)
#define NON_TASKS_LOOKED_AT 256
#define MAX_STEPS 100000 /* from task to task */

typedef struct
{
  const WeftSpans *spans;
  int64_t t0, t1;
  int64_t longest_ns;
  uint64_t index;
} Search;

/* Whether a span, or a node, has anything in [t0, t1). */
static bool
touches (const Search *search, int64_t start, int64_t end)
{
  return start < search->t1 && (end > search->t0 || (end == search->t0 && start >= search->t0));
}

static void
search_spans (Search *search, uint64_t first, unsigned n)
{
  const WeftSpan *spans = weft_spans_get (search->spans, first);

  for (unsigned i = 0; i < n; i++)
    {
      const WeftSpan *span = &spans[i];
      int64_t ns = MIN (span->end_ns, search->t1) - MAX (span->start_ns, search->t0);

      if (span->kind == WEFT_RECORD_TASK && span->depth == 0 && span->group != WEFT_NO_GROUP
          && ns > search->longest_ns && touches (search, span->start_ns, span->end_ns))
        {
          search->longest_ns = ns;
          search->index = first + i;
        }
    }
}

/* A node that is inside has its longest whole, so it need not be opened unless that is longer. */
static void
search_nodes (Search *search, unsigned level, uint64_t first, unsigned n)
{
  for (unsigned i = 0; i < n; i++)
    {
      WeftSpanNode node = weft_spans_node (search->spans, level, first + i);

      if (node.group == WEFT_NO_GROUP || node.longest_ns <= search->longest_ns
          || node.start_ns >= search->t1 || node.end_ns < search->t0)
        continue;
      if (level == 0)
        search_spans (search, (first + i) * WEFT_SPANS_FAN, WEFT_SPANS_FAN);
      else
        search_nodes (search, level - 1, (first + i) * WEFT_SPANS_FAN, WEFT_SPANS_FAN);
    }
}

/* Where there is no task: what else there is, near the first that has not ended. */
static void
search_non_tasks (Search *search, const WeftlineTimelineLane *lane)
{
  uint64_t first = weft_spans_is_ordered (lane->spans)
                       ? weft_spans_find (lane->spans, lane->n, search->t0 - 1)
                       : 0;
  uint64_t end = MIN (lane->n, first + NON_TASKS_LOOKED_AT);

  for (uint64_t i = first; i < end; i++)
    {
      const WeftSpan *span = weft_spans_get (lane->spans, i);
      int64_t ns = MIN (span->end_ns, search->t1) - MAX (span->start_ns, search->t0);

      if (ns > search->longest_ns && touches (search, span->start_ns, span->end_ns))
        {
          search->longest_ns = ns;
          search->index = i;
        }
    }
}

uint64_t
weftline_timeline_longest (const WeftlineTimelineLane *lane, int64_t t0_ns, int64_t t1_ns)
{
  Search search = { lane->spans, t0_ns, t1_ns, -1, WEFTLINE_TIMELINE_NO_SPAN };
  WeftlineForest forest;

  if (lane->spans == NULL || lane->n == 0)
    return WEFTLINE_TIMELINE_NO_SPAN;
  weftline_forest_begin (&forest, lane->n);
  while (weftline_forest_next (&forest))
    if (forest.is_spans)
      search_spans (&search, forest.first, forest.n);
    else
      search_nodes (&search, forest.level, forest.first, forest.n);
  if (search.index == WEFTLINE_TIMELINE_NO_SPAN)
    search_non_tasks (&search, lane);
  return search.index;
}

/* ---- the pointer ----------------------------------------------------------------------------- */

/* From where the area begins. */
static double
along_area (const WeftlineTimelineView *view, double x)
{
  return view->rtl ? x : x - view->gutter;
}

static bool
is_in_gutter (const WeftlineTimelineView *view, double x)
{
  return view->rtl ? x >= view->width - view->gutter : x < view->gutter;
}

static int
device_column (const WeftlineTimelineLayout *layout, double x)
{
  int column = (int) floor (x * layout->view.scale) - layout->area_x;

  return CLAMP (column, 0, layout->area_width - 1);
}

static void
hit_lane (const WeftlineTimelineLayout *layout, int column, WeftlineTimelineHit *hit)
{
  const WeftlineTimelineLane *lane = &layout->input.lanes[hit->lane];
  int64_t t0 = layout->edges[column], t1 = layout->edges[column + 1];
  const WeftlineTimelineRect *rects;
  unsigned n;

  rects = weftline_timeline_rects (layout, hit->lane, &n);
  for (unsigned i = 0; i < n; i++)
    if (column >= rects[i].x0 && column < rects[i].x1)
      {
        hit->index = rects[i].index;
        hit->kind = hit->index == WEFTLINE_TIMELINE_NOW ? WEFTLINE_HIT_NOW : WEFTLINE_HIT_SPAN;
        return;
      }
  hit->index = weftline_timeline_longest (lane, t0, t1);
  hit->kind = hit->index != WEFTLINE_TIMELINE_NO_SPAN ? WEFTLINE_HIT_SPAN : WEFTLINE_HIT_GAP;
  if (hit->kind == WEFTLINE_HIT_GAP && weftline_timeline_has_now (lane, layout->input.now_ns)
      && lane->now_start_ns < t1 && layout->input.now_ns > t0)
    hit->kind = WEFTLINE_HIT_NOW;
}

void
weftline_timeline_hit (const WeftlineTimelineLayout *layout, double x, double y,
                       WeftlineTimelineHit *hit)
{
  double row = floor (y * layout->view.scale) - layout->area_y;
  bool is_name = is_in_gutter (&layout->view, x);
  int lane, in_lane;

  *hit = (WeftlineTimelineHit){ .lane = WEFT_NONE, .index = WEFTLINE_TIMELINE_NO_SPAN };
  hit->at_ns = weftline_timeline_at (layout, x);
  if (row >= layout->area_height && !is_name)
    hit->kind = WEFTLINE_HIT_AXIS;
  if (row < 0 || row >= layout->area_height || x < 0 || x >= layout->view.width)
    return;
  lane = ((int) row + layout->view.scroll * layout->view.scale) / layout->pitch;
  if (lane >= (int) layout->input.n_lanes)
    return;
  in_lane =
      (int) floor (y * layout->view.scale) - weftline_timeline_lane_y (layout, (unsigned) lane);
  if (!is_name && (in_lane < 0 || in_lane >= layout->lane_height))
    return;
  hit->lane = (unsigned) lane;
  if (is_name)
    hit->kind = WEFTLINE_HIT_NAME;
  else
    hit_lane (layout, device_column (layout, x), hit);
}

int64_t
weftline_timeline_at (const WeftlineTimelineLayout *layout, double x)
{
  const WeftlineTimelineView *view = &layout->view;
  double share = along_area (view, x) / MAX (1, view->width - view->gutter);

  return view->t0_ns + (int64_t) floor (share * (double) (view->t1_ns - view->t0_ns));
}

/* ---- from span to span ----------------------------------------------------------------------- */

static bool
is_task (const WeftSpan *span)
{
  return span->kind == WEFT_RECORD_TASK && span->depth == 0;
}

/* The largest whole node that begins (direction 1) or ends (−1) at a span and has no task.
 * Returns: how many spans to pass over; 0: none */
static uint64_t
taskless (const WeftlineTimelineLane *lane, uint64_t index, int direction)
{
  uint64_t skip = 0, size = WEFT_SPANS_FAN, boundary = direction > 0 ? index : index + 1;

  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS && boundary % size == 0; level++)
    {
      uint64_t node = boundary / size - (direction < 0);

      if (node >= weft_spans_n_nodes (lane->n, level)
          || weft_spans_node (lane->spans, level, node).n_tasks > 0)
        break;
      skip = size;
      size *= WEFT_SPANS_FAN;
      if (direction < 0 && boundary < size)
        break;
    }
  return skip;
}

uint64_t
weftline_timeline_step (const WeftlineTimelineLane *lane, uint64_t index, int direction)
{
  if (lane->spans == NULL || lane->n == 0)
    return WEFTLINE_TIMELINE_NO_SPAN;
  if (index >= lane->n)
    index = direction > 0 ? 0 : lane->n - 1;
  else if (direction > 0 ? index + 1 >= lane->n : index == 0)
    return WEFTLINE_TIMELINE_NO_SPAN;
  else
    index += (uint64_t) direction;
  for (;;)
    {
      uint64_t step;

      if (is_task (weft_spans_get (lane->spans, index)))
        return index;
      step = MAX (taskless (lane, index, direction), 1);
      if (direction > 0 ? index + step >= lane->n : index < step)
        return WEFTLINE_TIMELINE_NO_SPAN;
      index = direction > 0 ? index + step : index - step;
    }
}

/* Where a gap ends that is behind all tasks. */
static int64_t
lane_end (const WeftlineTimelineLane *lane, int64_t t1_ns)
{
  return lane->now_kind == WEFT_RECORD_TASK ? lane->now_start_ns : t1_ns;
}

/* The first task that ends after that; NO_SPAN: there is none. */
static uint64_t
task_after (const WeftlineTimelineLane *lane, int64_t at_ns)
{
  uint64_t index = lane->spans != NULL ? weft_spans_find (lane->spans, lane->n, at_ns) : lane->n;

  if (index >= lane->n)
    return WEFTLINE_TIMELINE_NO_SPAN;
  return is_task (weft_spans_get (lane->spans, index)) ? index
                                                       : weftline_timeline_step (lane, index, 1);
}

static bool
gap_after (const WeftlineTimelineLane *lane, int64_t t1_ns, int64_t least_ns, int64_t *from_ns,
           int64_t *to_ns)
{
  uint64_t index = task_after (lane, *to_ns);
  int64_t begin_ns = *to_ns, end_ns = lane_end (lane, t1_ns);

  for (unsigned i = 0; i < MAX_STEPS; i++)
    {
      const WeftSpan *span =
          index != WEFTLINE_TIMELINE_NO_SPAN ? weft_spans_get (lane->spans, index) : NULL;
      int64_t until_ns = span != NULL ? span->start_ns : end_ns;

      if (until_ns - begin_ns >= least_ns)
        {
          *from_ns = begin_ns;
          *to_ns = until_ns;
          return true;
        }
      if (span == NULL)
        return false;
      begin_ns = MAX (begin_ns, span->end_ns);
      index = weftline_timeline_step (lane, index, 1);
    }
  return false;
}

static bool
gap_before (const WeftlineTimelineLane *lane, int64_t t0_ns, int64_t t1_ns, int64_t least_ns,
            int64_t *from_ns, int64_t *to_ns)
{
  uint64_t index = task_after (lane, *from_ns);
  int64_t end_ns = MIN (*from_ns, lane_end (lane, t1_ns));

  if (lane->n > 0)
    index = weftline_timeline_step (lane, index, -1);
  for (unsigned i = 0; i < MAX_STEPS; i++)
    {
      const WeftSpan *span =
          index != WEFTLINE_TIMELINE_NO_SPAN ? weft_spans_get (lane->spans, index) : NULL;
      int64_t begin_ns = span != NULL ? span->end_ns : t0_ns;

      if (end_ns - begin_ns >= least_ns)
        {
          *from_ns = begin_ns;
          *to_ns = end_ns;
          return true;
        }
      if (span == NULL)
        return false;
      end_ns = MIN (end_ns, span->start_ns);
      index = weftline_timeline_step (lane, index, -1);
    }
  return false;
}

bool
weftline_timeline_step_gap (const WeftlineTimelineLane *lane, int64_t t0_ns, int64_t t1_ns,
                            int64_t least_ns, int direction, int64_t *from_ns, int64_t *to_ns)
{
  least_ns = MAX (least_ns, 1);
  return direction > 0 ? gap_after (lane, t1_ns, least_ns, from_ns, to_ns)
                       : gap_before (lane, t0_ns, t1_ns, least_ns, from_ns, to_ns);
}

static void
extend (int64_t *t0, int64_t *t1, int64_t start, int64_t end)
{
  *t0 = MIN (*t0, start);
  *t1 = MAX (*t1, end);
}

static void
extend_by_lane (const WeftlineTimelineLane *lane, int64_t *t0, int64_t *t1)
{
  WeftlineForest forest;

  weftline_forest_begin (&forest, lane->spans != NULL ? lane->n : 0);
  while (weftline_forest_next (&forest))
    for (uint64_t i = forest.first; i < forest.first + forest.n; i++)
      if (forest.is_spans)
        {
          const WeftSpan *span = weft_spans_get (lane->spans, i);

          extend (t0, t1, span->start_ns, span->end_ns);
        }
      else
        {
          WeftSpanNode node = weft_spans_node (lane->spans, forest.level, i);

          extend (t0, t1, node.start_ns, node.end_ns);
        }
}

bool
weftline_timeline_extent (const WeftlineTimelineInput *input, int64_t *t0_ns, int64_t *t1_ns)
{
  int64_t t0 = INT64_MAX, t1 = INT64_MIN;

  for (unsigned i = 0; i < input->n_lanes; i++)
    {
      const WeftlineTimelineLane *lane = &input->lanes[i];

      extend_by_lane (lane, &t0, &t1);
      if (weftline_timeline_has_now (lane, input->now_ns))
        extend (&t0, &t1, lane->now_start_ns, input->now_ns);
    }
  if (t0 > t1)
    return false;
  *t0_ns = t0;
  *t1_ns = t1;
  return true;
}

/* ---- moving a view --------------------------------------------------------------------------- */

static void
set_length (WeftlineTimelineView *view, double t0, double length)
{
  int least = MAX (1, (view->width - view->gutter) * view->scale);

  length = CLAMP (length, (double) least, (double) MAX_VIEW_NS);
  t0 = CLAMP (t0, -(double) MAX_VIEW_NS, (double) MAX_VIEW_NS);
  view->t0_ns = (int64_t) floor (t0);
  view->t1_ns = view->t0_ns + (int64_t) ceil (length);
}

void
weftline_timeline_view_fit (WeftlineTimelineView *view, int64_t t0_ns, int64_t t1_ns)
{
  double length = (double) t1_ns - (double) t0_ns;
  double air = length > 0 ? length * 0.02 : 500;

  set_length (view, (double) t0_ns - air, length + 2 * air);
}

void
weftline_timeline_view_zoom (WeftlineTimelineView *view, double factor, double x)
{
  double length = (double) (view->t1_ns - view->t0_ns);
  double share = along_area (view, x) / MAX (1, view->width - view->gutter);
  double least = MAX (1, (view->width - view->gutter) * view->scale);
  double next = CLAMP (length * factor, least, (double) MAX_VIEW_NS);

  share = CLAMP (share, 0, 1);
  /* the difference is exact where the sum would lose nanoseconds of a long run */
  set_length (view, (double) view->t0_ns + share * (length - next), next);
}

void
weftline_timeline_view_pan (WeftlineTimelineView *view, double by)
{
  double length = (double) (view->t1_ns - view->t0_ns);
  int64_t ns = (int64_t) (by / MAX (1, view->width - view->gutter) * length);

  ns = CLAMP (ns, view->t0_ns - MAX_VIEW_NS, view->t0_ns + MAX_VIEW_NS);
  view->t0_ns -= ns;
  view->t1_ns -= ns;
}

void
weftline_timeline_view_follow (WeftlineTimelineView *view, int64_t now_ns)
{
  int64_t length = view->t1_ns - view->t0_ns;

  view->t1_ns = now_ns + length / 16;
  view->t0_ns = view->t1_ns - length;
}
