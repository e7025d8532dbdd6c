/* graph-place.c: where the items of ordered layers stand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Heights: sweeps as for the order, in which every item wishes for the mean height of its
 * neighbours, and long edges for straightness most. A layer's wishes are met with the least
 * squared error that leaves the order and the distances: isotonic regression of wish less distance
 * from the layer's top, by pooling adjacent violators (Ayer et al., 1955), in linear time. So
 * nothing overlaps, whatever the wishes.
 *
 * Widths: a layer is as far from the next as its links are steep. Three shapes would make a picture
 * that is all line: a layer of very many nodes is folded into several columns, row by row; a very
 * long part is wrapped into bands, like text; and parts are packed on shelves, the highest first.
 */
#include "config.h"

#include "graph/graph-layout-private.h"

#include <math.h>

#define FEW_ITEMS 60000
#define COLUMN_GAP 0.4f
#define COLUMN_PITCH (WEFTLINE_GRAPH_NODE_WIDTH + COLUMN_GAP)
#define MIN_GAP 2.5f
#define MAX_GAP 40.0f
#define MAX_STRETCH 4.0f /* of the gaps in a part that is higher than wide */
#define SLIM 1.3f
#define ASPECT 1.7f
#define FOLD_WIDTH 256 /* layers wider than this may be folded */
#define FOLD_MIN_ROWS 64
#define WRAP_LAYERS 16   /* parts longer than this may be wrapped */
#define WRAP_EXCESS 2.5f /* … when they are as many times wider than a picture of all should be */
#define BAND_GAP 1.5f
#define PART_GAP 2.0f

typedef struct
{
  double sum, weight;
  uint32_t n;
} Pool;

typedef struct
{
  const GraphItems *items;
  const GraphLayers *layers;
  const float *node_width; /* n_layers */
  uint32_t *columns;       /* n_layers: 1 unless folded */
  float *layer_x;          /* n_layers */
  float *x, *y;            /* by item */
  double *wish, *weight;
  Pool *pools;
} Placer;

static inline bool
is_bend (const Placer *placer, uint32_t item)
{
  return placer->items->node[item] >= placer->layers->n_nodes;
}

static inline double
half_height (const Placer *placer, uint32_t item)
{
  return is_bend (placer, item) ? GRAPH_BEND_HALF : GRAPH_NODE_HALF;
}

static uint32_t
layer_width (const Placer *placer, uint32_t layer)
{
  return placer->items->first[layer + 1] - placer->items->first[layer];
}

/* ---- folding --------------------------------------------------------------------------------- */

static double
folded_width (const Placer *placer, uint32_t first, uint32_t end, double rows)
{
  double gap = MIN (MAX_GAP, MIN_GAP + 0.1 * rows), width = 0;

  for (uint32_t l = first; l < end; l++)
    width += ceil (layer_width (placer, l) / rows) * (double) COLUMN_PITCH + gap;
  return width;
}

static void
fold_part (Placer *placer, uint32_t first, uint32_t end)
{
  uint32_t widest = 0;
  double rows = FOLD_MIN_ROWS;

  for (uint32_t l = first; l < end; l++)
    widest = MAX (widest, layer_width (placer, l));
  if (end - first == 1)
    rows = ceil (sqrt (widest * (double) (COLUMN_PITCH / ASPECT)));
  else if (widest <= FOLD_WIDTH || widest < 2.5 * folded_width (placer, first, end, widest))
    return;
  else
    while (rows < widest && folded_width (placer, first, end, rows) > (double) ASPECT * rows)
      rows = ceil (rows * 1.15);
  for (uint32_t l = first; l < end; l++)
    placer->columns[l] = (uint32_t) ceil (layer_width (placer, l) / rows);
}

/* ---- heights --------------------------------------------------------------------------------- */

