/* warp.c: the colours of the warp
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cloth.h"

char
warp_sign (int thread)
{
  return thread / 8 % 2 == 0 ? '|' : ':';
}
