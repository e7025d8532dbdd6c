/* dot-main.c: `weftline-dot`: a graph's layout by Graphviz
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A program of its own, as Graphviz keeps what it knows in globals, may take long and cannot be
 * asked to stop: who started it can end it.
 *
 * Standard input: the numbers of nodes and edges; each node's width and height; each edge's source
 * and target, from 0. Standard output: the picture's width and height; each node's x and y, its
 * centre; of each edge how many points its Bézier curve has, and these. Lengths are inches, from
 * the upper left. Exit status: 0 done, 2 that was no graph, 3 Graphviz would not, 4 not written.
 */
#include <graphviz/gvc.h>
#include <stdio.h>
#include <stdlib.h>

#define POINTS_AN_INCH 72.0
#define MOST 100000

typedef struct
{
  unsigned n_nodes, n_edges;
  Agraph_t *graph;
  Agnode_t **nodes;
  Agedge_t **edges;
} Graph;

enum
{
  EXIT_DONE = 0,
  EXIT_INPUT = 2,
  EXIT_GRAPHVIZ = 3,
  EXIT_OUTPUT = 4,
};

static void
set_defaults (Agraph_t *graph)
{
  agattr (graph, AGRAPH, (char *) "rankdir", (char *) "LR");
  agattr (graph, AGRAPH, (char *) "nodesep", (char *) "0.38");
  agattr (graph, AGRAPH, (char *) "ranksep", (char *) "2");
  agattr (graph, AGNODE, (char *) "shape", (char *) "box");
  agattr (graph, AGNODE, (char *) "fixedsize", (char *) "true");
  agattr (graph, AGNODE, (char *) "label", (char *) "");
  agattr (graph, AGEDGE, (char *) "arrowhead", (char *) "none");
}

/* Returns: whether it was */
static int
read_nodes (Graph *graph)
{
  for (unsigned i = 0; i < graph->n_nodes; i++)
    {
      char name[16], size[32];
      double width, height;

      if (scanf ("%lf %lf", &width, &height) != 2)
        return 0;
      snprintf (name, sizeof name, "%u", i);
      graph->nodes[i] = agnode (graph->graph, name, 1);
      snprintf (size, sizeof size, "%.4f", width);
      agsafeset (graph->nodes[i], (char *) "width", size, (char *) "");
      snprintf (size, sizeof size, "%.4f", height);
      agsafeset (graph->nodes[i], (char *) "height", size, (char *) "");
    }
  return 1;
}

/* Double edges are one. */
static int
read_edges (Graph *graph)
{
  for (unsigned i = 0; i < graph->n_edges; i++)
    {
      unsigned from, to;

      if (scanf ("%u %u", &from, &to) != 2 || from >= graph->n_nodes || to >= graph->n_nodes)
        return 0;
      graph->edges[i] = agedge (graph->graph, graph->nodes[from], graph->nodes[to], NULL, 1);
    }
  return 1;
}

static int
read_graph (Graph *graph)
{
  if (scanf ("%u %u", &graph->n_nodes, &graph->n_edges) != 2 || graph->n_nodes > MOST
      || graph->n_edges > MOST)
    return 0;
  graph->nodes = calloc (graph->n_nodes + 1, sizeof (Agnode_t *));
  graph->edges = calloc (graph->n_edges + 1, sizeof (Agedge_t *));
  graph->graph = agopen ((char *) "g", Agstrictdirected, NULL);
  if (graph->nodes == NULL || graph->edges == NULL || graph->graph == NULL)
    return 0;
  set_defaults (graph->graph);
  return read_nodes (graph) && read_edges (graph);
}

static void
print_edge (const Graph *graph, Agedge_t *edge)
{
  const splines *spline = edge != NULL ? ED_spl (edge) : NULL;
  double height = GD_bb (graph->graph).UR.y;

  if (spline == NULL || spline->size == 0)
    {
      printf ("0\n");
      return;
    }
  printf ("%d", (int) spline->list[0].size);
  for (int i = 0; i < (int) spline->list[0].size; i++)
    printf (" %.4f %.4f", spline->list[0].list[i].x / POINTS_AN_INCH,
            (height - spline->list[0].list[i].y) / POINTS_AN_INCH);
  printf ("\n");
}

static void
print_places (const Graph *graph)
{
  pointf size = GD_bb (graph->graph).UR;

  printf ("%.4f %.4f\n", size.x / POINTS_AN_INCH, size.y / POINTS_AN_INCH);
  for (unsigned i = 0; i < graph->n_nodes; i++)
    printf ("%.4f %.4f\n", ND_coord (graph->nodes[i]).x / POINTS_AN_INCH,
            (size.y - ND_coord (graph->nodes[i]).y) / POINTS_AN_INCH);
  for (unsigned i = 0; i < graph->n_edges; i++)
    print_edge (graph, graph->edges[i]);
}

int
main (void)
{
  Graph graph = { 0 };
  GVC_t *context;

  if (!read_graph (&graph))
    return EXIT_INPUT;
  context = gvContext ();
  if (context == NULL || gvLayout (context, graph.graph, "dot") != 0)
    return EXIT_GRAPHVIZ;
  print_places (&graph);
  gvFreeLayout (context, graph.graph);
  agclose (graph.graph);
  gvFreeContext (context);
  free (graph.nodes);
  free (graph.edges);
  return fflush (stdout) == 0 ? EXIT_DONE : EXIT_OUTPUT;
}
