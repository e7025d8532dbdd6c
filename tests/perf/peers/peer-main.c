/* peer-main.c: measures a driver of another scheduler
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: PEER shapes                      prints the driver's name and shapes
 *        PEER SHAPE [SIZE [ROUNDS]]       2 workers; one line per round:
 *                                         tasks, then ns to build, to run, to free, then bytes
 *                                         of memory taken, in total
 *        PEER metg                        prints the ns of METG (50 %)
 *
 * All by tabs. The first round is cold, the later ones find memory and threads warm. METG(50 %) is
 * the smallest duration of a task at which the workers do useful work for half of the time; the
 * busy loop is calibrated with all workers at it, and the time runs without the building.
 */
#include "peer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_WORKERS 2
#define METG_ROUNDS 5
#define METG_TARGET_NS 120e6

uint64_t peer_n_steps = 0;

static int64_t
now_ns (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

uint64_t
peer_burn (uint64_t n_steps, uint64_t seed)
{
  for (uint64_t i = 0; i < n_steps; i++)
    {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      __asm__ volatile("" : "+r"(seed));
    }
  return seed;
}

/* A field of the process's status in bytes, or 0. */
static long
status_bytes (const char *field)
{
  char line[256];
  long kilobytes = 0;
  FILE *file = fopen ("/proc/self/status", "r");

  if (file == NULL)
    return 0;
  while (fgets (line, sizeof line, file))
    if (strncmp (line, field, strlen (field)) == 0)
      kilobytes = atol (line + strlen (field) + 1);
  fclose (file);
  return kilobytes * 1024;
}

/* Lets the peak of memory begin anew. */
static void
reset_peak (void)
{
  FILE *file = fopen ("/proc/self/clear_refs", "w");

  if (file == NULL)
    return;
  fputs ("5", file);
  fclose (file);
}

static int
measure (const char *shape, int size, int n_rounds)
{
  PeerGraph graph = peer_graph_new (shape, size);
  uint32_t *values = malloc ((size_t) graph.n_tasks * sizeof *values);
  int n_wrong = 0;

  for (int round = 0; round < n_rounds; round++)
    {
      int64_t start, built, done, end;
      long before, peak;

      memset (values, 0, (size_t) graph.n_tasks * sizeof *values);
      reset_peak ();
      before = status_bytes ("VmRSS");
      start = now_ns ();
      peer_build (&graph, values);
      built = now_ns ();
      peer_run ();
      done = now_ns ();
      peak = status_bytes ("VmHWM");
      n_wrong += peer_graph_check (&graph, values);
      end = now_ns ();
      peer_free ();
      end = now_ns () - end;
      printf ("%d\t%lld\t%lld\t%lld\t%ld\n", graph.n_tasks, (long long) (built - start),
              (long long) (done - built), (long long) end, peak - before);
      fflush (stdout);
    }
  if (n_wrong)
    fprintf (stderr, "%s, %s: %d wrong values\n", peer_name, shape, n_wrong);
  free (values);
  peer_graph_clear (&graph);
  return n_wrong ? 1 : 0;
}

/* ns of one step of the busy loop. */
static double
step_ns (void)
{
  double best = 1e9;

  for (int round = 0; round < 9; round++)
    {
      int64_t start = now_ns ();
      volatile uint64_t kept = peer_burn (2000000, (uint64_t) round);
      double ns = (double) (now_ns () - start) / 2e6;
      (void) kept;
      if (ns < best)
        best = ns;
    }
  return best;
}

static void *
step_ns_thread (void *result)
{
  *(double *) result = step_ns ();
  return NULL;
}

/* The same with both workers busy. */
static double
step_ns_busy (void)
{
  pthread_t thread;
  double here, there;

  pthread_create (&thread, NULL, step_ns_thread, &there);
  here = step_ns ();
  pthread_join (thread, NULL);
  return here > there ? here : there;
}

static int
compare_ns (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
  return (x > y) - (x < y);
}

/* The share of time in which tasks of so many ns do useful work. */
static double
efficiency (double task_ns, double per_step_ns)
{
  int64_t ns[METG_ROUNDS];
  int n_steps = (int) (METG_TARGET_NS * N_WORKERS / task_ns / 64);
  PeerGraph graph;
  uint32_t *values;
  double useful_ns;

  n_steps = n_steps > 2000 ? 2000 : n_steps < 40 ? 40 : n_steps;
  graph = peer_graph_new ("stencil", n_steps);
  values = calloc ((size_t) graph.n_tasks, sizeof *values);
  peer_n_steps = (uint64_t) (task_ns / per_step_ns + 0.5);
  useful_ns = graph.n_tasks * (double) peer_n_steps * per_step_ns / N_WORKERS;
  for (int round = 0; round < METG_ROUNDS; round++)
    {
      peer_build (&graph, values);
      ns[round] = now_ns ();
      peer_run ();
      ns[round] = now_ns () - ns[round];
      peer_free ();
    }
  qsort (ns, METG_ROUNDS, sizeof ns[0], compare_ns);
  free (values);
  peer_graph_clear (&graph);
  return useful_ns / (double) ns[METG_ROUNDS / 2];
}

/* Goes up by quarters of a power of ten; between two points the line counts. */
static int
metg (void)
{
  double per_step_ns = step_ns_busy ();
  double last_ns = 0, last = 0;

  for (double task_ns = 30; task_ns < 1e6; task_ns *= 1.7782794)
    {
      double now = efficiency (task_ns, per_step_ns);
      if (now >= 0.5)
        {
          double share = last_ns > 0 ? (0.5 - last) / (now - last) : 1;
          printf ("%.0f\n", last_ns + share * (task_ns - last_ns));
          return 0;
        }
      last_ns = task_ns;
      last = now;
    }
  fprintf (stderr, "%s: half the ideal speed is not reached (is the machine busy?)\n", peer_name);
  return 1;
}

int
main (int argc, char *argv[])
{
  int status = 0;

  if (argc < 2)
    {
      fprintf (stderr, "Usage: %s shapes | metg | SHAPE [SIZE [ROUNDS]]\n", argv[0]);
      return 2;
    }
  peer_init (N_WORKERS);
  if (strcmp (argv[1], "shapes") == 0)
    printf ("%s\t%s\n", peer_name, peer_shapes);
  else if (strcmp (argv[1], "metg") == 0)
    status = metg ();
  else
    status = measure (argv[1], argc > 2 ? atoi (argv[2]) : 0, argc > 3 ? atoi (argv[3]) : 1);
  peer_fini ();
  return status;
}
