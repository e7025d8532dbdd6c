/* test-account-late.c: where the time went, where what is told comes late
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "made-fixture.h"

#include "model/weft-account.h"

static int64_t
draw (int64_t from, int64_t to)
{
  return g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

#define MS INT64_C (1000000)
#define N_LATE 60u
#define N_LATE_LANES 3u

static void
begin_late_run (Maker *m, const uint32_t *distances)
{
  begin_foreign (m);
  for (uint32_t i = 0; i < N_LATE_LANES; i++)
    give_foreign_lane (m, 2 + i, WEFT_LANE_THREAD, 1);
  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  give_segment (m, 0, 0, distances, N_LATE);
}

/* @order: of the spans, in which they are told */
static void
give_late_run (Maker *m, const uint32_t *order, const WeftRecord *spans, const uint32_t *lanes,
               const uint32_t *distances)
{
  begin_late_run (m, distances);
  for (uint32_t i = 0; i < N_LATE; i++)
    give_one (m, lanes[order[i]], spans[order[i]]);
}

static WeftTimeAccount *
account_all (Maker *m, WeftTimeAccount *account)
{
  WeftModelSnapshot snapshot;

  give_one (m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_DONE, WEFT_NONE, 5000 * MS, 0, 0));
  weft_model_finish (m->model, false);
  weft_model_snapshot (m->model, &snapshot);
  while (!weft_time_account_update (account, &snapshot, 7))
    ;
  return account;
}

static void
assert_same_account (const WeftTimeAccount *a, const WeftTimeAccount *b, bool with_awaited)
{
  g_assert_cmpuint (weft_time_account_n_rows (a), ==, weft_time_account_n_rows (b));
  for (uint32_t i = 0; i < weft_time_account_n_rows (a); i++)
    {
      WeftTimeAwaited x_awaited[2], y_awaited[2];
      WeftTimeRow x, y;
      uint32_t n;

      weft_time_account_row (a, i, &x);
      weft_time_account_row (b, i, &y);
      g_assert_cmpint (x.total_ns, ==, y.total_ns);
      for (unsigned use = 0; use < WEFT_TIME_N_USES && with_awaited; use++)
        g_assert_cmpint (x.ns[use], ==, y.ns[use]);
      g_assert_cmpint (x.ns[WEFT_TIME_RUNNING], ==, y.ns[WEFT_TIME_RUNNING]);
      if (!with_awaited)
        continue;
      n = weft_time_account_awaited (a, i, x_awaited, 2);
      g_assert_cmpuint (weft_time_account_awaited (b, i, y_awaited, 2), ==, n);
      for (uint32_t k = 0; k < n; k++)
        g_assert_cmpint (x_awaited[k].ns, ==, y_awaited[k].ns);
    }
}

/* Looked at after each span, as far as a look goes. */
static WeftTimeAccount *
account_live (Maker *m, const uint32_t *order, const WeftRecord *spans, const uint32_t *lanes,
              const uint32_t *distances)
{
  WeftTimeAccount *account;

  begin_late_run (m, distances);
  account = weft_time_account_new (m->model);
  for (uint32_t i = 0; i < N_LATE; i++)
    {
      WeftNowEntry nows[N_LATE_LANES];
      WeftModelSnapshot snapshot;

      give_one (m, lanes[order[i]], spans[order[i]]);
      for (uint32_t k = 0; k < N_LATE_LANES; k++)
        nows[k] = (WeftNowEntry){ .lane = 2 + k, .task = WEFT_NONE, .watermark = 4000 * MS };
      put (m, nows, sizeof nows);
      give_well (m, WEFT_FRAME_NOW, 0);
      weft_model_snapshot (m->model, &snapshot);
      weft_time_account_update (account, &snapshot, 1 + (uint64_t) draw (0, 5));
    }
  return account;
}

/* A foreign worker's spans are told in any order: an opened run's account is as if each had come
 * in time, with what was awaited; one that is kept meanwhile has the same times. */
