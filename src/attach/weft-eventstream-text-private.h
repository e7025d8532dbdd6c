/* weft-eventstream-text-private.h: reading Dask's JSON, and writing lines
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Members may have any type: Dask's change with time, and what is not as it is expected is as good
 * as not there.
 */
#pragma once

#include "graph/weft-json-private.h"

/* Of a time, as lines may have it: seconds since 1970. */
#define WEFT_EVENTSTREAM_MOST_SECONDS 9e9

/* ---- reading: the value that comes next ------------------------------------------------------ */

/* (transfer full) (nullable): NULL: it is no text, or an empty one */
char *_weft_eventstream_read_text (WeftJson *json);
/* -1: no whole number from 0 on */
int64_t _weft_eventstream_read_count (WeftJson *json);
/* -1: no number from 0 to 9e18 */
double _weft_eventstream_read_number (WeftJson *json);
/* A key, as Dask prints it: str() of a tuple, of which JSON has made an array. (transfer full)
 * (nullable): NULL with an error: it is none */
char *_weft_eventstream_read_key (WeftJson *json);

/* ---- writing --------------------------------------------------------------------------------- */

/* A text of JSON, with its quotes; what is no UTF-8 becomes U+FFFD. */
void _weft_eventstream_quote (GString *json, const char *text);
void _weft_eventstream_begin (GString *lines, const char *event);
/* Members with these are left out: a text of NULL, a number below 0. */
void _weft_eventstream_text (GString *lines, const char *name, const char *text);
void _weft_eventstream_count (GString *lines, const char *name, int64_t count);
void _weft_eventstream_number (GString *lines, const char *name, double number);
void _weft_eventstream_end (GString *lines);
