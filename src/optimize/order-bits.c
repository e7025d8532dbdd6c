/* order-bits.c: a set of small integers as a tree of bitmaps.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */

#include "weft-order-passes-private.h"

#include <string.h>

static size_t
words_for (size_t bound)
{
  return bound / 64 + 1;
}

/* Words of memory that a set of numbers below bound takes. */
size_t
_weft_order_bits_words (uint32_t bound)
{
  size_t n = bound;
  size_t total = 0;

  do
    {
      n = words_for (n);
      total += n;
    }
  while (n > 1);

  return total;
}

/* An empty set in the caller's memory. */
void
_weft_order_bits_init (WeftOrderBits *bits, uint32_t bound, uint64_t *words)
{
  size_t n = bound;

  memset (words, 0, _weft_order_bits_words (bound) * sizeof *words);
  bits->n_levels = 0;
  do
    {
      n = words_for (n);
      bits->levels[bits->n_levels++] = words;
      words += n;
    }
  while (n > 1);
}
