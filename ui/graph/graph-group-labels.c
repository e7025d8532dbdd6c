/* graph-group-labels.c: the words of the group graph: names, counts, times, bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * How much is said goes by the room there is: the name, cut in the middle if need be; how many
 * tasks; how much time they took; what memory they hold. In a node that is large enough, else below
 * it or above it.
 */
#include "config.h"

#include "graph/graph-paint-private.h"

#include "canvas/number-format.h"
#include "canvas/reading.h"
#include "graph/graph-words.h"

#include <glib/gi18n.h>
#include <math.h>

#define MAX_GROUP_LABELS 160
#define MAX_EDGE_COUNTS 40
#define MAX_TELLING 40 /* where there are more groups there is no room for all that could be said */
#define LEAST_EMS 4    /* of a name: with less it says nothing */
#define INSIDE_EMS 16  /* a node so wide has its words inside, however long they are */
#define PAD 8.0
#define MOST_FACTS 3

/* From what is said first to what is left out first. */
typedef struct
{
  char *texts[MOST_FACTS];
  unsigned n;
} Facts;

typedef struct
{
  WeftlineGraphWriter *writer;
  const WeftlineSceneFrame *frame;
  double width, height, line;
  bool tells_all;
} Labels;

static void
facts_clear (Facts *facts)
{
  for (unsigned i = 0; i < facts->n; i++)
    g_free (facts->texts[i]);
}

/* @in_words: “20 tasks”, else the number alone */
static void
facts_of (const Labels *labels, const WeftlineSceneCell *group, bool in_words, Facts *facts)
{
  const WeftlineGraphStyle *style = labels->writer->style;
  WeftlineGroupFacts told = { 0 };
  g_autofree char *count = weftline_format_count (group->n_tasks);

  if (labels->tells_all && style->group_facts != NULL)
    style->group_facts (group->group, style->data, &told);
  facts->n = 0;
  facts->texts[facts->n++] =
      in_words ? g_strdup_printf (ngettext ("%s task", "%s tasks", group->n_tasks), count)
               : g_steal_pointer (&count);
  if (told.busy_ns > 0)
    facts->texts[facts->n++] = weftline_format_duration (told.busy_ns);
  if (told.live_bytes > 0)
    facts->texts[facts->n++] = weftline_format_bytes (told.live_bytes, WEFTLINE_BYTES_DECIMAL);
}

/* The first @n in a line. (transfer full) */
static char *
facts_text (const Facts *facts, unsigned n)
{
  GString *text = g_string_new (NULL);

  for (unsigned i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " · " : "", facts->texts[i]);
  return g_string_free (text, FALSE);
}

/* As many as fit. (transfer full): perhaps none */
static char *
fitting_facts (const Labels *labels, const Facts *facts, double room)
{
  for (unsigned n = facts->n; n > 0; n--)
    {
      char *text = facts_text (facts, n);

      if (_weftline_graph_text_width (labels->writer, text) <= room)
        return text;
      g_free (text);
    }
  return g_strdup ("");
}

/* ---- room ------------------------------------------------------------------------------------ */

/* Words beside each other in a node that is only so high, else one below the other. */
static bool
has_two_lines (const Labels *labels)
{
  return labels->height >= 2 * labels->line + 26;
}

