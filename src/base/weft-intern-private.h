/* weft-intern-private.h: strings (or any bytes) as dense numbers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Equal bytes get equal ids, 0, 1, 2 … in order of arrival. All bytes lie one after the other in
 * one text, each followed by a 0, so an id's offset never changes and an offset alone is as good as
 * a string. A table of 8 bytes an entry finds ids by content; it can be dropped when all are in.
 *
 * One thread at a time while adding or finding; any thread while only _get() is called.
 */
#pragma once

#include "base/weft-base.h"

typedef struct
{
  uint32_t tag; /* upper half of the hash */
  uint32_t id;  /* WEFT_NONE: free */
} WeftInternEntry;

typedef struct
{
  char *text;
  size_t n_text;
  size_t text_room;
  uint64_t *offsets; /* n + 1, once there are any */
  uint32_t n;
  size_t offsets_room;
  WeftInternEntry *table; /* (nullable): mask + 1 entries */
  uint32_t mask;
  uint8_t shift; /* of a tag, to the entry it belongs in */
  uint64_t seed;
} WeftIntern;

void _weft_intern_init (WeftIntern *intern);
void _weft_intern_clear (WeftIntern *intern);
/* Returns: the id of these bytes, which are copied if they are new; they must not lie in the text
 *   itself */
uint32_t _weft_intern_add (WeftIntern *intern, const void *bytes, size_t n_bytes);
/* The same in two steps, with other work between them while the memory is fetched: @hash is what
 * the first returned for these bytes */
uint64_t _weft_intern_expect (const WeftIntern *intern, const void *bytes, size_t n_bytes);
uint32_t _weft_intern_add_expected (WeftIntern *intern, const void *bytes, size_t n_bytes,
                                    uint64_t hash);
/* Returns: their id, or WEFT_NONE */
uint32_t _weft_intern_find (const WeftIntern *intern, const void *bytes, size_t n_bytes);
/* Gives back spare memory and the table. The next _add() or _reindex() makes it anew. */
void _weft_intern_trim (WeftIntern *intern);
/* Makes the table, after _trim(), for _find(). */
void _weft_intern_reindex (WeftIntern *intern);
uint64_t _weft_intern_memory_bytes (const WeftIntern *intern);

static inline const char *
_weft_intern_get (const WeftIntern *intern, uint32_t id, size_t *n_bytes)
{
  *n_bytes = intern->offsets[id + 1] - intern->offsets[id] - 1;
  return intern->text + intern->offsets[id];
}
