/* arena.c: memory that is given out in pieces and given back as a whole
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Stretches of memory are taken from the system, larger ones the more there are already; from
 * SMALL_BYTES on they are on huge pages where there are such, of which only the last is not full.
 */
#include "config.h"

#include "model/weft-chunks-private.h"

#define FIRST_BYTES ((size_t) 16 << 10)
#define SMALL_BYTES ((size_t) 2 << 20)
#define LARGE_BYTES ((size_t) 32 << 20)

struct _WeftArena
{
  char *at;
  size_t n_left;
  size_t n_all;
  GPtrArray *stretches;
};

WeftArena *
_weft_arena_new (void)
{
  WeftArena *arena = g_new0 (WeftArena, 1);

  arena->stretches = g_ptr_array_new ();
  return arena;
}

void
_weft_arena_free (WeftArena *arena)
{
  if (arena == NULL)
    return;
  for (guint i = 0; i < arena->stretches->len; i++)
    _weft_blocks_release (arena->stretches->pdata[i]);
  g_ptr_array_unref (arena->stretches);
  g_free (arena);
}

/* What was left of the stretch before is given up: less than a piece. @bytes: whole lines */
static void
grow (WeftArena *arena, size_t bytes)
{
  size_t wanted = arena->n_all < SMALL_BYTES ? MAX (FIRST_BYTES, arena->n_all / 2) : LARGE_BYTES;

  arena->n_left = MAX (wanted, bytes) / WEFT_CACHE_LINE * WEFT_CACHE_LINE;
  arena->at = _weft_blocks_alloc (arena->n_left);
  arena->n_all += arena->n_left;
  g_ptr_array_add (arena->stretches, arena->at);
}

void *
_weft_arena_take (WeftArena *arena, size_t bytes)
{
  void *piece;

  bytes = (bytes + WEFT_CACHE_LINE - 1) / WEFT_CACHE_LINE * WEFT_CACHE_LINE;
  if (bytes > arena->n_left)
    grow (arena, bytes);
  piece = arena->at;
  arena->at += bytes;
  arena->n_left -= bytes;
  return piece;
}
