/* keys.c: keys as pattern and number
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-keys-private.h"

#include "base/weft-hash-private.h"

static bool
is_closing (char c)
{
  return c == ')' || c == ']' || c == '}' || c == '>' || c == '\'' || c == '"' || c == ',';
}

void
_weft_key_parse (const char *key, size_t n_chars, WeftKeyParts *parts)
{
  const char *end = key + n_chars;
  const char *suffix = end;
  const char *digits;
  uint32_t number = 0;

  while (suffix > key && end - suffix < WEFT_KEY_MAX_SUFFIX && is_closing (suffix[-1]))
    suffix--;
  digits = suffix;
  while (digits > key && suffix - digits <= WEFT_KEY_MAX_DIGITS && g_ascii_isdigit (digits[-1]))
    digits--;
  *parts =
      (WeftKeyParts){ .prefix = key, .n_prefix = n_chars, .suffix = end, .width = WEFT_KEY_PLAIN };
  if (digits == suffix)
    return;

  if (suffix - digits > WEFT_KEY_MAX_DIGITS)
    digits = suffix - WEFT_KEY_MAX_DIGITS;
  for (const char *at = digits; at < suffix; at++)
    number = number * 10 + (uint32_t) (*at - '0');
  parts->width = 0;
  if ((*digits == '0' && suffix - digits > 1) || (digits > key && g_ascii_isdigit (digits[-1])))
    parts->width = (uint8_t) (suffix - digits);
  parts->n_prefix = (size_t) (digits - key);
  parts->suffix = suffix;
  parts->n_suffix = (size_t) (end - suffix);
  parts->number = number;
}

void
_weft_key_parts (const WeftIntern *patterns, uint32_t pattern, uint32_t number, WeftKeyParts *parts)
{
  size_t n;
  const char *bytes = _weft_intern_get (patterns, pattern, &n);

  parts->width = (uint8_t) bytes[0];
  parts->n_suffix = (uint8_t) bytes[1];
  parts->prefix = bytes + 2;
  parts->n_prefix = n - 2 - parts->n_suffix;
  parts->suffix = parts->prefix + parts->n_prefix;
  parts->number = number;
}

/* Appends what fits before the last byte. */
static size_t
put (char *buffer, size_t size, size_t at, const char *chars, size_t n)
{
  if (at + 1 < size)
    memcpy (buffer + at, chars, MIN (n, size - 1 - at));
  return at + n;
}

size_t
_weft_key_format (const WeftKeyParts *parts, char *buffer, size_t size)
{
  char digits[10];
  char *first = digits + sizeof digits;
  uint32_t left = parts->number;
  size_t n = put (buffer, size, 0, parts->prefix, parts->n_prefix);

  if (parts->width != WEFT_KEY_PLAIN)
    {
      do
        *--first = (char) ('0' + left % 10);
      while ((left /= 10) != 0);
      while (digits + sizeof digits - first < parts->width)
        *--first = '0';
      n = put (buffer, size, n, first, (size_t) (digits + sizeof digits - first));
    }
  n = put (buffer, size, n, parts->suffix, parts->n_suffix);
  if (size > 0)
    buffer[MIN (n, size - 1)] = 0;
  return n;
}

/* As interned. Returns: (transfer none): @small or @large */
static const char *
pattern_bytes (const WeftKeyParts *parts, char *small, size_t n_small, char **large, size_t *n)
{
  char *bytes = small;

  *n = 2 + parts->n_prefix + parts->n_suffix;
  if (*n > n_small)
    bytes = *large = g_malloc (*n);
  bytes[0] = (char) parts->width;
  bytes[1] = (char) parts->n_suffix;
  memcpy (bytes + 2, parts->prefix, parts->n_prefix);
  memcpy (bytes + 2 + parts->n_prefix, parts->suffix, parts->n_suffix);
  return bytes;
}

uint32_t
_weft_key_intern (WeftIntern *patterns, const WeftKeyParts *parts)
{
  g_autofree char *large = NULL;
  char small[256];
  size_t n;
  const char *bytes = pattern_bytes (parts, small, sizeof small, &large, &n);

  return _weft_intern_add (patterns, bytes, n);
}

