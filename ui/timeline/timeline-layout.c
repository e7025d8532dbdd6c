/* timeline-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Lane by lane: what is in its pixels (timeline-walk.c), and the columns and rectangles of it.
 * Lanes have nothing in common, so two threads take them one after the other where there is much
 * to look at; the rectangles are put in the lanes' order when both are through.
 */
#include "config.h"

#include "timeline/timeline-pair.h"
#include "timeline/timeline-walk-private.h"

#include <stdatomic.h>

/* Spans in the view from which on waking a thread, some 50 µs, is little of what it saves. */
#define HELPED_FROM 100000u

/* Who lays out lanes: what is at hand, and what was found. */
typedef struct
{
  Walk walk;
  OpenedList opened[2];
  GArray *rects;
} Hand;

/* Where a lane's rectangles are until all are there. */
typedef struct
{
  unsigned hand;
  guint first, n;
} LaneRects;

typedef struct
{
  WeftlineTimelineLayout *layout;
  Hand hands[2];
  LaneRects *lanes; /* [n_lanes] */
  _Atomic unsigned next;
} Laying;

WeftlineTimelineLayout *
weftline_timeline_layout_new (void)
{
  WeftlineTimelineLayout *layout = g_new0 (WeftlineTimelineLayout, 1);

  layout->helped_from = HELPED_FROM;
  layout->rects = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineRect));
  layout->rect_lanes = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  return layout;
}

void
weftline_timeline_layout_free (WeftlineTimelineLayout *layout)
{
  if (layout == NULL)
    return;
  _weftline_pair_free (layout->helper);
  g_array_unref (layout->rects);
  g_array_unref (layout->rect_lanes);
  g_free (layout->work);
  g_free (layout);
}

WeftlineTimelineForm
weftline_timeline_form_of (const WeftSpan *span)
{
  switch (span->how >> 4)
    {
    case WEFT_OUTCOME_FAILED:
    case WEFT_OUTCOME_TIMED_OUT:
      return WEFTLINE_FORM_ERRED;
    case WEFT_OUTCOME_CANCELLED:
      return WEFTLINE_FORM_CANCELLED;
    case WEFT_OUTCOME_RETRIED:
      return WEFTLINE_FORM_RETRIED;
    case WEFT_OUTCOME_RUNNING:
      return WEFTLINE_FORM_RUNNING;
    default:
      return WEFTLINE_FORM_DONE;
    }
}

/* ---- from cells to columns and rectangles ---------------------------------------------------- */

/* 0: nothing; 1 … SHARE_STEPS: some; one more: all. A guess mended is several times faster than a
 * division. */
static uint8_t
share_of (const Walk *walk, int64_t busy_ns, int64_t ns)
{
  int64_t parts = busy_ns * SHARE_STEPS;
  int64_t step = (int64_t) ((double) parts * walk->per_ns);

  if (busy_ns <= 0)
    return 0;
  if (busy_ns >= ns)
    return 255;
  while (step * ns > parts)
    step--;
  while ((step + 1) * ns <= parts)
    step++;
  return (uint8_t) ((step + 1) * 255 / (SHARE_STEPS + 1));
}

static void
make_columns (const Walk *walk, WeftlineTimelineColumn *columns)
{
  const Wide *wides = (const Wide *) (const void *) walk->wides->data;

  for (int x = 0; x < walk->width; x++)
    {
      const Cell *cell = &walk->cells[x];

      columns[x] = (WeftlineTimelineColumn){
        .group = cell->group,
        .content = cell->content,
        .share = share_of (walk, cell->busy_ns, walk->edges[x + 1] - walk->edges[x]),
        .form = cell->owner != 0 ? wides[cell->owner - 1].form : WEFTLINE_FORM_FOLDED,
      };
    }
}

static void
add_rect (const WeftlineTimelineLayout *layout, GArray *rects, const Wide *wide, int x0, int x1,
          WeftlineTimelineColumn *columns)
{
  WeftlineTimelineRect rect = {
    .index = wide->index,
    .x0 = x0,
    .x1 = x1,
    .task = wide->task,
    .group = wide->group,
    .form = wide->form,
  };
  int scale = layout->view.scale;

  g_array_append_val (rects, rect);
  if (x1 - x0 >= 4 * scale && x1 < layout->area_width && columns[x1].share > 0)
    for (int x = x1 - scale; x < x1; x++)
      columns[x].separator = 1;
}