static void
start_layer (Placer *placer, uint32_t layer)
{
  const GraphItems *items = placer->items;
  uint32_t columns = placer->columns[layer], n = layer_width (placer, layer);
  double at = 0;

  for (uint32_t k = 0; k < n; k++)
    {
      uint32_t item = items->order[items->first[layer] + k];

      if (columns > 1)
        at = k / columns + GRAPH_NODE_HALF;
      else
        at += half_height (placer, item);
      placer->y[item] = (float) at;
      if (columns == 1)
        at += half_height (placer, item);
    }
  if (columns > 1)
    at = (n + columns - 1) / columns;
  for (uint32_t k = items->first[layer]; k < items->first[layer + 1]; k++)
    placer->y[k] -= (float) (at / 2);
}

static inline void
add_wishes (const Placer *placer, uint32_t item, const uint32_t *offsets, const uint32_t *links,
            double *sum, double *weight)
{
  bool bend = is_bend (placer, item);

  for (uint32_t e = offsets[item]; e < offsets[item + 1]; e++)
    {
      int n_bends = bend + is_bend (placer, links[e]);
      double w = n_bends == 2 ? 8 : n_bends == 1 ? 2 : 1;

      *sum += w * (double) placer->y[links[e]];
      *weight += w;
    }
}

/* Least squares in order; distances are the items' halves. */
static void
settle (Placer *placer, const uint32_t *order, uint32_t n)
{
  uint32_t n_pools = 0;
  double at = 0;

  for (uint32_t k = 0; k < n; k++)
    {
      Pool pool = { .weight = placer->weight[k], .n = 1 };

      at += half_height (placer, order[k]);
      pool.sum = (placer->wish[k] - at) * pool.weight;
      at += half_height (placer, order[k]);
      while (n_pools > 0
             && placer->pools[n_pools - 1].sum * pool.weight
                    > pool.sum * placer->pools[n_pools - 1].weight)
        {
          pool.sum += placer->pools[n_pools - 1].sum;
          pool.weight += placer->pools[n_pools - 1].weight;
          pool.n += placer->pools[--n_pools].n;
        }
      placer->pools[n_pools++] = pool;
    }
  at = 0;
  for (uint32_t p = 0, k = 0; p < n_pools; p++)
    {
      double mean = placer->pools[p].sum / placer->pools[p].weight;

      for (uint32_t end = k + placer->pools[p].n; k < end; k++)
        {
          at += half_height (placer, order[k]);
          placer->y[order[k]] = (float) (mean + at);
          at += half_height (placer, order[k]);
        }
    }
}

static void
place_layer (Placer *placer, uint32_t layer, bool from_left, bool from_right)
{
  const GraphItems *items = placer->items;
  const uint32_t *order = items->order + items->first[layer];
  uint32_t n = layer_width (placer, layer);

  if (placer->columns[layer] > 1)
    return;
  for (uint32_t k = 0; k < n; k++)
    {
      double sum = 0, weight = 0;

      if (from_left)
        add_wishes (placer, order[k], items->up_offsets, items->up, &sum, &weight);
      if (from_right)
        add_wishes (placer, order[k], items->down_offsets, items->down, &sum, &weight);
      placer->wish[k] = weight > 0 ? sum / weight : (double) placer->y[order[k]];
      placer->weight[k] = weight > 0 ? weight : 0.01;
    }
  settle (placer, order, n);
}

static void
place_heights (Placer *placer)
{
  const GraphItems *items = placer->items;
  unsigned n_sweeps = items->n_items <= FEW_ITEMS ? 8 : 1;

  for (uint32_t l = 0; l < items->n_layers; l++)
    start_layer (placer, l);
  for (unsigned k = 0; k < n_sweeps; k++)
    {
      for (uint32_t l = 0; l < items->n_layers; l++)
        place_layer (placer, l, true, false);
      for (uint32_t l = items->n_layers; l-- > 0;)
        place_layer (placer, l, false, true);
    }
  for (unsigned k = 0; k < (n_sweeps + 1) / 2; k++)
    for (uint32_t l = 0; l < items->n_layers; l++)
      place_layer (placer, l, true, true);
}

/* ---- widths ---------------------------------------------------------------------------------- */

static float
gap_after (const Placer *placer, uint32_t layer)
{
  const GraphItems *items = placer->items;
  double sum = 0;
  uint32_t n = 0;

  for (uint32_t i = items->first[layer]; i < items->first[layer + 1]; i++)
    {
      float y = placer->y[i];

      for (uint32_t e = items->down_offsets[i]; e < items->down_offsets[i + 1]; e++, n++)
        sum += (double) fabsf (placer->y[items->down[e]] - y);
    }
  return n == 0 ? MIN_GAP : (float) CLAMP (0.35 * sum / n, (double) MIN_GAP, (double) MAX_GAP);
}

