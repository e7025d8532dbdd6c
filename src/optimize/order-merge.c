/* order-merge.c: interleaves the orders of parts that do not touch.
 *
 * Where every result dies in the end it does not matter in which order parts
 * run: each starts from nothing. Outputs stay, though, and then one part's
 * peak should not come on top of what all others have left behind.
 *
 * Liu (SIAM Journal on Algebraic and Discrete Methods 8, 1987, "An application
 * of generalized tree pebbling to sparse matrix factorization") solves it for
 * sequences that are independent of one another. Cut each where what is live
 * is least after its peak, and the rest likewise: hills fall and valleys rise
 * along a sequence. Running all pieces by falling difference of hill and
 * valley is the best interleaving, and keeps each sequence in its order.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  uint64_t hill;   /* bytes of its part live at most in the piece */
  uint64_t valley; /* and at its end */
  uint32_t begin;  /* in the sequence */
  uint32_t end;
} Piece;

typedef struct
{
  const WeftOrderGraph *graph;
  WeftOrderState *state;
  Piece *pieces;
  uint32_t n_pieces;
} Merge;

/* Joins the last two pieces as long as they are not hill after hill. */
static void
push_piece (Merge *merge, uint32_t n_before, Piece piece)
{
  while (merge->n_pieces > n_before)
    {
      const Piece *last = &merge->pieces[merge->n_pieces - 1];

      if (last->hill > piece.hill && last->valley < piece.valley)
        break;
      piece.begin = last->begin;
      if (last->hill > piece.hill)
        piece.hill = last->hill;
      merge->n_pieces--;
    }
  merge->pieces[merge->n_pieces++] = piece;
}

static uint64_t
bytes_dying (const Merge *merge, uint32_t task)
{
  const WeftOrderGraph *graph = merge->graph;
  uint64_t bytes = 0;

  for (uint32_t e = graph->dep_offsets[task]; e < graph->dep_offsets[task + 1]; e++)
    if (--merge->state[graph->deps[e]].left == 0 && !weft_order_graph_held (graph, graph->deps[e]))
      bytes += weft_order_graph_bytes (graph, graph->deps[e]);
  if (merge->state[task].left == 0 && !weft_order_graph_held (graph, task))
    bytes += weft_order_graph_bytes (graph, task);
  return bytes;
}

static void
cut_part (Merge *merge, const uint32_t *sequence, uint32_t begin, uint32_t end)
{
  const uint32_t *offsets = merge->graph->dependent_offsets;
  uint32_t n_before = merge->n_pieces;
  uint64_t live_bytes = 0;

  for (uint32_t t = begin; t < end; t++)
    merge->state[t].left = offsets[t + 1] - offsets[t];
  for (uint32_t k = begin; k < end; k++)
    {
      Piece piece = { .begin = k, .end = k + 1 };

      live_bytes += weft_order_graph_bytes (merge->graph, sequence[k]);
      piece.hill = live_bytes;
      live_bytes -= bytes_dying (merge, sequence[k]);
      piece.valley = live_bytes;
      push_piece (merge, n_before, piece);
    }
}

/* A total order, so that the sort need not be stable. */
static int
compare_pieces (const void *a, const void *b)
{
  const Piece *x = a;
  const Piece *y = b;
  uint64_t drop_x = x->hill - x->valley;
  uint64_t drop_y = y->hill - y->valley;

  if (drop_x != drop_y)
    return drop_x > drop_y ? -1 : 1;
  return (x->begin > y->begin) - (x->begin < y->begin);
}

/* sequence holds the parts' orders one behind the other, each where its
 * numbers are. False if memory is out. */
bool
_weft_order_merge_parts (WeftOrderScratch *scratch, const uint32_t *sequence, uint32_t *merged)
{
  const WeftOrderGraph *graph = scratch->graph;
  Merge merge = { .graph = graph, .state = scratch->state };
  uint32_t n_done = 0;

  merge.pieces = malloc (((size_t) graph->n_tasks + 1) * sizeof *merge.pieces);
  if (merge.pieces == NULL)
    return false;
  for (uint32_t p = 0; p < graph->n_parts; p++)
    cut_part (&merge, sequence, graph->part_offsets[p], graph->part_offsets[p + 1]);
  qsort (merge.pieces, merge.n_pieces, sizeof *merge.pieces, compare_pieces);
  for (uint32_t k = 0; k < merge.n_pieces; k++)
    {
      uint32_t n = merge.pieces[k].end - merge.pieces[k].begin;

      memcpy (merged + n_done, sequence + merge.pieces[k].begin, n * sizeof *merged);
      n_done += n;
    }
  scratch->n_steps += 2 * (uint64_t) graph->n_tasks + graph->dep_offsets[graph->n_tasks];
  free (merge.pieces);
  return true;
}