uint32_t
_weft_key_find (const WeftIntern *patterns, const WeftKeyParts *parts)
{
  g_autofree char *large = NULL;
  char small[256];
  size_t n;
  const char *bytes = pattern_bytes (parts, small, sizeof small, &large, &n);

  return _weft_intern_find (patterns, bytes, n);
}

/* ---- (pattern, number) → task ---------------------------------------------------------------- */

#define BLOCK 8

/* Block (low bits) and tag (high bits) of a key; the tag's last bits are the number's. */
static inline uint64_t
hash_key (uint32_t pattern, uint32_t number)
{
  uint64_t h = _weft_hash_word ((uint64_t) pattern << 32 | number / BLOCK, 1);

  return (h & ~((uint64_t) (BLOCK - 1) << 32)) | (uint64_t) (number % BLOCK) << 32;
}

static inline bool
has_key (const WeftKeys *keys, uint32_t task, uint32_t pattern, uint32_t number)
{
  uint32_t its_pattern, its_number;

  _weft_keys_get (keys, task, &its_pattern, &its_number);
  return its_pattern == pattern && its_number == number;
}

/* The entry of that key, or the free one where it belongs. Blocks are tried in steps of 1, 2, 3 …,
 * which comes to every block of a power of two. */
static inline WeftKeyEntry *
find_entry (const WeftKeyIndex *index, const WeftKeys *keys, uint32_t pattern, uint32_t number)
{
  uint64_t hash = hash_key (pattern, number);
  uint32_t tag = (uint32_t) (hash >> 32);
  uint32_t block = (uint32_t) hash;

  for (uint32_t step = 1;; block += step++)
    {
      WeftKeyEntry *entries = &index->entries[(size_t) (block & (index->n_blocks - 1)) * BLOCK];

      for (uint32_t i = 0; i < BLOCK; i++)
        {
          WeftKeyEntry *entry = &entries[(number + i) % BLOCK];

          if (entry->task == WEFT_NONE)
            return entry;
          if (entry->tag == tag && has_key (keys, entry->task, pattern, number))
            return entry;
        }
    }
}

void
_weft_key_index_clear (WeftKeyIndex *index)
{
  g_free (index->entries);
  *index = (WeftKeyIndex){ 0 };
}

/* At most three quarters full. */
void
_weft_key_index_reserve (WeftKeyIndex *index, const WeftKeys *keys, uint32_t n_known, uint32_t n)
{
  uint32_t n_blocks = MAX (index->n_blocks, 4);

  while ((uint64_t) n_blocks * (BLOCK * 3 / 4) < n)
    n_blocks *= 2;
  if (n_blocks == index->n_blocks)
    return;
  g_free (index->entries);
  index->entries = g_new (WeftKeyEntry, (size_t) n_blocks * BLOCK);
  memset (index->entries, 0xff, (size_t) n_blocks * BLOCK * sizeof *index->entries);
  index->n_blocks = n_blocks;
  for (uint32_t task = 0; task < n_known; task++)
    {
      uint32_t pattern, number;
      WeftKeyEntry *entry;

      _weft_keys_get (keys, task, &pattern, &number);
      entry = find_entry (index, keys, pattern, number);
      entry->tag = (uint32_t) (hash_key (pattern, number) >> 32);
      entry->task = task;
    }
  index->n = n_known;
}

uint32_t
_weft_key_index_find (const WeftKeyIndex *index, const WeftKeys *keys, uint32_t pattern,
                      uint32_t number)
{
  return index->n == 0 ? WEFT_NONE : find_entry (index, keys, pattern, number)->task;
}

uint32_t
_weft_key_index_add (WeftKeyIndex *index, const WeftKeys *keys, uint32_t task, uint32_t pattern,
                     uint32_t number)
{
  WeftKeyEntry *entry;

  if (WEFT_UNLIKELY (index->n >= (uint64_t) index->n_blocks * (BLOCK * 3 / 4)))
    _weft_key_index_reserve (index, keys, index->n, index->n + 1);
  entry = find_entry (index, keys, pattern, number);
  if (entry->task != WEFT_NONE)
    return entry->task;
  entry->tag = (uint32_t) (hash_key (pattern, number) >> 32);
  entry->task = task;
  index->n++;
  return task;
}
