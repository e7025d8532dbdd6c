/* workers-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "workers/workers-layout.h"

#define LINE_LEAST 28
#define LINE_MOST 120
#define BAR_FAIR 84
#define BAR_MOST 220
#define GAP_MOST 30
#define SCROLL_BAR 8 /* at the end, where not all rows are seen */

void
weftline_workers_layout_clear (WeftlineWorkersLayout *layout)
{
  g_clear_pointer (&layout->lines, g_free);
}

/* ---- columns --------------------------------------------------------------------------------- */

/* What goes first where there is no room: what is told by another, or seldom looked at. The first
 * SELDOM give way to lines, too. */
#define SELDOM 2
static const WeftlineWorkersColumn least_first[] = {
  WEFTLINE_WORKERS_FDS,         WEFTLINE_WORKERS_READY,    WEFTLINE_WORKERS_DISK_WRITTEN,
  WEFTLINE_WORKERS_DISK_READ,   WEFTLINE_WORKERS_THREADS,  WEFTLINE_WORKERS_OCCUPANCY,
  WEFTLINE_WORKERS_NET_WRITTEN, WEFTLINE_WORKERS_NET_READ, WEFTLINE_WORKERS_FAILED,
  WEFTLINE_WORKERS_PROCESSING,  WEFTLINE_WORKERS_DONE,     WEFTLINE_WORKERS_RUNNING,
  WEFTLINE_WORKERS_CPU,         WEFTLINE_WORKERS_STATE,    WEFTLINE_WORKERS_MEMORY,
};

static int
total_width (const WeftlineWorkersLayout *layout, int gap)
{
  int width = 0;

  for (unsigned i = 0; i < layout->n_columns; i++)
    width += layout->places[i].width + (i > 0 ? gap : 0);
  return width;
}

static void
leave_out (WeftlineWorkersLayout *layout, WeftlineWorkersColumn column)
{
  unsigned n = 0;

  for (unsigned i = 0; i < layout->n_columns; i++)
    if (layout->places[i].column != column)
      layout->places[n++] = layout->places[i];
  layout->n_columns = n;
}

/* Lines in the order in which they are wanted; so many of them are shown, or none. */
static const WeftlineWorkersColumn lines[] = {
  WEFTLINE_WORKERS_CPU,       WEFTLINE_WORKERS_NET_READ,     WEFTLINE_WORKERS_NET_WRITTEN,
  WEFTLINE_WORKERS_DISK_READ, WEFTLINE_WORKERS_DISK_WRITTEN,
};
static const unsigned n_lines[] = { 5, 3, 1 };

static WeftlineWorkersPlace *
find_place (WeftlineWorkersLayout *layout, WeftlineWorkersColumn column)
{
  for (unsigned i = 0; i < layout->n_columns; i++)
    if (layout->places[i].column == column)
      return &layout->places[i];
  return NULL;
}

static unsigned
count_lines (WeftlineWorkersLayout *layout, unsigned most)
{
  unsigned n = 0;

  for (unsigned i = 0; i < most; i++)
    n += find_place (layout, lines[i]) != NULL;
  return n;
}

static int
least_lines (WeftlineWorkersLayout *layout)
{
  return (int) count_lines (layout, G_N_ELEMENTS (lines)) * (LINE_LEAST + WEFTLINE_WORKERS_INNER);
}

static void
choose_columns (WeftlineWorkersLayout *layout, const bool *has, const WeftlineWorkersRoom *room,
                int width)
{
  layout->n_columns = 0;
  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    if (has[i])
      {
        int picture = i == WEFTLINE_WORKERS_MEMORY ? WEFTLINE_WORKERS_BAR : 0;

        int inner = picture > 0 ? WEFTLINE_WORKERS_INNER : 0;

        layout->places[layout->n_columns++] =
            (WeftlineWorkersPlace){ .column = (WeftlineWorkersColumn) i,
                                    .width = room->least[i] + picture + inner,
                                    .picture = picture };
      }
  layout->n_known = layout->n_columns;
  for (unsigned i = 0;
       i < G_N_ELEMENTS (least_first)
       && total_width (layout, WEFTLINE_WORKERS_GAP) + (i < SELDOM ? least_lines (layout) : 0)
              > width;
       i++)
    leave_out (layout, least_first[i]);
  if (layout->n_columns == 1)
    layout->places[0].width = MIN (layout->places[0].width, width);
}

/* So much of what is wanted as is left. */
static int
give (int *rest, int wanted)
{
  int given = CLAMP (wanted, 0, MAX (*rest, 0));

  *rest -= given;
  return given;
}