static void
make_rects (const WeftlineTimelineLayout *layout, Hand *hand, WeftlineTimelineColumn *columns)
{
  const Walk *walk = &hand->walk;
  const Wide *wides = (const Wide *) (const void *) walk->wides->data;

  for (int x = 0, x1; x < walk->width; x = x1)
    {
      uint32_t owner = walk->cells[x].owner;

      for (x1 = x + 1; x1 < walk->width && walk->cells[x1].owner == owner; x1++)
        ;
      if (owner != 0)
        add_rect (layout, hand->rects, &wides[owner - 1], x, x1, columns);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

int
weftline_timeline_max_scroll (const WeftlineTimelineView *view, unsigned n_lanes)
{
  int room = view->height - weftline_timeline_head (view) - weftline_timeline_axis (view);

  return MAX (0, (int) n_lanes * weftline_timeline_least_pitch (view) - MAX (room, 0));
}

static void
place_lanes (WeftlineTimelineLayout *layout)
{
  WeftlineTimelineView *view = &layout->view;
  int scale = view->scale, n = (int) layout->input.n_lanes, pitch, gap, first, last;

  layout->area_x = view->rtl ? 0 : view->gutter * scale;
  layout->area_y = weftline_timeline_head (view) * scale;
  layout->area_width = MAX (1, (view->width - view->gutter) * scale);
  layout->area_height = MAX (
      0, (view->height - weftline_timeline_head (view) - weftline_timeline_axis (view)) * scale);
  pitch = n > 0 ? layout->area_height / scale / n : WEFTLINE_TIMELINE_MAX_PITCH;
  pitch = CLAMP (pitch, weftline_timeline_least_pitch (view), WEFTLINE_TIMELINE_MAX_PITCH);
  gap = CLAMP (pitch / 7, 2, 10);
  layout->pitch = pitch * scale;
  layout->lane_height = (pitch - gap) * scale;
  view->scroll = CLAMP (view->scroll, 0, weftline_timeline_max_scroll (view, (unsigned) n));
  first = view->scroll / pitch;
  last = (view->scroll * scale + layout->area_height + layout->pitch - 1) / layout->pitch;
  last = MIN (last, n);
  layout->first_lane = (unsigned) MIN (first, last);
  layout->n_lanes = (unsigned) last - layout->first_lane;
}

/* Edges at t0 + (t1 - t0) × x / width, rounded down, without a division each. */
static void
place_edges (WeftlineTimelineLayout *layout)
{
  int64_t width = layout->area_width, span, whole, rest, error = 0;

  layout->view.t1_ns = MAX (layout->view.t1_ns, layout->view.t0_ns + width);
  span = layout->view.t1_ns - layout->view.t0_ns;
  whole = span / width;
  rest = span % width;
  layout->edges[0] = layout->view.t0_ns;
  for (int64_t x = 0; x < width; x++)
    {
      error += rest;
      layout->edges[x + 1] = layout->edges[x] + whole + (error >= width);
      error -= error >= width ? width : 0;
    }
}

/* Edges, columns, and for each hand a lane's cells with what is pending, in one piece, which grows.
 * Returns: the cells of the first hand; those of the next stand behind them */
static char *
make_room (WeftlineTimelineLayout *layout, unsigned n_hands, size_t *hand_bytes)
{
  size_t width = (size_t) layout->area_width;
  size_t edges = (width + 1) * sizeof (int64_t);
  size_t columns = layout->n_lanes * width * sizeof (WeftlineTimelineColumn);
  size_t n_bytes;

  *hand_bytes = width * (sizeof (Cell) + sizeof (Pending));
  n_bytes = edges + columns + n_hands * *hand_bytes;
  if (layout->work_bytes < n_bytes)
    {
      g_free (layout->work);
      layout->work_bytes = n_bytes;
      layout->work = g_malloc (n_bytes);
    }
  layout->edges = layout->work;
  layout->columns = (void *) ((char *) layout->work + edges);
  return (char *) layout->work + edges + columns;
}

/* About how many spans the lanes have in the view. */
static uint64_t
guess_spans (const WeftlineTimelineLayout *layout)
{
  double n = 0;

  for (unsigned i = 0; i < layout->n_lanes; i++)
    {
      const WeftlineTimelineLane *lane = &layout->input.lanes[layout->first_lane + i];
      int64_t first_ns, last_ns, from_ns, to_ns;

      if (lane->spans == NULL || lane->n == 0)
        continue;
      first_ns = weft_spans_get (lane->spans, 0)->start_ns;
      last_ns = weft_spans_get (lane->spans, lane->n - 1)->end_ns;
      from_ns = MAX (first_ns, layout->view.t0_ns);
      to_ns = MIN (last_ns, layout->view.t1_ns);
      if (to_ns > from_ns)
        n += (double) lane->n * (double) (to_ns - from_ns) / (double) (last_ns - first_ns);
    }
  return (uint64_t) n;
}

static void
begin_hand (WeftlineTimelineLayout *layout, Hand *hand, char *cells)
{
  bool interrupted = layout->input.interrupted;
  Walk *walk = &hand->walk;

  *walk = (Walk){
    .edges = layout->edges,
    .cells = (Cell *) (void *) cells,
    .pending = (Pending *) (void *) ((Cell *) (void *) cells + layout->area_width),
    .wides = g_array_new (FALSE, FALSE, sizeof (Wide)),
    .opened = { &hand->opened[0], &hand->opened[1] },
    .width = layout->area_width,
    .now_form = interrupted ? WEFTLINE_FORM_CANCELLED : WEFTLINE_FORM_RUNNING,
    .t0 = layout->view.t0_ns,
    .t1 = layout->view.t1_ns,
  };
  walk->per_ns = (double) walk->width / (double) (walk->t1 - walk->t0);
  walk->pixel_ns = (walk->t1 - walk->t0 + walk->width - 1) / walk->width;
  hand->rects = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineRect));
}

