/* graph-labels.c: the text of a frame: tasks' keys, groups, the legend
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Text is what costs most, so there are only so many labels, and none where a box has no room.
 */
#include "config.h"

#include "graph/graph-paint-private.h"

#include "canvas/shown-text.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define MAX_GROUP_LABELS 160
#define MAX_EDGE_COUNTS 40
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

typedef struct
{
  cairo_t *cr;
  PangoFontDescription *font;
  const WeftlineGraphStyle *style;
  WeftlineGraphTexts *texts, *own;
} Writer;

static void
writer_begin (Writer *writer, cairo_t *cr, const WeftlineGraphStyle *style,
              WeftlineGraphTexts *texts)
{
  writer->cr = cr;
  writer->style = style;
  writer->font = pango_font_description_from_string (style->font);
  pango_font_description_set_absolute_size (writer->font, style->font_px * PANGO_SCALE);
  writer->own = texts == NULL ? weftline_graph_texts_new () : NULL;
  writer->texts = texts == NULL ? writer->own : texts;
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

/* @align: 0 left, 0.5 middle, 1 right of the room. Returns: how wide the text is */
static double
write_text (Writer *writer, const char *text, double x, double middle, double room, double align,
            const WeftlineGraphColor *color)
{
  PangoLayout *layout = layout_of (writer, text, (int) room);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  cairo_set_source_rgba (writer->cr, (double) color->r, (double) color->g, (double) color->b,
                         (double) color->a);
  cairo_move_to (writer->cr, round (x + MAX (0, room - width) * align),
                 round (middle - height / 2.0));
  weftline_show_layout (writer->cr, layout);
  return width;
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

      if (task->state == WEFT_TASK_RUNNING && painting->value_most <= 0)
        {
          const WeftlineGraphColor *paper = &writer->style->background;

          cairo_set_source_rgba (writer->cr, (double) paper->r, (double) paper->g,
                                 (double) paper->b, 0.75);
          cairo_rectangle (writer->cr, round (x) - 1, round (middle - height / 2) + 3, room + 2,
                           round (height) - 6);
          cairo_fill (writer->cr);
        }
      write_text (writer, label, x, middle, room, 0.5, &color);
    }
}

static void
write_groups (Writer *writer, const WeftlineSceneFrame *frame)
{
  const WeftlineGraphStyle *style = writer->style;
  double width = (double) WEFTLINE_GRAPH_NODE_WIDTH * frame->viewport.scale;
  double height = (double) WEFTLINE_GRAPH_NODE_HEIGHT * frame->viewport.scale;
  double line = style->font_px * 1.5;

  if (frame->cells->len > MAX_GROUP_LABELS || height < GRAPH_CARD_PX || style->group_name == NULL)
    return;
  for (guint k = 0; k < frame->cells->len; k++)
    {
      const WeftlineSceneCell *group = &g_array_index (frame->cells, WeftlineSceneCell, k);
      g_autofree char *count = dup_count (group->n_tasks);
      double x = frame_x (frame, group->x) - width / 2 + 9;
      double top = frame_y (frame, group->y) - height / 2;
      bool has_two = height >= 2 * line + 26;
      double room = width - 17;

      if (!has_two)
        {
          double wide =
              write_text (writer, count, x, top + 2 + line / 2, room, 1, &style->dim_text);

          room -= wide + 6;
        }
      else
        {
          g_autofree char *text =
              g_strdup_printf (ngettext ("%s task", "%s tasks", group->n_tasks), count);

          write_text (writer, text, x, top + 6 + line * 1.5, room, 0, &style->dim_text);
        }
      if (room > 2 * style->font_px)
        write_text (writer, style->group_name (group->group, style->data), x,
                    top + (has_two ? 6 : 2) + line / 2, room, 0, &style->text);
    }
}

/* How many edges an edge between groups stands for, where it leaves. */
static void
write_edge_counts (Writer *writer, const WeftlineSceneFrame *frame)
{
  if (frame->edges->len > MAX_EDGE_COUNTS || frame->viewport.scale < 30)
    return;
  for (guint k = 0; k < frame->edges->len; k++)
    {
      const WeftlineSceneEdge *edge = &g_array_index (frame->edges, WeftlineSceneEdge, k);
      const WeftlinePoint *points =
          &g_array_index (frame->points, WeftlinePoint, edge->first_point);
      g_autofree char *count = dup_count (edge->count);
      double x = (frame_x (frame, points[0].x) + frame_x (frame, points[1].x)) / 2;
      double y = (frame_y (frame, points[0].y) + frame_y (frame, points[1].y)) / 2;

      write_text (writer, count, x - 60, y - writer->style->font_px, 120, 0.5,
                  &writer->style->dim_text);
    }
}

