/* where-paint.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "where/where-paint.h"

#include "canvas/lane-gone.h"
#include "canvas/number-format.h"
#include "canvas/state-form.h"
#include "where/where-words.h"

#include <glib/gi18n.h>

#define SWATCH_WIDTH 14
#define SWATCH_HEIGHT 12
#define PAD 8
#define MOST_NAMES 64 /* that are looked at for the width of all */
#define DOT 2

typedef enum
{
  SOLID,
  EMPTY, /* an outline */
  HATCHED,
  STRIPED, /* lines across */
  DOTTED,
} Pattern;

static const Pattern patterns[WEFT_TIME_N_USES] = {
  [WEFT_TIME_RUNNING] = SOLID,     [WEFT_TIME_BLOCKED] = HATCHED,
  [WEFT_TIME_NO_TASK] = EMPTY,     [WEFT_TIME_RESOURCE] = HATCHED,
  [WEFT_TIME_RETRY] = DOTTED,      [WEFT_TIME_MEMORY_PAUSE] = STRIPED,
  [WEFT_TIME_SPILL] = SOLID,       [WEFT_TIME_TRANSFER] = SOLID,
  [WEFT_TIME_PAUSED] = STRIPED,    [WEFT_TIME_SLOWED] = DOTTED,
  [WEFT_TIME_ELSEWHERE] = HATCHED, [WEFT_TIME_RECORDER] = STRIPED,
  [WEFT_TIME_UNRECORDED] = DOTTED, [WEFT_TIME_OTHER] = DOTTED,
  [WEFT_TIME_SCHEDULER] = SOLID,
};

static uint32_t
color_of (const WeftlinePalette *palette, WeftTimeUse use)
{
  switch (use)
    {
    case WEFT_TIME_RUNNING:
    case WEFT_TIME_BLOCKED:
      return palette->slots[0]; /* blue */
    case WEFT_TIME_NO_TASK:
      return weftline_blend (palette->card, palette->dim, 150);
    case WEFT_TIME_RESOURCE:
      return palette->slots[4]; /* violet */
    case WEFT_TIME_MEMORY_PAUSE:
      return palette->slots[3]; /* pink */
    case WEFT_TIME_SPILL:
      return palette->spill;
    case WEFT_TIME_TRANSFER:
      return palette->transfer;
    case WEFT_TIME_RECORDER:
      return palette->slots[5]; /* vermilion */
    case WEFT_TIME_OTHER:
      return palette->slots[2]; /* green */
    case WEFT_TIME_PAUSED:
    case WEFT_TIME_SLOWED:
    case WEFT_TIME_ELSEWHERE:
      return palette->pause;
    case WEFT_TIME_RETRY:
    case WEFT_TIME_UNRECORDED:
      return palette->error;
    default:
      return palette->slots[6]; /* grey */
    }
}

/* From the right to the left where text runs so. */
static double
turn (const WeftlineWherePaint *paint, double x, double width)
{
  return paint->rtl ? paint->layout->width - x - width : x;
}

static void
fill (cairo_t *cr, double x, double y, double width, double height)
{
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

/* ---- patterns -------------------------------------------------------------------------------- */

static void
draw_stripes (cairo_t *cr, double x, double y, double width, double height)
{
  for (double at = 0; at < height; at += 4)
    cairo_rectangle (cr, x, y + at, width, MIN (2, height - at));
  cairo_fill (cr);
}

static void
draw_dots (cairo_t *cr, double x, double y, double width, double height)
{
  for (double up = 1; up + DOT <= height; up += 2 * DOT)
    for (double at = (int) (up / 2) % 2 * DOT; at + DOT <= width; at += 2 * DOT)
      cairo_rectangle (cr, x + at, y + up, DOT, DOT);
  cairo_fill (cr);
}

static void
draw_outline (cairo_t *cr, double x, double y, double width, double height)
{
  if (width < 3)
    {
      fill (cr, x, y, width, height);
      return;
    }
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, x + 0.5, y + 0.5, width - 1, height - 1);
  cairo_stroke (cr);
}

