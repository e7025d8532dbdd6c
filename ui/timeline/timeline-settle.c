/* timeline-settle.c: nodes across an edge that need not be opened
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A column's share has few steps, and how a node's busy time is divided by the edge is known to
 * within its gaps: where lanes are in order, a part of it cannot be busier than long, nor less than
 * what the other part leaves. If that decides the steps of both pixels, what is in the node was
 * seen in both, and both have a longer piece, the node is settled. So it is if not, where the node
 * hints at what lies on which side of the edge (WeftSpansHint).
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

/* What a node adds to a pixel besides time. */
typedef struct
{
  uint16_t content;
  bool has_longest;
} Added;

/* Nothing: what is in the node was seen in both pixels, and both have a longer piece. */
static inline bool
adds_nothing (const Cell *cells, const Opened *opened)
{
  bool is_seen = (opened->content & ~(cells[0].content & cells[1].content)) == 0;
  bool is_shorter = (int64_t) opened->longest <= MIN (cells[0].longest_ns, cells[1].longest_ns);

  return is_seen & is_shorter;
}

/* What was not seen in both pixels is in one of them if nothing of the kind is in the other's part
 * of the node. Returns: whether that is known */
static bool
find_content (const Cell *cells, const Opened *opened, unsigned shift, Added *added)
{
  uint16_t unseen = opened->content & (uint16_t) ~(cells[0].content & cells[1].content);
  unsigned in_left = (2u << ((opened->left_ns - 1) >> (shift + 1))) - 1;
  unsigned not_in_right = (1u << (opened->left_ns >> (shift + 1))) - 1;

  if (unseen == 0)
    return true;
  if ((unseen & ~WEFT_SPANS_RARE) != 0)
    return false;
  if ((opened->hint.rare & in_left) == 0)
    added[1].content = unseen;
  else if ((opened->hint.rare & ~not_in_right) == 0)
    added[0].content = unseen;
  else
    return false;
  return true;
}

/* The longest is in one of the pixels, and the other has a longer one than all others are. */
static bool
find_longest (const Cell *cells, const Opened *opened, unsigned shift, Added *added)
{
  int64_t longest_ns = (int64_t) opened->longest - 1;
  int64_t others_ns = weft_spans_others_ns (longest_ns, opened->hint);
  int64_t at_ns = (int64_t) opened->hint.at << shift;
  unsigned side;

  if (longest_ns < MIN (cells[0].longest_ns, cells[1].longest_ns))
    return true;
  if (at_ns + (INT64_C (1) << shift) + longest_ns <= opened->left_ns)
    side = 0;
  else if (at_ns >= opened->left_ns)
    side = 1;
  else
    return false;
  added[side].has_longest = true;
  return others_ns < cells[1 - side].longest_ns;
}

static bool
find_added (const Cell *cells, const Opened *opened, Added *added)
{
  unsigned shift = weft_spans_unit_shift (opened->left_ns + opened->right_ns);

  return find_content (cells, opened, shift, added) && find_longest (cells, opened, shift, added);
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

static inline void
add_to_cell (Cell *cell, const Opened *opened, unsigned level, const Added *added)
{
  cell->content |= added->content;
  if (added->has_longest)
    cell_add (cell, 0, (int64_t) opened->longest - 1, opened->group,
              opened->index * weft_spans_covered (level), 0);
}

static inline bool
settle_node (Walk *walk, const Opened *opened, unsigned level, int64_t before_ns)
{
  int x = opened->x;
  Cell *cells = &walk->cells[x];
  int64_t busy_ns = opened->busy_ns, left_ns = opened->left_ns, right_ns = opened->right_ns;

  if (opened->n_px != 2 || walk->edges[x + 2] > before_ns || !is_decided_in_level (walk, x)
      || !is_decided_in_level (walk, x + 1))
    return false;
  if (!adds_nothing (cells, opened))
    {
      Added added[2] = { 0 };

      if (!find_added (cells, opened, added))
        return false;
      for (unsigned side = 0; side < 2; side++)
        add_to_cell (&cells[side], opened, level, &added[side]);
    }
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
    if (!settle_node (walk, &opened[i], (unsigned) level, before_ns))
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
