/* graph-scene-edges.c: the edges of a frame, at most so many, always the same ones
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Which edges are taken where all would be too many is said by a hash of the edge, not by its place
 * in a list: so panning does not make edges come and go. The share is a power of two, for the same
 * reason. A task with very many edges has them looked at in strides.
 */
#include "config.h"

#include "graph/graph-scene-private.h"

#include <math.h>

#define MAX_LOOKED_AT 4096 /* edges of one task, in one direction */
#define CELL_EDGES 1500
#define MAX_BENDS 65536 /* up to here edges that only pass through are looked for */

/* splitmix64's last step. */
static uint32_t
hash_edge (uint32_t from, uint32_t to)
{
  uint64_t z = ((uint64_t) from << 32 | to) + 0x9e3779b97f4a7c15;

  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return (uint32_t) (z >> 32);
}

static void
add_point (WeftlineSceneFrame *frame, float x, float y)
{
  WeftlinePoint point = { x, y };

  g_array_append_val (frame->points, point);
}

static float
half_width (const WeftlineGraphScene *scene, uint32_t task)
{
  const SceneSegment *segment = _weftline_scene_segment_of (scene, task);

  return weftline_graph_node_width (segment->index->layout, task - segment->base) / 2;
}

static void
add_edge (const WeftlineGraphScene *scene, uint32_t from, uint32_t to, uint64_t count,
          const WeftlineSceneFacts *facts, const SceneSegment *segment, uint32_t edge,
          WeftlineSceneFrame *frame)
{
  const WeftlineGraphLayout *layout = segment == NULL ? NULL : segment->index->layout;
  WeftlineSceneEdge shown = { .from = from, .to = to, .count = count };
  float x, y;

  shown.first_point = frame->points->len;
  shown.is_marked = scene_is_marked (facts, from) && scene_is_marked (facts, to);
  weftline_graph_scene_place (scene, from, &x, &y);
  add_point (frame, x + half_width (scene, from), y);
  if (layout != NULL && layout->bends_of_edge != NULL)
    for (uint32_t b = layout->bends_of_edge[edge]; b < layout->bends_of_edge[edge + 1]; b++)
      add_point (frame, segment->x + layout->bend_x[b], segment->y + layout->bend_y[b]);
  weftline_graph_scene_place (scene, to, &x, &y);
  add_point (frame, x - half_width (scene, to), y);
  shown.n_points = frame->points->len - shown.first_point;
  g_array_append_val (frame->edges, shown);
}

typedef void (*EdgeFunc) (const SceneSegment *segment, uint32_t from, uint32_t to, uint32_t edge,
                          void *data);

/* Every edge of which an end is drawn, once: those that leave it, and those that come from what is
 * not drawn. */
static void
foreach_edge (const WeftlineGraphScene *scene, const WeftlineSceneFrame *frame,
              const WeftlineRect *wide, EdgeFunc func, void *data)
{
  for (guint k = 0; k < frame->tasks->len; k++)
    {
      const WeftlineSceneTask *shown = &g_array_index (frame->tasks, WeftlineSceneTask, k);
      const SceneSegment *segment = _weftline_scene_segment_of (scene, shown->task);
      const WeftlineGraphIndex *index = segment->index;
      uint32_t v = shown->task - segment->base;
      uint32_t first = index->edges.offsets[v], end = index->edges.offsets[v + 1];
      uint32_t stride = 1 + (end - first) / MAX_LOOKED_AT;

      for (uint32_t e = first; e < end; e += stride)
        func (segment, v, index->edges.targets[e], e, data);
      first = index->source_offsets[v];
      end = index->source_offsets[v + 1];
      stride = 1 + (end - first) / MAX_LOOKED_AT;
      for (uint32_t s = first; s < end; s += stride)
        {
          uint32_t u = index->sources[s];

          if (!weftline_rect_has (wide, index->layout->x[u] + segment->x,
                                  index->layout->y[u] + segment->y))
            func (segment, u, v, index->source_edges != NULL ? index->source_edges[s] : 0, data);
        }
    }
}

/* What foreach_edge() does not come to because of its strides. */
static uint64_t
count_edges (const WeftlineGraphScene *scene, const WeftlineSceneFrame *frame,
             const WeftlineRect *wide)
{
  uint64_t n = 0;

  for (guint k = 0; k < frame->tasks->len; k++)
    {
      const WeftlineSceneTask *shown = &g_array_index (frame->tasks, WeftlineSceneTask, k);
      const SceneSegment *segment = _weftline_scene_segment_of (scene, shown->task);
      const WeftlineGraphIndex *index = segment->index;
      uint32_t v = shown->task - segment->base;
      uint32_t first = index->source_offsets[v], end = index->source_offsets[v + 1];
      uint32_t stride = 1 + (end - first) / MAX_LOOKED_AT;
      uint64_t n_outside = 0;

      n += index->edges.offsets[v + 1] - index->edges.offsets[v];
      for (uint32_t s = first; s < end; s += stride)
        {
          uint32_t u = index->sources[s];

          n_outside += !weftline_rect_has (wide, index->layout->x[u] + segment->x,
                                           index->layout->y[u] + segment->y);
        }
      n += MIN (n_outside * stride, end - first);
    }
  return n;
}

