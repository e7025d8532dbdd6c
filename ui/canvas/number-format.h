/* number-format.h: durations, bytes, counts and shares as people read them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Always with a unit; SI for time up to seconds, then minutes and hours; three figures where the
 * number is measured; digits in groups of three from five on, with a narrow no-break space. Strings
 * are (transfer full). Any thread.
 */
#pragma once

#include "base/weft-base.h"

#define WEFTLINE_NARROW_SPACE "\u202f"
#define WEFTLINE_NO_BREAK_SPACE "\u00a0"
/* Before figures without letters in a label, which would else be read from right to left with the
 * window; what is drawn needs none (text-cache.h). */
#define WEFTLINE_LEFT_TO_RIGHT "\u200e"

typedef enum
{
  WEFTLINE_BYTES_DECIMAL, /* kB, MB, GB: as Dask prints them */
  WEFTLINE_BYTES_BINARY,  /* KiB, MiB, GiB */
} WeftlineBytesForm;

/* “412 ns”, “3.41 s”, “1 m 44 s”, “2 h 05 m”; a sign where it is negative. */
char *weftline_format_duration (int64_t ns);
/* The same of what is only estimated: “0.4 s”, “12 s”, “2 m 10 s”, “2 h 05 m”. Of negative ones
 * nothing is left. */
char *weftline_format_rough_duration (int64_t ns);
/* What was measured or summed up, as a number for the two below: 0 for less, the most for more. */
uint64_t weftline_whole (double value);
/* “0 B”, “337 MB”, “1.21 GB”. */
char *weftline_format_bytes (uint64_t bytes, WeftlineBytesForm form);
/* “1 234 567” */
char *weftline_format_count (uint64_t count);
/* “91 %”, “0.04 %”; never “100 %” for less, nor “0 %” for more than nothing. @share: 1.0 is all */
char *weftline_format_share (double share);
