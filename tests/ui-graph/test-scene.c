/* test-scene.c: what a viewport shows of a graph is bounded and adds up
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graphs.h"
#include "canvas/number-format.h"
#include "graph/graph-scene.h"
#include "test-support.h"

#include <math.h>

#define MAX_CELLS 16000

typedef struct
{
  TestGraph *graph;
  WeftlineGraphScene *scene;
  uint8_t *states;
  WeftlineSceneFacts facts;
  WeftlineSceneFrame frame;
} Fixture;

static WeftlineGraphIndex *
index_of (const TestGraph *graph)
{
  return weftline_graph_index_new (weftline_graph_layout_new (&graph->edges, NULL), &graph->edges);
}

static void
fixture_open (Fixture *fixture, const char *spec)
{
  TestGraph *graph = test_graph_new_shape (spec);
  WeftlineGraphGroups *groups =
      weftline_graph_groups_new (&graph->edges, graph->group, graph->n_groups);

  *fixture = (Fixture){ .graph = graph, .scene = weftline_graph_scene_new () };
  weftline_graph_scene_append (fixture->scene, index_of (graph), graph->group, NULL, 0);
  weftline_graph_scene_set_groups (fixture->scene, groups,
                                   weftline_graph_layout_new (&groups->edges, NULL));
  fixture->states = g_new (uint8_t, graph->edges.n_nodes);
  for (uint32_t v = 0; v < graph->edges.n_nodes; v++)
    fixture->states[v] = (uint8_t) g_test_rand_int_range (0, WEFT_TASK_N_STATES);
  fixture->facts.states = fixture->states;
  weftline_scene_frame_init (&fixture->frame);
}

static void
fixture_close (Fixture *fixture)
{
  weftline_scene_frame_clear (&fixture->frame);
  weftline_graph_scene_free (fixture->scene);
  g_free (fixture->states);
  test_graph_free (fixture->graph);
}

static const WeftlineSceneCell *
cell_at (const WeftlineSceneFrame *frame, guint k)
{
  return &g_array_index (frame->cells, WeftlineSceneCell, k);
}

static const WeftlineSceneTask *
task_at (const WeftlineSceneFrame *frame, guint k)
{
  return &g_array_index (frame->tasks, WeftlineSceneTask, k);
}

static void
assert_states_add_up (const Fixture *fixture)
{
  uint64_t n_states[WEFT_TASK_N_STATES] = { 0 }, wanted[WEFT_TASK_N_STATES] = { 0 };

  for (uint32_t v = 0; v < fixture->graph->edges.n_nodes; v++)
    wanted[fixture->states[v]]++;
  for (guint k = 0; k < fixture->frame.cells->len; k++)
    for (int state = 0; state < WEFT_TASK_N_STATES; state++)
      n_states[state] += cell_at (&fixture->frame, k)->n_states[state];
  for (guint k = 0; k < fixture->frame.tasks->len; k++)
    n_states[task_at (&fixture->frame, k)->state]++;
  for (int state = 0; state < WEFT_TASK_N_STATES; state++)
    g_assert_cmpuint (n_states[state], ==, wanted[state]);
}

/* The whole graph in ever smaller windows: first tasks, then cells, or groups; nothing is lost in
 * any of them. */
static void
check_adds_up (Fixture *fixture, unsigned modes)
{
  unsigned seen = 0;

  for (double size = 6000; size >= 60; size /= 1.7)
    {
      WeftlineViewport viewport;
      uint64_t n = 0;

      weftline_graph_scene_fit (fixture->scene, size, size, &viewport);
      weftline_graph_scene_frame (fixture->scene, &viewport, &fixture->facts, &fixture->frame);
      g_assert_cmpuint (fixture->frame.n_visible, ==, fixture->graph->edges.n_nodes);
      g_assert_cmpuint (fixture->frame.n_tasks, ==, fixture->graph->edges.n_nodes);
      assert_states_add_up (fixture);
      for (guint k = 0; k < fixture->frame.cells->len; k++)
        n += cell_at (&fixture->frame, k)->n_tasks;
      g_assert_cmpuint (n + fixture->frame.tasks->len, ==, fixture->graph->edges.n_nodes);
      seen |= 1u << fixture->frame.mode;
    }
  g_assert_cmphex (seen, ==, modes);
}

