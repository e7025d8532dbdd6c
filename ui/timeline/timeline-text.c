/* timeline-text.c: where the task stream has text
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Names of lanes, labels in spans where they fit whole, the axis, the head. Once for both ways of
 * drawing. A view that shows many tasks for the first time has many keys to lay out: beyond a bound
 * spans get their group's name, and the keys in the next pictures.
 */
#include "config.h"

#include "timeline/timeline-paint-private.h"

typedef struct
{
  WeftlineTimelinePaint *paint;
  const WeftlineTimelineLayout *layout;
  const WeftlineTimelineLook *look;
  PlacedTextFunc func;
  void *data;
  int scale;
} Texts;

/* x, y, width: device pixels */
static void
put (const Texts *texts, const char *text, WeftlineTextStyle style, int x, int y, uint32_t color)
{
  PlacedText placed = { text, style, x, y, color, WEFT_NONE, 0, 0 };

  texts->func (texts->paint, &placed, texts->data);
}

static bool
is_in_area (const WeftlineTimelineLayout *layout, int y, int height)
{
  return y >= layout->area_y && y + height <= layout->area_y + layout->area_height;
}

static void
put_lane_name (const Texts *texts, unsigned lane)
{
  const WeftlineTimelineLayout *layout = texts->layout;
  const WeftlineTimelineLane *info = &layout->input.lanes[lane];
  const WeftlinePalette *palette = texts->look->palette;
  int room = layout->view.gutter - 20, width, height, x, y;
  WeftlineTextStyle style =
      layout->lane_height < weftline_timeline_least_pitch (&layout->view) * texts->scale
          ? WEFTLINE_TEXT_SMALL
          : WEFTLINE_TEXT_NORMAL;
  g_autofree char *name = weftline_text_fit_middle (texts->paint->texts, info->name, style, room);

  weftline_text_size (texts->paint->texts, name, style, &width, &height);
  y = weftline_timeline_lane_y (layout, lane) + (layout->lane_height - height * texts->scale) / 2;
  x = layout->view.rtl ? layout->area_width + (layout->view.gutter - 8 - width) * texts->scale
                       : 8 * texts->scale;
  if (is_in_area (layout, y, height * texts->scale))
    put (texts, name, style, x, y, info->gone ? palette->dim : palette->text);
}

/* (nullable) */
static const char *
group_of (const Texts *texts, const WeftlineTimelineRect *rect)
{
  const WeftlineTimelineInput *input = &texts->layout->input;

  return rect->group < input->n_groups ? input->groups[rect->group].name : NULL;
}

/* (nullable) */
static const char *
label_of (const Texts *texts, const WeftlineTimelineRect *rect)
{
  const WeftlineTimelineLook *look = texts->look;
  uint64_t n_new = weftline_text_cache_n_made (texts->paint->texts) - texts->paint->n_texts_before;
  const char *key = NULL;

  if (look->labels == WEFTLINE_LABELS_KEY && look->key != NULL && n_new < MAX_NEW_TEXTS)
    key = look->key (look->key_data, rect->task);
  else if (look->labels == WEFTLINE_LABELS_KEY && look->key != NULL)
    texts->paint->unfinished = true;
  return key != NULL ? key : group_of (texts, rect);
}

static uint32_t
label_color (const WeftlinePalette *palette, const WeftlineTimelineRect *rect, uint32_t color)
{
  if (rect->form == WEFTLINE_FORM_ERRED)
    return weftline_text_on (palette->error);
  if (rect->form == WEFTLINE_FORM_CANCELLED)
    return palette->text;
  return weftline_text_on (color);
}

static void
put_label (const Texts *texts, unsigned lane, const WeftlineTimelineRect *rect)
{
  const WeftlineTimelineLayout *layout = texts->layout;
  const WeftlinePalette *palette = texts->look->palette;
  int room = (rect->x1 - rect->x0) / texts->scale - 2 * LABEL_PAD - 1, width, height;
  uint32_t color = _weftline_timeline_paint_group_color (texts->paint, palette, rect->group);
  PlacedText placed = { .style = WEFTLINE_TEXT_SMALL, .plate = WEFT_NONE };

  if (room < 8 || (placed.text = label_of (texts, rect)) == NULL)
    return;
  weftline_text_size (texts->paint->texts, placed.text, placed.style, &width, &height);
  if (width > room && texts->look->labels == WEFTLINE_LABELS_KEY)
    {
      if ((placed.text = group_of (texts, rect)) == NULL)
        return;
      weftline_text_size (texts->paint->texts, placed.text, placed.style, &width, &height);
    }
  placed.plate_width = width * texts->scale;
  placed.plate_height = height * texts->scale;
  placed.y =
      weftline_timeline_lane_y (layout, lane) + (layout->lane_height - placed.plate_height) / 2;
  if (width > room || placed.plate_height > layout->lane_height
      || !is_in_area (layout, placed.y, placed.plate_height))
    return;
  placed.x = _weftline_timeline_paint_x (layout, rect->x0) + LABEL_PAD * texts->scale;
  placed.color = label_color (palette, rect, color);
  if (rect->form == WEFTLINE_FORM_RUNNING)
    placed.plate = color;
  else if (rect->form == WEFTLINE_FORM_CANCELLED)
    placed.plate = weftline_blend (palette->track, color, 100);
  texts->func (texts->paint, &placed, texts->data);
}

