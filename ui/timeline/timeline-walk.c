/* timeline-walk.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane's pyramid is walked level by level: of each the children of the nodes that were opened
 * above, and those behind the last node above. So it is known well before what will be looked at,
 * and fetched. Spans may be in any order: a node says when its first span starts and the last one
 * ends, and is passed over where that is outside.
 *
 * Most of the time goes into the children of nodes across an edge or a few. Such a node says in
 * which pixels all its children are, so nothing is searched and nothing can be outside: its run is
 * loaded into arrays of eight, times from the edge, compared with each edge at once, and what is in
 * a pixel is summed without a branch (take_nodes(), take_spans()). What is left is across an edge
 * itself. That counts on times that fit 31 bits, as the node's extent says. Its tasks are counted
 * when it is opened, as all of them are in the view. All others go the general way, one by one
 * (place_node(), place_span()): there a cursor (the pixel of what came last) makes finding a pixel
 * a comparison where spans are in order; else it is computed.
 *
 * Of pieces that are equally long the first is taken, by the number of the span, or the node's
 * first one: whatever the order they are met in.
 *
 * Most nodes across an edge need not be opened either: see timeline-settle.c.
 */
#include "config.h"

#include "timeline/timeline-forest.h"
#include "timeline/timeline-walk-private.h"

/* How many runs are being fetched. */
#define AHEAD 12u

#define INDEX_MASK ((UINT64_C (1) << 48) - 1)

/* A value each of four spans or nodes: what the processor has at once. */
typedef int32_t Four __attribute__ ((vector_size (16)));
typedef uint32_t FourLow __attribute__ ((vector_size (16))); /* halves of times: they wrap */

/* A value each of a run. */
typedef struct
{
  Four of[2];
} Eight;

/* Times are from an edge; they fit, as the node above is less than 2^31 ns long. */
typedef struct
{
  Eight start_ns;
  Eight end_ns; /* the last that is in it: of a span of some length the one before its end */
  Eight busy_ns;
  Eight longest; /* 1 + longest_ns; 0: none */
  Eight content;
} Run;

