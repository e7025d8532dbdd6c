/* weft-inline-private.h: new calls for tasks some of whose inputs became literals
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A graph's calls and template nodes never change, so new ones are gathered behind them, each once,
 * and in the end are made into another content that has the graph's texts, keys and attributes as
 * well.
 */
#pragma once

#include "graph/weft-graph-private.h"

typedef struct
{
  const WeftGraphArrays *a;
  WeftArg *args; /* numbered on from n_known_args */
  uint32_t n_known_args, n_args;
  size_t args_room;
  WeftCall *calls;   /* numbered on from a->n_calls */
  uint32_t *origins; /* the old calls of these */
  uint32_t n_calls;
  size_t calls_room, origins_room;
  uint32_t *table; /* call numbers + 1, by hash; 0 free */
  uint32_t table_mask;
  uint32_t *new_slots; /* of the task in work: by input; WEFT_NONE: a literal */
  uint32_t *literals;  /* its template's first node */
  size_t new_slots_room, literals_room;
} WeftInlineCalls;

void _weft_inline_calls_init (WeftInlineCalls *calls, const WeftGraph *graph);
void _weft_inline_calls_clear (WeftInlineCalls *calls);
/* Room for what becomes of n inputs, in new_slots and literals, which the caller then fills. */
void _weft_inline_calls_reserve (WeftInlineCalls *calls, uint32_t n_inputs);
/* Number of the call that reads n_left inputs and has the others' literals in its template. */
uint32_t _weft_inline_calls_rewrite (WeftInlineCalls *calls, uint32_t old_call, uint32_t n_left);
/* The graph's content with all calls, old and new. Returns: (transfer full) */
WeftGraphContent *_weft_inline_calls_content (const WeftInlineCalls *calls, WeftGraph *graph);

/* First node after n subtrees. */
static inline uint32_t
_weft_inline_skip (const WeftArg *args, uint32_t at, uint32_t n_subtrees)
{
  for (; n_subtrees > 0; n_subtrees--)
    at += args[at].skip;
  return at;
}
