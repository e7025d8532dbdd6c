/* time-scale.h: ticks of a time axis and what stands at them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Steps are 1, 2 or 5 times a power of ten up to seconds, then what clocks are divided in. The step
 * is the smallest whose labels do not run into each other. Where times would need too many digits
 * the labels say only how far they are behind a base, which is told once.
 */
#pragma once

#include "base/weft-base.h"

#define WEFTLINE_MAX_TICKS 100

typedef enum
{
  WEFTLINE_TIME_SINCE_START,
  WEFTLINE_TIME_OF_DAY, /* local */
} WeftlineTimeForm;

typedef struct
{
  int64_t at_ns;
  double x; /* from the axis's start */
  char label[40];
} WeftlineTick;

typedef struct
{
  int64_t step_ns;
  unsigned n_ticks;
  char base[64]; /* what labels are relative to; of days, the date; "" where there is neither */
  WeftlineTick ticks[WEFTLINE_MAX_TICKS];
} WeftlineTimeScale;

/**
 * weftline_time_scale:
 * @t0_ns, @t1_ns: since the run's start; @t1_ns is later
 * @width: of the axis
 * @figure: width of a figure of its font
 * @wall_ns: time of day at 0, ns since 1970; 0: unknown, then labels are since the start
 *
 * Ticks are in the order of time, all inside. Any thread.
 */
void weftline_time_scale (WeftlineTimeScale *scale, int64_t t0_ns, int64_t t1_ns, double width,
                          double figure, WeftlineTimeForm form, int64_t wall_ns);

/**
 * weftline_format_moment:
 * @wall_ns: as above
 *
 * A time by itself: how long after the start it is, or “14:03:20.125”, local. Any thread.
 *
 * Returns: (transfer full)
 */
char *weftline_format_moment (int64_t at_ns, WeftlineTimeForm form, int64_t wall_ns);

/* The same to the microsecond at least: what begins and ends within a long run is told apart.
 * (transfer full) */
char *weftline_format_stamp (int64_t at_ns, WeftlineTimeForm form, int64_t wall_ns);

/* How times are written: since the run's start, or of the day. */
typedef struct
{
  WeftlineTimeForm form;
  int64_t wall_ns; /* time of day at 0, ns since 1970; 0: unknown */
} WeftlineClock;

/* See weftline_format_moment(). (transfer full) */
static inline char *
weftline_clock_moment (const WeftlineClock *clock, int64_t at_ns)
{
  return weftline_format_moment (at_ns, clock->form, clock->wall_ns);
}
