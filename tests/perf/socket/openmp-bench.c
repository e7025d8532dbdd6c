/* openmp-bench.c: a program of OpenMP's that says how long its tasks and regions took
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For openmp-bench.py, which runs it with the tool and without. Tasks are made by one thread in
 * portions, and run by all; a region is a loop of nothing.
 */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PORTION 2000
#define PAUSE_US 60000 /* so that what was said can be taken before there is more */

static void
rest (void)
{
  usleep (PAUSE_US);
}

static double
tasks (int n)
{
  double seconds = 0;

  for (int done = 0; done < n; done += PORTION)
    {
      double from = omp_get_wtime ();

#pragma omp parallel
#pragma omp single
      for (int i = 0; i < PORTION; i++)
        {
#pragma omp task
          __asm__ volatile("" ::: "memory");
        }
      seconds += omp_get_wtime () - from;
      rest ();
    }
  return seconds / n * 1e9;
}

static double
regions (int n)
{
  double seconds = 0;

  for (int done = 0; done < n; done += PORTION)
    {
      double from = omp_get_wtime ();

      for (int i = 0; i < PORTION; i++)
        {
#pragma omp parallel for
          for (int k = 0; k < 4; k++)
            __asm__ volatile("" ::: "memory");
        }
      seconds += omp_get_wtime () - from;
      rest ();
    }
  return seconds / n * 1e9;
}

int
main (int argc, char **argv)
{
  int n = argc > 1 ? atoi (argv[1]) : 20000;

  regions (PORTION);
  tasks (PORTION);
  printf ("%.1f %.1f\n", tasks (n), regions (n));
  return 0;
}
