/* test-crc32c.c: the checksum of frames
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "trace/weft-crc32c-private.h"

#include <string.h>

/* The vectors of RFC 3720, B.4, and the usual check value. */
static void
known_vectors (void)
{
  uint8_t bytes[32];

  g_assert_cmphex (_weft_crc32c (0, "123456789", 9), ==, 0xe3069283);
  memset (bytes, 0, sizeof bytes);
  g_assert_cmphex (_weft_crc32c (0, bytes, sizeof bytes), ==, 0x8a9136aa);
  memset (bytes, 0xff, sizeof bytes);
  g_assert_cmphex (_weft_crc32c (0, bytes, sizeof bytes), ==, 0x62a8ab43);
  for (uint8_t i = 0; i < 32; i++)
    bytes[i] = i;
  g_assert_cmphex (_weft_crc32c (0, bytes, sizeof bytes), ==, 0x46dd794e);
  for (uint8_t i = 0; i < 32; i++)
    bytes[i] = 31 - i;
  g_assert_cmphex (_weft_crc32c (0, bytes, sizeof bytes), ==, 0x113fdb5c);
  g_assert_cmphex (_weft_crc32c (0, bytes, 0), ==, 0);
}

static uint8_t *
random_bytes (size_t n_bytes)
{
  uint8_t *bytes = g_malloc (n_bytes);

  for (size_t i = 0; i < n_bytes; i++)
    bytes[i] = (uint8_t) g_test_rand_int ();
  return bytes;
}

/* Both ways agree for every length around the sizes of their blocks, and any alignment. */
static void
fast_is_portable (void)
{
  g_autofree uint8_t *bytes = random_bytes (20000);

  for (size_t n = 0; n < 800; n++)
    g_assert_cmphex (_weft_crc32c (7, bytes + n % 9, n), ==,
                     _weft_crc32c_portable (7, bytes + n % 9, n));
  for (int i = 0; i < 500; i++)
    {
      size_t from = (size_t) g_test_rand_int_range (0, 8000);
      size_t n = (size_t) g_test_rand_int_range (0, 12000);

      g_assert_cmphex (_weft_crc32c (0, bytes + from, n), ==,
                       _weft_crc32c_portable (0, bytes + from, n));
    }
}

static void
goes_on_where_it_stopped (void)
{
  g_autofree uint8_t *bytes = random_bytes (10000);
  uint32_t whole = _weft_crc32c (0, bytes, 10000);

  for (size_t cut = 0; cut <= 10000; cut += 37)
    g_assert_cmphex (_weft_crc32c (_weft_crc32c (0, bytes, cut), bytes + cut, 10000 - cut), ==,
                     whole);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("trace", "crc32c", "known-vectors", known_vectors);
  test_add ("trace", "crc32c", "fast-is-portable", fast_is_portable);
  test_add ("trace", "crc32c", "goes-on-where-it-stopped", goes_on_where_it_stopped);
  return g_test_run ();
}
