/* timeline-paint.c: data of the task stream, pixel by pixel
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * All lines of a lane but those that are hatched are copies of five: so a column's colour is worked
 * out once, however high its lane is.
 */
#include "config.h"

#include "canvas/state-form.h"
#include "timeline/timeline-paint-private.h"
#include "timeline/timeline-pair.h"

#include <stdatomic.h>

/* What is at least seen of a pixel that was hardly busy. Of 256. */
#define LEAST_STRENGTH 72
#define LAID_ON 102 /* Dask's α of 0.4 */
#define THIN_STEP 6
#define STEPPED_BACK 72 /* of groups beside the one that stands out */

WeftlineTimelinePaint *
weftline_timeline_paint_new (void)
{
  WeftlineTimelinePaint *paint = g_new0 (WeftlineTimelinePaint, 1);

  paint->colors = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  paint->pixel_rows = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  for (unsigned i = 0; i < G_N_ELEMENTS (paint->lanes); i++)
    {
      paint->lanes[i].hatches = g_array_new (FALSE, FALSE, sizeof (Hatch));
      paint->lanes[i].strikes = g_array_new (FALSE, FALSE, sizeof (Strike));
    }
  return paint;
}

void
weftline_timeline_paint_free (WeftlineTimelinePaint *paint)
{
  if (paint == NULL)
    return;
  weftline_pixels_clear (&paint->pixels);
  weftline_text_cache_free (paint->texts);
  g_free (paint->font);
  g_array_unref (paint->colors);
  g_array_unref (paint->pixel_rows);
  for (unsigned i = 0; i < G_N_ELEMENTS (paint->lanes); i++)
    {
      g_array_unref (paint->lanes[i].hatches);
      g_array_unref (paint->lanes[i].strikes);
    }
  g_free (paint);
}

static void
use_texts (WeftlineTimelinePaint *paint, const char *font, int scale)
{
  if (paint->texts != NULL && paint->scale == scale && g_str_equal (paint->font, font))
    return;
  weftline_text_cache_free (paint->texts);
  g_free (paint->font);
  paint->texts = weftline_text_cache_new (font, scale);
  paint->font = g_strdup (font);
  paint->scale = scale;
}

int
weftline_timeline_paint_gutter (WeftlineTimelinePaint *paint, const WeftlineTimelineInput *input,
                                const WeftlineTimelineLook *look, int scale)
{
  int widest = 40, width, height;

  use_texts (paint, look->font, scale);
  for (unsigned i = 0; i < input->n_lanes; i++)
    {
      weftline_text_size (paint->texts, input->lanes[i].name, WEFTLINE_TEXT_NORMAL, &width,
                          &height);
      widest = MAX (widest, width);
    }
  return MIN (widest, 180) + 20;
}

int
weftline_timeline_paint_line (const WeftlineTimelinePaint *paint)
{
  return paint->texts != NULL ? weftline_text_height (paint->texts, WEFTLINE_TEXT_SMALL) : 0;
}

/* ---- colours --------------------------------------------------------------------------------- */

uint32_t
_weftline_timeline_paint_group_color (const WeftlineTimelinePaint *paint,
                                      const WeftlinePalette *palette, uint16_t group)
{
  return group < paint->colors->len ? g_array_index (paint->colors, uint32_t, group)
                                    : palette->slots[WEFTLINE_SLOT_OTHER];
}

static void
make_group_colors (WeftlineTimelinePaint *paint, const WeftlineTimelineInput *input,
                   const WeftlineTimelineLook *look)
{
  g_array_set_size (paint->colors, input->n_groups);
  for (unsigned i = 0; i < input->n_groups; i++)
    {
      uint32_t color =
          weftline_palette_group (look->palette, input->groups[i].name, input->groups[i].slot);

      if (look->has_group && look->group != i)
        color = weftline_blend (look->palette->card, color, STEPPED_BACK);
      g_array_index (paint->colors, uint32_t, i) = color;
    }
}

