/* graph-labels.c: the text of a frame: tasks' keys, groups, the legend
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Text is what costs most, so there are only so many labels, and none where a box has no room.
 */
#include "config.h"

#include "graph/graph-paint-private.h"

#include "canvas/reading.h"
#include "canvas/shown-text.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define PADDING 4.0

#define MAX_TEXTS 2000

struct _WeftlineGraphTexts
{
  GHashTable *layouts; /* room and text → PangoLayout */
};

WeftlineGraphTexts *
weftline_graph_texts_new (void)
{
  WeftlineGraphTexts *texts = g_new0 (WeftlineGraphTexts, 1);

  texts->layouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return texts;
}

void
weftline_graph_texts_free (WeftlineGraphTexts *texts)
{
  if (texts == NULL)
    return;
  g_hash_table_unref (texts->layouts);
  g_free (texts);
}

typedef WeftlineGraphWriter Writer;

static void
writer_begin (Writer *writer, cairo_t *cr, const WeftlineGraphStyle *style)
{
  writer->cr = cr;
  writer->style = style;
  writer->font = pango_font_description_from_string (style->font);
  pango_font_description_set_absolute_size (writer->font, style->font_px * PANGO_SCALE);
  writer->own = style->texts == NULL ? weftline_graph_texts_new () : NULL;
  writer->texts = style->texts == NULL ? writer->own : style->texts;
  if (g_hash_table_size (writer->texts->layouts) > MAX_TEXTS)
    g_hash_table_remove_all (writer->texts->layouts);
}

static void
writer_end (Writer *writer)
{
  pango_font_description_free (writer->font);
  weftline_graph_texts_free (writer->own);
}

/* @room: in whole pixels; 0: as wide as it is */
static PangoLayout *
layout_of (Writer *writer, const char *text, int room)
{
  g_autofree char *key = g_strdup_printf ("%d %s", room, text);
  PangoLayout *layout = g_hash_table_lookup (writer->texts->layouts, key);

  if (layout != NULL)
    return layout;
  layout = pango_cairo_create_layout (writer->cr);
  pango_layout_set_font_description (layout, writer->font);
  pango_layout_set_single_paragraph_mode (layout, TRUE);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_width (layout, room > 0 ? room * PANGO_SCALE : -1);
  pango_layout_set_ellipsize (layout, room > 0 ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_NONE);
  g_hash_table_insert (writer->texts->layouts, g_steal_pointer (&key), layout);
  return layout;
}

double
_weftline_graph_text_width (WeftlineGraphWriter *writer, const char *text)
{
  int width;

  pango_layout_get_pixel_size (layout_of (writer, text, 0), &width, NULL);
  return width;
}

/* @align: of the room: 0 where lines begin, 0.5 middle, 1 where they end. Returns: how wide the
 * text is */
static double
write_text (Writer *writer, const char *text, double x, double middle, double room, double align,
            const WeftlineGraphColor *color)
{
  bool fits = _weftline_graph_text_width (writer, text) <= room;
  PangoLayout *layout = layout_of (writer, text, fits ? 0 : (int) room);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_set_source_rgba (writer->cr, (double) color->r, (double) color->g, (double) color->b,
                         (double) color->a);
  align = writer->style->rtl ? 1 - align : align;
  cairo_move_to (writer->cr, round (x + MAX (0, room - width) * align),
                 round (middle - height / 2.0));
  weftline_show_layout (writer->cr, layout);
  return width;
}

void
_weftline_graph_write (WeftlineGraphWriter *writer, const char *text, double x, double middle,
                       double room, double align, const WeftlineGraphColor *color)
{
  write_text (writer, text, x, middle, room, align, color);
}

/* Digits in threes, with a narrow space that does not break. */
static char *
dup_count (uint64_t n)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, n);
  GString *text = g_string_new (NULL);
  size_t length = strlen (digits);

  for (size_t k = 0; k < length; k++)
    {
      if (k > 0 && (length - k) % 3 == 0)
        g_string_append (text, "\u202f");
      g_string_append_c (text, digits[k]);
    }
  return g_string_free (text, FALSE);
}

static WeftlineGraphColor
label_color (const WeftlineSceneTask *task, const WeftlineGraphStyle *style,
             const WeftlineGraphPainting *painting)
{
  WeftlineGraphColor color = style->text, fill;

  if (painting->has_lineage && !task->is_marked)
    return style->dim_text;
  if (painting->value_most > 0)
    fill = style->value_color (task->value / painting->value_most, style->data);
  else if (task->state == WEFT_TASK_ERRED || task->state == WEFT_TASK_MEMORY)
    {
      fill = style->group_color (task->group, style->data);
      fill = *_weftline_graph_ink (style, (WeftModelState) task->state, &fill);
    }
  else
    return color;
  return _weftline_graph_text_on (&fill);
}