typedef struct
{
  const WeftlineGraphScene *scene;
  const WeftlineSceneFacts *facts;
  WeftlineSceneFrame *frame;
  uint32_t threshold;
  bool marked_only;
} Taking;

static void
take_edge (const SceneSegment *segment, uint32_t from, uint32_t to, uint32_t edge, void *data)
{
  Taking *taking = data;
  bool marked = scene_is_marked (taking->facts, segment->base + from)
                && scene_is_marked (taking->facts, segment->base + to);

  if (taking->frame->edges->len >= WEFTLINE_SCENE_MAX_EDGES || marked != taking->marked_only
      || hash_edge (from, to) > taking->threshold)
    return;
  add_edge (taking->scene, segment->base + from, segment->base + to, 1, taking->facts, segment,
            edge, taking->frame);
}

/* Edges both ends of which are outside, seen by their bends. */
static void
take_passing (const WeftlineRect *view, const WeftlineRect *wide, const SceneSegment *segment,
              Taking *taking)
{
  const WeftlineGraphIndex *index = segment->index;
  const WeftlineGraphLayout *layout = index->layout;
  uint32_t last = WEFT_NONE;

  if (layout->n_bends == 0 || layout->n_bends > MAX_BENDS)
    return;
  for (uint32_t b = 0; b < layout->n_bends; b++)
    {
      uint32_t e = index->edge_of_bend[b], low = 0, high = layout->n_nodes;

      if (e == last
          || !weftline_rect_has (view, layout->bend_x[b] + segment->x,
                                 layout->bend_y[b] + segment->y))
        continue;
      last = e;
      while (high - low > 1)
        {
          uint32_t middle = low + (high - low) / 2;

          if (index->edges.offsets[middle] <= e)
            low = middle;
          else
            high = middle;
        }
      uint32_t ends[2] = { low, index->edges.targets[e] };
      bool is_drawn = false;
      for (int k = 0; k < 2; k++)
        is_drawn |= weftline_rect_has (wide, layout->x[ends[k]] + segment->x,
                                       layout->y[ends[k]] + segment->y);
      if (is_drawn)
        continue;
      taking->frame->n_edges++;
      taking->marked_only = scene_is_marked (taking->facts, segment->base + ends[0])
                            && scene_is_marked (taking->facts, segment->base + ends[1]);
      take_edge (segment, ends[0], ends[1], e, taking);
    }
}

static uint32_t
threshold_for (uint64_t n, uint64_t room)
{
  unsigned shift = 0;

  while (shift < 31 && n >> shift > room)
    shift++;
  return UINT32_MAX >> shift;
}

void
_weftline_scene_add_task_edges (const WeftlineGraphScene *scene, const WeftlineRect *view,
                                const WeftlineSceneFacts *facts, WeftlineSceneFrame *frame)
{
  WeftlineRect wide = scene_with_margin (scene, view);
  Taking taking = { scene, facts, frame, UINT32_MAX, true };

  frame->n_edges = count_edges (scene, frame, &wide);
  if (facts->marked != NULL)
    foreach_edge (scene, frame, &wide, take_edge, &taking);
  taking.marked_only = false;
  taking.threshold = threshold_for (frame->n_edges, WEFTLINE_SCENE_MAX_EDGES * 3 / 4);
  foreach_edge (scene, frame, &wide, take_edge, &taking);
  for (guint k = 0; k < scene->segments->len; k++)
    take_passing (view, &wide, scene_segment (scene, k), &taking);
}

/* ---- the room there is ----------------------------------------------------------------------- */

/* Pixels a curve takes in the viewport: across once, upright twice. */
static double
edge_pixels (const WeftlineSceneFrame *frame, const WeftlineSceneEdge *edge)
{
  const WeftlinePoint *point = &g_array_index (frame->points, WeftlinePoint, edge->first_point);
  const WeftlineViewport *view = &frame->viewport;
  double sum = 0;

  for (uint32_t k = 0; k + 1 < edge->n_points; k++, point++)
    {
      double x0 = ((double) MIN (point[0].x, point[1].x) - view->x) * view->scale;
      double x1 = ((double) MAX (point[0].x, point[1].x) - view->x) * view->scale;
      double y0 = ((double) MIN (point[0].y, point[1].y) - view->y) * view->scale;
      double y1 = ((double) MAX (point[0].y, point[1].y) - view->y) * view->scale;
      double across = MIN (x1, view->width_px) - MAX (x0, 0);
      double upright = MIN (y1, view->height_px) - MAX (y0, 0);

      if (across > 0 && upright >= 0)
        sum += across + 2 * upright * MIN (1, 1.5 * across / MAX (1, x1 - x0));
    }
  return sum;
}

