/* occupancy-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "occupancy/occupancy-layout.h"

static void
strip_clear (void *data)
{
  g_free (((WeftlineOccupancyStrip *) data)->shares);
}

void
weftline_occupancy_layout_init (WeftlineOccupancyLayout *layout)
{
  *layout = (WeftlineOccupancyLayout){ 0 };
  layout->strips = g_array_new (FALSE, FALSE, sizeof (WeftlineOccupancyStrip));
  g_array_set_clear_func (layout->strips, strip_clear);
}

void
weftline_occupancy_layout_clear (WeftlineOccupancyLayout *layout)
{
  g_clear_pointer (&layout->strips, g_array_unref);
}

/* ---- shares ---------------------------------------------------------------------------------- */

static void
add (WeftlineOccupancyShare *to, const WeftlineOccupancyShare *share)
{
  for (unsigned use = 0; use < WEFTLINE_OCCUPANCY_N_USES; use++)
    to->ns[use] += share->ns[use];
  to->n_stolen += share->n_stolen;
}

void
weftline_occupancy_divide (const WeftlineOccupancyShare *share, int64_t length_ns, int height,
                           int *edges)
{
  int64_t sum = 0;

  edges[0] = 0;
  for (unsigned use = 0; use < WEFTLINE_OCCUPANCY_N_USES; use++)
    {
      sum += share->ns[use];
      edges[use + 1] = length_ns > 0 ? (int) ((double) sum / (double) length_ns * height + 0.5) : 0;
      edges[use + 1] = CLAMP (edges[use + 1], edges[use], height);
    }
}

int64_t
weftline_occupancy_length (const WeftlineOccupancyLayout *layout,
                           const WeftlineOccupancyStrip *strip, int column)
{
  unsigned n = (unsigned) layout->columns, i = (unsigned) column;
  int64_t length = weftline_occupancy_edge (layout->t0_ns, layout->t1_ns, n, i + 1)
                   - weftline_occupancy_edge (layout->t0_ns, layout->t1_ns, n, i);

  return strip->row == WEFT_NONE ? length * MAX (layout->n_workers, 1) : length;
}

/* ---- places ---------------------------------------------------------------------------------- */

/* Returns: whether the row can be seen in whole */
static bool
place_row (WeftlineOccupancyLayout *layout, uint32_t row, int scroll, WeftlineOccupancyStrip *strip)
{
  int y = layout->rows_y + (int) row * layout->row_height - scroll;

  strip->row = row;
  strip->height = layout->row_height - WEFTLINE_OCCUPANCY_GAP;
  strip->y = y + WEFTLINE_OCCUPANCY_GAP / 2;
  return y >= layout->rows_y && y + layout->row_height <= layout->rows_y + layout->rows_height;
}

static void
place_strips (WeftlineOccupancyLayout *layout, const WeftlineOccupancySource *source, int scroll)
{
  unsigned n = (unsigned) layout->columns;
  g_autofree WeftlineOccupancyShare *shares = g_new (WeftlineOccupancyShare, n + 1);
  WeftlineOccupancyStrip total = { .row = WEFT_NONE,
                                   .y = layout->top,
                                   .height =
                                       layout->rows_y - layout->top - WEFTLINE_OCCUPANCY_PAD };

  total.shares = g_new0 (WeftlineOccupancyShare, n + 1);
  g_array_append_val (layout->strips, total);
  for (uint32_t row = 0; row < source->workers->len; row++)
    {
      WeftlineOccupancyStrip strip = { 0 };
      bool is_seen = place_row (layout, row, scroll, &strip);

      memset (shares, 0, (n + 1) * sizeof *shares);
      weftline_occupancy_lane_columns (
          g_array_index (source->workers, WeftlineOccupancyWorker, row).sums, layout->t0_ns,
          layout->t1_ns, n, shares);
      for (unsigned x = 0; x < n; x++)
        {
          add (&total.shares[x], &shares[x]);
          add (&strip.sum, &shares[x]);
        }
      add (&total.sum, &strip.sum);
      if (!is_seen)
        continue;
      strip.shares = g_memdup2 (shares, (n + 1) * sizeof *shares);
      g_array_append_val (layout->strips, strip);
    }
  g_array_index (layout->strips, WeftlineOccupancyStrip, 0).sum = total.sum;
  layout->n_shown = layout->strips->len - 1;
}

