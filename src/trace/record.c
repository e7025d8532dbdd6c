/* record.c: filling in records, where it is more than a few stores
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "trace/weft-record.h"

uint64_t
weft_record_set_span (WeftRecord *record, uint8_t kind, uint8_t flags, uint8_t how, uint32_t task,
                      uint32_t segment, uint64_t start, uint64_t end, uint64_t amount)
{
  uint64_t duration = end > start ? end - start : 0;

  if (duration > WEFT_RECORD_MAX_DURATION)
    {
      duration = WEFT_RECORD_MAX_DURATION;
      flags |= WEFT_RECORD_CONTINUED;
      amount = 0;
    }
  weft_record_set (record, kind, flags, how, task, segment, start, duration,
                   MIN (amount, WEFT_RECORD_MAX_AMOUNT));
  return start + duration;
}
