/* keys-pack.c: the keys of many tasks, as programs make them, in three bytes a task or none
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Neighbours have keys that are alike: of one pattern with numbers in equal steps, or, where tasks
 * of several patterns alternate, of few patterns with numbers not far from each other. Blocks of
 * BLOCK tasks are kept in the smallest of three forms:
 *
 *   steady   pattern, first number, step: nothing but the block's head
 *   mixed    up to 32 pairs of pattern and number; for each task which one, and how much is to be
 *            added to its number: 3 bytes a task
 *   any      both in full: 8 bytes a task
 *
 * A task's key is found in O(1).
 */
#include "config.h"

#include "graph/weft-keys-private.h"

#include <string.h>

#define BLOCK 256u
#define MOST_BASES 32u /* each task looks for its own among them */

typedef enum
{
  STEADY,
  MIXED,
  ANY,
} BlockForm;

typedef struct
{
  uint32_t pattern, number;
} Base;

/* data: offset of MIXED (Base[n_bases], uint16_t[BLOCK], uint8_t[BLOCK]) or ANY (uint32_t[BLOCK]
 * twice). */
typedef struct
{
  Base first; /* of STEADY */
  uint32_t step;
  uint16_t form;
  uint16_t n_bases;
  uint64_t data;
} Block;

struct _WeftPackedKeys
{
  Block *blocks;
  uint32_t n_blocks;
  uint8_t *data;
  size_t n_data;
};

/* ---- packing --------------------------------------------------------------------------------- */

static bool
is_steady (const uint32_t *patterns, const uint32_t *numbers, uint32_t n)
{
  uint32_t step = n > 1 ? numbers[1] - numbers[0] : 0;

  for (uint32_t i = 1; i < n; i++)
    if (patterns[i] != patterns[0] || numbers[i] - numbers[i - 1] != step)
      return false;
  return true;
}

/* The base of the task's pattern, new if need be, with the least number there is. Returns: whether
 * there are not too many */
static bool
add_base (Base *bases, uint32_t *n_bases, uint32_t pattern, uint32_t number, uint8_t *which)
{
  uint32_t at = 0;

  while (at < *n_bases && bases[at].pattern != pattern)
    at++;
  if (at == MOST_BASES)
    return false;
  if (at == *n_bases)
    bases[(*n_bases)++] = (Base){ pattern, number };
  bases[at].number = MIN (bases[at].number, number);
  *which = (uint8_t) at;
  return true;
}

/* Returns: whether the tasks fit into the form */
static bool
find_bases (const uint32_t *patterns, const uint32_t *numbers, uint32_t n, Base *bases,
            uint32_t *n_bases, uint8_t *which)
{
  *n_bases = 0;
  for (uint32_t i = 0; i < n; i++)
    if (!add_base (bases, n_bases, patterns[i], numbers[i], &which[i]))
      return false;
  for (uint32_t i = 0; i < n; i++)
    if (numbers[i] - bases[which[i]].number > UINT16_MAX)
      return false;
  return true;
}

static void
pack_block (Block *block, GByteArray *data, const uint32_t *patterns, const uint32_t *numbers,
            uint32_t n)
{
  Base bases[MOST_BASES];
  uint16_t above[BLOCK] = { 0 };
  uint8_t which[BLOCK] = { 0 };
  uint32_t whole[2][BLOCK] = { { 0 }, { 0 } };
  uint32_t n_bases;

  *block = (Block){ .first = { patterns[0], numbers[0] },
                    .step = n > 1 ? numbers[1] - numbers[0] : 0,
                    .form = STEADY,
                    .data = data->len };
  if (is_steady (patterns, numbers, n))
    return;
  if (find_bases (patterns, numbers, n, bases, &n_bases, which))
    {
      for (uint32_t i = 0; i < n; i++)
        above[i] = (uint16_t) (numbers[i] - bases[which[i]].number);
      block->form = MIXED;
      block->n_bases = (uint16_t) n_bases;
      g_byte_array_append (data, (const uint8_t *) bases, n_bases * (guint) sizeof *bases);
      g_byte_array_append (data, (const uint8_t *) above, sizeof above);
      g_byte_array_append (data, which, sizeof which);
      return;
    }
  memcpy (whole[0], patterns, n * sizeof *patterns);
  memcpy (whole[1], numbers, n * sizeof *numbers);
  block->form = ANY;
  g_byte_array_append (data, (const uint8_t *) whole, sizeof whole);
}

/* What a byte array can hold; beyond, keys stay as they are. */
static bool
can_pack (uint32_t n)
{
  return n > 0 && (uint64_t) n * 8 < UINT32_MAX / 2;
}

void
_weft_keys_pack (WeftKeys *keys, uint32_t n)
{
  WeftPackedKeys *packed;
  GByteArray *data;

  if (keys->packed != NULL || !can_pack (n))
    return;
  data = g_byte_array_new ();
  packed = g_new0 (WeftPackedKeys, 1);
  packed->n_blocks = (n - 1) / BLOCK + 1;
  packed->blocks = g_new (Block, packed->n_blocks);
  for (uint32_t i = 0; i < packed->n_blocks; i++)
    pack_block (&packed->blocks[i], data, keys->patterns + i * BLOCK, keys->numbers + i * BLOCK,
                MIN (BLOCK, n - i * BLOCK));
  packed->n_data = data->len;
  packed->data = g_byte_array_free (data, FALSE);
  packed->data = g_renew (uint8_t, packed->data, packed->n_data);
  _weft_keys_clear (keys);
  keys->packed = packed;
}

void
_weft_keys_clear (WeftKeys *keys)
{
  if (keys->packed != NULL)
    {
      g_free (keys->packed->blocks);
      g_free (keys->packed->data);
      g_free (keys->packed);
    }
  g_free (keys->patterns);
  g_free (keys->numbers);
  *keys = (WeftKeys){ 0 };
}

uint64_t
_weft_keys_memory_bytes (const WeftKeys *keys, uint32_t n)
{
  if (keys->packed == NULL)
    return 2 * (uint64_t) n * sizeof (uint32_t);
  return sizeof *keys->packed + keys->packed->n_blocks * sizeof (Block) + keys->packed->n_data;
}

/* ---- reading --------------------------------------------------------------------------------- */

void
_weft_packed_keys_get (const WeftPackedKeys *packed, uint32_t task, uint32_t *pattern,
                       uint32_t *number)
{
  const Block *block = &packed->blocks[task / BLOCK];
  const uint8_t *data = packed->data + block->data;
  uint32_t i = task % BLOCK;
  uint16_t above;
  Base base;

  switch ((BlockForm) block->form)
    {
    case MIXED:
      memcpy (&base,
              data + data[block->n_bases * sizeof base + BLOCK * sizeof above + i] * sizeof base,
              sizeof base);
      memcpy (&above, data + block->n_bases * sizeof base + i * sizeof above, sizeof above);
      *pattern = base.pattern;
      *number = base.number + above;
      return;
    case ANY:
      memcpy (pattern, data + i * sizeof *pattern, sizeof *pattern);
      memcpy (number, data + (BLOCK + i) * sizeof *number, sizeof *number);
      return;
    default:
      *pattern = block->first.pattern;
      *number = block->first.number + i * block->step;
    }
}

void
_weft_keys_copy (const WeftKeys *keys, uint32_t first, uint32_t n, uint32_t *patterns,
                 uint32_t *numbers)
{
  for (uint32_t i = 0; i < n; i++)
    _weft_keys_get (keys, first + i, &patterns[i], &numbers[i]);
}
