/* test-plain.c: rows of records are taken in as the same records one by one
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Random records made by hand: mostly tasks that ended well, in rows; between them attempts that
 * fail or are told of twice, results that hold others, details, points, and other spans. One model
 * is given them in frames of any length, its twin each with its details in a frame of its own,
 * where nothing is taken together. The graph's last piece, with which its results are counted,
 * comes at any time.
 */
#include "config.h"

#include "made-fixture.h"

#define N_LANES 4u
#define MOST_TASKS 1200u
#define ROUNDS 300
#define N_GROUPS 2u

typedef struct
{
  Maker rows, singles;
  uint32_t n_tasks, n_started;
  uint32_t n_alike;    /* so many tasks in a row are of one group */
  unsigned one_odd_of; /* so rare are records that are not plain */
  uint64_t ticks[N_LANES];
  bool has_views, has_bytes;
  bool tells_once; /* of each task */
  bool is_counted; /* before, records of slots hold all behind them back, by the frame */
} Twins;

static uint32_t
draw (uint32_t from, uint32_t to)
{
  return (uint32_t) g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

static uint32_t
group_of (const Twins *twins, uint32_t task)
{
  return task / twins->n_alike % N_GROUPS;
}

/* ---- the graph ------------------------------------------------------------------------------- */

static void
put_groups (Maker *m, const Twins *twins)
{
  guint section = open_section (m, 1);
  uint32_t n_of[N_GROUPS] = { 0 };

  for (uint32_t task = 0; task < twins->n_tasks; task++)
    n_of[group_of (twins, task)]++;
  put_varint (m, twins->n_tasks);
  put_varint (m, 0);
  put_varint (m, 0);
  put_text (m, "made");
  put_varint (m, 0);
  put_varint (m, N_GROUPS);
  for (uint32_t group = 0; group < N_GROUPS; group++)
    {
      put_text (m, group == 0 ? "g" : "h");
      put_varint (m, n_of[group]);
    }
  close_section (m, section);
}

static void
put_grouped_tasks (Maker *m, const Twins *twins, const uint32_t *distances)
{
  guint section = open_section (m, 7);

  put_varint (m, 0);
  put_varint (m, twins->n_tasks);
  put_varint (m, 0);
  for (uint32_t i = 0; i < twins->n_tasks; i++)
    {
      put_varint (m, 1);
      put_varint (m, distances[i] != 0);
    }
  for (uint32_t i = 0; i < twins->n_tasks; i++)
    {
      put_varint (m, 1);
      put_varint (m, group_of (twins, i));
    }
  put_varint (m, 1);
  put_varint (m, 0);
  put_varint (m, 0);
  put_varint (m, twins->n_tasks - 1);
  put_varint (m, 0);
  put_varint (m, 2);
  for (uint32_t i = 0; i < twins->n_tasks; i++)
    {
      put_varint (m, distances[i] != 0);
      if (distances[i] != 0)
        put_varint (m, distances[i]);
    }
  close_section (m, section);
}

static void
give_first_piece (Maker *m, const Twins *twins, const uint32_t *distances)
{
  WeftSegmentHead head = { .flags = WEFT_SEGMENT_FIRST,
                           .n_tasks = twins->n_tasks,
                           .parent_segment = WEFT_NONE,
                           .parent_task = WEFT_NONE };

  put (m, &head, sizeof head);
  put_groups (m, twins);
  put_calls (m);
  put_grouped_tasks (m, twins, distances);
  give_well (m, WEFT_FRAME_SEGMENT, 0);
}

static void
give_last_piece (Maker *m)
{
  WeftSegmentHead head = {
    .piece = 1, .flags = WEFT_SEGMENT_LAST, .parent_segment = WEFT_NONE, .parent_task = WEFT_NONE
  };

  put (m, &head, sizeof head);
  give_well (m, WEFT_FRAME_SEGMENT, 0);
}

/* ---- records --------------------------------------------------------------------------------- */

static WeftRecord
plain (Twins *twins, uint32_t lane)
{
  bool is_next = twins->n_started < twins->n_tasks && (twins->tells_once || draw (0, 19) > 0);
  uint32_t task = is_next ? twins->n_started++ : draw (0, twins->n_tasks - 1);
  uint64_t ticks = draw (0, 3) > 0 ? draw (0, 50) : 0;
  WeftRecord record;

  if (draw (0, 3) == 0)
    twins->ticks[lane] += draw (0, 9);
  record = span (WEFT_RECORD_TASK, WEFT_HOW_OWN, task, twins->ticks[lane], ticks,
                 twins->has_bytes && draw (0, 2) > 0 ? draw (1, 1000000) : 0);
  record.flags = draw (0, 1) ? WEFT_RECORD_SHARED : WEFT_RECORD_UNIT;
  twins->ticks[lane] += ticks;
  return record;
}

static void
make_odd_task (Twins *twins, WeftRecord *record)
{
  static const WeftOutcome outcomes[] = { WEFT_OUTCOME_FAILED, WEFT_OUTCOME_RETRIED,
                                          WEFT_OUTCOME_CANCELLED, WEFT_OUTCOME_TIMED_OUT };

  switch (draw (0, 5))
    {
    case 0:
      record->how = (uint8_t) (outcomes[draw (0, G_N_ELEMENTS (outcomes) - 1)] << 4);
      break;
    case 1:
      record->flags |= WEFT_RECORD_CONTINUED;
      break;
    case 2:
      record->flags |= WEFT_RECORD_LATE;
      break;
    case 3:
      record->flags |= twins->has_views ? WEFT_RECORD_VIEW : 0;
      break;
    case 4:
      record->depth = 1;
      break;
    default:
      record->segment = WEFT_NONE;
    }
}

static void
make_other (Twins *twins, WeftRecord *record)
{
  static const uint8_t kinds[] = { WEFT_RECORD_PARKED,    WEFT_RECORD_BEGIN,  WEFT_RECORD_READY,
                                   WEFT_RECORD_CANCELLED, WEFT_RECORD_REUSED, WEFT_RECORD_RELEASED,
                                   WEFT_RECORD_SPILL_READ };

  if (draw (0, 2) > 0)
    {
      *record = span (draw (0, 1) ? WEFT_RECORD_ATTEMPT : WEFT_RECORD_TASK_CPU, 0, record->task,
                      record->start, 0, draw (1, 3));
      record->flags = WEFT_RECORD_DETAIL;
      return;
    }
  record->kind = kinds[draw (0, G_N_ELEMENTS (kinds) - (twins->is_counted ? 1 : 3))];
  if (record->kind != WEFT_RECORD_PARKED)
    record->duration_amount &= 0xffff;
}

static WeftRecord
make_record (Twins *twins, uint32_t lane)
{
  WeftRecord record = plain (twins, lane);

  if (twins->tells_once || draw (1, twins->one_odd_of) > 1)
    return record;
  if (draw (0, 1))
    make_odd_task (twins, &record);
  else
    make_other (twins, &record);
  return record;
}

/* ---- twins ----------------------------------------------------------------------------------- */

static void
begin_twins (Twins *twins)
{
  uint32_t distances[MOST_TASKS] = { 0 };
  Maker *both[] = { &twins->rows, &twins->singles };

  *twins = (Twins){ .n_tasks = draw (2, MOST_TASKS),
                    .n_alike = draw (0, 1) ? 1 : draw (2, 400),
                    .one_odd_of = draw (0, 2) ? draw (2, 60) : MOST_TASKS * 10,
                    .has_views = draw (0, 2) == 0,
                    .has_bytes = draw (0, 1) };
  for (uint32_t i = 1; i < twins->n_tasks; i++)
    distances[i] = draw (0, 1) ? draw (1, MIN (i, 90)) : 0;
  for (unsigned k = 0; k < G_N_ELEMENTS (both); k++)
    {
      begin_run (both[k]);
      for (uint32_t lane = 2; lane < N_LANES; lane++)
        give_lane (both[k], lane, WEFT_LANE_THREAD, 0);
      give_first_piece (both[k], twins, distances);
    }
  for (uint32_t lane = 0; lane < N_LANES; lane++)
    twins->ticks[lane] = 1000 + draw (0, 100);
}

static void
give_both (Twins *twins, uint32_t lane, const WeftRecord *records, uint32_t n)
{
  give_records (&twins->rows, lane, records, n);
  for (uint32_t i = 0, end; i < n; i = end)
    {
      end = i + 1;
      while (end < n && records[end].flags & WEFT_RECORD_DETAIL)
        end++;
      give_records (&twins->singles, lane, &records[i], end - i);
    }
}

static void
give_row (Twins *twins, uint32_t lane, uint32_t n)
{
  g_autofree WeftRecord *records = g_new (WeftRecord, n);

  for (uint32_t i = 0; i < n; i++)
    records[i] = make_record (twins, lane);
  give_both (twins, lane, records, n);
}

static void
give_clocks (Twins *twins)
{
  uint64_t from = twins->ticks[draw (1, N_LANES - 1)];
  uint64_t frequency = draw (0, 1) ? 1000000000 : 2999999999;

  give_clock (&twins->rows, 0, frequency, 7, from);
  give_clock (&twins->singles, 0, frequency, 7, from);
}

static void
assert_same_nodes (const WeftModel *a, const WeftModel *b)
{
  for (uint32_t lane = 0; lane < N_LANES; lane++)
    {
      WeftModelLane x, y;

      weft_model_lane (a, lane, &x);
      weft_model_lane (b, lane, &y);
      g_assert_cmpint (weft_spans_is_ordered (x.spans), ==, weft_spans_is_ordered (y.spans));
      for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS; level++)
        for (uint64_t i = 0; i < weft_spans_n_nodes (weft_spans_n (x.spans), level); i++)
          {
            WeftSpanNode p = weft_spans_node (x.spans, level, i);
            WeftSpanNode q = weft_spans_node (y.spans, level, i);

            g_assert_cmpmem (&p, sizeof p, &q, sizeof q);
          }
    }
}

