/* dot-crossings.c: how many crossings Graphviz's dot leaves in a graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Lays the graph out with libgvc, drawn to the right and verbose: dot then says itself, on standard
 * error, how many crossings its last step has left in each component ("mincross: 17 crossings, …").
 * Double edges are one, as they are to dot in a strict graph.
 */
#include "config.h"

#include "graphs.h"

#include <graphviz/gvc.h>

#include <stdio.h>

static Agraph_t *
make_graph (const TestGraph *graph)
{
  Agraph_t *made = agopen ((char *) "g", Agstrictdirected, NULL);
  g_autofree Agnode_t **nodes = g_new (Agnode_t *, (size_t) graph->edges.n_nodes + 1);

  agattr (made, AGRAPH, (char *) "rankdir", (char *) "LR");
  agattr (made, AGRAPH, (char *) "splines", (char *) "false");
  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "%u", v);
      nodes[v] = agnode (made, name, 1);
    }
  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    for (uint32_t e = graph->edges.offsets[v]; e < graph->edges.offsets[v + 1]; e++)
      agedge (made, nodes[v], nodes[graph->edges.targets[e]], NULL, 1);
  return made;
}

int
main (int argc, char **argv)
{
  char *verbose[] = { (char *) "dot", (char *) "-v", (char *) "-Kdot", NULL };

  if (argc != 2)
    {
      fprintf (stderr, "usage: dot-crossings GRAPH\n");
      return 2;
    }
  g_autoptr (TestGraph) graph = g_file_test (argv[1], G_FILE_TEST_EXISTS)
                                    ? test_graph_new_file (argv[1])
                                    : test_graph_new_shape (argv[1]);
  GVC_t *gvc = gvContext ();
  Agraph_t *made = make_graph (graph);

  gvParseArgs (gvc, 3, verbose);
  if (gvLayout (gvc, made, "dot") != 0)
    return 1;
  gvFreeLayout (gvc, made);
  agclose (made);
  gvFreeContext (gvc);
  return 0;
}
