/* weft-keys-private.h: keys as pattern and number, and a table of them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A key that ends in a decimal number, perhaps followed by closing brackets and quotes, is kept as
 * a pattern and that number: “inc-17” is pattern “inc-·”, 17; “('x', 3, 12)” is “('x', 3, ·)”, 12.
 * So keys made by programs cost 8 bytes a task and no text. The split is a function of the key
 * alone, so equal keys are equal pairs:
 *
 *   suffix   the longest run of ) ] } > ' " , at the end, up to WEFT_KEY_MAX_SUFFIX bytes
 *   digits   the run before it; of more than 9 the last 9
 *   width    how many digits the number is padded to with zeros: 0 when it is written without
 *            leading zeros, else how many there are; 9 when digits were left in the prefix
 *
 * A key without digits there is a pattern of its own, without number (number 0). A pattern is
 * interned as bytes: width or WEFT_KEY_PLAIN, length of the suffix, prefix, suffix.
 */
#pragma once

#include "base/weft-intern-private.h"

#define WEFT_KEY_PLAIN 255
#define WEFT_KEY_MAX_SUFFIX 8
#define WEFT_KEY_MAX_DIGITS 9
#define WEFT_KEY_MAX_BYTES 65535
#define WEFT_KEY_MAX_NUMBER 999999999u

typedef struct
{
  const char *prefix;
  size_t n_prefix;
  const char *suffix;
  size_t n_suffix;
  uint8_t width; /* WEFT_KEY_PLAIN: no number, the prefix is all */
  uint32_t number;
} WeftKeyParts;

void _weft_key_parse (const char *key, size_t n_chars, WeftKeyParts *parts);
/* The parts of a pattern of @patterns, and the number. */
void _weft_key_parts (const WeftIntern *patterns, uint32_t pattern, uint32_t number,
                      WeftKeyParts *parts);
/* Writes the key, 0-terminated, cut off to fit. Returns: its whole length */
size_t _weft_key_format (const WeftKeyParts *parts, char *buffer, size_t size);
/* The pattern's number in @patterns, new or (_find) known or WEFT_NONE. */
uint32_t _weft_key_intern (WeftIntern *patterns, const WeftKeyParts *parts);
uint32_t _weft_key_find (const WeftIntern *patterns, const WeftKeyParts *parts);
/* Whether all keys of a pattern are in one group: where no digit of the number can reach it. */
bool _weft_key_group_is_fixed (const WeftKeyParts *parts);
/* weft_key_split() of a key of any length. (transfer full) */
char *_weft_key_dup_group (const char *key, size_t n_chars);

/* ---- (pattern, number) → task ---------------------------------------------------------------- */

typedef struct _WeftPackedKeys WeftPackedKeys;

/* Keys by task: as arrays, or packed (keys-pack.c). */
typedef struct
{
  uint32_t *patterns;
  uint32_t *numbers;
  WeftPackedKeys *packed; /* (nullable): then the others are NULL */
} WeftKeys;

void _weft_packed_keys_get (const WeftPackedKeys *packed, uint32_t task, uint32_t *pattern,
                            uint32_t *number);

static inline void
_weft_keys_get (const WeftKeys *keys, uint32_t task, uint32_t *pattern, uint32_t *number)
{
  if (keys->packed != NULL)
    {
      _weft_packed_keys_get (keys->packed, task, pattern, number);
      return;
    }
  *pattern = keys->patterns[task];
  *number = keys->numbers[task];
}

/* Those of tasks first … first + n - 1. */
void _weft_keys_copy (const WeftKeys *keys, uint32_t first, uint32_t n, uint32_t *patterns,
                      uint32_t *numbers);
/* Packs the keys of @n tasks, all there are. Nobody reads them meanwhile. */
void _weft_keys_pack (WeftKeys *keys, uint32_t n);
void _weft_keys_clear (WeftKeys *keys);
uint64_t _weft_keys_memory_bytes (const WeftKeys *keys, uint32_t n);

typedef struct
{
  uint32_t tag;
  uint32_t task; /* WEFT_NONE: free */
} WeftKeyEntry;

/**
 * WeftKeyIndex:
 *
 * Neighbouring numbers of a pattern stand in one block of 8 entries (a cache line), so keys that
 * come in order cost one miss in eight. Zeroed is empty.
 */
typedef struct
{
  WeftKeyEntry *entries; /* n_blocks * 8 */
  uint32_t n_blocks;     /* a power of two */
  uint32_t n;
} WeftKeyIndex;

void _weft_key_index_clear (WeftKeyIndex *index);
/* Room for n keys, those of tasks 0 … n_known - 1 being in. */
void _weft_key_index_reserve (WeftKeyIndex *index, const WeftKeys *keys, uint32_t n_known,
                              uint32_t n);
/* Returns: the task of that key, or WEFT_NONE */
uint32_t _weft_key_index_find (const WeftKeyIndex *index, const WeftKeys *keys, uint32_t pattern,
                               uint32_t number);
/* Enters @task, all tasks before it being in, unless its key is known. Returns: the task that
 * has it */
uint32_t _weft_key_index_add (WeftKeyIndex *index, const WeftKeys *keys, uint32_t task,
                              uint32_t pattern, uint32_t number);
