/* graph-transpose.c: exchanges of neighbours in a layer, and moves to better places
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For a layer, the ranks of each item's neighbours on both sides are laid out sorted (by walking
 * the neighbouring layers in their order: no sort). What an exchange of two items changes is then
 * known from merging their lists. Source: Gansner, Koutsofios, North and Vo, "A technique for
 * drawing directed graphs", IEEE TSE 1993, procedure transpose. Sifting moves an item past all
 * others of its layer to where it is best (Matuszewski, Schönfeld and Molitor, GD 1999): it sees
 * past neighbours that are no better either way, for the square of a layer's width.
 */
#include "config.h"

#include "graph/graph-layout-private.h"

#define MAX_PASSES 12

/* Ranks of the neighbours on one side, sorted, by item, as in its links. */
typedef struct
{
  uint32_t *filled; /* n_items: end of what is filled */
  uint32_t *ranks;  /* as many as links */
} Side;

struct _GraphTransposer
{
  GraphItems *items;
  Side up, down;
  uint64_t work; /* links looked at */
};

GraphTransposer *
_weftline_graph_transposer_new (GraphItems *items)
{
  GraphTransposer *transposer = g_new0 (GraphTransposer, 1);
  size_t n_links = items->down_offsets[items->n_items];

  transposer->items = items;
  transposer->up.filled = g_new (uint32_t, (size_t) items->n_items + 1);
  transposer->up.ranks = g_new (uint32_t, n_links + 1);
  transposer->down.filled = g_new (uint32_t, (size_t) items->n_items + 1);
  transposer->down.ranks = g_new (uint32_t, n_links + 1);
  return transposer;
}

void
_weftline_graph_transposer_free (GraphTransposer *transposer)
{
  if (transposer == NULL)
    return;
  g_free (transposer->up.filled);
  g_free (transposer->up.ranks);
  g_free (transposer->down.filled);
  g_free (transposer->down.ranks);
  g_free (transposer);
}

uint64_t
_weftline_graph_transposer_work (const GraphTransposer *transposer)
{
  return transposer->work;
}

/* Fills the side of @layer that looks at @other from that layer's order. */
static void
fill_side (const GraphItems *items, Side *side, uint32_t layer, uint32_t other)
{
  bool is_up = other < layer;
  const uint32_t *own = is_up ? items->up_offsets : items->down_offsets;
  const uint32_t *offsets = is_up ? items->down_offsets : items->up_offsets;
  const uint32_t *links = is_up ? items->down : items->up;

  for (uint32_t i = items->first[layer]; i < items->first[layer + 1]; i++)
    side->filled[i] = own[i];
  for (uint32_t k = items->first[other]; k < items->first[other + 1]; k++)
    {
      uint32_t neighbour = items->order[k];

      for (uint32_t e = offsets[neighbour]; e < offsets[neighbour + 1]; e++)
        side->ranks[side->filled[links[e]]++] = k - items->first[other];
    }
}

/* Crossings of a's links with b's while a is above b, less those if it were below. */
static int64_t
saved_on_side (const uint32_t *a, uint32_t n_a, const uint32_t *b, uint32_t n_b)
{
  int64_t above = 0, below = 0;

  for (uint32_t i = 0, j = 0; i < n_a; i++)
    {
      while (j < n_b && b[j] < a[i])
        j++;
      above += j;
    }
  for (uint32_t i = 0, j = 0; i < n_b; i++)
    {
      while (j < n_a && a[j] < b[i])
        j++;
      below += j;
    }
  return above - below;
}

static int64_t
saved (GraphTransposer *transposer, uint32_t a, uint32_t b)
{
  const GraphItems *items = transposer->items;
  const uint32_t *up = items->up_offsets, *down = items->down_offsets;

  transposer->work +=
      2 + up[a + 1] - up[a] + up[b + 1] - up[b] + down[a + 1] - down[a] + down[b + 1] - down[b];
  return saved_on_side (transposer->up.ranks + up[a], up[a + 1] - up[a],
                        transposer->up.ranks + up[b], up[b + 1] - up[b])
         + saved_on_side (transposer->down.ranks + down[a], down[a + 1] - down[a],
                          transposer->down.ranks + down[b], down[b + 1] - down[b]);
}

