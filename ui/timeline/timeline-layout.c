/* timeline-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Lane by lane: what is in its pixels (timeline-walk.c), and the columns and rectangles of it.
 */
#include "config.h"

#include "timeline/timeline-walk-private.h"

WeftlineTimelineLayout *
weftline_timeline_layout_new (void)
{
  WeftlineTimelineLayout *layout = g_new0 (WeftlineTimelineLayout, 1);

  layout->rects = g_array_new (FALSE, FALSE, sizeof (WeftlineTimelineRect));
  layout->rect_lanes = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  return layout;
}

void
weftline_timeline_layout_free (WeftlineTimelineLayout *layout)
{
  if (layout == NULL)
    return;
  g_array_unref (layout->rects);
  g_array_unref (layout->rect_lanes);
  g_free (layout->work);
  g_free (layout);
}

WeftlineTimelineForm
weftline_timeline_form_of (const WeftSpan *span)
{
  switch (span->how >> 4)
    {
    case WEFT_OUTCOME_FAILED:
    case WEFT_OUTCOME_TIMED_OUT:
      return WEFTLINE_FORM_ERRED;
    case WEFT_OUTCOME_CANCELLED:
      return WEFTLINE_FORM_CANCELLED;
    case WEFT_OUTCOME_RETRIED:
      return WEFTLINE_FORM_RETRIED;
    case WEFT_OUTCOME_RUNNING:
      return WEFTLINE_FORM_RUNNING;
    default:
      return WEFTLINE_FORM_DONE;
    }
}

/* ---- from cells to columns and rectangles ---------------------------------------------------- */

/* 0: nothing; 1 … SHARE_STEPS: some; one more: all. A guess mended is several times faster than a
 * division. */
static uint8_t
share_of (const Walk *walk, int64_t busy_ns, int64_t ns)
{
  int64_t parts = busy_ns * SHARE_STEPS;
  int64_t step = (int64_t) ((double) parts * walk->per_ns);

  if (busy_ns <= 0)
    return 0;
  if (busy_ns >= ns)
    return 255;
  while (step * ns > parts)
    step--;
  while ((step + 1) * ns <= parts)
    step++;
  return (uint8_t) ((step + 1) * 255 / (SHARE_STEPS + 1));
}

static void
make_columns (const Walk *walk, WeftlineTimelineColumn *columns)
{
  const Wide *wides = (const Wide *) (const void *) walk->wides->data;

  for (int x = 0; x < walk->width; x++)
    {
      const Cell *cell = &walk->cells[x];

      columns[x] = (WeftlineTimelineColumn){
        .group = cell->group,
        .content = cell->content,
        .share = share_of (walk, cell->busy_ns, walk->edges[x + 1] - walk->edges[x]),
        .form = cell->owner != 0 ? wides[cell->owner - 1].form : WEFTLINE_FORM_FOLDED,
      };
    }
}

static void
add_rect (WeftlineTimelineLayout *layout, const Wide *wide, int x0, int x1,
          WeftlineTimelineColumn *columns)
{
  WeftlineTimelineRect rect = {
    .index = wide->index,
    .x0 = x0,
    .x1 = x1,
    .task = wide->task,
    .group = wide->group,
    .form = wide->form,
  };
  int scale = layout->view.scale;

  g_array_append_val (layout->rects, rect);
  if (x1 - x0 >= 4 * scale && x1 < layout->area_width && columns[x1].share > 0)
    for (int x = x1 - scale; x < x1; x++)
      columns[x].separator = 1;
}