static void
make_rows (WeftlineTimelinePaint *paint, const WeftlineTimelineLayout *layout,
           const WeftlinePalette *palette)
{
  unsigned width = (unsigned) (layout->area_width + layout->view.gutter * layout->view.scale);
  unsigned n_rows = N_ROWS * G_N_ELEMENTS (paint->lanes);
  uint32_t *rows;

  g_array_set_size (paint->pixel_rows, width * (n_rows + 2));
  rows = (uint32_t *) (void *) paint->pixel_rows->data;
  for (unsigned i = 0; i < width * (n_rows + 2); i++)
    rows[i] = palette->card;
  for (unsigned i = 0; i < n_rows; i++)
    paint->lanes[i / N_ROWS].rows[i % N_ROWS] = rows + i * width;
  paint->background = rows + n_rows * width;
  paint->track = paint->background + width;
  for (int x = 0; x < layout->area_width; x++)
    paint->track[layout->area_x + x] = palette->track;
  for (unsigned i = 0; i < paint->axis.n_ticks; i++)
    for (int part = 0; part < layout->view.scale; part++)
      {
        int x = (int) paint->axis.ticks[i].x + part;

        if (x >= layout->area_width)
          continue;
        x = _weftline_timeline_paint_x (layout, x);
        paint->background[x] = palette->grid;
        paint->track[x] = palette->grid;
      }
}

void
_weftline_timeline_paint_prepare (WeftlineTimelinePaint *paint,
                                  const WeftlineTimelineLayout *layout,
                                  const WeftlineTimelineLook *look)
{
  int width, height, scale = layout->view.scale;

  use_texts (paint, look->font, scale);
  weftline_text_size (paint->texts, "0", WEFTLINE_TEXT_SMALL, &width, &height);
  weftline_time_scale (&paint->axis, layout->view.t0_ns, layout->view.t1_ns, layout->area_width,
                       width * scale, look->time_form, look->wall_ns);
  if (layout->input.n_lanes == 0)
    paint->axis.n_ticks = 0;
  make_group_colors (paint, &layout->input, look);
  make_rows (paint, layout, look->palette);
}

static uint32_t
idle_color (const WeftlinePalette *palette, uint16_t content, uint32_t track)
{
  if (content & WEFT_SPANS_HAS_SPILL)
    return weftline_blend (track, palette->spill, LAID_ON);
  if (content & WEFT_SPANS_HAS_TRANSFER)
    return weftline_blend (track, palette->transfer, LAID_ON);
  if (content & WEFT_SPANS_HAS_PHASE)
    return weftline_blend (track, palette->phase, LAID_ON);
  if ((content & (WEFT_SPANS_HAS_PARKED | WEFT_SPANS_HAS_PAUSE)) == WEFT_SPANS_HAS_PARKED)
    return track == palette->track ? palette->idle : track;
  return track;
}

static uint32_t
busy_color (const WeftlinePalette *palette, const WeftlineTimelineColumn *column, uint32_t group,
            uint32_t track)
{
  uint32_t strength = LEAST_STRENGTH + column->share * (256u - LEAST_STRENGTH) / 255;

  if (column->form == WEFTLINE_FORM_ERRED)
    group = palette->error;
  else if (column->form == WEFTLINE_FORM_RUNNING || column->form == WEFTLINE_FORM_CANCELLED)
    strength = strength * 100 / 256;
  if (column->separator)
    strength = strength * 70 / 256;
  return weftline_blend (track, group, strength);
}

static void
set_column (LaneLook *into, const WeftlinePalette *palette, const WeftlineTimelineColumn *column,
            uint32_t group, uint32_t track, int x)
{
  uint16_t content = column->content;
  bool marked = column->form != WEFTLINE_FORM_ERRED && column->form != WEFTLINE_FORM_CANCELLED;
  uint32_t color = column->share == 0 ? idle_color (palette, content, track)
                                      : busy_color (palette, column, group, track);
  uint32_t upper = color, upper_gap = color, lower = color, lower_gap = color;

  if (content & WEFT_SPANS_HAS_ERROR && marked)
    upper = upper_gap = palette->error;
  else if (content & WEFT_SPANS_HAS_RETRY)
    upper = palette->error;
  if (content & WEFT_SPANS_HAS_SPILL)
    lower = lower_gap = palette->spill;
  else if (content & WEFT_SPANS_HAS_TRANSFER)
    lower = palette->transfer;
  into->rows[ROW_UPPER][x] = upper;
  into->rows[ROW_UPPER_GAP][x] = upper_gap;
  into->rows[ROW_MIDDLE][x] = color;
  into->rows[ROW_LOWER][x] = lower;
  into->rows[ROW_LOWER_GAP][x] = lower_gap;
}

