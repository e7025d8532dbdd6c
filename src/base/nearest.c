/* nearest.c: which known name did they mean?
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Edit distance (insert, delete, replace a byte) by bit vectors: a column of the dynamic programme
 * lies in the bits of two words, so a name costs one step of a dozen instructions a byte. Source:
 * G. Myers, A fast bit-vector algorithm for approximate string matching, Journal of the ACM 46,
 * 1999, in the form of H. Hyyrö for edit distance (2003). Names longer than a word fall back to
 * rows of the programme, cut off where the best distance cannot be beaten any more, with a limit on
 * the steps in all.
 */
#include "config.h"

#include "base/weft-nearest-private.h"

#include <string.h>

#define WORD_BITS 64
#define MAX_LONG_BYTES 512
#define MAX_STEPS 100000000

/* One typing error in a very short name, two in a short one, a third of a long one. */
static uint32_t
largest_distance (size_t n)
{
  return n <= 2 ? 1 : n <= 6 ? 2 : (uint32_t) MIN (n / 3, 40);
}

void
_weft_nearest_init (WeftNearest *nearest, const char *wanted, size_t n_wanted)
{
  memset (nearest, 0, sizeof *nearest);
  nearest->best = WEFT_NONE;
  nearest->distance = largest_distance (n_wanted) + 1;
  nearest->wanted = wanted;
  nearest->n_wanted = n_wanted;
  nearest->work_left = MAX_STEPS;
  for (size_t i = 0; i < MIN (n_wanted, WORD_BITS); i++)
    nearest->positions[(uint8_t) wanted[i]] |= (uint64_t) 1 << i;
}

/* positive and negative: in which rows the column's value goes up or down by one. */
static uint32_t
distance_by_bits (const WeftNearest *nearest, const char *name, size_t n_name)
{
  uint64_t last = (uint64_t) 1 << (nearest->n_wanted - 1);
  uint64_t positive = UINT64_MAX;
  uint64_t negative = 0;
  uint32_t distance = (uint32_t) nearest->n_wanted;

  for (size_t j = 0; j < n_name; j++)
    {
      uint64_t equal = nearest->positions[(uint8_t) name[j]];
      uint64_t diagonal = (((equal & positive) + positive) ^ positive) | equal | negative;
      uint64_t right_up = negative | ~(diagonal | positive);
      uint64_t right_down = positive & diagonal;

      distance += (right_up & last) != 0;
      distance -= (right_down & last) != 0;
      right_up = right_up << 1 | 1;
      right_down <<= 1;
      positive = right_down | ~(diagonal | right_up);
      negative = right_up & diagonal;
    }
  return distance;
}

/* Row by row; gives up with a distance too large to matter once a whole row is. */
static uint32_t
distance_by_rows (WeftNearest *nearest, const char *name, size_t n_name)
{
  uint16_t row[MAX_LONG_BYTES + 1];
  const char *wanted = nearest->wanted;
  size_t n = nearest->n_wanted;

  for (size_t i = 0; i <= n; i++)
    row[i] = (uint16_t) i;
  for (size_t j = 0; j < n_name; j++)
    {
      uint16_t diagonal = row[0];
      uint16_t least = row[0] = (uint16_t) (j + 1);

      for (size_t i = 0; i < n; i++)
        {
          uint16_t change = diagonal + (wanted[i] != name[j]);
          uint16_t gap = MIN (row[i], row[i + 1]) + 1;

          diagonal = row[i + 1];
          row[i + 1] = MIN (change, gap);
          least = MIN (least, row[i + 1]);
        }
      nearest->work_left -= MIN (nearest->work_left, n);
      if (least >= nearest->distance)
        return nearest->distance;
    }
  return row[n];
}

void
_weft_nearest_offer (WeftNearest *nearest, const char *name, size_t n_name, uint32_t number)
{
  size_t n = nearest->n_wanted;
  uint32_t distance;

  if ((n > n_name ? n - n_name : n_name - n) >= nearest->distance || n == 0)
    return;
  if (n <= WORD_BITS)
    distance = distance_by_bits (nearest, name, n_name);
  else if (n <= MAX_LONG_BYTES && nearest->work_left > 0)
    distance = distance_by_rows (nearest, name, n_name);
  else
    return;
  if (distance >= nearest->distance)
    return;
  nearest->distance = distance;
  nearest->best = number;
}
