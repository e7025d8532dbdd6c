/* transfer-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-layout.h"

#include <math.h>

#define LEAST_TYPES 3 /* bars that get room before cells get higher */
#define LEAST_ROWS 3
#define LEAST_FLAT 72 /* of names beside each other */
#define MOST_HEAD 84  /* of names that stand on end */

void
weftline_transfer_layout_init (WeftlineTransferLayout *layout)
{
  *layout = (WeftlineTransferLayout){ 0 };
  layout->lines = g_array_new (FALSE, FALSE, sizeof (WeftlineTransferLine));
}

void
weftline_transfer_layout_clear (WeftlineTransferLayout *layout)
{
  g_clear_pointer (&layout->lines, g_array_unref);
  g_clear_pointer (&layout->row_of, g_free);
  g_clear_pointer (&layout->place_of, g_free);
  g_clear_pointer (&layout->values, g_free);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool
is_busier (const WeftlineTransferMatrix *matrix, uint32_t a, uint32_t b)
{
  const WeftlineTransferPlace *x = &matrix->places[a], *y = &matrix->places[b];

  if ((x->kind < WEFTLINE_TRANSFER_OTHERS) != (y->kind < WEFTLINE_TRANSFER_OTHERS))
    return x->kind < WEFTLINE_TRANSFER_OTHERS;
  return x->bytes != y->bytes ? x->bytes > y->bytes : a < b;
}

/* How many are busier: there are few places. */
static uint32_t
rank_of (const WeftlineTransferMatrix *matrix, uint32_t place)
{
  uint32_t rank = 0;

  for (uint32_t i = 0; i < matrix->n_places; i++)
    rank += i != place && is_busier (matrix, i, place);
  return rank;
}

/* In the order of places; where there are more than rows, the last row is all others. */
static void
place_rows (WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix)
{
  bool are_all = layout->n_rows >= matrix->n_places;
  uint32_t row = 0;

  layout->row_of = g_renew (uint32_t, layout->row_of, MAX (matrix->n_places, 1));
  layout->place_of = g_renew (uint32_t, layout->place_of, MAX (layout->n_rows, 1));
  for (uint32_t i = 0; i < matrix->n_places; i++)
    if (are_all || rank_of (matrix, i) + 1 < layout->n_rows)
      {
        layout->row_of[i] = row;
        layout->place_of[row++] = i;
      }
    else
      layout->row_of[i] = layout->n_rows - 1;
  if (!are_all)
    layout->place_of[layout->n_rows - 1] = WEFT_NONE;
  for (layout->n_alike = 0; layout->n_alike < layout->n_rows; layout->n_alike++)
    {
      uint32_t place = layout->place_of[layout->n_alike];

      if (place == WEFT_NONE || matrix->places[place].kind >= WEFTLINE_TRANSFER_OTHERS)
        break;
    }
}

static void
sum_up (WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix)
{
  uint32_t n = layout->n_rows + 1;
  g_autofree uint64_t *rate_bytes = g_new0 (uint64_t, (size_t) n * n);
  g_autofree int64_t *rate_ns = g_new0 (int64_t, (size_t) n * n);

  g_free (layout->values);
  layout->values = g_new0 (WeftlineTransferValue, (size_t) n * n);
  if (layout->n_rows == 0)
    {
      layout->values[0] = (WeftlineTransferValue){ matrix->total.n, matrix->total.bytes,
                                                   weftline_transfer_cell_rate (&matrix->total) };
      return;
    }
  for (uint32_t i = 0; i < matrix->n_places; i++)
    for (uint32_t k = 0; k < matrix->n_places; k++)
      {
        const WeftlineTransferCell *cell = &matrix->cells[i * matrix->n_places + k];
        uint32_t row = layout->row_of[i], column = layout->row_of[k];
        const uint32_t at[] = { row * n + column, row * n + n - 1, (n - 1) * n + column,
                                n * n - 1 };

        for (unsigned a = 0; a < G_N_ELEMENTS (at); a++)
          {
            layout->values[at[a]].n += cell->n;
            layout->values[at[a]].bytes += cell->bytes;
            rate_bytes[at[a]] += cell->rate_bytes;
            rate_ns[at[a]] += cell->rate_ns;
          }
      }
  for (uint32_t i = 0; i < n * n; i++)
    layout->values[i].rate =
        rate_ns[i] > 0 ? (double) rate_bytes[i] / (double) rate_ns[i] * 1e9 : -1;
}

/* ---- places ---------------------------------------------------------------------------------- */

/* Groups of which a bandwidth can be told. */
static uint32_t
count_types (const WeftlineTransferMatrix *matrix)
{
  return matrix->total.bytes > 0 || matrix->n_told > 0 ? matrix->n_types : 0;
}

/* Returns: how high the groups are with that many bars */
static int
types_height (uint32_t n_types)
{
  return n_types > 0 ? (int) (n_types + 1) * WEFTLINE_TRANSFER_LINE + WEFTLINE_TRANSFER_AXIS : 0;
}

/* @head: above the cells; the rest is for rows. */
static int
matrix_height (int head, uint32_t n_rows, int cell)
{
  return head + (int) n_rows * cell + WEFTLINE_TRANSFER_FOOT + WEFTLINE_TRANSFER_GAP;
}

static uint32_t
rows_for (int height, int width, uint32_t n)
{
  return (uint32_t) CLAMP (MIN (height, width) / WEFTLINE_TRANSFER_LEAST_CELL, 0, (int) n);
}

/* How wide cells and sums are. Returns: room for cells */
static int
measure_columns (WeftlineTransferLayout *layout, const WeftlineTransferRoom *room)
{
  int sum = room->figure + WEFTLINE_TRANSFER_GAP;

  layout->x = MIN (room->name + WEFTLINE_TRANSFER_GAP, layout->width * 7 / 20);
  layout->sum_width = layout->width - layout->x >= 3 * sum ? sum : 0;
  return layout->width - layout->x - layout->sum_width;
}

/* Groups come before cells that are higher than text needs, but for the first ones not before
 * those. Returns: how high cells and all around them may be */
static int
room_for_cells (const WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix)
{
  int room = MAX (layout->height - WEFTLINE_TRANSFER_LINE, 0);
  int wanted = matrix_height (layout->head, matrix->n_places, WEFTLINE_TRANSFER_LINE);
  int least = matrix_height (layout->head, MIN (matrix->n_places, LEAST_ROWS),
                             WEFTLINE_TRANSFER_LEAST_CELL);
  int without = room - types_height (MIN (count_types (matrix), LEAST_TYPES));
  int most = MAX (room - types_height (count_types (matrix)), MIN (without, wanted));

  most = MIN (MAX (most, least), room);
  return room - most < types_height (1) ? room : most; /* what no bar finds room in */
}

/* Columns that find room with their names beside each other, cut if they are long. */
static uint32_t
most_flat (const WeftlineTransferRoom *room, int width)
{
  int name = MIN (room->short_name + 4, LEAST_FLAT);

  return (uint32_t) (MAX (width, 0) / MAX (name, 1));
}

/* Columns' names stand on end where more rows find room so, or there is none to read them in.
 * Returns: how high rows may be together */
static int
choose_head (WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix,
             const WeftlineTransferRoom *room, int width)
{
  int name = room->short_name + 4, height;
  uint32_t n_flat, n_upright, n = matrix->n_places;

  layout->head = WEFTLINE_TRANSFER_LINE - 4;
  height = room_for_cells (layout, matrix) - matrix_height (layout->head, 0, 0);
  n_flat = MIN (rows_for (height, width, n), most_flat (room, width));
  layout->head = MIN (name, MOST_HEAD);
  height = room_for_cells (layout, matrix) - matrix_height (layout->head, 0, 0);
  n_upright = rows_for (height, width, n);
  layout->is_upright =
      n_upright > n_flat
      || (name > WEFTLINE_TRANSFER_MOST_WIDTH && n_upright >= MIN (n, (uint32_t) LEAST_ROWS));
  if (layout->is_upright)
    return height;
  layout->head = WEFTLINE_TRANSFER_LINE - 4;
  return room_for_cells (layout, matrix) - matrix_height (layout->head, 0, 0);
}

/* Returns: where they end */
static int
place_cells (WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix,
             const WeftlineTransferRoom *room)
{
  int width = measure_columns (layout, room);
  int height = choose_head (layout, matrix, room, width);

  layout->n_rows = rows_for (height, width, matrix->n_places);
  if (!layout->is_upright)
    layout->n_rows = MIN (layout->n_rows, most_flat (room, width));
  if (layout->n_rows == 0)
    return WEFTLINE_TRANSFER_LINE;
  layout->cell_width = MIN (width / (int) layout->n_rows, WEFTLINE_TRANSFER_MOST_WIDTH);
  layout->cell_height = MIN (height / (int) layout->n_rows, WEFTLINE_TRANSFER_MOST_HEIGHT);
  layout->y = WEFTLINE_TRANSFER_LINE + layout->head;
  layout->sum_x = layout->x + (int) layout->n_rows * layout->cell_width + WEFTLINE_TRANSFER_GAP;
  return WEFTLINE_TRANSFER_LINE + matrix_height (layout->head, layout->n_rows, layout->cell_height);
}

static void
place_types (WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix,
             const WeftlineTransferRoom *room, int scroll)
{
  int n = (int) count_types (matrix);
  int n_fit = (layout->height - layout->types_y - types_height (1)) / WEFTLINE_TRANSFER_LINE + 1;

  layout->has_types = n > 0 && layout->height - layout->types_y >= types_height (1);
  if (!layout->has_types)
    return;
  layout->most_scroll = MAX (n - n_fit, 0);
  scroll = CLAMP (scroll, 0, layout->most_scroll);
  for (int i = scroll; i < MIN (scroll + n_fit, n); i++)
    {
      WeftlineTransferLine line = { (uint32_t) i,
                                    layout->types_y + (i - scroll + 1) * WEFTLINE_TRANSFER_LINE };

      g_array_append_val (layout->lines, line);
    }
  layout->bar_x = MIN (room->type + WEFTLINE_TRANSFER_GAP, layout->width * 2 / 5);
  layout->bar_width = MAX (layout->width - layout->bar_x - room->figure - WEFTLINE_TRANSFER_GAP, 0);
  for (uint32_t i = 0; i < matrix->n_types; i++)
    layout->most_rate =
        MAX (layout->most_rate, weftline_tally_quantile (&matrix->types[i].rates, 0.95));
}

void
weftline_transfer_layout (WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix,
                          int width, int height, const WeftlineTransferRoom *room, int scroll)
{
  int wanted;

  g_array_set_size (layout->lines, 0);
  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  layout->n_rows = layout->n_alike = 0;
  layout->has_types = false;
  layout->most_scroll = 0;
  layout->most_rate = 0;
  layout->content_height = layout->height;
  if (matrix == NULL || matrix->total.n == 0)
    return;
  layout->types_y = place_cells (layout, matrix, room);
  if (layout->n_rows > 0)
    place_rows (layout, matrix);
  sum_up (layout, matrix);
  place_types (layout, matrix, room, scroll);
  wanted = WEFTLINE_TRANSFER_LINE
           + matrix_height (layout->head, matrix->n_places, WEFTLINE_TRANSFER_LINE);
  layout->content_height = wanted + types_height (count_types (matrix));
}

/* ---- the scale ------------------------------------------------------------------------------- */

double
weftline_transfer_measured (const WeftlineTransferValue *value, WeftlineTransferMeasure measure)
{
  if (value->n == 0)
    return -1;
  if (measure == WEFTLINE_TRANSFER_BY_NUMBER)
    return (double) value->n;
  return measure == WEFTLINE_TRANSFER_BY_RATE ? value->rate
         : value->bytes > 0                   ? (double) value->bytes
                                              : -1;
}

static bool
range_of (const WeftlineTransferLayout *layout, uint32_t n, WeftlineTransferMeasure measure,
          double *least, double *most)
{
  *least = G_MAXDOUBLE;
  *most = -1;
  for (uint32_t row = 0; row < n; row++)
    for (uint32_t column = 0; column < n; column++)
      {
        double value =
            weftline_transfer_measured (weftline_transfer_value (layout, row, column), measure);

        *least = value >= 0 ? MIN (*least, value) : *least;
        *most = MAX (*most, value);
      }
  return *most >= 0;
}

bool
weftline_transfer_range (const WeftlineTransferLayout *layout, WeftlineTransferMeasure measure,
                         double *least, double *most)
{
  return (layout->n_alike > 1 && range_of (layout, layout->n_alike, measure, least, most))
         || range_of (layout, layout->n_rows, measure, least, most);
}

double
weftline_transfer_share (double value, double least, double most)
{
  if (!(most > least) || !(least > 0))
    return 1;
  return CLAMP (log (value / least) / log (most / least), 0, 1);
}

/* ---- hits ------------------------------------------------------------------------------------ */

/* In which of n parts of a size; n: behind them, as far as that goes. Returns: false: before */
static bool
part_at (int at, int size, uint32_t n, uint32_t *part)
{
  if (at < 0 || size <= 0)
    return false;
  *part = (uint32_t) at / (uint32_t) size;
  if (*part >= n)
    *part = WEFTLINE_TRANSFER_ALL;
  return true;
}

static WeftlineTransferHit
hit_types (const WeftlineTransferLayout *layout, int y)
{
  for (guint i = 0; i < layout->lines->len; i++)
    {
      const WeftlineTransferLine *line = &g_array_index (layout->lines, WeftlineTransferLine, i);

      if (y >= line->y && y < line->y + WEFTLINE_TRANSFER_LINE)
        return (WeftlineTransferHit){ .kind = WEFTLINE_TRANSFER_TYPE, .type = line->type };
    }
  return (WeftlineTransferHit){ .kind = WEFTLINE_TRANSFER_NOTHING };
}

WeftlineTransferHit
weftline_transfer_hit (const WeftlineTransferLayout *layout, int x, int y)
{
  WeftlineTransferHit hit = { .kind = WEFTLINE_TRANSFER_CELL,
                              .row = WEFTLINE_TRANSFER_ALL,
                              .column = WEFTLINE_TRANSFER_ALL };
  int end = layout->y + (int) layout->n_rows * layout->cell_height;
  bool in_rows, in_columns;

  if (x < 0 || x >= layout->width || y < 0 || y >= layout->height)
    return (WeftlineTransferHit){ .kind = WEFTLINE_TRANSFER_NOTHING };
  if (layout->has_types && y >= layout->types_y)
    return hit_types (layout, y);
  if (layout->n_rows == 0 || y < WEFTLINE_TRANSFER_LINE || y >= end + WEFTLINE_TRANSFER_FOOT
      || x >= layout->sum_x + layout->sum_width)
    return (WeftlineTransferHit){ .kind = WEFTLINE_TRANSFER_NOTHING };
  in_rows = part_at (y - layout->y, layout->cell_height, layout->n_rows, &hit.row);
  in_columns = part_at (x - layout->x, layout->cell_width, layout->n_rows, &hit.column);
  if (!in_rows && !in_columns)
    hit.kind = WEFTLINE_TRANSFER_NOTHING; /* the corner, where names begin */
  return hit;
}
