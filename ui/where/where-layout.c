/* where-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "where/where-layout.h"

void
weftline_where_layout_init (WeftlineWhereLayout *layout)
{
  *layout = (WeftlineWhereLayout){ 0 };
  layout->lines = g_array_new (FALSE, TRUE, sizeof (WeftlineWhereLine));
}

void
weftline_where_layout_clear (WeftlineWhereLayout *layout)
{
  g_clear_pointer (&layout->lines, g_array_unref);
}

/* ---- dividing -------------------------------------------------------------------------------- */

/* Units each use gets, @least at least where there is any; @units in all. What is left over goes
 * where most was cut off, what is too much is taken from the widest. */
static void
divide (const int64_t *ns, int units, int least, int *parts)
{
  double exact[WEFT_TIME_N_USES];
  int64_t sum = 0;
  int rest = units;

  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    sum += ns[use];
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    {
      exact[use] = sum > 0 ? (double) units * (double) ns[use] / (double) sum : 0;
      parts[use] = ns[use] > 0 ? MAX ((int) exact[use], least) : 0;
      rest -= parts[use];
    }
  while (sum > 0 && rest != 0)
    {
      unsigned best = 0;
      double most = -G_MAXDOUBLE;

      for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
        {
          double over = rest > 0 ? exact[use] - parts[use] : parts[use];

          if (ns[use] > 0 && over > most)
            {
              best = use;
              most = over;
            }
        }
      parts[best] += rest > 0 ? 1 : -1;
      rest -= rest > 0 ? 1 : -1;
    }
}

void
weftline_where_divide (const int64_t *ns, int width, WeftlineWhereBar *bar)
{
  int parts[WEFT_TIME_N_USES], x = 0;

  divide (ns, MAX (width, 0), 1, parts);
  bar->n_pieces = 0;
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    {
      if (parts[use] > 0)
        bar->pieces[bar->n_pieces++] = (WeftlineWherePiece){ (WeftTimeUse) use, x, parts[use] };
      x += parts[use];
    }
}

void
weftline_where_permille (const int64_t *ns, int *permille)
{
  divide (ns, 1000, 0, permille);
}

/* ---- places ---------------------------------------------------------------------------------- */

/* What is always said, and what there is. */
static bool
is_said (const WeftTimeRow *total, unsigned use)
{
  return total->ns[use] > 0 || use == WEFT_TIME_RUNNING || use == WEFT_TIME_NO_TASK
         || use == WEFT_TIME_SCHEDULER;
}

/* Returns: the legend's height */
static int
place_legend (WeftlineWhereLayout *layout, const WeftTimeRow *total, int y)
{
  int n_columns = CLAMP (layout->width / WEFTLINE_WHERE_COLUMN, 1, 3);
  int column = (layout->width - (n_columns - 1) * WEFTLINE_WHERE_GAP) / n_columns, n_lines;
  int permille[WEFT_TIME_N_USES];

  weftline_where_permille (total->ns, permille);
  layout->n_entries = 0;
  for (unsigned use = 0; use < WEFT_TIME_N_USES; use++)
    if (is_said (total, use))
      layout->entries[layout->n_entries++] =
          (WeftlineWhereEntry){ .use = (WeftTimeUse) use, .permille = permille[use] };
  n_lines = ((int) layout->n_entries + n_columns - 1) / n_columns;
  for (unsigned i = 0; i < layout->n_entries; i++)
    {
      WeftlineWhereEntry *entry = &layout->entries[i];

      entry->x = (int) i / n_lines * (column + WEFTLINE_WHERE_GAP);
      entry->y = y + (int) i % n_lines * WEFTLINE_WHERE_ENTRY;
      entry->width = column;
    }
  return n_lines * WEFTLINE_WHERE_ENTRY;
}

/* Where rows can be seen. */
static int
top_of_rows (const WeftlineWhereLayout *layout)
{
  return layout->caption_y + WEFTLINE_WHERE_CAPTION;
}

static void
place_rows (WeftlineWhereLayout *layout, const WeftTimeRow *rows, int y)
{
  int hidden = MAX (top_of_rows (layout) - y, 0) / WEFTLINE_WHERE_ROW;

  g_array_set_size (layout->lines, 0);
  for (uint32_t i = (uint32_t) hidden; i < layout->n_rows; i++)
    {
      WeftlineWhereLine line = { .row = i, .y = y + (int) i * WEFTLINE_WHERE_ROW };

      if (line.y + WEFTLINE_WHERE_ROW > layout->height)
        break;
      weftline_where_divide (rows[i].ns, layout->bar_width, &line.bar);
      g_array_append_val (layout->lines, line);
    }
  layout->n_shown = layout->lines->len;
}

