/* bytes-scale.h: ticks of an axis of bytes and what stands at them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Steps are 1, 2 or 5 times a power of ten, or powers of two where bytes are told in KiB.
 */
#pragma once

#include "canvas/number-format.h"

#define WEFTLINE_MAX_BYTES_TICKS 12

typedef struct
{
  uint64_t bytes;
  double y; /* up from the axis's lower end */
  char label[32];
} WeftlineBytesTick;

/* @top: what the axis's upper end stands for */
typedef struct
{
  uint64_t top;
  uint64_t step;
  unsigned n_ticks;
  WeftlineBytesTick ticks[WEFTLINE_MAX_BYTES_TICKS];
} WeftlineBytesScale;

/**
 * weftline_bytes_scale:
 * @most: what has to find room; a little is left above it
 * @height: of the axis
 * @apart: least distance of two ticks
 *
 * Ticks go up from 0, all inside. Any thread.
 */
void weftline_bytes_scale (WeftlineBytesScale *scale, uint64_t most, double height, double apart,
                           WeftlineBytesForm form);

/* Where so many bytes are, up from the axis's lower end; not above its upper one. */
static inline double
weftline_bytes_y (const WeftlineBytesScale *scale, uint64_t bytes, double height)
{
  return height * ((double) MIN (bytes, scale->top) / (double) scale->top);
}
