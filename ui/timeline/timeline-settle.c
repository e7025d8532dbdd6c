/* timeline-settle.c: nodes across an edge that need not be opened
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A column's share has few steps, and how a node's busy time is divided by the edge is known to
 * within its gaps: where lanes are in order, a part of it cannot be busier than long, nor less than
 * what the other part leaves. If that decides the steps of both pixels, what is in the node was
 * seen in both, and both have a longer piece, the node is settled.
 */
#include "config.h"

#include "timeline/timeline-walk-private.h"

/* Nodes a pixel of a level from which on some need not be opened. */
#define SETTLE_FROM 2u

/* Whether the step of a cell's share is known. No division: where the guess is wrong by rounding
 * it counts as not known. */
static inline bool
is_decided (const Walk *walk, int x)
{
  const Cell *cell = &walk->cells[x];
  int64_t least = cell->busy_ns + walk->pending[x].least_ns;
  int64_t most = cell->busy_ns + cell->slack_ns + walk->pending[x].most_ns;
  int64_t ns = walk->edges[x + 1] - walk->edges[x];
  int64_t step = (int64_t) ((double) least * SHARE_STEPS * walk->per_ns);

  return least > 0 && step * ns <= least * SHARE_STEPS && most * SHARE_STEPS < (step + 1) * ns;
}

/* The same, worked out once a level: settling changes what is known, not the least and the most. */
static inline bool
is_decided_in_level (Walk *walk, int x)
{
  Decided *decided = &walk->decided[x & 1];

  if (decided->x != x)
    *decided = (Decided){ x, is_decided (walk, x) };
  return decided->is_decided;
}

static inline bool
can_settle (Walk *walk, const Opened *opened)
{
  const Cell *cells = &walk->cells[opened->x];
  bool is_seen = (opened->content & ~(cells[0].content & cells[1].content)) == 0;
  bool is_shorter = (int64_t) opened->longest <= MIN (cells[0].longest_ns, cells[1].longest_ns);

  return (is_seen & is_shorter) && is_decided_in_level (walk, opened->x)
         && is_decided_in_level (walk, opened->x + 1);
}

/* From what is pending to what is known. */
static inline void
settle_part (Walk *walk, int x, Pending part)
{
  walk->cells[x].busy_ns += part.least_ns;
  walk->cells[x].slack_ns += part.most_ns - part.least_ns;
  walk->pending[x].least_ns -= part.least_ns;
  walk->pending[x].most_ns -= part.most_ns;
}

static inline bool
settle_node (Walk *walk, const Opened *opened, int64_t before_ns)
{
  int x = opened->x;
  int64_t busy_ns = opened->busy_ns, left_ns = opened->left_ns, right_ns = opened->right_ns;

  if (opened->n_px != 2 || !can_settle (walk, opened) || walk->edges[x + 2] > before_ns)
    return false;
  settle_part (walk, x, part_of (busy_ns, left_ns, right_ns));
  settle_part (walk, x + 1, part_of (busy_ns, right_ns, left_ns));
  return true;
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
                                  : weft_spans_node (walk->spans, (unsigned) below, i).start_ns);
      before = whole * WEFT_SPANS_FAN;
    }
  return first;
}

void
_weftline_timeline_settle_level (Walk *walk, uint64_t n_spans, int level)
{
  int64_t before_ns = first_behind (walk, n_spans, level);
  Opened *opened = walk->opened[1]->nodes;
  unsigned n = walk->opened[1]->n, n_left = 0;

  walk->decided[0].x = walk->decided[1].x = -1;
  for (unsigned i = 0; i < n; i++)
    if (!settle_node (walk, &opened[i], before_ns))
      opened[n_left++] = opened[i];
  walk->opened[1]->n = n_left;
}

/* From the first level on of which there are some nodes a pixel: before, nothing can be settled, as
 * what is to be opened takes most of a pixel. */
void
_weftline_timeline_begin_settling (Walk *walk, unsigned n_above)
{
  if (walk->is_ordered && n_above * WEFT_SPANS_FAN >= SETTLE_FROM * (unsigned) walk->width)
    walk->settles = true;
  if (walk->settles)
    memset (walk->pending, 0, (size_t) walk->width * sizeof *walk->pending);
}
