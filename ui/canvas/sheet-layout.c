/* sheet-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/sheet-layout.h"

#include <string.h>

#define MAX_PARAGRAPH 4000 /* bytes of a line that are wrapped at once */
#define NARROW_LINES 13    /* narrower, titles stand above what is said */
#define TITLE_SHARE 0.4    /* of the width, at most */

/* ---- columns --------------------------------------------------------------------------------- */

static int
width_at (const WeftlineSheetColumn *column, int level)
{
  return MAX (column->least, MIN (column->natural, level));
}

static int
total_at (const WeftlineSheetColumn *columns, unsigned n, int level)
{
  int total = 0;

  for (unsigned i = 0; i < n; i++)
    total += width_at (&columns[i], level);
  return total;
}

/* How many are no narrower than they have to be. */
static unsigned
count_columns (const WeftlineSheetColumn *columns, unsigned n, int width, int gap)
{
  int total = 0;

  for (unsigned i = 0; i < n; i++)
    {
      total += columns[i].least + (i > 0 ? gap : 0);
      if (total > width)
        return MAX (i, 1);
    }
  return n;
}

/* The widest none may exceed so that all find room. */
static int
find_level (const WeftlineSheetColumn *columns, unsigned n, int width)
{
  int low = 0, high = 0;

  for (unsigned i = 0; i < n; i++)
    high = MAX (high, columns[i].natural);
  while (low < high)
    {
      int middle = low + (high - low + 1) / 2;

      if (total_at (columns, n, middle) <= width)
        low = middle;
      else
        high = middle - 1;
    }
  return low;
}

static int
count_growing (const WeftlineSheetColumn *columns, unsigned n)
{
  int n_growing = 0;

  for (unsigned i = 0; i < n; i++)
    n_growing += columns[i].grows;
  return n_growing;
}

/* What is left goes to those that grow, the first of them takes the odd ones. */
static void
grow (const WeftlineSheetColumn *columns, unsigned n, int left, WeftlineSheetPlace *places)
{
  int n_growing = count_growing (columns, n);

  for (unsigned i = 0; i < n && n_growing > 0; i++)
    if (columns[i].grows)
      {
        int share = (left + n_growing - 1) / n_growing;

        places[i].width += share;
        left -= share;
        n_growing--;
      }
}

unsigned
weftline_sheet_columns (const WeftlineSheetColumn *columns, unsigned n, int width, int gap,
                        int most_gap, WeftlineSheetPlace *places)
{
  unsigned n_shown = count_columns (columns, n, width, gap);
  int n_gaps = (int) n_shown - 1, room = width - n_gaps * gap, left, wider = 0;
  int level = find_level (columns, n_shown, room), x = 0;

  for (unsigned i = 0; i < n_shown; i++)
    places[i].width = width_at (&columns[i], level);
  if (n_shown == 1)
    places[0].width = CLAMP (places[0].width, 0, MAX (width, 0));
  left = MAX (room - total_at (columns, n_shown, level), 0);
  if (n_gaps > 0)
    wider = MIN (left / (n_gaps + count_growing (columns, n_shown)), MAX (most_gap - gap, 0));
  grow (columns, n_shown, left - wider * n_gaps, places);
  for (unsigned i = 0; i < n_shown; i++)
    {
      places[i].x = x;
      x += places[i].width + gap + wider;
    }
  return n_shown;
}

uint32_t
weftline_sheet_rows (uint32_t n_rows, int height, int row_height, uint32_t *first)
{
  uint32_t n = height > 0 ? (uint32_t) (height / row_height) : 0;

  n = MIN (n, n_rows);
  *first = MIN (*first, n_rows - n);
  return n;
}

/* ---- items ----------------------------------------------------------------------------------- */

static void
item_clear (void *data)
{
  WeftlineSheetItem *item = data;

  g_free (item->title.text);
  g_free (item->text.text);
}

GArray *
weftline_sheet_items_new (void)
{
  GArray *items = g_array_new (FALSE, TRUE, sizeof (WeftlineSheetItem));

  g_array_set_clear_func (items, item_clear);
  return items;
}

WeftlineSheetItem *
weftline_sheet_items_add (GArray *items, WeftlineSheetKind kind, const char *title,
                          const char *text)
{
  WeftlineSheetItem *item;

  g_array_set_size (items, items->len + 1);
  item = &g_array_index (items, WeftlineSheetItem, items->len - 1);
  item->kind = kind;
  item->title.text = g_strdup (title);
  item->text.text = g_strdup (text);
  item->weight = 1;
  return item;
}

