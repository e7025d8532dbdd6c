/* progress-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "progress/progress-paint.h"

#include "canvas/number-format.h"
#include "canvas/state-form.h"

#include <glib/gi18n.h>

#define SWATCH 10
#define GAP 8
#define BAR_TOP 20
#define TEXT_TOP 1
#define FOOT_TOP 31 /* of the line below the bar of all tasks */

static const WeftModelState state_of_part[WEFTLINE_PROGRESS_N_PARTS] = {
  [WEFTLINE_PROGRESS_RELEASED] = WEFT_TASK_RELEASED,
  [WEFTLINE_PROGRESS_MEMORY] = WEFT_TASK_MEMORY,
  [WEFTLINE_PROGRESS_RUNNING] = WEFT_TASK_RUNNING,
  [WEFTLINE_PROGRESS_QUEUED] = WEFT_TASK_QUEUED,
  [WEFTLINE_PROGRESS_WAITING] = WEFT_TASK_WAITING,
  [WEFTLINE_PROGRESS_CANCELLED] = WEFT_TASK_CANCELLED,
  [WEFTLINE_PROGRESS_ERRED] = WEFT_TASK_ERRED,
};

/* ---- words ----------------------------------------------------------------------------------- */

static void
append_part (GString *text, const WeftlineProgressRow *row, WeftlineProgressPart part,
             const char *word)
{
  g_autofree char *count = weftline_format_count (row->n_parts[part]);

  if (row->n_parts[part] > 0)
    g_string_append_printf (text, ", %s %s", count, word);
}

char *
weftline_progress_row_text (const WeftlineProgressRow *row, const char *name)
{
  g_autofree char *done = weftline_format_count (row->n_finished);
  g_autofree char *all = weftline_format_count (row->n_tasks);
  GString *text = g_string_new (NULL);

  /* Translators: a group of tasks: so many of so many */
  g_string_append_printf (text, _ ("%s: %s of %s done"), name, done, all);
  append_part (text, row, WEFTLINE_PROGRESS_ERRED, _ ("erred"));
  append_part (text, row, WEFTLINE_PROGRESS_CANCELLED, _ ("cancelled"));
  append_part (text, row, WEFTLINE_PROGRESS_RUNNING, _ ("running"));
  append_part (text, row, WEFTLINE_PROGRESS_QUEUED, _ ("queued"));
  append_part (text, row, WEFTLINE_PROGRESS_WAITING, _ ("waiting"));
  append_part (text, row, WEFTLINE_PROGRESS_MEMORY, _ ("in memory"));
  return g_string_free (text, FALSE);
}

char *
weftline_progress_rate_text (double rate)
{
  g_autofree char *whole = NULL;

  if (rate < 999.5)
    /* Translators: tasks a second */
    return g_strdup_printf (_ ("%.3g/s"), rate);
  whole = weftline_format_count (weftline_whole (rate + 0.5));
  /* Translators: tasks a second */
  return g_strdup_printf (_ ("%s/s"), whole);
}

char *
weftline_progress_elapsed_text (int64_t elapsed_ns)
{
  g_autofree char *elapsed = weftline_format_duration (elapsed_ns);

  /* Translators: how long a run took that is over */
  return elapsed_ns > 0 ? g_strdup_printf (_ ("in %s"), elapsed) : NULL;
}

/* ---- a row ----------------------------------------------------------------------------------- */

/* From the right to the left where text runs so. */
static double
turn (const WeftlineProgressPaint *paint, double x, double width)
{
  return paint->rtl ? paint->layout->width - x - width : x;
}

