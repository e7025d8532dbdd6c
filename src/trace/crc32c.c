/* crc32c.c: the checksum of frames
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The crc32 instruction takes eight bytes a cycle but its result is three cycles late, so one
 * stream reaches a third of what three do. A block is cut into three equal parts A, B, C of n
 * bytes, whose checksums are taken side by side; then, as polynomials modulo P,
 *
 *   crc (A B C) = crc (A) x^16n + crc (B) x^8n + crc (C)
 *
 * The products are one carry-less multiplication and one more crc32 instruction each: that reduces
 * a 64-bit product p to p x^32 mod P, and because the operands are bit-reflected the product comes
 * with another x, so the constants are x^(16n - 33) and x^(8n - 33) mod P. (The idea is that of V.
 * Gopal and others, "Fast CRC Computation for iSCSI Polynomial Using CRC32 Instruction", Intel
 * 2011.)
 *
 * Elsewhere eight bytes are looked up at a time in eight tables (slicing by 8; Kounavis and Berry,
 * ISCC 2005).
 */
#include "config.h"

#include "trace/weft-crc32c-private.h"
#include "trace/weft-crc32c-table-private.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static inline uint64_t
load_u64 (const uint8_t *bytes)
{
  uint64_t word;

  memcpy (&word, bytes, sizeof word);
  return word;
}

uint32_t
_weft_crc32c_portable (uint32_t crc, const void *data, size_t n_bytes)
{
  const uint8_t *bytes = data;

  crc = ~crc;
  for (; n_bytes >= 8; bytes += 8, n_bytes -= 8)
    {
      uint64_t word = load_u64 (bytes) ^ crc;

      crc = 0;
      for (int i = 0; i < 8; i++)
        crc ^= crc32c_table[7 - i][(word >> (8 * i)) & 0xff];
    }
  for (; n_bytes > 0; bytes++, n_bytes--)
    crc = crc >> 8 ^ crc32c_table[0][(crc ^ *bytes) & 0xff];
  return ~crc;
}

#if defined(__x86_64__)

#define TARGET __attribute__ ((target ("sse4.2,pclmul")))

#define LONG_PART 1024
#define LONG_SHIFT_2 0xa51b6135 /* x^(16 * 1024 - 33) mod P, reflected */
#define LONG_SHIFT_1 0x170076fa
#define SHORT_PART 128
#define SHORT_SHIFT_2 0xb9e02b86
#define SHORT_SHIFT_1 0x0d3b6092

static inline TARGET uint32_t
shift (uint64_t crc, uint32_t by)
{
  __m128i product =
      _mm_clmulepi64_si128 (_mm_cvtsi64_si128 ((int64_t) crc), _mm_cvtsi64_si128 (by), 0);

  return (uint32_t) _mm_crc32_u64 (0, (uint64_t) _mm_cvtsi128_si64 (product));
}

static inline TARGET uint64_t
three_parts (uint64_t crc, const uint8_t *bytes, size_t part, uint32_t shift_2, uint32_t shift_1)
{
  uint64_t b = 0, c = 0;

  for (size_t i = 0; i < part; i += 8)
    {
      crc = _mm_crc32_u64 (crc, load_u64 (bytes + i));
      b = _mm_crc32_u64 (b, load_u64 (bytes + part + i));
      c = _mm_crc32_u64 (c, load_u64 (bytes + 2 * part + i));
    }
  return shift (crc, shift_2) ^ shift (b, shift_1) ^ c;
}

static TARGET uint32_t
crc32c_sse42 (uint32_t start, const uint8_t *bytes, size_t n_bytes)
{
  uint64_t crc = ~start;

  for (; n_bytes >= 3 * LONG_PART; bytes += 3 * LONG_PART, n_bytes -= 3 * LONG_PART)
    crc = three_parts (crc, bytes, LONG_PART, LONG_SHIFT_2, LONG_SHIFT_1);
  for (; n_bytes >= 3 * SHORT_PART; bytes += 3 * SHORT_PART, n_bytes -= 3 * SHORT_PART)
    crc = three_parts (crc, bytes, SHORT_PART, SHORT_SHIFT_2, SHORT_SHIFT_1);
  for (; n_bytes >= 8; bytes += 8, n_bytes -= 8)
    crc = _mm_crc32_u64 (crc, load_u64 (bytes));
  for (; n_bytes > 0; bytes++, n_bytes--)
    crc = _mm_crc32_u8 ((uint32_t) crc, *bytes);
  return ~(uint32_t) crc;
}

#endif

uint32_t
_weft_crc32c (uint32_t crc, const void *bytes, size_t n_bytes)
{
#if defined(__x86_64__)
  if (__builtin_cpu_supports ("sse4.2") && __builtin_cpu_supports ("pclmul"))
    return crc32c_sse42 (crc, bytes, n_bytes);
#endif
  return _weft_crc32c_portable (crc, bytes, n_bytes);
}
