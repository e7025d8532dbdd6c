/* heat.c: an example program that reports its own tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Build it, and run it while a Weftline window is open, or `weftline serve`:
 *
 *   cc -pthread heat.c -o heat $(pkg-config --cflags --libs weftline-1)
 *   ./heat 200
 *
 * Heat spreads along a rod, in strips that threads take in turn. Nothing of the computation waits
 * for who watches; where nobody does it runs as it would without.
 */
#include <server/weft-client.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define N_THREADS 2
#define N_STRIPS 8
#define STRIP 20000
#define N (N_STRIPS * STRIP)

static double rods[2][N + 2];
static int n_steps;
static WeftClient *client;
static uint32_t strip_group;
static pthread_barrier_t all;

static void
compute_strip (const double *from, double *to, int strip)
{
  WeftClientSpan span = weft_client_begin (client, strip_group);

  for (int i = 1 + strip * STRIP; i <= (strip + 1) * STRIP; i++)
    to[i] = from[i] + 0.25 * (from[i - 1] - 2 * from[i] + from[i + 1]);
  weft_client_end (client, span, STRIP * sizeof *to);
}

static void *
thread_main (void *data)
{
  int first = *(int *) data;

  for (int step = 0; step < n_steps; step++)
    {
      for (int strip = first; strip < N_STRIPS; strip += N_THREADS)
        compute_strip (rods[step % 2], rods[1 - step % 2], strip);
      pthread_barrier_wait (&all);
    }
  return NULL;
}

int
main (int argc, char **argv)
{
  WeftClientOptions options = { .name = "heat" };
  int numbers[N_THREADS];
  pthread_t threads[N_THREADS];
  double heat = 0;

  n_steps = argc > 1 ? atoi (argv[1]) : 100;
  options.file = argc > 2 ? argv[2] : NULL; /* where to record, if nobody listens */
  client = weft_client_open (&options, NULL);
  strip_group = weft_client_group (client, "strip");

  rods[0][N / 2] = 1000;
  pthread_barrier_init (&all, NULL, N_THREADS);
  for (int i = 0; i < N_THREADS; i++)
    {
      numbers[i] = i;
      pthread_create (&threads[i], NULL, thread_main, &numbers[i]);
    }
  for (int i = 0; i < N_THREADS; i++)
    pthread_join (threads[i], NULL);
  weft_client_close (client, WEFT_CLIENT_DONE);

  for (int i = 1; i <= N; i++)
    heat += rods[n_steps % 2][i];
  printf ("%.3f\n", heat);
  return 0;
}
