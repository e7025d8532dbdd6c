/* timeline-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane's pyramid is walked level by level: of each the children of the nodes that were opened
 * above, and those behind the last node above. So it is known well before what will be looked at,
 * and fetched: the time goes into waiting for memory. Spans may be in any order: a node says when
 * its first span starts and the last one ends, and is passed over where that is outside. The
 * cursor (the pixel of what came last) makes finding a pixel a comparison where spans are in order;
 * else it is computed. Of pieces that are equally long the first is taken, by the number of the
 * span, or the node's first one: whatever the order they are met in.
 *
 * Most nodes across an edge need not be opened either. A column's share has few steps, and how a
 * node's busy time is divided by the edge is known to within its gaps: where lanes are in order, a
 * part of it cannot be busier than long, nor less than what the other part leaves. If that decides
 * the steps of both pixels, what is in the node was seen in both, and both have a longer piece, the
 * node is settled: see settle_level().
 */
#include "config.h"

#include "timeline/timeline-forest.h"
#include "timeline/timeline-layout.h"

/* Steps of a share between nothing and all. */
#define SHARE_STEPS 7

/* How many runs of nodes are being fetched. */
#define AHEAD 12u

/* One pixel of the lane at hand. */
typedef struct
{
  int64_t busy_ns;
  int64_t longest_ns; /* −1: no task with a group */
  uint64_t first;     /* span that the longest is, or the first of its node's */
  int64_t slack_ns;   /* how much busier it may be, by nodes that were settled */
  uint32_t owner;     /* 1 + number among the wide; 0: none */
  uint16_t group;
  uint16_t content;
} Cell;

/* What the nodes that are still to be opened or settled can have in a pixel. */
typedef struct
{
  int64_t least_ns;
  int64_t most_ns;
} Pending;

/* A span of a pixel and more. */
typedef struct
{
  uint64_t index;
  uint32_t task;
  uint16_t group;
  uint8_t form;
} Wide;

/* A node across an edge. */
typedef struct
{
  const WeftSpanNode *node;
  uint64_t index;
  int x; /* first pixel of the view it is in */
} Opened;

/* Room is made for many at once: most nodes of the whole run's view are looked into. */
typedef struct
{
  Opened *nodes;
  unsigned n, room;
} OpenedList;

typedef struct
{
  const int64_t *edges;
  Cell *cells;
  Pending *pending;
  GArray *wides;
  OpenedList *opened[2]; /* whose children are looked at, and of the level below */
  const WeftSpans *spans;
  int64_t t0, t1;
  int64_t pixel_ns; /* rounded up */
  double per_ns;
  int width;
  int x;                /* cursor */
  bool settles;         /* spans are in order */
  int64_t now_start_ns; /* of what the lane is in; INT64_MAX: nothing */
  uint64_t n_tasks, n_visits;
} Walk;

WeftlineTimelineLayout *
weftline_timeline_layout_new (void)
{
  WeftlineTimelineLayout *layout = g_new0 (WeftlineTimelineLayout, 1);

  layout->rects = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineRect));
  layout->rect_lanes = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  return layout;
}