static float
block_width (const Placer *placer, uint32_t layer)
{
  float width = placer->node_width[layer];

  return (float) (placer->columns[layer] - 1) * (width + COLUMN_GAP) + width;
}

/* Returns: the part's width */
static float
place_widths (Placer *placer, uint32_t first, uint32_t end, float stretch)
{
  const GraphItems *items = placer->items;
  float at = 0;

  for (uint32_t l = first; l < end; l++)
    {
      uint32_t columns = placer->columns[l];
      float width = placer->node_width[l];

      placer->layer_x[l] = at;
      for (uint32_t k = items->first[l]; k < items->first[l + 1]; k++)
        {
          uint32_t item = items->order[k], column = (k - items->first[l]) % columns;

          placer->x[item] = at + width / 2 + (float) column * (width + COLUMN_GAP);
        }
      at += block_width (placer, l);
      if (l + 1 < end)
        at += gap_after (placer, l) * stretch;
    }
  return at;
}

/* ---- bands and parts ------------------------------------------------------------------------- */

static void
extent_of (const Placer *placer, uint32_t first, uint32_t end, float *top, float *bottom)
{
  const uint32_t *of = placer->items->first;

  *top = INFINITY;
  *bottom = -INFINITY;
  for (uint32_t i = of[first]; i < of[end]; i++)
    {
      float half = (float) half_height (placer, i);

      *top = MIN (*top, placer->y[i] - half);
      *bottom = MAX (*bottom, placer->y[i] + half);
    }
}

static void
move_layers (Placer *placer, uint32_t first, uint32_t end, float dx, float dy)
{
  const uint32_t *of = placer->items->first;

  for (uint32_t i = of[first]; i < of[end]; i++)
    {
      placer->x[i] += dx;
      placer->y[i] += dy;
    }
}

static void
set_bands (const Placer *placer, uint32_t first, uint32_t end, uint16_t band, uint16_t **bands)
{
  const GraphItems *items = placer->items;
  uint32_t n = placer->layers->n_nodes;

  if (*bands == NULL)
    *bands = g_new0 (uint16_t, (size_t) n + 1);
  for (uint32_t i = items->first[first]; i < items->first[end]; i++)
    if (items->node[i] < n)
      (*bands)[items->node[i]] = band;
}

/* Cuts a part that is much longer than @room into lines of that. The box it takes comes back in
 * @width and @height. */
static void
wrap_part (Placer *placer, uint32_t first, uint32_t end, float room, float *width, float *height,
           uint16_t **bands)
{
  float top, bottom, down = 0, widest = 0;

  extent_of (placer, first, end, &top, &bottom);
  *height = bottom - top;
  if (end - first < WRAP_LAYERS || *width < WRAP_EXCESS * room)
    {
      move_layers (placer, first, end, 0, -top);
      return;
    }
  float n_bands = CLAMP (roundf (*width / room), 1, 60000);
  float target = *width / n_bands;
  uint16_t band = 0;

  for (uint32_t l = first, stop; l < end; l = stop, band++)
    {
      float left = placer->layer_x[l];

      for (stop = l + 1; stop < end && placer->layer_x[stop] - left < target; stop++)
        ;
      extent_of (placer, l, stop, &top, &bottom);
      float right = placer->layer_x[stop - 1] + block_width (placer, stop - 1);
      set_bands (placer, l, stop, band, bands);
      move_layers (placer, l, stop, -left, down - top);
      down += bottom - top + BAND_GAP;
      widest = MAX (widest, right - left);
    }
  *width = widest;
  *height = down - BAND_GAP;
}

