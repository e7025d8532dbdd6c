/* graph-tighten.c: layers that make all edges of a small graph as short as they can be
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The network simplex method (Gansner, Koutsofios, North and Vo, "A technique for drawing directed
 * graphs", IEEE TSE 1993, section 2): a spanning tree of tight edges (of length 1) is kept; a tree
 * edge that would be better longer (its cut value, edges with it less edges against it, is
 * negative) is exchanged for the shortest edge that runs against it between the two halves. Cut
 * values are worked out anew after each exchange, from the leaves of the tree: O(edges) an
 * exchange. So it is for graphs of some thousand nodes, and stops after MAX_EXCHANGES; what it has
 * then is still valid.
 */
#include "config.h"

#include "graph/graph-layout-private.h"

#define MAX_EXCHANGES 400

typedef struct
{
  const WeftlineGraphEdges *edges;
  uint32_t n, n_edges;
  uint32_t *from;    /* n_edges */
  int32_t *layer;    /* n */
  uint8_t *in_tree;  /* n_edges */
  uint32_t *offsets; /* n + 1: edges at a node, in and out */
  uint32_t *at;      /* 2 n_edges */
  uint32_t *order;   /* n: the tree's nodes, parents first */
  uint32_t *parent;  /* n: edge to the parent; WEFT_NONE at roots */
  int32_t *cut;      /* n: cut value of that edge */
  uint8_t *mark;     /* n */
} Tree;

static uint32_t
to_of (const Tree *tree, uint32_t e)
{
  return tree->edges->targets[e];
}

static uint32_t
other_end (const Tree *tree, uint32_t e, uint32_t v)
{
  return tree->from[e] == v ? to_of (tree, e) : tree->from[e];
}

static int32_t
slack (const Tree *tree, uint32_t e)
{
  return tree->layer[to_of (tree, e)] - tree->layer[tree->from[e]] - 1;
}

static void
list_edges (Tree *tree)
{
  uint32_t *offsets = g_new0 (uint32_t, (size_t) tree->n + 3);

  for (uint32_t v = 0; v < tree->n; v++)
    for (uint32_t e = tree->edges->offsets[v]; e < tree->edges->offsets[v + 1]; e++)
      {
        tree->from[e] = v;
        offsets[v + 2]++;
        offsets[tree->edges->targets[e] + 2]++;
      }
  for (uint32_t v = 0; v < tree->n; v++)
    offsets[v + 2] += offsets[v + 1];
  for (uint32_t e = 0; e < tree->n_edges; e++)
    {
      tree->at[offsets[tree->from[e] + 1]++] = e;
      tree->at[offsets[to_of (tree, e) + 1]++] = e;
    }
  tree->offsets = offsets;
}

/* Adds what can be reached from @root along tight edges (or, once the tree is whole, along its
 * own); returns how many nodes order holds then. */
static uint32_t
grow (Tree *tree, uint32_t root, uint32_t n_done, bool along_tree)
{
  uint32_t next = n_done;

  tree->mark[root] = true;
  tree->parent[root] = WEFT_NONE;
  tree->order[n_done++] = root;
  while (next < n_done)
    {
      uint32_t v = tree->order[next++];

      for (uint32_t k = tree->offsets[v]; k < tree->offsets[v + 1]; k++)
        {
          uint32_t e = tree->at[k], w = other_end (tree, e, v);

          if (tree->mark[w] || (along_tree ? !tree->in_tree[e] : slack (tree, e) != 0))
            continue;
          tree->mark[w] = true;
          tree->parent[w] = e;
          tree->order[n_done++] = w;
        }
    }
  return n_done;
}

static void
clear_marks (Tree *tree)
{
  for (uint32_t v = 0; v < tree->n; v++)
    tree->mark[v] = false;
}

/* The edge of least slack between what is marked and what is not, from where it is marked;
 * WEFT_NONE: the part is whole. */
static uint32_t
nearest_edge (const Tree *tree)
{
  uint32_t best = WEFT_NONE;

  for (uint32_t e = 0; e < tree->n_edges; e++)
    if (tree->mark[tree->from[e]] != tree->mark[to_of (tree, e)]
        && (best == WEFT_NONE || slack (tree, e) < slack (tree, best)))
      best = e;
  return best;
}

/* A tree of tight edges for each part: what it has is moved until an edge out of it is tight. */
static void
make_tree (Tree *tree)
{
  uint32_t n_before = 0;

  clear_marks (tree);
  for (uint32_t root = 0; root < tree->n; root++)
    {
      uint32_t n_done, e;

      if (tree->mark[root])
        continue;
      n_done = grow (tree, root, n_before, false);
      while ((e = nearest_edge (tree)) != WEFT_NONE)
        {
          int32_t shift = slack (tree, e);

          if (!tree->mark[to_of (tree, e)])
            for (uint32_t k = n_before; k < n_done; k++)
              tree->layer[tree->order[k]] += shift;
          else
            for (uint32_t k = n_before; k < n_done; k++)
              tree->layer[tree->order[k]] -= shift;
          for (uint32_t k = n_before; k < n_done; k++)
            tree->mark[tree->order[k]] = false;
          n_done = grow (tree, root, n_before, false);
        }
      n_before = n_done;
    }
  for (uint32_t k = 0; k < tree->n; k++)
    if (tree->parent[tree->order[k]] != WEFT_NONE)
      tree->in_tree[tree->parent[tree->order[k]]] = true;
}