static void
put_labels (const Texts *texts, unsigned lane)
{
  unsigned n;
  const WeftlineTimelineRect *rects = weftline_timeline_rects (texts->layout, lane, &n);

  if (texts->look->labels == WEFTLINE_LABELS_NONE)
    return;
  for (unsigned i = 0; i < n; i++)
    put_label (texts, lane, &rects[i]);
}

bool
_weftline_timeline_paint_now_label (WeftlineTimelinePaint *paint,
                                    const WeftlineTimelineLayout *layout,
                                    const WeftlineTimelineLook *look, int *x, int *width)
{
  int column = weftline_timeline_x (layout, layout->input.now_ns);
  int scale = layout->view.scale, text_width, height;

  if (look->now_text == NULL || layout->input.n_lanes == 0 || layout->input.interrupted
      || column < 0 || column >= layout->area_width)
    return false;
  weftline_text_size (paint->texts, look->now_text, WEFTLINE_TEXT_SMALL, &text_width, &height);
  *width = text_width * scale;
  *x = _weftline_timeline_paint_x (layout, column) - *width / 2;
  *x = CLAMP (*x, layout->area_x, layout->area_x + layout->area_width - *width);
  return true;
}

/* Labels stand under their line, where they fit into the view whole. */
static void
put_axis (const Texts *texts)
{
  const WeftlineTimelineLayout *layout = texts->layout;
  const WeftlineTimeScale *axis = &texts->paint->axis;
  int y = layout->area_y + layout->area_height + 4 * texts->scale;
  int whole = layout->area_width + layout->view.gutter * texts->scale;
  int now_x = 0, now_width = 0, gap = 6 * texts->scale;
  bool has_now =
      _weftline_timeline_paint_now_label (texts->paint, layout, texts->look, &now_x, &now_width);

  for (unsigned i = 0; i < axis->n_ticks; i++)
    {
      int width, height, x = (int) axis->ticks[i].x;

      if (x >= layout->area_width)
        continue;
      weftline_text_size (texts->paint->texts, axis->ticks[i].label, WEFTLINE_TEXT_SMALL, &width,
                          &height);
      width *= texts->scale;
      x = _weftline_timeline_paint_x (layout, x) - width / 2;
      if (has_now && x < now_x + now_width + gap && x + width + gap > now_x)
        continue;
      if (x >= 0 && x + width <= whole)
        put (texts, axis->ticks[i].label, WEFTLINE_TEXT_SMALL, x, y, texts->look->palette->dim);
    }
}

static void
put_head (const Texts *texts)
{
  const WeftlineTimelineLayout *layout = texts->layout;
  const char *base = texts->paint->axis.base, *status = texts->look->status;
  bool rtl = layout->view.rtl;
  int right = layout->area_x + layout->area_width, y = 4 * texts->scale, width, height;

  if (layout->input.n_lanes > 0 && base[0] != '\0')
    {
      weftline_text_size (texts->paint->texts, base, WEFTLINE_TEXT_SMALL, &width, &height);
      put (texts, base, WEFTLINE_TEXT_SMALL, rtl ? right - width * texts->scale : layout->area_x, y,
           texts->look->palette->dim);
    }
  if (status == NULL)
    return;
  weftline_text_size (texts->paint->texts, status, WEFTLINE_TEXT_SMALL, &width, &height);
  put (texts, status, WEFTLINE_TEXT_SMALL,
       rtl ? layout->area_x + 8 * texts->scale : right - (width + 8) * texts->scale, y,
       texts->look->palette->dim);
}

static void
put_centred (const Texts *texts, const char *text, WeftlineTextStyle style, int y, uint32_t color)
{
  int width, height;

  if (text == NULL)
    return;
  weftline_text_size (texts->paint->texts, text, style, &width, &height);
  put (texts, text, style, (texts->layout->view.width - width) / 2 * texts->scale, y, color);
}

static void
put_empty (const Texts *texts)
{
  const WeftlineTimelineLook *look = texts->look;
  int line = weftline_text_height (texts->paint->texts, WEFTLINE_TEXT_BOLD) * texts->scale;
  int y = (texts->layout->view.height * texts->scale - 3 * line) / 2;

  put_centred (texts, look->empty_title, WEFTLINE_TEXT_BOLD, y, look->palette->text);
  put_centred (texts, look->empty_text, WEFTLINE_TEXT_NORMAL, y + line * 3 / 2, look->palette->dim);
}

void
_weftline_timeline_paint_foreach_text (WeftlineTimelinePaint *paint,
                                       const WeftlineTimelineLayout *layout,
                                       const WeftlineTimelineLook *look, PlacedTextFunc func,
                                       void *data)
{
  Texts texts = { paint, layout, look, func, data, layout->view.scale };

  paint->unfinished = false;
  paint->n_texts_before = weftline_text_cache_n_made (paint->texts);
  if (layout->input.n_lanes == 0)
    put_empty (&texts);
  for (unsigned i = layout->first_lane; i < layout->first_lane + layout->n_lanes; i++)
    {
      put_lane_name (&texts, i);
      put_labels (&texts, i);
    }
  put_axis (&texts);
  put_head (&texts);
}