/* Where long edges are many, fewer of them: the marked, and those with low hashes. */
void
_weftline_scene_limit_edges (WeftlineSceneFrame *frame)
{
  double pixels = 0;
  uint32_t threshold = UINT32_MAX, n_kept = 0;

  for (guint k = 0; k < frame->edges->len; k++)
    pixels += edge_pixels (frame, &g_array_index (frame->edges, WeftlineSceneEdge, k));
  if (pixels <= WEFTLINE_SCENE_EDGE_PX)
    return;
  for (; pixels > WEFTLINE_SCENE_EDGE_PX && threshold > 1 << 16; pixels /= 2)
    threshold /= 2;
  for (guint k = 0; k < frame->edges->len; k++)
    {
      const WeftlineSceneEdge *edge = &g_array_index (frame->edges, WeftlineSceneEdge, k);

      if (edge->is_marked || hash_edge (edge->to, edge->from) <= threshold)
        g_array_index (frame->edges, WeftlineSceneEdge, n_kept++) = *edge;
    }
  g_array_set_size (frame->edges, n_kept);
}

/* ---- from further away ----------------------------------------------------------------------- */

typedef struct
{
  const WeftlineGraphScene *scene;
  const SceneSegment *segment;
  const WeftlineSceneFacts *facts;
  WeftlineSceneFrame *frame;
  uint32_t level;
  uint32_t threshold;
} CellEdges;

/* One edge of the cell's first task that has any. */
static bool
add_cell_edge (const WeftlineGraphIndex *index, uint32_t level, uint32_t cell,
               bool whole G_GNUC_UNUSED, void *data)
{
  CellEdges *edges = data;
  const WeftlineIndexCell *at = &index->cells[level][cell];
  uint32_t v = index->tasks[at->first];
  uint32_t n = index->edges.offsets[v + 1] - index->edges.offsets[v];

  if (level > edges->level)
    return true;
  uint32_t hash = hash_edge (v, level);
  if (n == 0 || hash > edges->threshold)
    return false;
  uint32_t e = index->edges.offsets[v] + hash % n;
  add_edge (edges->scene, edges->segment->base + v, edges->segment->base + index->edges.targets[e],
            1, edges->facts, edges->segment, e, edges->frame);
  return false;
}

void
_weftline_scene_add_cell_edges (const WeftlineGraphScene *scene, const WeftlineRect *view,
                                uint32_t level, const WeftlineSceneFacts *facts,
                                WeftlineSceneFrame *frame)
{
  uint32_t threshold = threshold_for (frame->cells->len, CELL_EDGES);

  for (guint k = 0; k < scene->segments->len; k++)
    {
      const SceneSegment *segment = scene_segment (scene, k);
      CellEdges edges = { scene, segment, facts, frame, 0, threshold };
      WeftlineRect rect = { view->x0 - segment->x, view->y0 - segment->y, view->x1 - segment->x,
                            view->y1 - segment->y };

      edges.level = MIN (level, segment->index->n_levels - 1);
      frame->n_edges += segment->index->edges.offsets[segment->index->edges.n_nodes];
      weftline_graph_index_walk (segment->index, &rect, add_cell_edge, &edges);
    }
}

void
_weftline_scene_add_group_edges (const WeftlineGraphScene *scene, WeftlineSceneFrame *frame)
{
  const WeftlineGraphGroups *groups = scene->groups;
  const WeftlineGraphLayout *layout = scene->group_layout;

  for (uint32_t g = 0; g < groups->n_groups; g++)
    for (uint32_t e = groups->offsets[g]; e < groups->offsets[g + 1]; e++)
      {
        WeftlineSceneEdge shown = { .from = g, .to = groups->targets[e] };
        uint32_t to = groups->targets[e];
        bool back = layout->layer[to] < layout->layer[g];
        float half = back ? -WEFTLINE_GRAPH_NODE_WIDTH / 2 : WEFTLINE_GRAPH_NODE_WIDTH / 2;

        frame->n_edges += groups->counts[e];
        if (frame->edges->len >= WEFTLINE_SCENE_MAX_EDGES)
          continue;
        shown.count = groups->counts[e];
        shown.first_point = frame->points->len;
        add_point (frame, layout->x[g] + half, layout->y[g]);
        if (layout->bends_of_edge != NULL)
          {
            uint32_t first = layout->bends_of_edge[e], end = layout->bends_of_edge[e + 1];

            for (uint32_t k = 0; k < end - first; k++)
              {
                uint32_t b = back ? end - 1 - k : first + k;

                add_point (frame, layout->bend_x[b], layout->bend_y[b]);
              }
          }
        add_point (frame, layout->x[to] - half, layout->y[to]);
        shown.n_points = frame->points->len - shown.first_point;
        g_array_append_val (frame->edges, shown);
      }
}
