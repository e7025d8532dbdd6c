/* graph-scene.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/number-format.h"
#include "graph/graph-scene-private.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define SEGMENT_GAP 6.0f
#define MIN_TASK_SCALE 2.0  /* pixels a row below which tasks are no longer told apart */
#define MAX_TASK_SCALE 32.0 /* a small graph is not blown up beyond this */
#define MAX_GROUP_SCALE 100.0
#define MARGIN_PX 24.0
#define FAR_ZOOM 1.02 /* of the whole graph's: up to it groups are shown */

WeftlineGraphScene *
weftline_graph_scene_new (void)
{
  WeftlineGraphScene *scene = g_new0 (WeftlineGraphScene, 1);

  scene->segments = g_array_new (FALSE, FALSE, sizeof (SceneSegment));
  scene->widest = WEFTLINE_GRAPH_NODE_WIDTH;
  return scene;
}

void
weftline_graph_scene_forget_tasks (WeftlineGraphScene *scene)
{
  for (guint k = 0; k < scene->segments->len; k++)
    {
      SceneSegment *segment = &g_array_index (scene->segments, SceneSegment, k);

      for (guint level = 0; level < WEFTLINE_INDEX_MAX_LEVELS; level++)
        g_free (segment->groups[level]);
      weftline_graph_index_free (segment->index);
    }
  g_array_set_size (scene->segments, 0);
}

void
weftline_graph_scene_free (WeftlineGraphScene *scene)
{
  if (scene == NULL)
    return;
  weftline_graph_scene_forget_tasks (scene);
  g_array_free (scene->segments, TRUE);
  weftline_graph_groups_free (scene->groups);
  weftline_graph_layout_free (scene->group_layout);
  g_free (scene->tally);
  g_free (scene);
}

/* ---- what is in it --------------------------------------------------------------------------- */

static float
anchor_height (const WeftlineGraphScene *scene, const uint32_t *anchor, uint32_t n_anchor)
{
  double sum = 0;

  for (uint32_t k = 0; k < n_anchor; k++)
    {
      float x, y;

      weftline_graph_scene_place (scene, anchor[k], &x, &y);
      sum += (double) y;
    }
  return (float) (sum / n_anchor);
}

static void
room_for_groups (WeftlineGraphScene *scene, const uint32_t *group_of_task, uint32_t n)
{
  uint32_t n_groups = scene->n_groups;

  for (uint32_t v = 0; v < n; v++)
    n_groups = MAX (n_groups, group_of_task[v] + 1);
  if (n_groups == scene->n_groups)
    return;
  g_free (scene->tally);
  scene->tally = g_new0 (uint32_t, n_groups);
  scene->n_groups = n_groups;
}

void
weftline_graph_scene_append (WeftlineGraphScene *scene, WeftlineGraphIndex *index,
                             const uint32_t *group_of_task, const uint32_t *anchor,
                             uint32_t n_anchor)
{
  SceneSegment segment = { .index = index, .group_of_task = group_of_task };

  if (scene->segments->len == 0)
    {
      scene->n_tasks = 0;
      scene->width = scene->height = 0;
    }
  segment.base = scene->n_tasks;
  segment.x = scene->segments->len == 0 ? 0 : scene->width + SEGMENT_GAP;
  if (n_anchor > 0)
    segment.y = MAX (0, anchor_height (scene, anchor, n_anchor) - index->layout->height / 2);
  g_array_append_val (scene->segments, segment);
  scene->n_tasks += index->layout->n_nodes;
  scene->width = segment.x + index->layout->width;
  for (uint32_t l = 0; index->layout->node_width != NULL && l < index->layout->n_layers; l++)
    scene->widest = MAX (scene->widest, index->layout->node_width[l]);
  scene->height = MAX (scene->height, segment.y + index->layout->height);
  room_for_groups (scene, group_of_task, index->layout->n_nodes);
}

void
weftline_graph_scene_set_groups (WeftlineGraphScene *scene, WeftlineGraphGroups *groups,
                                 WeftlineGraphLayout *layout)
{
  g_clear_pointer (&scene->groups, weftline_graph_groups_free);
  g_clear_pointer (&scene->group_layout, weftline_graph_layout_free);
  scene->groups = groups;
  scene->group_layout = layout;
  if (scene->segments->len > 0 || groups == NULL)
    return;
  scene->n_tasks = 0;
  for (uint32_t g = 0; g < groups->n_groups; g++)
    scene->n_tasks += groups->n_tasks[g];
  scene->width = layout->width;
  scene->height = layout->height;
}