/* Takes lanes until none is left. */
static void
lay_lanes (void *data, unsigned which)
{
  Laying *laying = data;
  WeftlineTimelineLayout *layout = laying->layout;
  Hand *hand = &laying->hands[which];
  unsigned i;

  while ((i = atomic_fetch_add_explicit (&laying->next, 1, memory_order_relaxed)) < layout->n_lanes)
    {
      WeftlineTimelineColumn *columns = layout->columns + (size_t) i * (size_t) layout->area_width;
      guint first = hand->rects->len;

      _weftline_timeline_walk_lane (&hand->walk, &layout->input.lanes[layout->first_lane + i],
                                    layout->input.now_ns);
      make_columns (&hand->walk, columns);
      make_rects (layout, hand, columns);
      laying->lanes[i] = (LaneRects){ which, first, hand->rects->len - first };
    }
}

static void
gather_rects (WeftlineTimelineLayout *layout, const Laying *laying)
{
  g_array_set_size (layout->rects, 0);
  g_array_set_size (layout->rect_lanes, 0);
  for (unsigned i = 0; i < layout->n_lanes; i++)
    {
      const LaneRects *lane = &laying->lanes[i];
      const GArray *rects = laying->hands[lane->hand].rects;

      g_array_append_val (layout->rect_lanes, layout->rects->len);
      if (lane->n > 0)
        g_array_append_vals (layout->rects,
                             &g_array_index (rects, WeftlineTimelineRect, lane->first), lane->n);
    }
  g_array_append_val (layout->rect_lanes, layout->rects->len);
}

static void
end_hand (WeftlineTimelineLayout *layout, Hand *hand)
{
  layout->n_tasks += hand->walk.n_tasks;
  layout->n_visits += hand->walk.n_visits;
  g_array_unref (hand->walk.wides);
  g_array_unref (hand->rects);
  for (unsigned i = 0; i < 2; i++)
    g_free (hand->opened[i].nodes);
}

/* How many threads lay out what is in the view. */
static unsigned
count_hands (WeftlineTimelineLayout *layout)
{
  if (layout->n_lanes < 2 || guess_spans (layout) < layout->helped_from)
    return 1;
  if (layout->helper == NULL)
    layout->helper = _weftline_pair_new ();
  return layout->helper != NULL ? 2 : 1;
}

void
weftline_timeline_layout_run (WeftlineTimelineLayout *layout, const WeftlineTimelineInput *input,
                              const WeftlineTimelineView *view)
{
  Laying laying = { .layout = layout };
  unsigned n_hands;
  size_t hand_bytes;
  char *cells;

  layout->input = *input;
  layout->view = *view;
  layout->n_tasks = layout->n_visits = 0;
  place_lanes (layout);
  n_hands = count_hands (layout);
  layout->is_helped = n_hands > 1;
  cells = make_room (layout, n_hands, &hand_bytes);
  place_edges (layout);
  laying.lanes = g_new (LaneRects, layout->n_lanes);
  for (unsigned i = 0; i < n_hands; i++)
    begin_hand (layout, &laying.hands[i], cells + i * hand_bytes);
  if (n_hands > 1)
    _weftline_pair_run (layout->helper, lay_lanes, &laying);
  else
    lay_lanes (&laying, 0);
  gather_rects (layout, &laying);
  for (unsigned i = 0; i < n_hands; i++)
    end_hand (layout, &laying.hands[i]);
  g_free (laying.lanes);
}

int
weftline_timeline_x (const WeftlineTimelineLayout *layout, int64_t at_ns)
{
  Walk walk = {
    .edges = layout->edges,
    .t0 = layout->view.t0_ns,
    .width = layout->area_width,
    .per_ns = (double) layout->area_width / (double) (layout->view.t1_ns - layout->view.t0_ns),
  };

  if (at_ns < layout->view.t0_ns)
    return -1;
  if (at_ns >= layout->view.t1_ns)
    return layout->area_width;
  return find_pixel (&walk, at_ns);
}