static void
widen_name (WeftlineWorkersLayout *layout, const WeftlineWorkersRoom *room, int *rest)
{
  WeftlineWorkersPlace *place = find_place (layout, WEFTLINE_WORKERS_NAME);

  if (place == NULL) /* there is no run yet */
    return;
  place->width += give (rest, room->natural[WEFTLINE_WORKERS_NAME] - place->width);
  layout->short_names = place->width < room->natural[WEFTLINE_WORKERS_NAME];
}

/* All titles in whole, or all short: one beside the other they are read as of one kind. */
static void
widen_titles (WeftlineWorkersLayout *layout, const WeftlineWorkersRoom *room, int *rest)
{
  int wanted = 0;

  for (unsigned i = 1; i < layout->n_columns; i++)
    wanted += room->natural[layout->places[i].column] - room->least[layout->places[i].column];
  layout->short_titles = wanted > *rest;
  if (layout->short_titles)
    return;
  for (unsigned i = 1; i < layout->n_columns; i++)
    layout->places[i].width +=
        room->natural[layout->places[i].column] - room->least[layout->places[i].column];
  *rest -= wanted;
}

static void
widen_bar (WeftlineWorkersLayout *layout, int most, int *rest)
{
  WeftlineWorkersPlace *place = find_place (layout, WEFTLINE_WORKERS_MEMORY);
  int more = place != NULL ? give (rest, most - place->picture) : 0;

  if (place == NULL)
    return;
  place->picture += more;
  place->width += more;
}

/* As many as find room at their least length. */
static unsigned
choose_lines (WeftlineWorkersLayout *layout, int rest)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (n_lines); i++)
    if ((int) count_lines (layout, n_lines[i]) * (LINE_LEAST + WEFTLINE_WORKERS_INNER) <= rest)
      return n_lines[i];
  return 0;
}

/* All that are shown are as long. */
static void
lengthen_lines (WeftlineWorkersLayout *layout, unsigned most, int each, int *rest)
{
  for (unsigned i = 0; i < most; i++)
    {
      WeftlineWorkersPlace *place = find_place (layout, lines[i]);
      int more;

      if (place == NULL)
        continue;
      more = each - place->picture + (place->picture > 0 ? 0 : WEFTLINE_WORKERS_INNER);
      place->picture = each;
      place->width += more;
      *rest -= more;
    }
}

/* What is wanted first: lines, names and titles in whole, longer lines, a longer bar, air. */
static void
widen_columns (WeftlineWorkersLayout *layout, const WeftlineWorkersRoom *room, int *rest)
{
  unsigned most = choose_lines (layout, *rest), n = count_lines (layout, most);

  lengthen_lines (layout, most, LINE_LEAST, rest);
  widen_name (layout, room, rest);
  widen_titles (layout, room, rest);
  widen_bar (layout, BAR_FAIR, rest);
  if (n > 0)
    lengthen_lines (layout, most, MIN (LINE_LEAST + *rest / (int) n, LINE_MOST), rest);
  widen_bar (layout, BAR_MOST, rest);
}

