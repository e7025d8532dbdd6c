/* test-buffer.c: buffers, the accounts they are charged to, and the memory kept for the next
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "store/weft-store-private.h"

#include <pthread.h>
#include <string.h>

/* Whatever the size: aligned, writable to the last byte, charged for just that. */
static void
test_all_sizes (void)
{
  WeftAccount *account = weft_account_new (NULL);

  for (size_t n = 0; n < 3 << 20; n = n * 5 / 4 + (size_t) g_test_rand_int_range (1, 70))
    {
      WeftBuffer *buffer = weft_buffer_new (account, n);

      g_assert_cmpuint ((uintptr_t) buffer->bytes % 64, ==, 0);
      g_assert_cmpuint (buffer->n_bytes, ==, n);
      memset (buffer->bytes, 0xa5, n);
      g_assert_cmpint (weft_account_held_bytes (account), ==, (int64_t) n);
      weft_buffer_unref (buffer);
      g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
    }
  weft_account_unref (account);
}

static void
test_holders_are_counted (void)
{
  WeftAccount *account = weft_account_new (NULL);
  WeftBuffer *buffer = weft_buffer_new (account, 10000);

  g_assert_true (weft_buffer_is_sole (buffer));
  g_assert_true (weft_buffer_ref (buffer) == buffer);
  g_assert_false (weft_buffer_is_sole (buffer));
  weft_buffer_unref (buffer);
  g_assert_true (weft_buffer_is_sole (buffer));
  weft_account_unref (account); /* the buffer holds it too */
  g_assert_cmpint (weft_account_held_bytes (account), ==, 10000);
  weft_buffer_unref (buffer);
  weft_buffer_unref (NULL);
}

static void
release_cb (void *bytes, size_t n_bytes, void *data)
{
  g_assert_cmpuint (n_bytes, ==, 5);
  g_assert_cmpmem (bytes, 5, "hello", 5);
  ++*(guint *) data;
}

static void
test_foreign_memory_is_released_once (void)
{
  WeftAccount *account = weft_account_new (NULL);
  char hello[] = "hello";
  guint n_released = 0;
  WeftBuffer *buffer = weft_buffer_new_foreign (account, hello, 5, release_cb, &n_released);

  g_assert_true (buffer->bytes == (uint8_t *) hello);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 5);
  weft_buffer_ref (buffer);
  weft_buffer_unref (buffer);
  g_assert_cmpuint (n_released, ==, 0);
  weft_buffer_unref (buffer);
  g_assert_cmpuint (n_released, ==, 1);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  weft_account_unref (account);
}

static void
test_too_much_is_no_crash (void)
{
  WeftAccount *account = weft_account_new (NULL);

  g_assert_null (weft_buffer_new (account, SIZE_MAX));
  g_assert_null (weft_buffer_new (account, PTRDIFF_MAX));
  g_assert_null (weft_buffer_new (account, (size_t) 1 << 60));
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  weft_account_unref (account);
}

/* ---- recycling ------------------------------------------------------------------------------- */

static void
test_capacities (void)
{
  for (size_t n = 4096; n < (size_t) 64 << 20; n += n / 13)
    {
      size_t capacity = _weft_chunk_capacity (n);

      g_assert_cmpuint (capacity, >=, n);
      g_assert_cmpuint (capacity - n, <=, n / 8 + 4096);
      g_assert_cmpuint (_weft_chunk_capacity (capacity), ==, capacity);
    }
}

/* The address sanitizer's builds keep nothing, so that it sees each use after free. */
static void
test_chunks_are_used_again (void)
{
  size_t sizes[] = { 4096, 5000, 100000, 1000000, 20000000 };

  weft_buffer_trim (0);
  g_assert_cmpint (weft_buffer_cached_bytes (), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      WeftBuffer *buffer = weft_buffer_new (NULL, sizes[i]);
      uint8_t *bytes = buffer->bytes;
      int64_t capacity = (int64_t) _weft_chunk_capacity (sizes[i]);

      memset (bytes, 1, sizes[i]);
      weft_buffer_unref (buffer);
      g_assert_cmpint (weft_buffer_cached_bytes (), ==, WEFT_STORE_PLAIN_MALLOC ? 0 : capacity);
      buffer = weft_buffer_new (NULL, (size_t) capacity);
      if (!WEFT_STORE_PLAIN_MALLOC)
        g_assert_true (buffer->bytes == bytes);
      g_assert_cmpint (weft_buffer_cached_bytes (), ==, 0);
      weft_buffer_unref (buffer);
      weft_buffer_trim (0);
      g_assert_cmpint (weft_buffer_cached_bytes (), ==, 0);
    }
}

