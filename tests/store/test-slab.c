/* test-slab.c: boxes by size class: never two at one place, handed over, given back
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "store/weft-store-private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void *
take (uint32_t class_idx)
{
  void *box = _weft_slab_alloc (_weft_store_thread (), class_idx);

  g_assert_nonnull (box);
  return box;
}

static void
give (void *box, uint32_t class_idx)
{
  _weft_slab_free (_weft_store_thread (), box, class_idx);
}

static void
test_classes_hold_what_they_say (void)
{
  for (size_t n = 1; n <= WEFT_SLAB_MAX_BYTES; n++)
    {
      uint32_t class_idx = _weft_slab_class (n);

      g_assert_cmpuint (class_idx, <, WEFT_SLAB_N_CLASSES);
      g_assert_cmpuint (_weft_slab_classes[class_idx].n_bytes, >=, n);
      if (class_idx > 0)
        g_assert_cmpuint (_weft_slab_classes[class_idx - 1].n_bytes, <, n);
      if (n % 64 == 0)
        g_assert_cmpuint (_weft_slab_classes[class_idx].n_bytes % 64, ==, 0);
    }
}

/* Every box keeps what was written into it while others come and go. */
static void
test_boxes_do_not_overlap (void)
{
  enum
  {
    N = 4096
  };
  uint8_t *boxes[N] = { 0 };
  uint32_t classes[N];

  for (guint i = 0; i < 40 * N / test_slowdown (); i++)
    {
      guint k = (guint) g_test_rand_int_range (0, N);

      if (boxes[k] == NULL)
        {
          classes[k] = (uint32_t) g_test_rand_int_range (0, WEFT_SLAB_N_CLASSES);
          boxes[k] = take (classes[k]);
          g_assert_cmpuint ((uintptr_t) boxes[k] % 16, ==, 0);
          if (_weft_slab_classes[classes[k]].n_bytes % 64 == 0)
            g_assert_cmpuint ((uintptr_t) boxes[k] % 64, ==, 0);
          memset (boxes[k], (int) k, _weft_slab_classes[classes[k]].n_bytes);
          continue;
        }
      for (guint b = 0; b < _weft_slab_classes[classes[k]].n_bytes; b++)
        g_assert_cmpuint (boxes[k][b], ==, (uint8_t) k);
      give (boxes[k], classes[k]);
      boxes[k] = NULL;
    }
  for (guint k = 0; k < N; k++)
    if (boxes[k] != NULL)
      give (boxes[k], classes[k]);
}

/* ---- threads --------------------------------------------------------------------------------- */

#define RING 1024

typedef struct
{
  _Atomic (void *) ring[RING];
  guint n_boxes;
  uint32_t class_idx;
} Pipe;

static void *
produce_cb (void *data)
{
  Pipe *pipe = data;

  for (guint i = 0; i < pipe->n_boxes; i++)
    {
      void *box = take (pipe->class_idx);

      memset (box, 0x5a, _weft_slab_classes[pipe->class_idx].n_bytes);
      while (atomic_load_explicit (&pipe->ring[i % RING], memory_order_acquire) != NULL)
        g_thread_yield ();
      atomic_store_explicit (&pipe->ring[i % RING], box, memory_order_release);
    }
  return NULL;
}

static void *
consume_cb (void *data)
{
  Pipe *pipe = data;

  for (guint i = 0; i < pipe->n_boxes; i++)
    {
      uint8_t *box;

      while ((box = atomic_exchange_explicit (&pipe->ring[i % RING], NULL, memory_order_acq_rel))
             == NULL)
        g_thread_yield ();
      g_assert_cmpuint (box[0] & box[31], ==, 0x5a);
      give (box, pipe->class_idx);
    }
  return NULL;
}

/* One thread makes, another frees: what the process holds does not grow with the number of boxes.
 * */
static void
test_producer_and_consumer_stay_bounded (void)
{
  Pipe pipe = { .n_boxes = 2000000 / test_slowdown (), .class_idx = _weft_slab_class (64) };
  int64_t before = _weft_slab_held_bytes ();
  pthread_t producer, consumer;

  pthread_create (&producer, NULL, produce_cb, &pipe);
  pthread_create (&consumer, NULL, consume_cb, &pipe);
  pthread_join (producer, NULL);
  pthread_join (consumer, NULL);
  g_assert_cmpint (_weft_slab_held_bytes () - before, <=, 1 << 20);
}