bool
weftline_graph_scene_is_far (const WeftlineGraphScene *scene)
{
  return scene->segments->len == 0 && scene->groups != NULL;
}

bool
weftline_graph_scene_move_to (WeftlineGraphScene *scene, const WeftlineGraphEdges *edges)
{
  WeftlineGraphIndex *index = scene->segments->len == 0 ? NULL : scene_segment (scene, 0)->index;

  return index != NULL && weftline_graph_index_move_to (index, edges);
}

uint32_t
weftline_graph_scene_n_tasks (const WeftlineGraphScene *scene)
{
  return scene->n_tasks;
}

void
weftline_graph_scene_size (const WeftlineGraphScene *scene, float *width, float *height)
{
  *width = scene->width;
  *height = scene->height;
}

const SceneSegment *
_weftline_scene_segment_of (const WeftlineGraphScene *scene, uint32_t task)
{
  guint low = 0, high = scene->segments->len;

  while (high - low > 1)
    {
      guint middle = (low + high) / 2;

      if (scene_segment (scene, middle)->base <= task)
        low = middle;
      else
        high = middle;
    }
  return scene_segment (scene, low);
}

void
weftline_graph_scene_place (const WeftlineGraphScene *scene, uint32_t task, float *x, float *y)
{
  const SceneSegment *segment = _weftline_scene_segment_of (scene, task);

  *x = segment->x + segment->index->layout->x[task - segment->base];
  *y = segment->y + segment->index->layout->y[task - segment->base];
}

/* ---- viewports ------------------------------------------------------------------------------- */

static void
fit_size (float width, float height, double width_px, double height_px, double most,
          WeftlineViewport *viewport)
{
  double room_x = MAX (1, width_px - 2 * MARGIN_PX), room_y = MAX (1, height_px - 2 * MARGIN_PX);
  double scale = MIN (room_x / MAX (1.0, (double) width), room_y / MAX (1.0, (double) height));

  *viewport = (WeftlineViewport){
    .scale = MIN (scale, most),
    .width_px = width_px,
    .height_px = height_px,
  };
  viewport->x = (double) width / 2 - width_px / 2 / viewport->scale;
  viewport->y = (double) height / 2 - height_px / 2 / viewport->scale;
}

void
weftline_graph_scene_fit (const WeftlineGraphScene *scene, double width_px, double height_px,
                          WeftlineViewport *viewport)
{
  fit_size (scene->width, scene->height, width_px, height_px, MAX_TASK_SCALE, viewport);
}

static WeftlineRect
rect_of (const WeftlineViewport *viewport)
{
  return (WeftlineRect){
    (float) viewport->x,
    (float) viewport->y,
    (float) (viewport->x + viewport->width_px / viewport->scale),
    (float) (viewport->y + viewport->height_px / viewport->scale),
  };
}

static WeftlineRect
rect_in_segment (const WeftlineRect *rect, const SceneSegment *segment)
{
  return (WeftlineRect){ rect->x0 - segment->x, rect->y0 - segment->y, rect->x1 - segment->x,
                         rect->y1 - segment->y };
}

static uint32_t
count_visible (const WeftlineGraphScene *scene, const WeftlineRect *view)
{
  uint32_t n = 0;

  for (guint k = 0; k < scene->segments->len; k++)
    {
      WeftlineRect rect = rect_in_segment (view, scene_segment (scene, k));

      n += weftline_graph_index_count (scene_segment (scene, k)->index, &rect);
    }
  return n;
}

static WeftlineSceneMode
mode_of (const WeftlineGraphScene *scene, const WeftlineViewport *viewport, uint32_t n_touching)
{
  WeftlineViewport fit;

  if (weftline_graph_scene_is_far (scene))
    return WEFTLINE_SCENE_GROUPS;
  if (n_touching <= WEFTLINE_SCENE_MAX_TASKS && viewport->scale >= MIN_TASK_SCALE)
    return WEFTLINE_SCENE_TASKS;
  weftline_graph_scene_fit (scene, viewport->width_px, viewport->height_px, &fit);
  if (scene->group_layout != NULL && viewport->scale <= fit.scale * FAR_ZOOM
      && weftline_graph_scene_shows_groups (scene->n_tasks, scene->groups->n_groups))
    return WEFTLINE_SCENE_GROUPS;
  return WEFTLINE_SCENE_CELLS;
}

WeftlineSceneMode
weftline_graph_scene_mode (const WeftlineGraphScene *scene, const WeftlineViewport *viewport)
{
  WeftlineRect view = rect_of (viewport), wide = scene_with_margin (scene, &view);

  return mode_of (scene, viewport, count_visible (scene, &wide));
}

/* ---- frames ---------------------------------------------------------------------------------- */

