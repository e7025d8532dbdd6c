/* test-record.c: 32 bytes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "trace/weft-record.h"

#include <string.h>

/* Byte by byte, as the file's description has it. */
static void
layout (void)
{
  WeftRecord record;
  uint8_t bytes[32];
  const uint8_t expected[32] = {
    WEFT_RECORD_TASK,
    WEFT_RECORD_SHARED,
    0x23,
    0,
    0x78,
    0x56,
    0x34,
    0x12,
    0x07,
    0,
    0,
    0,
    0x44,
    0x33,
    0x22,
    0x11,
    0x66,
    0x55,
    0xaa,
    0xbb,
    0xcc,
    0xdd,
    0xee,
    0xff,
    0x08,
    0x07,
    0x06,
    0x05,
    0x04,
    0x03,
    0x02,
    0x01,
  };

  weft_record_set (&record, WEFT_RECORD_TASK, WEFT_RECORD_SHARED, 0x23, 0x12345678, 7,
                   UINT64_C (0x0102030405060708), UINT64_C (0xffeeddccbbaa),
                   UINT64_C (0x556611223344));
  memcpy (bytes, &record, sizeof bytes);
  g_assert_cmpmem (bytes, 32, expected, 32);
  g_assert_cmpuint (weft_record_duration (&record), ==, UINT64_C (0xffeeddccbbaa));
  g_assert_cmpuint (weft_record_amount (&record), ==, UINT64_C (0x556611223344));
  g_assert_cmpint (weft_record_how (&record), ==, WEFT_HOW_STOLEN);
  g_assert_cmpint (weft_record_outcome (&record), ==, WEFT_OUTCOME_RETRIED);
}

static void
spans_are_clamped (void)
{
  WeftRecord record;

  g_assert_cmpuint (weft_record_set_span (&record, WEFT_RECORD_PARKED, 0, 0, 0, 0, 100, 90, 5), ==,
                    100);
  g_assert_cmpuint (weft_record_duration (&record), ==, 0);
  g_assert_cmpuint (weft_record_amount (&record), ==, 5);
  g_assert_cmpuint (
      weft_record_set_span (&record, WEFT_RECORD_TASK, 0, 0, 0, 0, 100, 190, UINT64_MAX), ==, 190);
  g_assert_cmpuint (weft_record_amount (&record), ==, WEFT_RECORD_MAX_AMOUNT);
  g_assert_cmpuint (weft_record_end (&record), ==, 190);
}

static void
long_spans_are_cut (void)
{
  uint64_t start = 1000, end = start + 2 * WEFT_RECORD_MAX_DURATION + 17, at = start;
  WeftRecord record;
  int n = 0;

  do
    {
      uint64_t from = at;

      at = weft_record_set_span (&record, WEFT_RECORD_TASK, 0, 0, 3, 0, from, end, 99);
      g_assert_cmpuint (record.start, ==, from);
      g_assert_cmpuint (weft_record_end (&record), ==, at);
      g_assert_cmpint ((record.flags & WEFT_RECORD_CONTINUED) != 0, ==, at < end);
      g_assert_cmpuint (weft_record_amount (&record), ==, at < end ? 0 : 99);
      n++;
    }
  while (at < end);
  g_assert_cmpint (n, ==, 3);
  g_assert_cmpuint (at, ==, end);
}

static void
points_have_no_duration (void)
{
  WeftRecord record;

  weft_record_set_point (&record, WEFT_RECORD_LINK, 0, WEFT_LINK_PARENT, 1, 2, 50, 0xfffffff0,
                         UINT64_MAX);
  g_assert_cmpuint (weft_record_duration (&record), ==, 0);
  g_assert_cmpuint (weft_record_end (&record), ==, 50);
  g_assert_cmpuint (weft_record_low (&record), ==, 0xfffffff0);
  g_assert_cmpuint (weft_record_high (&record), ==, UINT64_MAX);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "record", "layout", layout);
  test_add ("trace", "record", "spans-are-clamped", spans_are_clamped);
  test_add ("trace", "record", "long-spans-are-cut", long_spans_are_cut);
  test_add ("trace", "record", "points-have-no-duration", points_have_no_duration);
  return g_test_run ();
}
