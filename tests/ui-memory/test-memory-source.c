/* test-memory-source.c: whose memory a bar tells of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/memory-source.h"
#include "model/made-fixture.h"

#define N_WORKERS 3

/* A worker is a process and its threads. */
static void
give_worker (Maker *m, uint32_t worker)
{
  for (uint32_t i = 0; i < 3; i++)
    {
      WeftLaneHead head = { .lane = 1 + 3 * worker + i,
                            .kind = i == 0 ? WEFT_LANE_PROCESS : WEFT_LANE_THREAD,
                            .parent_lane = i == 0 ? WEFT_NONE : 1 + 3 * worker,
                            .worker = worker };
      g_autofree char *name = g_strdup_printf ("w%u.%u", worker, i);

      head.n_name_bytes = (uint32_t) strlen (name);
      put (m, &head, sizeof head);
      put (m, name, strlen (name));
      give_well (m, WEFT_FRAME_LANE, head.lane);
    }
}

static void
give_memory (Maker *m, uint32_t worker, uint32_t what, uint64_t at, uint64_t n_bytes)
{
  give_one (m, 1 + 3 * worker, span (WEFT_RECORD_MEMORY, 0, what, at, 0, n_bytes));
}

/* One bar for each process, of what it said last: up to the moment that is looked at. */
static void
test_measured (void)
{
  WeftlineMemorySource source;
  WeftModelSnapshot snapshot;
  WeftlineMemoryInput input;
  WeftMoment then = { .at_ns = 1500 };
  Maker m;

  begin (&m);
  give_clock (&m, 0, 1000000000, 0, 0);
  give_lane (&m, 0, WEFT_LANE_CONTROL, 0);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  for (uint32_t worker = 0; worker < N_WORKERS; worker++)
    give_worker (&m, worker);
  for (uint32_t worker = 0; worker + 1 < N_WORKERS; worker++)
    {
      give_memory (&m, worker, WEFT_MEMORY_MANAGED, 1000, 100 * (worker + 1));
      give_memory (&m, worker, WEFT_MEMORY_SPILLED, 1000, 7);
      give_memory (&m, worker, WEFT_MEMORY_MANAGED, 2000, 1000 * (worker + 1));
    }
  weft_model_snapshot (m.model, &snapshot);
  weftline_memory_source_init (&source);
  weftline_memory_source_look (&source, m.model, &snapshot, NULL);
  input = weftline_memory_source_input (&source);
  g_assert_cmpuint (input.n_workers, ==, N_WORKERS);
  for (uint32_t i = 0; i < N_WORKERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("w%u.0", i);
      bool measured = i + 1 < N_WORKERS;

      g_assert_cmpstr (input.workers[i].name, ==, name);
      g_assert_cmpuint (input.workers[i].live, ==, measured ? 1000 * (i + 1) : 0);
      g_assert_cmpuint (input.workers[i].spilled, ==, measured ? 7 : 0);
    }
  weftline_memory_source_look (&source, m.model, &snapshot, &then);
  input = weftline_memory_source_input (&source);
  for (uint32_t i = 0; i + 1 < N_WORKERS; i++)
    g_assert_cmpuint (input.workers[i].live, ==, 100 * (i + 1));
  weftline_memory_source_clear (&source);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-source/measured", test_measured);
  return g_test_run ();
}