static void
add_hatch (LaneLook *into, int x, uint32_t color, bool thin)
{
  Hatch *last =
      into->hatches->len > 0 ? &g_array_index (into->hatches, Hatch, into->hatches->len - 1) : NULL;
  Hatch hatch = { x, x + 1, color, thin };

  if (last != NULL && last->color == color && last->thin == thin && last->x1 == x)
    last->x1++;
  else
    g_array_append_val (into->hatches, hatch);
}

static void
add_strike (LaneLook *into, int x, uint32_t color)
{
  Strike strike = { x, x + 1, color };

  g_array_append_val (into->strikes, strike);
}

void
_weftline_timeline_paint_lane_colors (const WeftlineTimelinePaint *paint, LaneLook *into,
                                      const WeftlineTimelineLayout *layout,
                                      const WeftlineTimelineLook *look, unsigned lane)
{
  const WeftlineTimelineColumn *columns = weftline_timeline_columns (layout, lane);
  const WeftlinePalette *palette = look->palette;

  g_array_set_size (into->hatches, 0);
  g_array_set_size (into->strikes, 0);
  for (int column = 0; column < layout->area_width; column++)
    {
      const WeftlineTimelineColumn *at = &columns[column];
      int x = _weftline_timeline_paint_x (layout, column);
      uint32_t group = _weftline_timeline_paint_group_color (paint, palette, at->group);

      set_column (into, palette, at, group, paint->track[x], x);
      if (at->separator)
        continue;
      if (at->form == WEFTLINE_FORM_RUNNING)
        add_hatch (into, x, group, false);
      else if (at->form == WEFTLINE_FORM_CANCELLED)
        add_strike (into, x, group);
      else if (at->share == 0 && at->content & WEFT_SPANS_HAS_PAUSE)
        add_hatch (into, x, palette->pause, true);
    }
}

/* ---- lanes ----------------------------------------------------------------------------------- */

RowKind
_weftline_timeline_paint_row_kind (int y, int lane_height, int scale)
{
  int edge = MAX (3 * scale, lane_height / 6);

  if (y < edge)
    return y / scale % 3 == 0 ? ROW_UPPER : ROW_UPPER_GAP;
  if (y >= lane_height - edge)
    return (lane_height - 1 - y) / scale % 3 == 0 ? ROW_LOWER : ROW_LOWER_GAP;
  return ROW_MIDDLE;
}

bool
_weftline_timeline_paint_is_hatched (const Hatch *hatch, int x, int y, int scale)
{
  if (hatch->thin)
    return (x + y) / scale % THIN_STEP == 0;
  return weftline_is_hatched (x, y, scale);
}

int
_weftline_timeline_paint_strike_y (int lane_height, int scale)
{
  return lane_height / 2 - scale;
}

/* Lines of a lane that are in the area: [first, last). */
static void
visible_lines (const WeftlineTimelineLayout *layout, unsigned lane, int *first, int *last)
{
  int y = weftline_timeline_lane_y (layout, lane);

  *first = MAX (0, layout->area_y - y);
  *last = MIN (layout->lane_height, layout->area_y + layout->area_height - y);
}

static void
hatch_lines (WeftlineTimelinePaint *paint, const LaneLook *lane,
             const WeftlineTimelineLayout *layout, int y, int first, int last)
{
  const Hatch *hatches = (const Hatch *) (const void *) lane->hatches->data;
  int scale = layout->view.scale;

  for (int line = first; line < last; line++)
    {
      uint32_t *pixels = weftline_pixels_row (&paint->pixels, y + line);

      for (unsigned i = 0; i < lane->hatches->len; i++)
        for (int x = hatches[i].x0; x < hatches[i].x1; x++)
          if (_weftline_timeline_paint_is_hatched (&hatches[i], x, y + line, scale))
            pixels[x] = hatches[i].color;
    }
}

