/* weft-results-private.h: what results take, and who holds their buffers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model-private.h"

/* What is known of a slot that neither the graph nor its task's span tells. */
typedef struct
{
  uint64_t key;
  uint64_t bytes;     /* if there are any */
  uint64_t heir;      /* key of the slot whose result it is from then on; WEFT_NO_SLOT: none */
  uint32_t lane;      /* of the task that made it */
  int32_t n_away;     /* went to disk so often more than it came back: lanes come in any order */
  uint32_t n_holders; /* results that hold its buffers */
  bool has_bytes;
  bool holds; /* of a task's first slot: counted among the holders of its inputs */
  bool waits; /* let go of, but held */
  bool freed; /* otherwise than with its last reader, before its task was known to have ended */
} WeftSlotNote;

/* What a result takes, and who made it. */
typedef struct
{
  uint64_t bytes;
  uint32_t lane; /* or WEFT_NONE */
  bool away;     /* on disk */
} WeftCharge;

#define WEFT_NO_SLOT UINT64_MAX

static inline uint64_t
_weft_slot_key (const WeftModelSegment *segment, uint32_t slot)
{
  return (uint64_t) segment->number << 32 | slot;
}

/* (nullable) */
static inline WeftSlotNote *
_weft_slot_note (const WeftModel *model, uint64_t key)
{
  if (WEFT_LIKELY (g_hash_table_size (model->slot_notes) == 0))
    return NULL;
  return g_hash_table_lookup (model->slot_notes, &key);
}

/* Whether its bytes count, wherever they are. */
static inline bool
_weft_slot_is_charged (const WeftModel *model, const WeftModelSegment *segment, uint32_t slot)
{
  const WeftSlotNote *note = _weft_slot_note (model, _weft_slot_key (segment, slot));

  return segment->readers[slot] != WEFT_SLOT_GONE || (note != NULL && note->waits);
}

/* Of a slot; it begins with what is nothing. */
WeftSlotNote *_weft_slot_ensure_note (WeftModel *model, uint64_t key);
/* It takes so much, and a task of that lane made it. */
WeftSlotNote *_weft_slot_know_bytes (WeftModel *model, const WeftModelSegment *segment,
                                     uint32_t slot, uint64_t bytes, uint32_t lane);
/* The one result of a task, or one of several. */
WeftCharge _weft_slot_charge (const WeftModel *model, const WeftModelSegment *segment,
                              uint32_t slot, uint32_t task);
/* To what is live of its lane and of the task's group. @n: 1, or -1 to take it away */
void _weft_charge_add (WeftModel *model, uint32_t task, WeftCharge charge, int n);
/* Of a task as it ends. What several outputs take each comes behind. */
void _weft_charge_add_task (WeftModel *model, const WeftModelSegment *segment, uint32_t number,
                            uint32_t task, int n);
/* Neither read nor held any more. What it held itself is for _weft_views_settle(). */
void _weft_slot_free (WeftModel *model, WeftModelSegment *segment, uint32_t slot, uint32_t number);
/* Whether any of a task's results is there, or held. */
bool _weft_task_has_buffers (const WeftModel *model, const WeftModelSegment *segment,
                             uint32_t number, uint32_t task);
/* Whether the task's results hold its inputs may be another now. */
void _weft_views_tell (WeftModel *model, WeftModelSegment *segment, uint32_t number);
/* What has gone may have held others. */
void _weft_views_settle (WeftModel *model);
