/* graph-order.c: the order of items within their layers, for few crossings
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Sweeps to the right and to the left; in each, a layer is sorted by the mean place of its items'
 * neighbours on the side the sweep comes from (barycentre; Sugiyama, Tagawa and Toda, IEEE SMC
 * 1981). Places are shares of a layer's height, so that links over several layers may pull too.
 * The sort is a radix sort of two digits as wide as the layer asks for, or by insertion in narrow
 * layers, where all is nearly sorted after the first sweep. Both are stable: what is not told
 * apart stays.
 *
 * Large graphs get four sweeps from the order of ids, which in task graphs is a good start. Small
 * ones get more, from that order and from several walks, by mean and by median, each followed by
 * exchanges of neighbours (Gansner et al., IEEE TSE 1993) and, while layers are narrow, by sifting;
 * the best order of all is taken.
 */
#include "config.h"

#include "graph/graph-layout-private.h"

#include <string.h>

#define N_SWEEPS 4
#define COUNTED_ITEMS 60000 /* up to here crossings are counted after each sweep */
#define SMALL_ITEMS 12000   /* up to here neighbours are exchanged too */
#define SIFTED_PAIRS 150000 /* pairs in a layer, over all layers: up to here items are sifted */
#define MAX_SIFTS 8
#define MAX_WORK 48000000 /* links looked at for exchanges: some 0.2 s */
#define WORK_OF_START (MAX_WORK / 8)
#define INSERTION_WIDTH 48
#define MEDIAN_LINKS 64 /* items with more links have no median but a mean */

typedef struct
{
  uint32_t key, item;
} Keyed;

typedef struct
{
  GraphItems *items;
  float *share; /* n_items: (rank + ½) / width of the layer */
  Keyed *keyed, *spare;
  uint32_t *counts; /* of a digit; 2^11 */
  uint32_t *sums;   /* tree for counting: widest layer + 1 */
  bool by_median;
} Sorter;

static void
set_ranks (Sorter *sorter, uint32_t layer)
{
  GraphItems *items = sorter->items;
  uint32_t first = items->first[layer], width = items->first[layer + 1] - first;
  float scale = 1.0f / (float) width;

  for (uint32_t k = 0; k < width; k++)
    {
      uint32_t item = items->order[first + k];

      items->rank[item] = k;
      sorter->share[item] = ((float) k + 0.5f) * scale;
    }
}

static void
set_all_ranks (Sorter *sorter)
{
  for (uint32_t l = 0; l < sorter->items->n_layers; l++)
    set_ranks (sorter, l);
}

static void
sort_by_insertion (Keyed *keyed, uint32_t n)
{
  for (uint32_t k = 1; k < n; k++)
    {
      Keyed moved = keyed[k];
      uint32_t j = k;

      for (; j > 0 && keyed[j - 1].key > moved.key; j--)
        keyed[j] = keyed[j - 1];
      keyed[j] = moved;
    }
}

static void
sort_digit (const Keyed *from, Keyed *to, uint32_t n, uint32_t *counts, unsigned bits,
            unsigned shift)
{
  uint32_t mask = (1u << bits) - 1, sum = 0;

  memset (counts, 0, sizeof *counts << bits);
  for (uint32_t k = 0; k < n; k++)
    counts[from[k].key >> shift & mask]++;
  for (uint32_t d = 0; d <= mask; d++)
    {
      uint32_t count = counts[d];

      counts[d] = sum;
      sum += count;
    }
  for (uint32_t k = 0; k < n; k++)
    to[counts[from[k].key >> shift & mask]++] = from[k];
}

/* Keys have twice this many bits. */
static unsigned
digit_bits (uint32_t width)
{
  unsigned bits = 5;

  while (bits < 11 && (1u << bits) < width)
    bits++;
  return bits;
}

/* The middle one of the links' shares, or of the two middle ones that which has fewer links on its
 * far side weighs more (Gansner et al., wmedian). @n: 1 … MEDIAN_LINKS */
