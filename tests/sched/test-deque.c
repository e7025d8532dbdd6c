/* test-deque.c: every item is had exactly once, whoever takes it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "sched/weft-deque-private.h"

#define N_ITEMS 20000
#define N_THIEVES 3

typedef struct
{
  WeftDeque deque;
  _Atomic uint32_t seen[N_ITEMS];
  _Atomic bool stop;
} Shared;

static void
test_owner_takes_the_youngest (void)
{
  WeftDeque *deque = g_aligned_alloc0 (1, sizeof *deque, WEFT_CACHE_LINE);
  uint64_t item = 0;

  g_assert_true (_weft_deque_init (deque));
  g_assert_false (_weft_deque_pop (deque, &item));
  g_assert_false (_weft_deque_steal (deque, &item));
  for (uint64_t i = 0; i < 1000; i++)
    g_assert_true (_weft_deque_push (deque, i));
  g_assert_cmpint (_weft_deque_length (deque), ==, 1000);
  for (uint64_t i = 1000; i-- > 500;)
    {
      g_assert_true (_weft_deque_pop (deque, &item));
      g_assert_cmpuint (item, ==, i);
    }
  for (uint64_t i = 0; i < 500; i++)
    {
      g_assert_true (_weft_deque_steal (deque, &item));
      g_assert_cmpuint (item, ==, i);
    }
  g_assert_false (_weft_deque_pop (deque, &item));
  _weft_deque_clear (deque);
  g_aligned_free (deque);
}

static gpointer
thief (gpointer data)
{
  Shared *shared = data;
  uint64_t item;

  while (!atomic_load (&shared->stop))
    if (_weft_deque_steal (&shared->deque, &item))
      atomic_fetch_add (&shared->seen[item], 1);
  return NULL;
}

static void
test_each_item_once (void)
{
  Shared *shared = g_aligned_alloc0 (1, sizeof *shared, WEFT_CACHE_LINE);
  GThread *thieves[N_THIEVES];
  uint64_t item;

  g_assert_true (_weft_deque_init (&shared->deque));
  for (int i = 0; i < N_THIEVES; i++)
    thieves[i] = g_thread_new ("thief", thief, shared);
  for (uint64_t i = 0; i < N_ITEMS; i++)
    {
      g_assert_true (_weft_deque_push (&shared->deque, i));
      if (g_test_rand_int_range (0, 3) == 0 && _weft_deque_pop (&shared->deque, &item))
        atomic_fetch_add (&shared->seen[item], 1);
    }
  while (_weft_deque_pop (&shared->deque, &item))
    atomic_fetch_add (&shared->seen[item], 1);
  atomic_store (&shared->stop, true);
  for (int i = 0; i < N_THIEVES; i++)
    g_thread_join (thieves[i]);
  for (int i = 0; i < N_ITEMS; i++)
    g_assert_cmpuint (atomic_load (&shared->seen[i]), ==, 1);
  _weft_deque_clear (&shared->deque);
  g_aligned_free (shared);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("sched", "deque", "owner-takes-the-youngest", test_owner_takes_the_youngest);
  test_add ("sched", "deque", "each-item-once", test_each_item_once);
  return g_test_run ();
}
