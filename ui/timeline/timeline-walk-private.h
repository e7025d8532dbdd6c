/* timeline-walk-private.h: what is in the pixels of one lane
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "timeline/timeline-layout.h"

/* Steps of a share between nothing and all. */
#define SHARE_STEPS 7

/* Pixels a run may be in to be looked at as a whole. */
#define MOST_PX 5u

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

/* Whether the step of a pixel's share is known. */
typedef struct
{
  int x;
  bool is_decided;
} Decided;

/* A span of a pixel and more. */
typedef struct
{
  uint64_t index;
  uint32_t task;
  uint16_t group;
  uint8_t form;
} Wide;

/* A node across an edge; what settling it asks for if it is in two pixels. */
typedef struct
{
  uint64_t index : 48;
  uint64_t n_px : 8; /* how many it is in; 0: more than MOST_PX, not wholly in the view, or unfit */
  uint64_t is_counted : 8;    /* its tasks are among those of the view already */
  uint32_t left_ns, right_ns; /* of the edge between the two */
  uint32_t busy_ns;
  uint32_t longest;   /* as in WeftNodeRun, */
  uint16_t group;     /* as this */
  WeftSpansHint hint; /* and this */
  uint16_t content;
  uint16_t x; /* first pixel of the view it is in */
} Opened;

_Static_assert(sizeof (Opened) == 32, "two lie in a line of the cache");

/* Room is made for many at once: most nodes of the whole run's view are looked into. */
typedef struct
{
  Opened *nodes;
  unsigned n, room;
} OpenedList;

/* Runs of the level at hand that lie one behind the other. */
typedef struct
{
  const char *runs;
  uint64_t first, n;
} Piece;

typedef struct
{
  const int64_t *edges;
  Cell *cells;
  Pending *pending;
  GArray *wides;
  OpenedList *opened[2]; /* whose children are looked at, and of the level below */
  const WeftSpans *spans;
  Decided decided[2]; /* of the last pixel of an even number, and of an odd one */
  Piece piece;
  const char *fetched; /* up to where; what is behind it the processor fetches by itself */
  int64_t t0, t1;
  int64_t pixel_ns; /* rounded up */
  double per_ns;
  int width;
  int x;                /* cursor */
  bool is_ordered;      /* spans are in the order of time */
  bool settles;         /* pending is kept for the level at hand */
  int64_t now_start_ns; /* of what the lane is in; INT64_MAX: nothing */
  WeftlineTimelineForm now_form;
  uint64_t n_tasks, n_visits;
} Walk;

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

/* How much of a node's busy time is in a part of it. */
static inline Pending
part_of (int64_t busy_ns, int64_t part_ns, int64_t rest_ns)
{
  return (Pending){ MAX (0, busy_ns - rest_ns), MIN (busy_ns, part_ns) };
}

/* To be called before a level is walked. n_above: nodes opened in the one above */
void _weftline_timeline_begin_settling (Walk *walk, unsigned n_above);
/* Takes from the nodes of a level to be opened those that make no difference. n: spans */
void _weftline_timeline_settle_level (Walk *walk, uint64_t n, int level);

/* Fills cells and wides with what a lane's spans, and what it is in, have in the view. */
void _weftline_timeline_walk_lane (Walk *walk, const WeftlineTimelineLane *lane, int64_t now_ns);