void
_weftline_graph_labels (cairo_t *cr, const WeftlineSceneFrame *frame,
                        const WeftlineGraphStyle *style, const WeftlineGraphPainting *painting)
{
  Writer writer;

  writer_begin (&writer, cr, style, painting->texts);
  if (frame->mode == WEFTLINE_SCENE_TASKS)
    write_tasks (&writer, frame, painting);
  if (frame->mode == WEFTLINE_SCENE_GROUPS)
    {
      write_groups (&writer, frame);
      write_edge_counts (&writer, frame);
    }
  writer_end (&writer);
}

/* ---- the legend ------------------------------------------------------------------------------ */

#define LEGEND_ROW 18.0
#define LEGEND_FORM 22.0 /* a state's form, and the gap to its name */
#define LEGEND_GAP 16.0
#define LEGEND_SMALL_GAP 9.0
#define SCALE_WIDTH 100

/* What does not fit into a row goes on in the next. */
typedef struct
{
  Writer writer;
  double room, gap;
  double at, widest; /* in the row; of all */
  int row;
  double x, y;
  int max_rows; /* 0: nothing is drawn */
} Legend;

static double
text_width (Writer *writer, const char *text)
{
  int width;

  pango_layout_get_pixel_size (layout_of (writer, text, 0), &width, NULL);
  return width;
}

/* Finds the place of something so wide. Returns: whether it is to be drawn, at @x, @y */
static bool
legend_take (Legend *legend, double width, double *x, double *y)
{
  if (legend->at > 0 && legend->at + width > legend->room)
    {
      legend->row++;
      legend->at = 0;
    }
  *x = legend->x + legend->at;
  *y = legend->y + legend->row * LEGEND_ROW;
  legend->at += width + legend->gap;
  legend->widest = MAX (legend->widest, legend->at);
  return legend->row < legend->max_rows;
}

static void
legend_scale (Legend *legend, float most)
{
  Writer *writer = &legend->writer;
  const WeftlineGraphStyle *style = writer->style;
  g_autofree char *end = dup_count ((uint64_t) most);
  double zero = text_width (writer, "0") + 6, x, y;
  WeftlineGraphPen pen;

  if (style->value_title != NULL
      && legend_take (legend, text_width (writer, style->value_title), &x, &y))
    write_text (writer, style->value_title, x, y + 6, 0, 0, &style->text);
  if (!legend_take (legend, zero + SCALE_WIDTH + 6 + text_width (writer, end), &x, &y))
    return;
  write_text (writer, "0", x, y + 6, 0, 0, &style->dim_text);
  write_text (writer, end, x + zero + SCALE_WIDTH + 6, y + 6, 0, 0, &style->dim_text);
  weftline_graph_pen_begin (&pen, writer->cr);
  for (int k = 0; k < SCALE_WIDTH; k++)
    {
      WeftlineGraphColor color = style->value_color ((float) k / (SCALE_WIDTH - 1), style->data);

      weftline_graph_pen_fill (&pen, x + zero + k, y + 1, 1, 10, &color, WEFTLINE_PEN_SOLID);
    }
  weftline_graph_pen_end (&pen);
}

static void
legend_states (Legend *legend, unsigned states)
{
  Writer *writer = &legend->writer;
  const WeftlineGraphStyle *style = writer->style;
  WeftlineGraphColor color = style->edge;
  double x, y;

  for (int state = 0; state < WEFT_TASK_N_STATES; state++)
    {
      const char *name = _ (style->state_names[state]);
      WeftlineGraphPen pen;

      if ((states != 0 && (states >> state & 1) == 0)
          || !legend_take (legend, LEGEND_FORM + text_width (writer, name), &x, &y))
        continue;
      weftline_graph_pen_begin (&pen, writer->cr);
      _weftline_graph_box (&pen, x, y, 16, 12, (WeftModelState) state, &color, 1, style);
      weftline_graph_pen_end (&pen);
      write_text (writer, name, x + LEGEND_FORM, y + 6, 0, 0, &style->dim_text);
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
  int n_rows;

  *legend = (Legend){ .room = room, .gap = LEGEND_GAP };
  writer_begin (&legend->writer, cr, style, NULL);
  legend_run (legend, states, value_most);
  n_rows = legend->row;
  legend->gap = LEGEND_SMALL_GAP;
  legend_run (legend, states, value_most);
  if (legend->row < n_rows)
    return;
  legend->gap = LEGEND_GAP;
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