/* Returns: how wide a picture of all parts should be */
static float
place_all_widths (Placer *placer, float *widths)
{
  const GraphLayers *layers = placer->layers;
  double area = 0;

  for (uint32_t p = 0; p < layers->n_parts; p++)
    {
      uint32_t first = layers->part_layers[p], end = layers->part_layers[p + 1];
      float top, bottom;

      widths[p] = place_widths (placer, first, end, 1);
      extent_of (placer, first, end, &top, &bottom);
      if (bottom - top > widths[p] && end - first > 1)
        widths[p] =
            place_widths (placer, first, end, MIN (MAX_STRETCH, (bottom - top) * SLIM / widths[p]));
      area += (double) widths[p] * (double) (bottom - top + BAND_GAP);
    }
  return (float) sqrt (area * (double) ASPECT);
}

/* Parts by height, the highest first, in the order of their numbers where equal. */
static uint32_t *
parts_by_height (const float *heights, uint32_t n)
{
  uint32_t *sorted = g_new (uint32_t, (size_t) n + 1);
  uint32_t *starts = g_new0 (uint32_t, 0x10001 + 1);

  for (uint32_t p = 0; p < n; p++)
    starts[0x10000 - (uint32_t) CLAMP (ceilf (heights[p]), 0, 0xffff) + 1]++;
  for (uint32_t k = 0; k <= 0x10000; k++)
    starts[k + 1] += starts[k];
  for (uint32_t p = 0; p < n; p++)
    sorted[starts[0x10000 - (uint32_t) CLAMP (ceilf (heights[p]), 0, 0xffff)]++] = p;
  g_free (starts);
  return sorted;
}

static void
pack_parts (Placer *placer, const float *widths, const float *heights, float *width, float *height)
{
  const GraphLayers *layers = placer->layers;
  g_autofree uint32_t *sorted = parts_by_height (heights, layers->n_parts);
  double area = 0;
  float room = 0, x = 0, y = 0, shelf = 0;

  for (uint32_t p = 0; p < layers->n_parts; p++)
    {
      area += (double) (widths[p] + PART_GAP) * (double) (heights[p] + PART_GAP / 2);
      room = MAX (room, widths[p]);
    }
  room = MAX (room, (float) sqrt (area * (double) ASPECT));
  *width = 0;
  for (uint32_t k = 0; k < layers->n_parts; k++)
    {
      uint32_t p = sorted[k];

      if (x > 0 && x + widths[p] > room)
        {
          y += shelf + PART_GAP / 2;
          x = shelf = 0;
        }
      move_layers (placer, layers->part_layers[p], layers->part_layers[p + 1], x, y);
      shelf = MAX (shelf, heights[p]);
      *width = MAX (*width, x + widths[p]);
      x += widths[p] + PART_GAP;
    }
  *height = y + shelf;
}

void
_weftline_graph_place (const GraphItems *items, const GraphLayers *layers, const float *node_width,
                       float *x, float *y, uint16_t **band, float *width, float *height)
{
  g_autofree uint32_t *columns = g_new (uint32_t, (size_t) items->n_layers + 1);
  g_autofree float *layer_x = g_new (float, (size_t) items->n_layers + 1);
  g_autofree float *widths = g_new (float, (size_t) layers->n_parts + 1);
  g_autofree float *heights = g_new (float, (size_t) layers->n_parts + 1);
  g_autofree double *wish = NULL, *weight = NULL;
  g_autofree Pool *pools = NULL;
  uint32_t widest = 0;

  for (uint32_t l = 0; l < items->n_layers; l++)
    {
      columns[l] = 1;
      widest = MAX (widest, items->first[l + 1] - items->first[l]);
    }
  wish = g_new (double, (size_t) widest + 1);
  weight = g_new (double, (size_t) widest + 1);
  pools = g_new (Pool, (size_t) widest + 1);
  Placer placer = { items, layers, node_width, columns, layer_x, x, y, wish, weight, pools };

  for (uint32_t p = 0; p < layers->n_parts; p++)
    fold_part (&placer, layers->part_layers[p], layers->part_layers[p + 1]);
  place_heights (&placer);
  float room = place_all_widths (&placer, widths);
  for (uint32_t p = 0; p < layers->n_parts; p++)
    wrap_part (&placer, layers->part_layers[p], layers->part_layers[p + 1], room, &widths[p],
               &heights[p], band);
  pack_parts (&placer, widths, heights, width, height);
}