static uint32_t
add_wide (Walk *walk, const WeftSpan *span, uint64_t index)
{
  Wide wide = {
    .index = index,
    .task = span->task,
    .group = span->group,
    .form = index == WEFTLINE_TIMELINE_NOW ? (uint8_t) walk->now_form
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

static inline uint16_t
content_of (const WeftSpan *span)
{
  if (WEFT_LIKELY (span->kind == WEFT_RECORD_TASK && span->how >> 4 == WEFT_OUTCOME_OK))
    return WEFT_SPANS_HAS_TASK;
  return weft_spans_content (span);
}

/* One that is not in the cursor's pixel, or not only. */
static void
place_span (Walk *walk, const WeftSpan *span, uint64_t index)
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
need_room (OpenedList *list, uint64_t n_more)
{
  if (list->n + n_more > list->room)
    {
      list->room = (unsigned) MAX (2 * (uint64_t) list->room, list->n + n_more);
      list->nodes = g_renew (Opened, list->nodes, list->room);
    }
}

static inline void
add_pending (Pending *to, Pending part)
{
  to->least_ns += part.least_ns;
  to->most_ns += part.most_ns;
}

/* Room for it has been made. */
static inline Opened *
add_opened (Walk *walk)
{
  return &walk->opened[1]->nodes[walk->opened[1]->n++];
}

/* To be looked into: one of a run that fits, in pixel x and the next. */
static inline void
open_in_two (Walk *walk, const WeftNodeRun *nodes, unsigned k, uint64_t index, int x)
{
  uint32_t left_ns = (uint32_t) walk->edges[x + 1] - nodes->start_low[k];
  uint32_t right_ns = nodes->extent_ns[k] - left_ns;
  uint32_t busy_ns = nodes->busy_ns[k];

  *add_opened (walk) = (Opened){
    .index = index & INDEX_MASK,
    .n_px = 2,
    .is_counted = true,
    .left_ns = left_ns,
    .right_ns = right_ns,
    .busy_ns = busy_ns,
    .longest = nodes->longest[k],
    .group = nodes->group[k],
    .hint = nodes->hint[k],
    .content = nodes->what[k] & WEFT_SPANS_CONTENT_MASK,
    .x = (uint16_t) x,
  };
  if (walk->settles)
    {
      add_pending (&walk->pending[x], part_of (busy_ns, left_ns, right_ns));
      add_pending (&walk->pending[x + 1], part_of (busy_ns, right_ns, left_ns));
    }
}

static void
open_anywhere (Walk *walk, uint64_t index, int x, unsigned n_px, int64_t end_ns, bool is_counted)
{
  *add_opened (walk) = (Opened){ .index = index & INDEX_MASK,
                                 .n_px = n_px & UINT8_MAX,
                                 .is_counted = is_counted,
                                 .x = (uint16_t) x };
  if (walk->settles)
    for (; x < walk->width && walk->edges[x] <= end_ns; x++)
      walk->pending[x].most_ns += walk->edges[x + 1] - walk->edges[x];
}

/* ---- a run at once --------------------------------------------------------------------------- */

/* Of −1: a bit, which is its number's. */
static const Eight bits = { { { 1, 2, 4, 8 }, { 16, 32, 64, 128 } } };

static inline uint32_t
sum_of (Four sum)
{
  sum += __builtin_shufflevector (sum, sum, 2, 3, 2, 3);
  sum += __builtin_shufflevector (sum, sum, 1, 1, 1, 1);
  return (uint32_t) sum[0];
}

static inline uint32_t
all_of (Four all)
{
  all |= __builtin_shufflevector (all, all, 2, 3, 2, 3);
  all |= __builtin_shufflevector (all, all, 1, 1, 1, 1);
  return (uint32_t) all[0];
}

static inline Four
larger (Four a, Four b)
{
  Four is_larger = a > b;

  return (a & is_larger) | (b & ~is_larger);
}

static inline int32_t
most_of (Four most)
{
  most = larger (most, __builtin_shufflevector (most, most, 2, 3, 2, 3));
  most = larger (most, __builtin_shufflevector (most, most, 1, 1, 1, 1));
  return most[0];
}

/* Adds to pixel x those that are `in`. groups: each `stride` apart */
static inline void
add_run (Walk *walk, int x, const Run *run, const Eight *in, const char *groups, size_t stride,
         uint64_t first, uint64_t n_spans)
{
  Four low = run->longest.of[0] & in->of[0], high = run->longest.of[1] & in->of[1];
  int32_t most = most_of (larger (low, high));
  Cell *cell = &walk->cells[x];

  cell->busy_ns += sum_of ((run->busy_ns.of[0] & in->of[0]) + (run->busy_ns.of[1] & in->of[1]));
  cell->content |=
      (uint16_t) all_of ((run->content.of[0] & in->of[0]) | (run->content.of[1] & in->of[1]));
  if (most > 0 && most > cell->longest_ns)
    {
      unsigned k = (unsigned) __builtin_ctz (
          all_of (((low == most) & bits.of[0]) | ((high == most) & bits.of[1])));
      uint16_t group = *(const uint16_t *) (const void *) (groups + k * stride);

      cell_add (cell, 0, most - 1, group, first + k * n_spans, 0);
    }
}

/* Adds those that are in one pixel each. Returns: a bit for each of the others */
static inline unsigned
add_to_pixels (Walk *walk, const Opened *parent, const Run *run, const char *groups, size_t stride,
               uint64_t first, uint64_t n_spans)
{
  const int64_t *edges = &walk->edges[parent->x];
  Eight in, right, others;

  for (unsigned h = 0; h < 2; h++)
    {
      in.of[h] = run->end_ns.of[h] < 0;
      right.of[h] = run->start_ns.of[h] >= 0;
      others.of[h] = ~in.of[h];
    }
  add_run (walk, parent->x, run, &in, groups, stride, first, n_spans);
  for (unsigned i = 1; i + 1 < parent->n_px; i++)
    {
      int32_t edge = (int32_t) (edges[i + 1] - edges[1]);

      for (unsigned h = 0; h < 2; h++)
        {
          in.of[h] = right.of[h] & (run->end_ns.of[h] < edge);
          right.of[h] = run->start_ns.of[h] >= edge;
          others.of[h] &= ~in.of[h];
        }
      add_run (walk, parent->x + (int) i, run, &in, groups, stride, first, n_spans);
    }
  add_run (walk, parent->x + (int) parent->n_px - 1, run, &right, groups, stride, first, n_spans);
  return all_of ((others.of[0] & ~right.of[0] & bits.of[0])
                 | (others.of[1] & ~right.of[1] & bits.of[1]));
}

/* In how many pixels a node of that level is, and in which first: not before x. */
static inline unsigned
pixels_of (const Walk *walk, int64_t start_ns, int64_t end_ns, int *x)
{
  unsigned n_px = 1;

  while (walk->edges[*x + 1] <= start_ns)
    (*x)++;
  while (walk->edges[*x + (int) n_px] <= end_ns)
    n_px++;
  return n_px;
}

static inline bool
load_nodes (Run *run, const WeftNodeRun *nodes, int64_t edge_ns)
{
  Four extent_ns[2], unfit = { 0 };

  memcpy (&run->start_ns, nodes->start_low, sizeof run->start_ns);
  memcpy (extent_ns, nodes->extent_ns, sizeof extent_ns);
  memcpy (&run->busy_ns, nodes->busy_ns, sizeof run->busy_ns);
  memcpy (&run->longest, nodes->longest, sizeof run->longest);
  for (unsigned h = 0; h < 2; h++)
    {
      const uint16_t *what = &nodes->what[4 * h];

      run->start_ns.of[h] = (Four) ((FourLow) run->start_ns.of[h] - (uint32_t) edge_ns);
      run->content.of[h] = (Four){ what[0], what[1], what[2], what[3] } & WEFT_SPANS_CONTENT_MASK;
      run->end_ns.of[h] = run->start_ns.of[h] + extent_ns[h];
      unfit |= extent_ns[h];
    }
  return (int32_t) all_of (unfit) >= 0;
}

static inline int64_t
end_of (const WeftNodeRun *nodes, unsigned k)
{
  return weft_node_run_start (nodes, k) + nodes->extent_ns[k];
}

/* Returns: whether they fit */
static inline bool
take_nodes (Walk *walk, const Opened *parent, const WeftNodeRun *nodes, unsigned level)
{
  uint64_t first = parent->index * WEFT_SPANS_FAN, n_spans = weft_spans_covered (level);
  unsigned others;
  Run run;

  if (!load_nodes (&run, nodes, walk->edges[parent->x + 1]))
    return false;
  others = add_to_pixels (walk, parent, &run, (const char *) nodes->group, sizeof nodes->group[0],
                          first * n_spans, n_spans);
  for (; others != 0; others &= others - 1)
    {
      unsigned k = (unsigned) __builtin_ctz (others), n_px = 2;
      int x = parent->x;

      if (parent->n_px > 2)
        n_px = pixels_of (walk, weft_node_run_start (nodes, k), end_of (nodes, k), &x);
      if (n_px == 2)
        open_in_two (walk, nodes, k, first + k, x);
      else
        open_anywhere (walk, first + k, x, n_px, end_of (nodes, k), true);
    }
  return true;
}

static inline void
load_spans (Run *run, const WeftSpan *spans, int64_t edge_ns)
{
  for (unsigned h = 0; h < 2; h++, spans += 4)
    {
      Four end_ns, kind, depth, group, is_task;

      for (unsigned k = 0; k < 4; k++)
        {
          run->start_ns.of[h][k] = (int32_t) (spans[k].start_ns - edge_ns);
          end_ns[k] = (int32_t) (spans[k].end_ns - edge_ns);
          kind[k] = spans[k].kind;
          group[k] = spans[k].group;
          depth[k] = (int32_t) spans[k].depth;
          run->content.of[h][k] = content_of (&spans[k]);
        }
      is_task = (kind == WEFT_RECORD_TASK) & (depth == 0);
      run->busy_ns.of[h] = end_ns - run->start_ns.of[h];
      run->end_ns.of[h] = end_ns + (run->busy_ns.of[h] > 0);
      run->busy_ns.of[h] &= is_task;
      run->longest.of[h] = (run->busy_ns.of[h] + 1) & is_task & (group != WEFT_NO_GROUP);
    }
}

static inline void
take_spans (Walk *walk, const Opened *parent, const WeftSpan *spans)
{
  uint64_t first = parent->index * WEFT_SPANS_FAN;
  unsigned others;
  Run run;

  load_spans (&run, spans, walk->edges[parent->x + 1]);
  others =
      add_to_pixels (walk, parent, &run, (const char *) &spans->group, sizeof *spans, first, 1);
  for (; others != 0; others &= others - 1)
    {
      unsigned k = (unsigned) __builtin_ctz (others);
      const WeftSpan *span = &spans[k];
      int x = parent->x;

      while (x + 1 < walk->width && walk->edges[x + 1] <= span->start_ns)
        x++;
      spread_span (walk, span, first + k, x, span->kind == WEFT_RECORD_TASK && span->depth == 0,
                   content_of (span));
    }
}

/* ---- one by one ------------------------------------------------------------------------------ */

static void
place_node (Walk *walk, const WeftNodeRun *nodes, unsigned level, uint64_t index, bool is_counted)
{
  WeftSpanNode node = weft_node_run_get (nodes, level, index % WEFT_SPANS_FAN);
  int64_t start_ns = MAX (node.start_ns, walk->t0);
  unsigned n_px = 1;
  Cell *cell;
  int x;

  if (start_ns >= walk->t1 || node.end_ns < walk->t0)
    return;
  x = find_pixel (walk, start_ns);
  if (node.start_ns >= walk->t0 && node.end_ns < walk->edges[x + 1])
    {
      cell = &walk->cells[x];
      cell->content |= node.content;
      if (!is_counted)
        walk->n_tasks += node.n_tasks;
      cell_add (cell, node.busy_ns, node.longest_ns, node.group, index * weft_spans_covered (level),
                0);
      return;
    }
  if (node.start_ns < walk->t0 || node.end_ns >= walk->t1
      || nodes->extent_ns[index % WEFT_SPANS_FAN] > INT32_MAX)
    n_px = 0;
  while (n_px > 0 && walk->edges[x + (int) n_px] <= node.end_ns)
    n_px = n_px == MOST_PX ? 0 : n_px + 1;
  if (n_px > 0 && !is_counted)
    walk->n_tasks += node.n_tasks;
  if (n_px == 2)
    open_in_two (walk, nodes, index % WEFT_SPANS_FAN, index, x);
  else
    open_anywhere (walk, index, x, n_px, node.end_ns, is_counted || n_px > 0);
}

static void
walk_nodes (Walk *walk, const WeftNodeRun *nodes, unsigned level, uint64_t first, uint64_t n,
            bool is_counted)
{
  for (uint64_t i = first; i < first + n; i++)
    place_node (walk, nodes, level, i, is_counted);
}

static void
walk_spans (Walk *walk, const WeftSpan *spans, uint64_t first, uint64_t n, bool is_counted)
{
  uint64_t n_tasks = walk->n_tasks;

  for (uint64_t i = 0; i < n; i++)
    place_span (walk, spans + i, first + i);
  if (is_counted)
    walk->n_tasks = n_tasks;
}

/* level: −1 for the spans. Returns: (transfer none): the first of a run */
static inline const char *
run_at (Walk *walk, int level, uint64_t index)
{
  Piece *piece = &walk->piece;

  if (level < 0)
    return (const char *) weft_spans_get (walk->spans, index * WEFT_SPANS_FAN);
  if (index - piece->first >= piece->n)
    {
      piece->runs = (const char *) weft_spans_run (walk->spans, (unsigned) level, index, &piece->n);
      piece->first = index;
    }
  return piece->runs + (index - piece->first) * sizeof (WeftNodeRun);
}

static inline size_t
run_bytes (int level)
{
  return level < 0 ? WEFT_SPANS_FAN * sizeof (WeftSpan) : sizeof (WeftNodeRun);
}

/* The same of a node's children, which are being fetched from then on. */
static inline const char *
fetch_children (Walk *walk, int level, const Opened *opened)
{
  const char *run = run_at (walk, level, opened->index);

  if (run != walk->fetched)
    for (size_t i = 0; i < run_bytes (level); i += WEFT_CACHE_LINE)
      __builtin_prefetch (run + i);
  walk->fetched = run + run_bytes (level);
  return run;
}

static void
walk_run (Walk *walk, int level, const void *run, uint64_t first, uint64_t n, bool is_counted)
{
  if (level < 0)
    walk_spans (walk, run, first, n, is_counted);
  else
    walk_nodes (walk, run, (unsigned) level, first, n, is_counted);
}

/* What was opened above, then what is behind the last node above. */
static void
walk_level (Walk *walk, int level, uint64_t before, uint64_t whole)
{
  const Opened *opened = walk->opened[0]->nodes;
  unsigned n = walk->opened[0]->n, n_ahead = 0;
  const char *ahead[AHEAD];

  walk->piece.n = 0;
  walk->fetched = NULL;
  if (level >= 0)
    need_room (walk->opened[1], (uint64_t) n * WEFT_SPANS_FAN + whole - before);
  for (unsigned i = 0; i < n; i++)
    {
      const void *run;

      for (; n_ahead < MIN (i + AHEAD, n); n_ahead++)
        ahead[n_ahead % AHEAD] = fetch_children (walk, level, &opened[n_ahead]);
      run = ahead[i % AHEAD];
      walk->n_visits += WEFT_SPANS_FAN;
      if (opened[i].n_px > 0 && level < 0)
        take_spans (walk, &opened[i], run);
      else if (opened[i].n_px == 0 || !take_nodes (walk, &opened[i], run, (unsigned) level))
        walk_run (walk, level, run, opened[i].index * WEFT_SPANS_FAN, WEFT_SPANS_FAN,
                  opened[i].is_counted);
    }
  walk->piece.n = 0;
  if (whole > before)
    walk_run (walk, level, run_at (walk, level, before / WEFT_SPANS_FAN), before, whole - before,
              false);
  walk->n_visits += whole - before;
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
      _weftline_timeline_begin_settling (walk, done->n);
      walk_level (walk, level, before, whole);
      if (level >= 0 && walk->settles && walk->opened[1]->n > 0)
        _weftline_timeline_settle_level (walk, n, level);
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
    place_span (walk, &span, WEFTLINE_TIMELINE_NOW);
}

void
_weftline_timeline_walk_lane (Walk *walk, const WeftlineTimelineLane *lane, int64_t now_ns)
{
  for (int x = 0; x < walk->width; x++)
    walk->cells[x] = (Cell){ .longest_ns = -1, .group = WEFT_NO_GROUP };
  g_array_set_size (walk->wides, 0);
  walk->opened[0]->n = 0;
  walk->spans = lane->spans;
  walk->is_ordered = lane->spans != NULL && weft_spans_is_ordered (lane->spans);
  walk->settles = false;
  walk->now_start_ns = weftline_timeline_has_now (lane, now_ns) ? lane->now_start_ns : INT64_MAX;
  if (lane->spans != NULL && lane->n > 0)
    walk_pyramid (walk, lane->n);
  walk_now (walk, lane, now_ns);
}
