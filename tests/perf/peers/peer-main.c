/* peer-main.c: measures a driver of another scheduler
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: PEER shapes                      prints name, shapes and version
 *        PEER SHAPE [SIZE [ROUNDS]]       2 workers; one line per round:
 *                                         tasks, then ns to build, to run, to free, then bytes
 *                                         of memory taken, in total
 *        PEER metg [SIZE]                 one line per size of task, for METG (50 %): steps of the
 *                                         busy loop, ns of a step, tasks, median ns to run
 *
 * All by tabs. The first round is cold, the later ones find memory and threads warm. Running is
 * from the start of what was built until all tasks have ended. Each round's values are checked.
 *
 * For METG the stencil runs with ever longer tasks until half of the peak rate is reached; the
 * peak is the busy loop's in as many threads as there are workers. table.py does the rest, the
 * same for all drivers.
 */
#include "peer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_WORKERS 2
#define METG_RUNS 3
#define METG_FIRST_NS 30
#define METG_MAX_POINTS 12
#define METG_STEP_RATIO 1.7782794 /* a quarter of a power of ten */

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

  for (int round = 0; round < 3; round++)
    {
      int64_t start = now_ns ();
      volatile uint64_t kept = peer_burn (500000, (uint64_t) round);
      double ns = (double) (now_ns () - start) / 5e5;
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

typedef struct
{
  int64_t run_ns;
  double step_ns; /* of the busy loop alone, before and after the run */
} MetgRun;

static double
run_steps (const MetgRun *run)
{
  return (double) run->run_ns / run->step_ns;
}

static int
compare_runs (const void *a, const void *b)
{
  double x = run_steps (a), y = run_steps (b);
  return (x > y) - (x < y);
}

/* The stencil, of some runs the median, each beside the rate that the machine had at its time;
 * counts wrong values. */
static MetgRun
median_run (const PeerGraph *graph, uint32_t *values, int *n_wrong)
{
  MetgRun runs[METG_RUNS];
  double before_ns = step_ns_busy ();

  for (int i = 0; i < METG_RUNS; i++)
    {
      int64_t start;
      double after_ns;

      memset (values, 0, (size_t) graph->n_tasks * sizeof *values);
      peer_build (graph, values);
      start = now_ns ();
      peer_run ();
      runs[i].run_ns = now_ns () - start;
      peer_free ();
      *n_wrong += peer_graph_check (graph, values);
      after_ns = step_ns_busy ();
      runs[i].step_ns = (before_ns + after_ns) / 2;
      before_ns = after_ns;
    }
  qsort (runs, METG_RUNS, sizeof runs[0], compare_runs);
  return runs[METG_RUNS / 2];
}

static int
metg (int size)
{
  PeerGraph graph = peer_graph_new ("stencil", size);
  uint32_t *values = malloc ((size_t) graph.n_tasks * sizeof *values);
  double per_step_ns, task_ns = METG_FIRST_NS, share = 0;
  int n_wrong = 0;

  peer_n_steps = 1;
  per_step_ns = median_run (&graph, values, &n_wrong).step_ns; /* warms up */
  for (int i = 0; i < METG_MAX_POINTS && share < 0.5; i++)
    {
      MetgRun run;

      peer_n_steps = (uint64_t) (task_ns / per_step_ns + 0.5);
      if (peer_n_steps == 0)
        peer_n_steps = 1;
      run = median_run (&graph, values, &n_wrong);
      share = graph.n_tasks * (double) peer_n_steps / N_WORKERS / run_steps (&run);
      printf ("%llu\t%.4f\t%d\t%lld\n", (unsigned long long) peer_n_steps, run.step_ns,
              graph.n_tasks, (long long) run.run_ns);
      fflush (stdout);
      task_ns *= METG_STEP_RATIO;
    }
  if (n_wrong)
    fprintf (stderr, "%s, metg: %d wrong values\n", peer_name, n_wrong);
  free (values);
  peer_graph_clear (&graph);
  return n_wrong ? 1 : 0;
}

int
main (int argc, char *argv[])
{
  int status = 0;

  if (argc < 2)
    {
      fprintf (stderr, "Usage: %s shapes | metg [SIZE] | SHAPE [SIZE [ROUNDS]]\n", argv[0]);
      return 2;
    }
  peer_init (N_WORKERS);
  if (strcmp (argv[1], "shapes") == 0)
    printf ("%s\t%s\t%s\n", peer_name, peer_shapes, peer_version ());
  else if (strcmp (argv[1], "metg") == 0)
    status = metg (argc > 2 ? atoi (argv[2]) : 0);
  else
    status = measure (argv[1], argc > 2 ? atoi (argv[2]) : 0, argc > 3 ? atoi (argv[3]) : 1);
  peer_fini ();
  return status;
}
