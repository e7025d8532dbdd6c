/* reading.h: what is turned round where text runs from right to left
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One rule for all drawn views (data/doc/dashboard.md, “Right to left”):
 *
 * - Time goes from left to right, always; so do a graph's dependencies, which go with it, and
 *   figures without words. What a key or a drag means on a picture of time does not change either.
 * - All else is turned round: names stand where lines begin, on the right; bars of amounts grow
 *   from there; legends and captions read from there; scales' labels stand on that side.
 */
#pragma once

#include <stdbool.h>

/* The left edge of something so wide that is @x from where lines begin, in a whole. */
static inline double
weftline_turn (bool rtl, double whole, double x, double width)
{
  return rtl ? whole - x - width : x;
}