static void
end_twins (Twins *twins)
{
  weft_model_finish (twins->rows.model, false);
  weft_model_finish (twins->singles.model, false);
  assert_same (twins->rows.model, twins->singles.model);
  assert_same_nodes (twins->rows.model, twins->singles.model);
  assert_counts (twins->rows.model);
  clear (&twins->rows);
  clear (&twins->singles);
}

static void
give_last_pieces (Twins *twins)
{
  give_last_piece (&twins->rows);
  give_last_piece (&twins->singles);
  twins->is_counted = true;
}

static void
test_as_singles (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      uint32_t n_frames = draw (1, 20), last_piece = draw (0, n_frames);
      Twins twins;

      begin_twins (&twins);
      for (uint32_t i = 0; i <= n_frames; i++)
        {
          if (i == last_piece)
            {
              give_last_pieces (&twins);
              assert_same (twins.rows.model, twins.singles.model);
            }
          if (draw (0, 9) == 0)
            give_clocks (&twins);
          give_row (&twins, draw (1, N_LANES - 1), draw (1, draw (0, 1) ? 8 : 500));
          assert_counts (twins.rows.model);
        }
      assert_same (twins.rows.model, twins.singles.model);
      end_twins (&twins);
    }
}

/* Where each task is told of once, it makes no difference when its results are counted. */
static void
test_counted_late (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      Twins twins;

      begin_twins (&twins);
      twins.tells_once = true;
      give_last_piece (&twins.rows);
      while (twins.n_started < twins.n_tasks)
        {
          uint32_t n = draw (1, MIN (500, twins.n_tasks - twins.n_started));

          give_row (&twins, draw (1, N_LANES - 1), n);
          if (draw (0, 3) == 0 && !twins.is_counted)
            {
              give_last_piece (&twins.singles);
              twins.is_counted = true;
            }
        }
      if (!twins.is_counted)
        give_last_piece (&twins.singles);
      end_twins (&twins);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "plain", "as-singles", test_as_singles);
  test_add ("model", "plain", "counted-late", test_counted_late);
  return g_test_run ();
}