static void
test_adds_up (void)
{
  static const struct
  {
    const char *shape;
    unsigned with_groups, without;
  } cases[] = {
    { "stencil:300,300", 1 << WEFTLINE_SCENE_GROUPS, 1 << WEFTLINE_SCENE_CELLS },
    { "fan:30000", 1 << WEFTLINE_SCENE_GROUPS, 1 << WEFTLINE_SCENE_CELLS },
    { "chains:1,20000", 1 << WEFTLINE_SCENE_CELLS, 1 << WEFTLINE_SCENE_CELLS },
    { "random:5,20000,2", 1 << WEFTLINE_SCENE_GROUPS, 1 << WEFTLINE_SCENE_CELLS },
    { "independent:9000", 1 << WEFTLINE_SCENE_CELLS, 1 << WEFTLINE_SCENE_CELLS },
    { "tree:4000,2", 1 << WEFTLINE_SCENE_GROUPS, 1 << WEFTLINE_SCENE_CELLS },
    { "tree:1000,2", 1 << WEFTLINE_SCENE_CELLS | 1 << WEFTLINE_SCENE_TASKS,
      1 << WEFTLINE_SCENE_CELLS | 1 << WEFTLINE_SCENE_TASKS },
    { "chains:1,1", 1 << WEFTLINE_SCENE_TASKS, 1 << WEFTLINE_SCENE_TASKS },
  };

  for (guint s = 0; s < G_N_ELEMENTS (cases); s++)
    {
      Fixture fixture;

      g_test_message ("%s", cases[s].shape);
      fixture_open (&fixture, cases[s].shape);
      check_adds_up (&fixture, cases[s].with_groups);
      weftline_graph_scene_set_groups (fixture.scene, NULL, NULL);
      check_adds_up (&fixture, cases[s].without);
      fixture_close (&fixture);
    }
}

/* Few tasks of one group are shown as such; of very many the group is. */
static void
test_one_group (void)
{
  for (uint32_t n_groups = 0; n_groups < 3; n_groups++)
    {
      g_assert_false (weftline_graph_scene_shows_groups (WEFTLINE_SCENE_MAX_TASKS, n_groups));
      g_assert_cmpint (weftline_graph_scene_shows_groups (WEFTLINE_SCENE_ONE_GROUP, n_groups), ==,
                       n_groups >= 2);
      g_assert_cmpint (weftline_graph_scene_shows_groups (WEFTLINE_SCENE_ONE_GROUP + 1, n_groups),
                       ==, n_groups >= 1);
    }
  g_assert_false (weftline_graph_scene_shows_groups (WEFTLINE_SCENE_ONE_GROUP + 1,
                                                     WEFTLINE_SCENE_MAX_GROUPS + 1));
}

static void
random_viewport (const Fixture *fixture, WeftlineViewport *viewport)
{
  float width, height;

  weftline_graph_scene_size (fixture->scene, &width, &height);
  weftline_graph_scene_fit (fixture->scene, 1900, 1000, viewport);
  viewport->scale *= exp (g_test_rand_double_range (-0.5, 8));
  viewport->x = g_test_rand_double_range (-0.1, 1.1) * (double) width - 950 / viewport->scale;
  viewport->y = g_test_rand_double_range (-0.1, 1.1) * (double) height - 500 / viewport->scale;
}

static uint32_t
naive_visible (const Fixture *fixture, const WeftlineViewport *viewport)
{
  uint32_t n = 0;

  for (uint32_t v = 0; v < fixture->graph->edges.n_nodes; v++)
    {
      float x, y;

      weftline_graph_scene_place (fixture->scene, v, &x, &y);
      n += x >= (float) viewport->x && y >= (float) viewport->y
           && x < (float) (viewport->x + viewport->width_px / viewport->scale)
           && y < (float) (viewport->y + viewport->height_px / viewport->scale);
    }
  return n;
}

static void
test_bounded (void)
{
  static const char *const shapes[] = { "stencil:400,400", "fan:200000", "chains:1,100000",
                                        "random-layered:3,80,600,3", "shuffle:200,200" };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      Fixture fixture;

      fixture_open (&fixture, shapes[s]);
      for (unsigned k = 0; k < 40 / test_slowdown () + 1; k++)
        {
          WeftlineViewport viewport;

          random_viewport (&fixture, &viewport);
          weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
          g_assert_cmpuint (fixture.frame.tasks->len, <=, WEFTLINE_SCENE_MAX_TASKS);
          g_assert_cmpuint (fixture.frame.cells->len, <=, MAX_CELLS);
          g_assert_cmpuint (fixture.frame.edges->len, <=, WEFTLINE_SCENE_MAX_EDGES);
          g_assert_cmpuint (fixture.frame.edges->len, <=, fixture.frame.n_edges);
          if (fixture.frame.mode != WEFTLINE_SCENE_GROUPS)
            g_assert_cmpuint (fixture.frame.n_visible, ==, naive_visible (&fixture, &viewport));
          if (fixture.frame.mode == WEFTLINE_SCENE_TASKS)
            g_assert_cmpuint (fixture.frame.n_as_tasks, ==, fixture.frame.n_visible);
        }
      fixture_close (&fixture);
    }
}