static float
median_share (const Sorter *sorter, const uint32_t *links, uint32_t n)
{
  float shares[MEDIAN_LINKS];
  uint32_t m = n / 2;

  for (uint32_t k = 0; k < n; k++)
    {
      float share = sorter->share[links[k]];
      uint32_t j = k;

      for (; j > 0 && shares[j - 1] > share; j--)
        shares[j] = shares[j - 1];
      shares[j] = share;
    }
  if (n % 2 == 1)
    return shares[m];
  float left = shares[m - 1] - shares[0], right = shares[n - 1] - shares[m];
  if (n == 2 || left + right <= 0)
    return (shares[m - 1] + shares[m]) / 2;
  return (shares[m - 1] * right + shares[m] * left) / (left + right);
}

static inline uint32_t
key_of (const Sorter *sorter, uint32_t item, const uint32_t *offsets, const uint32_t *links,
        float scale)
{
  uint32_t first = offsets[item], end = offsets[item + 1];
  float sum = 0;

  if (first == end)
    return (uint32_t) (sorter->share[item] * scale);
  if (sorter->by_median && end - first <= MEDIAN_LINKS)
    return (uint32_t) (median_share (sorter, links + first, end - first) * scale);
  for (uint32_t e = first; e < end; e++)
    sum += sorter->share[links[e]];
  return (uint32_t) (sum / (float) (end - first) * scale);
}

/* Returns whether the order changed. */
static bool
sort_layer (Sorter *sorter, uint32_t layer, bool rightwards)
{
  GraphItems *items = sorter->items;
  const uint32_t *offsets = rightwards ? items->up_offsets : items->down_offsets;
  const uint32_t *links = rightwards ? items->up : items->down;
  uint32_t first = items->first[layer], width = items->first[layer + 1] - first;
  unsigned bits = digit_bits (width);
  float scale = width <= INSERTION_WIDTH ? 0x1p30f : (float) ((1u << 2 * bits) - 1);
  Keyed *keyed = sorter->keyed;
  bool sorted = true;

  for (uint32_t k = 0; k < width; k++)
    {
      uint32_t item = items->order[first + k];

      keyed[k] = (Keyed){ key_of (sorter, item, offsets, links, scale), item };
      sorted &= k == 0 || keyed[k - 1].key <= keyed[k].key;
    }
  if (sorted)
    return false;
  if (width <= INSERTION_WIDTH)
    sort_by_insertion (keyed, width);
  else
    {
      sort_digit (keyed, sorter->spare, width, sorter->counts, bits, 0);
      sort_digit (sorter->spare, keyed, width, sorter->counts, bits, bits);
    }
  for (uint32_t k = 0; k < width; k++)
    items->order[first + k] = keyed[k].item;
  set_ranks (sorter, layer);
  return true;
}

static bool
sweep (Sorter *sorter, bool rightwards)
{
  const GraphItems *items = sorter->items;
  bool changed = false;

  if (rightwards)
    {
      for (uint32_t l = 0; l < items->n_layers; l++)
        if (!items->starts_part[l])
          changed |= sort_layer (sorter, l, true);
    }
  else
    {
      for (uint32_t l = items->n_layers; l-- > 0;)
        if (l + 1 < items->n_layers && !items->starts_part[l + 1])
          changed |= sort_layer (sorter, l, false);
    }
  return changed;
}

/* ---- counting -------------------------------------------------------------------------------- */

static uint64_t
links_below (uint32_t *sums, uint32_t rank, uint32_t width)
{
  uint64_t n = 0;

  for (uint32_t k = width; k > 0; k -= k & -k)
    n += sums[k];
  for (uint32_t k = rank + 1; k > 0; k -= k & -k)
    n -= sums[k];
  return n;
}

/* Links from a layer to the next, from top to bottom: each crosses those seen before that end
 * further down (Barth, Mutzel and Jünger, JGAA 2004). */
static uint64_t
count_in_gap (const GraphItems *items, uint32_t layer, uint32_t *sums)
{
  uint32_t width = items->first[layer + 2] - items->first[layer + 1];
  uint64_t n_crossings = 0;

  memset (sums, 0, sizeof *sums * ((size_t) width + 1));
  for (uint32_t k = items->first[layer]; k < items->first[layer + 1]; k++)
    {
      uint32_t item = items->order[k];

      for (uint32_t e = items->down_offsets[item]; e < items->down_offsets[item + 1]; e++)
        n_crossings += links_below (sums, items->rank[items->down[e]], width);
      for (uint32_t e = items->down_offsets[item]; e < items->down_offsets[item + 1]; e++)
        for (uint32_t r = items->rank[items->down[e]] + 1; r <= width; r += r & -r)
          sums[r]++;
    }
  return n_crossings;
}