static void
fill (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

static void
paint_bar (const WeftlineProgressPaint *paint, cairo_t *cr, const WeftlineProgressRow *row,
           uint32_t color)
{
  double y = row->y + BAR_TOP;

  weftline_set_color (cr, paint->palette->track, 1);
  fill (cr, 0, y, paint->layout->width, WEFTLINE_PROGRESS_BAR);
  for (int part = 0; part < WEFTLINE_PROGRESS_N_PARTS; part++)
    {
      const WeftlineProgressPiece *piece = &row->pieces[part];

      /* What waits is the track itself: an outline a pixel high would only be noise. */
      if (piece->width > 0 && part != WEFTLINE_PROGRESS_WAITING)
        weftline_state_form_draw (cr, paint->palette, state_of_part[part], color,
                                  turn (paint, piece->x, piece->width), y, piece->width,
                                  WEFTLINE_PROGRESS_BAR);
    }
}

char *
weftline_progress_figures_text (const WeftlineProgressRow *row, double rate)
{
  g_autofree char *done = weftline_format_count (row->n_finished);
  g_autofree char *all = weftline_format_count (row->n_tasks);
  g_autofree char *erred = weftline_format_count (row->n_parts[WEFTLINE_PROGRESS_ERRED]);
  GString *text = g_string_new (NULL);

  if (row->n_parts[WEFTLINE_PROGRESS_ERRED] > 0)
    {
      g_string_append_printf (text, _ ("%s erred"), erred);
      g_string_append (text, "   ");
    }
  if (rate > 0)
    {
      g_autofree char *speed = weftline_progress_rate_text (rate);

      g_string_append (text, speed);
      g_string_append (text, "   ");
    }
  if (row->n_tasks > 0)
    g_string_append_printf (text, "%s / %s", done, all);
  return g_string_free (text, FALSE);
}

/* From the longest to the shortest. (transfer full) */
static char *
figures_in_brief (const WeftlineProgressRow *row, double rate, unsigned brief)
{
  WeftlineProgressRow without = *row;

  if (brief >= 2)
    without.n_parts[WEFTLINE_PROGRESS_ERRED] = 0;
  if (brief < 3)
    return weftline_progress_figures_text (&without, brief == 0 ? rate : 0);
  return brief == 3 && row->n_tasks > 0
             ? weftline_format_share ((double) row->n_finished / row->n_tasks)
             : g_strdup ("");
}

char *
weftline_progress_fitting_figures (WeftlineTextCache *text, const WeftlineProgressRow *row,
                                   double rate, int room)
{
  for (unsigned brief = 0;; brief++)
    {
      char *figures = figures_in_brief (row, rate, brief);
      int width, height;

      weftline_text_size (text, figures, WEFTLINE_TEXT_NORMAL, &width, &height);
      if (width <= room || *figures == '\0')
        return figures;
      g_free (figures);
    }
}

int
weftline_progress_name_room (WeftlineTextCache *text, const char *name, WeftlineTextStyle style,
                             int width)
{
  int needed, height;

  weftline_text_size (text, name, style, &needed, &height);
  return MIN (needed, width * 2 / 5);
}

char *
weftline_progress_count_text (const WeftlineProgressLayout *layout)
{
  g_autofree char *shown = weftline_format_count (layout->n_shown);
  g_autofree char *all = weftline_format_count (layout->n_groups);

  if (!layout->has_foot)
    return NULL;
  return g_strdup_printf (ngettext ("%s of %s group", "%s of %s groups", layout->n_groups), shown,
                          all);
}

static void
paint_name (const WeftlineProgressPaint *paint, cairo_t *cr, const char *name,
            WeftlineTextStyle style, double x, double y, double room)
{
  g_autofree char *fitting = weftline_text_fit (paint->text, name, style, MAX ((int) room, 0));
  int width, height;

  weftline_text_size (paint->text, fitting, style, &width, &height);
  weftline_text_show (paint->text, cr, fitting, style, turn (paint, x, width), y);
}

static void
paint_words (const WeftlineProgressPaint *paint, cairo_t *cr, const WeftlineProgressRow *row,
             uint32_t color)
{
  bool all = row->group == WEFT_NONE;
  double rate = all || paint->rate == NULL ? 0 : paint->rate[row->group];
  const char *name = all ? _ ("all tasks") : paint->groups[row->group].name;
  WeftlineTextStyle style = all ? WEFTLINE_TEXT_BOLD : WEFTLINE_TEXT_NORMAL;
  int x = all ? 0 : SWATCH + GAP, y = row->y + TEXT_TOP, room = paint->layout->width - x - GAP;
  g_autofree char *right = weftline_progress_fitting_figures (
      paint->text, row, rate, room - weftline_progress_name_room (paint->text, name, style, room));
  int width, height;

  if (!all)
    {
      weftline_set_color (cr, color, 1);
      fill (cr, turn (paint, 0, SWATCH), y + 4, SWATCH, SWATCH);
    }
  weftline_text_size (paint->text, right, WEFTLINE_TEXT_NORMAL, &width, &height);
  weftline_set_color (cr, paint->palette->dim, 1);
  weftline_text_show (paint->text, cr, right, WEFTLINE_TEXT_NORMAL,
                      turn (paint, paint->layout->width - width, width), y);
  weftline_set_color (cr, paint->palette->text, 1);
  paint_name (paint, cr, name, style, x, y, room - width);
}

/* Below the bar of all tasks: how long it still takes, and how fast it goes. */
static void
paint_foot (const WeftlineProgressPaint *paint, cairo_t *cr)
{
  double rate = paint->rate != NULL ? paint->rate[paint->layout->n_groups] : 0;
  g_autofree char *speed = rate > 0 ? weftline_progress_rate_text (rate) : NULL;
  const char *left = paint->left;
  int width = 0, height, room, needed;

  weftline_set_color (cr, paint->palette->dim, 1);
  if (speed != NULL)
    {
      weftline_text_size (paint->text, speed, WEFTLINE_TEXT_NORMAL, &width, &height);
      weftline_text_show (paint->text, cr, speed, WEFTLINE_TEXT_NORMAL,
                          turn (paint, paint->layout->width - width, width), FOOT_TOP);
    }
  if (left == NULL)
    return;
  room = paint->layout->width - (width > 0 ? width + GAP : 0);
  weftline_text_size (paint->text, left, WEFTLINE_TEXT_NORMAL, &needed, &height);
  paint_name (paint, cr, needed > room && paint->left_short != NULL ? paint->left_short : left,
              WEFTLINE_TEXT_NORMAL, 0, FOOT_TOP, room);
}

static void
paint_row (const WeftlineProgressPaint *paint, cairo_t *cr, const WeftlineProgressRow *row)
{
  uint32_t color = row->group == WEFT_NONE ? paint->palette->accent : paint->colors[row->group];

  if (row->group != WEFT_NONE && (row->group == paint->hover || row->group == paint->selected))
    {
      weftline_set_color (cr, paint->palette->accent, row->group == paint->selected ? 0.18 : 0.08);
      fill (cr, 0, row->y - 3, paint->layout->width, WEFTLINE_PROGRESS_ROW);
    }
  paint_words (paint, cr, row, color);
  paint_bar (paint, cr, row, color);
  if (row->group != WEFT_NONE && paint->n_marked != NULL && paint->n_marked[row->group] == 0)
    {
      weftline_set_color (cr, paint->palette->card, 0.65);
      fill (cr, 0, row->y - 3, paint->layout->width, WEFTLINE_PROGRESS_ROW);
    }
}

/* Below the groups: how many of them are in view. */
static void
paint_count (const WeftlineProgressPaint *paint, cairo_t *cr)
{
  g_autofree char *count = weftline_progress_count_text (paint->layout);
  int width, height;

  if (count == NULL)
    return;
  weftline_text_size (paint->text, count, WEFTLINE_TEXT_SMALL, &width, &height);
  weftline_set_color (cr, paint->palette->dim, 1);
  weftline_text_show (paint->text, cr, count, WEFTLINE_TEXT_SMALL,
                      turn (paint, paint->layout->width - width, width),
                      paint->layout->height - height);
}

void
weftline_progress_paint (const WeftlineProgressPaint *paint, cairo_t *cr)
{
  const WeftlineProgressLayout *layout = paint->layout;

  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, 0, 0, layout->width, layout->height);
  if (layout->rows->len == 0)
    return;
  paint_row (paint, cr, &g_array_index (layout->rows, WeftlineProgressRow, 0));
  if (layout->height >= WEFTLINE_PROGRESS_HEAD)
    paint_foot (paint, cr);
  for (guint i = 1; i < layout->rows->len; i++)
    paint_row (paint, cr, &g_array_index (layout->rows, WeftlineProgressRow, i));
  if (layout->height >= WEFTLINE_PROGRESS_HEAD + WEFTLINE_PROGRESS_FOOT)
    paint_count (paint, cr);
}