void
weftline_scene_frame_init (WeftlineSceneFrame *frame)
{
  *frame = (WeftlineSceneFrame){
    .tasks = g_array_new (FALSE, FALSE, sizeof (WeftlineSceneTask)),
    .cells = g_array_new (FALSE, FALSE, sizeof (WeftlineSceneCell)),
    .edges = g_array_new (FALSE, FALSE, sizeof (WeftlineSceneEdge)),
    .points = g_array_new (FALSE, FALSE, sizeof (WeftlinePoint)),
  };
}

void
weftline_scene_frame_clear (WeftlineSceneFrame *frame)
{
  g_clear_pointer (&frame->tasks, g_array_unref);
  g_clear_pointer (&frame->cells, g_array_unref);
  g_clear_pointer (&frame->edges, g_array_unref);
  g_clear_pointer (&frame->points, g_array_unref);
}

typedef struct
{
  const WeftlineGraphScene *scene;
  SceneSegment *segment;
  const WeftlineSceneFacts *facts;
  WeftlineSceneFrame *frame;
  WeftlineRect rect; /* in the segment */
  uint32_t level;
} Gathering;

static void
add_task (Gathering *gathering, uint32_t v)
{
  const WeftlineGraphLayout *layout = gathering->segment->index->layout;
  const WeftlineSceneFacts *facts = gathering->facts;
  uint32_t task = gathering->segment->base + v;
  WeftlineSceneTask shown = {
    .task = task,
    .group = gathering->segment->group_of_task[v],
    .x = layout->x[v] + gathering->segment->x,
    .y = layout->y[v] + gathering->segment->y,
    .width = weftline_graph_node_width (layout, v),
    .state = facts->states == NULL ? WEFT_TASK_WAITING : facts->states[task],
    .is_marked = scene_is_marked (facts, task),
    .value = facts->values == NULL ? 0 : facts->values[task],
  };

  g_array_append_val (gathering->frame->tasks, shown);
}

static bool
gather_tasks (const WeftlineGraphIndex *index, uint32_t level, uint32_t cell, bool whole,
              void *data)
{
  Gathering *gathering = data;
  const WeftlineIndexCell *at = &index->cells[level][cell];

  if (level > 0 && !whole)
    return true;
  for (uint32_t k = at->first; k < at[1].first; k++)
    {
      uint32_t v = index->tasks[k];

      if (whole || weftline_rect_has (&gathering->rect, index->layout->x[v], index->layout->y[v]))
        add_task (gathering, v);
    }
  return false;
}

static void
count_task (const WeftlineSceneFacts *facts, uint32_t task, WeftlineSceneCell *cell)
{
  cell->n_states[facts->states == NULL ? WEFT_TASK_WAITING : facts->states[task]]++;
  cell->n_marked += scene_is_marked (facts, task);
  if (facts->values != NULL)
    cell->value += facts->values[task];
}

static uint32_t
most_frequent (const WeftlineGraphScene *scene, const SceneSegment *segment,
               const WeftlineIndexCell *cell)
{
  const uint32_t *tasks = segment->index->tasks;
  uint32_t group = WEFT_NONE, most = 0;

  for (uint32_t k = cell->first; k < cell[1].first; k++)
    {
      uint32_t g = segment->group_of_task[tasks[k]], n = ++scene->tally[g];

      if (n > most || (n == most && g < group))
        {
          most = n;
          group = g;
        }
    }
  for (uint32_t k = cell->first; k < cell[1].first; k++)
    scene->tally[segment->group_of_task[tasks[k]]] = 0;
  return group;
}

/* Groups do not change, so each cell is looked at once. */
static uint32_t
group_of_cell (const Gathering *gathering, uint32_t level, uint32_t cell)
{
  SceneSegment *segment = gathering->segment;
  const WeftlineGraphIndex *index = segment->index;
  uint32_t **groups = &segment->groups[level];

  if (*groups == NULL)
    {
      *groups = g_new (uint32_t, index->n_cells[level]);
      memset (*groups, 0xff, sizeof **groups * index->n_cells[level]);
    }
  if ((*groups)[cell] == WEFT_NONE)
    (*groups)[cell] = most_frequent (gathering->scene, segment, &index->cells[level][cell]);
  return (*groups)[cell];
}