void
weftline_timeline_layout_free (WeftlineTimelineLayout *layout)
{
  if (layout == NULL)
    return;
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

/* ---- a lane ---------------------------------------------------------------------------------- */

/* at: inside the view. */
static inline int
pixel_near (const Walk *walk, int64_t at)
{
  int x = (int) ((double) (at - walk->t0) * walk->per_ns);

  x = CLAMP (x, 0, walk->width - 1);
  while (walk->edges[x] > at)
    x--;
  while (walk->edges[x + 1] <= at)
    x++;
  return x;
}

/* at: inside the view, but not in the cursor's pixel. Makes the cursor its pixel, which is mostly
 * the next one. */
static inline void
move_cursor (Walk *walk, int64_t at)
{
  const int64_t *edges = &walk->edges[walk->x];

  if (at >= edges[1] && at < edges[2])
    walk->x++;
  else
    walk->x = pixel_near (walk, at);
}

/* at: inside the view. Makes the cursor its pixel. */
static inline int
find_pixel (Walk *walk, int64_t at)
{
  if (at < walk->edges[walk->x] || at >= walk->edges[walk->x + 1])
    move_cursor (walk, at);
  return walk->x;
}

static inline void
cell_add (Cell *cell, int64_t busy_ns, int64_t longest_ns, uint16_t group, uint64_t first,
          uint32_t owner)
{
  cell->busy_ns += busy_ns;
  if (group != WEFT_NO_GROUP && longest_ns >= cell->longest_ns
      && (longest_ns > cell->longest_ns || first < cell->first))
    {
      cell->longest_ns = longest_ns;
      cell->first = first;
      cell->group = group;
      cell->owner = owner;
    }
}

static uint32_t
add_wide (Walk *walk, const WeftSpan *span, uint64_t index)
{
  Wide wide = {
    .index = index,
    .task = span->task,
    .group = span->group,
    .form = index == WEFTLINE_TIMELINE_NOW ? WEFTLINE_FORM_RUNNING
                                           : (uint8_t) weftline_timeline_form_of (span),
  };

  g_array_append_val (walk->wides, wide);
  return walk->wides->len;
}

/* Whether a span, in pixel x and at least the next, has one of them whole. */
static bool
fills_a_pixel (const Walk *walk, const WeftSpan *span, int x)
{
  if (span->start_ns <= walk->edges[x] && span->end_ns >= walk->edges[x + 1])
    return true;
  return x + 2 <= walk->width && span->end_ns >= walk->edges[x + 2];
}

/* A span across edges of pixels, or of the view. One that is seen as a rectangle says how it ended
 * there, not in the pixels it shares with its neighbours. */
static void
spread_span (Walk *walk, const WeftSpan *span, uint64_t index, int x, bool is_task,
             uint16_t content)
{
  bool is_wide = is_task && span->end_ns - span->start_ns >= walk->pixel_ns;
  bool is_seen = is_wide && fills_a_pixel (walk, span, x);
  uint32_t owner = is_wide ? add_wide (walk, span, index) : 0;

  for (; x < walk->width && walk->edges[x] < span->end_ns; x++)
    {
      int64_t ns = MIN (span->end_ns, walk->edges[x + 1]) - MAX (span->start_ns, walk->edges[x]);
      Cell *cell = &walk->cells[x];

      if (is_seen && ns < walk->edges[x + 1] - walk->edges[x])
        cell->content |= WEFT_SPANS_HAS_TASK;
      else
        cell->content |= content;
      if (is_task)
        cell_add (cell, ns, ns, span->group, index, owner);
    }
}

static void
walk_span (Walk *walk, const WeftSpan *span, uint64_t index)
{
  bool is_task = span->kind == WEFT_RECORD_TASK && span->depth == 0;
  uint16_t content = weft_spans_content (span);
  int x;

  if (span->start_ns >= walk->t1 || span->end_ns < walk->t0
      || (span->end_ns == walk->t0 && span->start_ns < walk->t0))
    return;
  walk->n_tasks += is_task;
  x = find_pixel (walk, MAX (span->start_ns, walk->t0));
  if (span->start_ns < walk->t0 || span->end_ns > walk->edges[x + 1])
    {
      spread_span (walk, span, index, x, is_task, content);
      return;
    }
  walk->cells[x].content |= content;
  if (is_task)
    cell_add (&walk->cells[x], span->end_ns - span->start_ns, span->end_ns - span->start_ns,
              span->group, index, 0);
}

static void
walk_spans (Walk *walk, const WeftSpan *spans, uint64_t first, uint64_t n)
{
  walk->n_visits += n;
  for (uint64_t i = 0; i < n; i++)
    walk_span (walk, &spans[i], first + i);
}

/* Returns: where the next ones of the list go */
static Opened *
need_room (OpenedList *list, uint64_t n_more)
{
  if (list->n + n_more > list->room)
    {
      list->room = (unsigned) MAX (2 * (uint64_t) list->room, list->n + n_more);
      list->nodes = g_renew (Opened, list->nodes, list->room);
    }
  return list->nodes + list->n;
}

/* shift: log2 of how many spans a node of that level has. All that is asked for each node stands
 * in locals, as the compiler cannot know that what is written to cells is none of it. */
static void
walk_nodes (Walk *walk, const WeftSpanNode *nodes, unsigned shift, uint64_t first, uint64_t n)
{
  Opened *opened = need_room (walk->opened[1], n);
  int64_t t0 = walk->t0, t1 = walk->t1;
  int64_t left = walk->edges[walk->x], right = walk->edges[walk->x + 1];
  Cell *cell = &walk->cells[walk->x];
  uint64_t n_tasks = 0;

  for (uint64_t i = 0; i < n; i++)
    {
      const WeftSpanNode *node = &nodes[i];
      int64_t start_ns = MAX (node->start_ns, t0);

      if (start_ns >= t1 || node->end_ns < t0)
        continue;
      if (start_ns < left || start_ns >= right)
        {
          move_cursor (walk, start_ns);
          left = walk->edges[walk->x];
          right = walk->edges[walk->x + 1];
          cell = &walk->cells[walk->x];
        }
      if (node->start_ns < t0 || node->end_ns >= right)
        {
          *opened++ = (Opened){ node, first + i, walk->x };
          continue;
        }
      cell->content |= node->content;
      n_tasks += node->n_tasks;
      cell_add (cell, node->busy_ns, node->longest_ns, node->group, (first + i) << shift, 0);
    }
  walk->n_visits += n;
  walk->n_tasks += n_tasks;
  walk->opened[1]->n = (unsigned) (opened - walk->opened[1]->nodes);
}

/* level: −1 for the spans. Returns: (transfer none): the first of a run */
static inline const void *
run_at (const Walk *walk, int level, uint64_t first)
{
  return level < 0 ? (const void *) weft_spans_get (walk->spans, first)
                   : (const void *) weft_spans_node (walk->spans, (unsigned) level, first);
}

/* The same of a node's children, which are being fetched from then on. */
static inline const void *
fetch_children (const Walk *walk, int level, const Opened *opened)
{
  const char *run = run_at (walk, level, opened->index * WEFT_SPANS_FAN);
  size_t bytes = WEFT_SPANS_FAN * (level < 0 ? sizeof (WeftSpan) : sizeof (WeftSpanNode));

  for (size_t i = 0; i < bytes; i += 64)
    __builtin_prefetch (run + i);
  return run;
}

static void
walk_run (Walk *walk, int level, const void *run, uint64_t first, uint64_t n)
{
  if (level < 0)
    walk_spans (walk, run, first, n);
  else
    walk_nodes (walk, run, 3 * (unsigned) (level + 1), first, n);
}

_Static_assert(WEFT_SPANS_FAN == 1 << 3, "shifts are by three a level");

/* What was opened above, then what is behind the last node above. */
static void
walk_level (Walk *walk, int level, uint64_t before, uint64_t whole)
{
  const Opened *opened = walk->opened[0]->nodes;
  unsigned n = walk->opened[0]->n;
  const void *ahead[AHEAD];

  for (unsigned i = 0; i < MIN (n, AHEAD); i++)
    ahead[i] = fetch_children (walk, level, &opened[i]);
  for (unsigned i = 0; i < n; i++)
    {
      const void *run = ahead[i % AHEAD];

      if (i + AHEAD < n)
        ahead[i % AHEAD] = fetch_children (walk, level, &opened[i + AHEAD]);
      walk_run (walk, level, run, opened[i].index * WEFT_SPANS_FAN, WEFT_SPANS_FAN);
    }
  if (whole > before)
    walk_run (walk, level, run_at (walk, level, before), before, whole - before);
}

/* ---- nodes that need not be opened ----------------------------------------------------------- */

/* Whether a node lies in pixel x and the next, and nowhere else. */
static bool
is_in_two (const Walk *walk, const Opened *opened)
{
  return opened->node->start_ns >= walk->t0 && opened->x + 1 < walk->width
         && opened->node->end_ns < walk->edges[opened->x + 2];
}

/* How much of a node's busy time is in a part of it. */
static Pending
part_of (const WeftSpanNode *node, int64_t part_ns, int64_t rest_ns)
{
  return (Pending){ MAX (0, node->busy_ns - rest_ns), MIN (node->busy_ns, part_ns) };
}

static void
add_pending (Pending *to, Pending part)
{
  to->least_ns += part.least_ns;
  to->most_ns += part.most_ns;
}

static void
pend_node (Walk *walk, const Opened *opened)
{
  const WeftSpanNode *node = opened->node;
  int x = opened->x;

  if (is_in_two (walk, opened))
    {
      int64_t left = walk->edges[x + 1] - node->start_ns, right = node->end_ns - walk->edges[x + 1];

      add_pending (&walk->pending[x], part_of (node, left, right));
      add_pending (&walk->pending[x + 1], part_of (node, right, left));
      return;
    }
  for (; x < walk->width && walk->edges[x] <= node->end_ns; x++)
    walk->pending[x].most_ns += walk->edges[x + 1] - walk->edges[x];
}

/* Whether the step of a cell's share is known. No division: where the guess is wrong by rounding
 * it counts as not known. */
static bool
is_decided (const Walk *walk, int x)
{
  const Cell *cell = &walk->cells[x];
  int64_t least = cell->busy_ns + walk->pending[x].least_ns;
  int64_t most = cell->busy_ns + cell->slack_ns + walk->pending[x].most_ns;
  int64_t ns = walk->edges[x + 1] - walk->edges[x];
  int64_t step = (int64_t) ((double) least * SHARE_STEPS * walk->per_ns);

  return least > 0 && step * ns <= least * SHARE_STEPS && most * SHARE_STEPS < (step + 1) * ns;
}

static bool
can_settle (const Walk *walk, const WeftSpanNode *node, int x)
{
  for (int i = x; i < x + 2; i++)
    if ((node->content & ~walk->cells[i].content) != 0
        || node->longest_ns >= walk->cells[i].longest_ns || !is_decided (walk, i))
      return false;
  return true;
}

/* From what is pending to what is known. */
static void
settle_part (Walk *walk, int x, Pending part)
{
  walk->cells[x].busy_ns += part.least_ns;
  walk->cells[x].slack_ns += part.most_ns - part.least_ns;
  walk->pending[x].least_ns -= part.least_ns;
  walk->pending[x].most_ns -= part.most_ns;
}

static bool
settle_node (Walk *walk, const Opened *opened, int64_t before_ns)
{
  const WeftSpanNode *node = opened->node;
  int x = opened->x;
  int64_t left, right;

  if (!is_in_two (walk, opened) || walk->edges[x + 2] > before_ns || !can_settle (walk, node, x))
    return false;
  left = walk->edges[x + 1] - node->start_ns;
  right = node->end_ns - walk->edges[x + 1];
  settle_part (walk, x, part_of (node, left, right));
  settle_part (walk, x + 1, part_of (node, right, left));
  walk->n_tasks += node->n_tasks;
  return true;
}

/* Takes from the nodes to be opened those that make no difference. before_ns: from there on spans
 * may come that are not under this level's nodes. */
static void
settle_level (Walk *walk, int64_t before_ns)
{
  Opened *opened = walk->opened[1]->nodes;
  unsigned n = walk->opened[1]->n, n_left = 0;

  if (!walk->settles || n == 0)
    return;
  memset (walk->pending, 0, (size_t) walk->width * sizeof *walk->pending);
  for (unsigned i = 0; i < n; i++)
    pend_node (walk, &opened[i]);
  for (unsigned i = 0; i < n; i++)
    if (!settle_node (walk, &opened[i], before_ns))
      opened[n_left++] = opened[i];
  walk->opened[1]->n = n_left;
}

/* When the first span starts that is not under a level's nodes. */
static int64_t
first_behind (const Walk *walk, uint64_t n, int level)
{
  int64_t first = walk->now_start_ns;
  uint64_t before = weft_spans_n_nodes (n, (unsigned) level) * WEFT_SPANS_FAN;

  for (int below = level - 1; below >= -1; below--)
    {
      uint64_t whole = below < 0 ? n : weft_spans_n_nodes (n, (unsigned) below);

      for (uint64_t i = before; i < whole; i++)
        first =
            MIN (first, below < 0 ? weft_spans_get (walk->spans, i)->start_ns
                                  : weft_spans_node (walk->spans, (unsigned) below, i)->start_ns);
      before = whole * WEFT_SPANS_FAN;
    }
  return first;
}

static void
walk_pyramid (Walk *walk, uint64_t n)
{
  uint64_t before = 0;

  for (int level = WEFT_SPANS_MAX_LEVELS - 1; level >= -1; level--)
    {
      uint64_t whole = level < 0 ? n : weft_spans_n_nodes (n, (unsigned) level);
      OpenedList *done = walk->opened[0];

      walk->x = 0;
      walk->opened[1]->n = 0;
      walk_level (walk, level, before, whole);
      if (level >= 0 && walk->opened[1]->n > 0)
        settle_level (walk, first_behind (walk, n, level));
      walk->opened[0] = walk->opened[1];
      walk->opened[1] = done;
      before = whole * WEFT_SPANS_FAN;
    }
}

/* What the lane is in now, unless it is among the spans already. */
static void
walk_now (Walk *walk, const WeftlineTimelineLane *lane, int64_t now_ns)
{
  WeftSpan span = {
    .start_ns = lane->now_start_ns,
    .end_ns = now_ns,
    .task = lane->now_task,
    .group = lane->now_group,
    .kind = lane->now_kind,
  };

  if (weftline_timeline_has_now (lane, now_ns))
    walk_span (walk, &span, WEFTLINE_TIMELINE_NOW);
}

static void
walk_lane (Walk *walk, const WeftlineTimelineLane *lane, int64_t now_ns)
{
  for (int x = 0; x < walk->width; x++)
    walk->cells[x] = (Cell){ .longest_ns = -1, .group = WEFT_NO_GROUP };
  g_array_set_size (walk->wides, 0);
  walk->opened[0]->n = 0;
  walk->spans = lane->spans;
  walk->settles = lane->spans != NULL && weft_spans_is_ordered (lane->spans);
  walk->now_start_ns = weftline_timeline_has_now (lane, now_ns) ? lane->now_start_ns : INT64_MAX;
  if (lane->spans != NULL && lane->n > 0)
    walk_pyramid (walk, lane->n);
  walk_now (walk, lane, now_ns);
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
add_rect (WeftlineTimelineLayout *layout, const Wide *wide, int x0, int x1,
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

  g_array_append_val (layout->rects, rect);
  if (x1 - x0 >= 4 * scale && x1 < layout->area_width && columns[x1].share > 0)
    for (int x = x1 - scale; x < x1; x++)
      columns[x].separator = 1;
}

static void
make_rects (WeftlineTimelineLayout *layout, const Walk *walk, WeftlineTimelineColumn *columns)
{
  const Wide *wides = (const Wide *) (const void *) walk->wides->data;

  for (int x = 0, x1; x < walk->width; x = x1)
    {
      uint32_t owner = walk->cells[x].owner;

      for (x1 = x + 1; x1 < walk->width && walk->cells[x1].owner == owner; x1++)
        ;
      if (owner != 0)
        add_rect (layout, &wides[owner - 1], x, x1, columns);
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

/* Edges, columns, and one lane's cells with what is pending, in one piece, which grows. Returns:
 * the cells */
static Cell *
make_room (WeftlineTimelineLayout *layout)
{
  size_t width = (size_t) layout->area_width;
  size_t edges = (width + 1) * sizeof (int64_t);
  size_t cells = width * (sizeof (Cell) + sizeof (Pending));
  size_t columns = layout->n_lanes * width * sizeof (WeftlineTimelineColumn);

  if (layout->work_bytes < edges + cells + columns)
    {
      g_free (layout->work);
      layout->work_bytes = edges + cells + columns;
      layout->work = g_malloc (layout->work_bytes);
    }
  layout->edges = layout->work;
  layout->columns = (void *) ((char *) layout->work + edges + cells);
  return (void *) ((char *) layout->work + edges);
}

void
weftline_timeline_layout_run (WeftlineTimelineLayout *layout, const WeftlineTimelineInput *input,
                              const WeftlineTimelineView *view)
{
  OpenedList opened[2] = { 0 };
  Walk walk = { .opened = { &opened[0], &opened[1] } };

  layout->input = *input;
  layout->view = *view;
  place_lanes (layout);
  walk.cells = make_room (layout);
  walk.pending = (Pending *) (void *) (walk.cells + layout->area_width);
  place_edges (layout);
  g_array_set_size (layout->rects, 0);
  g_array_set_size (layout->rect_lanes, 0);
  walk.wides = g_array_new (FALSE, FALSE, sizeof (Wide));
  walk.edges = layout->edges;
  walk.width = layout->area_width;
  walk.t0 = layout->view.t0_ns;
  walk.t1 = layout->view.t1_ns;
  walk.per_ns = (double) walk.width / (double) (walk.t1 - walk.t0);
  walk.pixel_ns = (walk.t1 - walk.t0 + walk.width - 1) / walk.width;
  for (unsigned i = 0; i < layout->n_lanes; i++)
    {
      WeftlineTimelineColumn *columns = layout->columns + (size_t) i * (size_t) walk.width;

      g_array_append_val (layout->rect_lanes, layout->rects->len);
      walk_lane (&walk, &input->lanes[layout->first_lane + i], input->now_ns);
      make_columns (&walk, columns);
      make_rects (layout, &walk, columns);
    }
  g_array_append_val (layout->rect_lanes, layout->rects->len);
  layout->n_tasks = walk.n_tasks;
  layout->n_visits = walk.n_visits;
  g_array_unref (walk.wides);
  for (unsigned i = 0; i < 2; i++)
    g_free (opened[i].nodes);
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
