/* weft-clock.h: the time stamps of records, and what they mean in nanoseconds
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A stamp is a count of *ticks* of one clock domain (one process on one host). Where the time stamp
 * counter is invariant a tick is one rdtsc step (10 ns to read here, clock_gettime 25 to 28);
 * elsewhere a tick is one nanosecond of CLOCK_MONOTONIC. Stamps are written raw; whoever reads them
 * converts, with the domain's map. A domain's map is calibrated once at start and refined when a
 * recorder closes, so a file holds the best map known and no stamp is ever rewritten.
 */
#pragma once

#include "base/weft-base.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

typedef enum
{
  WEFT_CLOCK_MONOTONIC = 0, /* ticks are ns of CLOCK_MONOTONIC */
  WEFT_CLOCK_TSC = 1,       /* ticks are steps of the invariant time stamp counter */
  WEFT_CLOCK_INJECTED = 2,  /* a test's clock, or a foreign program's own count */
} WeftClockSource;

/**
 * WeftClockMap:
 * @source: where ticks come from
 * @domain: number of the clock domain inside a run; 0 is the embedded engine
 * @ticks_per_second: calibrated frequency
 * @anchor_ticks: a moment in ticks …
 * @anchor_mono_ns: … the same moment in CLOCK_MONOTONIC nanoseconds …
 * @anchor_wall_ns: … and in nanoseconds since 1970 (UTC)
 *
 * ns(t) = anchor_mono_ns + (t - anchor_ticks) * 1e9 / ticks_per_second. The same bytes stand in a
 * run file's clock frame. Immutable once published.
 */
typedef struct
{
  uint32_t domain;
  uint32_t source; /* WeftClockSource */
  uint64_t ticks_per_second;
  uint64_t anchor_ticks;
  int64_t anchor_mono_ns;
  int64_t anchor_wall_ns;
} WeftClockMap;

/**
 * weft_clock_calibrate:
 * @map: (out caller-allocates): filled with the process's map, domain 0
 *
 * The first call in a process takes about 2 ms (it compares the counter with CLOCK_MONOTONIC),
 * later ones refine the frequency over all the time since then and cost microseconds. Any thread.
 */
WEFT_API void weft_clock_calibrate (WeftClockMap *map);

/**
 * weft_clock_source:
 *
 * Returns: whether stamps of this process are TSC steps or nanoseconds. Constant for a process.
 * Any thread.
 */
WEFT_API WeftClockSource weft_clock_source (void);

/**
 * weft_clock_ticks_to_ns:
 * @map: a domain's map
 * @ticks: a stamp
 *
 * Returns: CLOCK_MONOTONIC nanoseconds; exact to the map's frequency, no overflow for stamps within
 * 290 years of the anchor. Any thread.
 */
WEFT_API int64_t weft_clock_ticks_to_ns (const WeftClockMap *map, uint64_t ticks);

/**
 * weft_clock_ns_to_ticks:
 * @map: a domain's map
 * @mono_ns: CLOCK_MONOTONIC nanoseconds
 *
 * Returns: the stamp of that moment. Any thread.
 */
WEFT_API uint64_t weft_clock_ns_to_ticks (const WeftClockMap *map, int64_t mono_ns);

/**
 * weft_clock_mono_ns:
 *
 * In the library, not inline: CLOCK_MONOTONIC is POSIX, and a program that includes this may be
 * plain C11.
 *
 * Returns: CLOCK_MONOTONIC now, in nanoseconds. Any thread.
 */
WEFT_API int64_t weft_clock_mono_ns (void);

/**
 * weft_clock_thread_cpu_ns:
 *
 * A system call: some 300 ns.
 *
 * Returns: ns of processor time the calling thread has used so far.
 */
WEFT_API int64_t weft_clock_thread_cpu_ns (void);

/* A stamp of this process. `source` is a register-held copy of weft_clock_source(). */
static inline uint64_t
weft_clock_ticks (WeftClockSource source)
{
#if defined(__x86_64__)
  if (WEFT_LIKELY (source == WEFT_CLOCK_TSC))
    return __rdtsc ();
#else
  (void) source;
#endif
  return (uint64_t) weft_clock_mono_ns ();
}