static void
strike_lines (WeftlineTimelinePaint *paint, const LaneLook *lane,
              const WeftlineTimelineLayout *layout, int y)
{
  const Strike *strikes = (const Strike *) (const void *) lane->strikes->data;
  int scale = layout->view.scale;
  int at = y + _weftline_timeline_paint_strike_y (layout->lane_height, scale);

  for (int line = MAX (at, layout->area_y);
       line < MIN (at + 2 * scale, layout->area_y + layout->area_height); line++)
    for (unsigned i = 0; i < lane->strikes->len; i++)
      weftline_pixels_row (&paint->pixels, line)[strikes[i].x0] = strikes[i].color;
}

static void
paint_lane (WeftlineTimelinePaint *paint, LaneLook *into, const WeftlineTimelineLayout *layout,
            const WeftlineTimelineLook *look, unsigned lane)
{
  int y = weftline_timeline_lane_y (layout, lane), first, last;

  visible_lines (layout, lane, &first, &last);
  if (first >= last)
    return;
  _weftline_timeline_paint_lane_colors (paint, into, layout, look, lane);
  for (int line = first; line < last; line++)
    {
      RowKind kind =
          _weftline_timeline_paint_row_kind (line, layout->lane_height, layout->view.scale);

      weftline_pixels_set_row (&paint->pixels, y + line, into->rows[kind]);
    }
  hatch_lines (paint, into, layout, y, first, last);
  strike_lines (paint, into, layout, y);
}

/* ---- the picture ----------------------------------------------------------------------------- */

static void
fill_lines (WeftlineTimelinePaint *paint, int first, int last, const uint32_t *line)
{
  for (int y = MAX (first, 0); y < MIN (last, paint->pixels.height); y++)
    weftline_pixels_set_row (&paint->pixels, y, line);
}

/* All that is no lane: each pixel is written once. */
static void
paint_ground (WeftlineTimelinePaint *paint, const WeftlineTimelineLayout *layout,
              const WeftlinePalette *palette)
{
  int bottom = layout->area_y + layout->area_height, y = layout->area_y;
  uint32_t *ground = paint->lanes[0].rows[0];

  for (int x = 0; x < paint->pixels.width; x++)
    ground[x] = palette->card;
  fill_lines (paint, 0, layout->area_y, ground);
  fill_lines (paint, bottom, paint->pixels.height, ground);
  for (unsigned i = 0; i < layout->n_lanes; i++)
    {
      int top = weftline_timeline_lane_y (layout, layout->first_lane + i);

      fill_lines (paint, y, MIN (top, bottom), paint->background);
      y = MAX (y, top + layout->lane_height);
    }
  fill_lines (paint, y, bottom, paint->background);
}

/* From when the worker went, or the last thing it did, to the end. */
static void
cross_out (cairo_t *cr, const WeftlineTimelineLayout *layout, const WeftlinePalette *palette,
           unsigned lane)
{
  const WeftlineTimelineLane *info = &layout->input.lanes[lane];
  double scale = layout->view.scale, y = weftline_timeline_lane_y (layout, lane) / scale;
  double height = layout->lane_height / scale, x0, x1;
  int64_t from_ns = info->gone_ns;
  int first;

  if (info->spans != NULL && info->n > 0)
    from_ns = MAX (from_ns, weft_spans_get (info->spans, info->n - 1)->end_ns);
  first = weftline_timeline_x (layout, from_ns);
  first = CLAMP (first, 0, layout->area_width);
  x0 = (layout->area_x + first) / scale;
  x1 = x0 + (layout->area_width - first) / scale;
  weftline_set_color (cr, palette->dim, 1);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x0, y + 0.5);
  cairo_line_to (cr, x1, y + height - 0.5);
  cairo_move_to (cr, x0, y + height - 0.5);
  cairo_line_to (cr, x1, y + 0.5);
  cairo_stroke (cr);
}