static void *
leave_cb (void *data)
{
  guint n = GPOINTER_TO_UINT (data);
  void **boxes = g_new (void *, n);

  for (guint i = 0; i < n; i++)
    boxes[i] = take (3);
  for (guint i = 0; i < n; i++)
    give (boxes[i], 3);
  g_free (boxes);
  return NULL;
}

/* Many short-lived threads, one after the other, use the same memory. */
static void
test_threads_give_back_what_they_kept (void)
{
  pthread_t thread;
  int64_t after_first = 0;

  for (guint i = 0; i < 50; i++)
    {
      pthread_create (&thread, NULL, leave_cb, GUINT_TO_POINTER (20000));
      pthread_join (thread, NULL);
      if (i == 0)
        after_first = _weft_slab_held_bytes ();
      g_assert_cmpint (_weft_slab_held_bytes (), ==, after_first);
    }
}

/* A phase with many boxes of one class leaves its memory to the other classes, and to the system.
 * */
static void
test_empty_chunks_go_back (void)
{
  enum
  {
    N = 400000
  };
  void **boxes = g_new (void *, N);
  int64_t most;

  for (guint i = 0; i < N; i++)
    boxes[i] = take (6);
  most = _weft_slab_held_bytes ();
  g_assert_cmpint (most, >=, INT64_C (256) * N);
  for (guint i = 0; i < N; i++)
    give (boxes[i], 6);
  g_assert_cmpint (_weft_slab_held_bytes (), <, most / 4);
  weft_buffer_trim (0);
  g_assert_cmpint (_weft_slab_held_bytes (), <, WEFT_SLAB_N_CLASSES * (1 << 20));
  g_free (boxes);
}

/* ---- what threads count ---------------------------------------------------------------------- */

static void *
unref_cb (void *data)
{
  weft_value_unref (data);
  return (void *) (intptr_t) weft_thread_slab_bytes ();
}

/* Made here and freed there: the sum over both threads is exact. */
static void
test_slab_bytes_add_up_over_threads (void)
{
  int64_t before = weft_thread_slab_bytes ();
  WeftValue short_one, long_one;
  pthread_t thread;
  void *other;
  int64_t made;

  g_assert_cmpint (weft_value_init_string (&short_one, NULL, "hello", 5), ==, WEFT_OK);
  made = weft_thread_slab_bytes () - before;
  g_assert_cmpint (made, ==, (int64_t) weft_value_n_bytes (&short_one));
  pthread_create (&thread, NULL, unref_cb, &short_one);
  pthread_join (thread, &other);
  g_assert_cmpint (made + (intptr_t) other, ==, 0);

  before = weft_thread_slab_bytes ();
  weft_value_take_box (&long_one, weft_box_alloc (WEFT_TYPE_BYTES, 5000));
  g_assert_cmpint (weft_thread_slab_bytes () - before, >=, 5000);
  weft_value_clear (&long_one);
  g_assert_cmpint (weft_thread_slab_bytes (), ==, before);
}

static void
test_boxes_come_cleared (void)
{
  for (size_t n = sizeof (WeftString); n <= 2048; n += 8)
    {
      WeftBox *box = weft_box_alloc (WEFT_TYPE_STRING, n);

      g_assert_cmpuint (box->refs, ==, 1);
      g_assert_cmpuint (box->type, ==, WEFT_TYPE_STRING);
      g_assert_cmpuint (box->n_bytes, >=, n);
      for (size_t i = sizeof *box; i < n; i++)
        g_assert_cmpuint (((uint8_t *) box)[i], ==, 0);
      memset ((uint8_t *) box + sizeof *box, 0xff, n - sizeof *box);
      ((WeftString *) box)->buffer = NULL;
      weft_box_free (box);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("store", "slab", "classes-hold-what-they-say", test_classes_hold_what_they_say);
  test_add ("store", "slab", "boxes-do-not-overlap", test_boxes_do_not_overlap);
  test_add ("store", "slab", "boxes-come-cleared", test_boxes_come_cleared);
  test_add ("store", "slab", "producer-and-consumer-stay-bounded",
            test_producer_and_consumer_stay_bounded);
  test_add ("store", "slab", "threads-give-back-what-they-kept",
            test_threads_give_back_what_they_kept);
  test_add ("store", "slab", "empty-chunks-go-back", test_empty_chunks_go_back);
  test_add ("store", "slab", "slab-bytes-add-up-over-threads", test_slab_bytes_add_up_over_threads);
  return g_test_run ();
}