static void
test_told_late (void)
{
  for (int round = 0; round < 200; round++)
    {
      uint32_t in_time[N_LATE], order[N_LATE], lanes[N_LATE], distances[N_LATE];
      int64_t at[2 + N_LATE_LANES] = { 0 };
      WeftTimeAccount *accounts[3];
      WeftRecord spans[N_LATE];
      Maker makers[3];

      for (uint32_t i = 0; i < N_LATE; i++)
        {
          uint32_t lane = lanes[i] = 2 + (uint32_t) draw (0, N_LATE_LANES - 1);
          int64_t start = at[lane] + (draw (0, 3) > 0 ? draw (1, 30) * MS : 0);
          int64_t length = draw (1, 20) * MS;

          distances[i] = i > 0 ? (uint32_t) draw (0, MIN (i, 5)) : 0;
          spans[i] =
              span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, i, (uint64_t) start, (uint64_t) length, 0);
          at[lane] = start + length;
          in_time[i] = order[i] = i;
        }
      for (uint32_t i = N_LATE; i-- > 1;)
        {
          uint32_t other = (uint32_t) draw (round % 2 == 0 ? 0 : MAX (i, 6) - 6, i), was = order[i];

          order[i] = order[other];
          order[other] = was;
        }
      give_late_run (&makers[0], in_time, spans, lanes, distances);
      give_late_run (&makers[1], order, spans, lanes, distances);
      for (int i = 0; i < 2; i++)
        accounts[i] = account_all (&makers[i], weft_time_account_new (makers[i].model));
      assert_same_account (accounts[0], accounts[1], true);
      accounts[2] = account_live (&makers[2], order, spans, lanes, distances);
      account_all (&makers[2], accounts[2]);
      assert_same_account (accounts[0], accounts[2], false);
      for (int i = 0; i < 3; i++)
        {
          weft_time_account_free (accounts[i]);
          clear (&makers[i]);
        }
    }
}

/* What a task reads is told when it has run: what its lane waited for is known from then on, as if
 * the graph had said so. */
static void
test_linked_late (void)
{
  static const uint32_t distances[] = { 0, 0 };

  for (int late = 0; late < 2; late++)
    {
      WeftTimeAwaited awaited;
      WeftModelSnapshot snapshot;
      WeftTimeAccount *account;
      WeftModelLink *links;
      WeftRecord link;
      uint32_t n;
      Maker m;

      begin_foreign (&m);
      give_foreign_lane (&m, 2, WEFT_LANE_THREAD, 1);
      give_foreign_lane (&m, 3, WEFT_LANE_THREAD, 1);
      give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
      give_segment (&m, 0, 0, distances, 2);
      weft_record_set_point (&link, WEFT_RECORD_LINK, 0, WEFT_LINK_DATA, 1, 0, 60 * MS, 0, 0);
      if (late == 0)
        give_one (&m, 0, link);
      account = weft_time_account_new (m.model);
      give_one (&m, 2, span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, 0, 5 * MS, 20 * MS, 0));
      give_one (&m, 3, span (WEFT_RECORD_TASK, WEFT_HOW_FOREIGN, 1, 30 * MS, 20 * MS, 0));
      give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_DONE, WEFT_NONE, 60 * MS, 0, 0));
      if (late == 1)
        {
          weft_model_finish (m.model, false);
          weft_model_snapshot (m.model, &snapshot);
          while (!weft_time_account_update (account, &snapshot, 1))
            ;
          g_assert_cmpuint (weft_time_account_awaited (account, WEFT_NONE, &awaited, 1), ==, 0);
          give_one (&m, 0, link);
        }
      weft_model_finish (m.model, false);
      weft_model_snapshot (m.model, &snapshot);
      while (!weft_time_account_update (account, &snapshot, 1))
        ;
      g_assert_cmpuint (weft_time_account_awaited (account, WEFT_NONE, &awaited, 1), ==, 1);
      g_assert_cmpint (awaited.ns, ==, 25 * MS);
      g_assert_cmpuint (awaited.longest_task, ==, 0);
      weft_time_account_free (account);
      g_assert_cmpuint (weft_model_n_links (m.model), ==, 1);
      links = weft_model_dup_links (m.model, 1, 2, &n);
      g_assert_cmpuint (n, ==, 1);
      g_assert_cmpuint (links->task, ==, 1);
      g_assert_cmpuint (links->needs, ==, 0);
      g_free (links);
      g_free (weft_model_dup_links (m.model, 1, 1, &n));
      g_assert_cmpuint (n, ==, 0); /* of a task that is not there yet */
      clear (&m);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "account-late", "told-late", test_told_late);
  test_add ("model", "account-late", "linked-late", test_linked_late);
  return g_test_run ();
}
