/* test-occupancy-layout.c: strips of what workers did, on real runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "ui-inspect/inspect-fixture.h"

#include "model/weft-account.h"
#include "occupancy/occupancy-layout.h"

/* ---- real runs ------------------------------------------------------------------------------- */

static void
layout_of (const Recorded *recorded, WeftlineOccupancySource *source,
           WeftlineOccupancyLayout *layout, int width, int height, int scroll)
{
  weftline_occupancy_source_init (source);
  weftline_occupancy_layout_init (layout);
  weftline_occupancy_source_take (source, recorded->model, &recorded->snapshot, UINT64_MAX);
  weftline_occupancy_layout (layout, source, 0, source->end_ns, width, height,
                             &(WeftlineOccupancyRoom){ 60, 40, 2 }, scroll);
}

static void
record_some (Recorded *recorded, unsigned n_tasks, uint32_t n_workers)
{
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"tasks\": {\"s\": {\"op\": "
                                           "\"sleep\", \"args\": [0.002, 1]}");

  for (unsigned i = 0; i < n_tasks; i++)
    g_string_append_printf (json,
                            ", \"t-%u\": {\"op\": \"sleep\", \"args\": [0.0003, {\"ref\": "
                            "\"s\"}]}",
                            i);
  g_string_append (json, "}}");
  record_run (recorded, json->str, n_workers);
}

static WeftTimeRow
row_of (const WeftTimeAccount *account, uint32_t lane)
{
  WeftTimeRow row = { .lane = WEFT_NONE };

  for (uint32_t i = 0; i < weft_time_account_n_rows (account) && row.lane != lane; i++)
    weft_time_account_row (account, i, &row);
  g_assert_cmpuint (row.lane, ==, lane);
  return row;
}

/* Running and spill are what “Where the time goes” says of each worker. */
static void
test_agrees_with_the_account (void)
{
  WeftlineOccupancySource source;
  WeftlineOccupancyLayout layout;
  WeftTimeAccount *account;
  Recorded recorded;

  record_some (&recorded, 300, 3);
  layout_of (&recorded, &source, &layout, 900, 2000, 0);
  account = weft_time_account_new (recorded.model);
  weft_time_account_update (account, &recorded.snapshot, UINT64_MAX);
  g_assert_cmpuint (layout.n_shown, ==, layout.n_workers);
  for (guint i = 1; i < layout.strips->len; i++)
    {
      const WeftlineOccupancyStrip *strip =
          &g_array_index (layout.strips, WeftlineOccupancyStrip, i);
      WeftTimeRow row = row_of (
          account, g_array_index (source.workers, WeftlineOccupancyWorker, strip->row).lane);

      g_assert_cmpint (strip->sum.ns[WEFTLINE_OCCUPANCY_RUNNING], ==,
                       row.ns[WEFT_TIME_RUNNING] + row.ns[WEFT_TIME_BLOCKED]);
      g_assert_cmpint (strip->sum.ns[WEFTLINE_OCCUPANCY_SPILL], ==,
                       row.ns[WEFT_TIME_SPILL] + row.ns[WEFT_TIME_TRANSFER]);
    }
  weft_time_account_free (account);
  weftline_occupancy_layout_clear (&layout);
  weftline_occupancy_source_clear (&source);
  recorded_clear (&recorded);
}

/* ---- layout ---------------------------------------------------------------------------------- */

static void
check_strip (const WeftlineOccupancyLayout *layout, const WeftlineOccupancyStrip *strip)
{
  int edges[WEFTLINE_OCCUPANCY_N_USES + 1];

  for (int x = 0; x < layout->columns; x++)
    {
      int64_t length = weftline_occupancy_length (layout, strip, x), sum = 0;

      weftline_occupancy_divide (&strip->shares[x], length, strip->height, edges);
      for (unsigned use = 0; use < WEFTLINE_OCCUPANCY_N_USES; use++)
        {
          sum += strip->shares[x].ns[use];
          g_assert_cmpint (strip->shares[x].ns[use], >=, 0);
          g_assert_cmpint (edges[use], <=, edges[use + 1]);
          g_assert_cmpfloat (
              ABS (edges[use + 1] - (double) sum / (double) MAX (length, 1) * strip->height), <=,
              0.5001);
        }
      g_assert_cmpint (sum, <=, length);
      g_assert_cmpint (edges[WEFTLINE_OCCUPANCY_N_USES], <=, strip->height);
    }
}