static uint64_t
transpose_layer (GraphTransposer *transposer, uint32_t layer, bool equal)
{
  GraphItems *items = transposer->items;
  uint32_t *order = items->order + items->first[layer];
  uint32_t width = items->first[layer + 1] - items->first[layer];
  uint64_t total = 0;
  bool changed = true;

  for (unsigned pass = 0; changed && pass < MAX_PASSES; pass++)
    {
      changed = false;
      for (uint32_t k = 0; k + 1 < width; k++)
        {
          int64_t gain = saved (transposer, order[k], order[k + 1]);

          if (gain < 0 || (gain == 0 && !(equal && pass == 0)))
            continue;
          uint32_t item = order[k];
          order[k] = order[k + 1];
          order[k + 1] = item;
          total += (uint64_t) gain;
          changed |= gain > 0;
        }
    }
  return total;
}

/* ---- sifting --------------------------------------------------------------------------------- */

static void
move_item (uint32_t *order, uint32_t from, uint32_t to)
{
  uint32_t item = order[from];

  for (; from > to; from--)
    order[from] = order[from - 1];
  for (; from < to; from++)
    order[from] = order[from + 1];
  order[to] = item;
}

/* The place at which the item at @k has fewest crossings, the others as they are, and what that
 * saves. */
static uint32_t
best_place (GraphTransposer *transposer, const uint32_t *order, uint32_t width, uint32_t k,
            int64_t *saving)
{
  int64_t sum = 0;
  uint32_t best = k;

  *saving = 0;
  for (uint32_t j = k; j-- > 0;)
    {
      sum += saved (transposer, order[j], order[k]);
      if (sum > *saving)
        {
          *saving = sum;
          best = j;
        }
    }
  sum = 0;
  for (uint32_t j = k + 1; j < width; j++)
    {
      sum += saved (transposer, order[k], order[j]);
      if (sum > *saving)
        {
          *saving = sum;
          best = j;
        }
    }
  return best;
}

static void
fill_sides (GraphTransposer *transposer, uint32_t layer)
{
  GraphItems *items = transposer->items;

  if (!items->starts_part[layer])
    fill_side (items, &transposer->up, layer, layer - 1);
  if (layer + 1 < items->n_layers && !items->starts_part[layer + 1])
    fill_side (items, &transposer->down, layer, layer + 1);
}

uint64_t
_weftline_graph_sift (GraphTransposer *transposer)
{
  GraphItems *items = transposer->items;
  uint64_t total = 0;

  for (uint32_t l = 0; l < items->n_layers; l++)
    {
      uint32_t *order = items->order + items->first[l];
      uint32_t width = items->first[l + 1] - items->first[l];

      fill_sides (transposer, l);
      for (uint32_t i = items->first[l]; i < items->first[l + 1]; i++)
        {
          uint32_t k = 0, to;
          int64_t saving;

          while (order[k] != i)
            k++;
          to = best_place (transposer, order, width, k, &saving);
          move_item (order, k, to);
          total += (uint64_t) saving;
        }
    }
  return total;
}

uint64_t
_weftline_graph_transpose (GraphTransposer *transposer, bool equal)
{
  GraphItems *items = transposer->items;
  uint64_t total = 0, won = 1;

  for (unsigned pass = 0; won > 0 && pass < MAX_PASSES; pass++)
    {
      won = 0;
      for (uint32_t l = 0; l < items->n_layers; l++)
        {
          fill_sides (transposer, l);
          won += transpose_layer (transposer, l, equal && pass == 0);
        }
      total += won;
    }
  return total;
}
