/* weftline-tidy.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * glibc learns from each large block that is freed to take the next one from its heap, up to 32 MB,
 * and keeps what is freed there: of what is laid out and counted for millions of tasks a fifth
 * stayed for good. So large blocks are the system's from the start. Pictures are smaller, and go on
 * being reused; for their sake what is free at a heap's end stays, up to KEPT_BYTES.
 *
 * Each thread has a heap of its own, and when it ends leaves it, and all that is free in it, to the
 * next one that begins. malloc_trim() gives back free pages of all heaps but for those at their
 * ends; these go when a block of such a heap is freed. So some threads begin at once, each of which
 * takes one such heap over, and frees a block.
 */
#include "config.h"

#include "app/weftline-tidy.h"

#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>

#define LARGE_BLOCK_BYTES (16 << 20)
#define KEPT_BYTES (64 << 20)
#define TIDY_BYTES (1 << 20)
#define N_HEAPS 16
#define BLOCK_BYTES (256 << 10) /* smaller ones are only put by */

void
weftline_tidy_init (void)
{
  mallopt (M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
  mallopt (M_TRIM_THRESHOLD, KEPT_BYTES);
}

typedef struct
{
  sem_t has_block; /* one of the threads does */
  sem_t may_go;    /* all do */
} Meeting;

/* No two have the same heap as long as both are there. */
static void *
free_block_thread (void *data)
{
  Meeting *meeting = data;
  void *volatile block = malloc (BLOCK_BYTES);

  sem_post (&meeting->has_block);
  sem_wait (&meeting->may_go);
  free (block);
  return NULL;
}

static void
tidy_left_heaps (void)
{
  pthread_t threads[N_HEAPS];
  Meeting meeting;
  unsigned n = 0;

  sem_init (&meeting.has_block, 0, 0);
  sem_init (&meeting.may_go, 0, 0);
  while (n < N_HEAPS && pthread_create (&threads[n], NULL, free_block_thread, &meeting) == 0)
    n++;
  for (unsigned i = 0; i < n; i++)
    sem_wait (&meeting.has_block);
  for (unsigned i = 0; i < n; i++)
    sem_post (&meeting.may_go);
  for (unsigned i = 0; i < n; i++)
    pthread_join (threads[i], NULL);
  sem_destroy (&meeting.has_block);
  sem_destroy (&meeting.may_go);
}

void
weftline_tidy (void)
{
  mallopt (M_TRIM_THRESHOLD, TIDY_BYTES);
  tidy_left_heaps ();
  malloc_trim (0);
  mallopt (M_TRIM_THRESHOLD, KEPT_BYTES);
}