static void
add_part (GArray *items, const WeftlineSheetItem *like, const char *title, const char *text,
          size_t n_bytes, bool goes_on)
{
  WeftlineSheetItem *item = weftline_sheet_items_add (items, like->kind, title, NULL);
  WeftlineSheetItem copy = *like;

  copy.title.text = item->title.text;
  copy.text.text = g_strndup (text, n_bytes);
  copy.goes_on = goes_on || like->goes_on;
  *item = copy;
}

void
weftline_sheet_items_add_lines (GArray *items, const WeftlineSheetItem *like, const char *title,
                                const char *text)
{
  bool goes_on = false;

  do
    {
      size_t n_bytes = strcspn (text, "\n");
      bool is_whole = n_bytes <= MAX_PARAGRAPH;

      if (!is_whole)
        for (n_bytes = MAX_PARAGRAPH; n_bytes > 0 && (text[n_bytes] & 0xc0) == 0x80;)
          n_bytes--;
      add_part (items, like, goes_on ? NULL : title, text, n_bytes, goes_on);
      goes_on = true;
      text += n_bytes;
      if (is_whole && *text == '\n')
        text++;
    }
  while (*text != '\0');
}

/* ---- the flow -------------------------------------------------------------------------------- */

static void
line_clear (void *data)
{
  g_free (((WeftlineSheetLine *) data)->cell.text);
}

void
weftline_sheet_flow_init (WeftlineSheetFlow *flow)
{
  *flow = (WeftlineSheetFlow){ 0 };
  flow->lines = g_array_new (FALSE, FALSE, sizeof (WeftlineSheetLine));
  g_array_set_clear_func (flow->lines, line_clear);
  flow->boxes = g_array_new (FALSE, FALSE, sizeof (WeftlineSheetBox));
}

void
weftline_sheet_flow_clear (WeftlineSheetFlow *flow)
{
  g_clear_pointer (&flow->lines, g_array_unref);
  g_clear_pointer (&flow->boxes, g_array_unref);
}

/* What goes on while items are placed. */
typedef struct
{
  const WeftlineSheetMeasure *measure;
  const GArray *items;
  int width;
  int titles; /* their width */
  int unit;   /* height of a line */
  bool narrow;
} Flowing;

static const WeftlineSheetItem *
item_at (const Flowing *flowing, guint i)
{
  return &g_array_index (flowing->items, WeftlineSheetItem, i);
}

static bool
has_title (const WeftlineSheetItem *item)
{
  return item->title.text != NULL && *item->title.text != '\0';
}

static int
pad_of (const Flowing *flowing)
{
  return flowing->unit * 3 / 8;
}

/* As wide as the longest, within reason. */
static void
find_titles (Flowing *flowing)
{
  int most = (int) (flowing->width * TITLE_SHARE), widest = 0;

  for (guint i = 0; i < flowing->items->len && widest < most; i++)
    {
      const WeftlineSheetItem *item = item_at (flowing, i);

      if (item->kind == WEFTLINE_SHEET_PAIR && has_title (item))
        widest = MAX (widest, flowing->measure->width (flowing->measure->data, item->title.text,
                                                       item->title.font));
    }
  flowing->titles = MIN (widest, most);
  flowing->narrow = flowing->width < NARROW_LINES * flowing->unit;
}

/* Whether one thing ends and another begins. A heading belongs to what follows. */
static bool
is_other_kind (WeftlineSheetKind above, WeftlineSheetKind kind)
{
  return above != kind && above != WEFTLINE_SHEET_HEADING;
}

/* Before it, behind the one above. */
static int
gap_above (const Flowing *flowing, guint i, guint first)
{
  const WeftlineSheetItem *item = item_at (flowing, i);

  if (i == first)
    return 0;
  if (item->kind == WEFTLINE_SHEET_HEADING)
    return flowing->unit * 3 / 4;
  if (item->goes_on)
    return 0;
  return is_other_kind (item_at (flowing, i - 1)->kind, item->kind) ? flowing->unit / 2
                                                                    : flowing->unit / 4;
}

static int
form_room (const Flowing *flowing, const WeftlineSheetCell *cell)
{
  return cell->has_form ? flowing->unit * 3 / 2 : 0;
}