/* Strips are in the order of workers, do not overlap, add up to that of all, and are hit. */
static void
test_layout (void)
{
  static const int sizes[][3] = { { 900, 600, 0 },  { 400, 180, 0 }, { 400, 180, 30 },
                                  { 1600, 300, 0 }, { 130, 90, 0 },  { 40, 40, 0 } };
  Recorded recorded;

  record_some (&recorded, 60, 4);
  for (unsigned i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      WeftlineOccupancySource source;
      WeftlineOccupancyLayout layout;
      const WeftlineOccupancyStrip *strips;
      int column;

      layout_of (&recorded, &source, &layout, sizes[i][0], sizes[i][1], sizes[i][2]);
      strips = (const WeftlineOccupancyStrip *) (void *) layout.strips->data;
      g_assert_cmpuint (strips[0].row, ==, WEFT_NONE);
      g_assert_cmpint (layout.columns, >=, 0);
      g_assert_cmpuint (layout.n_shown, <=, layout.n_workers);
      /* the axis has its place, if need be that of the legend */
      g_assert_true (layout.n_legend == 0
                     || layout.rows_y + layout.rows_height + WEFTLINE_OCCUPANCY_AXIS
                            <= layout.height);
      g_assert_cmpint (layout.n_legend * WEFTLINE_OCCUPANCY_LEGEND, <=, layout.top);
      for (guint k = 0; k < layout.strips->len; k++)
        check_strip (&layout, &strips[k]);
      for (guint k = 2; k < layout.strips->len; k++)
        {
          g_assert_cmpuint (strips[k].row, ==, strips[k - 1].row + 1);
          g_assert_cmpint (strips[k].y, >=, strips[k - 1].y + strips[k - 1].height);
        }
      if (layout.columns > 0 && layout.strips->len > 2 && sizes[i][2] == 0)
        g_assert_true (weftline_occupancy_hit (&layout, layout.x + 3, strips[1].y + 1, &column)
                           == &strips[1]
                       && column == 3);
      if (layout.height >= layout.rows_y + WEFTLINE_OCCUPANCY_AXIS)
        g_assert_null (weftline_occupancy_hit (&layout, layout.x, layout.height - 1, &column));
      weftline_occupancy_layout_clear (&layout);
      weftline_occupancy_source_clear (&source);
    }
  recorded_clear (&recorded);
}

/* Strips are shown in whole between that of all workers and the time, or not at all, at any height;
 * the legend gives way first. */
static void
test_heights (void)
{
  Recorded recorded;

  record_some (&recorded, 60, 9);
  for (int height = 40; height <= 400; height++)
    {
      WeftlineOccupancySource source;
      WeftlineOccupancyLayout layout;
      const WeftlineOccupancyStrip *strips;
      int end;

      layout_of (&recorded, &source, &layout, 300, height, g_test_rand_int_range (0, 300));
      strips = (const WeftlineOccupancyStrip *) (void *) layout.strips->data;
      end = layout.height - (layout.has_axis ? WEFTLINE_OCCUPANCY_AXIS : 0);
      g_assert_cmpint (layout.top, >=, layout.n_legend * WEFTLINE_OCCUPANCY_LEGEND);
      g_assert_cmpint (strips[0].y, ==, layout.top);
      g_assert_cmpint (strips[0].height, >, 0);
      g_assert_cmpint (strips[0].y + strips[0].height, <=, end);
      g_assert_cmpuint (layout.n_shown, ==, layout.strips->len - 1);
      g_assert_cmpuint (
          layout.n_shown, ==,
          MIN (layout.n_workers, (unsigned) layout.rows_height / (unsigned) layout.row_height));
      for (guint i = 1; i < layout.strips->len; i++)
        {
          g_assert_cmpint (strips[i].y, >=, strips[i - 1].y + strips[i - 1].height);
          g_assert_cmpint (strips[i].y + strips[i].height, <=, end);
        }
      /* that of all gives way where each worker has one then */
      if ((int) layout.n_workers * WEFTLINE_OCCUPANCY_ROW + WEFTLINE_OCCUPANCY_LEAST
          <= end - layout.top)
        g_assert_cmpuint (layout.n_shown, ==, layout.n_workers);
      if (layout.n_shown > 0 && layout.n_shown < layout.n_workers)
        g_assert_cmpint (layout.rows_height - (int) layout.n_shown * layout.row_height, <,
                         WEFTLINE_OCCUPANCY_ROW);
      g_assert_true (layout.has_axis || layout.n_legend == 0);
      weftline_occupancy_layout_clear (&layout);
      weftline_occupancy_source_clear (&source);
    }
  recorded_clear (&recorded);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-occupancy", "occupancy-layout", "agrees-with-the-account",
            test_agrees_with_the_account);
  test_add ("ui-occupancy", "occupancy-layout", "places", test_layout);
  test_add ("ui-occupancy", "occupancy-layout", "heights", test_heights);
  return g_test_run ();
}