static uint32_t
widest_layer (const GraphItems *items)
{
  uint32_t widest = 0;

  for (uint32_t l = 0; l < items->n_layers; l++)
    widest = MAX (widest, items->first[l + 1] - items->first[l]);
  return widest;
}

static uint64_t
count_crossings (const GraphItems *items, uint32_t *sums)
{
  uint64_t n = 0;

  for (uint32_t l = 0; l + 1 < items->n_layers; l++)
    if (!items->starts_part[l + 1])
      n += count_in_gap (items, l, sums);
  return n;
}

uint64_t
_weftline_graph_crossings (const GraphItems *items)
{
  g_autofree uint32_t *sums = g_new (uint32_t, (size_t) widest_layer (items) + 1);

  return count_crossings (items, sums);
}

/* ---- the start, and the best of several ------------------------------------------------------ */

static void
order_by_id (GraphItems *items)
{
  for (uint32_t i = 0; i < items->n_items; i++)
    items->order[i] = i;
}

typedef enum
{
  START_BY_ID,
  START_NEAR,        /* as a walk both ways meets them that keeps to what is next to few */
  START_DEEP_RIGHT,  /* depth first, from the sources */
  START_DEEP_LEFT,   /* … from the sinks */
  START_CONNECTED,   /* as a walk both ways meets them */
  START_BROAD_RIGHT, /* breadth first, sources next to what they share readers with */
  START_BROAD_LEFT,
  N_STARTS,
} Start;

/* Items as a walk meets them that goes along links both ways, to the right first. */
static void
list_connected (const GraphItems *items, uint32_t *list, uint32_t *stack)
{
  g_autofree uint8_t *seen = g_new0 (uint8_t, (size_t) items->n_items + 1);
  uint32_t n = 0;

  for (uint32_t root = 0; root < items->n_items; root++)
    {
      size_t depth = 0;

      if (!seen[root])
        stack[depth++] = root;
      seen[root] = true;
      while (depth > 0)
        {
          uint32_t i = stack[--depth];

          list[n++] = i;
          for (int side = 0; side < 2; side++)
            {
              const uint32_t *offsets = side == 0 ? items->up_offsets : items->down_offsets;
              const uint32_t *links = side == 0 ? items->up : items->down;

              for (uint32_t e = offsets[i + 1]; e-- > offsets[i];)
                if (!seen[links[e]])
                  {
                    seen[links[e]] = true;
                    stack[depth++] = links[e];
                  }
            }
        }
    }
}

/* Layers filled in the order of a list. */
static void
order_by_list (GraphItems *items, const uint32_t *list)
{
  g_autofree uint32_t *n_filled = g_new0 (uint32_t, (size_t) items->n_layers + 1);
  g_autofree uint32_t *layer = g_new (uint32_t, (size_t) items->n_items + 1);

  for (uint32_t l = 0; l < items->n_layers; l++)
    for (uint32_t i = items->first[l]; i < items->first[l + 1]; i++)
      layer[i] = l;
  for (uint32_t k = 0; k < items->n_items; k++)
    {
      uint32_t l = layer[list[k]];

      items->order[items->first[l] + n_filled[l]++] = list[k];
    }
}

static uint32_t
n_links (const GraphItems *items, uint32_t item)
{
  return items->up_offsets[item + 1] - items->up_offsets[item] + items->down_offsets[item + 1]
         - items->down_offsets[item];
}

/* Items as a walk meets them that takes what has few links first: tight knots come together, and
 * what ties many of them comes last. By buckets of the number of links, last in, first out. */
static void
list_near (const GraphItems *items, uint32_t *list)
{
  GQueue queues[16];
  g_autofree uint8_t *seen = g_new0 (uint8_t, (size_t) items->n_items + 1);
  uint32_t n = 0;

  for (guint b = 0; b < G_N_ELEMENTS (queues); b++)
    g_queue_init (&queues[b]);
  for (uint32_t root = 0; root < items->n_items; root++)
    {
      guint b = 0;

      if (seen[root])
        continue;
      seen[root] = true;
      g_queue_push_tail (&queues[0], GUINT_TO_POINTER (root));
      while (b < G_N_ELEMENTS (queues))
        {
          if (g_queue_is_empty (&queues[b]))
            {
              b++;
              continue;
            }
          uint32_t i = GPOINTER_TO_UINT (g_queue_pop_head (&queues[b]));
          list[n++] = i;
          for (int side = 0; side < 2; side++)
            {
              const uint32_t *offsets = side == 0 ? items->up_offsets : items->down_offsets;
              const uint32_t *links = side == 0 ? items->up : items->down;

              for (uint32_t e = offsets[i]; e < offsets[i + 1]; e++)
                if (!seen[links[e]])
                  {
                    seen[links[e]] = true;
                    g_queue_push_head (&queues[MIN (n_links (items, links[e]), 15)],
                                       GUINT_TO_POINTER (links[e]));
                  }
            }
          b = 0;
        }
    }
}

