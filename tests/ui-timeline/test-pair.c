/* test-pair.c: two threads share a thing
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "timeline/timeline-pair.h"

#include <stdatomic.h>
#include <stdbool.h>

#define N_PIECES 64u

typedef struct
{
  _Atomic unsigned next;
  unsigned n_taken[N_PIECES]; /* plain: a piece is one thread's */
  unsigned n_by[2];
  bool waits; /* the caller waits until the other one has taken a piece */
  _Atomic bool other_came;
} Shared;

static void
take_pieces (void *data, unsigned which)
{
  Shared *shared = data;
  unsigned i;

  if (which == 1)
    atomic_store (&shared->other_came, true);
  while (which == 0 && shared->waits && !atomic_load (&shared->other_came))
    g_thread_yield ();
  while ((i = atomic_fetch_add (&shared->next, 1)) < N_PIECES)
    {
      shared->n_taken[i]++;
      shared->n_by[which]++;
    }
}

static void
test_each_piece_once (void)
{
  WeftlinePair *pair = _weftline_pair_new ();

  for (unsigned round = 0; round < 2000 / test_slowdown (); round++)
    {
      Shared shared = { .waits = round % 2 == 0 };

      _weftline_pair_run (pair, take_pieces, &shared);
      for (unsigned i = 0; i < N_PIECES; i++)
        g_assert_cmpuint (shared.n_taken[i], ==, 1);
      g_assert_cmpuint (shared.n_by[0] + shared.n_by[1], ==, N_PIECES);
      g_assert_true (!shared.waits || atomic_load (&shared.other_came));
    }
  _weftline_pair_free (pair);
}

static void
test_freed_at_any_time (void)
{
  for (unsigned round = 0; round < 200 / test_slowdown (); round++)
    {
      WeftlinePair *pair = _weftline_pair_new ();
      Shared shared = { 0 };

      if (round % 2 == 0)
        _weftline_pair_run (pair, take_pieces, &shared);
      _weftline_pair_free (pair);
    }
  _weftline_pair_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-timeline", "pair", "each-piece-once", test_each_piece_once);
  test_add ("ui-timeline", "pair", "freed-at-any-time", test_freed_at_any_time);
  return g_test_run ();
}
