/* weft-clock-private.h: which clock stamps are read from
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-clock.h"

#define WEFT_CLOCK_SOURCE_FILE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

/* The counter where it is `invariant` and the kernel itself, by the file at `path`, stands on it;
 * CLOCK_MONOTONIC everywhere else. */
WeftClockSource _weft_clock_choose (bool invariant, const char *path);
