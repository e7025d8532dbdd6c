/* weft-nearest-private.h: which known name did they mean?
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Offer all known names one after the other; best is then the one with the smallest edit distance,
 * if it is near enough to be worth suggesting. Cheap enough for a million names: some 20 ns each
 * for names up to 64 bytes, and a bound on the work for longer ones.
 *
 *   _weft_nearest_init (&nearest, "strng.upper", 11);
 *   for (i = 0; i < n; i++)
 *     _weft_nearest_offer (&nearest, names[i], strlen (names[i]), i);
 *   if (nearest.best != WEFT_NONE) … did you mean names[nearest.best]?
 */
#pragma once

#include "base/weft-base.h"

typedef struct
{
  uint32_t best;     /* number of the nearest name so far, or WEFT_NONE */
  uint32_t distance; /* of best; before that, one more than the largest worth suggesting */
  const char *wanted;
  size_t n_wanted;
  uint64_t work_left;      /* steps, for long names */
  uint64_t positions[256]; /* bit i of [c]: wanted[i] == c; for names up to 64 bytes */
} WeftNearest;

/* @wanted is not copied. */
void _weft_nearest_init (WeftNearest *nearest, const char *wanted, size_t n_wanted);
/* Of equally near names the first stays. */
void _weft_nearest_offer (WeftNearest *nearest, const char *name, size_t n_name, uint32_t number);
