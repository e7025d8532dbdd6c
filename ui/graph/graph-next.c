/* graph-next.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/graph-next.h"

#include <math.h>

#define ASIDE 3.0        /* what lies aside is so much farther */
#define INSIDE_SHARE 0.1 /* of the viewport, at each side */

static uint32_t
n_things (const WeftlineSceneFrame *frame)
{
  if (frame->mode == WEFTLINE_SCENE_CELLS)
    return 0;
  return frame->mode == WEFTLINE_SCENE_GROUPS ? frame->cells->len : frame->tasks->len;
}

static WeftlineSceneNext
thing (const WeftlineSceneFrame *frame, uint32_t index)
{
  if (frame->mode == WEFTLINE_SCENE_GROUPS)
    {
      const WeftlineSceneCell *group = &g_array_index (frame->cells, WeftlineSceneCell, index);

      return (WeftlineSceneNext){ group->group, group->x, group->y };
    }
  const WeftlineSceneTask *task = &g_array_index (frame->tasks, WeftlineSceneTask, index);
  return (WeftlineSceneNext){ task->task, task->x, task->y };
}

/* Returns: FALSE: it is not in the frame, and @start is what the frame shows in its middle */
static bool
find_start (const WeftlineSceneFrame *frame, uint32_t from, WeftlineSceneNext *start)
{
  const WeftlineViewport *view = &frame->viewport;

  for (uint32_t i = 0; i < n_things (frame); i++)
    {
      *start = thing (frame, i);
      if (start->number == from)
        return true;
    }
  start->x = (float) (view->x + view->width_px / view->scale / 2);
  start->y = (float) (view->y + view->height_px / view->scale / 2);
  return false;
}

/* INFINITY: it does not lie on that side. */
static double
distance (const WeftlineSceneNext *start, const WeftlineSceneNext *to, int right, int down)
{
  double dx = (double) to->x - (double) start->x, dy = (double) to->y - (double) start->y;
  double ahead = dx * right + dy * down, aside = fabs (right != 0 ? dy : dx);

  return ahead > 1e-3 ? ahead + ASIDE * aside : (double) INFINITY;
}

bool
weftline_graph_scene_next (const WeftlineSceneFrame *frame, uint32_t from, int right, int down,
                           WeftlineSceneNext *next)
{
  double nearest = (double) INFINITY;
  WeftlineSceneNext start;
  bool is_there = find_start (frame, from, &start);

  for (uint32_t i = 0; i < n_things (frame); i++)
    {
      WeftlineSceneNext other = thing (frame, i);
      double far = is_there ? distance (&start, &other, right, down)
                            : hypot ((double) (other.x - start.x), (double) (other.y - start.y));

      if (far < nearest)
        {
          nearest = far;
          *next = other;
        }
    }
  return !isinf (nearest);
}

bool
weftline_viewport_reveal (WeftlineViewport *viewport, double x, double y)
{
  double width = viewport->width_px / viewport->scale,
         height = viewport->height_px / viewport->scale;
  double left = CLAMP (viewport->x, x - width * (1 - INSIDE_SHARE), x - width * INSIDE_SHARE);
  double top = CLAMP (viewport->y, y - height * (1 - INSIDE_SHARE), y - height * INSIDE_SHARE);
  bool moves = left != viewport->x || top != viewport->y;

  viewport->x = left;
  viewport->y = top;
  return moves;
}
