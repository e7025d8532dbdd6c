/* shed.c: a twill: the pattern moves by one thread a pick
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cloth.h"

int
shed_is_open (int pick, int thread)
{
  return (thread + pick) % 4 < 2;
}