/* Of each tree edge, by its lower node v: edges from v's half to the other, less those back, turned
 * by the edge's own direction. From the leaves: what a half sends out is the sum of its nodes. */
static void
work_out_cuts (Tree *tree)
{
  for (uint32_t v = 0; v < tree->n; v++)
    tree->cut[v] = 0;
  for (uint32_t e = 0; e < tree->n_edges; e++)
    {
      tree->cut[tree->from[e]]++;
      tree->cut[to_of (tree, e)]--;
    }
  for (uint32_t k = tree->n; k-- > 0;)
    {
      uint32_t v = tree->order[k];

      if (tree->parent[v] != WEFT_NONE)
        tree->cut[other_end (tree, tree->parent[v], v)] += tree->cut[v];
    }
}

/* The tree edge whose cut value is least, by its lower node; WEFT_NONE: none is negative. */
static uint32_t
worst_edge (const Tree *tree)
{
  uint32_t worst = WEFT_NONE;
  int32_t least = 0;

  for (uint32_t k = 0; k < tree->n; k++)
    {
      uint32_t v = tree->order[k], e = tree->parent[v];
      int32_t cut = e == WEFT_NONE ? 0 : tree->from[e] == v ? tree->cut[v] : -tree->cut[v];

      if (cut < least)
        {
          least = cut;
          worst = v;
        }
    }
  return worst;
}

/* Marks the half below v, which is whole in the order: children come after parents. */
static void
mark_half (Tree *tree, uint32_t v)
{
  clear_marks (tree);
  tree->mark[v] = true;
  for (uint32_t k = 0; k < tree->n; k++)
    {
      uint32_t w = tree->order[k];

      if (tree->parent[w] != WEFT_NONE && tree->mark[other_end (tree, tree->parent[w], w)])
        tree->mark[w] = true;
    }
}

/* Returns whether there was something to win. */
static bool
exchange (Tree *tree)
{
  uint32_t v = worst_edge (tree), leaving, entering = WEFT_NONE, n_done = 0;
  int32_t shift;

  if (v == WEFT_NONE)
    return false;
  leaving = tree->parent[v];
  mark_half (tree, v);
  bool v_is_tail = tree->from[leaving] == v;
  for (uint32_t e = 0; e < tree->n_edges; e++)
    if (tree->mark[tree->from[e]] == !v_is_tail && tree->mark[to_of (tree, e)] == v_is_tail
        && (entering == WEFT_NONE || slack (tree, e) < slack (tree, entering)))
      entering = e;
  if (entering == WEFT_NONE)
    return false;
  shift = slack (tree, entering);
  for (uint32_t w = 0; w < tree->n; w++)
    if (tree->mark[w])
      tree->layer[w] += v_is_tail ? -shift : shift;
  tree->in_tree[leaving] = false;
  tree->in_tree[entering] = true;
  clear_marks (tree);
  for (uint32_t root = 0; root < tree->n; root++)
    if (!tree->mark[root])
      n_done = grow (tree, root, n_done, true);
  return true;
}

void
_weftline_graph_tighten (const WeftlineGraphEdges *edges, uint32_t *layer)
{
  uint32_t n = edges->n_nodes, n_edges = edges->offsets[n];
  Tree tree = {
    .edges = edges,
    .n = n,
    .n_edges = n_edges,
    .from = g_new (uint32_t, (size_t) n_edges + 1),
    .layer = g_new (int32_t, (size_t) n + 1),
    .in_tree = g_new0 (uint8_t, (size_t) n_edges + 1),
    .at = g_new (uint32_t, (size_t) n_edges * 2 + 1),
    .order = g_new (uint32_t, (size_t) n + 1),
    .parent = g_new (uint32_t, (size_t) n + 1),
    .cut = g_new (int32_t, (size_t) n + 1),
    .mark = g_new (uint8_t, (size_t) n + 1),
  };
  int32_t least = INT32_MAX;

  for (uint32_t v = 0; v < n; v++)
    tree.layer[v] = (int32_t) layer[v];
  list_edges (&tree);
  make_tree (&tree);
  work_out_cuts (&tree);
  for (unsigned k = 0; k < MAX_EXCHANGES && exchange (&tree); k++)
    work_out_cuts (&tree);
  for (uint32_t v = 0; v < n; v++)
    least = MIN (least, tree.layer[v]);
  for (uint32_t v = 0; v < n; v++)
    layer[v] = (uint32_t) (tree.layer[v] - least);
  g_free (tree.from);
  g_free (tree.layer);
  g_free (tree.in_tree);
  g_free (tree.offsets);
  g_free (tree.at);
  g_free (tree.order);
  g_free (tree.parent);
  g_free (tree.cut);
  g_free (tree.mark);
}