/* What a label stands on, where what is below would run through it: the hatch of what runs, in all
 * its width, the line of what was cut off, only as far as the words go. */
static void
lay_paper (Writer *writer, const WeftlineSceneTask *task, const char *label, double middle,
           double height, double room, double x)
{
  const WeftlineGraphStyle *style = writer->style;
  WeftlineGraphColor group, paper = style->background;
  double wide = room + 2, alpha = 0.75;

  if (task->state != WEFT_TASK_RUNNING)
    return;
  if (_weftline_graph_is_cut (style, WEFT_TASK_RUNNING))
    {
      group = style->group_color (task->group, style->data);
      paper = weftline_graph_color_mix (
          &paper, _weftline_graph_ink (style, WEFT_TASK_RUNNING, &group), WEFTLINE_GRAPH_CUT);
      wide = MIN (room, _weftline_graph_text_width (writer, label)) + 4;
      alpha = 1;
    }
  cairo_set_source_rgba (writer->cr, (double) paper.r, (double) paper.g, (double) paper.b, alpha);
  cairo_rectangle (writer->cr, round (x + (room - wide) / 2), round (middle - height / 2) + 3,
                   round (wide), round (height) - 6);
  cairo_fill (writer->cr);
}

static void
write_tasks (Writer *writer, const WeftlineSceneFrame *frame, const WeftlineGraphPainting *painting)
{
  double least = (double) WEFTLINE_GRAPH_NODE_WIDTH * frame->viewport.scale - 2 * PADDING;
  double height = (double) WEFTLINE_GRAPH_NODE_HEIGHT * frame->viewport.scale;

  if (writer->style->dup_label == NULL || frame->tasks->len > writer->style->max_labels
      || height < writer->style->font_px + 3 || least < 2 * writer->style->font_px)
    return;
  for (guint k = 0; k < frame->tasks->len; k++)
    {
      const WeftlineSceneTask *task = &g_array_index (frame->tasks, WeftlineSceneTask, k);
      g_autofree char *label = writer->style->dup_label (task->task, writer->style->data);
      WeftlineGraphColor color = label_color (task, writer->style, painting);
      double room = (double) task->width * frame->viewport.scale - 2 * PADDING;
      double x = frame_x (frame, task->x) - room / 2, middle = frame_y (frame, task->y);

      if (painting->value_most <= 0)
        lay_paper (writer, task, label, middle, height, room, x);
      write_text (writer, label, x, middle, room, 0.5, &color);
    }
}

void
_weftline_graph_labels (cairo_t *cr, const WeftlineSceneFrame *frame,
                        const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting)
{
  Writer writer;

  writer_begin (&writer, cr, style);
  if (frame->mode == WEFTLINE_SCENE_TASKS)
    write_tasks (&writer, frame, painting);
  if (frame->mode == WEFTLINE_SCENE_GROUPS)
    _weftline_graph_group_labels (&writer, frame);
  writer_end (&writer);
}

/* ---- the legend ------------------------------------------------------------------------------ */

/* Where text has its usual size. */
#define LEGEND_ROW 18.0
#define LEGEND_LINE 12.0 /* height of what stands in a row */
#define LEGEND_FORM 16.0 /* width of a state's form */
#define LEGEND_PAD 6.0   /* between it and its name */
#define LEGEND_GAP 16.0
#define LEGEND_SMALL_GAP 9.0
#define SCALE_WIDTH 100

/* What does not fit into a row goes on in the next. */
typedef struct
{
  Writer writer;
  double room, gap;
  double unit;       /* 1 where text has its usual size */
  double at, widest; /* in the row; of all */
  int row;
  double x, y;
  int max_rows; /* 0: nothing is drawn */
} Legend;

/* Finds the place of something so wide. Returns: whether it is to be drawn, at @x, @y */
static bool
legend_take (Legend *legend, double width, double *x, double *y)
{
  if (legend->at > 0 && legend->at + width > legend->room)
    {
      legend->row++;
      legend->at = 0;
    }
  *x = legend->x + weftline_turn (legend->writer.style->rtl, legend->room, legend->at, width);
  *y = legend->y + legend->row * LEGEND_ROW * legend->unit;
  legend->at += width + legend->gap;
  legend->widest = MAX (legend->widest, legend->at);
  return legend->row < legend->max_rows;
}

/* Words in an entry of the legend that is at @x and so wide; @from: from its beginning. */
static void
legend_words (Legend *legend, const char *words, double x, double y, double width, double from,
              const WeftlineGraphColor *color)
{
  Writer *writer = &legend->writer;
  double wide = _weftline_graph_text_width (writer, words);

  write_text (writer, words, x + weftline_turn (writer->style->rtl, width, from, wide),
              y + LEGEND_LINE * legend->unit / 2, 0, 0, color);
}