static bool
gather_cells (const WeftlineGraphIndex *index, uint32_t level, uint32_t cell,
              bool whole G_GNUC_UNUSED, void *data)
{
  Gathering *gathering = data;
  const SceneSegment *segment = gathering->segment;
  const WeftlineIndexCell *at = &index->cells[level][cell];
  WeftlineSceneCell shown = { .side = weftline_index_side (level) };

  if (level > gathering->level)
    return true;
  shown.x = segment->x + (float) at->x * shown.side;
  shown.y = segment->y + (float) at->y * shown.side;
  shown.n_tasks = at[1].first - at->first;
  shown.group = group_of_cell (gathering, level, cell);
  for (uint32_t k = at->first; k < at[1].first; k++)
    count_task (gathering->facts, segment->base + index->tasks[k], &shown);
  shown.value /= (float) shown.n_tasks;
  g_array_append_val (gathering->frame->cells, shown);
  return false;
}

static void
gather (const WeftlineGraphScene *scene, const WeftlineRect *view, const WeftlineSceneFacts *facts,
        uint32_t level, WeftlineCellFunc func, WeftlineSceneFrame *frame)
{
  for (guint k = 0; k < scene->segments->len; k++)
    {
      Gathering gathering = { .scene = scene, .facts = facts, .frame = frame };

      gathering.segment = &g_array_index (scene->segments, SceneSegment, k);
      gathering.rect = rect_in_segment (view, gathering.segment);
      gathering.level = MIN (level, gathering.segment->index->n_levels - 1);
      weftline_graph_index_walk (gathering.segment->index, &gathering.rect, func, &gathering);
    }
}

/* What is told of them by group. */
static void
take_groups (const WeftlineGraphScene *scene, const WeftlineSceneFacts *facts,
             WeftlineSceneCell *cells)
{
  for (uint32_t g = 0; g < scene->groups->n_groups; g++)
    {
      cells[g].n_tasks = scene->groups->n_tasks[g];
      if (g >= facts->n_groups)
        {
          cells[g].n_states[WEFT_TASK_WAITING] = cells[g].n_tasks;
          continue;
        }
      memcpy (cells[g].n_states, facts->groups[g].n_states, sizeof cells[g].n_states);
      cells[g].n_marked = facts->groups[g].n_marked;
      cells[g].value = facts->groups[g].value;
    }
}

static void
count_groups (const WeftlineGraphScene *scene, const WeftlineSceneFacts *facts,
              WeftlineSceneCell *cells)
{
  uint32_t n_groups = scene->groups->n_groups;

  for (guint k = 0; k < scene->segments->len; k++)
    {
      const SceneSegment *segment = scene_segment (scene, k);

      for (uint32_t v = 0; v < segment->index->layout->n_nodes; v++)
        if (segment->group_of_task[v] < n_groups)
          {
            cells[segment->group_of_task[v]].n_tasks++;
            count_task (facts, segment->base + v, &cells[segment->group_of_task[v]]);
          }
    }
  for (uint32_t g = 0; g < n_groups; g++)
    cells[g].value /= (float) MAX (1, cells[g].n_tasks);
}

static void
gather_groups (const WeftlineGraphScene *scene, const WeftlineSceneFacts *facts,
               WeftlineSceneFrame *frame)
{
  uint32_t n_groups = scene->groups->n_groups;

  g_array_set_size (frame->cells, n_groups);
  WeftlineSceneCell *cells = (WeftlineSceneCell *) (void *) frame->cells->data;
  memset (cells, 0, sizeof *cells * n_groups);
  for (uint32_t g = 0; g < n_groups; g++)
    {
      cells[g].group = g;
      cells[g].x = scene->group_layout->x[g];
      cells[g].y = scene->group_layout->y[g];
    }
  if (facts->groups != NULL || scene->segments->len == 0)
    take_groups (scene, facts, cells);
  else
    count_groups (scene, facts, cells);
}

/* Nearer than where groups would be shown if the tasks had places. */
static bool
is_waiting (const WeftlineGraphScene *scene, const WeftlineViewport *viewport)
{
  WeftlineViewport fit;

  weftline_graph_scene_fit (scene, viewport->width_px, viewport->height_px, &fit);
  return weftline_graph_scene_is_far (scene) && viewport->scale > fit.scale * FAR_ZOOM;
}

static uint32_t
level_for (double scale)
{
  uint32_t level = 0;

  while (level + 1 < WEFTLINE_INDEX_MAX_LEVELS
         && (double) weftline_index_side (level) * scale < WEFTLINE_SCENE_CELL_PX)
    level++;
  return level;
}

