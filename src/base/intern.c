/* intern.c: strings (or any bytes) as dense numbers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An open-addressed table with linear probing, at most two thirds full. An entry keeps half of the
 * hash, whose first bits say where it belongs: so a table grows from the first entry to the last,
 * without a look at the texts, and both are gone through once. The other bits tell strings apart:
 * of a million, a look-up touches the text of one that it does not want once in 2,000 times.
 */
#include "config.h"

#include "base/weft-intern-private.h"

#include "base/weft-grow-private.h"
#include "base/weft-hash-private.h"

#define MIN_ENTRIES 32

/* The seed differs from table to table and from process to process, so that nobody can write a file
 * whose strings all fall into one place. */
void
_weft_intern_init (WeftIntern *intern)
{
  *intern =
      (WeftIntern){ .seed = _weft_hash_word ((uintptr_t) intern, (uint64_t) g_get_real_time ()) };
}

void
_weft_intern_clear (WeftIntern *intern)
{
  g_free (intern->text);
  g_free (intern->offsets);
  g_free (intern->table);
  *intern = (WeftIntern){ .seed = intern->seed };
}

static bool
is_same (const WeftIntern *intern, uint32_t id, const void *bytes, size_t n_bytes)
{
  size_t n;
  const char *known = _weft_intern_get (intern, id, &n);

  return n == n_bytes && memcmp (known, bytes, n) == 0;
}

/* The entry of these bytes, or the free one where they belong. */
static WeftInternEntry *
find_entry (const WeftIntern *intern, uint64_t hash, const void *bytes, size_t n_bytes)
{
  uint32_t tag = (uint32_t) (hash >> 32);
  uint32_t i = tag >> intern->shift;

  while (intern->table[i].id != WEFT_NONE
         && (intern->table[i].tag != tag || !is_same (intern, intern->table[i].id, bytes, n_bytes)))
    i = (i + 1) & intern->mask;
  return &intern->table[i];
}

static inline void
put_entry (WeftIntern *intern, WeftInternEntry entry)
{
  uint32_t i = entry.tag >> intern->shift;

  while (intern->table[i].id != WEFT_NONE)
    i = (i + 1) & intern->mask;
  intern->table[i] = entry;
}

static void
hash_all (WeftIntern *intern)
{
  for (uint32_t id = 0; id < intern->n; id++)
    {
      size_t n;
      const char *bytes = _weft_intern_get (intern, id, &n);
      uint64_t hash = _weft_hash_bytes (bytes, n, intern->seed);

      put_entry (intern, (WeftInternEntry){ .tag = (uint32_t) (hash >> 32), .id = id });
    }
}

static void
make_table (WeftIntern *intern, uint32_t n_entries)
{
  WeftInternEntry *before = intern->table;
  uint32_t n_before = before != NULL ? intern->mask + 1 : 0;

  intern->table = g_new (WeftInternEntry, n_entries);
  intern->mask = n_entries - 1;
  intern->shift = (uint8_t) (__builtin_clz (n_entries) + 1);
  memset (intern->table, 0xff, n_entries * sizeof *intern->table);
  for (uint32_t i = 0; i < n_before; i++)
    if (before[i].id != WEFT_NONE)
      put_entry (intern, before[i]);
  if (before == NULL)
    hash_all (intern);
  g_free (before);
}

void
_weft_intern_reindex (WeftIntern *intern)
{
  uint32_t n_entries = MIN_ENTRIES;

  while (n_entries / 3 * 2 <= intern->n)
    n_entries *= 2;
  if (intern->table == NULL || n_entries > intern->mask + 1)
    make_table (intern, n_entries);
}

static void
append (WeftIntern *intern, const void *bytes, size_t n_bytes)
{
  _weft_grow_array (intern->text, intern->text_room, intern->n_text + n_bytes + 1);
  _weft_grow_array (intern->offsets, intern->offsets_room, (size_t) intern->n + 2);
  if (n_bytes > 0)
    memcpy (intern->text + intern->n_text, bytes, n_bytes);
  intern->text[intern->n_text + n_bytes] = 0;
  intern->offsets[intern->n++] = intern->n_text;
  intern->n_text += n_bytes + 1;
  intern->offsets[intern->n] = intern->n_text;
}

uint64_t
_weft_intern_expect (const WeftIntern *intern, const void *bytes, size_t n_bytes)
{
  uint64_t hash = _weft_hash_bytes (bytes, n_bytes, intern->seed);

  if (intern->table != NULL)
    __builtin_prefetch (&intern->table[(uint32_t) (hash >> 32) >> intern->shift], 1);
  return hash;
}

uint32_t
_weft_intern_add_expected (WeftIntern *intern, const void *bytes, size_t n_bytes, uint64_t hash)
{
  WeftInternEntry *entry;

  if (intern->table == NULL || (intern->mask + 1) / 3 * 2 <= intern->n)
    _weft_intern_reindex (intern);
  entry = find_entry (intern, hash, bytes, n_bytes);
  if (entry->id != WEFT_NONE)
    return entry->id;
  *entry = (WeftInternEntry){ .tag = (uint32_t) (hash >> 32), .id = intern->n };
  append (intern, bytes, n_bytes);
  return intern->n - 1;
}

uint32_t
_weft_intern_add (WeftIntern *intern, const void *bytes, size_t n_bytes)
{
  return _weft_intern_add_expected (intern, bytes, n_bytes,
                                    _weft_hash_bytes (bytes, n_bytes, intern->seed));
}

uint32_t
_weft_intern_find (const WeftIntern *intern, const void *bytes, size_t n_bytes)
{
  if (intern->table == NULL)
    return WEFT_NONE;
  return find_entry (intern, _weft_hash_bytes (bytes, n_bytes, intern->seed), bytes, n_bytes)->id;
}

void
_weft_intern_trim (WeftIntern *intern)
{
  g_clear_pointer (&intern->table, g_free);
  intern->mask = 0;
  if (intern->n == 0)
    return;
  intern->text_room = intern->n_text;
  intern->text = g_realloc (intern->text, intern->text_room);
  intern->offsets_room = (size_t) intern->n + 1;
  intern->offsets = g_renew (uint64_t, intern->offsets, intern->offsets_room);
}

uint64_t
_weft_intern_memory_bytes (const WeftIntern *intern)
{
  uint64_t n_table = intern->table != NULL ? (uint64_t) intern->mask + 1 : 0;

  return intern->text_room + intern->offsets_room * sizeof *intern->offsets
         + n_table * sizeof *intern->table;
}
