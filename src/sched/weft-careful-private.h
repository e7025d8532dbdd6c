/* weft-careful-private.h: what the careful path is made of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "sched/weft-execute-private.h"

typedef enum
{
  WEFT_GRANT_YES,
  WEFT_GRANT_LATER, /* it waits, and comes back through its run's queue */
  WEFT_GRANT_NEVER, /* it needs more than there is in all */
} WeftGrant;

/* careful.c */
const WeftTaskAttributes *_weft_item_attributes (const WeftItem *item);
uint32_t _weft_item_attempt (const WeftItem *item);
uint32_t _weft_item_n_outputs (const WeftItem *item);
bool _weft_item_is_cancelled (const WeftItem *item);
bool _weft_end_not_ok (WeftSeat *seat, WeftItem *item, WeftHow how, WeftStatus status,
                       uint64_t start, WeftItem *next);
bool _weft_end_timed_out (WeftSeat *seat, WeftItem *item, WeftItem *next);
void _weft_drop_inputs (WeftSegment *segment, uint32_t task, const uint64_t *stolen);
bool _weft_end_replaced (WeftSeat *seat, WeftItem *item, const WeftValue *results, WeftItem *next);

/* resource.c */
/* What there is too little of. */
typedef struct
{
  const char *name; /* the graph's */
  double needed;
  double amount; /* that there is in all */
} WeftShortage;

/* @shortage: (out): untouched with YES */
WeftGrant _weft_resources_take (WeftEngine *engine, const WeftItem *item, WeftShortage *shortage);
void _weft_resources_give (WeftEngine *engine, const WeftItem *item);
void _weft_item_give_resources (WeftEngine *engine, const WeftItem *item);
void _weft_resources_forget_run (WeftEngine *engine, WeftRun *run);
void _weft_resources_let_go (WeftEngine *engine, const WeftItem *item);

/* memory.c */
bool _weft_memory_admit (WeftSeat *seat, const WeftItem *item, bool source);
bool _weft_pin_inputs (WeftSeat *seat, WeftItem *item, uint32_t n_inputs);
void _weft_unpin_inputs (WeftSeat *seat, uint32_t n_inputs);

/* context.c */
void _weft_seat_task_begin (WeftSeatTask *task);
void _weft_seat_task_end (WeftSeatTask *task);
WeftErrorValue *_weft_seat_task_take_error (WeftSeatTask *task);
char *_weft_seat_task_take_output (WeftSeatTask *task);
bool _weft_seat_task_is_replaced (WeftSeatTask *task);
void _weft_seat_task_drop_replacement (WeftSeatTask *task);
const char *_weft_status_text (WeftStatus status);

/* deadline.c */
WeftStatus _weft_run_with_deadline (WeftSeat *seat, WeftItem *item, const WeftPlan *plan,
                                    const WeftValue *args, uint32_t n_args, WeftValue *results);

/* nested.c */
bool _weft_replace (WeftSeat *seat, WeftItem *item, WeftItem *next);