static void
add_line (const Flowing *flowing, GArray *lines, guint i, const WeftlineSheetCell *cell,
          const char *text, int x, int y, int width)
{
  const WeftlineSheetItem *item = item_at (flowing, i);
  WeftlineSheetLine line = { .item = i,
                             .x = x,
                             .y = y,
                             .width = MAX (width, 0),
                             .height = flowing->measure->heights[cell->font],
                             .cell = *cell,
                             .cut = item->cut || item->kind == WEFTLINE_SHEET_HEADING,
                             .at_end = item->at_end && cell == &item->text };

  line.cell.text = g_strdup (text);
  g_array_append_val (lines, line);
}

/* Returns: its height */
static int
add_text (const Flowing *flowing, GArray *lines, guint i, const WeftlineSheetCell *cell, int x,
          int y, int width)
{
  const WeftlineSheetItem *item = item_at (flowing, i);
  int height = flowing->measure->heights[cell->font], indent = form_room (flowing, cell), all = 0;
  g_auto (GStrv) parts = NULL;

  if (cell->text == NULL)
    return 0;
  if (item->cut)
    {
      add_line (flowing, lines, i, cell, cell->text, x, y, width);
      return height;
    }
  parts = flowing->measure->wrap (flowing->measure->data, cell->text, cell->font,
                                  MAX (width - indent, 1));
  for (guint k = 0; parts[k] != NULL; k++, all += height)
    {
      int in = k > 0 ? indent : 0; /* the form stands before the first only */

      add_line (flowing, lines, i, cell, parts[k], x + in, y + all, width - in);
      g_array_index (lines, WeftlineSheetLine, lines->len - 1).cell.has_form &= k == 0;
    }
  return all;
}

/* Title and figures in one line, the latter behind. */
static int
add_heading (const Flowing *flowing, GArray *lines, guint i, int y)
{
  const WeftlineSheetItem *item = item_at (flowing, i);
  const WeftlineSheetMeasure *measure = flowing->measure;
  int width =
      has_title (item) ? measure->width (measure->data, item->title.text, item->title.font) : 0;
  int after = MIN (width, flowing->width) + flowing->unit / 2;

  if (has_title (item))
    add_line (flowing, lines, i, &item->title, item->title.text, 0, y, MIN (width, flowing->width));
  if (item->text.text != NULL && *item->text.text != '\0' && after < flowing->width)
    add_line (flowing, lines, i, &item->text, item->text.text, after, y, flowing->width - after);
  return measure->heights[item->title.font];
}

/* Whether its text is in the same box as that before. */
static bool
joins (const Flowing *flowing, guint i)
{
  const WeftlineSheetItem *item = item_at (flowing, i), *above;

  if (i == 0 || !item->boxed || !item->goes_on || has_title (item))
    return false;
  above = item_at (flowing, i - 1);
  return above->boxed && above->kind == item->kind;
}

/* A box begins, or goes on. */
static void
add_box (const Flowing *flowing, GArray *boxes, guint i, int x, int y, int width, int height)
{
  WeftlineSheetBox box = { i, x, y, width, height };
  WeftlineSheetBox *last =
      boxes->len > 0 ? &g_array_index (boxes, WeftlineSheetBox, boxes->len - 1) : NULL;

  if (last != NULL && joins (flowing, i) && last->y + last->height >= y)
    last->height = y + height - last->y;
  else
    g_array_append_val (boxes, box);
}

/* Returns: its height, with what a box has around it */
static int
add_pair (const Flowing *flowing, WeftlineSheetFlow *flow, guint i, int y)
{
  const WeftlineSheetItem *item = item_at (flowing, i);
  bool is_pair = item->kind == WEFTLINE_SHEET_PAIR && flowing->titles > 0;
  int beside = is_pair && !flowing->narrow ? flowing->titles + flowing->unit * 9 / 8 : 0;
  int pad = item->boxed ? pad_of (flowing) : 0, top = 0, title = 0, text;
  int before = joins (flowing, i) ? 0 : pad;

  if (is_pair && has_title (item))
    title = add_text (flowing, flow->lines, i, &item->title, 0, y + (flowing->narrow ? 0 : before),
                      flowing->narrow ? flowing->width : flowing->titles);
  if (flowing->narrow)
    top = title, title = 0;
  text = add_text (flowing, flow->lines, i, &item->text, beside + pad, y + top + before,
                   flowing->width - beside - 2 * pad);
  if (item->boxed)
    add_box (flowing, flow->boxes, i, beside, y + top, flowing->width - beside,
             before + text + pad);
  return MAX (title + (item->boxed ? before : 0), top + before + text + pad);
}