/* Kept memory never exceeds its bound, whatever sizes come and go; a lower bound holds at once. */
static void
test_what_is_kept_is_bounded (void)
{
  WeftBuffer *buffers[64] = { 0 };
  int64_t before = _weft_buffer_set_max_cached_bytes (8 << 20);

  g_assert_cmpint (before, ==, WEFT_CHUNK_CACHE_BYTES);
  for (guint i = 0; i < 4000 / test_slowdown (); i++)
    {
      WeftBuffer **buffer = &buffers[g_test_rand_int_range (0, 64)];

      if (*buffer == NULL)
        *buffer = weft_buffer_new (NULL, (size_t) 1 << g_test_rand_int_range (11, 23));
      else
        g_clear_pointer (buffer, weft_buffer_unref);
      g_assert_cmpint (weft_buffer_cached_bytes (), <=, 8 << 20);
    }
  for (guint i = 0; i < 64; i++)
    weft_buffer_unref (buffers[i]);
  _weft_buffer_set_max_cached_bytes (1 << 20);
  g_assert_cmpint (weft_buffer_cached_bytes (), <=, 1 << 20);
  _weft_buffer_set_max_cached_bytes (0);
  g_assert_cmpint (weft_buffer_cached_bytes (), ==, 0);
  weft_buffer_unref (weft_buffer_new (NULL, 5000));
  g_assert_cmpint (weft_buffer_cached_bytes (), ==, 0);
  _weft_buffer_set_max_cached_bytes (before);
}

static void *
churn_cb (void *data)
{
  WeftAccount *account = data;
  uint32_t seed = (uint32_t) (uintptr_t) &seed;
  WeftBuffer *kept[16] = { 0 };

  for (guint i = 0; i < 20000 / test_slowdown (); i++)
    {
      WeftBuffer **buffer = &kept[i % 16];
      size_t n;

      seed = seed * 1664525 + 1013904223;
      n = (size_t) 1 << (8 + (seed >> 20) % 10);
      weft_buffer_unref (*buffer);
      *buffer = weft_buffer_new (account, n);
      (*buffer)->bytes[0] = (*buffer)->bytes[n - 1] = (uint8_t) i;
      if (i % 1000 == 0)
        weft_buffer_trim ((int64_t) (seed % 1000000));
    }
  for (guint i = 0; i < 16; i++)
    weft_buffer_unref (kept[i]);
  return NULL;
}

/* Threads that make, free and trim at once; afterwards nothing is charged, and all can be given
 * back, also what ended threads kept. */