void
weftline_where_draw_use (cairo_t *cr, const WeftlinePalette *palette, WeftTimeUse use, double x,
                         double y, double width, double height)
{
  uint32_t color = color_of (palette, use);

  if (patterns[use] == EMPTY)
    weftline_set_color (cr, palette->idle, 1);
  else
    weftline_set_color (
        cr, patterns[use] == SOLID ? color : weftline_blend (palette->card, color, 90), 1);
  fill (cr, x, y, width, height);
  weftline_set_color (cr, color, 1);
  if (patterns[use] == EMPTY)
    draw_outline (cr, x, y, width, height);
  else if (patterns[use] == HATCHED)
    weftline_hatch_draw (cr, x, y, width, height);
  else if (patterns[use] == STRIPED)
    draw_stripes (cr, x, y, width, height);
  else if (patterns[use] == DOTTED)
    draw_dots (cr, x, y, width, height);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static void
paint_bar (const WeftlineWherePaint *paint, cairo_t *cr, const WeftlineWhereBar *bar, int x, int y,
           int width, int height)
{
  weftline_set_color (cr, paint->palette->track, 1);
  fill (cr, turn (paint, x, width), y, width, height);
  for (unsigned i = 0; i < bar->n_pieces; i++)
    {
      const WeftlineWherePiece *piece = &bar->pieces[i];

      weftline_where_draw_use (cr, paint->palette, piece->use,
                               turn (paint, x + piece->x, piece->width), y, piece->width, height);
    }
}

/* Cut off where there is no room. Returns: its width */
static int
show (const WeftlineWherePaint *paint, cairo_t *cr, const char *text, WeftlineTextStyle style,
      int x, int y, int line, int room)
{
  g_autofree char *fitting = weftline_text_fit_middle (paint->text, text, style, MAX (room, 0));
  int width, height;

  weftline_text_size (paint->text, fitting, style, &width, &height);
  weftline_text_show (paint->text, cr, fitting, style, turn (paint, x, width),
                      y + (line - height) / 2);
  return width;
}

/* (transfer full): “no task ready (waiting for mAdd)”, where there is room for it */
static char *
entry_name (const WeftlineWherePaint *paint, WeftTimeUse use, int room)
{
  g_autofree char *name = NULL;

  if (use == WEFT_TIME_NO_TASK && paint->awaited != NULL)
    /* Translators: mostly for the end of tasks of that group */
    name = g_strdup_printf (_ ("no task ready (waiting for %s)"), paint->awaited);
  if (name != NULL && weftline_text_width (paint->text, name, WEFTLINE_TEXT_NORMAL) <= room)
    return g_steal_pointer (&name);
  return g_strdup (weftline_where_use_name (use));
}

static void
paint_hover (const WeftlineWherePaint *paint, cairo_t *cr, int x, int y, int width, int height)
{
  weftline_set_color (cr, paint->palette->accent, 0.08);
  fill (cr, turn (paint, x, width), y, width, height);
}

static void
paint_entry (const WeftlineWherePaint *paint, cairo_t *cr, const WeftlineWhereEntry *entry)
{
  int64_t ns = paint->total->ns[entry->use];
  g_autofree char *name = NULL;
  g_autofree char *share = weftline_where_share (entry->permille, ns);
  g_autofree char *time = weftline_format_duration (ns);
  int share_width =
      weftline_text_width (paint->text, "100.0" WEFTLINE_NO_BREAK_SPACE "%", WEFTLINE_TEXT_NORMAL);
  int time_width = weftline_text_width (paint->text, time, WEFTLINE_TEXT_SMALL) + PAD;
  int x = entry->x + SWATCH_WIDTH + PAD, room = entry->x + entry->width - share_width - x - PAD;
  bool short_of_room;

  if (paint->hover.has_use && paint->hover.use == entry->use)
    paint_hover (paint, cr, entry->x, entry->y, entry->width, WEFTLINE_WHERE_ENTRY);
  weftline_where_draw_use (cr, paint->palette, entry->use, turn (paint, entry->x, SWATCH_WIDTH),
                           entry->y + (WEFTLINE_WHERE_ENTRY - SWATCH_HEIGHT) / 2, SWATCH_WIDTH,
                           SWATCH_HEIGHT);
  weftline_set_color (cr, paint->palette->text, 1);
  show (paint, cr, share, WEFTLINE_TEXT_NORMAL,
        entry->x + entry->width - weftline_text_width (paint->text, share, WEFTLINE_TEXT_NORMAL),
        entry->y, WEFTLINE_WHERE_ENTRY, share_width);
  /* How long it was gives way to what it was: hovering tells both. */
  name = entry_name (paint, entry->use, room);
  short_of_room = weftline_text_width (paint->text, name, WEFTLINE_TEXT_NORMAL) > room - time_width;
  show (paint, cr, name, WEFTLINE_TEXT_NORMAL, x, entry->y, WEFTLINE_WHERE_ENTRY, room);
  if (short_of_room)
    return;
  weftline_set_color (cr, paint->palette->dim, 1);
  show (paint, cr, time, WEFTLINE_TEXT_SMALL, x + room - time_width + PAD, entry->y,
        WEFTLINE_WHERE_ENTRY, time_width);
}

/* Of a worker that is gone its mark comes first. */
static void
paint_name (const WeftlineWherePaint *paint, cairo_t *cr, const WeftTimeRow *row, int y, int room)
{
  g_autofree char *name = weftline_where_row_name (row);
  int x = 0;

  weftline_set_color (cr, paint->palette->dim, 1);
  if (paint->model != NULL && row->lane != WEFT_NONE
      && weftline_lane_gone (paint->model, row->lane, paint->at_ns) != WEFTLINE_NOT_GONE)
    {
      weftline_gone_form_draw (cr, paint->palette, turn (paint, 0, WEFTLINE_GONE_FORM),
                               y + (WEFTLINE_WHERE_ROW - WEFTLINE_GONE_FORM) / 2);
      x = WEFTLINE_GONE_ROOM;
    }
  show (paint, cr, name, WEFTLINE_TEXT_SMALL, x, y, WEFTLINE_WHERE_ROW, room - x);
}

static void
paint_line (const WeftlineWherePaint *paint, cairo_t *cr, const WeftlineWhereLine *line)
{
  const WeftTimeRow *row = &paint->rows[line->row];
  const WeftlineWhereLayout *layout = paint->layout;
  g_autofree char *share = NULL;
  int permille[WEFT_TIME_N_USES], end = layout->bar_x + layout->bar_width;

  if (paint->hover.row == line->row)
    paint_hover (paint, cr, 0, line->y, layout->width, WEFTLINE_WHERE_ROW);
  weftline_where_permille (row->ns, permille);
  share = weftline_where_share (permille[WEFT_TIME_RUNNING], row->ns[WEFT_TIME_RUNNING]);
  paint_name (paint, cr, row, line->y, layout->bar_x - PAD);
  show (paint, cr, share, WEFTLINE_TEXT_SMALL,
        layout->width - weftline_text_width (paint->text, share, WEFTLINE_TEXT_SMALL), line->y,
        WEFTLINE_WHERE_ROW, layout->width - end - PAD);
  paint_bar (paint, cr, &line->bar, layout->bar_x,
             line->y + (WEFTLINE_WHERE_ROW - WEFTLINE_WHERE_ROW_BAR) / 2, layout->bar_width,
             WEFTLINE_WHERE_ROW_BAR);
}

void
weftline_where_measure (WeftlineTextCache *text, const WeftTimeRow *rows, uint32_t n_rows,
                        int width, int *before, int *behind)
{
  *before = 0;
  for (uint32_t i = 0; i < MIN (n_rows, MOST_NAMES); i++)
    {
      g_autofree char *name = weftline_where_row_name (&rows[n_rows - 1 - i]);

      *before = MAX (*before, weftline_text_width (text, name, WEFTLINE_TEXT_SMALL) + PAD);
    }
  *before = MIN (*before, width * 2 / 5);
  *behind =
      weftline_text_width (text, "100.0" WEFTLINE_NO_BREAK_SPACE "%", WEFTLINE_TEXT_SMALL) + PAD;
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Returns: how many lines were shown */
static int
show_centred (const WeftlineWherePaint *paint, cairo_t *cr, char **lines, WeftlineTextStyle style,
              int y, int line)
{
  int n = 0, width = paint->layout->width;

  for (char **words = lines; *words != NULL; words++, n++)
    show (paint, cr, *words, style, (width - weftline_text_width (paint->text, *words, style)) / 2,
          y + n * line, line, width);
  return n;
}

/* As many words as there is room for below the bar, in lines. */
static void
paint_empty (const WeftlineWherePaint *paint, cairo_t *cr)
{
  const WeftlineWhereLayout *layout = paint->layout;
  int line = weftline_text_height (paint->text, WEFTLINE_TEXT_NORMAL) + 4;
  int room = MAX (layout->height - WEFTLINE_WHERE_TOP, 0), most = room / line;
  g_auto (GStrv) title =
      weftline_text_lines (paint->text, _ ("No time has passed yet"), WEFTLINE_TEXT_BOLD,
                           layout->width, (unsigned) MIN (most, 2));
  int n_title = (int) g_strv_length (title);
  g_auto (GStrv) about =
      weftline_text_lines (paint->text, _ ("How much was work, and what the rest waited for"),
                           WEFTLINE_TEXT_SMALL, layout->width, (unsigned) MIN (most - n_title, 2));
  int n = n_title + (int) g_strv_length (about);
  int y = WEFTLINE_WHERE_TOP + (room - n * line) / 2;

  weftline_set_color (cr, paint->palette->text, 1);
  y += line * show_centred (paint, cr, title, WEFTLINE_TEXT_BOLD, y, line);
  weftline_set_color (cr, paint->palette->dim, 1);
  show_centred (paint, cr, about, WEFTLINE_TEXT_SMALL, y, line);
}

/* Whole sentences: what has no room is told by the tooltip. (transfer full) */
static char *
fit_caption (const WeftlineWherePaint *paint)
{
  g_autofree char *caption = g_strdup (paint->caption);
  char *end;

  while (weftline_text_width (paint->text, caption, WEFTLINE_TEXT_SMALL) > paint->layout->width
         && (end = g_strrstr (caption, " · ")) != NULL)
    *end = '\0';
  return g_steal_pointer (&caption);
}

void
weftline_where_paint (const WeftlineWherePaint *paint, cairo_t *cr)
{
  const WeftlineWhereLayout *layout = paint->layout;

  weftline_set_color (cr, paint->palette->card, 1);
  fill (cr, 0, 0, layout->width, layout->height);
  paint_bar (paint, cr, &layout->total, 0, 0, layout->width, WEFTLINE_WHERE_BAR);
  if (paint->total->total_ns == 0)
    {
      paint_empty (paint, cr);
      return;
    }
  for (unsigned i = 0; i < layout->n_entries; i++)
    if (layout->entries[i].shown)
      paint_entry (paint, cr, &layout->entries[i]);
  weftline_set_color (cr, paint->palette->dim, 1);
  if (layout->has_caption)
    {
      g_autofree char *caption = fit_caption (paint);

      show (paint, cr, caption, WEFTLINE_TEXT_SMALL, 0, layout->caption_y + 4,
            WEFTLINE_WHERE_CAPTION - 4, layout->width);
    }
  for (guint i = 0; i < layout->lines->len; i++)
    paint_line (paint, cr, &g_array_index (layout->lines, WeftlineWhereLine, i));
}
