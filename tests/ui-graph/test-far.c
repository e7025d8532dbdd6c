/* test-far.c: tests of a scene of groups only, whose tasks come and go
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-placing.h"
#include "graph/graph-scene.h"
#include "graphs.h"
#include "test-support.h"

#include <string.h>

#define SIZE 600

static WeftlineGraphIndex *
index_of (const TestGraph *graph)
{
  return weftline_graph_index_new (weftline_graph_layout_new (&graph->edges, NULL), &graph->edges);
}

/* Groups only. */
static WeftlineGraphScene *
far_scene (const TestGraph *graph)
{
  WeftlineGraphScene *scene = weftline_graph_scene_new ();
  WeftlineGraphGroups *groups =
      weftline_graph_groups_new (&graph->edges, graph->group, graph->n_groups);

  weftline_graph_scene_set_groups (scene, groups, weftline_graph_layout_new (&groups->edges, NULL));
  return scene;
}

static void
frame_at (WeftlineGraphScene *scene, double zoom, const WeftlineSceneFacts *facts,
          WeftlineSceneFrame *frame)
{
  WeftlineViewport viewport;

  weftline_graph_scene_fit (scene, SIZE, SIZE, &viewport);
  viewport.scale *= zoom;
  weftline_graph_scene_frame (scene, &viewport, facts, frame);
}

static void
assert_whole (const TestGraph *graph, const WeftlineSceneFrame *frame, bool waiting)
{
  uint32_t n = 0, n_waiting = 0;
  g_autofree char *summary = weftline_scene_frame_dup_summary (frame);

  g_assert_cmpint (frame->mode, ==, WEFTLINE_SCENE_GROUPS);
  g_assert_cmpint (frame->is_waiting, ==, waiting);
  g_assert_cmpint (strstr (summary, "while they are laid out") != NULL, ==, waiting);
  g_assert_cmpuint (frame->n_tasks, ==, graph->edges.n_nodes);
  g_assert_cmpuint (frame->n_visible, ==, graph->edges.n_nodes);
  g_assert_cmpuint (frame->cells->len, ==, graph->n_groups);
  for (guint k = 0; k < frame->cells->len; k++)
    {
      n += g_array_index (frame->cells, WeftlineSceneCell, k).n_tasks;
      n_waiting += g_array_index (frame->cells, WeftlineSceneCell, k).n_states[WEFT_TASK_WAITING];
    }
  g_assert_cmpuint (n, ==, graph->edges.n_nodes);
  g_assert_cmpuint (n_waiting, ==, graph->edges.n_nodes);
}

/* However near: groups, which are said to stand for tasks only where these would be seen. */
static void
test_groups_only (void)
{
  g_autoptr (TestGraph) graph = test_graph_new_shape ("stencil:90,90");
  g_autoptr (WeftlineGraphScene) scene = far_scene (graph);
  WeftlineSceneFacts facts = { 0 };
  WeftlineSceneFrame frame;

  weftline_scene_frame_init (&frame);
  g_assert_true (weftline_graph_scene_is_far (scene));
  g_assert_cmpuint (weftline_graph_scene_n_tasks (scene), ==, graph->edges.n_nodes);
  for (double zoom = 0.5; zoom < 1000; zoom *= 1.4)
    {
      frame_at (scene, zoom, &facts, &frame);
      assert_whole (graph, &frame, zoom > 1.02);
    }
  weftline_scene_frame_clear (&frame);
}

static bool
is_same_frame (const WeftlineSceneFrame *a, const WeftlineSceneFrame *b)
{
  return a->mode == b->mode && a->n_visible == b->n_visible && a->n_edges == b->n_edges
         && a->tasks->len == b->tasks->len && a->cells->len == b->cells->len
         && a->edges->len == b->edges->len && a->points->len == b->points->len
         && (a->points->len == 0
             || memcmp (a->points->data, b->points->data, a->points->len * sizeof (WeftlinePoint))
                    == 0);
}

/* With its tasks it is as if it had had them from the start; without them again it keeps its size,
 * so that a viewport stays what it is. */