/* Returns: its height */
static int
add_item (const Flowing *flowing, WeftlineSheetFlow *flow, guint i, int y)
{
  const WeftlineSheetItem *item = item_at (flowing, i);
  WeftlineSheetBox bar = { i, 0, y, flowing->width, MAX (flowing->unit / 4, 3) };

  switch (item->kind)
    {
    case WEFTLINE_SHEET_HEADING:
      return add_heading (flowing, flow->lines, i, y);
    case WEFTLINE_SHEET_BAR:
      g_array_append_val (flow->boxes, bar);
      return bar.height;
    case WEFTLINE_SHEET_PAIR:
    case WEFTLINE_SHEET_ACROSS:
    default:
      return add_pair (flowing, flow, i, y);
    }
}

/* Of a box that goes on only the last part has room below. */
static int
overlap (const Flowing *flowing, guint i, guint first)
{
  return i > first && joins (flowing, i) ? pad_of (flowing) : 0;
}

/* Whether it has room for its lines; if not they are taken away again. */
static bool
try_item (const Flowing *flowing, WeftlineSheetFlow *flow, guint i, int height)
{
  guint n_lines = flow->lines->len, n_boxes = flow->boxes->len;
  WeftlineSheetBox last = { 0 };
  int y = flow->height + gap_above (flowing, i, flow->first) - overlap (flowing, i, flow->first);
  int below;

  if (n_boxes > 0)
    last = g_array_index (flow->boxes, WeftlineSheetBox, n_boxes - 1);
  below = y + add_item (flowing, flow, i, y);
  if (below <= height)
    {
      flow->height = below;
      flow->weight += item_at (flowing, i)->weight;
      flow->n_items++;
      return true;
    }
  g_array_set_size (flow->lines, n_lines);
  g_array_set_size (flow->boxes, n_boxes);
  if (n_boxes > 0)
    g_array_index (flow->boxes, WeftlineSheetBox, n_boxes - 1) = last;
  return false;
}

static void
reset (WeftlineSheetFlow *flow, guint first)
{
  g_array_set_size (flow->lines, 0);
  g_array_set_size (flow->boxes, 0);
  flow->first = first;
  flow->n_items = 0;
  flow->weight = 0;
  flow->height = 0;
}

/* The first of those that find room, up to the last: they are measured one by one from the end. */
static guint
find_first (const Flowing *flowing, WeftlineSheetFlow *flow, int height)
{
  guint first = flowing->items->len;
  int used = 0; /* with what stands above the first of them */

  while (first > 0)
    {
      int needed;

      reset (flow, first - 1);
      needed = add_item (flowing, flow, first - 1, 0);
      if (used + needed > height)
        break;
      first--;
      used += needed;
      if (first > 0)
        used += gap_above (flowing, first, 0) - overlap (flowing, first, 0);
    }
  return first;
}

/* What the first of them stands under, where that is not shown itself; G_MAXUINT: nothing. */
static guint
find_heading (const Flowing *flowing, guint first)
{
  if (first == 0 || first >= flowing->items->len)
    return G_MAXUINT;
  for (guint i = first + 1; i-- > 0;)
    if (item_at (flowing, i)->kind == WEFTLINE_SHEET_HEADING)
      return i < first ? i : G_MAXUINT;
  return G_MAXUINT;
}

/* The last, and above them what they stand under, if there is room for any then. */
static guint
begin_at_end (const Flowing *flowing, WeftlineSheetFlow *flow, int height)
{
  guint first = find_first (flowing, flow, height), under = G_MAXUINT;

  if (find_heading (flowing, first) < first)
    {
      int unit = flowing->measure->heights[WEFTLINE_SHEET_BOLD];
      guint fewer = find_first (flowing, flow, height - unit);

      if (fewer < flowing->items->len)
        first = fewer;
      under = find_heading (flowing, fewer);
    }
  reset (flow, first);
  if (under < first)
    flow->height = add_item (flowing, flow, under, 0);
  return first;
}

void
weftline_sheet_flow_run (WeftlineSheetFlow *flow, const WeftlineSheetMeasure *measure,
                         const GArray *items, int width, int height, bool from_end)
{
  Flowing flowing = { .measure = measure,
                      .items = items,
                      .width = MAX (width, 1),
                      .unit = measure->heights[WEFTLINE_SHEET_NORMAL] };
  guint first;

  find_titles (&flowing);
  reset (flow, 0);
  first = from_end ? begin_at_end (&flowing, flow, height) : 0;
  for (guint i = first; i < items->len; i++)
    if (!try_item (&flowing, flow, i, height))
      break;
}
