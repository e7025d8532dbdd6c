/* weft-lines-private.h: events as lines of JSON, for those who have no packing at hand
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * data/doc/protocol.md, “Lines”, says what may stand in them.
 */
#pragma once

#include "server/weft-report-private.h"

/**
 * WeftLinesClock:
 * @in_seconds: times are seconds since 1970, of a report whose stamps are nanoseconds since then;
 *   else nanoseconds of CLOCK_MONOTONIC
 */
typedef struct
{
  bool in_seconds;
} WeftLinesClock;

/**
 * _weft_lines_take:
 * @line: UTF-8, not 0-terminated, without its line feed
 *
 * Takes one line into the report, or nothing of it.
 *
 * Returns: FALSE with an error of WEFT_GRAPH_ERROR, which tells the column
 */
bool _weft_lines_take (WeftReport *report, const WeftLinesClock *clock, const char *line,
                       size_t n_chars, GError **error);