static void
test_come_and_go (void)
{
  g_autoptr (TestGraph) graph = test_graph_new_shape ("stencil:90,90");
  g_autoptr (WeftlineGraphScene) scene = far_scene (graph), whole = weftline_graph_scene_new ();
  WeftlineSceneFacts facts = { 0 };
  WeftlineSceneFrame frame, expected;
  WeftlineViewport before, after;

  weftline_scene_frame_init (&frame);
  weftline_scene_frame_init (&expected);
  weftline_graph_scene_append (whole, index_of (graph), graph->group, NULL, 0);
  for (int round = 0; round < 2; round++)
    {
      weftline_graph_scene_append (scene, index_of (graph), graph->group, NULL, 0);
      g_assert_false (weftline_graph_scene_is_far (scene));
      g_assert_cmpuint (weftline_graph_scene_n_tasks (scene), ==, graph->edges.n_nodes);
      for (double zoom = 1.03; zoom < 300; zoom *= 2)
        {
          frame_at (scene, zoom, &facts, &frame);
          frame_at (whole, zoom, &facts, &expected);
          g_assert_true (is_same_frame (&frame, &expected));
          g_assert_false (frame.is_waiting);
        }
      weftline_graph_scene_fit (scene, SIZE, SIZE, &before);
      weftline_graph_scene_forget_tasks (scene);
      g_assert_true (weftline_graph_scene_is_far (scene));
      weftline_graph_scene_fit (scene, SIZE, SIZE, &after);
      g_assert_cmpfloat (before.x, ==, after.x);
      g_assert_cmpfloat (before.scale, ==, after.scale);
      frame_at (scene, 3, &facts, &frame);
      assert_whole (graph, &frame, true);
    }
  weftline_scene_frame_clear (&frame);
  weftline_scene_frame_clear (&expected);
}

/* What is told by group is what is counted by task. */
static void
test_told_by_group (void)
{
  g_autoptr (TestGraph) graph = test_graph_new_shape ("random:5,9000,2");
  g_autoptr (WeftlineGraphScene) far = far_scene (graph), near = far_scene (graph);
  uint32_t n = graph->edges.n_nodes;
  g_autofree uint8_t *states = g_new (uint8_t, n);
  g_autofree float *values = g_new (float, n);
  g_autofree uint64_t *marked = g_new0 (uint64_t, n / 64 + 1);
  WeftlineSceneFacts by_task = { .states = states, .values = values, .marked = marked };
  WeftlineSceneFacts by_group = { 0 };
  WeftlineSceneFrame counted, told;

  for (uint32_t v = 0; v < n; v++)
    {
      states[v] = (uint8_t) g_test_rand_int_range (0, WEFT_TASK_N_STATES);
      values[v] = (float) g_test_rand_int_range (0, 9);
      marked[v / 64] |= (uint64_t) g_test_rand_bit () << v % 64;
    }
  weftline_scene_frame_init (&counted);
  weftline_scene_frame_init (&told);
  weftline_graph_scene_append (near, index_of (graph), graph->group, NULL, 0);
  frame_at (near, 1, &by_task, &counted);
  g_assert_cmpint (counted.mode, ==, WEFTLINE_SCENE_GROUPS);
  by_group.groups = (const WeftlineSceneCell *) (const void *) counted.cells->data;
  by_group.n_groups = counted.cells->len;
  frame_at (far, 1, &by_group, &told);
  g_assert_cmpuint (told.cells->len, ==, counted.cells->len);
  g_assert_cmpmem (told.cells->data, told.cells->len * sizeof (WeftlineSceneCell),
                   counted.cells->data, counted.cells->len * sizeof (WeftlineSceneCell));
  weftline_scene_frame_clear (&counted);
  weftline_scene_frame_clear (&told);
}

/* A graph has the way back itself; where it does, it is used, and it is the same. */
static void
test_own_sources (void)
{
  static const char *const shapes[] = { "stencil:60,60", "random:3,4000,3", "tree:3000,2" };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      g_autoptr (TestGraph) graph = test_graph_new_shape (shapes[s]);
      WeftlineGraphEdges edges = graph->edges;
      g_autoptr (WeftlineGraphIndex) made = index_of (graph);
      g_autoptr (WeftlineGraphIndex) given = NULL;
      WeftlineGraphLayout *layout;
      uint32_t n = edges.n_nodes;

      edges.source_offsets = made->source_offsets;
      edges.sources = made->sources;
      layout = weftline_graph_layout_new (&edges, NULL);
      given = weftline_graph_index_new (layout, &edges);
      g_assert_cmpint (given->sources == made->sources, ==, layout->n_bends == 0);
      g_assert_cmpmem (given->sources, edges.offsets[n] * sizeof (uint32_t), made->sources,
                       edges.offsets[n] * sizeof (uint32_t));
      g_assert_true (weftline_graph_index_move_to (given, &edges));
      g_assert_false (weftline_graph_index_move_to (given, &graph->edges)); /* no way back */
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "far", "groups-at-every-zoom", test_groups_only);
  test_add ("ui-graph", "far", "tasks-come-and-go", test_come_and_go);
  test_add ("ui-graph", "far", "told-by-group", test_told_by_group);
  test_add ("ui-graph", "far", "graphs-own-way-back", test_own_sources);
  return g_test_run ();
}
