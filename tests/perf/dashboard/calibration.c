/* calibration.c: the drawing that never changes, for what is measured from outside of a program
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *   calibration [DRAWINGS]
 *
 * Prints each one's CPU time in milliseconds, a line each.
 */
#include "config.h"

#include "picture-times.h"

int
main (int argc, char **argv)
{
  unsigned n = argc > 1 ? (unsigned) MAX (atoi (argv[1]), 1) : 20;
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  cairo_surface_t *surface =
      cairo_image_surface_create (CAIRO_FORMAT_RGB24, PICTURE_WIDTH, PICTURE_HEIGHT);
  cairo_t *cr = cairo_create (surface);

  calibrate (cr, rand); /* the first also touches the surface's memory */
  for (unsigned i = 0; i < n; i++)
    printf ("%.3f\n", calibrate (cr, rand));
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return 0;
}