/* Every edge of a graph that is shown whole is there once, from task to task. */
static void
test_edges_whole (void)
{
  static const char *const shapes[] = { "random:3,300,2", "stencil:20,20", "matmul:4,4,4" };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      Fixture fixture;
      WeftlineViewport viewport;
      uint32_t n_edges;

      fixture_open (&fixture, shapes[s]);
      n_edges = fixture.graph->edges.offsets[fixture.graph->edges.n_nodes];
      weftline_graph_scene_fit (fixture.scene, 500, 500, &viewport);
      weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
      g_assert_cmpint (fixture.frame.mode, ==, WEFTLINE_SCENE_TASKS);
      g_assert_cmpuint (fixture.frame.n_edges, ==, n_edges);
      g_assert_cmpuint (fixture.frame.edges->len, ==, n_edges);
      for (guint k = 0; k < fixture.frame.edges->len; k++)
        {
          const WeftlineSceneEdge *edge =
              &g_array_index (fixture.frame.edges, WeftlineSceneEdge, k);
          const WeftlinePoint *points =
              &g_array_index (fixture.frame.points, WeftlinePoint, edge->first_point);
          float x, y;

          weftline_graph_scene_place (fixture.scene, edge->from, &x, &y);
          g_assert_cmpfloat (points[0].y, ==, y);
          weftline_graph_scene_place (fixture.scene, edge->to, &x, &y);
          g_assert_cmpfloat (points[edge->n_points - 1].y, ==, y);
        }
      fixture_close (&fixture);
    }
}

static void
test_hit (void)
{
  static const char *const shapes[] = { "stencil:60,60", "stencil:300,300", "chains:3,6" };

  for (guint s = 0; s < G_N_ELEMENTS (shapes); s++)
    {
      Fixture fixture;

      fixture_open (&fixture, shapes[s]);
      for (double zoom = 1; zoom < 40; zoom *= 3)
        {
          WeftlineViewport viewport;
          const WeftlineViewport *shown = &fixture.frame.viewport;
          uint32_t hit;

          weftline_graph_scene_fit (fixture.scene, 800, 600, &viewport);
          viewport.scale *= zoom;
          weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
          for (guint k = 0; k < fixture.frame.tasks->len; k++)
            {
              const WeftlineSceneTask *task = task_at (&fixture.frame, k);

              g_assert_true (weftline_graph_scene_hit (
                  &fixture.frame, ((double) task->x - shown->x) * shown->scale,
                  ((double) task->y - shown->y) * shown->scale, &hit));
              g_assert_cmpuint (hit, ==, k);
            }
          for (guint k = 0; k < fixture.frame.cells->len; k++)
            {
              const WeftlineSceneCell *cell = cell_at (&fixture.frame, k);
              double half = (double) cell->side / 2;

              g_assert_true (weftline_graph_scene_hit (
                  &fixture.frame, ((double) cell->x + half - shown->x) * shown->scale,
                  ((double) cell->y + half - shown->y) * shown->scale, &hit));
              g_assert_cmpuint (hit, ==, k);
            }
          g_assert_false (weftline_graph_scene_hit (&fixture.frame, -1e6, -1e6, &hit));
        }
      fixture_close (&fixture);
    }
}

