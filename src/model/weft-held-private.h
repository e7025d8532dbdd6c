/* weft-held-private.h: lives of results
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-held.h"

/* Moments of lives are told in parts of the time: ns >> shift. */
#define LIFE_NONE UINT32_MAX            /* no result that takes memory */
#define LIFE_FOR_EVER (UINT32_MAX >> 1) /* still held; greater than any other moment */

/* A result goes to disk or comes back. */
typedef struct
{
  uint32_t task;
  uint32_t at;
  bool comes_back;
} LifeMove;

/**
 * Lives:
 * @births: (array length=n_tasks): LIFE_NONE: none
 * @deaths: (array length=n_tasks): not before the birth
 * @moves: (element-type LifeMove): by task, then time; in turn there and back
 * @n_results: how many have a birth
 * @stops: moments by task, where one erred or was cancelled and never ran
 * @releases: likewise, where a result was freed otherwise than with its last reader
 */
typedef struct
{
  const WeftModel *model;
  uint32_t n_tasks;
  int64_t end_ns;
  unsigned shift;
  uint32_t *births;
  uint32_t *deaths;
  GArray *moves;
  uint64_t n_results;
  GHashTable *stops, *releases;
} Lives;

void _weft_lives_init (Lives *lives, const WeftModel *model, const WeftModelSnapshot *snapshot);
void _weft_lives_clear (Lives *lives);
/* What the result was charged with. */
uint64_t _weft_life_bytes (const WeftModel *model, uint32_t task);
/* What workers say was on disk, of results that no record names; 0 where records do. */
uint64_t _weft_lives_told_away (const Lives *lives, int64_t at_ns);
/* The first of the task's moves; moves->len: it has none. */
guint _weft_lives_moves (const Lives *lives, uint32_t task);