static void
place_columns (WeftlineWorkersLayout *layout, const WeftlineWorkersRoom *room, int width)
{
  int rest = width - total_width (layout, WEFTLINE_WORKERS_GAP), gap = WEFTLINE_WORKERS_GAP;
  int x = MIN (WEFTLINE_WORKERS_EDGE, layout->width / 2);

  widen_columns (layout, room, &rest);
  if (layout->n_columns > 1)
    gap += MIN (rest / (int) (layout->n_columns - 1), GAP_MOST - gap);
  for (unsigned i = 0; i < layout->n_columns; i++)
    {
      layout->places[i].x = x;
      x += layout->places[i].width + gap;
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
place_rows (WeftlineWorkersLayout *layout, uint32_t n_rows, uint32_t scroll)
{
  int room;

  layout->n_rows = n_rows;
  layout->has_total =
      n_rows > 1 && layout->height >= WEFTLINE_WORKERS_HEAD + 2 * WEFTLINE_WORKERS_ROW;
  layout->rows_y = WEFTLINE_WORKERS_HEAD + (layout->has_total ? WEFTLINE_WORKERS_ROW : 0);
  room = MAX (layout->height - layout->rows_y, 0) / WEFTLINE_WORKERS_ROW;
  layout->n_shown = MIN (n_rows, (uint32_t) room);
  layout->first = MIN (scroll, n_rows - layout->n_shown);
  layout->content_height = WEFTLINE_WORKERS_HEAD
                           + ((int) MIN (n_rows, G_MAXINT16) + (n_rows > 1)) * WEFTLINE_WORKERS_ROW;
}

/* The largest limit, or what is taken most of; doubled until what is on disk fits behind that. */
static void
find_full (WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source)
{
  double most = 0;

  layout->memory_full = 1;
  for (uint32_t i = 0; i < source->workers->len; i++)
    {
      const WeftlineWorker *worker = weftline_workers_source_get (source, i);
      double used = MAX (worker->values[WEFTLINE_WORKERS_MEMORY], 0);

      layout->memory_full = MAX (layout->memory_full, MAX (worker->limit, used));
      most = MAX (most, used + MAX (worker->spilled, 0));
    }
  while (layout->memory_full < most)
    layout->memory_full *= 2;
}

void
weftline_workers_layout (WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source,
                         const WeftlineWorkersRoom *room, int width, int height, uint32_t scroll)
{
  int within;

  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  place_rows (layout, source->workers->len, scroll);
  within = layout->width - (layout->n_shown < layout->n_rows ? SCROLL_BAR : 0);
  within = MAX (within - 2 * WEFTLINE_WORKERS_EDGE, 0);
  choose_columns (layout, source->has, room, within);
  place_columns (layout, room, within);
  find_full (layout, source);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Where a place's line begins among those of a row; the row's length, for one behind the last. */
static size_t
line_offset (const WeftlineWorkersLayout *layout, unsigned place)
{
  size_t offset = 0;

  for (unsigned i = 0; i < place; i++)
    if (weftline_workers_has_line (layout->places[i].column))
      offset += (size_t) layout->places[i].picture;
  return offset;
}

static void
read_lines (WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source, unsigned place,
            size_t row_length)
{
  WeftlineWorkersColumn column = layout->places[place].column;
  float *values = layout->lines + line_offset (layout, place);

  for (uint32_t i = 0; i < layout->n_shown; i++, values += row_length)
    {
      uint32_t number = g_array_index (source->order, uint32_t, layout->first + i);
      const WeftlineWorker *worker = weftline_workers_source_get (source, number);
      WeftlineWorkersPoints points = weftline_workers_source_points (source, number, column);
      int64_t to_ns = layout->to_ns;
      int n = layout->places[place].picture;
      double most;

      for (int k = 0; k < n; k++)
        values[k] = -1;
      if (worker->state == WEFTLINE_WORKER_GONE) /* of that time only */
        {
          to_ns = CLAMP (worker->gone_ns - 1, layout->from_ns, to_ns);
          n = (int) ((double) n * (double) (to_ns - layout->from_ns)
                     / (double) MAX (layout->to_ns - layout->from_ns, 1));
        }
      if (n <= 0 || weftline_workers_points_n (&points, source->model) == 0)
        continue;
      most =
          weftline_workers_points_line (&points, source->model, layout->from_ns, to_ns, n, values);
      layout->tops[column] = MAX (layout->tops[column], most);
    }
}

void
weftline_workers_layout_lines (WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source,
                               int64_t to_ns)
{
  size_t row_length = line_offset (layout, layout->n_columns);

  layout->to_ns = MAX (to_ns, 1);
  layout->from_ns = MAX (layout->to_ns - WEFTLINE_WORKERS_LINE_SPAN, 0);
  layout->n_lines = row_length * layout->n_shown;
  layout->lines = g_renew (float, layout->lines, MAX (layout->n_lines, 1));
  for (unsigned i = 0; i < layout->n_columns; i++)
    if (weftline_workers_has_line (layout->places[i].column) && layout->places[i].picture > 0)
      {
        layout->tops[layout->places[i].column] = 0;
        read_lines (layout, source, i, row_length);
      }
}

const float *
weftline_workers_layout_line (const WeftlineWorkersLayout *layout, uint32_t row, unsigned place)
{
  return layout->lines + row * line_offset (layout, layout->n_columns)
         + line_offset (layout, place);
}

/* ---- hits ------------------------------------------------------------------------------------ */

static WeftlineWorkersColumn
column_at (const WeftlineWorkersLayout *layout, int x)
{
  for (unsigned i = layout->n_columns; i > 0; i--)
    if (x >= layout->places[i - 1].x - WEFTLINE_WORKERS_GAP / 2)
      return layout->places[i - 1].column;
  return WEFTLINE_WORKERS_N_COLUMNS;
}

WeftlineWorkersHit
weftline_workers_hit (const WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source,
                      int x, int y)
{
  WeftlineWorkersHit hit = { .column = WEFTLINE_WORKERS_N_COLUMNS, .worker = WEFT_NONE };
  int row = (y - layout->rows_y) / WEFTLINE_WORKERS_ROW;

  if (x < 0 || x >= layout->width || y < 0 || y >= layout->height || layout->n_rows == 0)
    return hit;
  hit.column = column_at (layout, x);
  hit.in_head = y < WEFTLINE_WORKERS_HEAD;
  hit.in_total = !hit.in_head && y < layout->rows_y;
  if (y >= layout->rows_y && (uint32_t) row < layout->n_shown
      && layout->first + (uint32_t) row < source->order->len)
    hit.worker = g_array_index (source->order, uint32_t, layout->first + (uint32_t) row);
  return hit;
}
