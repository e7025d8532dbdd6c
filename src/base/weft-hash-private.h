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
_weft_hash_bytes (const void *bytes, size_t n_bytes, uint64_t seed)
{
  const char *at = bytes;
  uint64_t h = seed ^ n_bytes;
  uint64_t word;

  for (; n_bytes >= 8; at += 8, n_bytes -= 8)
    {
      memcpy (&word, at, 8);
      h = _weft_hash_word (word, h);
    }
  word = 0;
  memcpy (&word, at, n_bytes);
  return _weft_hash_word (word, h);
}
