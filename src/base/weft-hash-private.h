/* weft-hash-private.h: hashes for tables in memory; never written anywhere
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each step multiplies 64 by 64 bits and folds the halves of the product together, so every bit of
 * the input reaches every bit of the result.
 */
#pragma once

#include "base/weft-base.h"

#include <string.h>

static inline uint64_t
_weft_hash_fold (uint64_t a, uint64_t b)
{
  unsigned __int128 product = (unsigned __int128) a * b;

  return (uint64_t) product ^ (uint64_t) (product >> 64);
}

static inline uint64_t
_weft_hash_word (uint64_t word, uint64_t seed)
{
  return _weft_hash_fold (word ^ 0x9e3779b97f4a7c15u, seed ^ 0xd6e8feb86659fd93u);
}

static inline uint64_t
_weft_hash_load (const char *eight)
{
  uint64_t word;

  memcpy (&word, eight, sizeof word);
  return word;
}

/* Less than eight bytes as a word, without a call to copy them. */
static inline uint64_t
_weft_hash_short (const char *bytes, size_t n_bytes)
{
  uint32_t first, last;
  uint64_t word = 0;

  if (n_bytes >= 4)
    {
      memcpy (&first, bytes, 4);
      memcpy (&last, bytes + n_bytes - 4, 4);
      return first | (uint64_t) last << 32;
    }
  for (size_t i = 0; i < n_bytes; i++)
    word = word << 8 | (uint8_t) bytes[i];
  return word;
}

static inline uint64_t
_weft_hash_bytes (const void *bytes, size_t n_bytes, uint64_t seed)
{
  const char *at = bytes, *end = at + n_bytes;
  uint64_t h = seed ^ n_bytes;

  if (n_bytes < 8)
    return _weft_hash_word (_weft_hash_short (at, n_bytes), h);
  for (; end - at > 8; at += 8)
    h = _weft_hash_word (_weft_hash_load (at), h);
  return _weft_hash_word (_weft_hash_load (end - 8), h); /* some twice; the length is in there */
}