/* Layers filled in the order in which a walk from the roots in @list meets their items. @todo: room
 * for items and links */
static void
order_by_walk (GraphItems *items, Start start, const uint32_t *list, uint32_t *todo)
{
  bool leftwards = start == START_DEEP_LEFT || start == START_BROAD_LEFT;
  bool broad = start == START_BROAD_RIGHT || start == START_BROAD_LEFT;
  const uint32_t *offsets = leftwards ? items->up_offsets : items->down_offsets;
  const uint32_t *links = leftwards ? items->up : items->down;
  const uint32_t *back = leftwards ? items->down_offsets : items->up_offsets;
  g_autofree uint32_t *n_filled = g_new0 (uint32_t, (size_t) items->n_layers + 1);
  g_autofree uint32_t *layer = g_new (uint32_t, (size_t) items->n_items + 1);
  g_autofree uint8_t *seen = g_new0 (uint8_t, (size_t) items->n_items + 1);

  for (uint32_t l = 0; l < items->n_layers; l++)
    for (uint32_t i = items->first[l]; i < items->first[l + 1]; i++)
      layer[i] = l;
  for (uint32_t k = 0; k < items->n_items; k++)
    {
      uint32_t root = broad ? list[k] : k;
      size_t first = 0, end = 0;

      if (back[root] == back[root + 1])
        todo[end++] = root;
      while (first < end)
        {
          uint32_t i = broad ? todo[first++] : todo[--end];

          if (seen[i])
            continue;
          seen[i] = true;
          items->order[items->first[layer[i]] + n_filled[layer[i]]++] = i;
          for (uint32_t e = offsets[i]; e < offsets[i + 1]; e++)
            {
              uint32_t next = links[broad ? e : offsets[i] + offsets[i + 1] - 1 - e];

              if (!seen[next])
                todo[end++] = next;
            }
        }
    }
}

typedef struct
{
  uint64_t n_crossings;
  uint32_t *order;
} Best;

static void
keep_best (Sorter *sorter, Best *best, uint64_t n_crossings)
{
  if (n_crossings >= best->n_crossings)
    return;
  best->n_crossings = n_crossings;
  memcpy (best->order, sorter->items->order, sizeof *best->order * sorter->items->n_items);
}

/* Pairs of items in one layer: what sifting costs. */
static uint64_t
count_pairs (const GraphItems *items)
{
  uint64_t n = 0;

  for (uint32_t l = 0; l < items->n_layers; l++)
    n += (uint64_t) (items->first[l + 1] - items->first[l])
         * (items->first[l + 1] - items->first[l]);
  return n;
}

/* Sifts, and exchanges neighbours, as long as that helps. Returns: crossings left */
static uint64_t
sifted (Sorter *sorter, GraphTransposer *transposer)
{
  uint64_t n = count_crossings (sorter->items, sorter->sums), won = 1;

  for (unsigned turn = 0; turn < MAX_SIFTS && won > 0; turn++)
    {
      won = _weftline_graph_sift (transposer);
      won += _weftline_graph_transpose (transposer, turn % 2 == 1);
      n -= won;
    }
  set_all_ranks (sorter);
  return n;
}

static bool
is_tired (const GraphTransposer *transposer, uint64_t limit)
{
  return transposer != NULL && _weftline_graph_transposer_work (transposer) > limit;
}

