/* peer-tbb.cpp: oneTBB's flow graph, one continue_node per task
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Without the "lightweight" policy: it runs a node's body inside try_put(), which is no task any
 * more, and nests as deep as the chain is long.
 */
#include "peer.h"

#include <deque>
#include <memory>
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/version.h>
#include <vector>

using namespace oneapi::tbb;
using Node = flow::continue_node<flow::continue_msg>;

const char *const peer_name = "oneTBB flow graph";
const char *const peer_shapes = "independent chain tree stencil fan";

static std::unique_ptr<global_control> control;
static std::unique_ptr<flow::graph> flow_graph;
static std::deque<Node> nodes;
static std::vector<int> sources;
static const PeerGraph *the_graph;
static uint32_t *the_values;

const char *
peer_version (void)
{
  return TBB_runtime_version ();
}

void
peer_init (int n_workers)
{
  control = std::make_unique<global_control> (global_control::max_allowed_parallelism, n_workers);
}

void
peer_build (const PeerGraph *graph, uint32_t *values)
{
  the_graph = graph;
  the_values = values;
  flow_graph = std::make_unique<flow::graph> ();
  sources.clear ();
  for (int i = 0; i < graph->n_tasks; i++)
    {
      nodes.emplace_back (*flow_graph, [i] (const flow::continue_msg &) {
        peer_task (the_graph, the_values, i);
        return flow::continue_msg ();
      });
      for (int k = graph->offsets[i]; k < graph->offsets[i + 1]; k++)
        flow::make_edge (nodes[graph->preds[k]], nodes[i]);
      if (graph->offsets[i] == graph->offsets[i + 1])
        sources.push_back (i);
    }
}

void
peer_run (void)
{
  for (int i : sources)
    nodes[i].try_put (flow::continue_msg ());
  flow_graph->wait_for_all ();
}

void
peer_free (void)
{
  nodes.clear ();
  flow_graph.reset ();
}

void
peer_fini (void)
{
  control.reset ();
}