static void
legend_colors (Legend *legend, double x, double y)
{
  const WeftlineGraphStyle *style = legend->writer.style;
  double unit = legend->unit;
  int n = (int) round (SCALE_WIDTH * unit);
  WeftlineGraphPen pen;

  weftline_graph_pen_begin (&pen, legend->writer.cr);
  for (int k = 0; k < n; k++)
    {
      WeftlineGraphColor color = style->value_color ((float) k / (float) (n - 1), style->data);

      weftline_graph_pen_fill (&pen, x + weftline_turn (style->rtl, n, k, 1), y + unit, 1,
                               (LEGEND_LINE - 2) * unit, &color, WEFTLINE_PEN_SOLID);
    }
  weftline_graph_pen_end (&pen);
}

static void
legend_scale (Legend *legend, float most)
{
  Writer *writer = &legend->writer;
  const WeftlineGraphStyle *style = writer->style;
  g_autofree char *end = dup_count ((uint64_t) most);
  double pad = LEGEND_PAD * legend->unit, colors = round (SCALE_WIDTH * legend->unit);
  double zero = _weftline_graph_text_width (writer, "0") + pad, width, x, y;

  if (style->value_title != NULL)
    {
      width = _weftline_graph_text_width (writer, style->value_title);
      if (legend_take (legend, width, &x, &y))
        legend_words (legend, style->value_title, x, y, width, 0, &style->text);
    }
  width = zero + colors + pad + _weftline_graph_text_width (writer, end);
  if (!legend_take (legend, width, &x, &y))
    return;
  legend_words (legend, "0", x, y, width, 0, &style->dim_text);
  legend_words (legend, end, x, y, width, zero + colors + pad, &style->dim_text);
  legend_colors (legend, x + weftline_turn (style->rtl, width, zero, colors), y);
}

static void
legend_states (Legend *legend, unsigned states)
{
  Writer *writer = &legend->writer;
  const WeftlineGraphStyle *style = writer->style;
  WeftlineGraphColor color = style->edge;
  double form = LEGEND_FORM * legend->unit, before = form + LEGEND_PAD * legend->unit, x, y;

  for (int state = 0; state < WEFT_TASK_N_STATES; state++)
    {
      const char *name = weftline_graph_state_name (style, (WeftModelState) state);
      double width = before + _weftline_graph_text_width (writer, name);
      WeftlineGraphPen pen;

      if ((states != 0 && (states >> state & 1) == 0) || !legend_take (legend, width, &x, &y))
        continue;
      weftline_graph_pen_begin (&pen, writer->cr);
      _weftline_graph_box (&pen, x + weftline_turn (style->rtl, width, 0, form), y, form,
                           LEGEND_LINE * legend->unit, (WeftModelState) state, &color, 1, style);
      weftline_graph_pen_end (&pen);
      legend_words (legend, name, x, y, width, before, &style->dim_text);
    }
}

static void
legend_run (Legend *legend, unsigned states, float value_most)
{
  legend->at = legend->widest = 0;
  legend->row = 0;
  if (value_most > 0)
    legend_scale (legend, value_most);
  else
    legend_states (legend, states);
}

/* Closer together where that saves a row. */
static void
legend_begin (Legend *legend, cairo_t *cr, double room, const WeftlineGraphStyle *style,
              unsigned states, float value_most)
{
  double unit = style->font_px / WEFTLINE_GRAPH_FONT_PX;
  int n_rows;

  *legend = (Legend){ .room = room, .gap = LEGEND_GAP * unit, .unit = unit };
  writer_begin (&legend->writer, cr, style);
  legend_run (legend, states, value_most);
  n_rows = legend->row;
  legend->gap = LEGEND_SMALL_GAP * unit;
  legend_run (legend, states, value_most);
  if (legend->row < n_rows)
    return;
  legend->gap = LEGEND_GAP * unit;
  legend_run (legend, states, value_most);
}

int
weftline_graph_legend_rows (double room, const WeftlineGraphStyle *style, unsigned states,
                            float value_most)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1, 1);
  cairo_t *cr = cairo_create (surface);
  Legend legend;

  legend_begin (&legend, cr, room, style, states, value_most);
  writer_end (&legend.writer);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return legend.row + 1;
}

double
weftline_graph_paint_legend (cairo_t *cr, double x, double y, double room, int max_rows,
                             const WeftlineGraphStyle *style, unsigned states, float value_most)
{
  Legend legend;

  legend_begin (&legend, cr, room, style, states, value_most);
  legend.x = x;
  legend.y = y;
  legend.max_rows = max_rows;
  legend_run (&legend, states, value_most);
  writer_end (&legend.writer);
  return legend.widest;
}
