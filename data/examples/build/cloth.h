/* cloth.h: what the parts of a small program share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#define WARP_THREADS 32

/* Whether the warp thread lies above the weft. */
int shed_is_open (int pick, int thread);
char warp_sign (int thread);