static void
measure (const Labels *labels, const WeftlineSceneCell *group, WeftlineWords *words)
{
  const WeftlineGraphStyle *style = labels->writer->style;
  double name =
      _weftline_graph_text_width (labels->writer, style->group_name (group->group, style->data));
  double x = round (frame_x (labels->frame, group->x) - labels->width / 2);
  double y = round (frame_y (labels->frame, group->y) - labels->height / 2), count, all;
  g_autofree char *first = NULL;
  g_autofree char *most = NULL;
  Facts facts;

  facts_of (labels, group, true, &facts);
  first = facts_text (&facts, 1);
  most = facts_text (&facts, facts.n);
  facts_clear (&facts);
  count = _weftline_graph_text_width (labels->writer, first);
  all = _weftline_graph_text_width (labels->writer, most);
  *words = (WeftlineWords){ .node = { x, y, round (labels->width), round (labels->height) },
                            .wide = MAX (name, count) + 2,
                            .widest = MAX (name, all) + 2,
                            .least = MIN (name, LEAST_EMS * style->font_px),
                            .height = 2 * labels->line };
  if (labels->height < _weftline_graph_card_px (style))
    return;
  words->inside = (WeftlineWordsBox){
    x + weftline_turn (style->rtl, labels->width, PAD + 1, labels->width - 2 * PAD - 1),
    y + (has_two_lines (labels) ? 6 : 2), labels->width - 2 * PAD - 1, labels->line
  };
  if (has_two_lines (labels) || labels->width >= INSIDE_EMS * style->font_px)
    words->least = words->wide = MIN (words->wide, words->inside.width);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void
write_inside (const Labels *labels, const WeftlineSceneCell *group, const WeftlineWordsBox *box)
{
  WeftlineGraphWriter *writer = labels->writer;
  const WeftlineGraphStyle *style = writer->style;
  const char *name = style->group_name (group->group, style->data);
  double room = box->width, name_width = _weftline_graph_text_width (writer, name);
  bool has_two = has_two_lines (labels);
  g_autofree char *text = NULL;
  Facts facts;

  facts_of (labels, group, has_two, &facts);
  text = fitting_facts (labels, &facts, has_two ? room : room - name_width - 2 * PAD);
  facts_clear (&facts);
  if (*text != '\0' && has_two)
    _weftline_graph_write (writer, text, box->x, box->y + labels->line * 1.5, room, 0,
                           &style->dim_text);
  else if (*text != '\0')
    _weftline_graph_write (writer, text, box->x, box->y + labels->line / 2, room, 1,
                           &style->dim_text);
  _weftline_graph_write (writer, name, box->x, box->y + labels->line / 2, room, 0, &style->text);
}

/* In the middle of a box, over edges that run through it. */
static void
write_over (const Labels *labels, const char *text, const WeftlineWordsBox *box, double middle,
            const WeftlineGraphColor *color)
{
  const WeftlineGraphColor *paper = &labels->writer->style->background;
  double width = MIN (_weftline_graph_text_width (labels->writer, text), box->width);
  cairo_t *cr = labels->writer->cr;

  cairo_set_source_rgba (cr, (double) paper->r, (double) paper->g, (double) paper->b, 0.7);
  cairo_rectangle (cr, round (box->x + (box->width - width) / 2) - 1,
                   round (middle - labels->line / 2) + 1, width + 2, round (labels->line) - 2);
  cairo_fill (cr);
  _weftline_graph_write (labels->writer, text, box->x, middle, box->width, 0.5, color);
}

static void
write_outside (const Labels *labels, const WeftlineSceneCell *group, const WeftlineWordsBox *box)
{
  WeftlineGraphWriter *writer = labels->writer;
  const WeftlineGraphStyle *style = writer->style;
  g_autofree char *text = NULL;
  Facts facts;

  facts_of (labels, group, true, &facts);
  text = fitting_facts (labels, &facts, box->width);
  facts_clear (&facts);
  if (*text == '\0')
    {
      g_free (text);
      text = weftline_format_count (group->n_tasks);
    }
  write_over (labels, style->group_name (group->group, style->data), box, box->y + labels->line / 2,
              &style->text);
  write_over (labels, text, box, box->y + labels->line * 1.5, &style->dim_text);
}

/* How many edges an edge between groups stands for, in its middle, if that is free. */
static void
write_edge_counts (const Labels *labels, const WeftlineWords *words, unsigned n)
{
  const WeftlineSceneFrame *frame = labels->frame;
  WeftlineGraphWriter *writer = labels->writer;
  double height = labels->line;

  if (frame->edges->len > MAX_EDGE_COUNTS || frame->viewport.scale < 30)
    return;
  for (guint k = 0; k < frame->edges->len; k++)
    {
      const WeftlineSceneEdge *edge = &g_array_index (frame->edges, WeftlineSceneEdge, k);
      const WeftlinePoint *points =
          &g_array_index (frame->points, WeftlinePoint, edge->first_point);
      g_autofree char *count = weftline_format_count (edge->count);
      double width = _weftline_graph_text_width (writer, count);
      double x = (frame_x (frame, points[0].x) + frame_x (frame, points[1].x)) / 2;
      double y = (frame_y (frame, points[0].y) + frame_y (frame, points[1].y)) / 2;
      WeftlineWordsBox box = { x - width / 2, y - writer->style->font_px - height / 2, width,
                               height };

      if (weftline_words_free (words, n, &box))
        write_over (labels, count, &box, box.y + height / 2, &writer->style->dim_text);
    }
}

void
_weftline_graph_group_labels (WeftlineGraphWriter *writer, const WeftlineSceneFrame *frame)
{
  const WeftlineViewport *viewport = &frame->viewport;
  Labels labels = { .writer = writer,
                    .frame = frame,
                    .width = (double) WEFTLINE_GRAPH_NODE_WIDTH * viewport->scale,
                    .height = (double) WEFTLINE_GRAPH_NODE_HEIGHT * viewport->scale,
                    .line = writer->style->font_px * 1.5,
                    .tells_all = frame->cells->len <= MAX_TELLING };
  const WeftlineSceneCell *groups = (const WeftlineSceneCell *) (const void *) frame->cells->data;
  unsigned n = frame->cells->len;
  g_autofree WeftlineWords *words = NULL;

  if (n > MAX_GROUP_LABELS || writer->style->group_name == NULL)
    return;
  words = g_new (WeftlineWords, MAX (n, 1));
  for (unsigned i = 0; i < n; i++)
    measure (&labels, &groups[i], &words[i]);
  weftline_words_place (words, n, viewport->width_px, viewport->height_px);
  for (unsigned i = 0; i < n; i++)
    if (words[i].shown && words[i].is_inside)
      write_inside (&labels, &groups[i], &words[i].box);
    else if (words[i].shown)
      write_outside (&labels, &groups[i], &words[i].box);
  write_edge_counts (&labels, words, n);
}