void
weftline_graph_scene_frame (WeftlineGraphScene *scene, const WeftlineViewport *viewport,
                            const WeftlineSceneFacts *facts, WeftlineSceneFrame *frame)
{
  WeftlineRect view = rect_of (viewport), wide = scene_with_margin (scene, &view);

  g_array_set_size (frame->tasks, 0);
  g_array_set_size (frame->cells, 0);
  g_array_set_size (frame->edges, 0);
  g_array_set_size (frame->points, 0);
  frame->viewport = *viewport;
  frame->n_tasks = scene->n_tasks;
  frame->n_visible = count_visible (scene, &view);
  frame->n_as_tasks = 0;
  frame->n_edges = 0;
  frame->is_waiting = is_waiting (scene, viewport);
  frame->mode = mode_of (scene, viewport, count_visible (scene, &wide));
  if (frame->mode == WEFTLINE_SCENE_TASKS)
    {
      gather (scene, &wide, facts, 0, gather_tasks, frame);
      frame->n_as_tasks = frame->n_visible;
      _weftline_scene_add_task_edges (scene, &view, facts, frame);
    }
  else if (frame->mode == WEFTLINE_SCENE_CELLS)
    {
      uint32_t level = level_for (viewport->scale);

      gather (scene, &view, facts, level, gather_cells, frame);
      _weftline_scene_add_cell_edges (scene, &view, level, facts, frame);
    }
  else
    {
      fit_size (scene->group_layout->width, scene->group_layout->height, viewport->width_px,
                viewport->height_px, MAX_GROUP_SCALE, &frame->viewport);
      frame->n_visible = scene->n_tasks;
      gather_groups (scene, facts, frame);
      _weftline_scene_add_group_edges (scene, frame);
    }
  _weftline_scene_limit_edges (frame);
}

/* ---- asking a frame -------------------------------------------------------------------------- */

static bool
hit_task (const WeftlineSceneFrame *frame, double x, double y, uint32_t *index)
{
  for (guint k = frame->tasks->len; k-- > 0;)
    {
      const WeftlineSceneTask *task = &g_array_index (frame->tasks, WeftlineSceneTask, k);

      if (fabs (x - (double) task->x) <= (double) task->width / 2
          && fabs (y - (double) task->y) <= (double) WEFTLINE_GRAPH_NODE_HEIGHT / 2)
        {
          *index = k;
          return true;
        }
    }
  return false;
}

bool
weftline_graph_scene_hit (const WeftlineSceneFrame *frame, double x_px, double y_px,
                          uint32_t *index)
{
  double x = frame->viewport.x + x_px / frame->viewport.scale;
  double y = frame->viewport.y + y_px / frame->viewport.scale;

  if (frame->mode == WEFTLINE_SCENE_TASKS)
    return hit_task (frame, x, y, index);
  for (guint k = 0; k < frame->cells->len; k++)
    {
      const WeftlineSceneCell *cell = &g_array_index (frame->cells, WeftlineSceneCell, k);
      bool is_group = frame->mode == WEFTLINE_SCENE_GROUPS;
      double left = (double) cell->x - (is_group ? (double) WEFTLINE_GRAPH_NODE_WIDTH / 2 : 0);
      double top = (double) cell->y - (is_group ? (double) WEFTLINE_GRAPH_NODE_HEIGHT / 2 : 0);
      double width = is_group ? (double) WEFTLINE_GRAPH_NODE_WIDTH : (double) cell->side;
      double height = is_group ? (double) WEFTLINE_GRAPH_NODE_HEIGHT : (double) cell->side;

      if (x >= left && x < left + width && y >= top && y < top + height)
        {
          *index = k;
          return true;
        }
    }
  return false;
}

char *
weftline_scene_frame_dup_summary (const WeftlineSceneFrame *frame)
{
  g_autofree char *all = weftline_format_count (frame->n_tasks);
  g_autofree char *cells = weftline_format_count (frame->cells->len);
  g_autofree char *visible = weftline_format_count (frame->n_visible);
  g_autofree char *shown = weftline_format_count (frame->n_as_tasks);
  g_autofree char *edges = weftline_format_count (frame->edges->len);
  g_autofree char *all_edges = weftline_format_count (frame->n_edges);

  if (frame->is_waiting)
    return g_strdup_printf (_ ("%s tasks shown as %s groups while they are laid out"), all, cells);
  if (frame->mode == WEFTLINE_SCENE_GROUPS)
    return g_strdup_printf (_ ("%s tasks shown as %s groups"), all, cells);
  if (frame->mode == WEFTLINE_SCENE_CELLS)
    return g_strdup_printf (_ ("%s of %s tasks in view, counted in %s cells"), visible, all, cells);
  if (frame->edges->len < frame->n_edges)
    return g_strdup_printf (_ ("%s of %s tasks shown, %s of %s edges"), shown, all, edges,
                            all_edges);
  return g_strdup_printf (_ ("%s of %s tasks shown"), shown, all);
}
