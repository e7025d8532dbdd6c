/* graph-index.h: a laid-out segment, to be found by place, near or from far
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A tree of square cells. On the lowest level a cell is WEFTLINE_INDEX_SIDE rows wide and high, on
 * each further one twice as much; empty cells do not exist. Tasks stand in Morton's order of their
 * cells, so a cell of any level is a run of them, and counts add up by construction. Some 7 bytes a
 * task; where the edges come without the way back, or bend, 4 more and 8 an edge. Immutable once
 * made.
 */
#pragma once

#include "graph/graph-layout.h"

#define WEFTLINE_INDEX_SIDE 4.0f
#define WEFTLINE_INDEX_MAX_LEVELS 18

/**
 * WeftlineIndexCell:
 * @x: in cells of its level
 * @first: its first task, an index into tasks; the next cell's is its end
 * @child: its first cell on the level below; the next cell's is its end
 */
typedef struct
{
  uint16_t x, y;
  uint32_t first;
  uint32_t child;
} WeftlineIndexCell;

/**
 * WeftlineGraphIndex:
 * @tasks: n_tasks: by cell
 * @cells: by level: n_cells[level] + 1
 * @source_offsets: n_tasks + 1: where the edges into a task come from, with @sources: those of
 *   @edges where it has them, and no edge bends
 * @source_edges: (nullable): the numbers of these edges: where they may bend
 * @edge_of_bend: (nullable)
 */
typedef struct
{
  WeftlineGraphLayout *layout;
  WeftlineGraphEdges edges;
  uint32_t n_levels;
  uint32_t n_cells[WEFTLINE_INDEX_MAX_LEVELS];
  WeftlineIndexCell *cells[WEFTLINE_INDEX_MAX_LEVELS];
  uint32_t *tasks;
  const uint32_t *source_offsets;
  const uint32_t *sources;
  uint32_t *source_edges;
  uint32_t *edge_of_bend;
} WeftlineGraphIndex;

/**
 * weftline_graph_index_new:
 * @layout: (transfer full)
 * @edges: what was laid out; its arrays must live as long as the index
 *
 * O(tasks + edges). Any thread: belongs to the work that is done off the main thread.
 *
 * Returns: (transfer full)
 */
WeftlineGraphIndex *weftline_graph_index_new (WeftlineGraphLayout *layout,
                                              const WeftlineGraphEdges *edges);
/* Lets it look at the same edges elsewhere. O(tasks + edges). Returns: false: they are others */
bool weftline_graph_index_move_to (WeftlineGraphIndex *index, const WeftlineGraphEdges *edges);
/* @index: (nullable) */
void weftline_graph_index_free (WeftlineGraphIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineGraphIndex, weftline_graph_index_free)

typedef struct
{
  float x0, y0, x1, y1;
} WeftlineRect;

/* @whole: all of the cell's tasks lie in the rectangle. Returns: whether to go into it further */
typedef bool (*WeftlineCellFunc) (const WeftlineGraphIndex *index, uint32_t level, uint32_t cell,
                                  bool whole, void *data);

/* Calls for the cells that touch a rectangle, from the top, as long as the answer is %TRUE. */
void weftline_graph_index_walk (const WeftlineGraphIndex *index, const WeftlineRect *rect,
                                WeftlineCellFunc func, void *data);

/* Tasks whose centres lie in the rectangle. Goes into cells that are cut by its edge only. */
uint32_t weftline_graph_index_count (const WeftlineGraphIndex *index, const WeftlineRect *rect);

static inline uint32_t
weftline_index_cell_n_tasks (const WeftlineGraphIndex *index, uint32_t level, uint32_t cell)
{
  return index->cells[level][cell + 1].first - index->cells[level][cell].first;
}

static inline float
weftline_index_side (uint32_t level)
{
  return WEFTLINE_INDEX_SIDE * (float) (1u << level);
}

static inline bool
weftline_rect_has (const WeftlineRect *rect, float x, float y)
{
  return x >= rect->x0 && x < rect->x1 && y >= rect->y0 && y < rect->y1;
}