/* Sweeps until nothing has been won for a while. */
static void
improve (Sorter *sorter, GraphTransposer *transposer, Best *best, const atomic_bool *cancel)
{
  uint64_t limit =
      transposer == NULL ? 0 : WORK_OF_START + _weftline_graph_transposer_work (transposer);
  unsigned patience = transposer != NULL ? 8 : 2;
  uint64_t best_here = UINT64_MAX;

  for (unsigned round = 0, since = 0; round < 32 && since < patience; round++)
    {
      bool changed = sweep (sorter, round % 2 == 0);
      uint64_t n = count_crossings (sorter->items, sorter->sums);

      if (transposer != NULL)
        {
          n -= _weftline_graph_transpose (transposer, round % 4 >= 2);
          set_all_ranks (sorter);
        }
      since = n < best_here ? 0 : since + 1;
      best_here = MIN (best_here, n);
      keep_best (sorter, best, n);
      if (n == 0 || is_tired (transposer, limit)
          || (!changed && round % 4 == 1 && transposer == NULL) || graph_is_cancelled (cancel))
        break;
    }
}

static uint64_t
order_small (Sorter *sorter, const atomic_bool *cancel)
{
  GraphItems *items = sorter->items;
  bool small = items->n_items <= SMALL_ITEMS;
  bool sifts = small && count_pairs (items) <= SIFTED_PAIRS;
  GraphTransposer *transposer = small ? _weftline_graph_transposer_new (items) : NULL;
  g_autofree uint32_t *order = g_new (uint32_t, (size_t) items->n_items + 1);
  size_t n_todo = (size_t) items->n_items + items->down_offsets[items->n_items] + 1;
  g_autofree uint32_t *todo = g_new (uint32_t, small ? n_todo : 1);
  g_autofree uint32_t *list = g_new (uint32_t, small ? (size_t) items->n_items + 1 : 1);
  Best best = { UINT64_MAX, order };

  g_autofree uint32_t *near = g_new (uint32_t, small ? (size_t) items->n_items + 1 : 1);
  if (small)
    {
      list_connected (items, list, todo);
      list_near (items, near);
    }
  for (unsigned k = 0; k < (small ? 2 * N_STARTS : 1); k++)
    {
      Start start = (Start) (k % N_STARTS);

      if (best.n_crossings == 0 || is_tired (transposer, MAX_WORK))
        break;
      sorter->by_median = k >= N_STARTS;
      if (start == START_BY_ID)
        order_by_id (items);
      else if (start == START_CONNECTED || start == START_NEAR)
        order_by_list (items, start == START_NEAR ? near : list);
      else
        order_by_walk (items, start, list, todo);
      set_all_ranks (sorter);
      keep_best (sorter, &best, count_crossings (items, sorter->sums));
      if (sifts)
        {
          memcpy (todo, items->order, sizeof *todo * items->n_items);
          keep_best (sorter, &best, sifted (sorter, transposer));
          memcpy (items->order, todo, sizeof *todo * items->n_items);
          set_all_ranks (sorter);
        }
      improve (sorter, transposer, &best, cancel);
      if (sifts)
        keep_best (sorter, &best, sifted (sorter, transposer));
    }
  memcpy (items->order, best.order, sizeof *order * items->n_items);
  set_all_ranks (sorter);
  if (sifts)
    best.n_crossings = sifted (sorter, transposer);
  _weftline_graph_transposer_free (transposer);
  return best.n_crossings;
}

static void
order_large (Sorter *sorter, const atomic_bool *cancel)
{
  unsigned n_calm = 0;

  order_by_id (sorter->items);
  set_all_ranks (sorter);
  for (unsigned k = 0; k < N_SWEEPS && n_calm < 2 && !graph_is_cancelled (cancel); k++)
    n_calm = sweep (sorter, k % 2 == 0) ? 0 : n_calm + 1;
}

uint64_t
_weftline_graph_order (GraphItems *items, const atomic_bool *cancel)
{
  size_t widest = widest_layer (items);
  g_autofree float *share = g_new (float, (size_t) items->n_items + 1);
  g_autofree Keyed *keyed = g_new (Keyed, widest + 1);
  g_autofree Keyed *spare = g_new (Keyed, widest + 1);
  g_autofree uint32_t *counts = g_new (uint32_t, 1 << 11);
  g_autofree uint32_t *sums = g_new (uint32_t, widest + 1);
  Sorter sorter = { items, share, keyed, spare, counts, sums, false };

  if (items->is_proper && items->n_items <= COUNTED_ITEMS)
    return order_small (&sorter, cancel);
  order_large (&sorter, cancel);
  return UINT64_MAX;
}
