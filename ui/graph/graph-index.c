/* graph-index.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-index.h"

#include <string.h>

#define DIGIT 11

/* Bits 0 … 15 to the even places. */
static uint32_t
spread (uint32_t x)
{
  x = (x | x << 8) & 0x00ff00ff;
  x = (x | x << 4) & 0x0f0f0f0f;
  x = (x | x << 2) & 0x33333333;
  return (x | x << 1) & 0x55555555;
}

static uint16_t
gather (uint32_t x)
{
  x &= 0x55555555;
  x = (x | x >> 1) & 0x33333333;
  x = (x | x >> 2) & 0x0f0f0f0f;
  x = (x | x >> 4) & 0x00ff00ff;
  return (uint16_t) (x | x >> 8);
}

static uint32_t
cell_coordinate (float at)
{
  return (uint32_t) CLAMP (at * (1 / WEFTLINE_INDEX_SIDE), 0.0f, 65535.0f);
}

typedef struct
{
  uint32_t code, task;
} Coded;

static void
sort_digit (const Coded *from, Coded *to, uint32_t n, unsigned shift)
{
  uint32_t starts[(1 << DIGIT) + 1] = { 0 };
  uint32_t mask = (1u << DIGIT) - 1;

  for (uint32_t k = 0; k < n; k++)
    starts[(from[k].code >> shift & mask) + 1]++;
  for (uint32_t d = 0; d < mask; d++)
    starts[d + 1] += starts[d];
  for (uint32_t k = 0; k < n; k++)
    to[starts[from[k].code >> shift & mask]++] = from[k];
}

/* Returns: (transfer full): tasks with their codes, in the order of the codes */
static Coded *
sort_by_code (const WeftlineGraphLayout *layout)
{
  uint32_t n = layout->n_nodes, all = 0;
  Coded *coded = g_new (Coded, (size_t) n + 1);
  Coded *spare = g_new (Coded, (size_t) n + 1);

  for (uint32_t v = 0; v < n; v++)
    {
      uint32_t x = cell_coordinate (layout->x[v]), y = cell_coordinate (layout->y[v]);

      coded[v] = (Coded){ spread (x) | spread (y) << 1, v };
      all |= coded[v].code;
    }
  for (unsigned shift = 0; shift < 32 && all >> shift != 0; shift += DIGIT)
    {
      Coded *sorted = spare;

      sort_digit (coded, spare, n, shift);
      spare = coded;
      coded = sorted;
    }
  g_free (spare);
  return coded;
}

static void
make_lowest (WeftlineGraphIndex *index, const Coded *coded)
{
  uint32_t n = index->layout->n_nodes, n_cells = 0;

  for (uint32_t k = 0; k < n; k++)
    n_cells += k == 0 || coded[k].code != coded[k - 1].code;
  index->cells[0] = g_new (WeftlineIndexCell, (size_t) n_cells + 1);
  index->n_cells[0] = n_cells;
  index->n_levels = 1;
  n_cells = 0;
  for (uint32_t k = 0; k < n; k++)
    if (k == 0 || coded[k].code != coded[k - 1].code)
      index->cells[0][n_cells++] =
          (WeftlineIndexCell){ gather (coded[k].code), gather (coded[k].code >> 1), k, k };
  index->cells[0][n_cells] = (WeftlineIndexCell){ .first = n, .child = n };
}

static bool
is_same_parent (const WeftlineIndexCell *a, const WeftlineIndexCell *b)
{
  return a->x / 2 == b->x / 2 && a->y / 2 == b->y / 2;
}

static void
make_level (WeftlineGraphIndex *index, uint32_t level)
{
  const WeftlineIndexCell *below = index->cells[level - 1];
  uint32_t n_below = index->n_cells[level - 1], n_cells = 0;
  WeftlineIndexCell *cells = g_new (WeftlineIndexCell, (size_t) n_below + 1);

  for (uint32_t c = 0; c < n_below; c++)
    if (c == 0 || !is_same_parent (&below[c - 1], &below[c]))
      cells[n_cells++] = (WeftlineIndexCell){ below[c].x / 2, below[c].y / 2, below[c].first, c };
  cells[n_cells] = (WeftlineIndexCell){ .first = below[n_below].first, .child = n_below };
  index->cells[level] = g_renew (WeftlineIndexCell, cells, (size_t) n_cells + 1);
  index->n_cells[level] = n_cells;
  index->n_levels = level + 1;
}

/* Whether those of the edges do. */
static bool
has_own_sources (const WeftlineGraphIndex *index)
{
  return index->edges.sources == NULL || index->layout->n_bends > 0;
}

static void
make_sources (WeftlineGraphIndex *index)
{
  const WeftlineGraphEdges *edges = &index->edges;
  uint32_t n = edges->n_nodes, n_edges = edges->offsets[n];
  uint32_t *offsets = g_new0 (uint32_t, (size_t) n + 3);
  uint32_t *sources = g_new (uint32_t, (size_t) n_edges + 1);

  index->source_edges = g_new (uint32_t, (size_t) n_edges + 1);
  for (uint32_t e = 0; e < n_edges; e++)
    offsets[edges->targets[e] + 2]++;
  for (uint32_t v = 0; v < n; v++)
    offsets[v + 2] += offsets[v + 1];
  for (uint32_t v = 0; v < n; v++)
    for (uint32_t e = edges->offsets[v]; e < edges->offsets[v + 1]; e++)
      {
        uint32_t at = offsets[edges->targets[e] + 1]++;

        sources[at] = v;
        index->source_edges[at] = e;
      }
  index->source_offsets = offsets;
  index->sources = sources;
}