static void
make_rects (WeftlineTimelineLayout *layout, const Walk *walk, WeftlineTimelineColumn *columns)
{
  const Wide *wides = (const Wide *) (const void *) walk->wides->data;

  for (int x = 0, x1; x < walk->width; x = x1)
    {
      uint32_t owner = walk->cells[x].owner;

      for (x1 = x + 1; x1 < walk->width && walk->cells[x1].owner == owner; x1++)
        ;
      if (owner != 0)
        add_rect (layout, &wides[owner - 1], x, x1, columns);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

int
weftline_timeline_max_scroll (const WeftlineTimelineView *view, unsigned n_lanes)
{
  int room = view->height - weftline_timeline_head (view) - weftline_timeline_axis (view);

  return MAX (0, (int) n_lanes * weftline_timeline_least_pitch (view) - MAX (room, 0));
}

static void
place_lanes (WeftlineTimelineLayout *layout)
{
  WeftlineTimelineView *view = &layout->view;
  int scale = view->scale, n = (int) layout->input.n_lanes, pitch, gap, first, last;

  layout->area_x = view->rtl ? 0 : view->gutter * scale;
  layout->area_y = weftline_timeline_head (view) * scale;
  layout->area_width = MAX (1, (view->width - view->gutter) * scale);
  layout->area_height = MAX (
      0, (view->height - weftline_timeline_head (view) - weftline_timeline_axis (view)) * scale);
  pitch = n > 0 ? layout->area_height / scale / n : WEFTLINE_TIMELINE_MAX_PITCH;
  pitch = CLAMP (pitch, weftline_timeline_least_pitch (view), WEFTLINE_TIMELINE_MAX_PITCH);
  gap = CLAMP (pitch / 7, 2, 10);
  layout->pitch = pitch * scale;
  layout->lane_height = (pitch - gap) * scale;
  view->scroll = CLAMP (view->scroll, 0, weftline_timeline_max_scroll (view, (unsigned) n));
  first = view->scroll / pitch;
  last = (view->scroll * scale + layout->area_height + layout->pitch - 1) / layout->pitch;
  last = MIN (last, n);
  layout->first_lane = (unsigned) MIN (first, last);
  layout->n_lanes = (unsigned) last - layout->first_lane;
}

/* Edges at t0 + (t1 - t0) × x / width, rounded down, without a division each. */
static void
place_edges (WeftlineTimelineLayout *layout)
{
  int64_t width = layout->area_width, span, whole, rest, error = 0;

  layout->view.t1_ns = MAX (layout->view.t1_ns, layout->view.t0_ns + width);
  span = layout->view.t1_ns - layout->view.t0_ns;
  whole = span / width;
  rest = span % width;
  layout->edges[0] = layout->view.t0_ns;
  for (int64_t x = 0; x < width; x++)
    {
      error += rest;
      layout->edges[x + 1] = layout->edges[x] + whole + (error >= width);
      error -= error >= width ? width : 0;
    }
}

/* Edges, columns, and one lane's cells with what is pending, in one piece, which grows. Returns:
 * the cells */
static Cell *
make_room (WeftlineTimelineLayout *layout)
{
  size_t width = (size_t) layout->area_width;
  size_t edges = (width + 1) * sizeof (int64_t);
  size_t cells = width * (sizeof (Cell) + sizeof (Pending));
  size_t columns = layout->n_lanes * width * sizeof (WeftlineTimelineColumn);

  if (layout->work_bytes < edges + cells + columns)
    {
      g_free (layout->work);
      layout->work_bytes = edges + cells + columns;
      layout->work = g_malloc (layout->work_bytes);
    }
  layout->edges = layout->work;
  layout->columns = (void *) ((char *) layout->work + edges + cells);
  return (void *) ((char *) layout->work + edges);
}

void
weftline_timeline_layout_run (WeftlineTimelineLayout *layout, const WeftlineTimelineInput *input,
                              const WeftlineTimelineView *view)
{
  OpenedList opened[2] = { 0 };
  Walk walk = { .opened = { &opened[0], &opened[1] } };

  layout->input = *input;
  layout->view = *view;
  place_lanes (layout);
  walk.cells = make_room (layout);
  walk.pending = (Pending *) (void *) (walk.cells + layout->area_width);
  place_edges (layout);
  g_array_set_size (layout->rects, 0);
  g_array_set_size (layout->rect_lanes, 0);
  walk.wides = g_array_new (FALSE, FALSE, sizeof (Wide));
  walk.edges = layout->edges;
  walk.width = layout->area_width;
  walk.now_form = input->interrupted ? WEFTLINE_FORM_CANCELLED : WEFTLINE_FORM_RUNNING;
  walk.t0 = layout->view.t0_ns;
  walk.t1 = layout->view.t1_ns;
  walk.per_ns = (double) walk.width / (double) (walk.t1 - walk.t0);
  walk.pixel_ns = (walk.t1 - walk.t0 + walk.width - 1) / walk.width;
  for (unsigned i = 0; i < layout->n_lanes; i++)
    {
      WeftlineTimelineColumn *columns = layout->columns + (size_t) i * (size_t) walk.width;

      g_array_append_val (layout->rect_lanes, layout->rects->len);
      _weftline_timeline_walk_lane (&walk, &input->lanes[layout->first_lane + i], input->now_ns);
      make_columns (&walk, columns);
      make_rects (layout, &walk, columns);
    }
  g_array_append_val (layout->rect_lanes, layout->rects->len);
  layout->n_tasks = walk.n_tasks;
  layout->n_visits = walk.n_visits;
  g_array_unref (walk.wides);
  for (unsigned i = 0; i < 2; i++)
    g_free (opened[i].nodes);
}

int
weftline_timeline_x (const WeftlineTimelineLayout *layout, int64_t at_ns)
{
  Walk walk = {
    .edges = layout->edges,
    .t0 = layout->view.t0_ns,
    .width = layout->area_width,
    .per_ns = (double) layout->area_width / (double) (layout->view.t1_ns - layout->view.t0_ns),
  };

  if (at_ns < layout->view.t0_ns)
    return -1;
  if (at_ns >= layout->view.t1_ns)
    return layout->area_width;
  return find_pixel (&walk, at_ns);
}