/* Lines of the legend are as high as workers', so with each step some line is the first. */
static int
whole_lines (int units)
{
  _Static_assert(WEFTLINE_WHERE_ENTRY == WEFTLINE_WHERE_ROW, "lines are alike");
  return (units + WEFTLINE_WHERE_ROW - 1) / WEFTLINE_WHERE_ROW * WEFTLINE_WHERE_ROW;
}

static int
end_of_legend (const WeftlineWhereLayout *layout)
{
  return layout->has_caption ? layout->caption_y : layout->height;
}

static void
show_legend (WeftlineWhereLayout *layout, int scroll)
{
  int end = end_of_legend (layout);

  layout->n_entries_shown = 0;
  for (unsigned i = 0; i < layout->n_entries; i++)
    {
      WeftlineWhereEntry *entry = &layout->entries[i];

      entry->y += WEFTLINE_WHERE_TOP - scroll;
      entry->shown = entry->y >= WEFTLINE_WHERE_TOP && entry->y + WEFTLINE_WHERE_ENTRY <= end;
      layout->n_entries_shown += entry->shown;
    }
}

void
weftline_where_layout (WeftlineWhereLayout *layout, const WeftTimeRow *total,
                       const WeftTimeRow *rows, uint32_t n_rows, int width, int height, int before,
                       int behind, int scroll)
{
  int legend, caption_y;

  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  layout->n_rows = n_rows;
  layout->bar_x = MIN (before, layout->width);
  layout->bar_width = MAX (layout->width - before - behind, 0);
  weftline_where_divide (total->ns, layout->width, &layout->total);
  legend = place_legend (layout, total, 0);
  layout->content_height = (int) MIN (WEFTLINE_WHERE_TOP + legend + WEFTLINE_WHERE_CAPTION
                                          + (int64_t) n_rows * WEFTLINE_WHERE_ROW,
                                      G_MAXINT / 2);
  layout->most_scroll = whole_lines (MAX (layout->content_height - layout->height, 0));
  scroll = whole_lines (CLAMP (scroll, 0, layout->most_scroll));
  caption_y = WEFTLINE_WHERE_TOP + legend - scroll;
  layout->caption_y =
      MAX (MIN (caption_y, layout->height - WEFTLINE_WHERE_CAPTION), WEFTLINE_WHERE_TOP);
  layout->has_caption = layout->caption_y + WEFTLINE_WHERE_CAPTION <= layout->height;
  show_legend (layout, scroll);
  place_rows (layout, rows, caption_y + WEFTLINE_WHERE_CAPTION);
}

/* ---- hits ------------------------------------------------------------------------------------ */

static bool
hit_bar (const WeftlineWhereBar *bar, int x, WeftlineWhereHit *hit)
{
  for (unsigned i = 0; i < bar->n_pieces; i++)
    if (x >= bar->pieces[i].x && x < bar->pieces[i].x + bar->pieces[i].width)
      {
        hit->has_use = true;
        hit->use = bar->pieces[i].use;
        return true;
      }
  return false;
}

static bool
hit_legend (const WeftlineWhereLayout *layout, int x, int y, WeftlineWhereHit *hit)
{
  for (unsigned i = 0; i < layout->n_entries; i++)
    {
      const WeftlineWhereEntry *entry = &layout->entries[i];

      if (!entry->shown || y < entry->y || y >= entry->y + WEFTLINE_WHERE_ENTRY || x < entry->x
          || x >= entry->x + entry->width)
        continue;
      hit->has_use = true;
      hit->use = entry->use;
      return true;
    }
  return false;
}

bool
weftline_where_hit (const WeftlineWhereLayout *layout, int x, int y, WeftlineWhereHit *hit)
{
  *hit = (WeftlineWhereHit){ .row = WEFT_NONE };
  if (x < 0 || x >= layout->width || y < 0 || y >= layout->height)
    return false;
  if (y < WEFTLINE_WHERE_TOP)
    return hit_bar (&layout->total, x, hit);
  if (y < end_of_legend (layout))
    return hit_legend (layout, x, y, hit);
  if (y < top_of_rows (layout))
    return false;
  for (guint i = 0; i < layout->lines->len; i++)
    {
      const WeftlineWhereLine *line = &g_array_index (layout->lines, WeftlineWhereLine, i);

      if (y < line->y || y >= line->y + WEFTLINE_WHERE_ROW)
        continue;
      hit->row = line->row;
      hit_bar (&line->bar, x - layout->bar_x, hit);
      return true;
    }
  return false;
}