static void
test_threads_share_the_memory (void)
{
  WeftAccount *account = weft_account_new (NULL);
  pthread_t threads[4];

  for (guint i = 0; i < 4; i++)
    pthread_create (&threads[i], NULL, churn_cb, account);
  for (guint i = 0; i < 4; i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpint (weft_account_held_bytes (account), ==, 0);
  g_assert_cmpint (weft_account_peak_bytes (account), >, 0);
  weft_buffer_trim (0);
  g_assert_cmpint (weft_buffer_cached_bytes (), ==, 0);
  weft_account_unref (account);
}

typedef struct
{
  pthread_barrier_t barrier;
  WeftBuffer *buffer;
} Handover;

static void *
keep_cb (void *data)
{
  Handover *handover = data;

  weft_buffer_unref (weft_buffer_new (NULL, 8192));
  pthread_barrier_wait (&handover->barrier); /* now it is kept */
  pthread_barrier_wait (&handover->barrier); /* now it is trimmed */
  handover->buffer = weft_buffer_new (NULL, 8192);
  return NULL;
}

/* Trimming reaches what a running thread keeps for itself. */
static void
test_trimming_reaches_other_threads (void)
{
  Handover handover = { .buffer = NULL };
  pthread_t thread;

  weft_buffer_trim (0);
  pthread_barrier_init (&handover.barrier, NULL, 2);
  pthread_create (&thread, NULL, keep_cb, &handover);
  pthread_barrier_wait (&handover.barrier);
  g_assert_cmpint (weft_buffer_cached_bytes (), ==, WEFT_STORE_PLAIN_MALLOC ? 0 : 8192);
  weft_buffer_trim (0);
  g_assert_cmpint (weft_buffer_cached_bytes (), ==, 0);
  pthread_barrier_wait (&handover.barrier);
  pthread_join (thread, NULL);
  g_assert_nonnull (handover.buffer);
  weft_buffer_unref (handover.buffer);
  pthread_barrier_destroy (&handover.barrier);
}

/* ---- accounts -------------------------------------------------------------------------------- */

static void
test_parents_are_charged_too (void)
{
  WeftAccount *engine = weft_account_new (NULL);
  WeftAccount *a = weft_account_new (engine), *b = weft_account_new (engine);

  weft_account_charge (a, 100);
  weft_account_charge (b, 1000000);
  g_assert_cmpint (weft_account_held_bytes (a), ==, 100);
  g_assert_cmpint (weft_account_held_bytes (b), ==, 1000000);
  g_assert_cmpint (weft_account_held_bytes (engine), ==, 1000100);
  weft_account_charge (b, -1000000);
  weft_account_charge (NULL, 5);
  g_assert_cmpint (weft_account_held_bytes (engine), ==, 100);
  g_assert_cmpint (weft_account_peak_bytes (engine), ==, 1000100);
  g_assert_cmpint (weft_account_peak_bytes (b), >=, 1000000 - 65536);
  weft_account_charge (a, -100);
  g_assert_true (weft_account_ref (a) == a);
  weft_account_unref (a);
  weft_account_charge (a, 7); /* held once more than let go */
  g_assert_cmpint (weft_account_held_bytes (a), ==, 7);
  weft_account_charge (a, -7);
  weft_account_unref (engine); /* its children hold it */
  weft_account_unref (a);
  weft_account_unref (b);
  weft_account_unref (NULL);
}

typedef struct
{
  WeftAccount *account;
  pthread_barrier_t barrier;
} Charging;

static void *
charge_cb (void *data)
{
  Charging *charging = data;

  for (int i = 1; i <= 20000; i++)
    weft_account_charge (charging->account, i % 3 == 0 ? -i : i);
  pthread_barrier_wait (&charging->barrier); /* all are alive at once: no number is used twice */
  return NULL;
}

/* More threads than have a share of their own, twice, so that numbers are inherited. */
static void
test_sums_are_exact_at_rest (void)
{
  enum
  {
    N = 80
  };
  Charging charging = { .account = weft_account_new (NULL) };
  pthread_t threads[N];
  int64_t expected = 0;

  for (int i = 1; i <= 20000; i++)
    expected += i % 3 == 0 ? -i : i;
  pthread_barrier_init (&charging.barrier, NULL, N);
  for (int round = 1; round <= 2; round++)
    {
      for (guint i = 0; i < N; i++)
        pthread_create (&threads[i], NULL, charge_cb, &charging);
      for (guint i = 0; i < N; i++)
        pthread_join (threads[i], NULL);
      g_assert_cmpint (weft_account_held_bytes (charging.account), ==, expected * N * round);
    }
  weft_account_unref (charging.account);
  pthread_barrier_destroy (&charging.barrier);
}

/* While others charge, the sum is off by at most a share's 64 KiB for each, and so is the peak. */
static void
test_peak_is_seen (void)
{
  WeftAccount *account = weft_account_new (NULL);

  for (int i = 0; i < 100; i++)
    weft_account_charge (account, 30000);
  for (int i = 0; i < 100; i++)
    weft_account_charge (account, -30000);
  g_assert_cmpint (weft_account_peak_bytes (account), >=, 3000000 - 65536);
  g_assert_cmpint (weft_account_peak_bytes (account), <=, 3000000);
  weft_account_unref (account);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "buffer", "all-sizes", test_all_sizes);
  test_add ("store", "buffer", "holders-are-counted", test_holders_are_counted);
  test_add ("store", "buffer", "foreign-memory-is-released-once",
            test_foreign_memory_is_released_once);
  test_add ("store", "buffer", "too-much-is-no-crash", test_too_much_is_no_crash);
  test_add ("store", "buffer", "capacities", test_capacities);
  test_add ("store", "buffer", "chunks-are-used-again", test_chunks_are_used_again);
  test_add ("store", "buffer", "what-is-kept-is-bounded", test_what_is_kept_is_bounded);
  test_add ("store", "buffer", "threads-share-the-memory", test_threads_share_the_memory);
  test_add ("store", "buffer", "trimming-reaches-other-threads",
            test_trimming_reaches_other_threads);
  test_add ("store", "buffer", "parents-are-charged-too", test_parents_are_charged_too);
  test_add ("store", "buffer", "sums-are-exact-at-rest", test_sums_are_exact_at_rest);
  test_add ("store", "buffer", "peak-is-seen", test_peak_is_seen);
  return g_test_run ();
}
