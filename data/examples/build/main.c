/* main.c: prints a piece of cloth; a small program to build
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cloth.h"

#include <stdio.h>

int
main (void)
{
  char line[WARP_THREADS + 1];

  for (int pick = 0; pick < 8; pick++)
    {
      for (int thread = 0; thread < WARP_THREADS; thread++)
        line[thread] = shed_is_open (pick, thread) ? warp_sign (thread) : '-';
      line[WARP_THREADS] = '\0';
      puts (line);
    }
  return 0;
}
