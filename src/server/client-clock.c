/* client-clock.c: stamps of this process as nanoseconds, while the clocks are still being compared
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * How fast the counter goes is known to 25 ppm at first and better with time, and CLOCK_MONOTONIC
 * itself is slewed. What was sent cannot be taken back, so the map is not mended but steered: each
 * second a new piece goes on where the one before has come to, at a speed that meets
 * CLOCK_MONOTONIC a second later. Stamps stay in their order, and the error below microseconds.
 */
#include "config.h"

#include "server/weft-client-private.h"

#define NS_PER_SECOND 1000000000
/* First pieces come sooner: the frequency gets better quickly then. */
#define FIRST_PIECE_NS 20000000
#define MOST_STEER_NS 1000000 /* in a second: 1000 ppm */

static WeftClockMap *
last_piece (const WeftClientClock *clock)
{
  return &g_array_index (clock->pieces, WeftClockMap, clock->pieces->len - 1);
}

void
_weft_client_clock_init (WeftClientClock *clock)
{
  WeftClockMap map;

  weft_clock_calibrate (&map);
  clock->pieces = g_array_new (FALSE, FALSE, sizeof (WeftClockMap));
  g_array_append_val (clock->pieces, map);
}

void
_weft_client_clock_clear (WeftClientClock *clock)
{
  g_clear_pointer (&clock->pieces, g_array_unref);
}

/* Ticks in a second that make up for the error within it. */
static uint64_t
steer (uint64_t ticks_per_second, int64_t error_ns)
{
  error_ns = CLAMP (error_ns, -MOST_STEER_NS, MOST_STEER_NS);
  return (uint64_t) ((unsigned __int128) ticks_per_second * NS_PER_SECOND
                     / (uint64_t) (NS_PER_SECOND + error_ns));
}

void
_weft_client_clock_step (WeftClientClock *clock)
{
  WeftClockMap *last = last_piece (clock), map;
  int64_t age_ns, due_ns = MIN (FIRST_PIECE_NS << MIN (clock->pieces->len, 6), NS_PER_SECOND);
  int64_t now_ns = weft_clock_mono_ns ();

  age_ns = now_ns - last->anchor_mono_ns;
  if (last->source != WEFT_CLOCK_TSC || age_ns < due_ns)
    return;
  weft_clock_calibrate (&map);
  now_ns = weft_clock_mono_ns ();
  map.anchor_ticks = weft_clock_ns_to_ticks (&map, now_ns);
  map.anchor_mono_ns = weft_clock_ticks_to_ns (last, map.anchor_ticks);
  map.ticks_per_second = steer (map.ticks_per_second, now_ns - map.anchor_mono_ns);
  g_array_append_val (clock->pieces, map);
}

uint64_t
_weft_client_clock_ns (const WeftClientClock *clock, uint64_t ticks)
{
  guint low = 0, high = clock->pieces->len; /* the piece is in low … high - 1 */

  if (ticks >= last_piece (clock)->anchor_ticks)
    low = high - 1;
  while (high - low > 1)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (clock->pieces, WeftClockMap, middle).anchor_ticks <= ticks)
        low = middle;
      else
        high = middle;
    }
  return (uint64_t) MAX (
      weft_clock_ticks_to_ns (&g_array_index (clock->pieces, WeftClockMap, low), ticks), 0);
}
