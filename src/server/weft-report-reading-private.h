/* weft-report-reading-private.h: what report-packed.c and report-columns.c share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "server/weft-report-packed-private.h"

#include <string.h>

/* Flags in a message's head. Of spans: it has bytes of the results. Of keys, what tasks read,
 * and groups: the next says more of these tasks. */
#define WEFT_READING_HAS_BYTES 1u
#define WEFT_READING_MORE 2u

/* Times are below. */
#define WEFT_READING_NO_TIME (UINT64_C (1) << 63)

/* What is read of a message, and what was wrong with it. */
typedef struct
{
  WeftReportPacked *packed;
  const WeftWireHead *head;
  const uint8_t *bytes;
  uint64_t *offset;
  GError **error;
} WeftReading;

/* Returns: FALSE. @offset: in the payload */
bool _weft_reading_fail (const WeftReading *reading, uint64_t offset, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static inline uint32_t
_weft_reading_u32 (const uint8_t *bytes)
{
  uint32_t value;

  memcpy (&value, bytes, sizeof value);
  return value;
}

/* Whether there is a task of this number, which stands at @offset. */
static inline bool
_weft_reading_task (const WeftReading *reading, uint64_t offset, uint32_t task)
{
  uint32_t n = reading->packed->n_tasks;

  return WEFT_LIKELY (task < n)
         || _weft_reading_fail (reading, offset,
                                "found task %u, expected one below %u: as many were said", task, n);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* Number of the first and how many, before keys in either form. */
#define WEFT_READING_TASKS_HEAD 8

/* Returns: whether so many may follow */
bool _weft_reading_tasks_head (const WeftReading *reading, uint32_t *n);

#define WEFT_READING_KEYS 16u

typedef struct
{
  const char *chars;
  uint32_t n_chars;
} WeftReadingKey;

/* The next tasks have these keys, which were checked. @n: at most WEFT_READING_KEYS */
void _weft_report_packed_add (WeftReportPacked *packed, const WeftReadingKey *keys, uint32_t n);

/* ---- report-columns.c: messages of these kinds, whose flags and lane are checked ------------- */

bool _weft_reading_keys (const WeftReading *reading);
bool _weft_reading_reads (const WeftReading *reading);
bool _weft_reading_group (const WeftReading *reading);
bool _weft_reading_wanted (const WeftReading *reading);
bool _weft_reading_spans (const WeftReading *reading);