static void
make_edges_of_bends (WeftlineGraphIndex *index)
{
  const WeftlineGraphLayout *layout = index->layout;

  index->edge_of_bend = g_new (uint32_t, (size_t) layout->n_bends + 1);
  for (uint32_t e = 0; e < index->edges.offsets[index->edges.n_nodes]; e++)
    for (uint32_t b = layout->bends_of_edge[e]; b < layout->bends_of_edge[e + 1]; b++)
      index->edge_of_bend[b] = e;
}

WeftlineGraphIndex *
weftline_graph_index_new (WeftlineGraphLayout *layout, const WeftlineGraphEdges *edges)
{
  WeftlineGraphIndex *index = g_new0 (WeftlineGraphIndex, 1);
  g_autofree Coded *coded = sort_by_code (layout);

  index->layout = layout;
  index->edges = *edges;
  index->tasks = g_new (uint32_t, (size_t) layout->n_nodes + 1);
  for (uint32_t k = 0; k < layout->n_nodes; k++)
    index->tasks[k] = coded[k].task;
  make_lowest (index, coded);
  while (index->n_cells[index->n_levels - 1] > 1)
    make_level (index, index->n_levels);
  index->source_offsets = edges->source_offsets;
  index->sources = edges->sources;
  if (has_own_sources (index))
    make_sources (index);
  if (layout->n_bends > 0)
    make_edges_of_bends (index);
  return index;
}

static bool
is_equal (const uint32_t *a, const uint32_t *b, size_t n)
{
  return memcmp (a, b, n * sizeof *a) == 0;
}

bool
weftline_graph_index_move_to (WeftlineGraphIndex *index, const WeftlineGraphEdges *edges)
{
  const WeftlineGraphEdges *own = &index->edges;
  uint32_t n = edges->n_nodes;

  if (own->n_nodes != n || (own->sources == NULL) != (edges->sources == NULL)
      || !is_equal (own->offsets, edges->offsets, (size_t) n + 1)
      || !is_equal (own->targets, edges->targets, own->offsets[n])
      || (own->sources != NULL
          && (!is_equal (own->source_offsets, edges->source_offsets, (size_t) n + 1)
              || !is_equal (own->sources, edges->sources, own->offsets[n]))))
    return false;
  if (!has_own_sources (index))
    {
      index->source_offsets = edges->source_offsets;
      index->sources = edges->sources;
    }
  index->edges = *edges;
  return true;
}

void
weftline_graph_index_free (WeftlineGraphIndex *index)
{
  if (index == NULL)
    return;
  for (uint32_t level = 0; level < index->n_levels; level++)
    g_free (index->cells[level]);
  g_free (index->tasks);
  if (has_own_sources (index))
    {
      g_free ((void *) index->source_offsets);
      g_free ((void *) index->sources);
    }
  g_free (index->source_edges);
  g_free (index->edge_of_bend);
  weftline_graph_layout_free (index->layout);
  g_free (index);
}

/* ---- walking --------------------------------------------------------------------------------- */

typedef struct
{
  uint32_t level, cell;
} Step;

void
weftline_graph_index_walk (const WeftlineGraphIndex *index, const WeftlineRect *rect,
                           WeftlineCellFunc func, void *data)
{
  Step stack[WEFTLINE_INDEX_MAX_LEVELS * 4];
  uint32_t depth = 0;

  if (index->layout->n_nodes > 0)
    stack[depth++] = (Step){ index->n_levels - 1, 0 };
  while (depth > 0)
    {
      Step step = stack[--depth];
      const WeftlineIndexCell *cell = &index->cells[step.level][step.cell];
      float side = weftline_index_side (step.level);
      float x0 = (float) cell->x * side, y0 = (float) cell->y * side;

      if (x0 >= rect->x1 || y0 >= rect->y1 || x0 + side <= rect->x0 || y0 + side <= rect->y0)
        continue;
      bool whole =
          x0 >= rect->x0 && y0 >= rect->y0 && x0 + side <= rect->x1 && y0 + side <= rect->y1;
      if (func (index, step.level, step.cell, whole, data) && step.level > 0)
        for (uint32_t c = cell[1].child; c-- > cell->child;)
          stack[depth++] = (Step){ step.level - 1, c };
    }
}

typedef struct
{
  const WeftlineRect *rect;
  uint32_t n;
} Count;

static bool
count_cell (const WeftlineGraphIndex *index, uint32_t level, uint32_t cell, bool whole, void *data)
{
  Count *count = data;
  const WeftlineIndexCell *at = &index->cells[level][cell];

  if (whole)
    count->n += at[1].first - at->first;
  else if (level == 0)
    for (uint32_t k = at->first; k < at[1].first; k++)
      {
        uint32_t v = index->tasks[k];

        count->n += weftline_rect_has (count->rect, index->layout->x[v], index->layout->y[v]);
      }
  return !whole;
}

uint32_t
weftline_graph_index_count (const WeftlineGraphIndex *index, const WeftlineRect *rect)
{
  Count count = { rect, 0 };

  weftline_graph_index_walk (index, rect, count_cell, &count);
  return count.n;
}