/* The height of the strip of all, in @room: lower where every worker has a strip then. */
static int
total_height (const WeftlineOccupancyLayout *layout, int room)
{
  int64_t rows = (int64_t) layout->n_workers * WEFTLINE_OCCUPANCY_ROW;

  if (rows <= room - WEFTLINE_OCCUPANCY_LEAST)
    room -= (int) rows;
  return MIN (room, WEFTLINE_OCCUPANCY_TOTAL);
}

/* Who gets the height: the strip of all, the time, the legend, then workers. */
static void
divide_height (WeftlineOccupancyLayout *layout, int n_legend)
{
  int room = layout->height, total;

  layout->has_axis = room >= WEFTLINE_OCCUPANCY_LEAST + WEFTLINE_OCCUPANCY_AXIS;
  room -= layout->has_axis ? WEFTLINE_OCCUPANCY_AXIS : 0;
  layout->n_legend = CLAMP ((room - WEFTLINE_OCCUPANCY_TOTAL - WEFTLINE_OCCUPANCY_PAD / 2)
                                / WEFTLINE_OCCUPANCY_LEGEND,
                            0, n_legend);
  layout->top = layout->n_legend * WEFTLINE_OCCUPANCY_LEGEND;
  layout->top += layout->n_legend > 0 ? WEFTLINE_OCCUPANCY_PAD / 2 : 0;
  total = total_height (layout, room - layout->top);
  layout->rows_y = layout->top + MAX (total, WEFTLINE_OCCUPANCY_PAD + 1);
  layout->rows_height = MAX (room - layout->rows_y, 0);
}

/* As many as are seen share the height, so that they fill it. */
static void
divide_rows (WeftlineOccupancyLayout *layout)
{
  int n_seen = CLAMP (layout->rows_height / WEFTLINE_OCCUPANCY_ROW, 1,
                      (int) MAX (MIN (layout->n_workers, G_MAXINT), 1));
  int64_t all;

  layout->row_height =
      CLAMP (layout->rows_height / n_seen, WEFTLINE_OCCUPANCY_ROW, WEFTLINE_OCCUPANCY_MAX_ROW);
  n_seen = layout->rows_height / layout->row_height;
  all = MAX ((int64_t) layout->n_workers - n_seen, 0) * layout->row_height;
  layout->most_scroll = (int) MIN (all, G_MAXINT / 2 / layout->row_height * layout->row_height);
}

void
weftline_occupancy_layout (WeftlineOccupancyLayout *layout, const WeftlineOccupancySource *source,
                           int64_t t0_ns, int64_t t1_ns, int width, int height,
                           const WeftlineOccupancyRoom *room, int scroll)
{
  g_array_set_size (layout->strips, 0);
  layout->t0_ns = t0_ns;
  layout->t1_ns = MAX (t1_ns, t0_ns);
  layout->width = MAX (width, 0);
  layout->height = MAX (height, 0);
  layout->x = MIN (room->before, layout->width);
  layout->columns = MAX (layout->width - layout->x - room->behind, 0);
  layout->n_workers = source->workers->len;
  divide_height (layout, room->n_legend);
  divide_rows (layout);
  scroll = CLAMP (scroll, 0, layout->most_scroll) + layout->row_height - 1;
  scroll -= scroll % layout->row_height;
  place_strips (layout, source, scroll);
}

/* ---- hits ------------------------------------------------------------------------------------ */

const WeftlineOccupancyStrip *
weftline_occupancy_hit (const WeftlineOccupancyLayout *layout, int x, int y, int *column)
{
  *column = x >= layout->x && x < layout->x + layout->columns ? x - layout->x : -1;
  for (guint i = 0; i < layout->strips->len; i++)
    {
      const WeftlineOccupancyStrip *strip =
          &g_array_index (layout->strips, WeftlineOccupancyStrip, i);

      if (y < strip->y || y >= strip->y + strip->height)
        continue;
      if (strip->row == WEFT_NONE
          || (y >= layout->rows_y && y < layout->rows_y + layout->rows_height))
        return strip;
    }
  return NULL;
}

int64_t
weftline_occupancy_at (const WeftlineOccupancyLayout *layout, double x)
{
  double share = layout->columns > 0 ? (x - layout->x) / layout->columns : 0;

  return layout->t0_ns + (int64_t) (CLAMP (share, 0, 1) * (double) (layout->t1_ns - layout->t0_ns));
}