/* Later segments stand to the right, at the height of what they read; what was there stays. */
static void
test_grows (void)
{
  Fixture fixture;
  g_autoptr (TestGraph) more = test_graph_new_shape ("chains:2,5");
  g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (WeftlinePoint));
  uint32_t n, anchor;
  float width, height, after, x, y;
  WeftlineViewport viewport;

  fixture_open (&fixture, "stencil:40,10");
  n = fixture.graph->edges.n_nodes;
  for (uint32_t v = 0; v < n; v++)
    {
      WeftlinePoint point;

      weftline_graph_scene_place (fixture.scene, v, &point.x, &point.y);
      g_array_append_val (before, point);
    }
  weftline_graph_scene_size (fixture.scene, &width, &height);
  anchor = n - 3;
  weftline_graph_scene_append (fixture.scene, index_of (more), more->group, &anchor, 1);
  g_assert_cmpuint (weftline_graph_scene_n_tasks (fixture.scene), ==, n + 10);
  weftline_graph_scene_size (fixture.scene, &after, &height);
  g_assert_cmpfloat (after, >, width);
  for (uint32_t v = 0; v < n; v++)
    {
      weftline_graph_scene_place (fixture.scene, v, &x, &y);
      g_assert_cmpfloat (x, ==, g_array_index (before, WeftlinePoint, v).x);
      g_assert_cmpfloat (y, ==, g_array_index (before, WeftlinePoint, v).y);
    }
  for (uint32_t v = n; v < n + 10; v++)
    {
      weftline_graph_scene_place (fixture.scene, v, &x, &y);
      g_assert_cmpfloat (x, >, width);
      g_assert_cmpfloat (fabsf (y - g_array_index (before, WeftlinePoint, anchor).y), <, 3);
    }
  fixture.states = g_renew (uint8_t, fixture.states, n + 10);
  for (uint32_t v = n; v < n + 10; v++)
    fixture.states[v] = WEFT_TASK_MEMORY;
  fixture.facts.states = fixture.states;
  weftline_graph_scene_fit (fixture.scene, 900, 900, &viewport);
  weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
  g_assert_cmpuint (fixture.frame.n_visible, ==, n + 10);
  g_assert_cmpuint (fixture.frame.edges->len, ==,
                    fixture.graph->edges.offsets[n] + more->edges.offsets[10]);
  fixture_close (&fixture);
}

static void
test_marked (void)
{
  Fixture fixture;
  WeftlineViewport viewport;
  uint32_t n, n_marked = 0;

  fixture_open (&fixture, "stencil:200,200");
  n = fixture.graph->edges.n_nodes;
  g_autofree uint64_t *bits = g_new0 (uint64_t, n / 64 + 1);
  for (uint32_t v = 5; v < n; v += 7)
    bits[v / 64] |= (uint64_t) 1 << v % 64;
  fixture.facts.marked = bits;
  weftline_graph_scene_fit (fixture.scene, 700, 700, &viewport);
  viewport.scale *= 1.03;
  weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
  g_assert_cmpint (fixture.frame.mode, ==, WEFTLINE_SCENE_CELLS);
  for (guint k = 0; k < fixture.frame.cells->len; k++)
    n_marked += cell_at (&fixture.frame, k)->n_marked;
  g_assert_cmpuint (n_marked, ==, (n - 5 + 6) / 7);
  fixture_close (&fixture);
}

static void
test_summary (void)
{
  Fixture fixture;
  WeftlineViewport viewport;

  fixture_open (&fixture, "stencil:200,100");
  weftline_graph_scene_fit (fixture.scene, 800, 600, &viewport);
  weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
  g_autofree char *far = weftline_scene_frame_dup_summary (&fixture.frame);
  g_assert_cmpstr (far, ==, "20\u202f000 tasks shown as 100 groups");
  viewport.scale = 40;
  weftline_graph_scene_frame (fixture.scene, &viewport, &fixture.facts, &fixture.frame);
  g_autofree char *near = weftline_scene_frame_dup_summary (&fixture.frame);
  g_autofree char *visible = weftline_format_count (naive_visible (&fixture, &viewport));
  g_autofree char *wanted = g_strdup_printf ("%s of 20\u202f000 tasks shown", visible);
  g_assert_cmpstr (near, ==, wanted);
  fixture_close (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-graph", "scene", "counts-add-up-at-every-zoom", test_adds_up);
  test_add ("ui-graph", "scene", "work-is-bounded-and-counted", test_bounded);
  test_add ("ui-graph", "scene", "edges-of-a-whole-graph", test_edges_whole);
  test_add ("ui-graph", "scene", "what-is-drawn-is-hit", test_hit);
  test_add ("ui-graph", "scene", "segments-stand-beside", test_grows);
  test_add ("ui-graph", "scene", "cells-count-what-is-marked", test_marked);
  test_add ("ui-graph", "scene", "groups-from-far", test_one_group);
  test_add ("ui-graph", "scene", "summary", test_summary);
  return g_test_run ();
}