void
_weftline_timeline_paint_cross_out (cairo_t *cr, const WeftlineTimelineLayout *layout,
                                    const WeftlinePalette *palette)
{
  double scale = layout->view.scale;

  cairo_save (cr);
  cairo_rectangle (cr, layout->area_x / scale, layout->area_y / scale, layout->area_width / scale,
                   layout->area_height / scale);
  cairo_clip (cr);
  for (unsigned i = layout->first_lane; i < layout->first_lane + layout->n_lanes; i++)
    if (layout->input.lanes[i].gone)
      cross_out (cr, layout, palette, i);
  cairo_restore (cr);
}

static void
cross_out_pixels (WeftlineTimelinePaint *paint, const WeftlineTimelineLayout *layout,
                  const WeftlinePalette *palette)
{
  cairo_t *cr = cairo_create (paint->pixels.surface);

  _weftline_timeline_paint_cross_out (cr, layout, palette);
  cairo_destroy (cr);
}

static void
blit_text_cb (WeftlineTimelinePaint *paint, const PlacedText *text, void *data)
{
  if (text->plate != WEFT_NONE)
    weftline_pixels_fill (&paint->pixels, text->x - 2 * paint->scale, text->y,
                          text->plate_width + 4 * paint->scale, text->plate_height, text->plate);
  weftline_text_blit (paint->texts, &paint->pixels, text->text, text->style, text->x, text->y,
                      text->color);
}

typedef struct
{
  WeftlineTimelinePaint *paint;
  const WeftlineTimelineLayout *layout;
  const WeftlineTimelineLook *look;
  _Atomic unsigned next;
} Painting;

/* The ground by the caller, while the other thread wakes; lanes until none is left. */
static void
paint_some (void *data, unsigned which)
{
  Painting *painting = data;
  const WeftlineTimelineLayout *layout = painting->layout;
  unsigned i;

  if (which == 0)
    paint_ground (painting->paint, layout, painting->look->palette);
  while ((i = atomic_fetch_add_explicit (&painting->next, 1, memory_order_relaxed))
         < layout->n_lanes)
    paint_lane (painting->paint, &painting->paint->lanes[which], layout, painting->look,
                layout->first_lane + i);
}

/* By two threads where there was so much to lay out that two did. */
static void
paint_pixels (WeftlineTimelinePaint *paint, const WeftlineTimelineLayout *layout,
              const WeftlineTimelineLook *look)
{
  Painting painting = { paint, layout, look, 0 };

  if (layout->is_helped)
    _weftline_pair_run (layout->helper, paint_some, &painting);
  else
    paint_some (&painting, 0);
}

void
weftline_timeline_paint_data (WeftlineTimelinePaint *paint, const WeftlineTimelineLayout *layout,
                              const WeftlineTimelineLook *look)
{
  const WeftlineTimelineView *view = &layout->view;
  int width = layout->area_width + view->gutter * view->scale;

  _weftline_timeline_paint_prepare (paint, layout, look);
  weftline_pixels_resize (&paint->pixels, width, MAX (1, view->height * view->scale), view->scale);
  weftline_pixels_turn (&paint->pixels, look->is_live);
  weftline_pixels_begin (&paint->pixels);
  paint_pixels (paint, layout, look);
  weftline_pixels_end (&paint->pixels);
  cross_out_pixels (paint, layout, look->palette);
  weftline_pixels_begin (&paint->pixels);
  _weftline_timeline_paint_foreach_text (paint, layout, look, blit_text_cb, NULL);
  weftline_pixels_end (&paint->pixels);
  weftline_text_cache_turn (paint->texts);
}

void
weftline_timeline_paint_show (const WeftlineTimelinePaint *paint, cairo_t *cr)
{
  weftline_pixels_paint (&paint->pixels, cr);
}

const WeftlinePixels *
weftline_timeline_paint_pixels (const WeftlineTimelinePaint *paint)
{
  return &paint->pixels;
}

bool
weftline_timeline_paint_is_unfinished (const WeftlineTimelinePaint *paint)
{
  return paint->unfinished;
}
