/* bytes-scale.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/bytes-scale.h"

#include <stdio.h>

#define ROOM 0.06 /* above what is most */

static uint64_t
next_step (uint64_t step, WeftlineBytesForm form)
{
  uint64_t power = 1;

  if (step > UINT64_MAX / 16)
    return UINT64_MAX;
  if (form == WEFTLINE_BYTES_BINARY)
    return 2 * step;
  while (power * 10 <= step)
    power *= 10;
  return step / power == 1 ? 2 * power : step / power == 2 ? 5 * power : 10 * power;
}

/* “40 MB”, “1.5 GB”: no more figures than it has. */
static void
put_label (WeftlineBytesTick *tick, WeftlineBytesForm form)
{
  static const char *const decimal[] = { "B", "kB", "MB", "GB", "TB", "PB", "EB" };
  static const char *const binary[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
  double base = form == WEFTLINE_BYTES_BINARY ? 1024 : 1000, value = (double) tick->bytes;
  unsigned unit = 0;

  for (; value >= base && unit + 1 < G_N_ELEMENTS (decimal); unit++)
    value /= base;
  snprintf (tick->label, sizeof tick->label, "%g" WEFTLINE_NO_BREAK_SPACE "%s", value,
            form == WEFTLINE_BYTES_BINARY ? binary[unit] : decimal[unit]);
}

void
weftline_bytes_scale (WeftlineBytesScale *scale, uint64_t most, double height, double apart,
                      WeftlineBytesForm form)
{
  double top = (double) most * (1 + ROOM);

  scale->top = top < 1 ? 1 : top >= 1.8e19 ? UINT64_MAX : (uint64_t) top;
  scale->step = 1;
  scale->n_ticks = 0;
  while (scale->step < UINT64_MAX
         && ((double) scale->step / (double) scale->top * height < apart
             || scale->top / scale->step >= WEFTLINE_MAX_BYTES_TICKS))
    scale->step = next_step (scale->step, form);
  for (uint64_t n = 0; n <= scale->top / scale->step && n < WEFTLINE_MAX_BYTES_TICKS; n++)
    {
      WeftlineBytesTick *tick = &scale->ticks[scale->n_ticks++];

      tick->bytes = n * scale->step;
      tick->y = weftline_bytes_y (scale, tick->bytes, height);
      put_label (tick, form);
    }
}
