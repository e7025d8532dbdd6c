/* picture-times.h: CPU times of pictures, beside a drawing that never changes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include <cairo.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PICTURE_WIDTH 1920
#define PICTURE_HEIGHT 1080
#define N_CALIBRATION 20000
#define N_CALIBRATION_COLORS 7

static inline double
cpu_ms (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

/* The thread's own time: what others do on the machine is no cost of a picture. */
static inline double
thread_ms (void)
{
  return cpu_ms (CLOCK_THREAD_CPUTIME_ID);
}

static inline int
compare_times (const void *a, const void *b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

/* Sorts them. */
static inline double
quantile_of (double *times, unsigned n, double q)
{
  qsort (times, n, sizeof *times, compare_times);
  return times[MIN ((unsigned) (q * n), n - 1)];
}

/* 20,000 rectangles filled by cairo, aligned to pixels, batched by colour. */
static inline double
calibrate (cairo_t *cr, GRand *rand)
{
  double start = thread_ms ();

  for (unsigned color = 0; color < N_CALIBRATION_COLORS; color++)
    {
      cairo_set_source_rgb (cr, 0.1 * color, 0.2, 0.3);
      for (unsigned i = 0; i < N_CALIBRATION / N_CALIBRATION_COLORS; i++)
        cairo_rectangle (cr, g_rand_int_range (rand, 0, PICTURE_WIDTH - 6),
                         g_rand_int_range (rand, 0, PICTURE_HEIGHT - 30), 6, 30);
      cairo_fill (cr);
    }
  return thread_ms () - start;
}

/* One line, which dashboard.py reads. @base: the calibration's median. Of 100 times and fewer the
 * p99 is the largest. */
static inline void
print_times (const char *what, double *times, unsigned n, double base)
{
  double median = quantile_of (times, n, 0.5), high = quantile_of (times, n, 0.99);

  printf ("%s: median %.3f ms, p99 %.3f ms; of calibration %.4f, p99 %.4f\n", what, median, high,
          median / base, high / base);
}
