/* clock.c: stamps of this process, and what they mean in nanoseconds
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A *pair* is one moment read from both clocks. CLOCK_MONOTONIC is read between two readings of the
 * counter, a few times; the pair with the narrowest bracket is kept, so that an interrupt in
 * between does no harm. The bracket is some 50 ns wide, which makes the frequency exact to
 *
 *   50 ns / (time between the two pairs): 25 ppm after the first 2 ms, 0.05 ppm after a second.
 *
 * The first pair of the process is kept for ever and every calibration measures from it to now.
 * That first pair, and the choice of the source, are the only state here: written once, never
 * changed.
 */
#include "config.h"

#include "base/weft-clock-private.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define PAIR_READINGS 8
#define FIRST_SPAN_NS 2000000
#define NS_PER_SECOND 1000000000

typedef struct
{
  uint64_t ticks;
  int64_t mono_ns;
  int64_t wall_ns;
} ClockPair;

/* Immutable after first_once. */
static pthread_once_t first_once = PTHREAD_ONCE_INIT;
static WeftClockSource first_source;
static ClockPair first_pair;

int64_t
weft_clock_mono_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t
weft_clock_thread_cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t) now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static int64_t
wall_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return (int64_t) now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static bool
counter_is_invariant (void)
{
#if defined(__x86_64__)
  unsigned eax, ebx, ecx, edx;

  return __get_cpuid (0x80000007, &eax, &ebx, &ecx, &edx) && (edx & (1u << 8)) != 0;
#else
  return false;
#endif
}

/* The kernel compares the counters of all cores and gives up on them if they disagree: then its own
 * clock stands on something else. */
static bool
kernel_trusts_counter (const char *path)
{
  char text[32] = "";
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return false;
  if (read (fd, text, sizeof text - 1) < 0)
    text[0] = '\0';
  close (fd);
  return strcmp (text, "tsc\n") == 0;
}

WeftClockSource
_weft_clock_choose (bool invariant, const char *path)
{
  return invariant && kernel_trusts_counter (path) ? WEFT_CLOCK_TSC : WEFT_CLOCK_MONOTONIC;
}

static ClockPair
read_pair (WeftClockSource source)
{
  ClockPair best = { 0 };
  uint64_t best_width = UINT64_MAX;

  for (int i = 0; i < PAIR_READINGS; i++)
    {
      uint64_t before = weft_clock_ticks (source);
      int64_t mono_ns = weft_clock_mono_ns ();
      uint64_t after = weft_clock_ticks (source);

      if (after - before >= best_width)
        continue;
      best_width = after - before;
      best.ticks = source == WEFT_CLOCK_TSC ? before + best_width / 2 : (uint64_t) mono_ns;
      best.mono_ns = mono_ns;
    }
  best.wall_ns = wall_ns () - (weft_clock_mono_ns () - best.mono_ns);
  return best;
}

static void
read_first (void)
{
  first_source = _weft_clock_choose (counter_is_invariant (), WEFT_CLOCK_SOURCE_FILE);
  first_pair = read_pair (first_source);
}

static uint64_t
measure_frequency (const ClockPair *now)
{
  int64_t span_ns = now->mono_ns - first_pair.mono_ns;

  return (uint64_t) (((unsigned __int128) (now->ticks - first_pair.ticks) * NS_PER_SECOND
                      + (uint64_t) span_ns / 2)
                     / (uint64_t) span_ns);
}

void
weft_clock_calibrate (WeftClockMap *map)
{
  ClockPair now;

  pthread_once (&first_once, read_first);
  do
    now = read_pair (first_source);
  while (first_source == WEFT_CLOCK_TSC && now.mono_ns - first_pair.mono_ns < FIRST_SPAN_NS);

  map->domain = 0;
  map->source = first_source;
  map->ticks_per_second = first_source == WEFT_CLOCK_TSC ? measure_frequency (&now) : NS_PER_SECOND;
  map->anchor_ticks = first_pair.ticks;
  map->anchor_mono_ns = first_pair.mono_ns;
  map->anchor_wall_ns = first_pair.wall_ns;
}

WeftClockSource
weft_clock_source (void)
{
  pthread_once (&first_once, read_first);
  return first_source;
}

static int64_t
saturate (__int128 x)
{
  return x > INT64_MAX ? INT64_MAX : x < INT64_MIN ? INT64_MIN : (int64_t) x;
}

/* Rounds to the nearest. A frequency of 0 can only come from a damaged file. */
static __int128
scale (__int128 x, uint64_t by, uint64_t over)
{
  __int128 product = x * by;
  __int128 half = over / 2;

  return over == 0 ? 0 : (product < 0 ? product - half : product + half) / over;
}

int64_t
weft_clock_ticks_to_ns (const WeftClockMap *map, uint64_t ticks)
{
  __int128 distance = (__int128) ticks - map->anchor_ticks;

  if (map->ticks_per_second != NS_PER_SECOND)
    distance = scale (distance, NS_PER_SECOND, map->ticks_per_second);
  return saturate (map->anchor_mono_ns + distance);
}

uint64_t
weft_clock_ns_to_ticks (const WeftClockMap *map, int64_t mono_ns)
{
  __int128 ticks =
      map->anchor_ticks
      + scale ((__int128) mono_ns - map->anchor_mono_ns, map->ticks_per_second, NS_PER_SECOND);

  return ticks < 0 ? 0 : ticks > UINT64_MAX ? UINT64_MAX : (uint64_t) ticks;
}
